//! A large table of numbers, written at random, that is cheap to clone.
//!
//! Copy-on-write pages: a clone shares all of them, and a write copies its page once. Pages that were
//! never written do not exist.

use std::sync::Arc;

const PAGE: usize = 512;

/// A table of `u64`, 0 where nothing was written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages {
    pages: Vec<Option<Arc<[u64; PAGE]>>>,
}

impl Pages {
    /// The number at an index.
    #[inline]
    pub(crate) fn get(&self, index: u32) -> u64 {
        match self.pages.get(index as usize / PAGE) {
            Some(Some(page)) => page[index as usize % PAGE],
            _ => 0,
        }
    }

    /// How many numbers other than 0 there are.
    pub(crate) fn written(&self) -> u64 {
        let pages = self.pages.iter().flatten();
        pages.map(|page| page.iter().filter(|&&value| value != 0).count() as u64).sum()
    }

    /// What it takes in memory, about; pages that others share are counted, too.
    pub(crate) fn held_bytes(&self) -> usize {
        let page = size_of::<[u64; PAGE]>();
        self.pages.iter().flatten().count() * page
            + self.pages.capacity() * size_of::<Option<Arc<[u64; PAGE]>>>()
    }

    /// Writes a number.
    #[inline]
    pub(crate) fn set(&mut self, index: u32, value: u64) {
        let page = index as usize / PAGE;
        if page >= self.pages.len() {
            self.pages.resize(page + 1, None);
        }
        let page = self.pages[page].get_or_insert_with(|| Arc::new([0; PAGE]));
        Arc::make_mut(page)[index as usize % PAGE] = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_keeps_what_it_had() {
        let mut pages = Pages::default();
        assert_eq!(pages.get(70_000), 0);
        pages.set(70_000, 5);
        let copy = pages.clone();
        pages.set(70_000, 6);
        pages.set(3, 1);
        assert_eq!((pages.get(70_000), copy.get(70_000), copy.get(3)), (6, 5, 0));
    }
}
