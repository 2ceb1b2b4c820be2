//! Something that a node has a number of: cores, threads, connections.

use super::frame::Ticket;
use super::reading::ResourceReading;
use super::time::Ns;
use std::collections::VecDeque;

/// A counted resource with a first-come-first-served queue, and the integrals of its use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resource {
    capacity: u32,
    used: u32,
    waiters: VecDeque<Ticket>,
    busy_ns: u64,
    queued_ns: u64,
    clocked: Ns,
    /// Whether what is in use does nothing: its process stands still.
    still: bool,
}

impl Resource {
    pub(crate) fn new(capacity: u32) -> Resource {
        Resource { capacity, ..Resource::default() }
    }

    /// Brings the integrals up to now; called before anything changes.
    #[inline]
    fn clock(&mut self, now: Ns) {
        let passed = now - self.clocked;
        self.busy_ns += passed * u64::from(self.working());
        if !self.waiters.is_empty() {
            self.queued_ns += passed * self.waiters.len() as u64;
        }
        self.clocked = now;
    }

    /// Units that are in use, and work.
    #[inline]
    fn working(&self) -> u32 {
        if self.still { 0 } else { self.used }
    }

    /// Whether what is in use stands still from now on: it stays in use, and is not busy.
    pub(crate) fn stand_still(&mut self, now: Ns, still: bool) {
        self.clock(now);
        self.still = still;
    }

    /// Takes a unit if one is free.
    #[inline]
    pub(crate) fn try_take(&mut self, now: Ns) -> bool {
        self.clock(now);
        let free = self.used < self.capacity;
        self.used += u32::from(free);
        free
    }

    /// Queues for a unit.
    #[inline]
    pub(crate) fn wait(&mut self, now: Ns, ticket: Ticket) {
        self.clock(now);
        self.waiters.push_back(ticket);
    }

    /// Whether more units are in use than there are by now: some were taken away meanwhile.
    #[inline]
    pub(crate) fn is_over(&self) -> bool {
        self.used > self.capacity
    }

    /// Units that nobody has in use.
    pub(crate) fn free(&self) -> u32 {
        self.capacity.saturating_sub(self.used)
    }

    /// Those who wait.
    #[inline]
    pub(crate) fn queued(&self) -> usize {
        self.waiters.len()
    }

    /// Gives a unit back: the next waiter for whom `alive` holds takes it over.
    #[inline]
    pub(crate) fn give(&mut self, now: Ns, alive: impl Fn(Ticket) -> bool) -> Option<Ticket> {
        self.clock(now);
        if self.used <= self.capacity {
            while let Some(ticket) = self.waiters.pop_front() {
                if alive(ticket) {
                    return Some(ticket);
                }
            }
        }
        self.used -= 1;
        None
    }

    /// One who waits has given up.
    pub(crate) fn leave(&mut self, now: Ns, ticket: Ticket) {
        self.clock(now);
        self.waiters.retain(|&t| t != ticket);
    }

    /// Forgets those who have given up, at the front of the queue.
    pub(crate) fn tidy(&mut self, now: Ns, alive: impl Fn(Ticket) -> bool) {
        self.clock(now);
        while self.waiters.front().is_some_and(|&t| !alive(t)) {
            self.waiters.pop_front();
        }
    }

    /// Changes how many there are. Units in use stay in use; who waits gets new ones by
    /// [`Resource::grant`].
    pub(crate) fn set_capacity(&mut self, capacity: u32) {
        self.capacity = capacity;
    }

    /// Gives free units to those who wait, and returns them.
    pub(crate) fn grant(&mut self, now: Ns, alive: impl Fn(Ticket) -> bool) -> Vec<Ticket> {
        self.clock(now);
        let mut granted = Vec::new();
        while self.used < self.capacity {
            let Some(ticket) = self.waiters.pop_front() else { break };
            if alive(ticket) {
                self.used += 1;
                granted.push(ticket);
            }
        }
        granted
    }

    /// Nobody holds or waits any more.
    pub(crate) fn reset(&mut self, now: Ns) {
        self.clock(now);
        self.used = 0;
        self.still = false;
        self.waiters = VecDeque::new();
    }

    pub(crate) fn reading(&self, now: Ns) -> ResourceReading {
        let passed = now - self.clocked;
        ResourceReading {
            capacity: self.capacity,
            used: self.used,
            queued: self.waiters.len() as u32,
            busy_ns: self.busy_ns + passed * u64::from(self.working()),
            queued_ns: self.queued_ns + passed * self.waiters.len() as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(index: u32) -> Ticket {
        Ticket { index, since: 1 }
    }

    #[test]
    fn first_come_first_served_past_those_who_have_left() {
        let mut r = Resource::new(1);
        assert!(r.try_take(0));
        assert!(!r.try_take(1));
        r.wait(1, ticket(1));
        r.wait(2, ticket(2));
        assert_eq!(r.give(10, |t| t.index == 2), Some(ticket(2)));
        assert_eq!(r.reading(10).used, 1);
        assert_eq!(r.give(10, |_| true), None);
        assert_eq!(r.reading(10).used, 0);
    }

    #[test]
    fn integrals_are_areas() {
        let mut r = Resource::new(2);
        assert!(r.try_take(100) && r.try_take(150));
        r.wait(160, ticket(1));
        let reading = r.reading(200);
        assert_eq!((reading.busy_ns, reading.queued_ns), (50 + 2 * 50, 40));
        r.stand_still(200, true);
        let reading = r.reading(250);
        assert_eq!((reading.used, reading.busy_ns, reading.queued_ns), (2, 150, 90));
        r.stand_still(300, false);
        assert_eq!(r.reading(310).busy_ns, 150 + 2 * 10);
    }

    #[test]
    fn a_smaller_capacity_takes_effect_as_units_come_back() {
        let mut r = Resource::new(2);
        assert!(r.try_take(0) && r.try_take(0));
        r.wait(0, ticket(1));
        r.set_capacity(1);
        assert!(r.grant(0, |_| true).is_empty());
        assert_eq!(r.give(0, |_| true), None, "two were in use of one");
        assert_eq!(r.give(0, |_| true), Some(ticket(1)));
        r.wait(0, ticket(2));
        r.set_capacity(3);
        assert_eq!(r.grant(0, |_| true), vec![ticket(2)]);
    }
}
