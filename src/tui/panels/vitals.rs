//! The strip of figures: blocks of three rows with small charts, or one row.

use super::lines::put;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::Line;
use crate::tui::view::vitals::Vital;
use crate::tui::widgets::spark;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Which figures a strip of one row shows, in this order, as far as they fit.
const SHORT: [usize; 4] = [0, 1, 2, 5];

/// Draws them.
pub fn draw(vitals: &[Vital], theme: &Theme, area: Rect, buf: &mut Buffer) {
    if area.height >= 3 {
        blocks(vitals, theme, area, buf);
    } else if area.height > 0 {
        row(vitals, theme, area, buf);
    }
}

fn blocks(vitals: &[Vital], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let pitch = (area.width.saturating_sub(1) / vitals.len().max(1) as u16).min(25);
    for (i, vital) in vitals.iter().enumerate() {
        let x = area.x + 1 + i as u16 * pitch;
        let room = pitch.saturating_sub(2);
        let label = put(&Line::dim(vital.label), x, area.y, room, theme, buf);
        let start = label.max(9) + 1;
        let cells = room.saturating_sub(start).min(8);
        let levels = Rect::new(x + start, area.y, cells, 1);
        let columns = vital.spark.iter().map(|(level, role)| (*level, theme.style(*role)));
        spark(columns, 1.0, levels, buf);
        put(&vital.value, x, area.y + 1, room, theme, buf);
        put(&vital.note, x, area.y + 2, room, theme, buf);
    }
}

fn row(vitals: &[Vital], theme: &Theme, area: Rect, buf: &mut Buffer) {
    let gap = if area.width >= 78 { 3 } else { 2 };
    let mut x = 1;
    for vital in SHORT.iter().filter_map(|i| vitals.get(*i)) {
        let line = if area.width >= 78 { &vital.short } else { &bare(vital) };
        let long = line.width() as u16;
        if x + long > area.width {
            break;
        }
        put(line, area.x + x, area.y, long, theme, buf);
        x += long + gap;
    }
}

/// Without the name where the unit tells what it is.
fn bare(vital: &Vital) -> Line {
    match vital.label {
        "goodput" | "available" => {
            let value = vital.value.clone();
            if value.bits.iter().all(|b| b.role == Role::Dim) { vital.short.clone() } else { value }
        }
        _ => vital.short.clone(),
    }
}
