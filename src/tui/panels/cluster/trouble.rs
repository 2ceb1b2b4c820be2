//! What is wrong with a link, written on it: cuts, added delay, loss, each with its direction.
//!
//! ```text
//! ━──╳──▸      nothing comes through      ━ ╳1/4 ▸   one of four links is cut
//! ━ ▸+200ms ▸  slower on the way there    ━ ◂5% ▸    so many lost on the way back
//! ```

use super::Pen;
use crate::session::picture::{Tap, Trouble};
use crate::sim::time::{MILLISECOND, Ns, SECOND};
use crate::tui::format::figure;
use crate::tui::plan::{Leg, Link, Plan, Wire, is_level};
use crate::tui::theme::Role;
use crate::tui::widgets::width;

/// The taps that a piece of a link stands for; none where it only leads to a fork.
fn taps<'a>(taps: &'a [Tap], leg: &Leg, forks: bool) -> &'a [Tap] {
    match leg.node {
        Some(node) => taps.get(node..=node).unwrap_or_default(),
        None if forks => &[],
        None => taps,
    }
}

/// How many of the links from node to node are cut on a piece of a link, and how many there are.
pub(super) fn cut_of(all: &[Tap], leg: &Leg, forks: bool) -> (usize, usize) {
    let taps = taps(all, leg, forks);
    (taps.iter().map(|t| t.cut).sum(), taps.iter().map(|t| t.links).sum())
}

/// The level cells that a piece of a link has for itself.
pub(super) fn own_cells<'a>(plan: &'a Plan, link: &Link, leg: usize) -> Vec<&'a Wire> {
    let mine = |w: &&Wire| matches!(w.owners[..], [o] if o.link == link.flow && o.leg == leg);
    let cells = link.legs[leg].cells.iter().filter_map(|&(x, y, _)| plan.wire(x, y));
    cells.filter(|w| is_level(w)).filter(mine).collect()
}

/// Writes what is wrong on each piece of a link that has room for it.
pub(super) fn draw(pen: &mut Pen, plan: &Plan, link: &Link) {
    let Some(flow) = pen.picture.flows.get(link.flow) else { return };
    let forks = link.legs.len() > 1;
    for (i, leg) in link.legs.iter().enumerate() {
        let taps = taps(&flow.taps, leg, forks);
        let texts = forms(taps);
        if texts.is_empty() {
            continue;
        }
        let own: Vec<&Wire> = own_cells(plan, link, i).into_iter().filter(|w| !w.arrow).collect();
        write(pen, &own, &texts);
    }
}

/// At the end of the longest run, in the longest form that leaves a cell of the link to be seen.
fn write(pen: &mut Pen, own: &[&Wire], forms: &[String]) {
    let runs = own.chunk_by(|a, b| a.y == b.y && a.x.abs_diff(b.x) == 1);
    let Some(run) = runs.max_by_key(|r| r.len()) else { return };
    let (start, end) = (run[0].x.min(run[run.len() - 1].x), run[0].x.max(run[run.len() - 1].x));
    let style = pen.ink(Role::Marker);
    let fits = |text: &&String| width(text) < run.len();
    match forms.iter().find(fits).or(forms.last()) {
        Some(text) if width(text) <= run.len() => {
            let long = width(text) as u16;
            let x = (end + 1 - long).max(start);
            pen.put(x, run[0].y, text, long, style);
        }
        _ => {}
    }
}

/// What is to be written, from the longest form to a single sign; nothing where all is well or where
/// nothing at all comes through, which has a sign of its own.
fn forms(taps: &[Tap]) -> Vec<String> {
    let (cut, links): (usize, usize) =
        (taps.iter().map(|t| t.cut).sum(), taps.iter().map(|t| t.links).sum());
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
        return vec![format!("{share}{one_way}"), share, "╳".to_string()];
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
