//! The shipped playbooks: each gets the verdict that it declares, whatever the seed, and says what it
//! teaches.
//!
//! By default each is run with its own seed and four others; with `BROWNOUT_LONG=1` with the seeds 1
//! to 20. `.ci/run` runs all twenty with the release build.

use crate::tidy::ROOT;
use brownout::playbook::{Builtin, PLAYBOOKS, Playbook, open};
use brownout::session::Session;
use brownout::sim::time::SECOND;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

fn opened(builtin: &Builtin) -> Playbook {
    open(builtin.name).unwrap_or_else(|e| panic!("{e}")).into_playbook()
}

/// Runs to the end; what is wrong with the outcome, if anything is.
fn wrong(name: &str, playbook: &Playbook, seed: u64) -> Option<String> {
    let mut session = Session::new(playbook, seed);
    if let Err(e) = session.advance(playbook.length) {
        return Some(format!("{name}, seed {seed}: {e:?}"));
    }
    if let Err(e) = session.world().audit() {
        return Some(format!("{name}, seed {seed}: {e}"));
    }
    let judgement = session.judgement();
    if let Some(open) = judgement.answers.iter().find(|answer| answer.choice.is_none()) {
        return Some(format!("{name}, seed {seed}: no choice for {open:?}"));
    }
    if judgement.verdict == playbook.expect {
        return None;
    }
    let (verdict, wanted) = (judgement.verdict.word(), playbook.expect.word());
    let checks: Vec<String> = judgement.checks.iter().map(|c| format!("{c:?}")).collect();
    let checks = checks.join("\n  ");
    Some(format!("{name}, seed {seed}: {verdict}, not {wanted}\n  {checks}"))
}

#[test]
fn each_gets_the_verdict_that_it_declares() {
    let long = std::env::var("BROWNOUT_LONG").is_ok_and(|v| v == "1");
    let others = if long { 1..=20 } else { 1..=4 };
    let mut jobs = Vec::new();
    for builtin in PLAYBOOKS {
        let playbook = opened(builtin);
        jobs.extend(others.clone().map(|seed| (builtin.name, playbook.clone(), seed)));
        if !others.contains(&playbook.seed) {
            let seed = playbook.seed;
            jobs.push((builtin.name, playbook, seed));
        }
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut all = Vec::new();
        while let Some((name, playbook, seed)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            all.extend(wrong(name, playbook, *seed));
        }
        all
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let problems: Vec<String> = thread::scope(|scope| {
        let hands: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        hands.into_iter().flat_map(|hand| hand.join().expect("it ends")).collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_file_of_the_folder_is_built_in() {
    let folder = fs::read_dir(Path::new(ROOT).join("playbooks")).expect("the folder is there");
    let mut names: Vec<String> = folder
        .filter_map(|entry| entry.expect("it can be listed").file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    let mut built_in: Vec<&str> = PLAYBOOKS.iter().map(|builtin| builtin.name).collect();
    built_in.sort_unstable();
    assert_eq!(names, built_in);
}

#[test]
fn each_asks_teaches_checks_and_has_an_end() {
    for builtin in PLAYBOOKS {
        let (name, playbook) = (builtin.name, opened(builtin));
        assert!(playbook.asks.ends_with('?'), "{name}: a hypothesis is a question");
        assert!(playbook.about.contains("What it teaches: "), "{name}: {}", playbook.about);
        assert!(playbook.about.contains("Try next: "), "{name}: {}", playbook.about);
        assert!(!playbook.tags.is_empty() && !playbook.predict.is_empty(), "{name}");
        assert!(playbook.checks.len() >= 2, "{name}");
        assert!(playbook.length <= 90 * SECOND, "{name}: nobody watches so long");
        for step in &playbook.steps {
            let say = step.say.as_deref().unwrap_or_default();
            assert!(!say.is_empty() && say.chars().count() <= 140, "{name}: {say:?}");
        }
    }
}
