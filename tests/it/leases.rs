//! Leases of primaries: nobody acts on one that is over.

use crate::lab::Lab;
use brownout::sim::reading::PartReading;
use brownout::sim::time::{MILLISECOND, SECOND};

/// A lease is as long as the watchers have granted it, whatever is set while their answers are under way.
#[test]
fn a_lease_is_as_long_as_it_was_granted() {
    const CLUSTER: &str = r#"
        [traffic.app]
        to = "web"
        rate = "20/s"
        [request.put]
        share = "100%"
        steps = ["write db"]
        [service.web]
        instances = 2
        [database.db]
        replicas = 2
        [failover.keeper]
        of = "db"
        every = "500ms"
    "#;
    let primaries = |lab: &Lab| {
        let all = ["db-1", "db-2", "db-3"].into_iter().map(|name| lab.reading(name).part);
        all.filter(|p| matches!(p, PartReading::Database { primary: true, .. })).count()
    };
    for (first, then) in [(20, 3), (3, 20)] {
        let mut successors = 0;
        // At all phases of the beat.
        for phase in (0..500).step_by(40) {
            let mut lab: Lab = Lab::new(CLUSTER, 3);
            lab.act("delay db-1<->keeper base=80ms").act(&format!("set keeper.misses={then}"));
            lab.run(3 * SECOND + phase * MILLISECOND).act(&format!("set keeper.misses={first}"));
            lab.run(120 * MILLISECOND).act("cut db-1,web-1|db-2,db-3,keeper,web-2");
            lab.act(&format!("set keeper.misses={then}"));
            for _ in 0..150 {
                let now = primaries(lab.run(100 * MILLISECOND));
                assert!(now <= 1, "misses {first}, then {then}, phase {phase} ms: {now} primaries");
            }
            successors += primaries(&lab);
        }
        assert!(successors > 0, "or this shows nothing");
    }
}
