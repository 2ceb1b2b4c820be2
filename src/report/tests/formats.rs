//! One run in all forms: they tell the same.

use super::super::{Origin, Report, Summary, json, junit, markdown, seeds, text};
use crate::playbook::{self, Verdict};
use crate::session::Session;
use serde_json::Value;

/// Writes a report in some form.
fn written(write: impl Fn(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A run of which one check holds, one does not, and one never has a window.
fn report(seed: u64) -> Report {
    let text = r#"title = "Odd <title> | \"here\""
asks = "Is it odd?"
about = """
What it teaches: <odd> is
not 0.5.
Try next: even.
"""
cluster = "single-server"
length = "8s"
[[step]]
id = "crash"
at = "3s"
do = "crash server for 1s"
[[check]]
name = "many succeed & more"
that = "success >= 50%"
hold = ["before"]
[[check]]
name = "all succeed"
that = "success >= 100% and p99 < 5s"
hold = ["always"]
[[check]]
name = "slow while it is idle"
that = "p99 < 1s"
hold = ["during"]
"#;
    let playbook =
        playbook::parse("odd.toml", text, None).unwrap_or_else(|e| panic!("{e}")).into_playbook();
    let mut session = Session::new(&playbook, seed);
    session.run(playbook.length).unwrap();
    let origin = Origin {
        playbook: Some("odd.toml".into()),
        again: format!("brownout run odd.toml --seed {seed} --length 8s"),
        wall_s: 0.5,
    };
    Report::new(&session, origin)
}

/// The rows of the Markdown table under a heading, cell by cell.
fn rows<'t>(markdown: &'t str, heading: &str) -> Vec<Vec<&'t str>> {
    let section = markdown.split(&format!("## {heading}\n")).nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

#[test]
fn all_forms_of_one_run_agree() {
    let report = report(3);
    let json: Value = serde_json::from_str(&written(|out| json::write(&report, out))).unwrap();
    let text = written(|out| text::write(&report, out));
    let markdown = written(|out| markdown::write(&report, out));
    let xml = written(|out| junit::write(std::slice::from_ref(&report), out));
    let xml = roxmltree::Document::parse(&xml).unwrap();

    let verdict = json["verdict"].as_str().unwrap();
    assert_eq!(verdict, "deviated");
    assert!(text.contains(&format!("verdict {verdict}")), "{text}");
    assert!(markdown.contains(&format!("**Verdict:** {verdict}")), "{markdown}");
    let property = |name: &str| {
        let found = xml.descendants().find(|n| n.attribute("name") == Some(name));
        found.unwrap().attribute("value").unwrap().to_owned()
    };
    assert_eq!(property("verdict"), verdict);

    let checks = json["checks"].as_array().unwrap();
    let hypothesis = rows(&markdown, "Hypothesis");
    let cases: Vec<_> = xml.descendants().filter(|n| n.has_tag_name("testcase")).collect();
    assert_eq!((checks.len(), hypothesis.len(), cases.len()), (3, 3, 4));
    let verdicts: Vec<&str> = checks.iter().map(|c| c["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["held", "deviated", "inconclusive"]);
    for ((check, row), case) in checks.iter().zip(&hypothesis).zip(&cases[1..]) {
        let name = check["name"].as_str().unwrap();
        assert_eq!((row[0], row[3]), (name, check["verdict"].as_str().unwrap()));
        assert_eq!(case.attribute("name"), Some(name));
        let child = case.children().find(roxmltree::Node::is_element);
        let wanted = match row[3] {
            "held" => None,
            "deviated" => Some("failure"),
            _ => Some("error"),
        };
        assert_eq!(child.map(|c| c.tag_name().name()), wanted, "{name}");
        // What was measured, or why nothing was, is the same sentence everywhere.
        let line = text.lines().find(|l| l.contains(name)).unwrap();
        assert!(line.contains(&row[4].replace("&lt;", "<")), "{line}\n{row:?}");
        if let Some(child) = child {
            assert_eq!(child.attribute("message").unwrap(), row[4].replace("&lt;", "<"));
        }
    }

    let totals = rows(&markdown, "Totals");
    let all = text.lines().find(|l| l.trim_start().starts_with("all ")).unwrap();
    for (row, key) in [("offered", "offered"), ("ok", "ok"), ("late", "late"), ("failed", "failed")]
    {
        let number = json["totals"][key].as_u64().unwrap();
        let told = totals.iter().find(|r| r[0] == row).unwrap()[1];
        assert_eq!(told.replace(' ', ""), number.to_string(), "{row}");
        assert!(all.contains(told), "{row}: {all}");
        if key != "late" {
            assert_eq!(property(key), number.to_string());
        }
    }
    assert_eq!(json["about"], "What it teaches: <odd> is\nnot 0.5.\nTry next: even.");
    assert!(text.contains("What it teaches: <odd> is\nnot 0.5.\nTry next: even.\n"), "{text}");
    let lesson = "## What it teaches\n\n&lt;odd> is not 0.5.\n\n**Try next:** even.\n";
    assert!(markdown.contains(lesson), "{markdown}");
    assert_eq!(property("about"), "What it teaches: <odd> is not 0.5. Try next: even.");
    let digest = json["digest"].as_str().unwrap();
    for form in [&text, &markdown, &property("digest")] {
        assert!(form.contains(digest));
    }
    let again = "brownout run odd.toml --seed 3 --length 8s";
    assert!(text.contains(again) && markdown.contains(again) && property("again") == again);
    let phases = rows(&markdown, "Before, during, after");
    assert!(phases.iter().any(|row| row[0] == "goodput"), "{markdown}");
}

#[test]
fn junit_counts_what_it_lists() {
    let reports = [report(3), report(4)];
    let xml = written(|out| junit::write(&reports, out));
    let xml = roxmltree::Document::parse(&xml).unwrap();
    let root = xml.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<_> = root.children().filter(roxmltree::Node::is_element).collect();
    let names: Vec<_> = suites.iter().map(|s| s.attribute("name").unwrap()).collect();
    assert_eq!(names, ["odd.toml seed 3", "odd.toml seed 4"]);
    for element in suites.iter().copied().chain([root]) {
        let count = |tag| element.descendants().filter(|n| n.has_tag_name(tag)).count();
        for (attribute, tag) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error")]
        {
            let told: usize = element.attribute(attribute).unwrap().parse().unwrap();
            assert_eq!(told, count(tag), "{attribute}");
        }
        let skipped = Some("0").filter(|_| element.has_tag_name("testsuite"));
        assert_eq!(element.attribute("skipped"), skipped, "the schema has it for a suite alone");
        assert!(element.attribute("time").unwrap().parse::<f64>().unwrap() > 0.0);
    }
    for case in xml.descendants().filter(|n| n.has_tag_name("testcase")) {
        assert!(case.attribute("classname").is_some() && case.attribute("time").is_some());
    }
}

#[test]
fn the_same_run_twice_makes_two_suites() {
    let xml = written(|out| junit::write(&[report(3), report(3)], out));
    assert!(xml.contains("<testsuite name=\"odd.toml seed 3\""), "{xml}");
    assert!(xml.contains("<testsuite name=\"odd.toml seed 3 #2\""), "{xml}");
}

#[test]
fn a_summary_of_seeds_tells_the_runs() {
    let reports: Vec<Report> = (1..=3).map(report).collect();
    let summary = Summary::new(&reports, "brownout run odd.toml --seeds 1..3".into()).unwrap();
    assert_eq!(summary.verdict_sentence(), "0 of 3 seeds held; deviated: 1, 2, 3");
    for (i, check) in summary.checks.iter().enumerate() {
        let held = |r: &&Report| r.judgement.checks[i].verdict == Verdict::Held;
        assert_eq!(check.held, reports.iter().filter(held).count(), "{}", check.name);
    }
    assert_eq!((summary.checks[0].held, summary.checks[1].held), (3, 0));
    let spread = |name: &str| summary.figures.iter().find(|(n, _)| n == name).unwrap().1;
    let measured: Vec<f64> =
        reports.iter().map(|r| r.judgement.checks[1].measured[0].value.unwrap()).collect();
    let least = measured.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((spread("all succeed: success").min - least).abs() < 1e-12);
    let text = written(|out| seeds::write(&summary, out));
    let markdown = written(|out| markdown::write_summary(&summary, out));
    for (name, spread) in &summary.figures {
        let line = text.lines().find(|l| l.trim_start().starts_with(name)).unwrap();
        let row = rows(&markdown, "Figures over the seeds");
        let row = row.iter().find(|r| r[0] == name.replace('<', "&lt;")).unwrap().clone();
        for (cell, told) in spread.cells().iter().zip(&row[1..]) {
            let cell = cell.replace(crate::observe::figures::NARROW_SPACE, " ");
            assert!(line.contains(&cell) && *told == cell, "{name}: {line}");
        }
    }
}
