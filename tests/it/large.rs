//! Files with very much in them, right or wrong, take time in proportion.
//!
//! What is compared is the time for four times as much with the time for once, the best of several
//! runs each. In proportion that is 4 and with the square 16; 10 leaves room for a busy machine, and
//! what is over within a moment is not judged.

use brownout::playbook::{Opened, Problems, parse};
use std::fmt::Write;
use std::time::{Duration, Instant};

const ONCE: usize = 2_000;
const MOMENT: Duration = Duration::from_millis(100);

fn read(text: &str) -> Result<Opened, Problems> {
    parse("large.toml", text, None)
}

/// The shortest of some tries.
fn time(text: &str) -> Duration {
    let once = |_| {
        let start = Instant::now();
        drop(read(text));
        start.elapsed()
    };
    (0..3).map(once).min().unwrap_or_default()
}

fn is_in_proportion(what: &str, file: impl Fn(usize) -> String) {
    let (once, four) = (time(&file(ONCE)), time(&file(4 * ONCE)));
    assert!(four < MOMENT.max(10 * once), "{what}: {once:?}, then {four:?}");
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
    is_in_proportion("unknown keys", |n| playbook(n, |i| format!("key{i} = 1")));
    is_in_proportion("what is not TOML", |n| playbook(n, |i| format!("this is wrong {i}")));
    is_in_proportion("steps that do not exist", |n| {
        playbook(n, |i| format!("[[step]]\nid = \"s{i}\"\nafter = \"t{i}\"\ndo = \"heal\""))
    });
    is_in_proportion("components that do not exist", |n| {
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
    is_in_proportion("steps", |n| playbook(n, step));
    is_in_proportion("each after the next", |n| {
        playbook(n, |i| match i + 1 {
            next if next < n => {
                format!("[[step]]\nid = \"s{i}\"\nafter = \"s{next}\"\ndo = \"heal\"")
            }
            _ => format!("[[step]]\nid = \"s{i}\"\nat = \"1s\"\ndo = \"heal\""),
        })
    });
    is_in_proportion("a circle", |n| {
        playbook(n, |i| {
            format!("[[step]]\nid = \"s{i}\"\nafter = \"s{}\"\ndo = \"heal\"", (i + 1) % n)
        })
    });
    is_in_proportion("checks", |n| {
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
