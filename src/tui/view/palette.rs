//! The command line as it is drawn.

use super::preview::preview;
use super::text::Line;
use crate::tui::action::Action;
use crate::tui::app::export::Form;
use crate::tui::app::{App, Choice, Export, Find, Palette, save};
use crate::tui::format::{count, counted};
use crate::tui::theme::Role;

/// A line that is typed, with a list of what fits it.
#[derive(Default)]
pub struct PaletteView {
    /// What it is for.
    pub title: &'static str,
    /// The sign before the line.
    pub sign: &'static str,
    /// Cells of a row before what it means.
    pub column: u16,
    /// What is typed.
    pub text: String,
    /// Cells before the cursor.
    pub cursor: usize,
    /// The matches: the command with its typed letters marked, and what it means.
    pub rows: Vec<(Line, String)>,
    /// Which one is chosen.
    pub chosen: Option<usize>,
    /// `3 matches`.
    pub note: String,
    /// What the chosen command would hit, or what was wrong with the latest.
    pub below: Vec<Line>,
}

/// The command line.
#[must_use]
pub fn view(app: &App, palette: &Palette) -> PaletteView {
    let shown = palette.matches().len() as u64;
    let below = match palette.refused() {
        Some(refused) => vec![Line::of(Role::NodeDown, format!("✗ {refused}"))],
        None => below(app, palette),
    };
    let note = match shown {
        0 => String::new(),
        _ if palette.is_astray() => "nothing fits; like it:".to_string(),
        n if palette.is_history() => counted(n, "earlier command"),
        1 => "1 match".to_string(),
        n => format!("{} matches", count(n)),
    };
    let view = PaletteView {
        title: "command",
        sign: ":",
        column: 24,
        note,
        below,
        ..typed(palette.line())
    };
    // Where enter runs what is typed, or could not run anything, no row is marked.
    let chosen = view.chosen.filter(|_| palette.is_chosen() && !fails(&view));
    PaletteView { chosen, ..view }
}

/// Whether enter would run what is typed, and that is no command.
fn fails(view: &PaletteView) -> bool {
    let wrong = view.below.first().and_then(|line| line.bits.first());
    let row = view.chosen.and_then(|i| view.rows.get(i));
    let as_typed = row.is_some_and(|(row, _)| row.plain() == view.text.trim());
    as_typed && wrong.is_some_and(|bit| bit.text.starts_with('✗'))
}

/// What enter would do.
fn below(app: &App, palette: &Palette) -> Vec<Line> {
    let text = palette.would_run();
    match (save::named(text), Action::named(text)) {
        (Some(name), _) => vec![written(name)],
        (None, Some(action)) => vec![done(app, action)],
        (None, None) => told(palette, preview(text, app.picture())),
    }
}

/// What an action of the screen does, and its key; or why it does nothing now.
fn done(app: &App, action: Action) -> Line {
    let row = action.row();
    if !action.enabled(app) {
        let ended = app.has_ended().filter(|_| action.moves_the_world(app));
        let why = ended.unwrap_or_else(|| row.otherwise.to_string());
        return Line::of(Role::NodeWarn, format!("◐ {why}"));
    }
    let line = Line::dim("does       ").with(Role::Text, row.sentence);
    match app.keymap().key(action) {
        Some(key) => line.with(Role::Dim, "   key ").bold(Role::Accent, key),
        None => line,
    }
}

/// The preview; while nothing is typed nothing can be wrong, and a verb without its target is none.
fn told(palette: &Palette, preview: Vec<Line>) -> Vec<Line> {
    let wrong = |line: &Line| line.bits.first().is_some_and(|bit| bit.text.starts_with('✗'));
    let silent = palette.text().trim().is_empty() && preview.iter().any(wrong);
    if silent { Vec::new() } else { preview }
}

/// A line with the rows that fit it.
fn typed(line: &Choice) -> PaletteView {
    let rows = line.rows().iter().map(|m| (marked(&m.text, &m.typed), m.about.clone()));
    PaletteView {
        text: line.text().to_string(),
        cursor: line.cursor(),
        rows: rows.collect(),
        chosen: Some(line.chosen()),
        ..PaletteView::default()
    }
}

/// What would be written under a name.
fn written(name: &str) -> Line {
    match save::asked(name) {
        Ok(save) => Line::dim("writes     ").with(Role::Text, save.form.about()),
        Err(expected) => Line::of(Role::NodeDown, format!("✗ {expected}")),
    }
}

/// Part of a name of what is looked for.
#[must_use]
pub fn find<T: Clone>(title: &'static str, find: &Find<T>) -> PaletteView {
    PaletteView {
        title,
        sign: "/",
        column: 26,
        note: format!("{} of {} names", find.line().rows().len().min(find.known()), find.known()),
        ..typed(find.line())
    }
}

/// The name of a file to write, and what can be written.
#[must_use]
pub fn export(export: &Export) -> PaletteView {
    let rows = Form::ALL
        .iter()
        .map(|(_, ending, about)| (Line::text(format!(".{ending}")), (*about).to_string()));
    let chosen = Form::ALL.iter().position(|(form, ..)| Some(*form) == export.form());
    let refused = export.refused().map(|why| Line::of(Role::NodeWarn, format!("▲ {why}")));
    PaletteView {
        title: "write to a file",
        sign: "›",
        column: 6,
        text: export.text().to_string(),
        cursor: export.cursor(),
        rows: rows.collect(),
        chosen,
        note: String::new(),
        below: refused.into_iter().collect(),
    }
}

/// The letters that were typed stand out.
fn marked(text: &str, typed: &[u32]) -> Line {
    let mut line = Line::empty();
    let mut run = String::new();
    let mut run_typed = false;
    for (i, c) in text.chars().enumerate() {
        let is_typed = typed.binary_search(&(i as u32)).is_ok();
        if is_typed != run_typed && !run.is_empty() {
            line = push(line, run_typed, std::mem::take(&mut run));
        }
        run_typed = is_typed;
        run.push(c);
    }
    push(line, run_typed, run)
}

fn push(line: Line, typed: bool, text: String) -> Line {
    if typed { line.bold(Role::Accent, text) } else { line.with(Role::Text, text) }
}
