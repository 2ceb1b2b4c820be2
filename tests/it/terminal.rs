//! The program as a person meets it: in a real terminal.

use crate::pty::Terminal;
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
