//! The program as a pipeline meets it: arguments, exit codes, stdout and stderr.

use crate::program::{brownout, folder, text};
use crate::tidy::ROOT;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The report of a run, which must have succeeded.
fn report(args: &[&str]) -> Value {
    let args = [&["run", "--format", "json"], args].concat();
    let out = brownout(&args);
    assert_eq!(out.status.code(), Some(0), "{args:?}: {}", text(&out.stderr));
    serde_json::from_slice(&out.stdout).expect("one JSON document")
}

fn number(value: &Value, path: &str) -> f64 {
    let found = value.pointer(path).unwrap_or_else(|| panic!("{path} is missing in {value:#}"));
    found.as_f64().unwrap_or_else(|| panic!("{path} is {found}"))
}

fn count(value: &Value, path: &str) -> u64 {
    let found = value.pointer(path).unwrap_or_else(|| panic!("{path} is missing in {value:#}"));
    found.as_u64().unwrap_or_else(|| panic!("{path} is {found}, no count"))
}

#[test]
fn help_and_readme_name_the_same_commands() {
    let help = text(&brownout(&["--help"]).stdout);
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).expect("README.md");
    let section = readme.split("<!-- command-line -->").nth(1).expect("the section begins");
    let section = section.split("<!-- /command-line -->").next().expect("the section ends");
    let mut told: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("| `brownout ")?.split([' ', '`']).next())
        .collect();
    let listed = help.split("Commands:").nth(1).expect("help lists the commands");
    let mut known: Vec<&str> = listed
        .lines()
        .skip(1)
        .take_while(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .collect();
    told.sort_unstable();
    known.sort_unstable();
    assert_eq!(told, known);
}

#[test]
fn lists_have_a_line_for_each_thing() {
    for what in ["clusters", "playbooks", "commands", "settings", "metrics", "reasons"] {
        let out = brownout(&["list", what]);
        assert_eq!(out.status.code(), Some(0), "{what}: {}", text(&out.stderr));
        assert!(!out.stdout.is_empty(), "list {what} says nothing");
    }
    let reasons = text(&brownout(&["list", "reasons"]).stdout);
    for reason in brownout::sim::observation::Outcome::REASONS {
        assert!(reasons.contains(reason.word()), "{} is not listed", reason.word());
        assert!(reasons.contains(reason.sentence()), "{} is not explained", reason.word());
    }
}

#[test]
fn w1_answers_as_its_arithmetic_expects() {
    let run = report(&["tests/fixtures/w1.toml"]);
    let near = |path: &str, expected: f64, within: f64| {
        let found = number(&run, path);
        assert!(
            (found - expected).abs() <= within,
            "{path}: {found}, expected {expected} ± {within}"
        );
    };
    near("/latency_ms/mean", 9.1, 0.091);
    near("/latency_ms/p50", 6.6, 0.066);
    near("/latency_ms/p99", 39.7, 1.2);
    // 60 s at 2,000/s; four standard deviations.
    near("/totals/offered", 120_000.0, 4.0 * 346.0);
}

#[test]
fn a_report_adds_up() {
    let run = report(&["food-delivery", "--length", "20s", "--seed", "3"]);
    let total = |name: &str| count(&run, &format!("/totals/{name}"));
    assert_eq!(
        total("offered"),
        total("ok") + total("late") + total("failed") + total("in_flight")
    );
    assert!(total("offered") > 0 && total("attempts") >= total("offered"));
    let failures = run["failures"].as_object().expect("failures by reason");
    let by_reason: u64 = failures.values().filter_map(Value::as_u64).sum();
    assert_eq!(by_reason, total("failed"));
    let classes = run["classes"].as_object().expect("classes by name");
    let by_class: u64 = classes.values().map(|class| count(class, "/totals/offered")).sum();
    assert_eq!(by_class, total("offered"));
    let digest = run["digest"].as_str().expect("a digest");
    assert!(digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()), "{digest}");
}

#[test]
fn equal_inputs_give_equal_reports() {
    let run = |seed: &str| {
        let mut run = report(&["food-delivery", "--length", "10s", "--seed", seed]);
        run.as_object_mut().expect("an object").remove("wall_s").expect("wall_s is told");
        run
    };
    assert_eq!(run("7"), run("7"));
    assert_ne!(run("7")["digest"], run("8")["digest"]);
}

#[test]
fn errors_go_to_stderr_and_exit_with_2() {
    let bad = folder("errors").join("bad.toml");
    fs::write(&bad, "title = \"x\"\ncluster = \"food-delivery\"\nlenght = \"5s\"\n")
        .expect("written");
    let bad = bad.to_str().expect("a plain path");
    let wrong: [&[&str]; 6] = [
        &["run", "no-such-playbook"],
        &["check", bad],
        &["run", bad],
        &["run"],
        &["frobnicate"],
        &["list", "dragons"],
    ];
    for args in wrong {
        let out = brownout(args);
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        assert_eq!(text(&out.stdout), "", "{args:?} writes to stdout");
        assert!(!out.stderr.is_empty(), "{args:?} says nothing");
        assert!(!text(&out.stderr).contains('\u{1b}'), "{args:?} colours a pipe");
    }
    let message = text(&brownout(&["check", bad]).stderr);
    assert!(message.contains("bad.toml:3:1"), "no file, line and column: {message}");
    assert!(message.contains("`length`"), "no nearest name: {message}");
}

#[test]
fn what_can_be_opened_is_no_subcommand_and_the_right_one_is_told() {
    let message = |word: &str| text(&brownout(&[word]).stderr);
    for word in ["food-delivery", "primary-crash", "tests/fixtures/laws.toml"] {
        let message = message(word);
        assert!(message.contains(&format!("`brownout run {word}`")), "{message}");
        #[cfg(feature = "tui")]
        assert!(message.contains(&format!("`brownout live {word}`")), "{message}");
    }
    assert!(!message("frobnicate").contains("brownout live"), "that is no file");
}

#[test]
fn a_step_of_no_length_is_warned_about() {
    let path = folder("no-length").join("x.toml");
    let step = |length| {
        let step = format!("id = \"kill\"\nat = \"2s\"\ndo = \"crash web-1 for {length}\"");
        let head = "title = \"x\"\ncluster = \"food-delivery\"";
        fs::write(&path, format!("{head}\n[[step]]\n{step}\n")).expect("written");
        text(&brownout(&["check", path.to_str().expect("a plain path")]).stdout)
    };
    assert!(step("0s").contains("warning: `kill` does nothing: it lasts 0s"));
    assert!(!step("1s").contains("warning"));
}

#[test]
fn output_goes_to_a_file_whole_or_not_at_all() {
    let folder = folder("output");
    let path = folder.join("report.json");
    let to = path.to_str().expect("a plain path");
    let out = brownout(&["run", "food-delivery", "--length", "5s", "--format", "json", "-o", to]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(text(&out.stdout), "");
    let whole = fs::read_to_string(&path).expect("the report is there");
    serde_json::from_str::<Value>(&whole).expect("and is JSON");

    let out = brownout(&["run", "no-such-playbook", "--format", "json", "-o", to]);
    assert_eq!(out.status.code(), Some(2));
    assert_eq!(fs::read_to_string(&path).expect("it is still there"), whole);
    let left: Vec<_> = fs::read_dir(&folder).expect("the folder").collect();
    assert_eq!(left.len(), 1, "something is left beside the report: {left:?}");
}

#[test]
fn a_fault_that_touched_nothing_is_inconclusive() {
    let out = brownout(&["run", "tests/fixtures/untouched.toml"]);
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(said.contains("verdict inconclusive, slow dispatch"), "{said}");
}

#[test]
fn a_judged_run_tells_its_checks_and_ends_with_its_code() {
    let out = brownout(&["run", "tests/fixtures/hot-writes.toml", "--format", "json"]);
    assert_eq!(out.status.code(), Some(1), "{}", text(&out.stderr));
    let run: Value = serde_json::from_slice(&out.stdout).expect("one JSON document");
    assert_eq!(run["verdict"], "deviated");
    let checks = run["checks"].as_array().expect("checks");
    let verdicts: Vec<&str> = checks.iter().filter_map(|c| c["verdict"].as_str()).collect();
    assert_eq!(verdicts, ["held", "held", "deviated"], "{checks:#?}");
    assert_eq!(checks[2]["that"], "lost_writes == 0");
    assert_eq!(run["checks"][2]["measured"].as_f64(), run["data"]["lost_writes"].as_f64());
    assert_eq!(checks[0]["first_violation_s"], Value::Null);
    let ids: Vec<&str> =
        run["faults"].as_array().expect("faults").iter().filter_map(|f| f["id"].as_str()).collect();
    assert_eq!(ids, ["lag", "kill"]);
    assert_eq!(run["faults"][0]["start_s"], 14.8);
    assert_eq!(run["faults"][1]["end_s"], 35.0);
}

#[test]
fn check_draws_what_a_playbook_plans() {
    let out = brownout(&["check", "tests/fixtures/hot-writes.toml"]);
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for part in [
        "phases",
        "crash orders-db:primary for 20s",
        "hits orders-db-1",
        "within 12s of kill",
        "outage(order)",
        "stops if error_rate > 90% over 5s",
    ] {
        assert!(said.contains(part), "{part} is missing:\n{said}");
    }
}
