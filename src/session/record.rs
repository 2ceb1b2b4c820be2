//! A session as a playbook: the same cluster, settings and seed, and each command at its time. Playing
//! it gives the same digest.
//!
//! What is written is the log of what was done, and not what was planned: a step that waited for a
//! condition stands there with the time at which it was done, and a command of a person beside it.
//! Checks stay as far as the run that was seen has room for them.

use super::names::names;
use super::{Entry, Session};
use crate::chaos::units::{print_stage, print_step, print_time, print_value};
use crate::playbook::{
    Check, Existing, Playbook, Predict, Repeat, Scope, Source, Step, Verdict, parse, write_whole,
};
use crate::sim::Stopped;
use crate::sim::spec::{Cluster, NetworkOptions, Value};
use crate::sim::time::{MILLISECOND, Ns, seconds};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io;
use std::path::Path;

/// A session as a playbook.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The text of the file.
    pub text: String,
    /// How long its run is: until the instant at which it was recorded. A millisecond longer if a
    /// command stands there, since it acts before the events of its instant.
    pub length: Ns,
    /// The digest that playing it gives.
    pub digest: u64,
}

/// Why a session was not saved.
#[derive(Debug)]
pub enum Unsaved {
    /// There is a file of that name.
    Exists,
    /// The cluster came from standard input, and no playbook can name it.
    NoCluster,
    /// The world cannot go on to the end of the recording.
    Stopped(Stopped),
    /// The operating system refused.
    Io(io::Error),
}

impl std::fmt::Display for Unsaved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Unsaved::Exists => f.write_str("there is a file of that name"),
            Unsaved::NoCluster => f.write_str(
                "the cluster was read from standard input, and a playbook cannot name it: \
                 save it as a file first",
            ),
            Unsaved::Stopped(why) => write!(f, "{why}"),
            Unsaved::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for Unsaved {}

/// Records a session as a playbook in that folder.
///
/// # Errors
/// [`Unsaved::NoCluster`] and [`Unsaved::Stopped`].
pub fn record(session: &Session, source: &Source, folder: &Path) -> Result<Recording, Unsaved> {
    let name = source.named_in(folder).ok_or(Unsaved::NoCluster)?;
    let ended = ended(session);
    let log = &session.log()[..session.log().len() - usize::from(ended)];
    let length = length(session.now(), log);
    let mut replayed = session.clone();
    replayed.advance(length).map_err(Unsaved::Stopped)?;
    let digest = replayed.digest();
    let playbook = session.playbook();
    let steps = steps(playbook, log);
    let mut text = head(session, &name, length, digest);
    set(&mut text, &source.cluster, &playbook.cluster);
    for step in &steps {
        step.write(&mut text);
    }
    // What the part of the run that was seen has no room for would make the file invalid.
    let has_room = |text: &String| parse("", text, Some(folder)).is_ok();
    for part in judged(playbook, &steps) {
        text = Some(format!("{text}{part}")).filter(has_room).unwrap_or(text);
    }
    let goes_on = session.is_over() && session.judgement().at < session.now();
    let mut rules: Vec<String> =
        playbook.stop.iter().map(|rule| quoted(&rule.to_string())).collect();
    rules.retain(|rule| !goes_on && has_room(&(text.clone() + &stop(std::slice::from_ref(rule)))));
    text.push_str(&stop(&rules));
    if ended {
        text.push_str("\n[end]\nheal = true\n");
    }
    Ok(Recording { text, length, digest })
}

/// Whether the last that was done is what the playbook does at its end.
fn ended(session: &Session) -> bool {
    let last = session.log().last();
    let by_end = |e: &Entry| e.at == session.now() && e.is_end();
    session.playbook().heal && session.is_over() && last.is_some_and(by_end)
}

/// Records a session and writes it, whole or not at all.
///
/// # Errors
/// All of [`Unsaved`]. Nothing is left then.
pub fn save(
    session: &Session,
    source: &Source,
    path: &Path,
    existing: Existing,
) -> Result<Recording, Unsaved> {
    let recording = record(session, source, path.parent().unwrap_or(Path::new("")))?;
    match write_whole(path, recording.text.as_bytes(), existing) {
        Ok(()) => Ok(recording),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Unsaved::Exists),
        Err(error) => Err(Unsaved::Io(error)),
    }
}

/// Until when: see [`Recording::length`].
fn length(now: Ns, log: &[Entry]) -> Ns {
    match log.last() {
        Some(last) if last.at >= now => (now + 1).next_multiple_of(MILLISECOND),
        // A run needs some length.
        _ => now.max(1),
    }
}

fn head(session: &Session, cluster: &str, length: Ns, digest: u64) -> String {
    const RECORDED: &str = ", recorded";
    let playbook = session.playbook();
    let version = env!("CARGO_PKG_VERSION");
    let mut text = format!(
        "# Recorded by brownout {version} after {} s. Playing it gives the digest {digest:016x}.\n\n",
        seconds(length)
    );
    let title = playbook.title.strip_suffix(RECORDED).unwrap_or(&playbook.title);
    line(&mut text, "title", &quoted(&format!("{title}{RECORDED}")));
    if !playbook.asks.is_empty() {
        line(&mut text, "asks", &quoted(&playbook.asks));
    }
    if !playbook.about.is_empty() {
        line(&mut text, "about", &quoted(&playbook.about));
    }
    line(&mut text, "cluster", &quoted(cluster));
    line(&mut text, "seed", &session.seed().to_string());
    line(&mut text, "length", &quoted(&print_time(length)));
    for (key, time) in [("warmup", playbook.warmup), ("recover", playbook.recover)] {
        // A warm-up is shorter than its run.
        if time > 0 && time < length {
            line(&mut text, key, &quoted(&print_time(time)));
        }
    }
    if playbook.expect != Verdict::Held {
        line(&mut text, "expect", &quoted(playbook.expect.word()));
    }
    if !playbook.tags.is_empty() {
        line(&mut text, "tags", &list(playbook.tags.iter().map(|tag| quoted(tag))));
    }
    text
}

/// `[set]`: the settings that are not those of the cluster's own file.
fn set(text: &mut String, own: &Cluster, now: &Cluster) {
    let mut lines = Vec::new();
    for row in NetworkOptions::SETTINGS {
        let value = (row.get)(&now.network);
        if value != (row.get)(&own.network) {
            lines.push((format!("network.{}", row.name), value));
        }
    }
    for component in &now.components {
        let before = own.component(&component.name).map(|(_, c)| &c.options);
        for row in component.options.settings() {
            let value = component.options.get(row.name);
            if let Some(value) = value
                && before.and_then(|options| options.get(row.name)).as_ref() != Some(&value)
            {
                lines.push((format!("{}.{}", component.name, row.name), value));
            }
        }
    }
    if !lines.is_empty() {
        text.push_str("\n[set]\n");
        for (path, value) in lines {
            line(text, &quoted(&path), &in_file(&value));
        }
    }
}

/// `[stop]` with those rules; nothing without any.
fn stop(rules: &[String]) -> String {
    if rules.is_empty() {
        return String::new();
    }
    format!("\n[stop]\nif = {}\n", list(rules.iter().cloned()))
}

/// A value as a file has it.
fn in_file(value: &Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Counts(all) => list(all.iter().map(u64::to_string)),
        Value::Stages(all) => list(all.iter().map(|stage| quoted(&print_stage(stage)))),
        Value::Classes(all) => list(all.iter().map(|class| quoted(class))),
        Value::Steps(all) => list(all.iter().map(|step| quoted(&print_step(step)))),
        other => quoted(&print_value(other)),
    }
}

/// What was done once.
struct Done<'a> {
    id: String,
    entry: &'a Entry,
    say: Option<&'a str>,
    repeat: Option<Repeat>,
}

impl Done<'_> {
    fn write(&self, text: &mut String) {
        text.push_str("\n[[step]]\n");
        line(text, "id", &quoted(&self.id));
        line(text, "at", &quoted(&print_time(self.entry.at)));
        line(text, "do", &quoted(&self.entry.command.to_string()));
        if let Some(Repeat { every, times }) = self.repeat {
            line(text, "every", &quoted(&print_time(every)));
            line(text, "times", &times.to_string());
        }
        if let Some(say) = self.say {
            line(text, "say", &quoted(say));
        }
    }
}

/// All that was done, each with its name as the step's id. A step that was done again and again stays
/// one step, as far as the file can say so: checks speak of all its executions.
fn steps<'a>(playbook: &'a Playbook, log: &'a [Entry]) -> Vec<Done<'a>> {
    let planned: BTreeMap<&str, &Step> =
        playbook.steps.iter().map(|step| (step.id.as_str(), step)).collect();
    let mut times: BTreeMap<&str, Vec<Ns>> = BTreeMap::new();
    for entry in log {
        times.entry(entry.step.as_deref().unwrap_or_default()).or_default().push(entry.at);
    }
    let mut all = Vec::new();
    let mut whole = BTreeSet::new();
    for (id, entry) in names(playbook, log).into_iter().zip(log) {
        let step = entry.step.as_deref().and_then(|id| planned.get(id));
        if step.is_some_and(|step| whole.contains(&step.id)) {
            continue;
        }
        let first = step.filter(|step| step.id == id);
        let repeat = first.and_then(|step| repeated(times.get(step.id.as_str())?, log));
        whole.extend(first.filter(|_| repeat.is_some()).map(|step| &step.id));
        all.push(Done { id, entry, say: step.and_then(|step| step.say.as_deref()), repeat });
    }
    all
}

/// How a step was done more than once, at those times, if they are at equal distances, and nothing else
/// was done at them: of several things at one time the file says the order only if each stands alone.
fn repeated(own: &[Ns], log: &[Entry]) -> Option<Repeat> {
    let (first, again) = own.split_first()?;
    let every = again.first()? - first;
    let alone = |at: Ns| {
        let from = log.partition_point(|entry| entry.at < at);
        log.get(from + 1).is_none_or(|entry| entry.at > at)
    };
    let even = |pair: &[Ns]| pair[1] - pair[0] == every;
    let times = u32::try_from(own.len()).ok()?;
    let can_be_said = every > 0 && own.windows(2).all(even) && again.iter().all(|at| alone(*at));
    can_be_said.then_some(Repeat { every, times })
}

/// Checks and questions, as far as the steps that they speak of were done.
fn judged(playbook: &Playbook, done: &[Done<'_>]) -> Vec<String> {
    let done: BTreeSet<&str> = done.iter().map(|d| d.id.as_str()).collect();
    let id = |step: usize| {
        let id = playbook.steps.get(step)?.id.as_str();
        done.contains(id).then_some(id)
    };
    let checks = playbook.checks.iter().filter_map(|c| check(c, &id));
    checks.chain(playbook.predict.iter().filter_map(|p| predict(p, &id))).collect()
}

fn check<'a>(check: &Check, id: &impl Fn(usize) -> Option<&'a str>) -> Option<String> {
    let mut text = "\n[[check]]\n".to_owned();
    line(&mut text, "name", &quoted(&check.name));
    line(&mut text, "that", &quoted(&check.that.to_string()));
    match &check.scope {
        Scope::Phases(phases) => {
            line(&mut text, "hold", &list(phases.iter().map(|phase| quoted(phase.word()))));
        }
        Scope::Within { within, of } => {
            line(&mut text, "within", &quoted(&print_time(*within)));
            line(&mut text, "of", &quoted(id(*of)?));
        }
    }
    Some(text)
}

fn predict<'a>(predict: &Predict, id: &impl Fn(usize) -> Option<&'a str>) -> Option<String> {
    let mut text = "\n[[predict]]\n".to_owned();
    line(&mut text, "before", &quoted(id(predict.before)?));
    line(&mut text, "ask", &quoted(&predict.ask));
    line(&mut text, "choices", &list(predict.choices.iter().map(|choice| quoted(choice))));
    line(&mut text, "answer", &quoted(&predict.answer.to_string()));
    Some(text)
}

fn line(text: &mut String, key: &str, value: &str) {
    let _ = writeln!(text, "{key} = {value}");
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A text in the quotes that TOML wants around it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
