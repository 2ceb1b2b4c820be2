//! Rows of the lists: which one is selected, which kinds of events are shown, and where the commands
//! stand among them.

use super::find::{Find, Sought};
use super::hits::hits;
use super::{App, Effect, Overlay, mentions};
use crate::session::picture::{Line, Picture, Tone};
use crate::tui::feed::Suggestion;
use crate::tui::screen::Panel;

/// A page is scrolled at most so far. What is drawn clamps as well; this keeps the way back short.
const MOST: u16 = 400;

/// Which events are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// What people and playbooks did.
    Commands,
    /// What went wrong or may.
    Trouble,
    /// What went well: detected, elected, back.
    Good,
    /// What names that node, or that component or one of its nodes.
    Of(String, Vec<String>),
    /// What has these words in it.
    With(String),
}

impl Filter {
    /// The kinds of events, with what they are.
    const KINDS: [(Filter, &str); 4] = [
        (Filter::All, "every event"),
        (Filter::Commands, "what people and playbooks did"),
        (Filter::Trouble, "what went wrong or may"),
        (Filter::Good, "what went well"),
    ];

    /// Its word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Filter::All => "all",
            Filter::Commands => "commands",
            Filter::Trouble => "trouble",
            Filter::Good => "good news",
            Filter::Of(text, _) | Filter::With(text) => text,
        }
    }

    /// Whether it shows a line.
    #[must_use]
    pub fn shows(&self, line: &Line) -> bool {
        match self {
            Filter::All => true,
            Filter::Commands => line.tone == Tone::Command,
            Filter::Trouble => matches!(line.tone, Tone::Warning | Tone::Bad),
            Filter::Good => line.tone == Tone::Good,
            Filter::Of(name, nodes) => {
                std::iter::once(name).chain(nodes).any(|name| mentions(&line.text, name))
            }
            Filter::With(words) => line.text.to_lowercase().contains(&words.to_lowercase()),
        }
    }

    /// All that can be asked for by name, in a picture.
    fn named(picture: &Picture) -> impl Iterator<Item = (Suggestion, Filter)> {
        let kinds = Filter::KINDS.into_iter().map(|(filter, about)| {
            (Suggestion { text: filter.word().to_string(), about: about.to_string() }, filter)
        });
        let of = |name: &str, nodes: Vec<String>, about: String| {
            (Suggestion { text: name.to_string(), about }, Filter::Of(name.to_string(), nodes))
        };
        let owners = picture.components.iter().flat_map(move |c| {
            let several = c.nodes.len() > 1;
            let nodes = c.nodes.iter().filter(move |_| several);
            let own = c.nodes.iter().map(|n| n.name.to_string()).collect();
            std::iter::once(of(&c.name, own, c.kind.to_string()))
                .chain(nodes.map(move |n| of(&n.name, Vec::new(), format!("a node of {}", c.name))))
        });
        kinds.chain(owners)
    }
}

impl App {
    /// Which events are shown.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The events that are shown, oldest first.
    pub fn events(&self) -> impl DoubleEndedIterator<Item = &Line> {
        self.picture().events.iter().filter(|line| self.filter.shows(line))
    }

    /// Lets a person say which events are shown.
    pub(super) fn ask_for_a_filter(&mut self) {
        let named = Filter::named(self.picture());
        let find = Find::among(self.filter.clone(), named);
        let find = find.or_text(|text| Filter::With(text.to_string()), "events with these words");
        self.overlay = Overlay::Filter(Box::new(find));
    }

    /// Shows the events that are asked for, while they are.
    pub(super) fn filtered(&mut self, sought: Sought<Filter>) -> Effect {
        let (filter, over) = match sought {
            Sought::Looking(filter) => (Some(filter), false),
            Sought::Found => (None, true),
            Sought::GivenUp(before) => (Some(before), true),
        };
        if let Some(filter) = filter.filter(|f| *f != self.filter) {
            self.filter = filter;
            self.scroll = 0;
        }
        if over {
            self.overlay = Overlay::None;
        }
        Effect::None
    }

    /// The last row of the list with the focus, counted from the row that is selected at first.
    fn last_row(&self) -> u16 {
        let rows = match self.focus {
            Panel::Events => self.events().count(),
            Panel::Faults => self.picture().faults.len(),
            _ => return MOST,
        };
        rows.saturating_sub(1).min(usize::from(u16::MAX)) as u16
    }

    /// Scrolls by lines: positive is towards the top. The events count from their end.
    pub(super) fn scroll_by(&mut self, lines: i32) {
        let by = lines.unsigned_abs() as u16;
        let back = |at: u16| if lines > 0 { at.saturating_sub(by) } else { at.saturating_add(by) };
        match &mut self.overlay {
            Overlay::Help(at) | Overlay::Why(at) | Overlay::Verdict(at) => {
                *at = back(*at).min(MOST);
            }
            Overlay::Details(details) => details.from = back(details.from).min(MOST),
            Overlay::Palette(_)
            | Overlay::Find(_)
            | Overlay::Filter(_)
            | Overlay::Export(_)
            | Overlay::Question(_) => {}
            Overlay::None => {
                let at = if self.focus == Panel::Events {
                    let to_newer = lines < 0;
                    let at = self.scroll;
                    if to_newer { at.saturating_sub(by) } else { at.saturating_add(by) }
                } else {
                    back(self.scroll)
                };
                self.row_to(at);
            }
        }
    }

    /// To the first row, or the last, of what lies on top.
    pub(super) fn go_to_end(&mut self, last: bool) {
        let end = if last { MOST } else { 0 };
        match &mut self.overlay {
            Overlay::Help(at) | Overlay::Why(at) | Overlay::Verdict(at) => *at = end,
            Overlay::Details(details) => details.from = end,
            Overlay::Palette(_)
            | Overlay::Find(_)
            | Overlay::Filter(_)
            | Overlay::Export(_)
            | Overlay::Question(_) => {}
            Overlay::None if self.focus == Panel::Cluster => self.select_end(last),
            // The newest event is the last, and counts as row 0.
            Overlay::None if (self.focus == Panel::Events) == last => self.row_to(0),
            Overlay::None => self.row_to(u16::MAX),
        }
    }

    /// Selects the first or last component, where the cluster is a list.
    fn select_end(&mut self, last: bool) {
        let n = self.picture().components.len();
        let at = if last { n.checked_sub(1) } else { (n > 0).then_some(0) };
        self.selection = at.map(crate::tui::plan::Target::Component).or(self.selection);
    }

    /// Selects a row; of a fault also what it hits.
    fn row_to(&mut self, row: u16) {
        self.scroll = row.min(self.last_row());
        if self.focus != Panel::Faults {
            return;
        }
        // Newest first, as they are listed.
        let fault = self.picture().faults.iter().rev().nth(self.scroll as usize);
        let hit = fault.and_then(|f| hits(&f.change, self.picture()).first().copied());
        self.selection = hit.or(self.selection);
    }

    /// Keeps the selected event selected while newer ones come: they count from the newest.
    pub(super) fn stay_on_row(&mut self, next: &Picture) {
        if self.focus != Panel::Events || self.scroll == 0 {
            return;
        }
        let shown = |line: &&Line| self.filter.shows(line);
        let Some(newest) = self.picture().events.iter().rev().find(shown) else { return };
        let newer = next.events.iter().rev().filter(shown).position(|line| line == newest);
        self.scroll = self.scroll.saturating_add(newer.unwrap_or(0) as u16);
    }

    /// The row of the command before or after the selected event. At first the newest is before.
    pub(super) fn marker_row(&self, after: bool) -> Option<u16> {
        let all: Vec<&Line> = self.events().rev().collect();
        let here = if self.focus == Panel::Events { self.scroll as usize } else { 0 };
        let is = |i: &usize| all[*i].tone == Tone::Command;
        let row = if after {
            (0..here.min(all.len())).rev().find(is)
        } else {
            let on_first = self.focus != Panel::Events;
            (here + usize::from(!on_first)..all.len()).find(is)
        };
        row.map(|i| i as u16)
    }

    /// Goes to that command in the events.
    pub(super) fn go_to_marker(&mut self, after: bool) {
        let Some(row) = self.marker_row(after) else { return };
        self.focus_on(Panel::Events);
        self.row_to(row);
    }
}
