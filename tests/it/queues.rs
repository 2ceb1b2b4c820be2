//! Queues, workers and what becomes of their effects in a running cluster.

use crate::lab::Lab;
use crate::support::{OneServer, acted, command, session_of};
use brownout::observe::gauges::QueueGauge;
use brownout::session::Session;
use brownout::session::picture::Face;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

fn doubled(session: &Session) -> u64 {
    session.truth().doubled.expect("counted")
}

#[test]
fn nothing_is_doubled_or_unpublished_at_rest() {
    let session = acted(&[], 10);
    assert_eq!((doubled(&session), session.truth().unpublished), (0, 0));
}

/// Who fails again and again lets go of a message when its visibility is over: others get it, and after its
/// attempts nobody does.
#[test]
fn messages_that_nobody_can_work_on_become_dead_letters() {
    let mut lab = Lab::new(
        "[traffic.users]\nto = \"web\"\nrate = \"2/s\"\n\
         [request.page]\nshare = \"100%\"\nsteps = [\"publish jobs\"]\n\
         [service.web]\ninstances = 1\n\
         [queue.jobs]\nvisibility = \"1s\"\nattempts = 3\n\
         [workers.hands]\nfrom = \"jobs\"\ninstances = 1\nthreads = 4\nsteps = [\"cpu 10ms\"]\n",
        3,
    );
    lab.to(SECOND).act("error hands p=100%").to(40 * SECOND);
    let PartReading::Queue { redelivered, dead_letters, .. } = lab.reading("jobs").part else {
        panic!("a queue");
    };
    // Two a second come, and each is tried three times for a second: there are hands for four.
    assert!((30..=80).contains(&dead_letters), "{dead_letters}");
    assert!(redelivered >= 2 * dead_letters, "{redelivered}");
}

#[test]
fn a_message_done_twice_has_its_effect_twice_unless_workers_are_idempotent() {
    // Workers are slower than the visibility timeout: every message is given out again.
    let slow = [(2_000, "set dispatch.visibility=50ms"), (2_000, "slow couriers factor=20 for 2s")];
    let careless = acted(&slow, 8);
    assert!(doubled(&careless) > 10, "{}", doubled(&careless));
    let idempotent = [(0, "set couriers.idempotent=true"), slow[0], slow[1]];
    assert_eq!(doubled(&acted(&idempotent, 8)), 0);
}

#[test]
fn a_client_that_tries_again_writes_twice_unless_it_sends_a_key() {
    // Answers of the primary are lost for a while: writes are committed, and clients hear nothing.
    let cut =
        [(0, "set app.attempts=3 app.timeout=500ms"), (2_000, "cut orders-db-1->web for 700ms")];
    let careless = acted(&cut, 8);
    assert!(doubled(&careless) > 10, "{}", doubled(&careless));
    // A key stops the second write, but not the second message: workers need theirs, too.
    let keyed = acted(&[(0, "set app.idempotent=true"), cut[0], cut[1]], 8);
    assert!(doubled(&keyed) < doubled(&careless), "{}", doubled(&keyed));
    let keys = [(0, "set app.idempotent=true couriers.idempotent=true"), cut[0], cut[1]];
    assert_eq!(doubled(&acted(&keys, 8)), 0);
}

#[test]
fn a_crash_between_write_and_publish_leaves_orders_that_are_never_dispatched() {
    // Answers of the primary take 100 ms longer, so that of 190 orders a second as many are between
    // both on three of four servers: 14.
    let slow = "delay orders-db-1->web base=100ms for 1s";
    let crashed = acted(&[(2_000, slow), (2_500, "crash web-1,web-2,web-3 for 1s")], 8);
    let unpublished = crashed.truth().unpublished;
    assert!((5..30).contains(&unpublished), "{unpublished}");
}

/// Writes that no replica has when the primary dies wait for nobody's message any more: they are gone.
#[test]
fn an_order_whose_own_write_is_lost_is_not_unpublished() {
    let mut session = acted(
        &[
            (0, "set orders-db.ack=sync"),
            (2_000, "cut orders-db-1->orders-db-2,orders-db-3"),
            (2_200, "crash orders-db:primary"),
        ],
        3,
    );
    // 190 orders a second: those of 0.2 s wait for a replica, and their writer hears of the crash.
    let waiting = session.truth().unpublished;
    assert!((20..80).contains(&waiting), "{waiting}: the primary may come back with them");
    session.advance(8 * SECOND).expect("the world goes on");
    assert_eq!(session.observers().failovers().all().len(), 1);
    assert_eq!((session.truth().unpublished, session.truth().lost), (0, 0));
}

#[test]
fn orders_that_no_queue_takes_are_unpublished() {
    let full = acted(&[(2_000, "set dispatch.limit=1"), (2_000, "pause couriers for 2s")], 8);
    let refused = full.truth().unpublished;
    assert!(refused > 100, "{refused}");
    // A queue that drops its oldest refuses nobody, and loses messages.
    let dropping = [
        (0, "set dispatch.overflow=drop_oldest"),
        (2_000, "set dispatch.limit=100"),
        (2_000, "slow couriers factor=20 for 2s"),
    ];
    let dropping = acted(&dropping, 8);
    let world = dropping.world();
    let queue = world.topology().node("dispatch").expect("there is one");
    let PartReading::Queue { lost, .. } = world.node(queue).part else { panic!("no queue") };
    assert!(lost > 100, "{lost}");
    assert_eq!(dropping.truth().unpublished, 0);
    let failed = dropping.observers().total().bad();
    assert_eq!(failed, 0, "nobody is refused");
}

/// Users who come at equal distances, and workers of a queue; both are told more.
fn jobs(rate: u32, queue: &str, hands: &str) -> Session {
    let traffic = format!("rate = \"{rate}/s\"\narrivals = \"constant\"");
    let users = OneServer { network: "", traffic: &traffic, step: "publish jobs", server: "" };
    let text = format!(
        r#"
        name = "jobs"
        {}
        [queue.jobs]
        {queue}
        [workers.hands]
        from = "jobs"
        {hands}
        "#,
        users.text()
    );
    session_of(&text, 7)
}

fn advance(session: &mut Session, seconds: f64) {
    session.advance((seconds * SECOND as f64) as u64).expect("the world goes on");
    session.world().audit().expect("the books add up");
}

/// What the totals say of the queue, and the most that was in it.
fn told(session: &Session) -> (QueueGauge, u64) {
    let judged = session.judged();
    let jobs = judged.components.iter().find(|c| &*c.name == "jobs").expect("it is there");
    (jobs.queue.expect("a queue"), jobs.depth_max)
}

fn published(session: &Session) -> u64 {
    let world = session.world();
    let jobs = world.topology().node("jobs").expect("it is there");
    let PartReading::Queue { published, .. } = world.node(jobs).part else { panic!("no queue") };
    published
}

#[test]
fn observers_say_how_many_wait_and_for_how_long() {
    let mut session = jobs(100, "", "instances = 2\nthreads = 3\nsteps = [\"cpu 5ms\"]");
    advance(&mut session, 2.0);
    let (queue, depth) = told(&session);
    assert!(queue.age_max == 0 && depth <= 2, "nothing waits: {queue:?}, {depth}");
    let before = published(&session);
    session.inject(&command("pause hands")).expect("a command");
    advance(&mut session, 6.0);

    // 100 a second for 4 s. The workers' six hands had asked for a message and were given one each.
    let picture = session.picture();
    let jobs = picture.components.iter().find(|c| &*c.name == "jobs").expect("it is there");
    let Face::Queue { depth, in_hand, dead_letters, rate, oldest, .. } = jobs.face else {
        panic!("{:?}", jobs.face)
    };
    assert!(depth.abs_diff(400) <= 1 && depth.abs_diff(published(&session) - before) <= 1);
    assert_eq!((in_hand, dead_letters), (6, 0));
    assert!((rate - 100.0).abs() <= 1.0, "{rate} a second");
    // The oldest that waits is the seventh, or the sixth if a hand was busy: 60 ms after the first, of
    // which came up to 10 ms after the pause.
    let age = oldest.expect("they wait") / MILLISECOND;
    assert!((3_920..3_960).contains(&age), "{age} ms");
    let (queue, most) = told(&session);
    assert!((3_920..3_960).contains(&(queue.age_max / MILLISECOND)), "{queue:?}");
    assert_eq!(most, depth);

    // Each of 2 cores does 200 a second, 100 come: 300 less a second.
    session.inject(&command("heal")).expect("a command");
    advance(&mut session, 7.0);
    let Face::Queue { depth, .. } = session.picture().components[jobs_at(&session)].face else {
        panic!("no queue")
    };
    assert!(depth.abs_diff(100) <= 10, "{depth} are left");
    advance(&mut session, 9.0);
    let (queue, most) = told(&session);
    assert!(queue.age == 0 && queue.age_max / MILLISECOND >= 3_920, "it keeps the most: {queue:?}");
    assert!(most.abs_diff(400) <= 1, "{most}");
    assert_eq!((queue.redelivered, queue.dead_letters, queue.lost), (0, 0, 0));
}

fn jobs_at(session: &Session) -> usize {
    session.world().topology().component("jobs").expect("it is there").index()
}

#[test]
fn observers_say_how_many_were_given_out_again_and_put_aside() {
    // The work takes longer than a message may be in hand: each is given out twice, and then put aside,
    // 2 s after it was published.
    let queue = "visibility = \"1s\"\nattempts = 2";
    let hands = "threads = 40\ncores = \"unlimited\"\nsteps = [\"cpu 3500ms\"]";
    let mut session = jobs(10, queue, hands);
    let mut at = |seconds: f64| {
        advance(&mut session, seconds);
        let (queue, _) = told(&session);
        (published(&session), queue)
    };
    let ((two, _), (_, three)) = (at(1.05), at(2.05));
    assert!(three.redelivered.abs_diff(two) <= 1 && three.dead_letters == 0, "{two}: {three:?}");
    let ((early, _), (later, _), (all, end)) = (at(4.05), at(5.05), at(6.05));
    assert!(early > 35 && later > early && all > later);
    assert!(end.dead_letters.abs_diff(early) <= 1, "{early} were published 2 s ago: {end:?}");
    assert!(end.redelivered.abs_diff(later) <= 1, "{later} were published 1 s ago: {end:?}");
    assert_eq!(end.lost, 0);
    let (_, depth) = told(&session);
    // 2 s of 10 a second.
    assert!(depth.abs_diff(20) <= 1, "{depth} in hand at most");
    session.inject(&command("set jobs.durable=false")).expect("a setting");
    session.inject(&command("crash jobs for 1s")).expect("a command");
    let (end, _) = told(&session);
    advance(&mut session, 6.25);
    let (lost, _) = told(&session);
    assert!(lost.lost.abs_diff(20) <= 1 && lost.dead_letters == end.dead_letters, "{lost:?}");
}

#[test]
fn a_worker_that_dies_gives_its_messages_back_at_once() {
    // In hand for 2 s, far less than `visibility`.
    let hands = "instances = 2\nthreads = 20\ncores = \"unlimited\"\nsteps = [\"cpu 2s\"]";
    let mut session = jobs(10, "", hands);
    advance(&mut session, 5.05);
    let dead = session.world().topology().node("hands-1").expect("a worker");
    let held = u64::from(session.world().node(dead).in_flight);
    assert!(held > 5, "{held} of 20");
    session.inject(&command("crash hands-1 for 10s")).expect("a command");
    // The other has room for them; gauges are read every 0.1 s.
    advance(&mut session, 5.2);
    let (queue, _) = told(&session);
    assert!(queue.redelivered.abs_diff(held) <= 1, "{held} in hand: {queue:?}");
    assert_eq!((queue.lost, queue.dead_letters), (0, 0));
}

/// Messages are under way to workers who cannot be reached, and the host that would send them again loses
/// power. It knows nothing of them when it is back, and the workers find out.
#[test]
fn workers_whose_message_is_lost_with_the_host_of_the_broker_ask_again() {
    let commands =
        [(2_000, "cut dispatch->couriers"), (3_000, "power_off dispatch"), (4_000, "heal")];
    let session = acted(&commands, 20);
    let world = session.world();
    let queue = world.topology().node("dispatch").expect("there is one");
    let PartReading::Queue { waiting, .. } = world.node(queue).part else { panic!("no queue") };
    // The three are busy for 70 % of the time: two could not keep up.
    assert!(waiting < 100, "{waiting} wait");
}

fn jobs_now(session: &Session) -> (u64, u64) {
    let world = session.world();
    let jobs = world.topology().node("jobs").expect("it is there");
    let PartReading::Queue { waiting, in_hand, .. } = world.node(jobs).part else {
        panic!("no queue")
    };
    (waiting, in_hand)
}

/// A worker that dies while it waits for a message asks no more: the next one goes to its successor.
#[test]
fn a_message_is_not_given_to_a_worker_that_has_died() {
    let mut session =
        jobs(10, "", "instances = 1\nthreads = 3\nboot = \"0s\"\nsteps = [\"cpu 5ms\"]");
    advance(&mut session, 2.0);
    while jobs_now(&session) != (0, 0) {
        let next = session.now() + MILLISECOND;
        session.advance(next).expect("the world goes on");
    }
    session.inject(&command("restart hands")).expect("a command");
    advance(&mut session, 5.0);
    let (queue, _) = told(&session);
    assert_eq!((jobs_now(&session).0, queue.redelivered), (0, 0));
    assert!(jobs_now(&session).1 <= 1, "{:?}: the newest is worked on", jobs_now(&session));
}

/// A host that is back answers its old connections with a reset, so that the broker learns of it.
/// What a worker asked for on a slow way may come when its death is known: it is for nobody. (Else it would
/// stand there for ever, and be given a message.)
#[test]
fn what_comes_from_a_worker_after_the_news_of_its_death_is_for_nobody() {
    let mut in_hand = Vec::new();
    for phase in 0..10 {
        let mut session = jobs(20, "", "instances = 1\nthreads = 1\nsteps = [\"cpu 5ms\"]");
        session.inject(&command("delay hands->jobs base=100ms")).expect("a fault");
        advance(&mut session, 2.0 + f64::from(phase) * 0.011);
        session.inject(&command("heal")).expect("it is over");
        session.inject(&command("crash hands")).expect("a fault");
        advance(&mut session, 4.0);
        in_hand.push(jobs_now(&session));
    }
    assert!(in_hand.iter().all(|(_, hand)| *hand == 0), "{in_hand:?}");
}

#[test]
fn a_worker_whose_host_is_back_has_given_its_messages_back() {
    let hands = "instances = 2\nthreads = 20\ncores = \"unlimited\"\nsteps = [\"cpu 2s\"]";
    let mut session = jobs(10, "", hands);
    advance(&mut session, 5.05);
    let dark = session.world().topology().node("hands-1").expect("a worker");
    let held = u64::from(session.world().node(dark).in_flight);
    assert!(held > 5, "{held} of 20");
    session.inject(&command("power_off hands-1 for 1s")).expect("a command");
    advance(&mut session, 6.0);
    assert_eq!(told(&session).0.redelivered, 0, "nobody knows");
    advance(&mut session, 6.1);
    let (queue, _) = told(&session);
    // Its other threads had asked for messages, too, and were given some that they never got.
    assert!((held..=20).contains(&queue.redelivered), "{held} in hand: {queue:?}");
}

/// Word that nobody waits for is sent again after 0.2, 0.6, 1.4 and 2.4 s, and then no more.
#[test]
fn word_of_a_death_outlives_a_cut_of_two_seconds() {
    let redelivered = |cut: &str| {
        let hands = "instances = 2\nthreads = 20\ncores = \"unlimited\"\nsteps = [\"cpu 2s\"]";
        let mut session = jobs(10, "", hands);
        advance(&mut session, 5.05);
        session.inject(&command(&format!("cut hands-1->jobs for {cut}"))).expect("a command");
        session.inject(&command("crash hands-1 for 20s")).expect("a command");
        advance(&mut session, 15.0);
        told(&session).0.redelivered
    };
    assert!(redelivered("2300ms") > 0);
    assert_eq!(redelivered("2500ms"), 0, "until they have been in hand for too long");
}

/// However often a message is sent again, its loss has touched one message.
#[test]
fn a_message_that_is_lost_again_and_again_is_counted_once() {
    let mut session =
        jobs(1, "", "instances = 1\nthreads = 3\nboot = \"0s\"\nsteps = [\"cpu 5ms\"]");
    advance(&mut session, 0.1);
    session.inject(&command("cut hands->jobs for 10s")).expect("a command");
    session.inject(&command("restart hands")).expect("a command");
    advance(&mut session, 5.0);
    let touched = session.world().faults()[0].touched_messages;
    assert_eq!(touched, 4, "three threads that ask for work, and the end of the old connection");
}

/// Acknowledgements that came in time while the broker was frozen count, whenever it wakes between two
/// messages: all in hand were acknowledged within the second of their work, and were its to keep for 3 s.
#[test]
fn a_frozen_broker_reads_what_came_before_it_gives_anything_out_again() {
    let hands = "instances = 2\nthreads = 64\ncores = \"unlimited\"\nsteps = [\"cpu 1s\"]";
    for phase in [0.01, 0.3, 0.51, 0.91] {
        let mut session = jobs(20, "visibility = \"3s\"", hands);
        advance(&mut session, 20.0 + phase);
        session.inject(&command("pause jobs for 10s")).expect("a command");
        advance(&mut session, 40.0);
        let (queue, _) = told(&session);
        assert_eq!((queue.redelivered, queue.dead_letters), (0, 0), "at 20 s and {phase}");
    }
}
