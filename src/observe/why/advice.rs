//! What helps against failures: by their reason, and by the kind of component at which they began. The
//! same reason wants something else in another place: who is refused by a server may ask another, who is
//! refused by a primary waits for a failover, and who is refused by a balancer has none beside it.

use super::fixes::{self, Fix};
use crate::sim::observation::Outcome::{
    self, BadDeploy, Expired, NoBackend, NoPrimary, NotEnoughReplicas, Overloaded, PoolExhausted,
    QueueFull, Refused, Reset, Timeout,
};

/// A reason, the kinds of components at which it can begin, and what helps there.
type Row = (Outcome, &'static [&'static str], Fix);

/// All that is known to help. `tests/it/helps.rs` has a run for each kind of each row.
const ROWS: &[Row] = &[
    (Timeout, &["balancer"], fixes::HURRY),
    (Timeout, &["service"], fixes::SILENT_SERVER),
    (Timeout, &["database"], fixes::SILENT_DATABASE),
    (Timeout, &["queue"], fixes::AGAIN),
    (Refused, &["balancer", "queue"], fixes::AGAIN),
    (Refused, &["service"], fixes::NOTICE),
    (Refused, &["database"], fixes::FAILOVER),
    (Reset, &["balancer", "service", "database", "queue"], fixes::AGAIN),
    (Overloaded, &["service"], fixes::CAPACITY),
    (PoolExhausted, &["service"], fixes::POOL),
    (NoBackend, &["balancer"], fixes::SPARE),
    (NoPrimary, &["service", "database"], fixes::FAILOVER),
    (QueueFull, &["queue"], fixes::DRAIN),
    (BadDeploy, &["balancer", "service", "database", "queue"], fixes::TAKE_BACK),
    (NotEnoughReplicas, &["database"], fixes::REPLICAS),
    (Expired, &["service"], fixes::CAPACITY),
    (Expired, &["database"], fixes::CORES),
];

/// What helps against failures for a reason that began at a component of that kind; `None` if nothing
/// is known. `components` are kinds with the name of the one of that kind.
#[must_use]
pub fn advice(reason: Outcome, kind: &str, components: &[(&str, &str)]) -> Option<String> {
    let row = ROWS.iter().find(|(of, at, _)| *of == reason && at.contains(&kind));
    row.map(|(_, _, fix)| fix.text(components))
}

/// Reasons with the kinds at which they can begin, of which something is known to help.
pub fn advised() -> impl Iterator<Item = (Outcome, &'static str)> {
    ROWS.iter().flat_map(|(reason, at, _)| at.iter().map(|kind| (*reason, *kind)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::Options;
    use std::collections::BTreeSet;

    #[test]
    fn something_helps_against_each_reason_and_no_place_has_two_rows() {
        let all: Vec<_> = advised().collect();
        let once: BTreeSet<_> = all.iter().collect();
        assert_eq!(once.len(), all.len());
        for reason in Outcome::REASONS {
            assert!(all.iter().any(|(of, _)| of == reason), "nothing helps against {reason:?}");
        }
        assert!(all.iter().all(|(_, kind)| Options::of_kind(kind).is_some()));
    }

    #[test]
    fn the_same_reason_is_helped_otherwise_in_another_place() {
        let refused = |kind| advice(Refused, kind, &[(kind, "it")]);
        assert!(refused("service").is_some_and(|a| a.contains("retry_on_next")));
        assert!(refused("database").is_some_and(|a| a.contains("misses")));
        assert_eq!(refused("workers"), None);
    }
}
