//! The keys, from the table of actions.

use super::text::Line;
use crate::tui::action::{Section, TABLE};
use crate::tui::app::App;
use crate::tui::theme::Role;

/// Width of the column of keys.
pub const KEYS: usize = 11;

/// Each section as a column of lines: its title, then key and sentence. What would do nothing now is
/// dim.
#[must_use]
pub fn help(app: &App) -> Vec<Vec<Line>> {
    Section::ALL.iter().map(|s| section(app, *s)).collect()
}

fn section(app: &App, section: Section) -> Vec<Line> {
    let mut lines = vec![Line::empty().bold(Role::Accent, section.title())];
    for row in TABLE.iter().filter(|r| r.section == section) {
        let (key_role, role) = if row.action.enabled(app) {
            (Role::Accent, Role::Text)
        } else {
            (Role::Dim, Role::Dim)
        };
        let keys = Line::empty().bold(key_role, app.keymap().keys(row.action)).padded(KEYS);
        lines.push(keys.with(role, row.sentence));
    }
    lines
}
