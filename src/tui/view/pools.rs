//! Queues and pools: what is used of what there is, where requests and messages wait.

use super::text::Line;
use crate::session::picture::{Component, Face, Node, Picture, PoolUse, Role as DbRole};
use crate::tui::format::{count, figure};
use crate::tui::load::{self, Level, WAITING, held, share};
use crate::tui::theme::Role;
use crate::tui::widgets::{bar, fit};

/// Cells of a name.
const NAME: usize = 20;
/// Cells of a gauge.
const GAUGE: u16 = 8;

/// Something that fills up.
struct Meter {
    name: String,
    used: u64,
    limit: Option<u64>,
    /// What stands behind it, instead of `used of limit`.
    words: Option<String>,
    role: Option<Role>,
}

impl Meter {
    fn new(name: String, used: u64, limit: Option<u64>) -> Meter {
        Meter { name, used, limit, words: None, role: None }
    }

    /// What is in use by somebody, and no line of those who wait: half of it is nothing to watch.
    fn held(self) -> Meter {
        Meter { role: Some(load::busy(self.share(), Role::NodeOk)), ..self }
    }

    fn share(&self) -> f64 {
        self.limit.map_or(0.0, |limit| share(self.used, limit))
    }

    fn role(&self) -> Role {
        self.role.unwrap_or(Level::of(self.share(), WAITING).role(Role::NodeOk))
    }

    fn is_trouble(&self) -> bool {
        matches!(self.role(), Role::NodeWarn | Role::NodeDown)
    }

    fn line(&self) -> Line {
        let (share, role) = (self.share(), self.role());
        let (on, off) = bar(share, GAUGE);
        let text = self.words.clone().unwrap_or_else(|| match self.limit {
            Some(limit) => format!("{} of {}", count(self.used), count(limit)),
            None => count(self.used),
        });
        let ink = if role == Role::NodeOk { Role::Text } else { role };
        Line::text(fit(&self.name, NAME))
            .padded(NAME + 1)
            .with(role, on)
            .with(Role::Dim, off)
            .with(ink, format!("  {text}"))
    }
}

/// A line for each, in file order; within a component from the door inwards. On a screen without
/// room for all, those in trouble and those that are fullest.
#[must_use]
pub fn pools(picture: &Picture, rows: usize) -> Vec<Line> {
    let own = |c: &Component| meters(c, picture).into_iter().chain(connections(c, picture));
    let mut all: Vec<Meter> = picture.components.iter().flat_map(own).collect();
    while all.len() > rows && !all.is_empty() {
        let least = all.iter().enumerate().min_by(|(_, a), (_, b)| {
            let by_share = a.share().total_cmp(&b.share());
            a.is_trouble().cmp(&b.is_trouble()).then(by_share)
        });
        let Some((least, _)) = least else { break };
        all.remove(least);
    }
    all.iter().map(Meter::line).collect()
}

fn meters(c: &Component, picture: &Picture) -> Vec<Meter> {
    let name = |what: &str| format!("{} {what}", c.name);
    let mut found = Vec::new();
    let backlog = held(c, |n| n.backlog);
    found.extend(backlog.map(|(used, limit)| Meter::new(name("backlog"), used, limit)));
    let threads = held(c, |n| n.threads);
    found.extend(threads.map(|(used, limit)| Meter::new(name("threads"), used, limit).held()));
    match &c.face {
        Face::Queue { depth, limit, in_hand, dead_letters, lost, .. } => {
            found.push(Meter::new(c.name.to_string(), *depth, *limit));
            found.push(Meter::new(name("in hand"), *in_hand, hands(picture)));
            let role = (*dead_letters > 0).then_some(Role::NodeWarn);
            found.push(Meter { role, ..Meter::new(name("dead"), *dead_letters, None) });
            if *lost > 0 {
                let role = Some(Role::NodeDown);
                found.push(Meter { role, ..Meter::new(name("lost"), *lost, None) });
            }
        }
        Face::Database { .. } => found.extend(replication(c)),
        _ => {}
    }
    found
}

/// Pools of connections of a component, each with those who wait for one.
fn connections(c: &Component, picture: &Picture) -> Vec<Meter> {
    let own = picture.pools.iter().filter(|p| p.owner == c.name);
    let meter = |p: &PoolUse| {
        let (used, size) = (u64::from(p.used), p.size.map(u64::from));
        let name = format!("{}→{}", p.owner, p.database);
        let waits = (p.waiting > 0).then(|| {
            let of = size.map_or(String::new(), |s| format!(" of {}", count(s)));
            format!("{}{of}, {} wait", count(used), count(p.waiting))
        });
        let role = (p.waiting > 0).then_some(Role::NodeDown);
        let meter = Meter::new(name, used, size).held();
        Meter { words: waits, role: role.or(meter.role), ..meter }
    };
    own.map(meter).collect()
}

/// Messages that all workers that are up can have in hand.
fn hands(picture: &Picture) -> Option<u64> {
    let workers = picture.components.iter().filter(|c| matches!(c.face, Face::Workers { .. }));
    let nodes = workers.flat_map(|c| &c.nodes).filter(|n| load::serves(n));
    let limits: Vec<Option<u64>> = nodes.map(|n| n.threads.and_then(|t| t.1)).collect();
    if limits.is_empty() { None } else { limits.into_iter().sum() }
}

/// From so many writes on that a node lacks it is far behind.
const BEHIND: u64 = 100;

/// How far the node is behind that is so most: what it has received and not applied yet or, if that is
/// more than what is on its way, what the only primary has and it has not received.
fn replication(c: &Component) -> Option<Meter> {
    let logs = c.nodes.iter().filter_map(|n| Some((n, n.log?, n.applied?)));
    let to_apply = logs.clone().map(|(_, log, applied)| log.saturating_sub(applied)).max()?;
    let mut primaries = logs.clone().filter(|(n, ..)| n.role == Some(DbRole::Primary));
    let missing = match (primaries.next(), primaries.next()) {
        (Some((_, newest, _)), None) => {
            let follows = |n: &Node| matches!(n.role, Some(DbRole::Replica(_) | DbRole::CutOff));
            let followers = logs.clone().filter(|(n, ..)| follows(n));
            followers.map(|(_, log, _)| newest.saturating_sub(log)).max().unwrap_or(0)
        }
        _ => 0,
    };
    let (behind, words) = match (to_apply, missing) {
        (_, BEHIND..) if missing > to_apply => {
            (missing, format!("{} missing", figure(missing as f64)))
        }
        (0, _) => (0, "all applied".to_string()),
        (n, _) => (n, format!("{} to apply", figure(n as f64))),
    };
    let ink = match behind {
        0..BEHIND => Role::NodeOk,
        BEHIND..1_000 => Role::NodeWarn,
        _ => Role::NodeDown,
    };
    (logs.count() > 1).then(|| Meter {
        words: Some(words),
        role: Some(ink),
        ..Meter::new(format!("{} log", c.name), 0, None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::example;

    #[test]
    fn meters_tell_what_is_used_of_what() {
        let lines: Vec<String> = pools(&example::at_rest(), 20)
            .iter()
            .map(|l| l.plain().replace('\u{202f}', " "))
            .collect();
        assert!(lines[0].starts_with("web backlog          ········  0 of 512"), "{lines:#?}");
        assert!(lines.iter().any(|l| l.starts_with("web threads          ■·······  20 of 256")));
        assert!(lines.iter().any(|l| l.ends_with("6 of 10 000")));
    }

    #[test]
    fn without_room_the_fullest_stay() {
        let mut picture = example::at_rest();
        for node in &mut picture.components[example::WEB].nodes {
            node.threads = Some((64, Some(64)));
        }
        let lines = pools(&picture, 1);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].plain().starts_with("web threads"));
    }

    #[test]
    fn what_a_replica_never_got_is_not_all_applied() {
        let mut picture = example::at_rest();
        let log = |picture: &Picture| {
            let lines = pools(picture, 20);
            let line = lines.iter().find(|l| l.plain().starts_with("orders-db log")).unwrap();
            line.plain().trim_end().to_string()
        };
        assert!(log(&picture).ends_with("all applied"));
        let replica = &mut picture.components[example::ORDERS].nodes[1];
        let cut = replica.log.map(|log| log.saturating_sub(412));
        (replica.log, replica.applied) = (cut, cut);
        assert!(log(&picture).ends_with("412 missing"), "{}", log(&picture));
        picture.components[example::ORDERS].nodes[1].role = Some(DbRole::Diverged);
        assert!(log(&picture).ends_with("all applied"), "another history");
    }

    #[test]
    fn lost_messages_stay_where_little_has_room() {
        let mut picture = example::at_rest();
        assert!(!pools(&picture, 20).iter().any(|l| l.plain().starts_with("dispatch lost")));
        if let Face::Queue { lost, .. } = &mut picture.components[example::DISPATCH].face {
            *lost = 412;
        }
        let lines = pools(&picture, 1);
        assert!(lines[0].plain().starts_with("dispatch lost"), "{lines:?}");
        assert!(
            lines[0].plain().ends_with("  412")
                && lines[0].bits.iter().any(|b| b.role == Role::NodeDown)
        );
    }
}
