//! The numbers of requests: which users sent it, and which of theirs it is.
//!
//! All that is drawn for a request is keyed by its number. Each `[traffic]` counts its own, so that
//! more or fewer requests of one region move no demand of another.

use super::id::ComponentId;
use super::spec::{Cluster, Options};

/// Bits of the count. Of more requests of one traffic (at 20,000 a second: two days) the count begins
/// anew, at 1.
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

    /// The number that the next request will have.
    #[inline]
    pub(crate) fn next(self) -> u64 {
        self.base | u64::from(self.count.wrapping_add(1).max(1))
    }

    /// The number of a request that arrives.
    #[inline]
    pub(crate) fn take(&mut self) -> u64 {
        self.count = self.count.wrapping_add(1).max(1);
        self.base | u64::from(self.count)
    }
}

/// Which traffic a request is of, and its count there.
#[inline]
pub(crate) fn parts(request: u64) -> (usize, u64) {
    ((request >> COUNT_BITS) as usize, request & u64::from(u32::MAX))
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
        let mut first = Counter { base: 0, count: u32::MAX - 1 };
        let mut second = Counter { base: 1 << COUNT_BITS, count: 0 };
        assert_eq!(second.next(), second.take());
        assert_eq!(parts(second.take()), (1, 2));
        assert_eq!(parts(first.take()), (0, u64::from(u32::MAX)));
        assert_eq!((first.next(), first.take()), (1, 1), "0 is background work");
    }
}
