//! Splits the screen and draws a frame. Integers only: no constraint is solved.
//!
//! ```text
//!  wide, from 180x52              normal, from 118x36            compact, from 78x20     single
//! ┌ status ─────────────────────┐┌ status ──────────────────┐┌ status ─────────────┐┌ status ───────┐
//! │ vitals                      ││ vitals                   ││ vitals, one row     ││ vitals        │
//! │ cluster                     ││ caption                  ││ caption             ││ tabs          │
//! │                             ││ cluster                  ││ cluster             ││ one panel     │
//! │ chart        │ heat         ││                          ││ chart               ││               │
//! │ time  │ pools│ truth │ why  ││ chart         │ why      ││ why                 ││ why           │
//! │ events│ faults  │ playbook  ││ events        │ faults   ││ faults              ││ goodput       │
//! │ footer                      ││ footer        │ truth    ││ footer, one row     ││ footer        │
//! └─────────────────────────────┘└──────────────────────────┘└─────────────────────┘└───────────────┘
//! ```
//!
//! Captions and the playbook have a place only while one is played. The presenter's form, from 78x20,
//! has a caption, two large figures, the cluster and the chart. Under 40x8 only the vitals and a word
//! on the state remain ([`Form::Tiny`]).

mod layout;

pub use layout::{form, split};

use super::panels;
use super::plan::Detail;
use super::theme::{Theme, ascii};
use super::view::View;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A panel that can have the focus, in the order of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// The picture of the cluster.
    Cluster,
    /// Goodput and latency over time.
    Chart,
    /// The reason why.
    Why,
    /// Active faults.
    Faults,
    /// The log of events.
    Events,
    /// What became of data.
    Truth,
}

impl Panel {
    /// All panels, in the order of their keys.
    pub const ALL: [Panel; 6] =
        [Panel::Cluster, Panel::Chart, Panel::Why, Panel::Faults, Panel::Events, Panel::Truth];

    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Panel::Cluster => "cluster",
            Panel::Chart => "chart",
            Panel::Why => "why",
            Panel::Faults => "faults",
            Panel::Events => "events",
            Panel::Truth => "truth",
        }
    }

    /// The panel after it, or before it, in a circle.
    #[must_use]
    pub fn next(self, forward: bool) -> Panel {
        let step = if forward { 1 } else { Panel::ALL.len() - 1 };
        Panel::ALL[(self as usize + step) % Panel::ALL.len()]
    }
}

/// How a screen of some size is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Everything.
    Wide,
    /// Everything, framed.
    Normal,
    /// The most important, under rules.
    Compact,
    /// Few panels and large figures, for a room.
    Presenter,
    /// One panel at a time.
    Single,
    /// Vitals and a word.
    Tiny,
}

impl Form {
    /// How much the picture of the cluster tells, at most.
    #[must_use]
    pub fn detail(self) -> Detail {
        match self {
            Form::Wide => Detail::Wide,
            Form::Normal | Form::Presenter => Detail::Normal,
            Form::Compact => Detail::Strips,
            Form::Single | Form::Tiny => Detail::Table,
        }
    }
}

/// What a screen is asked to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The panel with the focus: the one that is shown where there is one at a time.
    pub focus: Panel,
    /// Whether that panel has the screen for itself.
    pub alone: bool,
    /// Whether it is shown to a room.
    pub presenter: bool,
    /// Whether a playbook is played.
    pub playbook: bool,
}

impl Default for Shown {
    fn default() -> Shown {
        Shown { focus: Panel::Cluster, alone: false, presenter: false, playbook: false }
    }
}

/// Where everything is; what is not shown has an empty area.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Areas {
    /// How it is laid out.
    pub form: Form,
    /// The whole screen.
    pub screen: Rect,
    /// The top line.
    pub status: Rect,
    /// The strip of figures.
    pub vitals: Rect,
    /// Names of the panels, where there is one at a time.
    pub tabs: Rect,
    /// The panels with their frames, in the order of [`Panel::ALL`].
    pub panels: [Rect; 6],
    /// The table of nodes, under a cluster that has the screen for itself.
    pub nodes: Rect,
    /// The heat map of latencies, as wide as the chart.
    pub heat: Rect,
    /// Where the time of an answer goes.
    pub time: Rect,
    /// Queues and pools.
    pub pools: Rect,
    /// How far the playbook is.
    pub playbook: Rect,
    /// What the playbook says, where it has no panel of its own; the presenter's caption.
    pub caption: Rect,
    /// The presenter's large figures.
    pub figures: Rect,
    /// One line of goodput, where there is one panel at a time.
    pub goodput: Rect,
    /// The selection and the keys.
    pub footer: Rect,
}

impl Areas {
    /// The area of a panel, its frame included.
    #[must_use]
    pub fn of(&self, panel: Panel) -> Rect {
        self.panels[panel as usize]
    }

    /// The area of a panel within its frame.
    #[must_use]
    pub fn inside(&self, panel: Panel) -> Rect {
        self.within(self.of(panel))
    }

    /// What a frame, or a rule, leaves of an area.
    #[must_use]
    pub fn within(&self, area: Rect) -> Rect {
        match self.form {
            Form::Wide | Form::Normal if area.width > 2 && area.height > 2 => {
                Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
            }
            Form::Compact | Form::Presenter if area.height > 0 => {
                Rect { y: area.y + 1, height: area.height - 1, ..area }
            }
            _ => area,
        }
    }

    /// The panel whose name stands at a cell, where there is one panel at a time.
    #[must_use]
    pub fn tab_at(&self, x: u16, y: u16) -> Option<Panel> {
        let here = self.tabs.contains((x, y).into());
        here.then(|| panels::tabs::at(x - self.tabs.x)).flatten()
    }

    /// The panel at a cell.
    #[must_use]
    pub fn panel_at(&self, x: u16, y: u16) -> Option<Panel> {
        Panel::ALL.into_iter().find(|p| self.of(*p).contains((x, y).into()))
    }
}

/// Draws one frame.
pub fn draw(view: &View, theme: &Theme, buf: &mut Buffer) {
    let area = view.areas.screen.intersection(buf.area);
    buf.set_style(area, theme.base());
    if view.areas.form == Form::Tiny {
        panels::tiny::draw(view, theme, area, buf);
    } else {
        panels::draw_all(view, theme, buf);
        super::overlays::draw(view, theme, buf);
    }
    if theme.ascii {
        ascii(buf);
    }
}

#[cfg(test)]
mod tests;
