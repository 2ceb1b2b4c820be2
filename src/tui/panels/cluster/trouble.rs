//! What is wrong with a link, written on it: cuts, added delay, loss, each with its direction.
//!
//! ```text
//! ━──╳──▸      nothing comes through      ━ ╳1/4 ▸   one of four links is cut
//! ━ ▸+200ms ▸  slower on the way there    ━ ◂×5% ▸   so many lost on the way back
//! ```

use super::Pen;
use crate::session::picture::{Flow, Picture, Tap, Trouble};
use crate::sim::time::{MILLISECOND, Ns, SECOND};
use crate::tui::format::figure;
use crate::tui::plan::{Leg, Link, Plan, Wire, cut_links, is_level, taps_counted};
use crate::tui::theme::Role;
use crate::tui::widgets::width;

/// What is wrong with a link that has no room to say so: for the box to which it leads.
pub(super) struct Unwritten {
    /// Indices of the components.
    pub from: usize,
    pub to: usize,
    /// What is to be written, from the longest form to the shortest.
    pub forms: Vec<String>,
    /// Links that are cut, and all.
    pub cut: (usize, usize),
}

/// The taps that a piece of a link stands for; none where it only leads to a fork.
fn taps(picture: &Picture, flow: &Flow, leg: &Leg, forks: bool) -> Vec<Tap> {
    match leg.node {
        _ if !forks => taps_counted(picture, flow).copied().collect(),
        Some(node) => flow.taps.get(node).copied().into_iter().collect(),
        None => Vec::new(),
    }
}

/// How many of the links from node to node are cut on a piece of a link, and how many there are.
pub(super) fn cut_of(pen: &Pen, flow: &Flow, leg: &Leg, forks: bool) -> (usize, usize) {
    cut_links(&taps(pen.picture, flow, leg, forks))
}

/// The level cells that a piece of a link has for itself.
pub(super) fn own_cells<'a>(plan: &'a Plan, link: &Link, leg: usize) -> Vec<&'a Wire> {
    let mine = |w: &&Wire| matches!(w.owners[..], [o] if o.link == link.flow && o.leg == leg);
    let cells = link.legs[leg].cells.iter().filter_map(|&(x, y, _)| plan.wire(x, y));
    cells.filter(|w| is_level(w)).filter(mine).collect()
}

/// Writes what is wrong on each piece of a link that has room for it. What a branch has no room for is
/// told of all of the link where that is one line still; what that has none for, either, is given back.
pub(super) fn draw(pen: &mut Pen, plan: &Plan, link: &Link) -> Option<Unwritten> {
    let flow = pen.picture.flows.get(link.flow)?;
    let forks = link.legs.len() > 1;
    let mut left = false;
    for (i, leg) in link.legs.iter().enumerate() {
        let taps = taps(pen.picture, flow, leg, forks);
        let own = own_cells(plan, link, i);
        let texts = forms(&taps);
        let (cut, links) = cut_links(&taps);
        if texts.is_empty() {
            // Nothing comes through: that has a sign of its own, if there is a cell for it alone.
            let alone =
                |c: &(u16, u16, u16)| plan.wire(c.0, c.1).is_some_and(|w| w.owners.len() == 1);
            left |=
                cut > 0 && cut == links && own.is_empty() && !leg.cells.last().is_some_and(alone);
            continue;
        }
        left |= !write(pen, &own, &texts);
    }
    if !left {
        return None;
    }
    let all: Vec<Tap> = taps_counted(pen.picture, flow).copied().collect();
    let cut = cut_links(&all);
    let mut sum = forms(&all);
    if sum.is_empty() {
        sum.push(format!("╳{}/{}", cut.0, cut.1));
    }
    if forks && write(pen, &own_cells(plan, link, 0), &sum) {
        return None;
    }
    Some(Unwritten { from: flow.from, to: flow.to, forms: sum, cut })
}

/// At the end of the longest run, in the longest form that leaves a cell of the link to be seen. Whether
/// there is room.
fn write(pen: &mut Pen, own: &[&Wire], forms: &[String]) -> bool {
    let runs = own.chunk_by(|a, b| a.y == b.y && a.x.abs_diff(b.x) == 1);
    let Some(run) = runs.max_by_key(|r| r.len()) else { return false };
    let (start, end) = (run[0].x.min(run[run.len() - 1].x), run[0].x.max(run[run.len() - 1].x));
    let style = pen.ink(Role::Marker);
    let fits = |text: &&String| width(text) < run.len();
    match forms.iter().find(fits).or(forms.last()) {
        Some(text) if width(text) <= run.len() => {
            let long = width(text) as u16;
            let x = (end + 1 - long).max(start);
            pen.put(x, run[0].y, text, long, style);
            true
        }
        _ => false,
    }
}

/// What has no room on the links into a box, as one text of at most so many cells: if asked for, with the
/// names of those from whom they come, without, and as a sum.
pub(super) fn together(
    picture: &Picture,
    all: &[&Unwritten],
    names: bool,
    cells: usize,
) -> Option<String> {
    let name = |u: &Unwritten| picture.components.get(u.from).map_or("", |c| &*c.name);
    let joined = |text: &dyn Fn(&Unwritten) -> Option<String>| {
        let parts: Option<Vec<String>> = all.iter().map(|u| text(u)).collect();
        parts.map(|parts| parts.join("  "))
    };
    let with_names = joined(&|u| Some(format!("{} {}", u.forms.first()?, name(u))));
    let bare = joined(&|u| u.forms.first().cloned());
    let short = joined(&|u| u.forms.last().cloned());
    let (cut, links) = all.iter().fold((0, 0), |(cut, links), u| (cut + u.cut.0, links + u.cut.1));
    let summed = (cut > 0).then(|| format!("╳{cut}/{links}"));
    let forms = [with_names.filter(|_| names), bare, short, summed].into_iter().flatten();
    forms.filter(|text| !text.is_empty()).find(|text| width(text) <= cells)
}

/// What is to be written, from the longest form to the shortest: a single sign, or the share that is cut.
/// Nothing where all is well or where nothing at all comes through, which has a sign of its own.
fn forms(taps: &[Tap]) -> Vec<String> {
    let (cut, links) = cut_links(taps);
    let (there, back) = (worst(taps, |t| t.there), worst(taps, |t| t.back));
    let way = |there: bool, back: bool| match (there, back) {
        (true, false) => "▸",
        (false, true) => "◂",
        _ => "",
    };
    let one_way = way(there.cut > 0, back.cut > 0);
    if cut > 0 && cut == links {
        // One way only: the sign in the middle does not say which.
        return if one_way.is_empty() { Vec::new() } else { vec![format!("╳{one_way}")] };
    }
    if cut > 0 {
        let share = format!("╳{cut}/{links}");
        return vec![format!("{share}{one_way}"), share];
    }
    if there.delay > 0 || back.delay > 0 {
        let way = way(there.delay > 0, back.delay > 0);
        let more = time(there.delay.max(back.delay));
        let loss = there.loss.max(back.loss);
        let both = (loss > 0.0).then(|| format!("{way}+{more} {}", lost(loss)));
        let all = both.into_iter();
        return all.chain([format!("{way}+{more}"), format!("+{more}"), "~".to_string()]).collect();
    }
    if there.loss > 0.0 || back.loss > 0.0 {
        let way = way(there.loss > 0.0, back.loss > 0.0);
        let lost = lost(there.loss.max(back.loss));
        return vec![format!("{way}{lost}"), lost, "%".to_string()];
    }
    Vec::new()
}

fn worst(taps: &[Tap], way: impl Fn(&Tap) -> Trouble) -> Trouble {
    taps.iter().map(way).fold(Trouble::default(), |a, b| Trouble {
        cut: a.cut + b.cut,
        delay: a.delay.max(b.delay),
        loss: a.loss.max(b.loss),
    })
}

/// `200ms`, `1.5s`.
fn time(added: Ns) -> String {
    match added {
        t if t >= SECOND => format!("{}s", figure(t as f64 / SECOND as f64)),
        t => format!("{}ms", figure(t as f64 / MILLISECOND as f64)),
    }
}

/// `×5%`.
fn lost(share: f64) -> String {
    format!("×{}%", figure(share * 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(there: Trouble, back: Trouble) -> Tap {
        let cut = usize::from(there.cut + back.cut > 0);
        Tap { links: 1, cut, there, back, ..Tap::default() }
    }

    #[test]
    fn direction_and_amount_are_told() {
        let none = Trouble::default();
        let slow = Trouble { delay: 200 * MILLISECOND, ..none };
        let lossy = Trouble { loss: 0.05, ..none };
        let cut = Trouble { cut: 1, ..none };
        let first = |taps: &[Tap]| forms(taps).into_iter().next();
        assert_eq!(first(&[tap(none, none)]), None);
        assert_eq!(first(&[tap(slow, none)]).as_deref(), Some("▸+200ms"));
        assert_eq!(first(&[tap(none, slow)]).as_deref(), Some("◂+200ms"));
        assert_eq!(first(&[tap(slow, slow)]).as_deref(), Some("+200ms"));
        assert_eq!(first(&[tap(none, lossy)]).as_deref(), Some("◂×5%"));
        assert_eq!(first(&[tap(cut, cut)]), None, "the sign alone");
        assert_eq!(first(&[tap(none, cut)]).as_deref(), Some("╳◂"));
        assert_eq!(first(&[tap(cut, cut), tap(none, none)]).as_deref(), Some("╳1/2"));
    }
}
