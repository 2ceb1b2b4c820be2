//! A cache: real entries, of which one is evicted when there is no room.

mod entries;

pub(crate) use entries::Cache;

use crate::sim::frame::Frame;
use crate::sim::node::Part;
use crate::sim::observation::Outcome;
use crate::sim::program::Flow;
use crate::sim::random::Lot;
use crate::sim::spec::Options;
use crate::sim::time::Ns;
use crate::sim::world::World;

/// Operations of a cache's programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheOp {
    /// Looks a row up.
    Lookup,
    /// Puts what was read from the database.
    Put,
    /// Deletes a row that was written.
    Delete,
}

/// When an entry put now expires: within that share of the ttl, or entries that are filled together
/// would expire together.
fn expiry(now: Ns, ttl: Ns, jitter: f64, lot: &mut Lot) -> Ns {
    let most = (libm::floor(ttl as f64 * jitter + 0.5) as Ns).min(ttl);
    let late = if most == 0 { 0 } else { lot.below(most.saturating_mul(2).saturating_add(1)) };
    now.saturating_add(ttl - most).saturating_add(late)
}

impl World {
    pub(in crate::sim) fn cache_op(&mut self, op: CacheOp, index: u32) -> Flow {
        let now = self.now;
        let frame: &mut Frame = &mut self.arena[index];
        let node = &mut self.nodes[frame.node.index()];
        let (Part::Cache(cache), Options::Cache(options)) =
            (&mut node.part, &self.options[node.component.index()])
        else {
            return Flow::Next;
        };
        // Not when the setting changes: a change that ends at once moves no entry.
        cache.set_evict(options.evict);
        match op {
            CacheOp::Lookup => {
                let found = cache.get(frame.key, now);
                let Some(version) = found else { return Flow::End(Outcome::Miss) };
                frame.value = version;
            }
            CacheOp::Put => {
                let mut lot = self.expiry.of(frame.request, frame.path, frame.attempt);
                let expires = expiry(now, options.ttl, options.jitter, &mut lot);
                cache.put(frame.key, frame.value, expires, options.capacity.count());
            }
            CacheOp::Delete => cache.delete(frame.key),
        }
        Flow::Next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::random::Purpose;

    #[test]
    fn expiry_is_within_its_jitter() {
        let purpose = Purpose::new(1, "expiry");
        for (jitter, low, high) in [(0.1, 1090, 1110), (0.0, 1100, 1100), (1.0, 1000, 1200)] {
            let drawn: Vec<Ns> =
                (0..1000).map(|r| expiry(1000, 100, jitter, &mut purpose.of(r, 0, 0))).collect();
            let ends = (drawn.iter().min().copied(), drawn.iter().max().copied());
            assert_eq!(ends, (Some(low), Some(high)), "jitter {jitter}");
        }
    }

    #[test]
    fn the_longest_ttl_does_not_overflow() {
        let at = expiry(1000, Ns::MAX, 1.0, &mut Purpose::new(1, "expiry").of(1, 0, 0));
        assert!(at > Ns::MAX / 4, "{at}");
    }
}
