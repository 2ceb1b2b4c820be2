//! The program as a person meets it: in a real terminal.

use crate::pty::Terminal;
use crate::support::{command, session};
use std::time::Duration;

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
