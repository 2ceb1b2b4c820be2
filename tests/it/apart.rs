//! Two causes at a time: each is told for what it makes fail, and none for what another does.

use crate::support::{acted, acted_in, session, session_of};
use brownout::session::Session;
use brownout::sim::time::SECOND;

/// Two stacks that share nothing: shoppers behind `lb1`, drivers behind `lb2`.
const STACKS: &str = r#"
name = "stacks"
[traffic.shoppers]
to = "lb1"
rate = "400/s"
classes = ["buy"]
[traffic.drivers]
to = "lb2"
rate = "400/s"
classes = ["pos"]
[request.buy]
share = "50%"
steps = ["cpu exp(3ms)", "read hot", "write db1"]
[request.pos]
share = "50%"
steps = ["cpu exp(3ms)", "read warm", "write db2"]
[balancer.lb1]
to = "shop"
[balancer.lb2]
to = "fleet"
[service.shop]
instances = 3
cores = 1
threads = 32
[service.fleet]
instances = 3
cores = 1
threads = 32
[cache.hot]
of = "db1"
[cache.warm]
of = "db2"
[database.db1]
replicas = 1
cores = 10
[database.db2]
replicas = 1
cores = 10
"#;

/// Two databases, each with its watchers, behind one service; most requests are of `app`.
const DATABASES: &str = r#"
name = "databases"
[traffic.app]
to = "edge"
rate = "1000/s"
[traffic.bot]
to = "edge"
rate = "10/s"
[request.acc]
share = "50%"
steps = ["cpu exp(3ms)", "read accounts", "write accounts"]
[request.ord]
share = "50%"
steps = ["cpu exp(3ms)", "read orders", "write orders"]
[balancer.edge]
to = "web"
[service.web]
instances = 4
cores = 2
threads = 64
[database.accounts]
replicas = 2
read = "3ms"
write = "3ms"
ack = "semi"
[failover.ka]
of = "accounts"
every = "500ms"
[database.orders]
replicas = 2
read = "3ms"
write = "3ms"
[failover.ko]
of = "orders"
every = "500ms"
"#;

fn of(cluster: &str, commands: &[(u64, &str)], tenths: u64) -> Session {
    let before: Vec<_> = commands.iter().copied().filter(|(at, _)| *at < tenths * 100).collect();
    let last = before.last().map_or(0, |(at, _)| at / 1000);
    let mut session = acted_in(session_of(cluster, 7), &before, last + 1);
    session.advance(tenths * SECOND / 10).expect("the world goes on");
    session
}

fn why(cluster: &str, commands: &[(u64, &str)], tenths: u64) -> String {
    of(cluster, commands, tenths).picture().why.text
}

#[test]
fn a_cut_on_which_nothing_fails_is_blamed_for_nothing() {
    let cuts = [(8_000, "cut lb1->shop for 12s"), (9_500, "cut fleet->warm for 10s")];
    for tenths in [120, 150] {
        let why = why(STACKS, &cuts, tenths);
        assert!(why.contains("lb1 knows no healthy server") && !why.contains("warm"), "{why}");
    }
    // The same within one stack: without a cache everybody gets on.
    let cuts = [(8_000, "cut web->menus for 10s"), (12_000, "cut edge->web-3 for 10s")];
    let why = acted(&cuts, 14).picture().why.text;
    assert!(why.contains("1 of 4 links from edge to web is cut"), "{why}");
}

#[test]
fn who_is_down_is_to_blame_for_who_sends_to_him() {
    for idle in ["couriers", "keeper"] {
        let commands = [(8_000, &*format!("crash {idle}")), (12_000, "cut edge->web for 10s")];
        for second in [15, 20] {
            let why = acted(&commands, second).picture().why.text;
            assert!(why.starts_with("100 % of requests fail: ") && !why.contains(idle), "{why}");
        }
    }
    let all = acted(&[(8_000, "crash web")], 10).picture().why.text;
    assert!(all.contains("all 4 nodes of web are down"), "{all}");
    let (small, cut) = ((8_000, "set shop.memory=210MB"), (14_000, "cut lb2->fleet"));
    let why = why(STACKS, &[small, cut], 220);
    assert!(why.contains("lb2 knows no healthy server"), "{why}");
}

#[test]
fn each_of_two_stacks_has_its_own_cause() {
    let slow = (8_000, "slow db1-1 factor=12");
    let two = why(STACKS, &[slow, (8_000, "pause db2-1")], 120);
    assert!(two.contains("db1-1 is the bottleneck") && two.contains("db2-1 is frozen"), "{two}");
    let more = [(8_000, "traffic x5 shoppers"), (9_500, "slow db2-1 factor=12")];
    let two = why(STACKS, &more, 120);
    assert!(two.contains("db1-1 is the bott") && two.contains("db2-1 is the bott"), "{two}");
    let one = why(STACKS, &more[..1], 120);
    assert!(one.contains("shoppers is 5 times its rate"), "{one}");
    let dead = [(8_000, "crash accounts-1"), (8_500, "crash orders-1")];
    let two = why(DATABASES, &dead, 93);
    assert!(two.contains("accounts-1 is down") && two.contains("orders has no primary"), "{two}");
}

#[test]
fn little_more_of_few_is_no_cause_of_load() {
    let slow = (8_000, "slow web factor=3");
    let bots = why(DATABASES, &[slow, (8_000, "traffic x10 bot")], 150);
    assert!(bots.contains("web is the bottleneck") && !bots.contains("its rate"), "{bots}");
    let users = why(DATABASES, &[slow, (8_000, "traffic x2 app")], 150);
    assert!(users.contains("app is 2 times its rate"), "{users}");
}

#[test]
fn what_was_lost_is_told_of_who_lost_it() {
    let split = (18_000, "cut orders-1->orders-2,orders-3");
    let commands = [(8_000, "crash accounts-1"), split, (18_300, "crash orders-1")];
    let session = of(DATABASES, &commands, 230);
    let why = session.picture().why;
    assert!(why.text.contains("the primary of orders never got them"), "{}", why.text);
    assert!(why.fix.is_some_and(|fix| fix.starts_with("orders.ack=quorum")), "{}", why.text);
}

/// What would help is not what is set already.
#[test]
fn writes_that_were_acknowledged_alone_are_lost_for_that() {
    for ack in ["semi", "quorum"] {
        let set = format!("set orders-db.ack={ack}");
        let cut = (10_000, "cut orders-db-1->orders-db-2,orders-db-3 for 20s");
        let commands = [
            (1_000, &*set),
            (1_000, "set orders-db.degrade=true"),
            cut,
            (14_000, "crash orders-db-1"),
        ];
        let why = acted(&commands, 18).picture().why;
        assert!(why.text.contains(" acknowledged writes were lost"), "{ack}: {}", why.text);
        let fix = "orders-db.degrade=false refuses what too few replicas have";
        assert_eq!(why.fix.as_deref(), Some(fix), "{ack}");
    }
}

/// Where all servers are full, for what is behind them, the policy of their balancer is not why.
#[test]
fn a_policy_is_not_to_blame_where_all_are_full() {
    let policy = (1_000, "set edge.policy=least_connections");
    let full = [policy, (10_000, "slow orders-db-1 factor=6")];
    for second in [12, 13, 15, 18] {
        let why = acted(&full, second).picture().why;
        assert!(why.text.contains("orders-db-1 is the bottleneck"), "{second}: {}", why.text);
        assert_eq!(why.fix, None, "{second}");
    }
    let gray = acted(&[policy, (8_000, "error web-2 p=100%")], 12).picture().why.text;
    assert!(gray.contains("least_connections sends "), "{gray}");
}

#[test]
fn an_overload_behind_a_cut_cache_is_told() {
    let commands = [(10_000, "slow orders-db-1 factor=1.8"), (14_000, "cut web->menus")];
    let why = acted(&commands, 16).picture().why.text;
    assert!(
        why.contains("orders-db-1 is the bottleneck")
            && why.contains("works 1.8 times slower, and menus is cut off: every read comes here."),
        "{why}"
    );
}

#[test]
fn what_fills_a_pool_is_told_with_it() {
    let far = (10_000, "delay web<->orders-db base=30ms jitter=30ms");
    let why = acted(&[far, (14_000, "crash menus")], 16).picture().why.text;
    assert!(
        why.contains("the pool of web to orders-db is exhausted")
            && why.contains(" 30 ms longer.")
            && why.contains("enus is down: every read comes here."),
        "{why}"
    );
}

#[test]
fn workers_who_are_slow_are_named_where_their_queue_is_full() {
    let commands = [(8_000, "slow couriers factor=6"), (9_000, "set dispatch.limit=500")];
    let why = acted(&commands, 16).picture().why.text;
    assert!(
        why.contains("dispatch is full") && why.ends_with(" and 1 more work 6 times slower."),
        "{why}"
    );
}

#[test]
fn who_gets_nothing_by_his_weight_carries_no_load() {
    let weights = [(8_000, "set edge.policy=weighted"), (8_000, "set edge.weights=[10,1,1,0]")];
    let commands = [&weights[..], &[(12_000, "crash web-1")]].concat();
    let why = acted(&commands, 17).picture().why.text;
    assert!(why.contains("web-1 is out of rotation, 2 carry its load"), "{why}");
}

/// Without panic the two that are left fail fewer, unless who is refused is sent on anyway.
#[test]
fn panic_is_not_advised_against_where_it_does_no_harm() {
    let panic = [(10_000, "crash web-2,web-3"), (13_000, "set edge.panic=80%")];
    let harm = acted(&panic, 17).picture().why;
    assert!(harm.text.contains("edge is in panic"), "{}", harm.text);
    assert_eq!(harm.fix.as_deref(), Some("a smaller edge.panic leaves them out"));
    let on = [&panic[..], &[(13_000, "set edge.retry_on_next=2")]].concat();
    let none = acted(&on, 17).picture().why;
    assert!(none.text.contains("edge is in panic"), "{}", none.text);
    assert_eq!(none.fix, None);
}

/// A broker that dies with its workers gives their messages out again, and has noticed nothing.
#[test]
fn nobody_detects_his_own_death() {
    for (command, expected) in [("crash dispatch,couriers", None), ("crash couriers", Some(true))] {
        let slow = (5_000, "slow couriers factor=6");
        let picture = acted(&[slow, (8_000, command)], 20).picture();
        let detected = picture.faults.last().expect("two faults").detected;
        assert_eq!(detected.map(|_| true), expected, "{command}");
    }
}

#[test]
fn messages_that_are_lost_are_told_although_no_request_fails() {
    let slow = (8_000, "slow couriers factor=6");
    let crash = [(1_000, "set dispatch.durable=false"), slow, (12_000, "crash dispatch for 1s")];
    let why = acted(&crash, 18).picture().why;
    assert!(
        why.text.contains("dispatch lost ")
            && why.text.ends_with("Its process died, and it keeps them in memory."),
        "{}",
        why.text
    );
    assert_eq!(why.fix.as_deref(), Some("dispatch.durable=true keeps them on disk"));
    let durable = acted(&crash[1..], 18).picture().why.text;
    assert!(!durable.contains("dispatch lost "), "{durable}");
    let flushed = acted(&[slow, (12_000, "flush dispatch"), (12_100, "heal couriers")], 14);
    let mut told = flushed.observers().log().newest(100).map(|line| line.text.clone());
    let thrown = told.find(|text| text.ends_with(" messages thrown away"));
    assert!(thrown.is_some_and(|text| text.starts_with("dispatch: ")), "the flush is told");
    let why = flushed.picture().why;
    assert!(why.text.contains(" in the last 10 s: nobody will work on them."), "{}", why.text);
    assert_eq!(why.fix, None);
}

#[test]
fn who_boots_for_the_first_time_is_not_out_of_rotation_and_who_was_scaled_away_is_a_cause() {
    let more = acted(&[(10_000, "scale web to=6")], 11).picture().why.text;
    assert!(more.starts_with("web-5 and web-6 boot for another "), "{more}");
    assert!(more.contains("; the other 4 carry the load at "), "{more}");
    let fewer = acted(&[(10_000, "scale web to=2")], 12).picture().why.text;
    assert!(fewer.contains("web is scaled from 4 to 2."), "{fewer}");
}

#[test]
fn a_cache_that_fails_is_a_cause_of_load_and_of_old_rows() {
    let all = acted(&[(10_000, "error menus p=100%")], 15).picture().why.text;
    assert!(all.ends_with("menus fails 100 % of its lookups: each of them comes here."), "{all}");
    let some = acted(&[(10_000, "error menus p=30%")], 12).picture().why.text;
    assert!(some.contains(" of its calls with errors of its own, also where rows"), "{some}");
}

#[test]
fn a_balancer_without_power_is_told_before_a_primary_without_power_behind_it() {
    let dark = acted(&[(10_000, "power_off zone:a")], 11).picture().why.text;
    assert!(dark.ends_with("edge has no power. What goes through it fails."), "{dark}");
}

#[test]
fn workers_who_are_not_up_are_a_cause_of_the_load_of_the_others() {
    let commands = [(10_000, "traffic x1.2"), (10_000, "crash couriers-1")];
    let down = acted(&commands, 13).picture().why.text;
    assert!(down.contains("couriers-1 is down, 2 carry its load"), "{down}");
}

#[test]
fn hosts_whose_processes_boot_refuse_what_a_balancer_sends_them() {
    let boots = acted(&[(10_400, "restart web")], 11).picture().why.text;
    assert!(boots.contains(" still counts them as healthy and sends them "), "{boots}");
}

#[test]
fn a_cache_that_was_emptied_is_a_cause_of_what_its_database_cannot_do() {
    let commands = [(15_000, "flush pages")];
    let emptied = acted_in(session("front-page", 7), &commands, 16);
    let told: Vec<String> =
        emptied.observers().log().newest(100).map(|line| line.text.clone()).collect();
    assert!(told.iter().any(|text| text == "pages: 1 entry thrown away"), "{told:?}");
    let cold = emptied.picture().why.text;
    let cause = cold.split("pages answers only ").nth(1).unwrap_or_else(|| panic!("{cold}"));
    assert!(cause.ends_with(" % before; the rest comes here."), "{cold}");
}

/// Two stacks that use one database: a quarter of the requests go to `shop`, the others to `fleet`.
const SHARED: &str = r#"
name = "shared"
[traffic.shoppers]
to = "lb1"
rate = "400/s"
classes = ["buy"]
[traffic.drivers]
to = "lb2"
rate = "1200/s"
classes = ["pos"]
[request.buy]
share = "50%"
steps = ["cpu exp(1ms)", "write db"]
[request.pos]
share = "50%"
steps = ["cpu exp(1ms)", "write db"]
[balancer.lb1]
to = "shop"
health.every = "5s"
[balancer.lb2]
to = "fleet"
health.every = "5s"
[service.shop]
instances = 3
cores = 4
threads = 64
[service.fleet]
instances = 3
cores = 4
threads = 64
[database.db]
replicas = 1
cores = 32
pool = 64
"#;

#[test]
fn two_stacks_that_use_one_database_have_a_cause_each() {
    let told = |commands: &[(u64, &str)], seconds| {
        acted_in(session_of(SHARED, 7), commands, seconds).picture().why.text
    };
    for (one, two) in [
        ("crash shop-1", "crash fleet-1"),
        ("crash shop-1", "error fleet-1 p=80%"),
        ("error shop-1 p=80%", "error fleet-1 p=80%"),
        ("cut lb1->shop", "cut lb2->fleet"),
        ("slow shop factor=100", "slow fleet factor=70"),
    ] {
        let both = told(&[(10_000, one), (10_000, two)], 14);
        for name in ["shop", "fleet"] {
            assert!(both.contains(name), "{one}, {two}: {both}");
        }
        let (first, second) = both.split_once(" % of them: ").expect("two causes");
        let (second, _) = second.split_once(" %: ").expect("a second cause");
        let share = |text: &str| text.rsplit(' ').next().and_then(|n| n.parse::<f64>().ok());
        let [first, second] = [first, second].map(|text| share(text).expect("a share"));
        assert!(first >= second && first + second < 101.0, "{one}, {two}: {both}");
    }
}

#[test]
fn what_one_stack_makes_of_the_database_that_both_use_is_told_for_the_other() {
    let session = session_of(&SHARED.replace("cores = 32", "cores = 2"), 7);
    let why = acted_in(session, &[(10_000, "traffic x3 drivers")], 14).picture().why.text;
    assert!(why.contains("db-1 is the bottleneck"), "{why}");
    assert!(why.contains("drivers is 3 times its rate"), "{why}");
    assert!(!why.contains(" % of them: "), "{why}");
}

#[test]
fn a_queue_that_drops_its_oldest_has_not_died() {
    let commands = [
        (1_000, "set dispatch.durable=false"),
        (1_000, "set dispatch.overflow=drop_oldest"),
        (1_000, "set dispatch.limit=50"),
        (2_000, "pause couriers for 2s"),
    ];
    let why = acted(&commands, 5).picture().why;
    assert!(why.text.contains("dispatch dropped "), "{}", why.text);
    assert_eq!(why.fix, None);
}

#[test]
fn what_a_hostile_tester_found_is_told_as_it_is() {
    let told = |commands: &[(u64, &str)], at| acted(commands, at).picture().why;
    let semi = (5_000, "set orders-db.ack=semi");
    let dead = [semi, (10_000, "crash orders-db-2"), (10_000, "crash orders-db-3")];
    let why = told(&dead, 12);
    assert!(!why.text.contains("is unaffected"), "{}", why.text);
    let workers = told(&[(10_000, "scale couriers to=5")], 11).text;
    assert!(workers.contains("; the other 3 carry the load at "), "{workers}");
    let far = told(&[(10_000, "delay web <-> orders-db base=1s")], 14);
    assert!(far.fix.is_none_or(|fix| !fix.contains("pool")), "{}", far.text);
    let apart = told(&[(10_000, "cut keeper <-> orders-db-1")], 12).text;
    assert!(apart.contains("3 of 3 watchers are cut off from orders-db-1."), "{apart}");
    let frozen = told(&[(10_000, "pause keeper")], 11).text;
    assert!(frozen.contains("The primary steps down when its lease is over."), "{frozen}");
}
