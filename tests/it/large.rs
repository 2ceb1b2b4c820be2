//! Files with very much in them, right or wrong, are read to their end.
//!
//! So much that work with the square of it would take hours: what is no longer in proportion does not
//! come back.

use brownout::playbook::{Opened, Problems, parse};
use std::fmt::Write;

const MANY: usize = 20_000;

fn read(text: &str) -> Result<Opened, Problems> {
    parse("large.toml", text, None)
}

fn is_wrong(what: &str, file: impl Fn(usize) -> String) {
    assert!(read(&file(MANY)).is_err(), "{what}");
}

fn is_right(what: &str, file: impl Fn(usize) -> String) {
    let steps = read(&file(MANY)).unwrap_or_else(|e| panic!("{what}: {e}")).into_playbook().steps;
    assert_eq!(steps.len(), MANY, "{what}");
}

const HEAD: &str = "title = \"t\"\ncluster = \"single-server\"\nlength = \"60s\"\n";

/// A playbook with so many tables.
fn playbook(n: usize, table: impl Fn(usize) -> String) -> String {
    let mut text = HEAD.to_owned();
    for i in 0..n {
        let _ = writeln!(text, "{}", table(i));
    }
    text
}

/// A step at its own time.
fn step(i: usize) -> String {
    format!("[[step]]\nid = \"s{i}\"\nat = \"{}ms\"\ndo = \"traffic x1.1 for 1ms\"", i + 1)
}

#[test]
fn wrong_lines() {
    is_wrong("unknown keys", |n| playbook(n, |i| format!("key{i} = 1")));
    is_wrong("what is not TOML", |n| playbook(n, |i| format!("this is wrong {i}")));
    is_wrong("steps that do not exist", |n| {
        playbook(n, |i| format!("[[step]]\nid = \"s{i}\"\nafter = \"t{i}\"\ndo = \"heal\""))
    });
    is_wrong("components that do not exist", |n| {
        let mut text =
            "name = \"x\"\n[traffic.t]\nto = \"web\"\n[request.a]\nsteps = []\n".to_owned();
        for i in 0..n {
            let _ = writeln!(text, "[service.s{i}]\ninstances = 1\n[balancer.b{i}]\nto = \"x{i}\"");
        }
        text
    });
}

#[test]
fn steps_and_checks() {
    is_right("steps", |n| playbook(n, step));
    is_right("each after the next", |n| {
        playbook(n, |i| match i + 1 {
            next if next < n => {
                format!("[[step]]\nid = \"s{i}\"\nafter = \"s{next}\"\ndo = \"heal\"")
            }
            _ => format!("[[step]]\nid = \"s{i}\"\nat = \"1s\"\ndo = \"heal\""),
        })
    });
    is_wrong("a circle", |n| {
        playbook(n, |i| {
            format!("[[step]]\nid = \"s{i}\"\nafter = \"s{}\"\ndo = \"heal\"", (i + 1) % n)
        })
    });
    is_right("checks", |n| {
        playbook(n, |i| format!("{}\n[[check]]\nname = \"c{i}\"\nthat = \"late == 0\"", step(i)))
    });
}

#[test]
fn of_very_many_problems_the_first_are_told_and_reading_ends() {
    let text =
        playbook(100_000, |i| format!("[[step]]\nid = \"s{i}\"\nafter = \"t{i}\"\ndo = \"heal\""));
    let Err(Problems(told)) = read(&text) else { panic!("all steps are wrong") };
    assert_eq!(told.len(), 51);
    assert_eq!(told[50].message, "and at least 150 more problems");
}

#[test]
fn a_hundred_thousand_steps_are_read_and_more_are_refused() {
    let opened = read(&playbook(50_000, step)).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(opened.into_playbook().steps.len(), 50_000);
    let often = |times: u32| {
        let step =
            format!("[[step]]\nat = \"1s\"\ndo = \"heal\"\nevery = \"1ms\"\ntimes = {times}");
        read(&playbook(11, |_| step.clone()))
    };
    assert!(often(9_000).is_ok());
    let Err(problems) = often(10_000) else { panic!("110 000 are too many") };
    assert!(
        problems.to_string().contains("at most 100000 executions of steps in all"),
        "{problems}"
    );
}
