//! A word for each of the newest requests of one traffic, which is cheap to clone; and which version
//! each of their writes made.
//!
//! The newest are those within [`WINDOW`], a million, of the newest one: at 20,000 a second 52 s. A
//! request that comes back later than that is as one that never was: its key does not stop its write a
//! second time, and nobody counts that. Counts only grow ([`super::request`]), so what is forgotten
//! never comes to stand for another.

use super::log::{Key, Version};
use super::request::{parts, request_of};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Requests of a page.
const PAGE: u64 = 512;
/// Requests that are remembered.
pub(crate) const WINDOW: u64 = 2048 * PAGE;

type Page<T> = Arc<[T; PAGE as usize]>;

/// A word for each of the newest requests of one traffic; at first all are zero.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book<T> {
    pages: VecDeque<Option<Page<T>>>,
    /// The number of the first page.
    first: u64,
}

impl<T: Copy + Default> Book<T> {
    /// The word of a request; `None` if it is forgotten.
    pub(crate) fn word(&mut self, count: u64) -> Option<&mut T> {
        let page = count / PAGE;
        if page < self.first {
            return None;
        }
        while page >= self.first + self.pages.len() as u64 {
            self.pages.push_back(None);
        }
        while self.pages.len() as u64 > WINDOW / PAGE {
            self.pages.pop_front();
            self.first += 1;
        }
        let page = self.pages.get_mut(page.checked_sub(self.first)? as usize)?;
        let page = page.get_or_insert_with(|| Arc::new([T::default(); PAGE as usize]));
        Arc::make_mut(page).get_mut((count % PAGE) as usize)
    }

    /// The word of a request as it is; 0 if there is none, or none any more.
    pub(crate) fn seen(&self, count: u64) -> T {
        let page = (count / PAGE).checked_sub(self.first);
        match page.and_then(|page| self.pages.get(page as usize)) {
            Some(Some(page)) => page[(count % PAGE) as usize],
            _ => T::default(),
        }
    }

    /// All words, each with the count of its request.
    fn words(&self) -> impl Iterator<Item = (u64, T)> + '_ {
        let pages = self.pages.iter().zip(self.first..);
        let pages = pages.filter_map(|(page, number)| Some((page.as_ref()?, number * PAGE)));
        pages.flat_map(|(page, from)| page.iter().copied().zip(from..).map(|(word, n)| (n, word)))
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.pages.iter().flatten().count() * size_of::<[T; PAGE as usize]>()
            + self.pages.capacity() * size_of::<Option<Page<T>>>()
    }
}

/// The versions that the writes of the newest requests made.
#[derive(Clone, Debug, Default)]
pub(crate) struct Versions {
    /// By traffic and by which of a request's writes it is: as many as the programs have.
    books: BTreeMap<(usize, u32), Book<u64>>,
}

impl Versions {
    /// That write made that version.
    pub(crate) fn remember(&mut self, key: Key, version: Version) {
        let (traffic, count) = parts(key.request);
        let book = self.books.entry((traffic, key.path)).or_default();
        if let Some(word) = book.word(count) {
            *word = version.0;
        }
    }

    /// The version that the write made last; `None` if it was not done, or too long ago.
    pub(crate) fn version(&self, key: Key) -> Option<Version> {
        let (traffic, count) = parts(key.request);
        let word = self.books.get(&(traffic, key.path)).map_or(0, |book| book.seen(count));
        (word != 0).then_some(Version(word))
    }

    /// The writes that last made one of these versions, and which.
    pub(crate) fn that_made(&self, versions: impl Fn(Version) -> bool) -> Vec<(Key, Version)> {
        let mut all = Vec::new();
        for (&(traffic, path), book) in &self.books {
            let made = book.words().map(|(count, word)| (count, Version(word)));
            let these = made.filter(|(_, version)| versions(*version));
            all.extend(these.map(|(count, version)| {
                (Key { request: request_of(traffic, count), path }, version)
            }));
        }
        all
    }

    /// What they take in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.books.values().map(Book::held_bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_make_room_for_the_newest() {
        let mut book = Book::<u64>::default();
        *book.word(1).unwrap() = 7;
        for request in (0..3 * WINDOW).step_by(PAGE as usize) {
            *book.word(request).unwrap() |= 1;
        }
        assert_eq!(book.pages.len() as u64, WINDOW / PAGE);
        assert_eq!((book.seen(1), book.seen(2 * WINDOW), book.seen(9 * WINDOW)), (0, 1, 0));
        assert!(book.word(1).is_none() && book.held_bytes() > 0);
    }

    #[test]
    fn writes_are_found_by_what_they_made() {
        let mut versions = Versions::default();
        let write = |request, path| Key { request, path };
        for count in 1..=2_000 {
            versions.remember(write(count, 7), Version::new(1, count));
            versions.remember(write(request_of(1, count), 9), Version::new(2, count));
        }
        let found = versions.that_made(|version| version.position() == 1_500);
        let wanted = [
            (write(1_500, 7), Version::new(1, 1_500)),
            (write(request_of(1, 1_500), 9), Version::new(2, 1_500)),
        ];
        assert_eq!(found, wanted);
    }
}
