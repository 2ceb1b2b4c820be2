//! The state of the screen: what is selected, shown and typed. Nothing of it touches the world.
//!
//! [`App::update`] carries out an action and says what the driver must be told; [`App::receive`]
//! takes what the driver tells. Drawing reads an `App` and changes nothing.

mod calm;
mod choice;
mod commands;
pub mod details;
mod enabled;
pub mod export;
mod find;
mod following;
mod fuzzy;
pub mod hits;
mod input;
mod levels;
mod lists;
mod mouse;
mod palette;
pub mod question;
pub mod save;
mod selection;
mod told;
mod turned;
mod update;

pub use choice::Choice;
pub use details::Details;
pub use export::{Export, Save, Unwritten};
pub use find::Find;
use following::Following;
use levels::Levels;
pub use levels::Strip;
pub use lists::Filter;
pub use palette::Palette;
use selection::mentions;
use told::Told;

use super::feed::{Order, Pace, Reply, Snapshot};
use super::keymap::Keymap;
use super::plan::{Look, Plan, Target};
use super::screen::{Areas, Form, Panel, Shown, split};
use super::theme::{Depth, Theme};
use crate::session::picture::{Picture, Vitals, Why};
use crate::sim::time::{Ns, SECOND};
use ratatui::layout::Rect;
use std::sync::Arc;

/// Cells that a pulse moves in a second: simulated up to 1x, real above.
const CELLS_PER_SECOND: f64 = 12.0;
/// Figures are renewed once in so many pictures, or frames where there are fewer pictures: about four
/// times a second.
const FIGURES_EVERY: u32 = 8;
/// Bins of the charts in one cell, from least to most time.
const SPANS: [usize; 6] = [1, 2, 4, 10, 20, 60];

/// What a person may choose before the screen starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// Name of the theme.
    pub theme: String,
    /// Colours of the terminal.
    pub depth: Depth,
    /// Whether only ASCII is drawn.
    pub ascii: bool,
    /// Whether links show moving pulses.
    pub motion: bool,
    /// Which key does what.
    pub keymap: Keymap,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            theme: Theme::NAMES[0].to_string(),
            depth: Depth::True,
            ascii: false,
            motion: true,
            keymap: Keymap::default(),
        }
    }
}

/// What lies over the panels.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// Nothing.
    None,
    /// The keys, from that line on.
    Help(u16),
    /// The reason why, from that line on.
    Why(u16),
    /// The verdict of the playbook, from that line on.
    Verdict(u16),
    /// A question of the playbook.
    Question(question::Ask),
    /// Figures and settings of the selection.
    Details(Box<Details>),
    /// A command is being typed.
    Palette(Box<Palette>),
    /// Part of a name is being typed.
    Find(Box<Find<Option<Target>>>),
    /// Which events are to be shown is being typed.
    Filter(Box<Find<Filter>>),
    /// The name of a file is being typed.
    Export(Box<Export>),
}

/// What must be done outside after an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Tell the driver.
    Order(Order),
    /// Write a file.
    Save(Save),
    /// Give the terminal back to the shell for a while.
    Suspend,
    /// Leave.
    Quit,
}

/// What was asked of the driver and is not in a snapshot yet: keys that are pressed quickly build on
/// it, and none is lost.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// Orders that were sent.
    sent: u64,
    speed: Option<f64>,
    paused: Option<bool>,
    /// Whether the cache of the cache key is in use.
    cache: Option<bool>,
}

impl Asked {
    /// Forgets all when the driver has done as many orders as were sent.
    fn done(&mut self, orders: u64) {
        if orders >= self.sent {
            *self = Asked { sent: self.sent, ..Asked::default() };
        }
    }
}

/// The state of the screen.
pub struct App {
    snapshot: Snapshot,
    vitals: Vitals,
    /// Why things are so, as of the same instant as the figures at the top.
    why: Why,
    /// Pictures since then.
    figures_age: u32,
    /// Frames since then.
    frames_age: u32,
    areas: Areas,
    plan: Plan,
    selection: Option<Target>,
    /// From where a cut is being aimed: the selection is its other end.
    aim: Option<Target>,
    focus: Panel,
    zoomed: bool,
    /// Whether it is shown to a room.
    presenter: bool,
    filter: Filter,
    scroll: u16,
    overlay: Overlay,
    span: usize,
    theme: Theme,
    options: Options,
    /// How far pulses have moved, in cells.
    phase: f64,
    /// What was done or refused just now and is not seen by itself.
    told: Option<Told>,
    history: Vec<String>,
    serial: u64,
    asked: Asked,
    /// The largest rate of the file, per second: the scale of density.
    scale: u64,
    /// Colours of gauges, which are slow to get better.
    levels: Levels,
    /// What the driver was asked to write, and under which number.
    saving: Option<(u64, Save)>,
    following: Following,
    /// Whether the world stands still for a question that is open.
    stands_for_question: bool,
    stuck: calm::Stuck,
}

impl App {
    /// The state at the start, on a screen of that size.
    #[must_use]
    pub fn new(snapshot: Snapshot, options: Options, width: u16, height: u16) -> App {
        let shown = Shown { playbook: snapshot.picture.played.is_some(), ..Shown::default() };
        let areas = split(Rect::new(0, 0, width, height), shown);
        let mut app = App {
            vitals: snapshot.picture.vitals.clone(),
            why: snapshot.picture.why.clone(),
            figures_age: 0,
            frames_age: 0,
            plan: plan(&snapshot.picture, &areas),
            areas,
            selection: selection::first(&snapshot.picture),
            aim: None,
            focus: Panel::Cluster,
            zoomed: false,
            presenter: false,
            filter: Filter::All,
            scroll: 0,
            overlay: Overlay::None,
            span: 0,
            theme: theme(&options, &options.theme),
            options,
            phase: 0.0,
            told: None,
            history: Vec::new(),
            serial: 0,
            asked: Asked::default(),
            scale: levels::scale(&snapshot.picture),
            levels: Levels::of(&snapshot.picture),
            saving: None,
            following: Following::default(),
            stands_for_question: false,
            stuck: calm::Stuck::default(),
            snapshot,
        };
        app.follow();
        app.lay_out();
        app
    }

    /// Takes what the driver tells.
    pub fn receive(&mut self, mut snapshot: Snapshot) {
        let moved = snapshot.picture.now.saturating_sub(self.snapshot.picture.now);
        self.move_pulses(moved, snapshot.pace.speed);
        self.figures_age += 1;
        let still = snapshot.pace.paused || snapshot.stopped.is_some();
        let turned = turned::turned(self.picture(), &snapshot.picture);
        let due = self.figures_age.max(self.frames_age) >= FIGURES_EVERY;
        if still || turned || due {
            self.vitals = snapshot.picture.vitals.clone();
            self.why = snapshot.picture.why.clone();
            (self.figures_age, self.frames_age) = (0, 0);
        } else {
            calm::keep_figures(&self.snapshot.picture, Arc::make_mut(&mut snapshot.picture));
        }
        if self.stuck.see(&snapshot.picture) {
            self.stuck.hold(Arc::make_mut(&mut snapshot.picture));
        }
        if snapshot.reply != self.snapshot.reply {
            self.answered(snapshot.reply.as_ref());
        }
        self.hear(&snapshot);
        self.asked.done(snapshot.orders);
        self.levels.see(&snapshot.picture);
        self.levels.see_strip(&self.vitals, &snapshot.picture);
        self.stay_on_row(&snapshot.picture);
        self.snapshot = snapshot;
        if let Overlay::Palette(palette) = &mut self.overlay {
            palette.suggest(&self.snapshot.completion);
        }
        self.selection = self.selection.and_then(|t| selection::kept(t, self.picture()));
        self.aim = self.aim.and_then(|t| selection::kept(t, self.picture()));
        self.follow();
        self.lay_out();
    }

    /// Pulses move with simulated time; above 1x they keep the pace of real time.
    fn move_pulses(&mut self, moved: Ns, speed: f64) {
        let seconds = moved as f64 / SECOND as f64;
        self.phase += seconds * CELLS_PER_SECOND / speed.max(1.0);
    }

    /// Moves pulses as far as a run up to `now` at 1x has moved them.
    pub fn set_time_shown(&mut self, now: Ns) {
        self.phase = 0.0;
        self.move_pulses(now, 1.0);
    }

    /// The answer to a command: the palette closes or says what was expected.
    fn answered(&mut self, reply: Option<&Reply>) {
        let Some(reply) = reply else { return };
        if let Some((serial, save)) = self.saving.take() {
            if serial == reply.serial {
                let failed = reply.refused.clone().map(Unwritten::of);
                self.saved(&save, failed.map_or(Ok(()), Err));
                return;
            }
            self.saving = Some((serial, save));
        }
        if let Overlay::Details(details) = &mut self.overlay
            && details.answered(reply.serial, reply.refused.as_ref())
        {
            return;
        }
        match (&mut self.overlay, &reply.refused) {
            (Overlay::Palette(palette), refused) if palette.waits_for(reply.serial) => {
                if palette.answered(refused.clone()) {
                    self.overlay = Overlay::None;
                }
            }
            (_, Some(refused)) => self.refuse(refused.clone()),
            (_, None) => {}
        }
    }

    /// Takes the size of the screen.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.areas.screen = Rect::new(0, 0, width, height);
        self.lay_out();
    }

    /// Areas and plan from size, focus and picture.
    fn lay_out(&mut self) {
        self.areas = split(self.areas.screen, self.shown());
        self.plan = plan(&self.snapshot.picture, &self.areas);
    }

    /// What the screen is asked to show.
    fn shown(&self) -> Shown {
        Shown {
            focus: self.focus,
            alone: self.zoomed,
            presenter: self.presenter,
            playbook: self.picture().played.is_some(),
        }
    }

    /// Shows the screen to a room, or to one person.
    pub fn set_presenter(&mut self, on: bool) {
        self.presenter = on;
        self.lay_out();
    }

    fn order_inject(&mut self, text: String) -> Effect {
        if let Some(ended) = self.has_ended() {
            self.refuse(ended);
            return Effect::None;
        }
        self.serial += 1;
        Effect::Order(Order::Inject { serial: self.serial, text })
    }

    fn next_theme(&mut self) {
        let at = Theme::NAMES.iter().position(|n| *n == self.theme.name).map_or(0, |i| i + 1);
        let name = Theme::NAMES[at % Theme::NAMES.len()];
        self.theme = theme(&self.options, name);
        self.say(format!("theme {name}"));
    }

    /// What is shown of the session.
    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.snapshot.picture
    }
    /// The same, shared.
    #[must_use]
    pub fn shared_picture(&self) -> &Arc<Picture> {
        &self.snapshot.picture
    }
    /// The figures at the top, which change less often than the rest.
    #[must_use]
    pub fn vitals(&self) -> &Vitals {
        &self.vitals
    }
    /// How grave they are.
    #[must_use]
    pub fn strip(&self) -> Strip {
        self.levels.strip()
    }
    /// Why things are so: its figures are those at the top.
    #[must_use]
    pub fn why(&self) -> &Why {
        &self.why
    }
    /// How time runs, or will once the driver has done what was asked.
    #[must_use]
    pub fn pace(&self) -> Pace {
        let now = self.snapshot.pace;
        Pace {
            speed: self.asked.speed.unwrap_or(now.speed),
            reached: now.reached.filter(|_| self.asked.speed.is_none()),
            paused: self.asked.paused.unwrap_or(now.paused),
        }
    }
    /// Why the world stopped, if it did.
    #[must_use]
    pub fn stopped(&self) -> Option<&str> {
        self.snapshot.stopped.as_deref()
    }
    /// Where everything is.
    #[must_use]
    pub fn areas(&self) -> &Areas {
        &self.areas
    }
    /// The plan of the picture of the cluster.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
    /// What is selected.
    #[must_use]
    pub fn selection(&self) -> Option<Target> {
        self.selection
    }
    /// The panel with the focus.
    #[must_use]
    pub fn focus(&self) -> Panel {
        self.focus
    }
    /// Whether that panel has the screen for itself.
    #[must_use]
    pub fn zoomed(&self) -> bool {
        self.zoomed
    }
    /// Whether the screen is for a room: large figures and captions.
    #[must_use]
    pub fn presenter(&self) -> bool {
        self.presenter
    }
    /// Lines by which the focused list is scrolled back.
    #[must_use]
    pub fn scroll(&self) -> u16 {
        self.scroll
    }
    /// What lies over the panels.
    #[must_use]
    pub fn overlay(&self) -> &Overlay {
        &self.overlay
    }
    /// Bins of the charts in one cell.
    #[must_use]
    pub fn bins_per_cell(&self) -> usize {
        SPANS[self.span]
    }
    /// The colours.
    #[must_use]
    pub fn theme(&self) -> &Theme {
        &self.theme
    }
    /// Which key does what.
    #[must_use]
    pub fn keymap(&self) -> &Keymap {
        &self.options.keymap
    }
    /// How the cluster is to be drawn.
    #[must_use]
    pub fn look(&self) -> Look {
        Look {
            selected: self.selection,
            hit: self.would_hit(),
            phase: self.phase as u64,
            motion: self.options.motion,
            speed: self.pace().speed,
            scale: self.scale,
            levels: self.levels.shown(),
        }
    }

    /// Whether the cluster is not shown as a picture, so that up and down go through a list.
    fn lists_cluster(&self) -> bool {
        matches!(self.areas.form, Form::Single | Form::Tiny)
    }
}

/// The plan of the cluster: as much detail as the form of the screen has room for.
fn plan(picture: &Picture, areas: &Areas) -> Plan {
    let area = areas.inside(Panel::Cluster);
    let size = (area.width, area.height);
    match areas.form {
        Form::Presenter => Plan::folded(size, picture, areas.form.detail()),
        form => Plan::new(size, picture, form.detail()),
    }
}

fn theme(options: &Options, name: &str) -> Theme {
    Theme::named(name, options.depth).unwrap_or_default().in_ascii(options.ascii)
}
