//! Areas for every form and size.

use super::{Areas, Form, Panel, Shown};
use ratatui::layout::Rect;

/// Takes areas off the edges of what is left.
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

    fn left(&mut self, width: u16) -> Rect {
        let width = width.min(self.0.width);
        let taken = Rect { width, ..self.0 };
        self.0.x += width;
        self.0.width -= width;
        taken
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

/// Splits a screen.
#[must_use]
pub fn split(screen: Rect, shown: Shown) -> Areas {
    let mut areas = blank(screen, form(screen.width, screen.height));
    let mut rest = Rest(screen);
    if shown.presenter && !matches!(areas.form, Form::Single | Form::Tiny) {
        areas.form = Form::Presenter;
        presenter(&mut areas, rest, shown);
        return areas;
    }
    let framed = matches!(areas.form, Form::Wide | Form::Normal);
    areas.status = rest.top(1);
    areas.vitals = rest.top(if framed { 3 } else { 1 });
    areas.footer = rest.bottom(if framed { 2 } else { 1 });
    let captioned = shown.playbook && matches!(areas.form, Form::Normal | Form::Compact);
    if captioned && !shown.alone {
        // Where there is room its hypothesis stays in view.
        areas.caption = rest.top(if framed { 2 } else { 1 });
    }
    match areas.form {
        Form::Tiny | Form::Presenter => {}
        Form::Single => single(&mut areas, rest, shown.focus),
        _ if shown.alone => alone(&mut areas, rest, shown.focus),
        Form::Compact => compact(&mut areas, rest, shown.focus),
        Form::Normal => normal(&mut areas, rest),
        Form::Wide => wide(&mut areas, rest, shown.playbook),
    }
    areas
}

fn blank(screen: Rect, form: Form) -> Areas {
    Areas {
        form,
        screen,
        status: Rect::ZERO,
        vitals: Rect::ZERO,
        tabs: Rect::ZERO,
        panels: [Rect::ZERO; 6],
        nodes: Rect::ZERO,
        heat: Rect::ZERO,
        time: Rect::ZERO,
        pools: Rect::ZERO,
        playbook: Rect::ZERO,
        caption: Rect::ZERO,
        figures: Rect::ZERO,
        goodput: Rect::ZERO,
        footer: Rect::ZERO,
    }
}

/// One panel has the screen. Beside the chart there is room for the heat map, and under the picture
/// of the cluster for all nodes.
fn alone(areas: &mut Areas, mut rest: Rest, focus: Panel) {
    match focus {
        Panel::Cluster if rest.0.height >= 30 => areas.nodes = rest.bottom(rest.0.height * 2 / 5),
        Panel::Chart if rest.0.height >= 30 => areas.heat = rest.bottom(rest.0.height / 2),
        _ => {}
    }
    areas.panels[focus as usize] = rest.0;
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
    areas.panels[Panel::Why as usize] = rest.bottom(if spare >= 5 { 4 } else { 3 });
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

/// So many parts of a length, of so many that it has.
fn part(length: u16, parts: u16, of: u16) -> u16 {
    (u32::from(length) * u32::from(parts) / u32::from(of)) as u16
}

fn normal(areas: &mut Areas, mut rest: Rest) {
    // Under two rows of a playbook the chart keeps its latencies, and the picture gives a row for them.
    let captioned = u16::from(!areas.caption.is_empty());
    let spare = rest.0.height.saturating_sub(28);
    areas.panels[Panel::Cluster as usize] =
        rest.top(11 + spare.min(4) + spare.saturating_sub(4) / 3 - captioned.min(spare));
    let mut right = rest.right(part(rest.0.width, 46, 120).clamp(40, 64));
    let below = rest.0.height;
    areas.panels[Panel::Chart as usize] = rest.top(part(below, 12, 19));
    areas.panels[Panel::Events as usize] = rest.0;
    areas.panels[Panel::Truth as usize] = right.bottom(6);
    let above = right.0.height;
    areas.panels[Panel::Why as usize] = right.top(part(above, 8, 13));
    areas.panels[Panel::Faults as usize] = right.0;
}

fn wide(areas: &mut Areas, mut rest: Rest, playbook: bool) {
    let spare = rest.0.height.saturating_sub(46);
    let width = rest.0.width;
    areas.panels[Panel::Cluster as usize] = rest.top(16 + part(spare, 3, 8));
    let mut charts = Rest(rest.top(13 + part(spare, 3, 8)));
    areas.heat = charts.right(width / 2).0;
    // Equally wide, so that both show the same columns of time.
    areas.panels[Panel::Chart as usize] = Rect { width: areas.heat.width, ..charts.0 };
    let mut meters = Rest(rest.top(10 + spare / 8));
    areas.time = meters.left(part(width, 54, 200));
    areas.pools = meters.left(width / 4);
    areas.panels[Panel::Truth as usize] = meters.left(part(width, 46, 200));
    areas.panels[Panel::Why as usize] = meters.0;
    let (events, faults) = if playbook { (78, 42) } else { (120, 80) };
    areas.panels[Panel::Events as usize] = rest.left(part(width, events, 200));
    if playbook {
        areas.panels[Panel::Faults as usize] = rest.left(part(width, faults, 200));
        areas.playbook = rest.0;
    } else {
        areas.panels[Panel::Faults as usize] = rest.0;
    }
}

/// A caption, two figures, the picture and the chart. On a small screen the chart goes first.
fn presenter(areas: &mut Areas, mut rest: Rest, shown: Shown) {
    areas.status = rest.top(1);
    areas.footer = rest.bottom(1);
    let height = rest.0.height;
    areas.caption = rest.top(if height >= 26 { 5 } else { 4 });
    if shown.alone {
        areas.panels[shown.focus as usize] = rest.0;
        return;
    }
    areas.figures = rest.top(if height >= 26 { 9 } else { 6 });
    let picture = part(rest.0.height, 4, 7).max(8);
    areas.panels[Panel::Cluster as usize] = rest.top(picture);
    areas.panels[Panel::Chart as usize] = rest.0;
    if areas.of(shown.focus).is_empty() {
        areas.panels.swap(shown.focus as usize, Panel::Chart as usize);
    }
}
