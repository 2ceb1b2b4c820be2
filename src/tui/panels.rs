//! Panels: each draws one part of the view and decides nothing.

pub mod axis;
pub mod chart;
pub mod cluster;
pub mod events;
pub mod faults;
pub mod footer;
pub mod heat;
pub(super) mod lines;
pub mod nodes;
pub mod playbook;
pub mod presenter;
pub mod status;
pub mod tabs;
pub mod tiny;
pub mod truth;
pub mod vitals;
pub mod why;

use super::screen::{Form, Panel};
use super::theme::{Role, Theme};
use super::view::chart::Rows;
use super::view::{Over, View};
use super::widgets::{Frame, fit, frame, width};
use lines::list;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws all panels that have an area, with their frames.
pub fn draw_all(view: &View, theme: &Theme, buf: &mut Buffer) {
    let areas = &view.areas;
    status::draw(&view.status, theme, areas.status, buf);
    vitals::draw(&view.vitals, theme, areas.vitals, buf);
    tabs::draw(view.focus, theme, areas.tabs, buf);
    for panel in Panel::ALL {
        panel_in(panel, view, theme, buf);
    }
    meters(view, theme, buf);
    chart::strip(&view.chart, theme, areas.goodput, buf);
    footer::draw(&view.footer, theme, areas.footer, buf);
}

/// Panels that cannot have the focus.
fn meters(view: &View, theme: &Theme, buf: &mut Buffer) {
    let areas = &view.areas;
    let open = |title: &str, note: &str, area: Rect, buf: &mut Buffer| {
        (!area.is_empty()).then(|| framed(title, note, false, view, theme, area, buf))
    };
    if let Some(inside) = open("nodes", "used of limit", areas.nodes, buf) {
        nodes::draw(&view.nodes, theme, inside, buf);
    }
    if let Some(inside) =
        open("latency of answers, share per bin", heat::steps(theme), areas.heat, buf)
        && let Some(map) = &view.heat
    {
        heat::draw(map, theme, inside, buf);
    }
    if let Some(inside) = open("where the time goes", &view.time.note, areas.time, buf) {
        list(view.time.lines.iter(), theme, inside, buf);
    }
    if let Some(playbook) = &view.playbook {
        // When the next step comes is told whatever the title is.
        let room = usize::from(areas.playbook.width).saturating_sub(width(&playbook.note) + 10);
        let title = fit(&playbook.title, room);
        if let Some(inside) = open(&title, &playbook.note, areas.playbook, buf) {
            playbook::draw(playbook, theme, inside, buf);
        }
        if view.presenter.is_none() {
            playbook::caption(playbook, theme, areas.caption, buf);
        }
    }
    if let Some(room) = &view.presenter {
        presenter::caption(room, theme, areas.caption, buf);
        presenter::figures(room, theme, areas.figures, buf);
    }
    if let Some(inside) = open("queues and pools", "used of limit", areas.pools, buf) {
        list(view.pools.iter(), theme, inside, buf);
    }
}

/// One panel with its frame.
fn panel_in(panel: Panel, view: &View, theme: &Theme, buf: &mut Buffer) {
    let area = view.areas.of(panel);
    if area.is_empty() {
        return;
    }
    let (title, note) = head(panel, view);
    let under = matches!(view.overlay, Over::None);
    let focused = under && view.focus == panel && panel != Panel::Cluster;
    let inside = framed(&title, &note, focused, view, theme, area, buf);
    legend(panel, theme, area, buf);
    match panel {
        Panel::Cluster => cluster::draw(view.picture, view.plan, &view.look, theme, inside, buf),
        Panel::Chart => chart::draw(&view.chart, theme, inside, buf),
        Panel::Why => {
            // A frame tells it in its edge.
            let whole = if inside == area { view.whole.as_str() } else { "" };
            why::draw(&view.why, scrolled(view, panel), whole, theme, inside, buf);
        }
        Panel::Faults => {
            let listed = (view.faults.as_slice(), view.more_faults.as_str());
            faults::draw(listed, scrolled(view, panel), focused, theme, inside, buf);
        }
        Panel::Events => {
            let listed = (view.events.as_slice(), view.goes_on.as_slice());
            let told = u16::from(view.no_event.is_some()).min(inside.height);
            list(view.no_event.iter(), theme, Rect { height: told, ..inside }, buf);
            let rest = Rect { y: inside.y + told, height: inside.height - told, ..inside };
            events::draw(listed, scrolled(view, panel), focused, theme, rest, buf);
        }
        Panel::Truth => truth::draw(&view.truth, theme, inside, buf),
    }
}

/// Signs that a frame explains have the colours that they have within it.
fn legend(panel: Panel, theme: &Theme, area: Rect, buf: &mut Buffer) {
    let signs: &[(&str, Role)] = match panel {
        Panel::Cluster => &[("━", Role::FlowOk), ("●", Role::FlowOk), ("×", Role::FlowFail)],
        Panel::Chart => &[("█", Role::FlowOk), ("░", Role::FlowFail)],
        _ => return,
    };
    let edges = [area.y, area.bottom().saturating_sub(1)];
    for (x, y) in (area.x..area.right()).flat_map(|x| edges.map(|y| (x, y))) {
        let Some(cell) = buf.cell_mut((x, y)) else { continue };
        if let Some((_, role)) = signs.iter().find(|(sign, _)| *sign == cell.symbol()) {
            cell.set_style(theme.style(*role));
        }
    }
}

fn scrolled(view: &View, panel: Panel) -> usize {
    if view.focus == panel { view.scroll as usize } else { 0 }
}

/// Title and note of a panel.
fn head(panel: Panel, view: &View) -> (String, String) {
    match panel {
        Panel::Cluster => {
            let short = view.areas.form == Form::Compact;
            ("cluster".into(), cluster::legend(view.picture, &view.look, short))
        }
        Panel::Chart if matches!(view.areas.form, Form::Compact | Form::Presenter) => {
            let latency = Rows::of(room(panel, view).height).latency;
            let more = if latency > 0 { " · p99" } else { "" };
            (format!("goodput █  failed ░, as they end{more}"), view.chart.axis.scale())
        }
        Panel::Chart => {
            ("goodput █  failed ░  per second, as they end · p99".into(), view.chart.axis.scale())
        }
        Panel::Why => {
            let is_cut = why::is_cut(&view.why, scrolled(view, panel), room(panel, view));
            ("why".into(), if is_cut { view.whole.clone() } else { String::new() })
        }
        Panel::Faults => ("active faults".into(), view.fault_count.clone()),
        Panel::Events => {
            let back = scrolled(view, panel);
            ("events".into(), events::note(view, back, room(panel, view)))
        }
        Panel::Truth => ("data truth".into(), String::new()),
    }
}

/// What its frame or rule leaves of a panel.
fn room(panel: Panel, view: &View) -> Rect {
    let area = view.areas.inside(panel);
    if view.areas.form == Form::Single && is_ruled(area, view) {
        return Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    }
    area
}

/// Whether an area is that of the reason why under another panel, where there is one at a time.
fn is_ruled(area: Rect, view: &View) -> bool {
    area == view.areas.of(Panel::Why) && view.focus != Panel::Why
}

/// A frame, a rule, or (one panel at a time) only a rule over the reason why.
fn framed(
    title: &str,
    note: &str,
    focused: bool,
    view: &View,
    theme: &Theme,
    area: Rect,
    buf: &mut Buffer,
) -> Rect {
    let rule = match view.areas.form {
        Form::Single if is_ruled(area, view) => true,
        Form::Single | Form::Tiny => return area,
        Form::Compact | Form::Presenter => true,
        Form::Normal | Form::Wide => false,
    };
    let at_foot = !rule && title == "cluster";
    let accent = if focused { Role::Accent } else { Role::Dim };
    let look = Frame {
        title,
        note: if at_foot { &view.zones } else { note },
        foot: if at_foot { note } else { "" },
        focused,
        rule,
        line: theme.style(accent),
        name: theme.style(if focused { Role::Accent } else { Role::Text }),
        print: theme.style(Role::Dim),
    };
    frame(&look, area, buf)
}
