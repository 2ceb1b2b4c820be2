//! Who may import whom.

use super::offence;
use super::source::Source;

/// The rooms from top to bottom, each with the rooms that it may import.
const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("cli", &["tui", "report", "session", "playbook", "chaos", "observe", "sim"]),
    ("tui", &["session", "playbook", "chaos", "observe", "sim"]),
    ("report", &["session", "playbook", "chaos", "observe", "sim"]),
    ("session", &["playbook", "chaos", "observe", "sim"]),
    ("playbook", &["chaos", "observe", "sim"]),
    ("chaos", &["observe", "sim"]),
    ("observe", &["sim"]),
    ("sim", &[]),
];

/// What panels and overlays may see beside `tui`: plain data that view data is made of.
const PLAIN_DATA: &[&str] = &["session::picture", "sim::time", "sim::observation"];

/// What they may not see even within `tui`: what owns the session, the terminal and the input.
const SHELL: &[&str] = &["tui::driver", "tui::terminal", "tui::input"];

/// Rooms import only rooms below them. Tests may look up: a test of the world reads a cluster file.
pub fn rooms(source: &Source) -> Vec<String> {
    let Some(room) = source.room().filter(|room| *room != "lib") else { return Vec::new() };
    let Some((_, below)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        let what = format!("`{room}` is no room of the map: add it to ROOMS and ARCHITECTURE.md");
        return vec![offence(source, 1, &what)];
    };
    let known = |path: &str| ROOMS.iter().find(|(name, _)| first(path) == *name).map(|(n, _)| *n);
    source
        .imports()
        .into_iter()
        .filter_map(|(line, path)| Some((line, known(&path)?)))
        .filter(|(_, other)| *other != room && !below.contains(other))
        .map(|(line, other)| {
            let what = format!(
                "`{room}` may not import `{other}`, which lies above it: move what both need down, \
                 or pass it in"
            );
            offence(source, line, &what)
        })
        .collect()
}

/// Panels and overlays read view data; widgets know nothing of ours but the theme.
pub fn screen(source: &Source) -> Vec<String> {
    let (seen, instead): (fn(&str) -> bool, &str) = if source.path.starts_with("src/tui/widgets") {
        (widget_may_see, "a widget knows only `tui::theme` and other widgets: pass plain values")
    } else if in_screen(&source.path) {
        (panel_may_see, "panels and overlays read view data only: put it into `tui::view`")
    } else {
        return Vec::new();
    };
    source
        .imports()
        .into_iter()
        .filter(|(_, path)| !seen(path))
        .map(|(line, path)| offence(source, line, &format!("`{path}`: {instead}")))
        .collect()
}

/// Whether a file draws view data.
pub fn in_screen(path: &str) -> bool {
    ["src/tui/panels", "src/tui/overlays"].iter().any(|folder| path.starts_with(folder))
}

fn widget_may_see(path: &str) -> bool {
    within(path, "tui::theme") || within(path, "tui::widgets")
}

fn panel_may_see(path: &str) -> bool {
    (within(path, "tui") && !SHELL.iter().any(|shell| within(path, shell)))
        || PLAIN_DATA.iter().any(|data| within(path, data))
}

fn first(path: &str) -> &str {
    path.split("::").next().unwrap_or(path)
}

fn within(path: &str, root: &str) -> bool {
    path == root || path.strip_prefix(root).is_some_and(|rest| rest.starts_with("::"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offences(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> usize {
        rule(&Source::new(path, text)).len()
    }

    #[test]
    fn an_arrow_that_points_back_is_an_offence() {
        assert_eq!(offences(rooms, "src/sim/world.rs", "use crate::observe::Window;"), 1);
        assert_eq!(offences(rooms, "src/chaos.rs", "use crate::{sim::id, session::Session};"), 1);
        assert_eq!(offences(rooms, "src/report/text.rs", "fn f(x: super::super::tui::App) {}"), 1);
        assert_eq!(offences(rooms, "src/main.rs", "use brownout::sim::World;"), 1);
        assert_eq!(offences(rooms, "src/lab.rs", ""), 1);
    }

    #[test]
    fn an_arrow_down_and_a_test_that_looks_up_are_none() {
        assert_eq!(offences(rooms, "src/observe.rs", "use crate::sim::id::NodeId;"), 0);
        assert_eq!(offences(rooms, "src/sim/a.rs", "use super::agenda; use crate::sim::b;"), 0);
        let test = "#[cfg(test)]\nmod tests { use crate::playbook::cluster; }";
        assert_eq!(offences(rooms, "src/sim/a.rs", test), 0);
    }

    #[test]
    fn a_panel_that_sees_the_world_is_an_offence() {
        for path in ["sim::World", "sim::world::World", "session::Session", "tui::driver::Driver"] {
            let text = format!("use crate::{path};");
            assert_eq!(offences(screen, "src/tui/panels/why.rs", &text), 1, "{path}");
            assert_eq!(offences(screen, "src/tui/overlays/help.rs", &text), 1, "{path}");
        }
        let fine = "use crate::tui::{theme::Theme, view::View}; use crate::session::picture::Tone;";
        assert_eq!(offences(screen, "src/tui/panels/why.rs", fine), 0);
    }

    #[test]
    fn a_widget_that_knows_the_domain_is_an_offence() {
        let path = "src/tui/widgets/gauge.rs";
        assert_eq!(offences(screen, path, "use crate::session::picture::Node;"), 1);
        assert_eq!(offences(screen, path, "use super::super::view::View;"), 1);
        assert_eq!(offences(screen, path, "use crate::tui::theme::Role; use super::bar;"), 0);
    }
}
