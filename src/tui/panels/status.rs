//! The top line.

use super::lines::{put, put_right};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::status::Status;
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Cells of the name of the world, of which more go before anything else does.
const NAME: usize = 13;

/// Draws it: what does not fit is left out, the clock and the faults last.
pub fn draw(status: &Status, theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    let gap = if area.width >= 100 { "   " } else { "  " };
    let keys = keys(status, area.width);
    put_right(&keys, area.x, area.y, area.width, theme, buf);
    let before_keys = area.width.saturating_sub(keys.width() as u16);
    let room = before_keys.saturating_sub(status.faults.width() as u16 + gap.len() as u16);
    put(&status.faults, area.x + room, area.y, before_keys - room, theme, buf);
    put(&left(status, gap, room), area.x, area.y, room.saturating_sub(1), theme, buf);
}

/// Program, cluster, pace, clock, seed: as many as fit.
fn left(status: &Status, gap: &str, room: u16) -> Line {
    let name = Line::text(" ").bold(Role::Accent, "brownout");
    let time = Line::text(gap)
        .then(status.pace.clone())
        .with(Role::Text, gap)
        .bold(Role::Text, &status.clock);
    let seed = Line::dim(format!("{gap}{}", status.seed));
    // Of the pace the sign and the speed.
    let pace: Vec<&str> = status.pace.bits.iter().map(|bit| bit.text.as_str()).collect();
    let pace: String = pace.concat().split_inclusive(' ').take(2).collect();
    let role = status.pace.bits.first().map_or(Role::Text, |bit| bit.role);
    let least = Line::of(role, format!(" {} ", pace.trim_end())).bold(Role::Text, &status.clock);
    // The name of the world stays longer than that of the program, and than what else is told of the
    // pace, which comes and goes. Of a long one the end goes first.
    let all = [
        (name.clone().with(Role::Dim, "  "), time.clone().then(seed)),
        (name.clone().with(Role::Dim, "  "), time.clone()),
        (name.with(Role::Dim, "  "), Line::text(" ").then(least.clone())),
        (Line::text(" "), Line::text(" ").then(time.clone())),
        (Line::text(" "), Line::text(" ").then(least.clone())),
    ];
    let named = |(before, after): &(Line, Line)| {
        let cells = usize::from(room).checked_sub(before.width() + after.width() + 1)?;
        let is_enough = cells >= width(&status.cluster).min(NAME);
        let name = fit(&status.cluster, cells);
        is_enough.then(|| before.clone().with(Role::Dim, name).then(after.clone()))
    };
    let nameless = Some(time).filter(|time| time.width() < usize::from(room));
    all.iter().find_map(named).or(nameless).unwrap_or(least)
}

fn keys(status: &Status, cells: u16) -> Line {
    let mut line = Line::empty();
    for (key, word) in &status.keys {
        let word = match cells {
            100.. => format!(" {word}   "),
            78.. if *word == "command" => " cmd  ".to_string(),
            78.. if *word == "quit" => continue,
            78.. => format!(" {word}  "),
            _ => " ".to_string(),
        };
        line = line.bold(Role::Accent, key).with(Role::Dim, word);
    }
    if cells >= 78 {
        // One cell from the edge.
        let text = line.bits.last_mut().map(|b| &mut b.text);
        if let Some(text) = text {
            *text = format!("{} ", text.trim_end());
        }
    }
    line
}
