//! What the reports of whole runs say, and that all forms of one say the same.

use crate::program::{brownout, text};
use crate::support::acted;
use brownout::report::{Origin, Report, json, junit, markdown, text as plain};
use serde_json::Value;

/// A shipped playbook with its own seed.
fn report(name: &str) -> Report {
    let playbook = crate::support::playbook(name);
    let mut session = crate::support::session(name, playbook.seed);
    session.run(playbook.length).expect("the world goes on");
    Report::new(&session, Origin::default())
}

fn written(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).expect("memory takes it");
    text(&bytes)
}

/// Text, Markdown, JSON and `JUnit`.
fn forms(report: &Report) -> (String, String, Value, String) {
    let json = written(|out| json::write(report, out));
    (
        written(|out| plain::write(report, out)),
        written(|out| markdown::write(report, out)),
        serde_json::from_str(&json).expect("one document"),
        written(|out| junit::write(std::slice::from_ref(report), out)),
    )
}

#[test]
fn the_first_limit_is_that_of_the_time_in_which_faults_acted_in_every_form() {
    let (plain, markdown, json, junit) = forms(&report("cache-off"));
    let told = "irst limit while faults acted (20 s): orders-db, ";
    let all = "; over all judged time: ";
    for form in [&plain, &markdown, &junit] {
        assert!(form.contains(told) && form.contains(all), "{form}");
    }
    assert_eq!(json["bottleneck"], "orders-db");
    assert_eq!(json["bottleneck_resource"], "cores");
    assert_eq!(json["bottleneck_over"], "faults");
}

#[test]
fn writes_that_a_merge_brings_back_are_missing_for_a_while_and_not_lost() {
    let report = report("partition-unfenced");
    let (plain, markdown, json, junit) = forms(&report);
    let row = markdown.lines().find(|line| line.starts_with("| missing_writes |"));
    let cells: Vec<&str> = row.expect("a row").split('|').map(str::trim).collect();
    let [_, _, before, during, after, _] = cells[..] else { panic!("{cells:?}") };
    assert_eq!((before, after), ("0", "0"), "{markdown}");
    assert_ne!(during, "0", "some are on one side only while the cut lasts");
    assert!(!markdown.contains("lost_writes"), "{markdown}");
    assert!(markdown.contains("| lost writes | 0 |"), "{markdown}");
    assert!(plain.contains(" acknowledged writes, 0 lost, "), "{plain}");
    assert_eq!(json["data"]["lost_writes"], 0);
    assert!(junit.contains("name=\"lost_writes\" value=\"0\""), "{junit}");
}

#[test]
fn writes_that_are_lost_for_good_are_missing_until_the_end() {
    let report = report("primary-crash-async");
    let (plain, markdown, json, _) = forms(&report);
    let lost = json["data"]["lost_writes"].as_u64().expect("a count");
    assert!(lost > 0, "with async some are");
    assert!(plain.contains(&format!(" {lost} lost, ")), "{plain}");
    assert!(markdown.contains(&format!("| lost writes | {lost} |")), "{markdown}");
    let row = markdown.lines().find(|line| line.starts_with("| missing_writes |"));
    assert!(row.expect("a row").ends_with(&format!(" {lost} |")), "{markdown}");
}

#[test]
fn a_long_command_does_not_stretch_its_table() {
    let text = text(&brownout(&["run", "partition-fenced"]).stdout);
    let faults = text.split("\nfaults\n").nth(1).expect("a table");
    let widest = faults.lines().take(2).map(|line| line.chars().count()).max();
    assert!(widest < Some(160), "{faults}");
}

/// A node is up while its process runs and answers: one that stands still does not.
#[test]
fn who_stands_still_is_not_up() {
    let judged = acted(&[(6_000, "pause web-1 for 4s")], 16).judged();
    let web = judged.components.iter().find(|c| &*c.name == "web").expect("it is there");
    assert!(web.up[0] < 0.8 && web.up[1..].iter().all(|up| *up > 0.999), "{:?}", web.up);
}
