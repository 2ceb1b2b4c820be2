//! The first limit in words, the same in every form of a report.

use super::Report;
use crate::observe::bottleneck::{Bottleneck, Over};
use crate::observe::figures::{gauge, time};

impl Report {
    /// `first limit while faults acted, or what they began lasted (20 s): orders-db, 97 % busy; over all
    /// judged time: web, 66 %`; `None` if nothing is limited.
    #[must_use]
    pub fn first_limit(&self) -> Option<String> {
        let first = self.judged.bottleneck.as_ref()?;
        let busy = |b: &Bottleneck| {
            let word = if b.resource == "cores" { "busy" } else { "in use" };
            format!("{}, {} {word}", b.name, gauge(b.utilisation))
        };
        Some(match (first.over, &self.judged.bottleneck_of_all) {
            (Over::Faults(acted), Some(all)) => {
                let (acted, busy) = (time(acted), busy(first));
                let all = if all.name == first.name {
                    gauge(all.utilisation)
                } else {
                    format!("{}, {}", all.name, gauge(all.utilisation))
                };
                format!(
                    "first limit while faults acted, or what they began lasted ({acted}): {busy}; over \
                     all judged time: {all}"
                )
            }
            _ => format!("first limit: {}", busy(first)),
        })
    }
}
