//! Steps: what they name exists and is of the right kind.

use super::{Finding, Subject, wrong_name};
use crate::chaos::Expected;
use crate::sim::spec::{Cluster, Step, Value};

/// Checks the steps of all classes and of all components with work of their own.
pub(super) fn check(cluster: &Cluster, findings: &mut Vec<Finding>) {
    for (i, class) in cluster.classes.iter().enumerate() {
        for (j, step) in class.steps.iter().enumerate() {
            findings.extend(wrong(cluster, step).map(|e| (Subject::ClassStep(i, j), e)));
        }
    }
    for (i, component) in cluster.components.iter().enumerate() {
        let Some(Value::Steps(steps)) = component.options.get("steps") else { continue };
        for (j, step) in steps.iter().enumerate() {
            findings.extend(wrong(cluster, step).map(|e| (Subject::OwnStep(i, j), e)));
        }
        if component.options.kind() == "workers" && steps.is_empty() {
            let e = Expected::whole("", "`steps = [\"…\"]` in its table, the work for one message");
            findings.push((Subject::Component(i), e));
        }
    }
}

fn wrong(cluster: &Cluster, step: &Step) -> Option<Expected> {
    let (name, keys, kinds): (_, _, &[&str]) = match step {
        Step::Cpu(_) => return None,
        Step::Read { from, keys } => (from, keys, &["cache", "database"]),
        Step::Write { to, keys } => (to, keys, &["database"]),
        Step::Publish { to, keys } => (to, keys, &["queue"]),
        Step::Call { to, keys } => (to, keys, &["balancer", "service"]),
    };
    let what = format!("a {}", kinds.join(" or a "));
    wrong_name(cluster, name, kinds, &what).or_else(|| {
        let keys = keys.as_ref().filter(|k| cluster.classes.iter().all(|c| c.name != **k))?;
        let classes = cluster.classes.iter().map(|c| c.name.as_str());
        Some(Expected::whole(keys, "a class of requests").near(classes))
    })
}
