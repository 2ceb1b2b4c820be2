//! What an active fault holds, and the few numbers that are kept of one that is over.

use super::touch::Touched;

/// A set of small numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// Adds a number; true if it was not in.
    pub(super) fn add(&mut self, i: usize) -> bool {
        if self.0.len() <= i / 64 {
            self.0.resize(i / 64 + 1, 0);
        }
        let fresh = !self.has(i);
        self.0[i / 64] |= 1 << (i % 64);
        fresh
    }
    /// Whether a number is in it.
    pub(super) fn has(&self, i: usize) -> bool {
        self.0.get(i / 64).is_some_and(|word| word >> (i % 64) & 1 == 1)
    }
    /// Takes a number out.
    pub(super) fn remove(&mut self, i: usize) {
        if let Some(word) = self.0.get_mut(i / 64) {
            *word &= !(1 << (i % 64));
        }
    }
    /// Whether there are none in it.
    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }
    /// The numbers in it, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.0.iter().enumerate().filter(|(_, word)| **word != 0);
        words.flat_map(|(i, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| 64 * i + bit)
        })
    }
}

/// What a fault still has a hold of, and what it has touched.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    pub(super) nodes: Bits,
    pub(super) links: Bits,
    /// Nodes at which requests pass what it set.
    pub(super) passes: Bits,
    pub(super) touched: Touched,
}

impl Mask {
    /// The fault is over: it holds nothing, and its few numbers are all that is asked for.
    pub(super) fn close(&mut self) {
        (self.nodes, self.links, self.passes) = Default::default();
        self.touched.close();
    }

    /// What it takes in memory.
    pub(super) fn held_bytes(&self) -> usize {
        let bits = [&self.nodes, &self.links, &self.passes].map(|b| b.0.capacity());
        size_of::<Mask>()
            + bits.iter().sum::<usize>() * size_of::<u64>()
            + self.touched.held_bytes()
    }
}
