//! A folder of invalid files, each with all that is said of it beside it: `invalid/NAME.toml` and
//! `invalid/NAME.snap`. One file for each rule of the reader, read as a person would read it.

use crate::tidy::ROOT;
use brownout::playbook::{Opened, parse};
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(ROOT).join("tests/it/invalid")
}

/// The files, by name without their ending.
fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the folder is there");
    let mut names: Vec<String> = entries
        .filter_map(|entry| {
            let name = entry.expect("an entry").file_name().into_string().expect("plain names");
            name.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// All that is said of a file; nothing if it is valid.
fn said(name: &str) -> String {
    let file = format!("{name}.toml");
    let text = fs::read_to_string(folder().join(&file)).expect("it can be read");
    match parse(&file, &text, Some(&folder())) {
        Ok(Opened::Cluster(_) | Opened::Playbook(_)) => String::new(),
        // The cluster file that a playbook names is found in the folder, wherever that is.
        Err(problems) => problems.to_string().replace(&format!("{}/", folder().display()), ""),
    }
}

#[test]
fn every_invalid_file_says_what_is_wrong_and_where() {
    let names = names();
    assert!(names.len() >= 40, "only {} files", names.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder());
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in &names {
            let said = said(name);
            assert!(!said.is_empty(), "{name}.toml is valid");
            for line in said.lines() {
                let place: Vec<&str> = line.splitn(4, ':').collect();
                let number = |i: usize| place.get(i).is_some_and(|n| n.parse::<u32>().is_ok());
                assert!(number(1) && number(2), "{name}: no line and column: {line}");
            }
            insta::assert_snapshot!(name.as_str(), said);
        }
    });
}

#[test]
fn no_message_is_left_without_its_file() {
    let names = names();
    for entry in fs::read_dir(folder()).expect("the folder is there") {
        let name = entry.expect("an entry").file_name().into_string().expect("plain names");
        if let Some(of) = name.strip_suffix(".snap") {
            assert!(names.iter().any(|n| n == of), "{name} has no file");
        }
    }
}
