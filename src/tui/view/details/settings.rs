//! Settings with their values and where these come from, and what changing one would run.

use super::{DetailsView, head};
use crate::chaos::setting;
use crate::session::picture::{Origin, Setting};
use crate::tui::app::{App, Details};
use crate::tui::theme::Role;
use crate::tui::view::text::Line;
use crate::tui::widgets::{fit, wrap};

/// Cells of a name; of a longer one the end is cut, and the command under the settings has it whole.
const NAME: usize = 16;
/// Cells of a sentence under them.
const WIDE: usize = 36;
/// Cells of a value.
const VALUE: usize = 9;
/// Cells before where a value comes from: of its sign, its name and itself, each with a gap.
const BEFORE: usize = NAME + VALUE + 4;

/// Fills in the settings of the selection.
pub(super) fn settings(view: &mut DetailsView, app: &App, open: &Details) {
    let Some(component) = app.selected_component().filter(|c| !c.settings.is_empty()) else {
        return;
    };
    let title = format!("settings of {}", component.name);
    view.settings.push(head(&fit(&title, NAME + VALUE)).padded(BEFORE).with(Role::Dim, "from"));
    for (i, setting) in component.settings.iter().enumerate() {
        let focused = open.focus() == Some(i);
        view.settings.push(line(setting, focused, open.typed().filter(|_| focused)));
        if focused {
            view.focus = Some(i + 1);
        }
    }
    let Some((component, setting)) = app.focused_setting() else {
        if component.settings.iter().any(|s| s.live) {
            view.below.push(Line::dim("↑ ↓ choose one to change"));
        }
        return;
    };
    if let Some(refused) = open.refused() {
        let lines = wrap(&format!("✗ {refused}"), WIDE);
        view.below.extend(lines.into_iter().map(|line| Line::of(Role::NodeDown, line)));
    } else if let Ok(row) = setting::row(component.kind, setting.name) {
        view.below.extend(wrap(row.about, WIDE).into_iter().map(Line::dim));
    }
    let value = open.typed().map_or(setting.value.as_str(), |(text, _)| text);
    if let Some(command) = app.set_command(value.trim()) {
        view.below.push(Line::dim("runs: ").with(Role::Text, command));
    }
}

/// `▸ threads       64    default`; bold where it is no default, dim where it is fixed.
fn line(setting: &Setting, focused: bool, typed: Option<(&str, usize)>) -> Line {
    let role = match (focused, setting.live) {
        (true, _) => Role::Accent,
        (false, true) => Role::Text,
        (false, false) => Role::Dim,
    };
    let mark = Line::of(Role::Accent, if focused { "▸ " } else { "  " });
    let line = mark.with(role, fit(setting.name, NAME)).padded(NAME + 3);
    if let Some((text, cursor)) = typed {
        // The end around the cursor, where it is longer than its place.
        let skipped = (cursor + 1).saturating_sub(VALUE);
        let shown: String = text.chars().skip(skipped).take(VALUE).collect();
        return line.bold(Role::Accent, shown).with(Role::Accent, "▏");
    }
    let value = fit(&setting.value, VALUE);
    let line = match setting.origin {
        Origin::Default => line.with(role, value),
        Origin::File | Origin::Set => line.bold(role, value),
    };
    let from = match (setting.live, setting.origin) {
        (false, _) => "fixed",
        (true, origin) => origin.word(),
    };
    let from_role = if setting.origin == Origin::Set { Role::Marker } else { Role::Dim };
    line.padded(BEFORE).with(from_role, from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_a_gap_before_its_value() {
        let setting = Setting {
            name: "memory_per_request",
            value: "1MB".into(),
            live: true,
            file: "1MB".into(),
            origin: Origin::Default,
        };
        let told = line(&setting, false, None).plain();
        assert!(told.contains(" 1MB "), "{told}");
    }
}
