//! Slow motion: each sign on a link is a real message, where it is now.

use super::Pen;
use crate::session::picture::{Message, Picture};
use crate::tui::plan::{Link, Plan};
use crate::tui::theme::Role;

/// At this speed and slower, pulses give way to messages.
pub(super) const SLOW: f64 = 0.1;
/// At this speed and slower, each carries the letter of its class.
const LETTERS: f64 = 0.01;

/// `m menu  o order   × failed   faint = its answer`: the letters with their classes, or the sign of
/// all of them.
pub(super) fn legend(picture: &Picture, speed: f64, short: bool) -> String {
    let calls = if speed <= LETTERS + f64::EPSILON {
        let classes = picture.topology.classes.iter();
        let named =
            classes.filter_map(|(name, _)| Some(format!("{} {name}", name.chars().next()?)));
        named.collect::<Vec<_>>().join("  ")
    } else {
        "● one call".to_string()
    };
    let answers = if short { "" } else { "   faint = its answer" };
    format!("{calls}   × failed{answers}")
}

/// Draws those of the picture. Answers are faint, and lie under calls where both are in one cell.
pub(super) fn draw(pen: &mut Pen, plan: &Plan) {
    let picture = pen.picture;
    for reply in [true, false] {
        for message in picture.messages.iter().filter(|m| m.reply == reply) {
            if let Some(at) = plan.links.get(message.flow).and_then(|l| place(plan, l, message)) {
                one(pen, at, message);
            }
        }
    }
}

fn one(pen: &mut Pen, (x, y): (u16, u16), message: &Message) {
    let role = match (message.failed, message.reply) {
        (true, _) => Role::FlowFail,
        (false, true) => Role::Dim,
        (false, false) => Role::FlowOk,
    };
    let style = pen.ink(role);
    let letter = message.letter.to_string();
    let sign = match pen.look.speed <= LETTERS + f64::EPSILON {
        _ if message.failed => "×",
        true if crate::tui::widgets::width(&letter) == 1 => &letter,
        _ => "●",
    };
    pen.put(x, y, sign, 1, style);
}

/// The cell of a message: its way along the trunk and the branch to its node, up to the arrow, which stays.
fn place(plan: &Plan, link: &Link, message: &Message) -> Option<(u16, u16)> {
    let trunk = &link.legs.first()?.cells;
    let branch = link.legs.iter().skip(1).find(|leg| leg.node == Some(message.node));
    // A branch leaves the trunk where it is as far from the source: what comes after is not passed.
    let fork = branch.and_then(|b| b.cells.first()).map_or(u16::MAX, |c| c.2);
    let mut before: Vec<(u16, u16)> = match branch {
        Some(leg) => {
            let own = leg.cells.iter().map(|c| (c.0, c.1));
            let trunk = trunk.iter().filter(|c| c.2 < fork).map(|c| (c.0, c.1));
            trunk.chain(upright(link, *leg.cells.first()?)).chain(own).collect()
        }
        None => trunk.iter().map(|c| (c.0, c.1)).collect(),
    };
    before.retain(|&(x, y)| !plan.wire(x, y).is_some_and(|wire| wire.arrow));
    let last = before.len().checked_sub(1)?;
    let at = (message.way.clamp(0.0, 1.0) * last as f64 + 0.5) as usize;
    before.get(at.min(last)).copied()
}

/// The cells between the end of the trunk and the first of a branch, which lies level with it or
/// straight above or below it.
fn upright(link: &Link, first: (u16, u16, u16)) -> Vec<(u16, u16)> {
    let Some(end) = link.legs[0].cells.last() else { return Vec::new() };
    let (low, high) = (end.1.min(first.1), end.1.max(first.1));
    let between = (low + 1..high).map(|y| (first.0, y));
    if end.1 < first.1 { between.collect() } else { between.rev().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example::{self, WEB};
    use crate::tui::plan::Detail;

    fn message(flow: usize, node: usize, way: f64) -> Message {
        Message { flow, node, way, reply: false, failed: false, letter: 'm', request: 1 }
    }

    #[test]
    fn the_letters_are_explained() {
        let picture = example::at_rest();
        let (first, _) = &picture.topology.classes[0];
        let letters = legend(&picture, 0.01, false);
        let wanted = format!("{} {first}", first.chars().next().unwrap());
        assert!(letters.starts_with(&wanted) && letters.contains("× failed"), "{letters}");
        assert_eq!(legend(&picture, 0.1, true), "● one call   × failed");
    }

    #[test]
    fn a_message_moves_from_its_source_to_its_node() {
        let picture = example::at_rest();
        let plan = Plan::new((198, 17), &picture, Detail::Wide);
        let (edge, web) = (plan.place(1).unwrap().area, plan.place(WEB).unwrap());
        for node in 0..4 {
            let link = &plan.links[1];
            let at = |way| place(&plan, link, &message(1, node, way)).unwrap();
            assert_eq!(at(0.0).0, edge.right());
            // The arrow is not written over.
            assert_eq!(at(1.0), (web.area.x - 2, web.row(node).y), "{node}");
            let path: Vec<_> = (0..=200).map(|i| at(f64::from(i) / 200.0)).collect();
            let jumps = path.windows(2).map(|p| p[0].0.abs_diff(p[1].0) + p[0].1.abs_diff(p[1].1));
            assert!(jumps.max() == Some(1), "{node}: {path:?}");
        }
    }
}
