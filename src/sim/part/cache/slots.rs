//! A growing table of records, written at random, that is cheap to clone.
//!
//! Copy-on-write pages: a clone shares all of them, and a write copies its page once. A cache of a
//! million entries is cloned by a few thousand counts, not by 32 MB.

use std::ops::{Index, IndexMut};
use std::sync::Arc;

const PAGE: usize = 256;

/// Records by their number.
#[derive(Clone, Debug)]
pub(super) struct Slots<T> {
    pages: Vec<Arc<[T; PAGE]>>,
    len: u32,
}

impl<T: Copy> Slots<T> {
    pub(super) fn new() -> Slots<T> {
        Slots { pages: Vec::new(), len: 0 }
    }

    /// Adds a record; returns its number.
    pub(super) fn push(&mut self, record: T) -> u32 {
        let number = self.len;
        if (number as usize).is_multiple_of(PAGE) {
            self.pages.push(Arc::new([record; PAGE]));
        }
        self.len += 1;
        self[number] = record;
        number
    }

    /// What it takes in memory, about.
    pub(super) fn held_bytes(&self) -> usize {
        self.pages.len() * size_of::<[T; PAGE]>()
    }

    /// Pages that two tables share.
    #[cfg(test)]
    pub(super) fn shared_with(&self, other: &Slots<T>) -> usize {
        self.pages.iter().zip(&other.pages).filter(|(a, b)| Arc::ptr_eq(a, b)).count()
    }
}

impl<T> Index<u32> for Slots<T> {
    type Output = T;
    #[inline]
    fn index(&self, number: u32) -> &T {
        &self.pages[number as usize / PAGE][number as usize % PAGE]
    }
}

impl<T: Copy> IndexMut<u32> for Slots<T> {
    #[inline]
    fn index_mut(&mut self, number: u32) -> &mut T {
        &mut Arc::make_mut(&mut self.pages[number as usize / PAGE])[number as usize % PAGE]
    }
}
