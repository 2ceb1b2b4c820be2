//! Checks of which it is certain before the end that they will not hold.

use super::bound::Source;
use crate::chaos::condition::{Bound, Comparison, Operator};
use crate::observe::metric::{Kind, Of, Span};
use crate::playbook::{Hold, Scope};
use crate::session::Session;

/// Totals that count by the official history of a database, which a failover or a merge changes: what was
/// lost may come back, and what was done twice may be lost.
const MAY_FALL: [&str; 3] = ["lost_writes", "doubled_effects", "unpublished"];

impl Session {
    /// Whether a check that is judged at the end cannot hold any more: a total has passed its bound,
    /// and totals never fall.
    pub(super) fn is_hopeless(&self, index: usize) -> bool {
        let Some(check) = self.playbook.checks.get(index) else { return false };
        let Scope::Phases(holds) = &check.scope else { return false };
        let plan = &self.experiment.plan;
        let Some(of) = plan.of(Source::Check(index)).filter(|_| holds.contains(&Hold::End)) else {
            return false;
        };
        let whole = Span::whole(&self.world, &self.observers);
        let each = check.that.comparisons().zip(of);
        let passed: Vec<bool> = each.map(|(c, of)| has_passed(c, *of, &whole)).collect();
        let mut rest = passed.into_iter();
        check
            .that
            .any
            .iter()
            .all(|group| rest.by_ref().take(group.len()).filter(|p| *p).count() > 0)
    }
}

/// Whether a total is beyond what its comparison allows.
fn has_passed(comparison: &Comparison, of: Of, whole: &Span<'_>) -> bool {
    let metric = comparison.quantity.metric;
    let Bound::Value(wanted) = comparison.bound else { return false };
    if metric.kind != Kind::Counter || MAY_FALL.contains(&metric.name) {
        return false;
    }
    (metric.value)(whole, of).is_some_and(|total| match comparison.operator {
        Operator::Below => total >= wanted,
        Operator::AtMost | Operator::Equal => total > wanted,
        Operator::Above | Operator::AtLeast | Operator::Unequal => false,
    })
}
