//! Where the time goes is told of a sample as it is: what is rare and slow is met more or less often by
//! chance, and nobody else is blamed for it.

use crate::support::session_of;
use brownout::observe::where_time::{Spent, WhereTime};
use brownout::report::{Origin, Report, json, markdown, text};
use brownout::sim::time::{MILLISECOND, SECOND};
use serde_json::Value;

const RARE: f64 = 0.01;

/// All spend 5 ms at `web`, and one in a hundred 2 s at `reports`; there is nothing to wait for.
fn report(rate: &str, seed: u64, length: u64) -> Report {
    let text = format!(
        r#"
        name = "lab"
        [network]
        same_zone = "0ms"
        [traffic.app]
        to = "front"
        rate = "{rate}"
        timeout = "10s"
        [request.page]
        share = "99%"
        steps = ["call web"]
        [request.export]
        share = "1%"
        steps = ["call web", "call reports"]
        [service.front]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        call_timeout = "10s"
        [service.web]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        steps = ["cpu 5ms"]
        [service.reports]
        instances = 1
        cores = "unlimited"
        threads = "unlimited"
        steps = ["cpu 2s"]
        "#
    );
    let mut session = session_of(&text, seed);
    session.advance(length * SECOND).expect("the world goes on");
    Report::new(&session, Origin::default())
}

fn of<'a>(went: &'a WhereTime, name: &str) -> &'a Spent {
    went.components.iter().find(|s| &*s.name == name).expect("it is there")
}

fn sum(went: &WhereTime) -> f64 {
    went.components.iter().map(Spent::sum).sum::<f64>() + went.between
}

#[test]
fn what_is_constant_is_told_as_it_is_and_what_is_rare_as_often_as_it_was_met() {
    let (five, two) = (5.0 * MILLISECOND as f64, 2.0 * SECOND as f64);
    let length = 15.0;
    // Of those who came in the last two seconds none of the slow ones has been answered.
    let share = RARE * (length - 2.0) / (length - RARE * 2.0);
    for seed in 1..=8 {
        let went = report("2000/s", seed, 15).judged.where_time.expect("some are followed");
        assert_eq!(went.one_in, 16, "of 2000 a second");
        let n = went.followed as f64;
        // 30 000 come: of a sample of one in sixteen, a standard deviation is 42.
        assert!((n - 30_000.0 / 16.0).abs() < 4.0 * 42.0 + 4.0 * 11.0, "{n} followed");
        let working = of(&went, "web").working;
        assert!((working - five).abs() < 1.0, "seed {seed}: {working} ns");
        let (met, wanted) = (of(&went, "reports").working / two * n, share * n);
        assert!((met - met.round()).abs() < 1e-6, "seed {seed}: {met} are whole requests");
        let deviation = (wanted * (1.0 - share)).sqrt();
        assert!((met - wanted).abs() < 4.0 * deviation, "seed {seed}: {met} of {wanted}");
        assert!((sum(&went) - went.mean).abs() < 1.0, "{} of {}", sum(&went), went.mean);
    }
}

#[test]
fn where_few_come_each_is_followed_and_the_mean_is_that_of_all() {
    let report = report("100/s", 3, 30);
    let went = report.judged.where_time.as_ref().expect("all are followed");
    let tally = &report.judged.total.tally;
    assert_eq!((went.one_in, went.followed), (1, tally.answered()));
    let mean = report.judged.total.latency.mean.expect("answers") as f64;
    assert!((went.mean - mean).abs() <= 1.0 && (sum(went) - mean).abs() < 2.0, "{mean}");
}

#[test]
fn all_forms_tell_of_which_sample_they_speak() {
    let report = report("2000/s", 1, 5);
    let went = report.judged.where_time.clone().expect("some are followed");
    let (mut plain, mut marked, mut object) = (Vec::new(), Vec::new(), Vec::new());
    text::write(&report, &mut plain).expect("a buffer takes all");
    markdown::write(&report, &mut marked).expect("a buffer takes all");
    json::write(&report, &mut object).expect("a buffer takes all");
    let sample = went.sample().replace(|c: char| !c.is_ascii(), " ");
    assert!(sample.ends_with(" requests followed, 1 in 16"), "{sample}");
    for form in [plain, marked] {
        let form = String::from_utf8(form).expect("text");
        assert!(form.contains(&sample), "{sample} in {form}");
        assert!(form.contains("mean of these requests"), "{form}");
    }
    let run: Value = serde_json::from_slice(&object).expect("one object");
    assert_eq!(run["followed"]["requests"], went.followed);
    assert_eq!(run["followed"]["one_in"], 16);
    let mean = run["followed"]["mean_ms"].as_f64().expect("a number");
    let ms = |c: &Value, key: &str| c[key].as_f64().unwrap_or(0.0);
    let parts = ["waiting_ms", "working_ms", "network_ms"];
    let each = run["components"].as_object().expect("components").values();
    let all: f64 = each.map(|c| parts.iter().map(|part| ms(c, part)).sum::<f64>()).sum();
    let between = run["between_attempts_ms"].as_f64().expect("a number");
    // Each is told to the microsecond.
    assert!((all + between - mean).abs() < 0.01, "{all} and {between} of {mean}");
}
