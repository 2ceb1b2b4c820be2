//! Rules about messages that are given out once more while somebody works on them.

use super::servers::failing;
use super::{Why, fixes};
use crate::observe::figures::{rate, time};
use crate::observe::now::Now;
use crate::sim::id::ComponentId;
use crate::sim::spec::{Options, QueueOptions};

/// From this share of what is published on: a worker that dies leaves fewer.
const WORTH: f64 = 0.01;

/// A queue that gives out again what nobody acknowledges within its visibility.
pub(super) fn again(now: &Now<'_>) -> Option<Why> {
    let queues = now.components().filter_map(|(id, options)| match options {
        Options::Queue(o) => Some((id, o)),
        _ => None,
    });
    let (id, how) = queues.into_iter().find_map(|(id, o)| Some((id, given_again(now, id, o)?)))?;
    let text = format!("{}{how}: each is worked on once more.", failing(now));
    Some(Why::with_fix(text, fixes::VISIBILITY, &[("queue", &now.info(id).name)]))
}

/// `dispatch gives out 470 /s again, not acknowledged within 10 ms (visibility)`, if that is worth a word.
pub(super) fn given_again(now: &Now<'_>, id: ComponentId, o: &QueueOptions) -> Option<String> {
    let span = now.settled();
    let (mut again, mut published) = (0, 0);
    for node in now.up(id) {
        again += now.redelivered(node, span);
        published += now.published(node, span);
    }
    (again > 0 && again as f64 >= WORTH * published as f64).then(|| {
        format!(
            "{} gives out {} again, not acknowledged within {} (visibility)",
            now.info(id).name,
            rate(again as f64 / span.seconds),
            time(o.visibility)
        )
    })
}
