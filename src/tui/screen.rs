//! Splits the screen and draws a frame. Integers only: no constraint is solved.
//!
//! ```text
//!  wide, from 180x52              normal, from 118x36            compact, from 78x20     single
//! ┌ status ─────────────────────┐┌ status ──────────────────┐┌ status ─────────────┐┌ status ───────┐
//! │ vitals                      ││ vitals                   ││ vitals, one row     ││ vitals        │
//! │ cluster                     ││ cluster                  ││ cluster             ││ tabs          │
//! │                             ││                          ││                     ││ one panel     │
//! │ chart        │ nodes        ││ chart         │ why      ││ chart               ││               │
//! │              │              ││               │ faults   ││ why                 ││ why           │
//! │ events │ faults │ why       ││ events        │ truth    ││ faults              ││ goodput       │
//! │        │ truth  │           ││               │          ││                     ││               │
//! │ footer                      ││ footer                   ││ footer, one row     ││ footer        │
//! └─────────────────────────────┘└──────────────────────────┘└─────────────────────┘└───────────────┘
//! ```
//!
//! Under 40x8 only the vitals and a word on the state remain ([`Form::Tiny`]).

use super::panels;
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
    /// Everything, and a table of nodes.
    Wide,
    /// Everything, framed.
    Normal,
    /// The most important, under rules.
    Compact,
    /// One panel at a time.
    Single,
    /// Vitals and a word.
    Tiny,
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
    /// The table of nodes.
    pub nodes: Rect,
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
            Form::Compact if area.height > 0 => {
                Rect { y: area.y + 1, height: area.height - 1, ..area }
            }
            _ => area,
        }
    }

    /// The panel at a cell.
    #[must_use]
    pub fn panel_at(&self, x: u16, y: u16) -> Option<Panel> {
        Panel::ALL.into_iter().find(|p| self.of(*p).contains((x, y).into()))
    }
}

/// Takes areas off the top or bottom of what is left.
struct Rest(Rect);

impl Rest {
    fn top(&mut self, height: u16) -> Rect {
        let height = height.min(self.0.height);
        let taken = Rect { height, ..self.0 };
        self.0.y += height;
        self.0.height -= height;
        taken
    }

    fn bottom(&mut self, height: u16) -> Rect {
        let height = height.min(self.0.height);
        self.0.height -= height;
        Rect { y: self.0.bottom(), height, ..self.0 }
    }

    fn right(&mut self, width: u16) -> Rest {
        let width = width.min(self.0.width);
        self.0.width -= width;
        Rest(Rect { x: self.0.right(), width, ..self.0 })
    }
}

/// The form of a screen of that size.
#[must_use]
pub fn form(width: u16, height: u16) -> Form {
    match (width, height) {
        (180.., 52..) => Form::Wide,
        (118.., 36..) => Form::Normal,
        (78.., 20..) => Form::Compact,
        (40.., 8..) => Form::Single,
        _ => Form::Tiny,
    }
}

/// Splits a screen. `alone` is the panel that fills it, if one is zoomed; `focus` is the panel shown
/// where there is one at a time.
#[must_use]
pub fn split(screen: Rect, focus: Panel, alone: bool) -> Areas {
    let mut areas = Areas {
        form: form(screen.width, screen.height),
        screen,
        status: Rect::ZERO,
        vitals: Rect::ZERO,
        tabs: Rect::ZERO,
        panels: [Rect::ZERO; 6],
        nodes: Rect::ZERO,
        goodput: Rect::ZERO,
        footer: Rect::ZERO,
    };
    let mut rest = Rest(screen);
    let framed = matches!(areas.form, Form::Wide | Form::Normal);
    areas.status = rest.top(1);
    areas.vitals = rest.top(if framed { 3 } else { 1 });
    areas.footer = rest.bottom(if framed { 2 } else { 1 });
    match areas.form {
        Form::Tiny => {}
        Form::Single => single(&mut areas, rest, focus),
        _ if alone => areas.panels[focus as usize] = rest.0,
        Form::Compact => compact(&mut areas, rest, focus),
        Form::Normal => normal(&mut areas, rest),
        Form::Wide => wide(&mut areas, rest),
    }
    areas
}

fn single(areas: &mut Areas, mut rest: Rest, focus: Panel) {
    areas.tabs = rest.top(1);
    if rest.0.height >= 9 {
        areas.goodput = rest.bottom(1);
    }
    if rest.0.height >= 8 && focus != Panel::Why {
        areas.panels[Panel::Why as usize] = rest.bottom(4);
    }
    areas.panels[focus as usize] = rest.0;
}

fn compact(areas: &mut Areas, mut rest: Rest, focus: Panel) {
    let spare = rest.0.height.saturating_sub(20);
    areas.panels[Panel::Faults as usize] = rest.bottom(if spare >= 3 { 4 } else { 2 });
    areas.panels[Panel::Why as usize] = rest.bottom(3);
    // The picture needs 7 rows below its rule; the rest is shared with the chart.
    let spare = rest.0.height.saturating_sub(15);
    areas.panels[Panel::Cluster as usize] = rest.top(8 + spare / 2);
    if rest.0.height > 16 {
        areas.panels[Panel::Events as usize] = rest.bottom(5);
    }
    areas.panels[Panel::Chart as usize] = rest.0;
    // A panel that has no place of its own takes that of the chart while it has the focus.
    if areas.of(focus).is_empty() {
        areas.panels.swap(focus as usize, Panel::Chart as usize);
    }
}

fn normal(areas: &mut Areas, mut rest: Rest) {
    let spare = rest.0.height.saturating_sub(28);
    areas.panels[Panel::Cluster as usize] =
        rest.top(11 + spare.min(4) + spare.saturating_sub(4) / 3);
    let mut right = rest.right((rest.0.width * 46 / 120).clamp(40, 64));
    let below = rest.0.height;
    areas.panels[Panel::Chart as usize] = rest.top(below * 12 / 19);
    areas.panels[Panel::Events as usize] = rest.0;
    areas.panels[Panel::Truth as usize] = right.bottom(6);
    let above = right.0.height;
    areas.panels[Panel::Why as usize] = right.top(above * 8 / 13);
    areas.panels[Panel::Faults as usize] = right.0;
}

fn wide(areas: &mut Areas, mut rest: Rest) {
    let spare = rest.0.height.saturating_sub(46);
    areas.panels[Panel::Cluster as usize] = rest.top(16 + spare / 3);
    let mut middle = Rest(rest.top(17 + spare / 3));
    areas.nodes = middle.right(middle.0.width / 2).0;
    areas.panels[Panel::Chart as usize] = middle.0;
    let mut why = rest.right(rest.0.width * 32 / 100);
    let mut right = rest.right(rest.0.width * 42 / 100);
    areas.panels[Panel::Events as usize] = rest.0;
    areas.panels[Panel::Truth as usize] = right.bottom(6);
    areas.panels[Panel::Faults as usize] = right.0;
    areas.panels[Panel::Why as usize] = why.top(u16::MAX);
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
mod tests {
    use super::*;

    /// Every cell belongs to at most one part, and no part leaves the screen.
    #[test]
    fn parts_never_overlap() {
        for (width, height) in [
            (200, 60),
            (180, 52),
            (120, 40),
            (118, 36),
            (80, 23),
            (78, 20),
            (60, 18),
            (40, 8),
            (20, 5),
            (300, 90),
            (1, 1),
            (0, 0),
        ] {
            for focus in Panel::ALL {
                for alone in [false, true] {
                    let screen = Rect::new(0, 0, width, height);
                    let areas = split(screen, focus, alone);
                    let mut parts = vec![areas.status, areas.vitals, areas.tabs, areas.nodes];
                    parts.extend([areas.goodput, areas.footer]);
                    parts.extend(areas.panels);
                    parts.retain(|p| !p.is_empty());
                    for (i, a) in parts.iter().enumerate() {
                        assert_eq!(a.intersection(screen), *a);
                        for b in &parts[i + 1..] {
                            assert!(!a.intersects(*b), "{width}x{height} {focus:?}: {a:?} {b:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_designed_sizes_have_the_designed_parts() {
        let normal = split(Rect::new(0, 0, 120, 40), Panel::Cluster, false);
        assert_eq!(normal.of(Panel::Cluster), Rect::new(0, 4, 120, 15));
        assert_eq!(normal.of(Panel::Chart), Rect::new(0, 19, 74, 12));
        assert_eq!(normal.of(Panel::Events), Rect::new(0, 31, 74, 7));
        assert_eq!(normal.of(Panel::Why), Rect::new(74, 19, 46, 8));
        assert_eq!(normal.of(Panel::Faults), Rect::new(74, 27, 46, 5));
        assert_eq!(normal.of(Panel::Truth), Rect::new(74, 32, 46, 6));
        let compact = split(Rect::new(0, 0, 80, 23), Panel::Cluster, false);
        assert_eq!(compact.of(Panel::Cluster).height, 8);
        assert_eq!(compact.of(Panel::Chart).height, 7);
        assert_eq!(compact.of(Panel::Why).height, 3);
        assert_eq!(compact.of(Panel::Faults).height, 2);
        for hidden in [Panel::Events, Panel::Truth] {
            assert!(compact.of(hidden).is_empty());
            let shown = split(Rect::new(0, 0, 80, 23), hidden, false);
            assert_eq!(shown.of(hidden), compact.of(Panel::Chart));
            assert!(shown.of(Panel::Chart).is_empty());
        }
    }
}
