//! A word for each of the newest requests of one traffic, which is cheap to clone.

use std::collections::VecDeque;
use std::sync::Arc;

/// Requests of a page.
const PAGE: u64 = 512;
/// Requests that are remembered.
pub(crate) const WINDOW: u64 = 2048 * PAGE;

/// A word for each of the newest requests of one traffic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Book {
    pages: VecDeque<Option<Arc<[u64; PAGE as usize]>>>,
    /// The number of the first page.
    first: u64,
}

impl Book {
    /// The word of a request; `None` if it is forgotten.
    pub(crate) fn word(&mut self, count: u64) -> Option<&mut u64> {
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
        let page = page.get_or_insert_with(|| Arc::new([0; PAGE as usize]));
        Arc::make_mut(page).get_mut((count % PAGE) as usize)
    }

    /// The word of a request as it is; 0 if there is none, or none any more.
    pub(crate) fn seen(&self, count: u64) -> u64 {
        let page = (count / PAGE).checked_sub(self.first);
        match page.and_then(|page| self.pages.get(page as usize)) {
            Some(Some(page)) => page[(count % PAGE) as usize],
            _ => 0,
        }
    }

    /// What it takes in memory, about.
    pub(crate) fn held_bytes(&self) -> usize {
        self.pages.iter().flatten().count() * size_of::<[u64; PAGE as usize]>()
            + self.pages.capacity() * size_of::<Option<Arc<[u64; PAGE as usize]>>>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_requests_make_room_for_the_newest() {
        let mut book = Book::default();
        *book.word(1).unwrap() = 7;
        for request in (0..3 * WINDOW).step_by(PAGE as usize) {
            *book.word(request).unwrap() |= 1;
        }
        assert_eq!(book.pages.len() as u64, WINDOW / PAGE);
        assert_eq!((book.seen(1), book.seen(2 * WINDOW), book.seen(9 * WINDOW)), (0, 1, 0));
        assert!(book.word(1).is_none() && book.held_bytes() > 0);
    }
}
