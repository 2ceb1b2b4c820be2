//! Outages are as long as nobody is served, however long users wait for it.

use crate::support::{command, playbook_of, session_of};
use brownout::observe::BIN;
use brownout::observe::figures::time;
use brownout::observe::reliability::Spells;
use brownout::report::{Origin, Report, json, text};
use brownout::session::Session;
use brownout::sim::time::{MILLISECOND, Ns, SECOND, seconds};

/// One server, and users with so much patience, to whom that is done at 10 s.
fn session(patience: &str, fault: &str, until: Ns) -> Session {
    let text = format!(
        r#"
        name = "lab"
        [traffic.app]
        to = "web"
        rate = "100/s"
        timeout = "{patience}"
        [request.a]
        share = "100%"
        steps = ["cpu 1ms"]
        [service.web]
        instances = 1
        "#
    );
    let mut session = session_of(&text, 1);
    session.advance(10 * SECOND).expect("the world goes on");
    session.inject(&command(fault)).unwrap_or_else(|e| panic!("{fault}: {e}"));
    session.advance(until).expect("the world goes on");
    session
}

fn spells(patience: &str, fault: &str, until: Ns) -> Spells {
    session(patience, fault, until).observers().outages()
}

const PATIENCE: [&str; 5] = ["300ms", "1s", "2s", "4s", "6s"];

/// Silence while it lasts, and, of a host without power, 2 s of boot.
const FAULTS: [(&str, Ns); 4] = [
    ("power_off web for 5s", 7 * SECOND),
    ("crash web for 5s", 7 * SECOND),
    ("pause web for 2s", 2 * SECOND),
    ("cut app<->web for 2500ms", 2_500 * MILLISECOND),
];

#[test]
fn an_outage_is_as_long_as_it_is_however_long_users_wait() {
    for (fault, length) in FAULTS {
        for patience in PATIENCE {
            let spells = spells(patience, fault, 60 * SECOND);
            assert_eq!(spells.failures(), 1, "{fault}, {patience}: {spells:?}");
            let mttr = spells.mttr().expect("one");
            assert!(mttr.abs_diff(length) <= BIN, "{fault}, {patience}: {}", seconds(mttr));
            assert_eq!(spells.mtbf(), Some(60 * SECOND - mttr), "{fault}, {patience}");
        }
    }
}

#[test]
fn an_outage_that_lasts_to_the_end_is_told_up_to_there() {
    for patience in PATIENCE {
        let spells = spells(patience, "power_off web", 15 * SECOND);
        assert_eq!(spells.failures(), 1, "{patience}: {spells:?}");
        assert!(spells.down().abs_diff(5 * SECOND) <= BIN, "{patience}: {spells:?}");
    }
}

/// Little traffic and slow answers: most half seconds go by without one.
#[test]
fn who_is_served_slowly_has_no_outage() {
    for (rate, work) in [("1/s", "3s"), ("5/s", "700ms"), ("60/s", "1500ms")] {
        let text = format!(
            r#"
            name = "lab"
            [traffic.app]
            to = "web"
            rate = "{rate}"
            timeout = "30s"
            [request.a]
            share = "100%"
            steps = ["cpu exp({work})"]
            [service.web]
            instances = 1
            cores = "unlimited"
            threads = "unlimited"
            "#
        );
        let playbook = playbook_of(&text);
        for seed in 1..=3 {
            let mut session = Session::new(&playbook, seed);
            session.advance(120 * SECOND).expect("the world goes on");
            let spells = session.observers().outages();
            assert_eq!(spells.failures(), 0, "{rate}, {work}, seed {seed}: {spells:?}");
        }
    }
}

#[test]
fn text_and_json_tell_the_same_outages() {
    let session = session("6s", "power_off web for 5s", 60 * SECOND);
    let report = Report::new(&session, Origin::default());
    let (mut plain, mut object) = (Vec::new(), Vec::new());
    text::write(&report, &mut plain).expect("a buffer takes all");
    json::write(&report, &mut object).expect("a buffer takes all");
    let plain = String::from_utf8(plain).expect("text");
    let run: serde_json::Value = serde_json::from_slice(&object).expect("one object");
    let of = |key: &str| run["reliability"][key].as_f64().expect("a number");
    let told = |key: &str| time((of(key) * 1e3).round() as Ns * MILLISECOND);
    let line = format!(
        "1 time more than 5 % failed or were late, or nobody was served: for {} on average, {} between",
        told("mttr_s"),
        told("mtbf_s")
    );
    assert_eq!((of("mttr_s"), of("down_s"), of("mtbf_s")), (7.0, 7.0, 53.0));
    assert!(plain.contains(&line), "{line} in {plain}");
}
