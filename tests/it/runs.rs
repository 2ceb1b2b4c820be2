//! Runs as a pipeline makes them: recorded, over seeds, in every form, from standard input,
//! interrupted.

use crate::program::{brownout, folder, program, text};
use crate::tidy::ROOT;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// What a run that ends with that code prints.
fn stdout(args: &[&str], code: i32) -> String {
    let out = brownout(args);
    assert_eq!(out.status.code(), Some(code), "{args:?}: {}", text(&out.stderr));
    assert_eq!(text(&out.stderr), "", "{args:?} shows progress in a pipe");
    let said = text(&out.stdout);
    assert!(!said.contains('\u{1b}'), "{args:?} colours a pipe");
    said
}

fn json(args: &[&str], code: i32) -> Value {
    serde_json::from_str(&stdout(args, code)).expect("one JSON document")
}

#[test]
fn a_recorded_run_plays_to_the_same_digest() {
    let folder = folder("record");
    let path = folder.join("recorded.toml");
    let to = path.to_str().expect("a plain path");
    let args = ["run", "server-crash", "--length", "14s", "--seed", "5", "--format", "json"];
    let first = brownout(&[&args[..], &["--record", to]].concat());
    let first: Value = serde_json::from_slice(&first.stdout).expect("one JSON document");
    let again = brownout(&["run", to, "--format", "json"]);
    let again: Value = serde_json::from_slice(&again.stdout).expect("one JSON document");
    for key in ["digest", "seed", "simulated_s", "events", "totals"] {
        assert_eq!(again[key], first[key], "{key}");
    }
    assert_eq!(again["faults"][0]["command"], "crash web-2 for 20s");
    let two = brownout(&["run", "w1", "single-server", "--record", to]);
    assert_eq!(two.status.code(), Some(2));
}

#[test]
fn runs_over_seeds_come_in_their_order_and_are_those_of_single_runs() {
    let args = ["run", "single-server", "--length", "3s", "--format", "json"];
    let all = json(&[&args[..], &["--seeds", "4..7"]].concat(), 0);
    let all = all.as_array().expect("an array of the runs");
    let seeds: Vec<u64> = all.iter().filter_map(|run| run["seed"].as_u64()).collect();
    assert_eq!(seeds, [4, 5, 6, 7]);
    let alone = json(&[&args[..], &["--seed", "6"]].concat(), 0);
    assert_eq!(alone["digest"], all[2]["digest"]);
    let one = json(&[&args[..], &["--seeds", "6..6"]].concat(), 0);
    assert_eq!(one.as_array().map(Vec::len), Some(1), "an array, however many seeds there are");
    let args = ["run", "single-server", "w1", "--length", "1s", "--seeds", "1..3"];
    let said = stdout(&args, 0);
    assert_eq!(said.matches("verdict 3 of 3 seeds held").count(), 2, "{said}");
    assert!(said.contains("goodput") && said.contains("median"), "{said}");
}

#[test]
fn the_worst_of_all_runs_is_the_exit_code() {
    let args = ["run", "single-server", "tests/fixtures/untouched.toml"];
    let said = stdout(&[&args[..], &["--format", "junit"]].concat(), 3);
    assert!(said.contains("<error message="), "{said}");
    assert_eq!(said.matches("<testsuite ").count(), 2);
}

/// What is advised was tried, on all cores, and the report is the same whatever they do.
#[test]
fn a_report_for_reviewers_tells_what_helped_when_it_was_tried() {
    let args = ["run", "playbooks/server-crash.toml", "--length", "16s", "--format", "markdown"];
    let report = stdout(&args, 3);
    assert_eq!(report, stdout(&args, 3));
    let improve = report.split("## What to improve next").nth(1).expect("some failed");
    let refused =
        improve.lines().find(|l| l.contains(" failed as `refused` at web")).expect(improve);
    assert!(
        refused.contains("What helps: `edge.retry_on_next=1`. The same run with that"),
        "{refused}"
    );
}

#[test]
fn a_hyphen_is_standard_input_and_stdout() {
    let mut child = program(&["run", "-", "--length", "2s", "--format", "json", "-o", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    let own = fs::read_to_string(Path::new(ROOT).join("assets/clusters/single-server.toml"));
    let mut input = child.stdin.take().expect("its standard input");
    input.write_all(own.expect("the cluster").as_bytes()).expect("it reads");
    drop(input);
    let out = child.wait_with_output().expect("it ends");
    assert_eq!(out.status.code(), Some(0));
    let piped: Value = serde_json::from_slice(&out.stdout).expect("one JSON document");
    let named = json(&["run", "single-server", "--length", "2s", "--format", "json"], 0);
    assert_eq!(piped["digest"], named["digest"]);
}

/// Of a run that is made shorter a check may have no window left: it has shown nothing, as any check
/// that never had a full window, and says which one and why.
#[test]
fn a_run_that_ends_before_its_windows_is_inconclusive() {
    let checks = |run: &Value, verdict: &str| -> Vec<(String, String)> {
        let all = run["checks"].as_array().expect("checks").iter();
        let text = |c: &Value, key: &str| c[key].as_str().unwrap_or_default().to_owned();
        let those = all.filter(|c| c["verdict"] == verdict);
        those.map(|c| (text(c, "name"), text(c, "why"))).collect()
    };
    let args = ["run", "server-crash", "--format", "json", "--length"];
    // "after" begins 5 s after the crash is over, at 30 s; before that nobody is told anything of it.
    let run = json(&[&args[..], &["36s"]].concat(), 0);
    assert_eq!(checks(&run, "held").len(), 3);
    let run = json(&[&args[..], &["35s"]].concat(), 3);
    assert_eq!(run["verdict"], "inconclusive");
    let open = checks(&run, "inconclusive");
    assert_eq!(open.len(), 1, "{open:?}");
    assert!(open[0].1.contains("`after` never had a full window of 1s"), "{open:?}");
    // From 3 s after the crash on a window of 5 s must fit: until 18 s.
    let run = json(&[&args[..], &["17s"]].concat(), 3);
    let open = checks(&run, "inconclusive");
    assert!(
        open.iter().any(|(_, why)| why.starts_with("no full window of 5s from 3s")),
        "{open:?}"
    );
    // And a run in which a step would never be done is refused before it begins.
    let out = brownout(&[&args[..], &["10s"]].concat());
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(said.contains("step `crash` at 10s would never run"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_with_130_and_leaves_no_file() {
    let folder = folder("interrupted");
    let path = folder.join("report.txt");
    let to = path.to_str().expect("a plain path");
    let mut child = program(&["run", "w1", "--length", "9h", "--seeds", "1..4", "-o", to])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    std::thread::sleep(std::time::Duration::from_millis(700));
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
    let began = std::time::Instant::now();
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "not promptly");
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 0);
}

#[test]
fn completions_and_the_manual_page_are_printed() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&["completions", shell], 0);
        assert!(script.contains("brownout") && script.contains("seeds"), "{shell}");
    }
    let page = stdout(&["man"], 0);
    assert!(page.starts_with(".ie") && page.contains(".TH brownout"), "{page}");
}
