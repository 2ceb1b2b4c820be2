//! Carrying out actions.

use super::details::Details;
use super::find::Find;
use super::{App, Effect, Filter, Overlay, SPANS};
use crate::sim::time::MILLISECOND;
use crate::tui::action::Action;
use crate::tui::feed::{Order, next_speed};
use crate::tui::plan::{Target, Way};
use crate::tui::screen::Panel;

/// How far a step goes.
const STEP: u64 = 10 * MILLISECOND;

impl App {
    /// Carries out an action; what the driver must be told.
    pub fn update(&mut self, action: Action) -> Effect {
        match action {
            Action::Crash
            | Action::Freeze
            | Action::Power
            | Action::Cache
            | Action::Restart
            | Action::Promote
            | Action::Heal
            | Action::Undo => self.send(action),
            Action::Cut => self.cut(),
            Action::Slow
            | Action::Errors
            | Action::Delay
            | Action::Lose
            | Action::Traffic
            | Action::Palette => self.begin(action),
            Action::Pause => {
                let paused = !self.pace().paused;
                self.asked.paused = Some(paused);
                Effect::Order(Order::Pause(paused))
            }
            Action::Step => Effect::Order(Order::Step(STEP)),
            Action::StepEvent => Effect::Order(Order::StepEvent),
            Action::NextStep => self.go_on(),
            Action::Predict => self.ask(),
            Action::Faster => self.order_speed(next_speed(self.pace().speed, true)),
            Action::Slower => self.order_speed(next_speed(self.pace().speed, false)),
            Action::RealTime => self.order_speed(1.0),
            Action::Quit => Effect::Quit,
            Action::Suspend => Effect::Suspend,
            Action::Left | Action::Right | Action::Open | Action::Reset
                if matches!(self.overlay, Overlay::Details(_)) =>
            {
                self.on_setting(action)
            }
            look => {
                self.look_at(look);
                Effect::None
            }
        }
    }

    fn order_speed(&mut self, speed: f64) -> Effect {
        self.asked.speed = Some(speed);
        Effect::Order(Order::Speed(speed))
    }

    /// Actions that change only what is shown.
    fn look_at(&mut self, action: Action) {
        match action {
            Action::Left => self.go(Way::Left),
            Action::Right => self.go(Way::Right),
            Action::Up => self.up_or_down(true),
            Action::Down => self.up_or_down(false),
            Action::First => self.go_to_end(false),
            Action::Last => self.go_to_end(true),
            Action::PreviousMarker => self.go_to_marker(false),
            Action::NextMarker => self.go_to_marker(true),
            Action::Open => self.open(),
            Action::Settings => {
                let details = Details::on_settings(self.selected_component());
                self.overlay = Overlay::Details(Box::new(details));
            }
            Action::Find if self.focus == Panel::Events && !self.has_overlay() => {
                self.ask_for_a_filter();
            }
            Action::Find => {
                let find = Find::target(self.selection, self.picture());
                self.overlay = Overlay::Find(Box::new(find));
            }
            Action::Why => self.toggle(Overlay::Why(0)),
            Action::Help => self.toggle(Overlay::Help(0)),
            Action::Close => self.close(),
            Action::NextPanel => self.focus_on(self.focus.next(true)),
            Action::PreviousPanel => self.focus_on(self.focus.next(false)),
            Action::Panel1 => self.focus_on(Panel::Cluster),
            Action::Panel2 => self.focus_on(Panel::Chart),
            Action::Panel3 => self.focus_on(Panel::Why),
            Action::Panel4 => self.focus_on(Panel::Faults),
            Action::Panel5 => self.focus_on(Panel::Events),
            Action::Panel6 => self.focus_on(Panel::Truth),
            Action::Zoom => self.zoom(),
            Action::CaptionBefore => self.caption_before(),
            Action::ChartLess => self.span = self.span.saturating_sub(1),
            Action::ChartMore => self.span = (self.span + 1).min(SPANS.len() - 1),
            Action::Theme => self.next_theme(),
            Action::Motion => {
                self.options.motion = !self.options.motion;
                self.say(format!("motion {}", if self.options.motion { "on" } else { "off" }));
            }
            Action::Presenter => {
                self.presenter = !self.presenter;
                self.lay_out();
            }
            Action::Export => self.ask_for_a_file(),
            _ => {}
        }
    }

    fn zoom(&mut self) {
        self.zoomed = !self.zoomed;
        self.lay_out();
    }

    /// Opens what has the focus: the selection of the picture and of the faults, the whole reason
    /// why, and of the others the panel alone.
    fn open(&mut self) {
        match self.focus {
            Panel::Cluster | Panel::Faults if self.selection.is_some() => {
                self.toggle(Overlay::Details(Box::default()));
            }
            Panel::Cluster | Panel::Faults => {}
            Panel::Why => self.toggle(Overlay::Why(0)),
            Panel::Chart | Panel::Events | Panel::Truth => self.zoom(),
        }
    }

    pub(super) fn focus_on(&mut self, panel: Panel) {
        if panel != self.focus {
            self.focus = panel;
            self.scroll = 0;
            self.lay_out();
        }
    }

    /// Opens an overlay, or closes it if it is the same kind.
    fn toggle(&mut self, overlay: Overlay) {
        let same = std::mem::discriminant(&self.overlay) == std::mem::discriminant(&overlay);
        self.overlay = if same { Overlay::None } else { overlay };
    }

    /// Closes what is open; then shows all events again; then leaves the zoom; then gives the focus
    /// back; then unselects.
    pub(super) fn close(&mut self) {
        if self.has_overlay() {
            self.overlay = Overlay::None;
        } else if self.filter != Filter::All && !self.areas.of(Panel::Events).is_empty() {
            self.filter = Filter::All;
            self.scroll = 0;
        } else if self.zoomed {
            self.zoom();
        } else if self.focus == Panel::Cluster {
            self.selection = None;
        } else {
            self.focus_on(Panel::Cluster);
        }
    }

    /// Up and down choose a setting, scroll what lies over the panels or a focused list, or select.
    fn up_or_down(&mut self, up: bool) {
        if self.choose_setting(up) {
            return;
        }
        let list = matches!(self.focus, Panel::Faults | Panel::Events | Panel::Why);
        if self.has_overlay() || list {
            self.scroll_by(if up { 1 } else { -1 });
        } else {
            self.go(if up { Way::Up } else { Way::Down });
        }
    }

    /// Moves the selection; the first move selects what the start selects.
    pub(super) fn go(&mut self, way: Way) {
        self.selection = match self.selection {
            None => super::selection::first(self.picture()),
            Some(target) if self.lists_cluster() => Some(self.along_list(target, way)),
            Some(Target::Zone(z)) => {
                let first = self.picture().in_zone(z).next();
                let place = first.and_then(|id| self.picture().place(id));
                place.map(|(c, n)| Target::Node(c, n)).or(self.selection)
            }
            Some(target) => Some(self.plan.neighbour(target, way).unwrap_or(target)),
        };
    }

    /// A step where the cluster is a list: up and down through components, right through the nodes of
    /// one and then through its links.
    fn along_list(&self, from: Target, way: Way) -> Target {
        let picture = self.picture();
        let of = match from {
            Target::Component(c) | Target::Node(c, _) => c,
            Target::Link(l) | Target::Tap(l, _) => picture.flows.get(l).map_or(0, |f| f.from),
            Target::Zone(_) => 0,
        };
        let Some(last) = picture.components.len().checked_sub(1) else { return from };
        match way {
            Way::Down => Target::Component((of + 1).min(last)),
            Way::Up => Target::Component(of.saturating_sub(1)),
            Way::Left | Way::Right => {
                let nodes = picture.components.get(of).map_or(0, |c| c.nodes.len());
                let nodes = if nodes > 1 { nodes } else { 0 };
                let links = picture.flows.iter().enumerate().filter(|(_, f)| f.from == of);
                let row: Vec<Target> = std::iter::once(Target::Component(of))
                    .chain((0..nodes).map(|n| Target::Node(of, n)))
                    .chain(links.map(|(l, _)| Target::Link(l)))
                    .collect();
                let at = row.iter().position(|t| *t == from).unwrap_or(0);
                let to = if way == Way::Right { at + 1 } else { at.saturating_sub(1) };
                row.get(to).copied().unwrap_or(from)
            }
        }
    }
}
