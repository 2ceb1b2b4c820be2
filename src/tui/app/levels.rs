//! How busy nodes are called. A colour gets worse at once and better only when the figure is clearly
//! below its edge, and has been for a while: so a gauge at an edge does not flicker.

use crate::chaos::setting;
use crate::session::picture::{Face, Picture, Vitals};
use crate::sim::spec::Value;
use crate::sim::time::{Ns, SECOND};
use crate::tui::load::{BUSY, Edges, Level, fullest};

/// Of requests that failed.
const FAILED: Edges = [0.001, 0.01];
/// Of the 99th percentile, as a share of how long users wait.
const LATE: Edges = [0.125, 0.5];
/// By so much of an edge a figure must be below it to get better: 3 points of 75.
const CLEARLY: f64 = 0.04;
/// And for so long.
const FOR: Ns = SECOND;
/// The scale of density where no file says a rate.
const USUAL_SCALE: u64 = 2_000;

/// The level of a figure, and since when the figure is a better one.
#[derive(Clone, Copy, Debug, Default)]
struct Slow {
    level: Level,
    better_since: Option<Ns>,
}

impl Slow {
    fn see(&mut self, figure: f64, edges: Edges, now: Ns) {
        let (raw, clear) = (Level::of(figure, edges), Level::of(figure / (1.0 - CLEARLY), edges));
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

/// The levels of the figures at the top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Strip {
    /// Of the busiest component.
    pub busiest: Level,
    /// Of the share that failed.
    pub failed: Level,
    /// Of the 99th percentile.
    pub p99: Level,
}

/// The levels of all nodes, and of the figures at the top.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    nodes: Vec<Vec<Slow>>,
    busiest: Slow,
    failed: Slow,
    p99: Slow,
    at: Ns,
}

impl Levels {
    /// As a first picture shows them.
    pub fn of(picture: &Picture) -> Levels {
        let mut levels = Levels::default();
        levels.see(picture);
        levels.see_strip(&picture.vitals, picture);
        levels
    }

    /// Takes the next picture. One of an earlier time, or of others, begins anew.
    pub fn see(&mut self, picture: &Picture) {
        if picture.now < self.at {
            *self = Levels::default();
        }
        self.at = picture.now;
        self.nodes.resize_with(picture.components.len(), Vec::new);
        for (slow, component) in self.nodes.iter_mut().zip(&picture.components) {
            slow.resize(component.nodes.len(), Slow::default());
            for (slow, node) in slow.iter_mut().zip(&component.nodes) {
                slow.see(fullest(component, node), BUSY, picture.now);
            }
        }
    }

    /// Takes the figures that stand at the top: a colour belongs to the figure beside it.
    pub fn see_strip(&mut self, shown: &Vitals, picture: &Picture) {
        let now = picture.now;
        self.busiest.see(shown.busiest.as_ref().map_or(0.0, |(_, share)| *share), BUSY, now);
        self.failed.see(shown.failed.unwrap_or(0.0), FAILED, now);
        let patience = patience(picture).map_or(f64::INFINITY, |ns| ns as f64);
        self.p99.see(shown.p99.unwrap_or(0) as f64 / patience, LATE, now);
    }

    /// The levels of the figures at the top.
    pub fn strip(&self) -> Strip {
        Strip { busiest: self.busiest.level, failed: self.failed.level, p99: self.p99.level }
    }

    /// What is shown.
    pub fn shown(&self) -> Vec<Vec<Level>> {
        self.nodes.iter().map(|nodes| nodes.iter().map(|n| n.level).collect()).collect()
    }
}

/// How long users wait, at most.
fn patience(picture: &Picture) -> Option<Ns> {
    let waits = picture.components.iter().filter_map(|c| match c.face {
        Face::Traffic { timeout, .. } => Some(timeout),
        _ => None,
    });
    waits.max()
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
            slow.see(share, BUSY, ms * 1_000_000);
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

    /// The figures at the top: red at once, and calm only after a calm second.
    #[test]
    fn a_figure_at_the_top_does_not_flicker() {
        let mut picture = crate::tui::example::at_rest();
        let mut levels = Levels::of(&picture);
        assert_eq!(levels.strip(), Strip::default());
        let mut at = |failed, busiest: f64, ms: u64| {
            picture.now += ms * 1_000_000;
            let shown = Vitals {
                failed: Some(failed),
                busiest: Some(("web".into(), busiest)),
                p99: Some(31_000_000),
                ..Vitals::default()
            };
            levels.see_strip(&shown, &picture);
            (levels.strip().failed, levels.strip().busiest)
        };
        assert_eq!(at(0.02, 0.76, 250), (Level::Bad, Level::Warn));
        assert_eq!(at(0.0, 0.73, 250), (Level::Bad, Level::Warn));
        assert_eq!(at(0.0, 0.70, 750), (Level::Bad, Level::Warn));
        assert_eq!(at(0.0, 0.70, 1_000), (Level::Ok, Level::Ok));
    }

    #[test]
    fn the_scale_is_the_largest_rate_of_the_file() {
        let playbook = crate::playbook::open("million-users").unwrap().into_playbook();
        let session = crate::session::Session::new(&playbook, 1);
        let largest = scale(&session.picture());
        assert!(largest > USUAL_SCALE, "{largest}");
    }
}
