//! The small ends of the command line: what is written where, and what cannot be.

use crate::program::{brownout, folder, program, text};
use std::fs;

#[test]
fn stdout_is_a_place_to_write_to_for_pictures_too() {
    let to = |path: &str| brownout(&["shot", "server-crash", "--at", "2s", "-o", path]);
    let out = to("-");
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let path = folder("shot-to-stdout").join("screen.txt");
    assert_eq!(to(path.to_str().expect("a path in UTF-8")).status.code(), Some(0));
    assert_eq!(text(&out.stdout), fs::read_to_string(path).expect("it was written"));
    let wrong = to("screen.png");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(&wrong.stderr).contains("expected a file `.svg` or `.txt`, or `-`"));
}

#[test]
fn a_picture_of_what_comes_after_a_playbook_says_so() {
    let at = |time: &str| brownout(&["shot", "lunch-spike-queue", "--at", time, "-o", "-"]);
    let (out, after) = (at("55s"), at("56s"));
    assert_eq!((text(&out.stderr).as_str(), out.status.code()), ("", Some(0)));
    let told = text(&after.stderr);
    assert!(told.contains("56s is after the end of the playbook, 55s"), "{told}");
    assert_eq!(after.status.code(), Some(0));
}

#[test]
fn a_recording_needs_a_name() {
    let here = folder("record-to-stdout");
    let out = program(&["run", "single-server", "--length", "1s", "--record", "-"])
        .current_dir(&here)
        .output()
        .expect("the program can be started");
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("--record needs the name of a file"));
    assert!(text(&out.stdout).is_empty());
    assert_eq!(fs::read_dir(here).expect("a folder").count(), 0, "nothing is left behind");
}

/// Linux has a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_an_error_whatever_it_is() {
    for args in [
        &["--help"][..],
        &["--version"],
        &["run", "--help"],
        &["help", "check"],
        &["list", "metrics"],
        &["check", "server-crash"],
        &["man"],
        &["completions", "bash"],
        &["run", "single-server", "--length", "1s"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let out = program(args).stdout(full).output().expect("the program can be started");
        assert_eq!(out.status.code(), Some(2), "{args:?}");
        let told = text(&out.stderr);
        assert!(told.starts_with("cannot write to stdout: "), "{args:?}: {told}");
    }
}

#[test]
fn help_is_no_error_and_wrong_usage_is() {
    for (args, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["help"], 0),
        (&["rnu"], 2),
        (&["run"], 2),
        (&["run", "server-crash", "--seeds", "5..1"], 2),
        (&["run", "server-crash", "--seeds", "1..1000000"], 2),
        (&["run", "server-crash", "-o", "no/such/folder/report.txt"], 2),
    ] {
        let out = brownout(args);
        assert_eq!(out.status.code(), Some(code), "{args:?}: {}", text(&out.stderr));
        assert_eq!(text(&out.stdout).is_empty(), code == 2, "{args:?}");
        assert_eq!(text(&out.stderr).is_empty(), code == 0, "{args:?}");
    }
}

#[test]
fn help_names_every_exit_code() {
    let help = text(&brownout(&["--help"]).stdout).replace('\n', " ");
    for code in
        ["0 held", "1 deviated", "2 wrong usage or invalid file", "3 inconclusive", "4 stopped"]
    {
        assert!(help.contains(code), "{code}: {help}");
    }
}
