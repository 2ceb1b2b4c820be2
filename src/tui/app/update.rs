//! Carrying out actions and input.

use super::selection::is_cache;
use super::{App, Effect, Overlay, Palette, SPANS};
use crate::sim::time::MILLISECOND;
use crate::tui::action::Action;
use crate::tui::feed::{Order, next_speed};
use crate::tui::input::{Input, Mouse};
use crate::tui::keymap::Key;
use crate::tui::plan::{Target, Way};
use crate::tui::screen::Panel;
use crossterm::event::KeyEvent;

/// A page is scrolled at most so far. What is drawn clamps as well; this keeps the way back short.
const MOST: u16 = 400;
/// How far a step goes.
const STEP: u64 = 10 * MILLISECOND;

impl App {
    /// Takes one event of the terminal.
    pub fn input(&mut self, input: Input) -> Effect {
        let effect = self.take(input);
        if let Effect::Order(_) = effect {
            self.asked.sent += 1;
        }
        effect
    }

    fn take(&mut self, input: Input) -> Effect {
        match input {
            Input::Key(event) => self.key(event),
            Input::Mouse(mouse) => {
                self.mouse(mouse);
                Effect::None
            }
            Input::Resize(width, height) => {
                self.resize(width, height);
                Effect::None
            }
            Input::Paste(text) => self.typed(|palette, _| palette.paste(&text)),
        }
    }

    fn key(&mut self, event: KeyEvent) -> Effect {
        let key = Key::of(event);
        let action = self.keymap().action(key);
        if matches!(self.overlay, Overlay::Palette(_)) {
            if key.ctrl && action == Some(Action::Quit) {
                return Effect::Quit;
            }
            return self.typed(|palette, history| palette.key(event, history));
        }
        match action {
            // A letter closes what is open; only with control it leaves at once.
            Some(Action::Quit) if self.has_overlay() && !key.ctrl => {
                self.close();
                Effect::None
            }
            Some(action) if action.enabled(self) => self.update(action),
            _ => Effect::None,
        }
    }

    /// Lets the palette take something, and asks for what goes with the new text.
    fn typed(
        &mut self,
        take: impl FnOnce(&mut Palette, &[String]) -> super::palette::Typed,
    ) -> Effect {
        use super::palette::Typed;
        let Overlay::Palette(palette) = &mut self.overlay else { return Effect::None };
        match take(palette, &self.history) {
            Typed::Nothing => Effect::None,
            Typed::Text(text) => Effect::Order(Order::Complete(text)),
            Typed::Close => {
                self.overlay = Overlay::None;
                Effect::None
            }
            Typed::Run(text) => {
                self.history.retain(|h| *h != text);
                self.history.push(text.clone());
                let effect = self.order_inject(text);
                if let Overlay::Palette(palette) = &mut self.overlay {
                    palette.wait(self.serial);
                }
                effect
            }
        }
    }

    fn mouse(&mut self, mouse: Mouse) {
        match mouse {
            Mouse::Click(x, y) => {
                if self.has_overlay() {
                    return;
                }
                if let Some(panel) = self.areas.panel_at(x, y) {
                    self.focus_on(panel);
                }
                let area = self.areas.inside(Panel::Cluster);
                if area.contains((x, y).into())
                    && let Some(target) = self.plan.hit(x - area.x, y - area.y)
                {
                    self.selection = Some(target);
                }
            }
            Mouse::Wheel(up) => self.scroll_by(if up { 3 } else { -3 }),
        }
    }

    /// Carries out an action; what the driver must be told.
    pub fn update(&mut self, action: Action) -> Effect {
        match action {
            Action::Crash
            | Action::Freeze
            | Action::Cache
            | Action::Restart
            | Action::Heal
            | Action::Undo => {
                let Some(command) = self.command(action) else { return Effect::None };
                if action == Action::Cache {
                    self.asked.cache = self.cache().map(|(_, enabled)| !enabled);
                }
                self.order_inject(command)
            }
            Action::Slow | Action::Cut | Action::Traffic | Action::Palette => self.begin(action),
            Action::Pause => {
                let paused = !self.pace().paused;
                self.asked.paused = Some(paused);
                Effect::Order(Order::Pause(paused))
            }
            Action::Step => Effect::Order(Order::Step(STEP)),
            Action::StepEvent => Effect::Order(Order::StepEvent),
            Action::Faster => self.order_speed(next_speed(self.pace().speed, true)),
            Action::Slower => self.order_speed(next_speed(self.pace().speed, false)),
            Action::RealTime => self.order_speed(1.0),
            Action::Quit => Effect::Quit,
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

    /// The command of a key on the selection.
    #[must_use]
    pub fn command(&self, action: Action) -> Option<String> {
        let name = self.selected_name();
        Some(match action {
            Action::Crash => format!("crash {}", name?),
            Action::Restart => format!("restart {}", name?),
            Action::Freeze if self.would_thaw() => format!("heal {}", name?),
            Action::Freeze => format!("pause {}", name?),
            Action::Cache => {
                let (cache, enabled) = self.cache()?;
                let caches = &mut self.picture().components.iter().filter(|c| is_cache(c));
                if caches.next().is_some_and(|first| first.name == cache.name) {
                    format!("cache {}", if enabled { "off" } else { "on" })
                } else {
                    format!("set {}.enabled={}", cache.name, !enabled)
                }
            }
            Action::Heal if self.selection_is_at_fault() => format!("heal {}", name?),
            Action::Heal => "heal".to_string(),
            Action::Undo => "undo".to_string(),
            _ => return None,
        })
    }

    /// Opens the palette with a command begun.
    fn begin(&mut self, action: Action) -> Effect {
        let name = self.selected_name().unwrap_or_default();
        let text = match action {
            Action::Slow => format!("slow {name} factor="),
            Action::Cut if matches!(self.selection, Some(Target::Link(_))) => format!("cut {name}"),
            Action::Cut => format!("cut {name}|*"),
            Action::Traffic => "traffic x".to_string(),
            _ => String::new(),
        };
        self.overlay = Overlay::Palette(Box::new(Palette::new(&text)));
        Effect::Order(Order::Complete(text))
    }

    /// Actions that change only what is shown.
    fn look_at(&mut self, action: Action) {
        match action {
            Action::Left => self.go(Way::Left),
            Action::Right => self.go(Way::Right),
            Action::Up => self.up_or_down(true),
            Action::Down => self.up_or_down(false),
            Action::Open => self.toggle(Overlay::Details(0)),
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
            Action::Zoom => {
                self.zoomed = !self.zoomed;
                self.lay_out();
            }
            Action::ChartLess => self.span = self.span.saturating_sub(1),
            Action::ChartMore => self.span = (self.span + 1).min(SPANS.len() - 1),
            Action::Theme => self.next_theme(),
            Action::Motion => self.options.motion = !self.options.motion,
            _ => {}
        }
    }

    fn focus_on(&mut self, panel: Panel) {
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

    /// Closes what is open; then leaves the zoom; then unselects.
    fn close(&mut self) {
        if self.has_overlay() {
            self.overlay = Overlay::None;
        } else if self.zoomed {
            self.zoomed = false;
            self.lay_out();
        } else if self.focus == Panel::Cluster {
            self.selection = None;
        } else {
            self.focus_on(Panel::Cluster);
        }
    }

    /// Up and down scroll what lies over the panels, or a focused list; else they select.
    fn up_or_down(&mut self, up: bool) {
        let list = matches!(self.focus, Panel::Faults | Panel::Events | Panel::Why);
        if self.has_overlay() || list {
            self.scroll_by(if up { 1 } else { -1 });
        } else {
            self.go(if up { Way::Up } else { Way::Down });
        }
    }

    /// Scrolls by lines: positive is towards the top. The events count from their end.
    fn scroll_by(&mut self, lines: i32) {
        let by = lines.unsigned_abs() as u16;
        let back = |at: u16| if lines > 0 { at.saturating_sub(by) } else { at.saturating_add(by) };
        match &mut self.overlay {
            Overlay::Help(at) | Overlay::Why(at) | Overlay::Details(at) => {
                *at = back(*at).min(MOST);
            }
            Overlay::Palette(_) => {}
            Overlay::None if self.focus == Panel::Events => {
                let most = self.picture().events.len().saturating_sub(1) as u16;
                let at = self.scroll;
                let moved = if lines > 0 { at.saturating_add(by) } else { at.saturating_sub(by) };
                self.scroll = moved.min(most);
            }
            Overlay::None => self.scroll = back(self.scroll).min(MOST),
        }
    }

    /// Moves the selection; the first move selects what the start selects.
    fn go(&mut self, way: Way) {
        self.selection = match self.selection {
            None => super::selection::first(self.picture()),
            Some(_) if self.lists_cluster() && matches!(way, Way::Up | Way::Down) => {
                self.along_list(way == Way::Down)
            }
            Some(target) => Some(self.plan.neighbour(target, way).unwrap_or(target)),
        };
    }

    /// The next or previous component, where the cluster is a list.
    fn along_list(&self, forward: bool) -> Option<Target> {
        let of = match self.selection? {
            Target::Component(c) | Target::Node(c, _) => c,
            Target::Link(l) => self.picture().flows.get(l)?.from,
        };
        let last = self.picture().components.len().checked_sub(1)?;
        let to = if forward { (of + 1).min(last) } else { of.saturating_sub(1) };
        Some(Target::Component(to))
    }
}
