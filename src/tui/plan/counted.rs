//! Which of the links between two components count where links are counted: one answer for the picture
//! at every size, the footer and the details, so that `╳1/4` is a quarter everywhere.

use super::build::used_nodes;
use crate::session::picture::{Flow, Picture, Tap};

/// The nodes of a flow's target that count: those to which it is drawn, of a database its primaries;
/// all, if it is drawn to none in particular, or if only others have trouble, which must be seen.
#[must_use]
pub fn nodes_counted(picture: &Picture, flow: &Flow) -> Vec<usize> {
    let used = used_nodes(picture, flow);
    let trouble = |n: &usize| flow.taps.get(*n).is_some_and(is_in_trouble);
    let all = 0..flow.taps.len();
    if used.is_empty() || !used.iter().any(trouble) && all.clone().any(|n| trouble(&n)) {
        return all.collect();
    }
    used.into_iter().filter(|n| *n < flow.taps.len()).collect()
}

/// The links to those nodes.
pub fn taps_counted<'a>(picture: &Picture, flow: &'a Flow) -> impl Iterator<Item = &'a Tap> {
    nodes_counted(picture, flow).into_iter().filter_map(|n| flow.taps.get(n))
}

/// How many links of those taps are cut, and how many there are.
#[must_use]
pub fn cut_links<'a>(taps: impl IntoIterator<Item = &'a Tap>) -> (usize, usize) {
    taps.into_iter().fold((0, 0), |(cut, links), t| (cut + t.cut, links + t.links))
}

fn is_in_trouble(tap: &Tap) -> bool {
    let own = Tap { cut: tap.cut, there: tap.there, back: tap.back, ..Tap::default() };
    own != Tap::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;

    #[test]
    fn links_to_primaries_count_unless_only_others_are_cut() {
        let mut picture = example::at_rest();
        let l = picture.flows.iter().position(|f| f.to == example::ORDERS).unwrap();
        let of = |picture: &Picture| nodes_counted(picture, &picture.flows[l]);
        assert_eq!(of(&picture), [0], "the primary");
        picture.flows[l].taps[1].cut = 1;
        assert_eq!(of(&picture), [0, 1, 2], "a cut replica is not hidden");
        picture.flows[l].taps[0].cut = 1;
        assert_eq!(of(&picture), [0]);
        let edge = picture.flows.iter().position(|f| f.from == example::EDGE).unwrap();
        assert_eq!(nodes_counted(&picture, &picture.flows[edge]), [0, 1, 2, 3]);
    }
}
