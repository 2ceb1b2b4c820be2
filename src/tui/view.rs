//! Everything a frame needs, made from the picture and the state of the screen.
//!
//! A [`View`] is pure, formatted and sorted: panels draw it and decide nothing.

pub mod axis;
pub mod chart;
pub mod details;
pub mod failover;
pub mod footer;
pub mod heat;
pub mod help;
pub mod lists;
pub mod node;
pub mod nodes;
pub mod palette;
pub mod playbook;
pub mod pools;
pub mod presenter;
pub mod preview;
pub mod question;
pub mod status;
pub mod text;
pub mod time;
pub mod truth;
pub mod verdict;
pub mod vitals;
pub mod zones;

use super::action::Action;
use super::app::{App, Overlay};
use super::plan::{Look, Plan};
use super::screen::{Areas, Panel};
use super::theme::Role;
use crate::session::picture::Picture;
use axis::Axis;
use chart::{Chart, Rows};
use footer::Footer;
use heat::HeatMap;
use lists::Split;
use playbook::PlaybookView;
use presenter::PresenterView;
use status::Status;
use text::Line;
use time::TimeView;
use vitals::Vital;

/// Cells of the chart that are no columns: the label and its space, and one at the right.
pub const CHART_MARGIN: u16 = 8;

/// Everything a frame needs.
pub struct View<'a> {
    /// Where everything is.
    pub areas: Areas,
    /// The panel with the focus.
    pub focus: Panel,
    /// The picture, for the panel that draws the cluster.
    pub picture: &'a Picture,
    /// Where the cluster's boxes and links are.
    pub plan: &'a Plan,
    /// How the cluster is looked at.
    pub look: Look,
    /// The top line.
    pub status: Status,
    /// Zones and their nodes, in a few words.
    pub zones: String,
    /// The strip of figures.
    pub vitals: Vec<Vital>,
    /// The charts.
    pub chart: Chart,
    /// The heat map of latencies, if there is room for it.
    pub heat: Option<HeatMap>,
    /// Where the time of an answer goes, if there is room for it.
    pub time: TimeView,
    /// The playbook, if one is played.
    pub playbook: Option<PlaybookView>,
    /// What a room is shown, if it is.
    pub presenter: Option<PresenterView>,
    /// Queues and pools, if there is room for them.
    pub pools: Vec<Line>,
    /// The reason why.
    pub why: Vec<(Role, String)>,
    /// How to see the whole of it: `w all`.
    pub whole: String,
    /// Active faults.
    pub faults: Vec<Split>,
    /// The key that leads to those that have no row: to the panel, and within it down.
    pub more_faults: String,
    /// How many faults there are, and how many changed settings.
    pub fault_count: String,
    /// The log of events.
    pub events: Vec<Line>,
    /// Why none of them is shown, where a filter leaves none.
    pub no_event: Option<Line>,
    /// What goes on under them: failovers that are not over.
    pub goes_on: Vec<Line>,
    /// Which of them are shown.
    pub filter: String,
    /// What became of data.
    pub truth: Vec<Line>,
    /// The table of nodes, if there is room for it.
    pub nodes: Vec<Line>,
    /// The selection and the keys.
    pub footer: Footer,
    /// Lines by which the focused list is scrolled.
    pub scroll: u16,
    /// What lies over the panels.
    pub overlay: Over,
}

/// What lies over the panels.
pub enum Over {
    /// Nothing.
    None,
    /// A page of text.
    Page(Sheet),
    /// The selection, opened.
    Details(Box<details::DetailsView>),
    /// A line that is typed.
    Palette(palette::PaletteView),
    /// A question of the playbook.
    Question(question::QuestionView),
}

/// A page of text with a title, from a line on.
pub struct Sheet {
    /// The title.
    pub title: &'static str,
    /// At the right of the title: how to leave.
    pub note: &'static str,
    /// The text.
    pub page: Page,
    /// The first line that is shown.
    pub from: u16,
}

/// Text of an overlay.
pub enum Page {
    /// Lines in one or more columns: see [`help`].
    Columns(Vec<Vec<Line>>),
    /// Paragraphs to be wrapped.
    Text(Vec<(Role, String)>),
    /// Lines to be wrapped, each with its own indent.
    Lines(Vec<verdict::Hanging>),
}

impl View<'_> {
    /// The view of an app now.
    #[must_use]
    pub fn of(app: &App) -> View<'_> {
        let (picture, areas) = (app.picture(), *app.areas());
        let inside = areas.inside(Panel::Chart);
        let room = inside.width.max(areas.goodput.width).saturating_sub(CHART_MARGIN);
        let axis = Axis::new(picture, usize::from(room), app.bins_per_cell());
        let heat = areas.within(areas.heat);
        let map = || {
            let rows = super::panels::heat::bands(heat.height);
            heat::heat(picture, app.vitals(), axis.clone(), rows)
        };
        let no_nodes = areas.nodes.is_empty();
        View {
            areas,
            focus: app.focus(),
            picture,
            plan: app.plan(),
            look: app.look(),
            status: status::status(app),
            zones: zones::zones(picture),
            vitals: vitals::vitals(app),
            heat: (!heat.is_empty()).then(map),
            chart: chart::chart(picture, axis, Rows::of(inside.height).wall),
            time: time::time(picture.where_time.as_ref(), picture.now, areas.within(areas.time)),
            playbook: playbook::playbook(app),
            presenter: (!areas.figures.is_empty()).then(|| presenter::presenter(app)),
            pools: pools::pools(picture, usize::from(areas.within(areas.pools).height)),
            why: lists::why(app),
            whole: whole(app),
            faults: lists::faults(app),
            more_faults: more_faults(app),
            fault_count: lists::fault_count(picture),
            events: lists::events(app),
            no_event: lists::no_event(app),
            goes_on: lists::goes_on(app),
            filter: app.filter().word().to_string(),
            truth: truth(app),
            nodes: if no_nodes { Vec::new() } else { nodes::nodes(picture) },
            footer: footer::footer(app),
            scroll: app.scroll(),
            overlay: over(app),
        }
    }
}

/// How to see the whole reason why: `w all`.
fn whole(app: &App) -> String {
    app.keymap().key(Action::Why).map_or_else(String::new, |key| format!("{key} all"))
}

fn more_faults(app: &App) -> String {
    let to = if app.focus() == Panel::Faults { Action::Down } else { Action::Panel4 };
    app.keymap().keys(to).rsplit(", ").next().unwrap_or_default().to_string()
}

fn truth(app: &App) -> Vec<Line> {
    let inside = app.areas().inside(Panel::Truth);
    let cells = inside.width.saturating_sub(2);
    truth::truth(app.picture(), app.vitals(), cells, inside.height)
}

fn over(app: &App) -> Over {
    let sheet = |title, page, from: &u16| Sheet { title, note: "esc close", page, from: *from };
    match app.overlay() {
        Overlay::None => Over::None,
        Overlay::Help(from) => Over::Page(sheet("keys", Page::Columns(help::help(app)), from)),
        Overlay::Why(from) => Over::Page(sheet("why", Page::Text(lists::why(app)), from)),
        Overlay::Verdict(from) => {
            let lines = app.picture().played.as_ref().map(verdict::lines).unwrap_or_default();
            let sheet = sheet("the playbook is over", Page::Lines(lines), from);
            Over::Page(Sheet { note: "q quit", ..sheet })
        }
        Overlay::Question(ask) => question::question(app, *ask).map_or(Over::None, Over::Question),
        Overlay::Details(open) => Over::Details(Box::new(details::details(app, open))),
        Overlay::Palette(palette) => Over::Palette(palette::view(app, palette)),
        Overlay::Find(find) => Over::Palette(palette::find("select", find)),
        Overlay::Filter(find) => Over::Palette(palette::find("events with", find)),
        Overlay::Export(export) => Over::Palette(palette::export(export)),
    }
}
