//! What was done to the selection: faults that act on it, and the commands that did before.
//!
//! Whom a command has hit is known from what it was bound to, and not from its words: `cut zone:a|zone:b`
//! hit each node of both zones, and the links between them.

use super::head;
use crate::session::picture::{Marker, Picture};
use crate::sim::fault::Change;
use crate::tui::app::hits;
use crate::tui::format::{age, clock};
use crate::tui::plan::Target;
use crate::tui::theme::Role;
use crate::tui::view::text::Line;

/// Commands of the past that are told.
const COMMANDS: usize = 6;

/// Faults that act on it, oldest first, and commands that hit it and are over, newest first.
pub(super) fn faults(picture: &Picture, target: Target) -> Vec<Line> {
    let mut lines = vec![head("faults here")];
    let hit = |change: &Change| hits::reaches(change, target, picture);
    for fault in picture.faults.iter().filter(|f| hit(&f.change)) {
        let since = age(picture.now.saturating_sub(fault.since));
        let line = Line::of(Role::NodeDown, "✗ ").with(Role::Text, &fault.text);
        lines.push(line.with(Role::Dim, format!("  for {since}")));
    }
    let acts = |m: &Marker| picture.faults.iter().any(|f| (f.since, &f.text) == (m.at, &m.text));
    // What healed everything hit nothing in particular.
    let hit = |m: &&Marker| m.change.as_deref().is_some_and(|c| *c != Change::Heal(None) && hit(c));
    let mut past = picture.markers.iter().rev().filter(hit).filter(|m| !acts(m));
    lines.extend(past.by_ref().take(COMMANDS).map(line));
    match past.count() {
        0 => {}
        more => lines.push(Line::dim(format!("… {more} earlier"))),
    }
    if lines.len() == 1 {
        lines.push(Line::dim("none active, and none before"));
    }
    lines
}

/// `00:12.0  › cut zone:a|zone:b  ended after 3.0 s`.
fn line(marker: &Marker) -> Line {
    let line = Line::dim(format!("{}  ", clock(marker.at)));
    let line = line.with(Role::Marker, "› ").with(Role::Text, &marker.text);
    match marker.ended {
        Some(end) => {
            let length = age(end.saturating_sub(marker.at));
            line.with(Role::Dim, format!("  ended after {length}"))
        }
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chaos::Command;
    use crate::session::Session;
    use crate::sim::time::{MILLISECOND, SECOND};
    use crate::tui::app::hits::everything;
    use crate::tui::app::hits::name;

    /// What is told of something with that name, of a run in which that was done.
    fn told(done: &[(u64, &str)], until: u64, of: &str) -> Vec<String> {
        let playbook = crate::playbook::open("food-delivery").unwrap().into_playbook();
        let mut session = Session::new(&playbook, 7);
        for (at, text) in done {
            session.advance(at * MILLISECOND).unwrap();
            session.inject(&Command::parse(text).unwrap()).unwrap();
        }
        session.advance(until * MILLISECOND).unwrap();
        let picture = session.picture();
        let is = |t: &Target| name(*t, &picture).as_deref() == Some(of);
        let target = everything(&picture).into_iter().find(is).unwrap();
        faults(&picture, target).iter().skip(1).map(Line::plain).collect()
    }

    #[test]
    fn a_cut_of_zones_is_told_of_links_and_nodes_while_it_acts_and_afterwards() {
        let done = [(1_000, "cut zone:a|zone:b for 3s")];
        for of in ["web<->dispatch", "web-2", "web-4", "web", "zone:b"] {
            let now = told(&done, 2_500, of);
            assert_eq!(now, ["✗ cut zone:a|zone:b  for 1.5 s"], "{of}");
            let then = told(&done, 7_000, of);
            assert_eq!(then, ["00:01.0  › cut zone:a|zone:b  ended after 3.0 s"], "{of}");
        }
        assert_eq!(told(&done, 7_000, "web-3"), ["none active, and none before"]);
    }

    #[test]
    fn commands_are_told_of_all_whom_they_hit_in_whatever_words() {
        let done = [
            (1_000, "crash web-2 for 1s"),
            (2_500, "crash web-1,web-3 for 1s"),
            (4_000, "set web.threads=32"),
            (4_500, "slow * factor=2"),
        ];
        let web = told(&done, 5_000, "web");
        assert_eq!(web.len(), 4, "{web:?}");
        assert!(web[0].starts_with("✗ slow * factor=2"), "{web:?}");
        assert!(web[1].ends_with("› set web.threads=32"), "{web:?}");
        assert!(web[2].contains("crash web-1,web-3  ended after 1.0 s"), "{web:?}");
        assert!(web[3].contains("crash web-2  ended after 1.0 s"), "{web:?}");
        let one = told(&done, 5_000, "web-3");
        assert_eq!(one.len(), 3, "{one:?}");
        assert!(one.iter().all(|l| !l.contains("crash web-2")), "{one:?}");
    }

    #[test]
    fn of_many_the_newest_are_told_and_the_others_counted() {
        let done: Vec<(u64, &str)> =
            (1..=9).map(|i| (i * SECOND / MILLISECOND, "flush menus")).collect();
        let told = told(&done, 10_000, "menus");
        assert_eq!(told.len(), COMMANDS + 1);
        assert_eq!(told.last().unwrap(), "… 3 earlier");
    }
}
