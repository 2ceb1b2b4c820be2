//! When caches become warm and cold.

use super::log::Tone;
use super::{Observers, figures};
use crate::sim::id::NodeId;
use crate::sim::time::{Ns, SECOND};

/// A cache is warm from this share of hits on.
const WARM: f64 = 0.8;
/// And cold again below this.
const COLD: f64 = 0.5;
/// Lookups in a second from which its hit ratio means something.
const LOOKUPS: u64 = 50;

impl Observers {
    /// Says which caches became warm or cold in the last second.
    pub(super) fn watch_caches(&mut self, now: Ns) {
        let Some(before) = self.rolling.before(now, SECOND) else { return };
        let mut lines = Vec::new();
        for (n, tally) in self.nodes.iter().enumerate() {
            let last = tally.since(&before.node(n));
            let Some(ratio) = last.hit_ratio().filter(|_| last.hits + last.misses >= LOOKUPS)
            else {
                continue;
            };
            let name = self.map.topology.display_name(NodeId(n as u16));
            if !self.warm[n] && ratio >= WARM {
                self.warm[n] = true;
                let text = format!("{name} is warm: hit ratio above {}", figures::gauge(WARM));
                lines.push((Tone::Good, text));
            } else if self.warm[n] && ratio < COLD {
                self.warm[n] = false;
                let text = format!("{name} is cold: hit ratio {}", figures::gauge(ratio));
                lines.push((Tone::Warning, text));
            }
        }
        for (tone, text) in lines {
            self.log.say(now, tone, text);
        }
    }
}
