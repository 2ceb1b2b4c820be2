//! A sample of the messages that are on their way.

use crate::observe::now::Now;
use crate::session::flows::Flows;
use crate::session::picture::Message;
use crate::sim::reading::MessageReading;

/// Frames that are looked at: in a storm there are more than anybody can see.
const SLOTS: usize = 16_384;

/// At most [`Message::MOST`], always of the same requests as long as they last: which ones are taken
/// depends on the number of the request alone.
pub(super) fn messages(flows: &Flows, now: &Now<'_>) -> Vec<Message> {
    let mut found: Vec<Message> =
        now.world.under_way(SLOTS).filter_map(|m| message(flows, now, &m)).collect();
    if found.len() > Message::MOST {
        found.sort_by_key(|m| (order(m.request), m.flow, m.node, m.reply));
        found.truncate(Message::MOST);
    }
    found.sort_by_key(|m| (m.request, m.flow, m.node, m.reply));
    found
}

/// Spreads the numbers of requests (Knuth's multiplicative hashing, by 2^64 over the golden ratio).
fn order(request: u64) -> u64 {
    request.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

fn message(flows: &Flows, now: &Now<'_>, m: &MessageReading) -> Option<Message> {
    // Who reached whom: an answer goes the other way.
    let (source, reached) = if m.reply { (m.to, m.from) } else { (m.from, m.to) };
    let (from, to) = (now.component(source).index(), now.component(reached).index());
    let is_queue = |c: usize| now.world.topology().components[c].kind == "queue";
    // Workers call their queue for messages: the flow goes from the queue to them.
    let along = flows.pairs.iter().position(|p| *p == (from, to));
    let against = || flows.pairs.iter().position(|p| *p == (to, from) && is_queue(to));
    let (flow, with) = match along {
        Some(flow) => (flow, true),
        None => (against()?, false),
    };
    let target = if with { reached } else { source };
    let number = usize::from(now.world.topology().nodes[target.index()].number);
    let from_source = m.reply != with;
    let class = now.observers.class_names().get(m.class.index());
    Some(Message {
        flow,
        node: number - 1,
        way: if from_source { m.way } else { 1.0 - m.way },
        reply: m.reply,
        failed: m.failed,
        letter: class.and_then(|name| name.chars().next()).unwrap_or('?'),
        request: m.request,
    })
}
