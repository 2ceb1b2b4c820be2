//! What the engine costs: W1, ten and a hundred times W1, timeouts, faults that overlap, clones, memory.
//!
//! `cargo bench --bench engine -- [--quick] [--check] [--only PART]`. Each round runs the two floors
//! (`floor.rs`) and the program one after the other, so that a machine that slows down slows all.
//! Targets are those of the issue "First light" and of the notes on performance: at most 2.5 times
//! the bare loop of the same events; ten times the load at most 1.35 and a hundred times at most
//! 1.7 times the cost per request; a timeout on every request at most 5 %; a clone of the default
//! world after 60 s at most 0.5 ms. A fault beside two thousand others on its link costs as much as one
//! beside a thousand: the target lies halfway between that and twice as much, as it would be if each
//! began by looking at all others.

mod floor;
mod subject;
mod support;

use floor::Graph;
use std::process::ExitCode;
use std::time::Duration;
use subject::{Load, Subject};
use support::{Options, Report, Samples, ratio, thousands};

/// Rounds of the pairs that are compared.
const ROUNDS: usize = 15;

/// Rounds of W1 and its floors: so many that both have been run while nothing else was, since a busy
/// neighbour costs the program more than the small loop.
const W1_ROUNDS: usize = 60;

/// Simulated seconds that are timed in W1, after its warm-up.
const W1_SECONDS: u64 = 60;

/// W1 starts with a cold cache, which overloads the database for some seconds: not timed.
const WARMUP: Duration = Duration::from_secs(10);

const W1: Load = Load::W1 { scale: 1, timeout: Some(Duration::from_secs(10)) };

fn main() -> ExitCode {
    support::bench(measure)
}

fn measure(options: &Options, report: &mut Report) {
    let parts: [(&str, Part); 7] = [
        ("W1", w1),
        ("W1 x10 and x100", scaled),
        ("W1 with a timeout", timeouts),
        ("a million users", million),
        ("overlapping faults", faults),
        ("clones", clones),
        ("memory", memory),
    ];
    for (name, part) in parts.into_iter().filter(|(name, _)| options.wants(name)) {
        eprintln!("{name} …");
        if let Err(why) = part(options, report) {
            report.missing(name, &why);
        }
    }
}

type Part = fn(&Options, &mut Report) -> Result<(), String>;

/// W1 beside the two floors.
fn w1(options: &Options, report: &mut Report) -> Result<(), String> {
    let (mut same, mut bare, mut ours) = Default::default();
    let mut last = None;
    for _ in 0..options.rounds(W1_ROUNDS) {
        let hops = Samples::time(&mut same, || floor::run(Graph::Hops, 1, W1_SECONDS));
        let shortcut = Samples::time(&mut bare, || floor::run(Graph::Abstract, 1, W1_SECONDS));
        let subject = timed(W1, WARMUP, W1_SECONDS, &mut ours);
        last = Some((hops, shortcut, subject));
    }
    let Some((hops, shortcut, subject)) = last else { return Ok(()) };
    tell_floor(report, "floor, W1 with hops", &hops, &same);
    tell_floor(report, "floor, abstract W1", &shortcut, &bare);
    let answer = subject?.answer();
    tell_speed(report, "W1, all observers on", answer.events, answer.requests, &ours);
    report.expect("W1, events a request", "", per(answer.events, answer.requests), 9.84, 0.01);
    report.expect("W1, mean latency", "ms", answer.mean_ms, 9.1, 0.01);
    report.expect("W1, p50", "ms", answer.p50_ms, 6.6, 0.01);
    report.expect("W1, p99", "ms", answer.p99_ms, 39.7, 0.03);
    let (fastest, median) = ratio(&ours, &same);
    report.judge("W1 / floor with hops", "x", fastest, 2.5, &format!("{median:.2} x"));
    let (fastest, median) = ratio(&ours, &bare);
    report.tell("W1 / abstract floor", format!("{fastest:.2} x"), format!("{median:.2} x"));
    Ok(())
}

/// Cost per request at ten and a hundred times the load.
fn scaled(options: &Options, report: &mut Report) -> Result<(), String> {
    const SECONDS: u64 = 6;
    let sizes = [(1, 10), (10, 4), (100, 2)];
    let mut samples = [Samples::default(), Samples::default(), Samples::default()];
    let mut requests = [0; 3];
    for _ in 0..options.rounds(ROUNDS) {
        for (i, (scale, warmup)) in sizes.into_iter().enumerate() {
            let load = Load::W1 { scale, timeout: Some(Duration::from_secs(10)) };
            let warmup = Duration::from_secs(warmup);
            let subject = timed(load, warmup, SECONDS, &mut samples[i])?;
            requests[i] = subject.answer().requests;
        }
    }
    let cost = |i: usize, seconds: f64| seconds * 1e9 / requests[i] as f64;
    for (i, name, at_most) in
        [(1, "W1 x10 / W1, per request", 1.35), (2, "W1 x100 / W1, per request", 1.7)]
    {
        let fastest = cost(i, samples[i].min()) / cost(0, samples[0].min());
        let median = cost(i, samples[i].median()) / cost(0, samples[0].median());
        let beside = format!("{median:.2} x; {:.0} ns a request", cost(i, samples[i].min()));
        report.judge(name, "x", fastest, at_most, &beside);
    }
    Ok(())
}

/// What it costs that every user waits for a limited time. With 1 s, 2 000 timers are pending; with
/// none (longer than the run), none ever leaves its lane by time.
fn timeouts(options: &Options, report: &mut Report) -> Result<(), String> {
    const SECONDS: u64 = 20;
    let (mut with, mut without) = Default::default();
    let second = Some(Duration::from_secs(1));
    for _ in 0..options.rounds(ROUNDS) {
        timed(Load::W1 { scale: 1, timeout: None }, WARMUP, SECONDS, &mut without)?;
        timed(Load::W1 { scale: 1, timeout: second }, WARMUP, SECONDS, &mut with)?;
    }
    let (fastest, median) = ratio(&with, &without);
    report.judge("timeout of 1 s / none", "x", fastest, 1.05, &format!("{median:.2} x"));
    Ok(())
}

/// A million users, request by request, against real time.
fn million(options: &Options, report: &mut Report) -> Result<(), String> {
    const SECONDS: u64 = 10;
    let mut samples = Samples::default();
    for _ in 0..options.rounds(5) {
        timed(Load::Million, WARMUP, SECONDS, &mut samples)?;
    }
    let (fastest, median) = (SECONDS as f64 / samples.min(), SECONDS as f64 / samples.median());
    let beside = format!("{median:.1} times real time");
    report.judge_least("million-users", "times real time", fastest, 10.0, &beside);
    Ok(())
}

/// What a fault costs beside many others on its link: from its beginning, over two seconds, to its end.
fn faults(options: &Options, report: &mut Report) -> Result<(), String> {
    const FEW: usize = 1_000;
    const ACTIVE: Duration = Duration::from_secs(2);
    let (mut few, mut many) = Default::default();
    for _ in 0..options.rounds(5) {
        for (count, samples) in [(FEW, &mut few), (2 * FEW, &mut many)] {
            let mut subject = Subject::warm(Load::Default, WARMUP)?;
            Samples::time(samples, || {
                (0..count).try_for_each(|_| subject.inject("delay edge->web-1 base=1us"))?;
                subject.advance(WARMUP + ACTIVE)?;
                subject.inject("heal")
            })?;
        }
    }
    let (fastest, median) = ratio(&many, &few);
    let (fastest, median) = (fastest / 2.0, median / 2.0);
    let beside = format!("{median:.2} x; {:.0} us a fault", few.min() * 1e6 / FEW as f64);
    report.judge("2 000 faults on a link / 1 000, per fault", "x", fastest, 1.5, &beside);
    Ok(())
}

/// What a moment costs: world and observers after a while.
fn clones(options: &Options, report: &mut Report) -> Result<(), String> {
    let loads = [
        ("clone of W1", W1, 60, None),
        ("clone of the default", Load::Default, 60, Some(0.5)),
        ("clone of million-users", Load::Million, 60, Some(2.0)),
        ("clone after a retry storm", Load::Storm, 120, Some(1.0)),
    ];
    for (name, load, seconds, at_most) in loads {
        let mut subject = Subject::warm(load, WARMUP)?;
        if let Load::Storm = load {
            // Ten times as many for ten seconds, and time to recover.
            subject.inject("traffic x10 for 10s")?;
        }
        subject.advance(Duration::from_secs(seconds))?;
        let mut samples = Samples::default();
        for _ in 0..options.rounds(200) {
            // Timed is the copy, not its end: moments are thinned out seldom.
            let _moment = samples.time(|| subject.moment());
        }
        let (fastest, median) = (samples.min() * 1e3, samples.median() * 1e3);
        let beside = format!("{median:.3} ms; {} in flight", subject.in_flight());
        match at_most {
            Some(limit) => report.judge(name, "ms", fastest, limit, &beside),
            None => report.tell(name, format!("{fastest:.3} ms"), beside),
        }
    }
    Ok(())
}

/// Bytes that a request in flight takes: what the world holds more while 100,000 of them pile up, by
/// the sizes of what it holds.
fn memory(_: &Options, report: &mut Report) -> Result<(), String> {
    let load = Load::W1 { scale: 10, timeout: None };
    let mut subject = Subject::warm(load, WARMUP)?;
    let (before, flying) = (subject.bytes(), subject.in_flight());
    // Servers so slow that nothing ends; their listeners still answer the checks.
    subject.inject("set edge.call_timeout=1h")?;
    subject.inject("slow web factor=10000")?;
    subject.advance(WARMUP + Duration::from_secs(5))?;
    let more = subject.in_flight().saturating_sub(flying);
    if more == 0 {
        return Err("no requests pile up".to_string());
    }
    let grown = subject.bytes().saturating_sub(before) as f64;
    let figure = format!("{} bytes", thousands(grown / more as f64));
    let beside = format!("held, {} more in flight", thousands(more as f64));
    report.tell("memory per request in flight", figure, beside);
    Ok(())
}

/// Runs a load through its warm-up and times the seconds after it.
fn timed(
    load: Load,
    warmup: Duration,
    seconds: u64,
    samples: &mut Samples,
) -> Result<Subject, String> {
    let mut subject = Subject::warm(load, warmup)?;
    samples.time(|| subject.advance(warmup + Duration::from_secs(seconds)))?;
    Ok(subject)
}

fn tell_floor(report: &mut Report, name: &str, answer: &floor::Answer, samples: &Samples) {
    tell_speed(report, name, answer.events, answer.requests, samples);
    let latencies = format!("p50 {:.2} ms, p99 {:.1} ms", answer.p50_ms, answer.p99_ms);
    report.tell(&format!("{name}: mean"), format!("{:.2} ms", answer.mean_ms), latencies);
}

fn tell_speed(report: &mut Report, name: &str, events: u64, requests: u64, samples: &Samples) {
    let rates = |seconds: f64| {
        format!(
            "{} req/s, {} events/s",
            thousands(requests as f64 / seconds),
            thousands(events as f64 / seconds)
        )
    };
    report.tell(name, rates(samples.min()), rates(samples.median()));
    let detail = format!("{:.2} events a request", per(events, requests));
    let cost = format!("{:.0} ns a request", samples.min() * 1e9 / requests as f64);
    report.tell(&format!("{name}: cost"), cost, detail);
}

fn per(events: u64, requests: u64) -> f64 {
    events as f64 / requests as f64
}
