//! Figures of a component, each in several lengths.

use super::states::{brief as time, percent, slowed, state, up_count, whole};
use crate::session::picture::{Component, Face, Node, Phase, Picture, Role as DbRole};
use crate::sim::observation::NodeState;
use crate::sim::time::SECOND;
use crate::tui::format::{figure, latency, percent as in_percent};
use crate::tui::load::{self, Level, WAITING, share, short_of_threads};
use crate::tui::theme::Role;
use crate::tui::view::node::has_unlimited_cores;

/// A figure of a component.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    /// A sign before it.
    pub sign: Option<(&'static str, Role)>,
    /// The text, from the longest form to the shortest.
    pub texts: Vec<String>,
    /// Its colour.
    pub role: Role,
}

impl Fact {
    pub(super) fn new(role: Role, texts: impl IntoIterator<Item = String>) -> Fact {
        Fact { sign: None, texts: texts.into_iter().collect(), role }
    }

    pub(super) fn signed(mut self, sign: &'static str, role: Role) -> Fact {
        self.sign = Some((sign, role));
        self
    }

    fn text(texts: impl IntoIterator<Item = String>) -> Fact {
        Fact::new(Role::Text, texts)
    }

    fn print(texts: impl IntoIterator<Item = String>) -> Fact {
        Fact::new(Role::Dim, texts)
    }
}

/// The n-th figure in a box with a frame.
pub(super) fn fact(picture: &Picture, c: &Component, n: usize) -> Fact {
    let line = match c.face {
        Face::Balancer { .. } => 1,
        _ => 0,
    };
    if n == line
        && let Some(fact) = trouble(picture, c)
    {
        return fact;
    }
    match c.face {
        Face::Traffic { rate, users, timeout } => match n {
            0 => Fact::text(rates(rate, "/s")),
            1 => Fact::print([format!("{} users", big(users)), format!("{} us.", big(users))]),
            _ => Fact::print([format!("timeout {}", latency(timeout))]),
        },
        Face::Balancer { .. } => balancer(picture, c, n),
        Face::Cache { .. } => cache(c, n),
        Face::Queue { .. } => queue(c, n),
        Face::Database { reads, writes, ack, .. } => Fact::print([
            format!("writes {} /s   reads {} /s   {ack}", figure(writes), figure(reads)),
            format!("writes {} /s   reads {} /s", figure(writes), figure(reads)),
        ]),
        _ => Fact::text([String::new()]),
    }
}

/// What is wrong with a component of one node.
fn trouble(picture: &Picture, c: &Component) -> Option<Fact> {
    let alone = !matches!(c.face, Face::Traffic { .. } | Face::Database { .. });
    let node = c.nodes.first().filter(|_| alone)?;
    let s = state(c, node, picture.now);
    if s.rank == 0 || s.word.is_empty() {
        return slowed(node).then(|| {
            Fact::new(Role::NodeWarn, [format!("slow x{}", figure(node.slow))])
                .signed("◐", Role::NodeWarn)
        });
    }
    let since = time(s.time.unwrap_or(0), false);
    let texts = [format!("{} {since}", s.word), s.word.to_string()];
    Some(Fact::new(s.word_role, texts).signed(s.sign, s.role))
}

/// Checks that a backend has missed that its balancer still believes in: how many, and out of how
/// many.
fn missed(picture: &Picture, c: &Component) -> Option<(u32, u32)> {
    let own = picture.components.iter().position(|o| o.name == c.name)?;
    let behind = picture.flows.iter().filter(|f| f.from == own);
    let nodes = behind.filter_map(|f| picture.components.get(f.to)).flat_map(|t| &t.nodes);
    let doubted = nodes.filter(|n| n.believed == Some(true)).filter_map(|n| n.checks);
    doubted.filter(|(missed, _)| *missed > 0).max()
}

fn balancer(picture: &Picture, c: &Component, n: usize) -> Fact {
    let Face::Balancer { policy, rate, every, fall, .. } = c.face else { return Fact::text([]) };
    match (n, missed(picture, c)) {
        (0, Some((missed, of))) => {
            let most = every * u64::from(of.saturating_sub(missed));
            let long = format!("{missed} of {of} missed, out in {}", latency(most));
            let short = [format!("{missed} of {of} missed"), format!("{missed}/{of} missed")];
            Fact::new(Role::NodeWarn, [long].into_iter().chain(short))
        }
        (0, None) => {
            let words = policy.replace('_', " ");
            Fact::print([words.clone(), words.replace("connections", "conns")])
        }
        (1, _) => {
            let (sees, sign, role) = sees(c);
            let word = if role == Role::NodeOk { Role::Text } else { role };
            Fact::new(word, [format!("sees {sees} up"), format!("sees {sees}")]).signed(sign, role)
        }
        (2, _) => Fact::text(rates(rate, "/s")),
        _ => Fact::print([format!("check {} x {fall}", latency(every))]),
    }
}

/// How many backends a balancer believes healthy, and whether it is right.
fn sees(c: &Component) -> (usize, &'static str, Role) {
    match c.face {
        Face::Balancer { sees_up: 0, .. } => (0, "✗", Role::NodeDown),
        Face::Balancer { sees_up, wrong, .. } if wrong > 0 => (sees_up, "◐", Role::NodeWarn),
        Face::Balancer { sees_up, .. } => (sees_up, "●", Role::NodeOk),
        _ => (0, "·", Role::Dim),
    }
}

fn cache(c: &Component, n: usize) -> Fact {
    let Face::Cache { hit_ratio, rate, entries, capacity, enabled } = c.face else {
        return Fact::text([]);
    };
    match n {
        0 if !enabled => Fact::new(Role::NodeWarn, ["switched off", "off"].map(str::to_string))
            .signed("◐", Role::NodeWarn),
        0 => match hit_ratio {
            Some(ratio) => Fact::text([format!("hit {}", fixed(ratio))]),
            None => Fact::print(["no lookups".to_string()]),
        },
        1 => Fact::print(rates(rate, "get/s")),
        _ => {
            let (now, most) = (big(entries), capacity.map(big));
            let of = most.map(|most| format!("{now} of {most}"));
            let long = of.iter().map(|of| format!("{of} entries"));
            let middle = of.iter().cloned();
            Fact::print(long.chain(middle).chain([format!("{now} entries"), now.clone()]))
        }
    }
}

fn queue(c: &Component, n: usize) -> Fact {
    let Face::Queue { depth, limit, dead_letters, lost, rate, oldest, .. } = c.face else {
        return Fact::text([]);
    };
    let old = oldest.filter(|o| *o >= SECOND);
    match n {
        0 => {
            let full = |most| Level::of(share(depth, most), WAITING).role(Role::Text);
            let role = limit.map_or(Role::Text, full);
            Fact::new(role, [format!("depth {}", figure(depth as f64))])
        }
        1 => match old {
            Some(old) => {
                let texts = [time(old, false), whole(old)].map(|t| format!("oldest {t}"));
                Fact::new(Role::NodeWarn, texts)
            }
            None => Fact::print(rates(rate, "msg/s")),
        },
        _ if lost > 0 => Fact::new(Role::NodeWarn, [format!("{} lost", figure(lost as f64))]),
        _ if dead_letters > 0 => {
            Fact::new(Role::NodeWarn, [format!("{} dead letters", figure(dead_letters as f64))])
        }
        _ => Fact::print(match (old, oldest) {
            (Some(_), _) => rates(rate, "msg/s"),
            (_, Some(oldest)) => vec![format!("oldest {}", latency(oldest))],
            _ => vec!["nothing waits".to_string()],
        }),
    }
}

/// The one figure of a name without a frame.
pub(super) fn brief(picture: &Picture, c: &Component) -> Fact {
    if !matches!(c.face, Face::Database { .. } | Face::Service { .. } | Face::Workers { .. })
        && let Some(fact) = trouble(picture, c)
    {
        return fact;
    }
    match c.face {
        Face::Traffic { rate, .. } => Fact::print([format!("{}/s", figure(rate))]),
        Face::Balancer { .. } => match sees(c) {
            (sees, _, Role::NodeOk) => Fact::print([format!("sees {sees}")]),
            (sees, sign, role) => Fact::new(role, [format!("sees {sees}")]).signed(sign, role),
        },
        Face::Cache { hit_ratio, enabled, .. } => match (hit_ratio, enabled) {
            (_, false) => {
                Fact::new(Role::NodeWarn, ["off".to_string()]).signed("◐", Role::NodeWarn)
            }
            (Some(ratio), _) => {
                Fact::print([format!("hit {}", fixed(ratio).replace(' ', "")), percent(ratio)])
            }
            _ => Fact::print(["no lookups".to_string(), "idle".to_string()]),
        },
        Face::Queue { .. } => {
            let depth = queue(c, 0);
            let role = if depth.role == Role::Text { Role::Dim } else { depth.role };
            Fact { role, ..depth }
        }
        Face::Service { .. }
        | Face::Workers { .. }
        | Face::Database { .. }
        | Face::Failover { .. } => nodes(picture, c),
    }
}

/// What is said of a database of which nobody acts as primary.
pub(super) const NO_PRIMARY: [&str; 2] = ["▲ NO PRIMARY", "▲ NO ★"];

/// Whether a database has none, and none of its nodes shows why: all are up, and nobody is promoted.
pub(super) fn lacks_primary(c: &Component) -> bool {
    let stands = |n: &Node| {
        n.state == NodeState::Up && !matches!(n.role, Some(DbRole::Primary | DbRole::Promoting(_)))
    };
    matches!(c.face, Face::Database { primaries: 0, .. }) && c.nodes.iter().all(stands)
}

/// Nodes in short: the worst of them (or the one that is to take over), or how busy they are.
fn nodes(picture: &Picture, c: &Component) -> Fact {
    if let Face::Database { primaries, .. } = &c.face
        && *primaries > 1
    {
        let texts = [format!("▲ {primaries} primaries"), "▲ SPLIT".to_string()];
        return Fact::new(Role::DataBad, texts);
    }
    if lacks_primary(c) {
        return Fact::new(Role::NodeDown, NO_PRIMARY.map(str::to_string));
    }
    let states = || c.nodes.iter().map(|n| (n, state(c, n, picture.now)));
    if let Some((node, share)) = c.nodes.iter().find_map(|n| match n.role {
        Some(DbRole::Promoting(share)) => Some((n, share)),
        _ => None,
    }) {
        let share = percent(share);
        let texts =
            [format!("◐{} takes over {share}", node.number), format!("◐{} {share}", node.number)];
        return Fact::new(Role::NodeWarn, texts);
    }
    let worst = states().rev().max_by_key(|(_, s)| s.rank).filter(|(_, s)| s.rank > 1);
    if let Some((node, s)) = worst {
        let all = c.nodes.len() > 1 && states().all(|(_, other)| other.word == s.word);
        let number = if all { " ".to_string() } else { format!("{} ", node.number) };
        let short = format!("{}{number}{}", s.sign, s.word);
        // How far it is behind says more than that it is.
        let lag = s.time.filter(|_| s.word == "lag").map(|t| format!("{short} {}", time(t, true)));
        return Fact::new(s.role, lag.into_iter().chain([short]));
    }
    if let Some((used, limit)) = short_of_threads(c) {
        let held = share(used, limit);
        let shortest = format!("thr {}", percent(held));
        let texts = threads((used, limit)).into_iter().chain([shortest]);
        return Fact::new(load::busy(held, Role::NodeOk), texts);
    }
    match c.face {
        Face::Service { .. } | Face::Workers { .. } if has_unlimited_cores(c) => {
            Fact::print([format!("{} up", up_count(c))])
        }
        Face::Service { utilisation, cores } => {
            busy(utilisation, cores.map(|n| n * in_rotation(c) as u64))
        }
        Face::Workers { utilisation, .. } => busy(utilisation, None),
        Face::Database { .. } => database(c),
        Face::Failover { of, .. } => watchers(picture.components.get(of), c),
        _ => Fact::print([format!("{} up", up_count(c))]),
    }
}

/// What its watchers can do together, then what they do.
fn watchers(database: Option<&Component>, c: &Component) -> Fact {
    let (word, role) =
        quorum(c).or(database.map(|d| watch(d, c))).unwrap_or((String::new(), Role::Dim));
    Fact::new(role, [word])
}

/// `2 of 3 linked`, `no quorum`: of watchers that do not all hear each other, or are not all up; `None` where
/// they are.
fn quorum(watchers: &Component) -> Option<(String, Role)> {
    let all = watchers.nodes.len();
    let on = |side: usize| load::up(watchers).filter(|n| n.side == side).count();
    let most = (0..all).map(on).max().filter(|most| *most < all)?;
    Some(match most == up_count(watchers) {
        _ if most < Phase::majority(all) => ("no quorum".to_string(), Role::NodeDown),
        true => (format!("{most} of {all} up"), Role::NodeWarn),
        false => (format!("{most} of {all} linked"), Role::NodeWarn),
    })
}

/// That they cannot do anything; else what they do.
pub(super) fn told_by(database: &Component, watchers: &Component) -> (String, Role) {
    quorum(watchers)
        .filter(|(_, role)| *role == Role::NodeDown)
        .unwrap_or_else(|| watch(database, watchers))
}

/// What watchers do: the gravest of it.
fn watch(database: &Component, watchers: &Component) -> (String, Role) {
    let epoch = match database.face {
        Face::Database { epoch, .. } => epoch,
        _ => 0,
    };
    match watchers.face {
        Face::Failover { phase: Some(Phase::Detecting { missing, of }), .. }
            if (1..Phase::majority(of)).contains(&missing) =>
        {
            (format!("{missing} of {of} miss"), Role::NodeWarn)
        }
        Face::Failover { phase: Some(Phase::Detecting { missing: 1.., .. }), .. } => {
            ("detecting".to_string(), Role::NodeWarn)
        }
        Face::Failover { phase: Some(Phase::Electing), .. } => {
            ("electing".to_string(), Role::NodeWarn)
        }
        Face::Failover { fencing: false, .. } => ("unfenced".to_string(), Role::NodeWarn),
        _ => (format!("epoch {epoch}"), Role::Dim),
    }
}

/// `threads 64/64`, and shorter.
pub(super) fn threads((used, limit): (u64, u64)) -> [String; 2] {
    ["threads", "thr"].map(|word| format!("{word} {used}/{limit}"))
}

/// How many nodes share the work: all but those that a balancer leaves out, or that are down.
fn in_rotation(c: &Component) -> usize {
    let shares = |n: &&Node| n.state == NodeState::Up && n.ejected.is_none();
    match c.nodes.iter().filter(shares).count() {
        0 => up_count(c),
        n => n,
    }
}

fn busy(utilisation: f64, cores: Option<u64>) -> Fact {
    let role = load::busy(utilisation, Role::Dim);
    let text = percent(utilisation);
    let long = cores.map(|n| format!("{text} of {n}c"));
    Fact::new(role, long.into_iter().chain([text]))
}

/// How busy its primary is, and the largest lag.
fn database(c: &Component) -> Fact {
    let primary = c.nodes.iter().find(|n| n.role == Some(DbRole::Primary));
    let lags = c.nodes.iter().filter_map(|n| match n.role {
        Some(DbRole::Replica(lag)) => Some(lag),
        _ => None,
    });
    let told = |n: &Node| {
        let is_limited = !has_unlimited_cores(c);
        if is_limited { percent(n.utilisation) } else { format!("{}/s", figure(n.rate)) }
    };
    let busy = primary.map_or_else(|| "–".to_string(), told);
    let lag = lags.max().map(|lag| time(lag, true).replace(' ', ""));
    let role = primary.map_or(Role::NodeWarn, |n| load::busy(n.utilisation, Role::Dim));
    let long = lag.map(|lag| format!("{busy} {lag}"));
    Fact::new(role, long.into_iter().chain([busy]))
}

/// A rate with its unit, and without the space before it.
fn rates(rate: f64, unit: &str) -> Vec<String> {
    let text = figure(rate);
    vec![format!("{text} {unit}"), format!("{text}{unit}"), text]
}

/// `1M`, `20k`, `650`.
fn big(n: u64) -> String {
    match n {
        n if n >= 1_000_000 && n % 100_000 == 0 => figure(n as f64).replace(".0M", "M"),
        n if n >= 1_000 && n % 1_000 == 0 && n < 1_000_000 => format!("{}k", n / 1_000),
        n => figure(n as f64),
    }
}

/// A share with one decimal always, so that it does not dance: `87.0 %`.
fn fixed(ratio: f64) -> String {
    if ratio > 0.0 && ratio < 0.9995 {
        format!("{:.1} %", ratio * 100.0)
    } else {
        in_percent(ratio)
    }
}
