//! A large table, written at random, that is cheap to clone.
//!
//! Copy-on-write pages: a clone shares all of them, and a write copies its page once. Pages that were
//! never written do not exist. What nobody shares is owned outright and not counted: a count is an
//! atomic operation, and each use of an entry of a cache would do four of them.

use std::cell::RefCell;
use std::sync::Arc;

/// Records in a page.
const PAGE: usize = 512;

type Records<T> = Box<[T; PAGE]>;

#[derive(Debug, Default)]
enum Page<T> {
    /// Never written.
    #[default]
    Blank,
    Own(Records<T>),
    /// Of several tables, or of one that was cloned and whose clones are gone.
    Shared(Arc<Records<T>>),
}

impl<T: Copy + Default> Page<T> {
    fn read(&self) -> Option<&[T; PAGE]> {
        match self {
            Page::Blank => None,
            Page::Own(records) => Some(records),
            Page::Shared(records) => Some(records),
        }
    }

    #[inline]
    fn write(&mut self) -> &mut [T; PAGE] {
        if !matches!(self, Page::Own(_)) {
            self.become_own();
        }
        match self {
            Page::Own(records) => records,
            _ => unreachable!("it has just become that"),
        }
    }

    #[cold]
    fn become_own(&mut self) {
        *self = Page::Own(match std::mem::take(self) {
            Page::Blank => Box::new([T::default(); PAGE]),
            Page::Own(records) => records,
            Page::Shared(shared) => Arc::unwrap_or_clone(shared),
        });
    }

    /// The same page for another table.
    fn share(&mut self) -> Page<T> {
        let shared = match std::mem::take(self) {
            Page::Blank => return Page::Blank,
            Page::Own(records) => Arc::new(records),
            Page::Shared(shared) => shared,
        };
        *self = Page::Shared(Arc::clone(&shared));
        Page::Shared(shared)
    }
}

/// Records by their number; `T::default()` where nothing was written.
#[derive(Debug, Default)]
pub(crate) struct Pages<T = u64> {
    /// In a cell since being cloned makes pages shared. Nobody else borrows it for longer than a look.
    pages: RefCell<Vec<Page<T>>>,
}

impl<T: Copy + Default> Clone for Pages<T> {
    fn clone(&self) -> Pages<T> {
        let shared = self.pages.borrow_mut().iter_mut().map(Page::share).collect();
        Pages { pages: RefCell::new(shared) }
    }
}

impl<T: Copy + Default> Pages<T> {
    /// The record at a number.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> T {
        let pages = self.pages.borrow();
        let page = pages.get(number as usize / PAGE).and_then(Page::read);
        page.map_or_else(T::default, |records| records[number as usize % PAGE])
    }

    /// The record at a number, to be written.
    #[inline]
    pub(crate) fn at(&mut self, number: u32) -> &mut T {
        let page = number as usize / PAGE;
        let pages = self.pages.get_mut();
        if page >= pages.len() {
            pages.resize_with(page + 1, Page::default);
        }
        &mut pages[page].write()[number as usize % PAGE]
    }

    /// Writes a record.
    #[inline]
    pub(crate) fn set(&mut self, number: u32, record: T) {
        *self.at(number) = record;
    }

    /// What it takes in memory, about; pages that others share are counted, too.
    pub(crate) fn held_bytes(&self) -> usize {
        let pages = self.pages.borrow();
        pages.iter().filter_map(Page::read).count() * size_of::<[T; PAGE]>()
            + pages.capacity() * size_of::<Page<T>>()
    }

    /// Pages that two tables share.
    #[cfg(test)]
    pub(crate) fn shared_with(&self, other: &Pages<T>) -> usize {
        let (ours, theirs) = (self.pages.borrow(), other.pages.borrow());
        let both = ours.iter().zip(theirs.iter());
        both.filter(|pair| matches!(pair, (Page::Shared(a), Page::Shared(b)) if Arc::ptr_eq(a, b)))
            .count()
    }
}

impl Pages {
    /// How many numbers other than 0 there are.
    pub(crate) fn written(&self) -> u64 {
        let pages = self.pages.borrow();
        let pages = pages.iter().filter_map(Page::read);
        pages.map(|page| page.iter().filter(|&&value| value != 0).count() as u64).sum()
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

    #[test]
    fn a_clone_shares_what_nobody_has_written_since() {
        let mut pages = Pages::default();
        for page in 0..4 {
            pages.set(page * PAGE as u32, u64::from(page) + 1);
        }
        let mut copy = pages.clone();
        assert_eq!(pages.shared_with(&copy), 4);
        copy.set(0, 9);
        pages.set(PAGE as u32, 9);
        assert_eq!(pages.shared_with(&copy), 2);
        drop(copy);
        assert_eq!([0, 1, 2].map(|page| pages.get(page * PAGE as u32)), [1, 9, 3]);
    }
}
