//! Checks of which it is certain before the end that they will not hold.

use super::bound::Source;
use crate::chaos::condition::{Bound, Comparison, Operator};
use crate::observe::metric::{Kind, Of, Span};
use crate::playbook::{Hold, Scope};
use crate::session::Session;
use crate::sim::World;
use crate::sim::spec::{Options, Prefer};

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
        let passed: Vec<bool> =
            each.map(|(c, of)| has_passed(c, *of, &whole, &self.world)).collect();
        let mut rest = passed.into_iter();
        check
            .that
            .any
            .iter()
            .all(|group| rest.by_ref().take(group.len()).filter(|p| *p).count() > 0)
    }
}

/// Whether a total is beyond what its comparison allows.
fn has_passed(comparison: &Comparison, of: Of, whole: &Span<'_>, world: &World) -> bool {
    let metric = comparison.quantity.metric;
    let Bound::Value(wanted) = comparison.bound else { return false };
    if metric.kind != Kind::Counter || may_fall(metric.name, world) {
        return false;
    }
    (metric.value)(whole, of).is_some_and(|total| match comparison.operator {
        Operator::Below => total >= wanted,
        Operator::AtMost | Operator::Equal => total > wanted,
        Operator::Above | Operator::AtLeast | Operator::Unequal => false,
    })
}

/// Whether that total may fall again: lost writes do where a merge brings some back.
fn may_fall(metric: &str, world: &World) -> bool {
    let merges = |o: &Options| matches!(o, Options::Database(o) if o.prefer != Prefer::Consistency);
    let mut all = world.topology().components.iter().enumerate();
    metric == "lost_writes"
        && all.any(|(i, _)| merges(world.options(crate::sim::id::ComponentId(i as u16))))
}
