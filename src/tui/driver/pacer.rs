//! How far simulated time should be by now. Arithmetic only: the caller reads the clock.

use crate::sim::time::Ns;
use crate::tui::feed::Pace;
use std::time::Duration;

/// Over how long the speed that is reached is measured.
const MEASURED_OVER: Duration = Duration::from_millis(500);
/// So far behind, in wall time, the past is given up: the run is slower, it does not catch up later.
const GIVE_UP_AFTER: Duration = Duration::from_millis(100);

/// Ties simulated time to wall time: `anchor + elapsed × speed`.
#[derive(Clone, Debug)]
pub struct Pacer {
    pace: Pace,
    anchor: (Duration, Ns),
    measured: (Duration, Ns),
}

impl Pacer {
    /// A pacer that begins now. `wall` is the time since any fixed instant.
    #[must_use]
    pub fn new(pace: Pace, wall: Duration, now: Ns) -> Pacer {
        Pacer { pace, anchor: (wall, now), measured: (wall, now) }
    }

    /// How time runs.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// Where simulated time should be; where it is, while paused.
    #[must_use]
    pub fn target(&self, wall: Duration, now: Ns) -> Ns {
        if self.pace.paused {
            return now;
        }
        let elapsed = wall.saturating_sub(self.anchor.0).as_nanos() as f64;
        self.anchor.1.saturating_add((elapsed * self.pace.speed) as Ns)
    }

    /// Changes the speed from now on.
    pub fn set_speed(&mut self, speed: f64, wall: Duration, now: Ns) {
        self.pace.speed = speed;
        self.begin(wall, now);
    }

    /// Stands still, or goes on, from now on.
    pub fn set_paused(&mut self, paused: bool, wall: Duration, now: Ns) {
        self.pace.paused = paused;
        self.begin(wall, now);
    }

    fn begin(&mut self, wall: Duration, now: Ns) {
        self.pace.reached = None;
        self.anchor = (wall, now);
        self.measured = (wall, now);
    }

    /// Takes note of how far the world has come; gives up what the machine cannot keep up with.
    pub fn observe(&mut self, wall: Duration, now: Ns) {
        if self.pace.paused {
            return;
        }
        let behind = self.target(wall, now).saturating_sub(now) as f64 / self.pace.speed;
        if behind > GIVE_UP_AFTER.as_nanos() as f64 {
            self.anchor = (wall, now);
        }
        let span = wall.saturating_sub(self.measured.0);
        if span >= MEASURED_OVER {
            let reached = now.saturating_sub(self.measured.1) as f64 / span.as_nanos() as f64;
            self.pace.reached = (reached < self.pace.speed * 0.93).then_some(reached);
            self.measured = (wall, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::{MILLISECOND, SECOND};

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn the_target_runs_with_the_speed_and_a_change_counts_from_then_on() {
        let mut pacer = Pacer::new(Pace::default(), ms(1_000), 0);
        assert_eq!(pacer.target(ms(1_500), 0), SECOND / 2);
        pacer.set_speed(10.0, ms(1_500), SECOND / 2);
        assert_eq!(pacer.target(ms(1_600), 0), SECOND / 2 + SECOND);
    }

    #[test]
    fn a_pause_stands_still_and_is_not_caught_up() {
        let mut pacer = Pacer::new(Pace::default(), ms(0), 0);
        pacer.set_paused(true, ms(100), 7);
        assert_eq!(pacer.target(ms(9_000), 7), 7);
        pacer.set_paused(false, ms(9_000), 7);
        assert_eq!(pacer.target(ms(9_001), 7), 7 + MILLISECOND);
    }

    #[test]
    fn a_machine_that_cannot_keep_up_says_so_and_does_not_catch_up() {
        let pace = Pace { speed: 10.0, ..Pace::default() };
        let mut pacer = Pacer::new(pace, ms(0), 0);
        for tick in 1..=60 {
            // 7 ms of simulated time for every 10 ms: 0.7x.
            pacer.observe(ms(tick * 10), tick * 7 * MILLISECOND);
        }
        let reached = pacer.pace().reached.unwrap();
        assert!((reached - 0.7).abs() < 1e-9, "{reached}");
        let now = 420 * MILLISECOND;
        assert!(pacer.target(ms(600), now) - now <= 1_010 * MILLISECOND);
    }

    #[test]
    fn a_machine_that_keeps_up_says_nothing() {
        let mut pacer = Pacer::new(Pace::default(), ms(0), 0);
        for tick in 1..=100 {
            pacer.observe(ms(tick * 10), tick * 10 * MILLISECOND);
        }
        assert_eq!(pacer.pace().reached, None);
    }
}
