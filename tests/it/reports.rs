//! What the reports of whole runs say, and that all forms of one say the same.

use crate::program::{brownout, folder, text};
use crate::support::{acted, command, session_of};
use brownout::playbook::{Opened, open_with_source, parse};
use brownout::report::{Origin, Report, json, junit, markdown, text as plain};
use brownout::session::Session;
use brownout::session::record::record;
use brownout::sim::time::SECOND;
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

/// A playbook with a step that is done again, with one that finds nothing to do, and with checks.
const REPEATED: &str = r#"
title = "Again and again"
cluster = "food-delivery"
seed = 5
length = "9s"
warmup = "1s"
[[step]]
id = "idle"
at = "2s"
do = "undo"
[[step]]
id = "crash"
at = "3s"
do = "crash web-2 for 500ms"
every = "2s"
times = 2
[[step]]
id = "crash-2"
at = "4s"
do = "slow web-1 factor=2 for 1s"
[[check]]
name = "most are served"
that = "success >= 99%"
hold = ["always"]
[[check]]
name = "all is well again"
that = "goodput >= 90% of baseline"
within = "2s"
of = "crash"
[end]
heal = true
"#;

/// Recordings say what was done, whoever asked for it: the report of one is that of the run.
#[test]
fn a_recording_that_is_played_gives_the_report_that_was_seen() {
    let folder = folder("recorded-report");
    let file = folder.join("again.toml");
    std::fs::write(&file, REPEATED).expect("a file");
    let (opened, source) =
        open_with_source(&file.to_string_lossy()).unwrap_or_else(|e| panic!("{e}"));
    let playbook = opened.into_playbook();
    let mut session = Session::new(&playbook, playbook.seed);
    // Early enough that the last crash has room for its check.
    session.run(SECOND).expect("the world goes on");
    session.inject(&command("cut web-3|* for 1s")).expect("it can be done");
    session.run(playbook.length).expect("the world goes on");
    let recording = record(&session, &source, &folder).unwrap_or_else(|e| panic!("{e}"));
    let Ok(Opened::Playbook(again)) = parse("recorded.toml", &recording.text, Some(&folder)) else {
        panic!("{}", recording.text)
    };
    let mut replayed = Session::new(&again, again.seed);
    replayed.run(again.length).expect("the world goes on");

    let json = |session: &Session| {
        let report = Report::new(session, Origin::default());
        let mut run = forms(&report).2;
        let title = run.as_object_mut().and_then(|run| run.remove("title"));
        assert!(title.is_some());
        run
    };
    let (seen, played) = (json(&session), json(&replayed));
    let ids = |run: &Value| {
        let faults = run["faults"].as_array().expect("a list").clone();
        faults.iter().map(|f| f["id"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&seen), ["live-1", "crash", "crash-2", "crash-3"]);
    assert_eq!(ids(&played), ids(&seen));
    assert_eq!(played, seen);
}

#[test]
fn a_command_that_finds_nothing_to_do_is_noted_in_every_form() {
    let mut session = session_of(REPEATED, 5);
    session.run(9 * SECOND).expect("the world goes on");
    let (plain, markdown, json, _) = forms(&Report::new(&session, Origin::default()));
    let note = "idle: undo at 00:02.0 had nothing to change";
    assert_eq!(json["notes"], Value::from(vec![note]), "what heals at the end may find nothing");
    assert!(plain.contains(&format!("notes\n  {note}\n")), "{plain}");
    assert!(markdown.contains(&format!("- {note}\n")), "{markdown}");
    // What was not tried is not advised.
    let improve = markdown.split("## What to improve next").nth(1).expect("some failed");
    assert!(improve.contains(" failed as `") && !improve.contains("helps"), "{improve}");
}

#[test]
fn the_first_limit_is_that_of_the_time_in_which_faults_acted_in_every_form() {
    let (plain, markdown, json, junit) = forms(&report("cache-off"));
    let told = "irst limit while faults acted, or what they began lasted (20 s): orders-db, ";
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

/// The availability that is predicted from what the requests need, by class: 22 s of 60 without the queue
/// that only orders need; 22 s without a primary where nobody can promote another, for who writes, and for
/// the reads that the cache does not answer.
#[test]
fn availability_is_predicted_by_what_requests_need() {
    let run = |cluster: &str, fault: &str| {
        let text = format!("name = \"lab\"\n{cluster}");
        let mut session = session_of(&text, 3);
        session.advance(10 * SECOND).expect("it goes on");
        session.inject(&command(fault)).expect("a fault");
        session.advance(60 * SECOND).expect("it goes on");
        let judged = session.judged();
        (judged.predicted.expect("some came"), judged.total.availability().expect("some ended"))
    };
    let cluster = |keeper: &str| {
        format!(
            "[traffic.users]\nto = \"edge\"\nrate = \"400/s\"\n\
             [request.look]\nshare = \"80%\"\nkeys = {{ count = 100 }}\nsteps = [\"read rows\"]\n\
             [request.order]\nshare = \"20%\"\nsteps = [\"write store keys=look\", \"publish jobs\"]\n\
             [balancer.edge]\nto = \"web\"\n[service.web]\nthreads = \"unlimited\"\n\
             [cache.rows]\nof = \"store\"\n[queue.jobs]\nlimit = \"unlimited\"\n\
             [database.store]\n{keeper}"
        )
    };
    let down = 22.0 / 60.0;
    let (predicted, measured) = run(&cluster(""), "crash jobs for 20s");
    let wanted = 1.0 - 0.2 * down;
    assert!((predicted - wanted).abs() < 0.01 && (measured - wanted).abs() < 0.01, "{predicted}");
    let (predicted, measured) = run(&cluster(""), "crash store-1 for 20s");
    assert!((predicted - measured).abs() < 0.03, "{predicted}, measured {measured}");
    assert!(predicted < 1.0 - 0.2 * down, "{predicted}");
    // Who is noticed at once and replaced costs nothing; noticing takes its time.
    let keeper = cluster("[failover.keeper]\nof = \"store\"");
    let (predicted, measured) = run(&keeper, "crash store-1 for 20s");
    assert!(predicted > 0.999 && measured < predicted, "{predicted}, measured {measured}");
}
