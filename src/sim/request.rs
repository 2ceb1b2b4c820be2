//! The numbers of requests: which users sent it, and which of theirs it is.
//!
//! All that is drawn for a request is keyed by its number. Each `[traffic]` counts its own, so that
//! more or fewer requests of one region move no demand of another.

use super::id::ComponentId;
use super::spec::{Cluster, Options};

/// Bits of the count. One traffic can send 4,294,967,295 requests (at 20,000 a second: two and a half
/// days of simulated time); with one more the world stops ([`super::Stopped::TooManyRequests`]), for
/// two requests of one number would be one to keys and draws.
const COUNT_BITS: u32 = 32;

/// The most traffic components: the draws of a request have 8 bits for it.
pub(crate) const TRAFFICS_MAX: usize = 256;

/// Hands out the numbers of the requests of one traffic. Never 0, which is background work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    base: u64,
    count: u32,
}

impl Counter {
    /// The counter of a component, the first of all traffic components having the plain count.
    pub(crate) fn new(cluster: &Cluster, component: ComponentId) -> Counter {
        let before = cluster.components.iter().take(component.index());
        let ordinal = before.filter(|c| matches!(c.options, Options::Traffic(_))).count();
        Counter { base: (ordinal as u64) << COUNT_BITS, count: 0 }
    }

    /// One that has a single number left.
    #[cfg(test)]
    pub(crate) fn nearly_out() -> Counter {
        Counter { base: 0, count: u32::MAX - 1 }
    }

    /// The number that the next request will have, if there is one.
    #[inline]
    pub(crate) fn next(self) -> u64 {
        self.base | u64::from(self.count.saturating_add(1))
    }

    /// The number of a request that arrives; `None` if there are no more.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<u64> {
        self.count = self.count.checked_add(1)?;
        Some(self.base | u64::from(self.count))
    }
}

/// Which traffic a request is of, and its count there.
#[inline]
pub(crate) fn parts(request: u64) -> (usize, u64) {
    ((request >> COUNT_BITS) as usize, request & u64::from(u32::MAX))
}

/// The request of a traffic with that count.
#[inline]
pub(crate) fn request_of(traffic: usize, count: u64) -> u64 {
    (traffic as u64) << COUNT_BITS | count
}

/// The path of what a frame with a path calls at a step: one number for each, as long as calls go no
/// deeper than five and programs have no more than 66 steps; beyond that, a hash.
#[inline]
pub(crate) fn path_of(path: u32, step: u8) -> u32 {
    path.wrapping_mul(67).wrapping_add(u32::from(step) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_never_those_of_another_traffic() {
        let mut first = Counter::nearly_out();
        let mut second = Counter { base: 1 << COUNT_BITS, count: 0 };
        assert_eq!(Some(second.next()), second.take());
        assert_eq!(second.take().map(parts), Some((1, 2)));
        assert_eq!(request_of(1, 2), 1 << COUNT_BITS | 2);
        assert_eq!(first.take().map(parts), Some((0, u64::from(u32::MAX))));
        assert_eq!(first.take(), None, "and none is given twice");
    }
}
