//! What a room is shown: a caption and two figures.

use super::text::Line;
use crate::tui::app::App;
use crate::tui::format::{figure, percent};
use crate::tui::theme::Role;

/// A figure five rows high.
#[derive(Clone, Debug, PartialEq)]
pub struct Big {
    /// What it is.
    pub label: Line,
    /// The figure.
    pub text: String,
    /// Its colour.
    pub role: Role,
}

/// All of it.
#[derive(Clone, Debug, PartialEq)]
pub struct PresenterView {
    /// What the playbook says; the reason why where none is played.
    pub caption: String,
    /// What comes next in the playbook.
    pub next: String,
    /// Goodput and what failed.
    pub figures: [Big; 2],
}

/// Makes it.
#[must_use]
pub fn presenter(app: &App) -> PresenterView {
    let played = super::playbook::playbook(app);
    let said = app.caption().and(played.as_ref()).map(|p| p.say.clone());
    PresenterView {
        caption: said.unwrap_or_else(|| app.why().text.clone()),
        next: played.map_or(String::new(), |p| p.next),
        figures: [goodput(app), failed(app)],
    }
}

fn goodput(app: &App) -> Big {
    let v = app.vitals();
    let short = v.goodput < v.offered * 0.95;
    let label = Line::empty().bold(Role::Text, "GOODPUT").with(Role::Dim, " per second");
    let of = if short { format!("  ▼ of {}", figure(v.offered)) } else { String::new() };
    let label = label.with(Role::NodeWarn, of);
    Big { label, text: figure(v.goodput), role: Role::FlowOk }
}

fn failed(app: &App) -> Big {
    let v = app.vitals();
    let share = v.failed.unwrap_or(0.0);
    let label = Line::empty().bold(Role::Text, "FAILED");
    let label = match v.reason.filter(|_| share > 0.0) {
        Some((reason, _)) => label.with(Role::FlowFail, format!("  ▲ {}", reason.word())),
        None => label,
    };
    let role = if share > 0.0 { Role::FlowFail } else { Role::Dim };
    Big { label, text: v.failed.map_or_else(|| "–".to_string(), percent), role }
}
