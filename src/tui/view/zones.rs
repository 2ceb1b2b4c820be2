//! The zones of a cluster, in a few words.

use crate::session::picture::Picture;
use crate::tui::load;
use std::sync::Arc;

/// `zones  a 8   b 3 of 4 up   c 4`; empty with fewer than two zones. In the order of their first
/// nodes.
#[must_use]
pub fn zones(picture: &Picture) -> String {
    let mut found: Vec<(Arc<str>, usize, usize)> = Vec::new();
    for node in picture.components.iter().flat_map(|c| &c.nodes) {
        let Some(zone) = &node.zone else { continue };
        let up = usize::from(load::serves(node));
        match found.iter_mut().find(|(name, ..)| name == zone) {
            Some((_, serving, all)) => (*serving, *all) = (*serving + up, *all + 1),
            None => found.push((zone.clone(), up, 1)),
        }
    }
    if found.len() < 2 {
        return String::new();
    }
    found.sort();
    let told = found.iter().map(|(name, up, all)| {
        let of = if up == all { String::new() } else { format!("{up} of ") };
        format!("{name} {of}{all}{}", if of.is_empty() { "" } else { " up" })
    });
    format!("zones  {}", told.collect::<Vec<_>>().join("   "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;

    #[test]
    fn zones_tell_how_many_of_their_nodes_serve() {
        assert_eq!(zones(&example::at_rest()), "zones  a 10   b 3   c 3");
        assert_eq!(zones(&example::crashed()), "zones  a 10   b 2 of 3 up   c 3");
    }
}
