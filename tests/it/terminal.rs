//! The program as a person meets it: in a real terminal.

use crate::program::folder;
use crate::pty::Terminal;
use crate::support::{command, session};
#[cfg(unix)]
use portable_pty::{CommandBuilder, ExitStatus, PtySize, native_pty_system};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_brownout");

/// Longer than any machine that runs tests needs.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_kill_is_seen_and_leaving_restores_the_terminal() {
    let mut terminal = Terminal::start(BINARY, &[], 40, 120).expect("a pseudo-terminal");
    let shows = |words: &'static [&'static str]| {
        move |screen: &vt100::Screen| words.iter().all(|word| screen.contents().contains(word))
    };
    terminal
        .wait_for(
            "the cluster",
            PATIENCE,
            shows(&["food-delivery", "web-2", "orders-db", "goodput"]),
        )
        .expect("the cluster is on the screen");
    terminal
        .wait_for("the alternate screen", PATIENCE, vt100::Screen::alternate_screen)
        .expect("it draws on the alternate screen");

    terminal.press("x").expect("a key can be pressed");
    terminal
        .wait_for("the crash", PATIENCE, shows(&["1 fault", "✗", "crash web-"]))
        .expect("the crash is on the screen");

    terminal.press("q").expect("a key can be pressed");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 0);
    assert!(!screen.alternate_screen(), "the alternate screen was left on");
    assert!(!screen.hide_cursor(), "the cursor was left hidden");
    assert!(!screen.bracketed_paste(), "bracketed paste was left on");
    assert_eq!(
        screen.mouse_protocol_mode(),
        vt100::MouseProtocolMode::None,
        "the mouse was left on"
    );
}

/// The question, its answer, and on the shell's screen what came of it.
#[test]
fn a_prediction_is_told_on_leaving() {
    let mut terminal =
        Terminal::start(BINARY, &["live", "server-crash"], 40, 120).expect("a pseudo-terminal");
    let shows = |words: &'static [&'static str]| {
        move |screen: &vt100::Screen| words.iter().all(|word| screen.contents().contains(word))
    };
    let keys = [("p", "predict first"), ("2", "predicted under 1 000"), ("x", "1 fault")];
    terminal.wait_for("that it asks", PATIENCE, shows(&["p predict"])).expect("it does");
    for (key, seen) in keys {
        terminal.press(key).expect("a key can be pressed");
        let there = move |screen: &vt100::Screen| screen.contents().contains(seen);
        terminal.wait_for(seen, PATIENCE, there).expect("it is seen");
    }
    terminal.press("q").expect("a key can be pressed");
    let (_, screen) = terminal.end(PATIENCE).expect("it leaves");
    let told = screen.contents();
    for line in [
        "again: brownout live server-crash --seed",
        "without the 1 action by hand",
        "prediction not at its end: How many requests fail? predicted under 1 000, measured ",
    ] {
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn the_smallest_screen_can_be_left() {
    let mut terminal = Terminal::start(BINARY, &[], 5, 20).expect("a pseudo-terminal");
    terminal
        .wait_for("the alternate screen", PATIENCE, vt100::Screen::alternate_screen)
        .expect("it starts");
    terminal.press("q").expect("a key can be pressed");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 0);
    assert!(!screen.alternate_screen(), "the alternate screen was left on");
}

/// `ctrl-z` gives the terminal back and stops; going on takes it again and draws all of it anew.
#[cfg(unix)]
#[test]
fn standing_aside_gives_the_terminal_back_and_takes_it_again() {
    let mut terminal = Terminal::start(BINARY, &["live", "--paused"], 40, 120).expect("a terminal");
    let drawn = |screen: &vt100::Screen| {
        screen.alternate_screen() && screen.contents().contains("food-delivery")
    };
    terminal.wait_for("the cluster", PATIENCE, drawn).expect("it starts");
    terminal.press("\x1a").expect("a key can be pressed");
    let aside = |screen: &vt100::Screen| !screen.alternate_screen() && !screen.hide_cursor();
    terminal.wait_for("the shell's screen", PATIENCE, aside).expect("the terminal is given back");
    let process = terminal.process().expect("it runs").to_string();
    // It may still be on its way to stand still: the signal is sent until it has come back.
    let mut back = Err("not tried".into());
    for _ in 0..20 {
        let signal = Command::new("kill").args(["-CONT", &process]).status();
        assert!(signal.expect("there is `kill`").success());
        back = terminal.wait_for("the cluster again", Duration::from_secs(2), drawn);
        if back.is_ok() {
            break;
        }
    }
    back.expect("it comes back");
    terminal.press("q").expect("a key can be pressed");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 0);
    assert!(!screen.alternate_screen());
}

/// A terminal that is closed ends the program, also one that draws nothing and gets no signal; and
/// that there is nobody to tell is no panic.
#[cfg(unix)]
#[test]
fn a_terminal_that_goes_away_ends_it() {
    for signals in [true, false] {
        for args in [&["live", "--paused"][..], &["live"]] {
            let (status, took) = hung_up(args, signals);
            assert_eq!((status.exit_code(), status.signal()), (129, None), "{args:?} {signals}");
            // A second is the target; a machine full of tests may need more.
            assert!(took < Duration::from_secs(5), "{args:?} {signals}: {took:?}");
        }
    }
}

/// Some terminals report a column 0; what is reported is not always there.
#[test]
fn what_a_terminal_reports_wrongly_is_passed_over() {
    for report in ["\x1b[<0;0;5M", "\x1b[M !\x20", "\x1b[0;0R", "\x1b[<0;9999;9999M"] {
        let mut terminal = Terminal::start(BINARY, &["live"], 40, 120).expect("a pseudo-terminal");
        let there = |screen: &vt100::Screen| screen.contents().contains("food-delivery");
        terminal.wait_for("the first frame", PATIENCE, there).expect("it draws");
        terminal.press(report).expect("it listens");
        std::thread::sleep(Duration::from_millis(100));
        terminal.press("q").expect("it listens");
        let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
        assert_eq!(status.exit_code(), 0, "{report:?}: {}", screen.contents());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_and_is_its_code() {
    for (signal, code) in [("TERM", 143), ("INT", 130), ("QUIT", 131), ("HUP", 129)] {
        let mut terminal = Terminal::start(BINARY, &["live"], 40, 120).expect("a pseudo-terminal");
        let there = |screen: &vt100::Screen| screen.contents().contains("food-delivery");
        terminal.wait_for("the first frame", PATIENCE, there).expect("it draws");
        let process = terminal.process().expect("it runs").to_string();
        let told = Command::new("kill").args(["-s", signal, &process]).status();
        assert!(told.expect("there is a kill").success());
        let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
        assert_eq!(status.exit_code(), code, "{signal}");
        assert!(!screen.alternate_screen(), "{signal}: the terminal is given back");
    }
}

/// Starts the program, closes its terminal once it has drawn, and waits for its end: how it ended, and
/// how long after that. Without `signals` the terminal is not the one that sends them to it.
#[cfg(unix)]
fn hung_up(args: &[&str], signals: bool) -> (ExitStatus, Duration) {
    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(BINARY);
    command.args(args);
    command.env("TERM", "xterm-256color");
    command.set_controlling_tty(signals);
    let mut child = pair.slave.spawn_command(command).expect("it starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("a terminal can be read");
    let (mut seen, mut buffer) = (Vec::new(), vec![0; 65_536]);
    let name = b"food-delivery";
    while !seen.windows(name.len()).any(|w| w == name) {
        let read = reader.read(&mut buffer).expect("it draws");
        seen.extend_from_slice(&buffer[..read]);
    }
    let closed = Instant::now();
    drop((reader, pair.master));
    while closed.elapsed() < PATIENCE {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            return (status, closed.elapsed());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("it can be killed");
    panic!("{args:?}, signals {signals}: it goes on without a terminal");
}

#[test]
fn a_key_map_that_is_wrong_is_told_before_anything_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.toml");
    fs::write(&path, "crash = [\"H\"]\n").expect("a file can be written");
    let args = ["live", "--keymap", path.to_str().expect("a path of letters")];
    let terminal = Terminal::start(BINARY, &args, 40, 160).expect("a pseudo-terminal");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 2);
    let said = screen.contents();
    assert!(said.contains(":1:10: the key `H` is claimed by `heal` by default"), "{said}");
}

#[test]
fn an_early_error_never_reaches_the_alternate_screen() {
    let args = ["live", "no-such-cluster"];
    let terminal = Terminal::start(BINARY, &args, 40, 120).expect("a pseudo-terminal");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 2);
    assert!(!screen.alternate_screen());
    assert!(screen.contents().contains("no-such-cluster"), "{}", screen.contents());
}

/// The size of the terminal is no part of a run: the same steps end in the same digest, which is also
/// that of a run without a screen.
#[test]
fn two_sizes_give_one_run() {
    let digest = |rows: u16, columns: u16| {
        let args = ["live", "food-delivery", "--paused", "--seed", "5"];
        let mut terminal = Terminal::start(BINARY, &args, rows, columns).expect("a terminal");
        terminal
            .wait_for("the cluster", PATIENCE, |screen| screen.contents().contains("goodput"))
            .expect("the cluster is on the screen");
        terminal.press("..x.........").expect("keys can be pressed");
        terminal
            .wait_for("the last step", PATIENCE, |screen| screen.contents().contains("00:00.1"))
            .expect("eleven steps of 10 ms");
        terminal.press("q").expect("a key can be pressed");
        let (_, screen) = terminal.end(PATIENCE).expect("it leaves");
        let said = screen.contents();
        assert!(said.contains("110ms simulated"), "{said}");
        said.split("digest ").nth(1).expect("the digest is told")[..16].to_string()
    };
    let wide = digest(40, 120);
    assert_eq!(wide, digest(23, 80));
    let mut session = session("food-delivery", 5);
    session.advance(20_000_000).expect("the world goes on");
    session.inject(&command("crash web-2")).expect("it can be done");
    session.advance(110_000_000).expect("the world goes on");
    assert_eq!(wide, format!("{:016x}", session.digest()));
}

/// What is saved from the live screen is, run without it, the same run; and a file that is there, or
/// cannot be, is told.
#[test]
fn a_live_session_is_saved_and_plays_again() {
    let path = folder("live-saved").join("x.toml");
    let to = path.to_str().expect("a path of letters");
    let args = ["live", "food-delivery", "--paused", "--seed", "5"];
    let mut terminal = Terminal::start(BINARY, &args, 40, 160).expect("a terminal");
    let sees = |terminal: &mut Terminal, word: &'static str| {
        terminal
            .wait_for(word, PATIENCE, |screen| screen.contents().contains(word))
            .expect("it is on the screen");
    };
    sees(&mut terminal, "goodput");
    terminal.press("..x....").expect("keys can be pressed");
    sees(&mut terminal, "1 fault");
    terminal.press(&format!(":save {to}\r")).expect("keys can be pressed");
    sees(&mut terminal, "written to ");
    let saved = fs::read_to_string(&path).expect("it is there");
    terminal.press(&format!(".:save {to}\r")).expect("keys can be pressed");
    sees(&mut terminal, "there is a file of that name");
    let close = |terminal: &mut Terminal| {
        terminal.press("\x1b").expect("a key can be pressed");
        terminal
            .wait_for("the panels", PATIENCE, |screen| {
                !screen.contents().contains("write to a file")
            })
            .expect("it is closed");
    };
    close(&mut terminal);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), saved, "it was kept");
    terminal.press(&format!(":save {to}/no.toml\r")).expect("keys can be pressed");
    sees(&mut terminal, "not written: ");
    // What follows at once would make one key of both.
    close(&mut terminal);
    terminal.press("q").expect("a key can be pressed");
    let (status, _) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 0);
    let out = Command::new(BINARY).args(["run", to, "--format", "json"]).output().expect("it runs");
    let run: Value = serde_json::from_slice(&out.stdout).expect("one JSON document");
    let digest = run["digest"].as_str().expect("it has a digest");
    assert!(saved.contains(digest), "{digest} is not that of\n{saved}");
    assert_eq!(run["simulated_s"], 0.06);
    assert_eq!(run["faults"][0]["command"], "crash web-2");
}

/// A playbook whose server is gone for a second, of which one check says that nothing fails.
const OVER_SOON: &str = "title = \"A server is gone\"\ncluster = \"single-server\"\nlength = \"4s\"\n\
    about = \"What it teaches: one is none.\"\n\
    [[step]]\nat = \"1s\"\ndo = \"crash server for 1s\"\n\
    [[check]]\nname = \"nothing fails\"\nthat = \"failures == 0\"\nhold = [\"end\"]\n";

#[test]
fn a_live_playbook_ends_with_its_verdict_and_its_code() {
    let path = folder("live-verdict").join("over.toml");
    fs::write(&path, OVER_SOON).expect("it can be written");
    let file = path.to_str().expect("a path of letters");
    let args = ["live", file, "--speed", "50"];
    let mut terminal = Terminal::start(BINARY, &args, 24, 80).expect("a terminal");
    terminal
        .wait_for("the verdict", PATIENCE, |screen| {
            let shown = screen.contents();
            ["the playbook is over", "✗ deviated", "nothing fails", "one is none"]
                .iter()
                .all(|word| shown.contains(word))
        })
        .expect("it is told at the end");
    terminal.press(" ").expect("a key can be pressed");
    terminal
        .wait_for("the panels", PATIENCE, |screen| !screen.contents().contains("is over"))
        .expect("another key goes on");
    terminal.press("q").expect("a key can be pressed");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 1, "deviated");
    assert!(screen.contents().contains("verdict deviated: 1 of 1 check did not hold"));
}

#[test]
fn a_live_playbook_that_is_left_early_has_shown_nothing() {
    let path = folder("live-early").join("over.toml");
    fs::write(&path, OVER_SOON).expect("it can be written");
    let file = path.to_str().expect("a path of letters");
    let mut terminal =
        Terminal::start(BINARY, &["live", file, "--paused"], 24, 80).expect("a terminal");
    terminal
        .wait_for("the cluster", PATIENCE, |screen| screen.contents().contains("goodput"))
        .expect("it starts");
    terminal.press("q").expect("a key can be pressed");
    let (status, screen) = terminal.end(PATIENCE).expect("it leaves");
    assert_eq!(status.exit_code(), 3, "inconclusive");
    assert!(screen.contents().contains("no verdict; so far inconclusive"));
}
