//! How busy nodes are called. A colour gets worse at once and better only when the figure is clearly
//! below its edge, and has been for a while: so a gauge at an edge does not flicker.

use crate::chaos::setting;
use crate::session::picture::Picture;
use crate::sim::spec::Value;
use crate::sim::time::{Ns, SECOND};
use crate::tui::plan::Level;

/// Edges of the levels: from there on [`Level::Warn`] and [`Level::Bad`].
const EDGES: [f64; 2] = [0.75, 0.9];
/// By so much a figure must be below an edge to get better.
const CLEARLY: f64 = 0.03;
/// And for so long.
const FOR: Ns = SECOND;
/// The scale of density where no file says a rate.
const USUAL_SCALE: u64 = 2_000;

/// The level of a figure by itself.
fn level(share: f64) -> Level {
    match share {
        s if s > EDGES[1] => Level::Bad,
        s if s >= EDGES[0] => Level::Warn,
        _ => Level::Ok,
    }
}

/// A node's level, and since when its figure is a better one.
#[derive(Clone, Copy, Debug, Default)]
struct Slow {
    level: Level,
    better_since: Option<Ns>,
}

impl Slow {
    fn see(&mut self, share: f64, now: Ns) {
        let (raw, clear) = (level(share), level(share + CLEARLY));
        if raw >= self.level || clear >= self.level {
            *self = Slow { level: raw.max(self.level), better_since: None };
            return;
        }
        let since = *self.better_since.get_or_insert(now);
        if now.saturating_sub(since) >= FOR {
            *self = Slow { level: clear, better_since: None };
        }
    }
}

/// The levels of all nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    nodes: Vec<Vec<Slow>>,
    at: Ns,
}

impl Levels {
    /// As a first picture shows them.
    pub fn of(picture: &Picture) -> Levels {
        let mut levels = Levels::default();
        levels.see(picture);
        levels
    }

    /// Takes the next picture. One of an earlier time, or of others, begins anew.
    pub fn see(&mut self, picture: &Picture) {
        if picture.now < self.at {
            self.nodes.clear();
        }
        self.at = picture.now;
        self.nodes.resize_with(picture.components.len(), Vec::new);
        for (slow, component) in self.nodes.iter_mut().zip(&picture.components) {
            slow.resize(component.nodes.len(), Slow::default());
            for (slow, node) in slow.iter_mut().zip(&component.nodes) {
                slow.see(node.utilisation, picture.now);
            }
        }
    }

    /// What is shown.
    pub fn shown(&self) -> Vec<Vec<Level>> {
        self.nodes.iter().map(|nodes| nodes.iter().map(|n| n.level).collect()).collect()
    }
}

/// The largest rate of the file's users, per second: fixed for a session, so that density means the
/// same throughout.
pub(super) fn scale(picture: &Picture) -> u64 {
    let rates = picture.components.iter().filter_map(|c| {
        let text = &c.settings.iter().find(|s| c.kind == "traffic" && s.name == "rate")?.file;
        match setting::parse(&setting::row(c.kind, "rate").ok()?, text) {
            Ok(Value::Rate(rate)) if rate >= 1.0 => Some(rate as u64),
            _ => None,
        }
    });
    rates.max().unwrap_or(USUAL_SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_at_once_and_better_when_it_lasts() {
        let mut slow = Slow::default();
        let mut at = |share, ms: u64| {
            slow.see(share, ms * 1_000_000);
            slow.level
        };
        assert_eq!(at(0.74, 0), Level::Ok);
        assert_eq!(at(0.76, 100), Level::Warn);
        assert_eq!(at(0.74, 200), Level::Warn, "not clearly below");
        assert_eq!(at(0.74, 5_000), Level::Warn);
        assert_eq!(at(0.70, 5_100), Level::Warn, "not for long");
        assert_eq!(at(0.73, 5_900), Level::Warn, "above again: it begins anew");
        assert_eq!(at(0.70, 6_000), Level::Warn);
        assert_eq!(at(0.70, 7_000), Level::Ok);
        assert_eq!(at(0.95, 7_100), Level::Bad);
        assert_eq!(at(0.10, 7_200), Level::Bad);
        assert_eq!(at(0.10, 8_300), Level::Ok);
    }

    #[test]
    fn the_scale_is_the_largest_rate_of_the_file() {
        let playbook = crate::playbook::open("million-users").unwrap().into_playbook();
        let session = crate::session::Session::new(&playbook, 1);
        let largest = scale(&session.picture());
        assert!(largest > USUAL_SCALE, "{largest}");
    }
}
