//! Where the time of answered requests went, as rows of a table.

use crate::observe::where_time::WhereTime;
use crate::sim::time::{MILLISECOND, Ns, millis};

/// What stands above the columns after the first.
pub(super) const HEADS: [&str; 5] =
    ["waiting", "working", "network", "in all", "mostly waiting for"];

/// A row for each component that took time, one for the wait between attempts, and their sum, in
/// milliseconds.
pub(super) fn rows(went: &WhereTime) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut sum = [0.0; 4];
    for spent in went.components.iter().filter(|s| s.sum() > 0.0) {
        let parts = [spent.waiting(), spent.working, spent.network, spent.sum()];
        sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        let worth = spent.waiting() >= 0.01 * went.mean;
        rows.push(row(&spent.name, parts, if worth { spent.mostly().0 } else { "" }));
    }
    if went.between > 0.0 {
        let parts = [went.between, 0.0, 0.0, went.between];
        sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        rows.push(row("between attempts", parts, ""));
    }
    rows.push(row("mean of these requests", sum, ""));
    rows
}

fn row(name: &str, parts: [f64; 4], mostly: &str) -> Vec<String> {
    let mean = |ns: f64| in_ms(ns.round() as Ns);
    let name = std::iter::once(name.to_string());
    name.chain(parts.map(mean)).chain([mostly.to_string()]).collect()
}

/// One digit after the point, two below 10 ms.
pub(super) fn in_ms(ns: Ns) -> String {
    if ns < 10 * MILLISECOND { format!("{:.2}", millis(ns)) } else { format!("{:.1}", millis(ns)) }
}
