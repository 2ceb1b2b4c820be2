//! The memory of a process: what it takes, and when that is too much.
//!
//! A process takes `memory_base`, `memory_per_request` for each request in progress there, and what
//! it has leaked: `memory_leak` for each request that it has served. When that is more than `memory`
//! the kernel kills it (OOM); it boots again and starts without a leak.

use super::spec::{Limit, MemoryOptions};
use super::time::Ns;

/// The memory of one node's process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memory {
    terms: MemoryOptions,
    /// Whether anything has to be counted.
    pub(crate) metered: bool,
    leaked: u64,
    /// How often the process was killed for it, and when last.
    pub(crate) kills: u32,
    pub(crate) killed: Option<Ns>,
}

impl Memory {
    pub(crate) fn new(terms: MemoryOptions) -> Memory {
        let mut memory = Memory::default();
        memory.set_terms(terms);
        memory
    }

    /// Other settings from now on; what was leaked stays.
    pub(crate) fn set_terms(&mut self, terms: MemoryOptions) {
        self.metered = terms.limit != Limit::Unlimited || terms.leak > 0;
        self.terms = terms;
    }

    /// The most that it may take; `None` is no limit.
    pub(crate) fn limit(&self) -> Option<u64> {
        match self.terms.limit {
            Limit::At(bytes) => Some(bytes),
            Limit::Unlimited => None,
        }
    }

    /// What it takes with so many requests in progress.
    pub(crate) fn used(&self, in_flight: u32) -> u64 {
        let requests = self.terms.per_request.saturating_mul(u64::from(in_flight));
        self.terms.base.saturating_add(requests).saturating_add(self.leaked)
    }

    /// Whether that is too much.
    pub(crate) fn is_over(&self, in_flight: u32) -> bool {
        self.limit().is_some_and(|limit| self.used(in_flight) > limit)
    }

    /// A request has been served.
    pub(crate) fn serve(&mut self) {
        self.leaked = self.leaked.saturating_add(self.terms.leak);
    }

    /// A new process: nothing is leaked.
    pub(crate) fn start(&mut self) {
        self.leaked = 0;
    }

    /// The process is killed.
    pub(crate) fn kill(&mut self, now: Ns) {
        self.kills = self.kills.saturating_add(1);
        self.killed = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_over_by_the_first_byte_too_much() {
        let terms = MemoryOptions { limit: Limit::At(100), base: 40, per_request: 10, leak: 5 };
        let mut memory = Memory::new(terms);
        assert!(memory.metered && !memory.is_over(6) && memory.is_over(7));
        memory.serve();
        assert_eq!(memory.used(2), 65);
        assert!(memory.is_over(6) && !memory.is_over(5));
        memory.set_terms(MemoryOptions { limit: Limit::Unlimited, ..terms });
        assert!(memory.metered && !memory.is_over(u32::MAX), "it leaks on without a limit");
        memory.set_terms(terms);
        memory.start();
        assert_eq!(memory.used(0), 40);
    }

    #[test]
    fn nothing_is_counted_by_default() {
        let memory = Memory::new(MemoryOptions::default());
        assert!(!memory.metered && memory.limit().is_none());
    }
}
