//! A message broker.

use super::behaviour::Behaviour;
use super::setting::{Limit, Setting, setting, words};
use crate::sim::time::{Ns, SECOND};

words! {
    /// What happens to a message for which there is no room.
    Overflow {
        /// It is refused: `queue_full`.
        Reject = "reject",
        /// The oldest message that waits is dropped for it; if all are in hand, it is refused.
        DropOldest = "drop_oldest",
    }
}

/// Holds messages until a worker has acknowledged them: at least once.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueOptions {
    /// Messages that wait or are in hand.
    pub limit: Limit,
    /// What happens to one more.
    pub overflow: Overflow,
    /// Whether messages survive a crash of the broker.
    pub durable: bool,
    /// A message in hand for longer is given to another worker.
    pub visibility: Ns,
    /// Deliveries at most; then it goes to the dead letters.
    pub attempts: u64,
    /// From the start of the process until it serves.
    pub boot: Ns,
}

impl Default for QueueOptions {
    fn default() -> QueueOptions {
        QueueOptions {
            limit: Limit::Unlimited,
            overflow: Overflow::Reject,
            durable: true,
            visibility: 30 * SECOND,
            attempts: 5,
            boot: 2 * SECOND,
        }
    }
}

impl QueueOptions {
    /// What can be set.
    pub const SETTINGS: &'static [Setting<QueueOptions>] = &[
        setting!("limit", Limit(1), live, "messages waiting or in hand", limit),
        setting!("overflow", Word(Overflow::WORDS), live, "what happens to one more", overflow),
        setting!("durable", Flag, live, "whether messages survive a crash", durable),
        setting!("visibility", Period, live, "in hand for longer: delivered again", visibility),
        setting!("attempts", Count(1, 1000), live, "deliveries before the dead letters", attempts),
        setting!("boot", Time, live, "from the start of the process until it serves", boot),
    ];
}

impl Behaviour for QueueOptions {
    fn boot(&self) -> Ns {
        self.boot
    }
}
