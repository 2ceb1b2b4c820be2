//! Steps and checks on a cluster so small that the answers are known.

use super::*;
use crate::playbook::{Hold, Verdict};
use crate::session::verdict::{CheckResult, Judgement};

/// One server that is up at once when it is started, and nobody else.
const TINY: &str = r#"name = "tiny"
[traffic.app]
to = "web"
rate = "200/s"
[request.page]
steps = ["cpu 1ms"]
[service.web]
instances = 1
boot = "0s"
"#;

pub(super) fn tiny(rest: &str) -> Playbook {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("c.toml"), TINY).unwrap();
    let text =
        format!("title = \"t\"\ncluster = \"c.toml\"\nlength = \"30s\"\nwarmup = \"2s\"\n{rest}");
    let opened = playbook::parse("f.toml", &text, Some(folder.path()));
    opened.unwrap_or_else(|e| panic!("{e}\n{text}")).into_playbook()
}

fn finished(playbook: &Playbook) -> Session {
    let mut session = Session::new(playbook, 7);
    session.run(Ns::MAX).unwrap();
    session
}

fn judged(rest: &str) -> Judgement {
    finished(&tiny(rest)).judgement()
}

/// The server is gone from 10 s to 15 s.
const CRASH: &str = "[[step]]\nid = \"kill\"\nat = \"10s\"\ndo = \"crash web for 5s\"\n";

fn check(rest: &str) -> String {
    format!("[[check]]\n{rest}\n")
}

fn up(scope: &str) -> CheckResult {
    let judgement =
        judged(&format!("{CRASH}{}", check(&format!("that = \"instances(web) == 1\"\n{scope}"))));
    judgement.checks[0].clone()
}

#[test]
fn each_phase_has_its_windows_and_no_others() {
    for (hold, windows, violated) in
        [("before", 8, 0), ("during", 5, 5), ("after", 15, 0), ("always", 28, 5), ("end", 1, 0)]
    {
        let result = up(&format!("hold = [\"{hold}\"]"));
        assert_eq!((result.windows, result.violated), (windows, violated), "{hold}");
        let wanted = if violated > 0 { Verdict::Deviated } else { Verdict::Held };
        assert_eq!((result.verdict, result.scope.as_str()), (wanted, hold));
    }
    let first = up("hold = [\"always\"]").first_violation.unwrap();
    assert_eq!((first.from, first.to, first.phase), (10 * SECOND, 11 * SECOND, Some(Hold::Always)));
    let long = up("hold = [\"before\", \"after\"]");
    assert_eq!((long.windows, long.verdict), (23, Verdict::Held));
}

#[test]
fn a_check_that_cannot_hold_any_more_says_so_before_the_end() {
    let checks =
        ["failures == 0", "failures < 1", "failures == 0 or offered > 0/s", "failures > 5"];
    let checks: String =
        checks.iter().map(|that| check(&format!("that = \"{that}\"\nhold = [\"end\"]"))).collect();
    let mut session = Session::new(&tiny(&format!("{CRASH}{checks}")), 7);
    let mut shown = |at: Ns| {
        session.run(at).unwrap();
        session.progress().checks.iter().map(|c| c.state).collect::<Vec<_>>()
    };
    assert_eq!(shown(9 * SECOND), [None; 4], "all of them may hold yet");
    let lost = Some(Verdict::Deviated);
    assert_eq!(shown(12 * SECOND), [lost, lost, None, None], "and what may hold is not told yet");
    let held = Some(Verdict::Held);
    assert_eq!(shown(30 * SECOND), [lost, lost, held, held]);
}

#[test]
fn windows_that_are_longer_are_fewer() {
    let over = |hold: &str| {
        let check = check(&format!("that = \"offered > 0/s over 3s\"\nhold = [\"{hold}\"]"));
        judged(&format!("{CRASH}{check}")).checks[0].windows
    };
    assert_eq!((over("before"), over("during"), over("after")), (6, 3, 13));
}

#[test]
fn within_begins_that_long_after_the_step_and_ends_with_the_next() {
    let result = up("within = \"4s\"\nof = \"kill\"");
    assert_eq!((result.windows, result.violated, result.verdict), (16, 1, Verdict::Deviated));
    let result = up("within = \"5s\"\nof = \"kill\"");
    assert_eq!((result.windows, result.violated, result.verdict), (15, 0, Verdict::Held));
    let next = "[[step]]\nat = \"20s\"\ndo = \"heal\"\n";
    let check = check("that = \"instances(web) == 1\"\nwithin = \"5s\"\nof = \"kill\"");
    assert_eq!(judged(&format!("{CRASH}{next}{check}")).checks[0].windows, 5);
}

#[test]
fn recovery_time_is_taken_off_after() {
    let rest =
        format!("recover = \"5s\"\n{CRASH}{}", check("that = \"late == 0\"\nhold = [\"after\"]"));
    assert_eq!(judged(&rest).checks[0].windows, 10);
}

#[test]
fn after_is_after_the_last_fault() {
    let again = "[[step]]\nat = \"20s\"\ndo = \"crash web for 2s\"\n";
    let check = check("that = \"late == 0\"\nhold = [\"after\"]");
    assert_eq!(judged(&format!("{CRASH}{again}{check}")).checks[0].windows, 8);
}

#[test]
fn the_measured_value_is_that_of_the_first_violation_or_the_nearest_to_one() {
    let result = up("hold = [\"always\"]");
    assert_eq!((result.measured[0].value, result.measured[0].wanted), (Some(0.0), Some(1.0)));
    let worst = judged(&check("that = \"goodput > 0/s\"")).checks[0].clone();
    let some = judged(&check("that = \"goodput > 0/s\"\nhold = [\"end\"]")).checks[0].clone();
    assert_eq!((worst.windows, worst.verdict), (28, Verdict::Held));
    assert!(worst.measured[0].value < some.measured[0].value, "{worst:?} {some:?}");
}

#[test]
fn a_baseline_is_what_was_measured_before_the_first_fault() {
    let check =
        check("that = \"goodput >= 50% of baseline\"\nhold = [\"before\", \"during\", \"after\"]");
    let session = finished(&tiny(&format!("{CRASH}{check}")));
    let result = &session.judgement().checks[0];
    assert_eq!((result.windows, result.violated), (28, 5));
    let measured = &result.measured[0];
    let before = (2 * 2..10 * 2).filter_map(|n| session.observers().series().bin(n));
    let exact = before.map(|bin| bin.total.ok()).sum::<u64>() as f64 / 8.0;
    assert_eq!((measured.baseline, measured.wanted), (Some(exact), Some(exact / 2.0)));
    assert!((150.0..250.0).contains(&exact) && measured.value < Some(5.0));
}

#[test]
fn counters_are_judged_by_their_total_at_the_end() {
    let session =
        finished(&tiny(&format!("{CRASH}{}", check("that = \"failures == 0\"\nhold = [\"end\"]"))));
    let (result, failed) = (&session.judgement().checks[0], session.judged().total.tally.failed());
    assert!(failed > 100);
    assert_eq!(
        (result.verdict, result.measured[0].value),
        (Verdict::Deviated, Some(failed as f64))
    );
}

#[test]
fn steps_are_done_when_they_are_due() {
    let step = |id: &str, when: &str| format!("[[step]]\nid = \"{id}\"\n{when}\ndo = \"heal\"\n");
    let rest = [
        CRASH,
        &step("z", "after = \"d + 500ms\""),
        &step("b", "after = \"kill + 1.5s\""),
        &step("c", "when = \"instances(web) == 0\""),
        &step("d", "at = \"4s\"\nevery = \"2s\"\ntimes = 3"),
        &step("never", "when = \"instances(web) > 1\""),
        &step("last", "after = \"b\""),
    ]
    .concat();
    let session = finished(&tiny(&rest));
    let done: Vec<(&str, u64)> = session
        .log()
        .iter()
        .filter_map(|e| Some((e.step.as_deref()?, e.at / MILLISECOND)))
        .collect();
    let expected = [
        ("d", 4_000),
        ("d", 6_000),
        ("d", 8_000),
        ("z", 8_500),
        ("kill", 10_000),
        ("c", 11_000),
        ("b", 11_500),
        ("last", 11_500),
    ];
    assert_eq!(done, expected);
    let progress = session.progress();
    assert_eq!(progress.steps[4].times, 3);
    assert_eq!(progress.steps[5].waits.as_deref(), Some("when instances(web) > 1"));
}

#[test]
fn a_rule_stops_the_run_and_heals() {
    let rest = format!(
        "{CRASH}[stop]\nif = [\"instances(web) == 0\"]\n[end]\nheal = true\n{}",
        check("that = \"late == 0\"")
    );
    let session = finished(&tiny(&rest));
    let judgement = session.judgement();
    assert_eq!((session.now(), judgement.verdict), (11 * SECOND, Verdict::Stopped));
    let stopped = judgement.stopped.unwrap();
    assert_eq!((stopped.rule.as_str(), stopped.at), ("instances(web) == 0", 11 * SECOND));
    assert_eq!(session.log().last().unwrap().command.to_string(), "heal");
    assert!(session.world().active_faults().next().is_none());
    // A live session goes on, and its playbook stays over.
    let mut live = session.clone();
    live.advance(40 * SECOND).unwrap();
    assert_eq!(live.judgement().verdict, Verdict::Stopped);
    assert_eq!(live.judgement().checks, judgement.checks);
}

#[test]
fn the_end_is_judged_before_everything_is_healed() {
    let crash = "[[step]]\nat = \"10s\"\ndo = \"crash web\"\n";
    let check = check("that = \"instances(web) == 0\"\nhold = [\"end\"]");
    let session = finished(&tiny(&format!("{crash}{check}[end]\nheal = true\n")));
    assert_eq!(session.judgement().verdict, Verdict::Held);
    assert!(session.world().active_faults().next().is_none());
}

#[test]
fn what_cannot_be_judged_is_inconclusive_and_says_why() {
    let why = |rest: &str| {
        let judgement = judged(rest);
        assert_eq!(judgement.verdict, Verdict::Inconclusive, "{judgement:?}");
        let idle = judgement.untouched.into_iter().map(|u| u.why);
        judgement.checks.into_iter().filter_map(|c| c.why).chain(idle).collect::<Vec<_>>()
    };
    let never = "[[step]]\nid = \"x\"\nwhen = \"instances(web) > 1\"\ndo = \"crash web for 1s\"\n";
    let after = check("that = \"late == 0\"\nhold = [\"before\", \"after\"]");
    assert_eq!(
        why(&format!("{never}{after}")),
        [
            "`after` never had a full window of 1s: there was no fault",
            "crash web for 1s was never done: step `x` was never due",
        ]
    );
    let of = check("that = \"late == 0\"\nwithin = \"1s\"\nof = \"x\"");
    assert_eq!(why(&format!("{never}{of}"))[0], "step `x` was never done");
    let open = "[[step]]\nwhen = \"offered > 0/s over 10s\"\ndo = \"crash web\"\n";
    let after = check("that = \"late == 0\"\nhold = [\"after\"]");
    assert_eq!(
        why(&format!("{open}{after}")),
        ["`after` never had a full window of 1s: a fault was still active at the end"]
    );
    // While the server is gone nothing is answered, so there is no p99.
    let dead = "[[step]]\nat = \"10s\"\ndo = \"crash web for 10s\"\n";
    let fast = check("that = \"p99 < 1s\"\nhold = [\"during\"]");
    assert_eq!(why(&format!("{dead}{fast}")), ["nothing was measured in any of 10 windows"]);
    let early = "[[step]]\nat = \"1s\"\ndo = \"crash web for 1s\"\n";
    let part = check("that = \"goodput > 50% of baseline\"\nhold = [\"after\"]");
    assert_eq!(
        why(&format!("{early}{part}")),
        ["there is no baseline: nothing was measured before the first fault"]
    );
}

/// Steps of every kind, checks of every kind.
fn busy() -> Playbook {
    let rest = [
        CRASH,
        "[[step]]\nwhen = \"error_rate > 50%\"\ndo = \"traffic x1.5 for 3s\"\n",
        "[[step]]\nid = \"r\"\nafter = \"kill + 10.3s\"\nevery = \"1.7s\"\ntimes = 3\ndo = \"slow web factor=2 for 1s\"\n",
        &check(
            "that = \"goodput >= 95% of baseline and p99 < 250ms over 2s\"\nhold = [\"before\", \"after\"]",
        ),
        &check("name = \"b\"\nthat = \"success > 99%\"\nwithin = \"5.2s\"\nof = \"kill\""),
        &check("name = \"c\"\nthat = \"failures == 0\"\nhold = [\"end\", \"during\"]"),
        "[stop]\nif = [\"error_rate > 99% over 20s\"]\n[end]\nheal = true\n",
    ];
    tiny(&rest.concat())
}

#[test]
fn slices_and_clones_change_neither_the_run_nor_the_verdict() {
    let playbook = busy();
    let whole = finished(&playbook);
    let told = |s: &Session| (s.digest(), s.judgement(), s.progress(), s.log().to_vec());
    for slice in [7_777_777, 100 * MILLISECOND, 1_300 * MILLISECOND] {
        let mut sliced = Session::new(&playbook, 7);
        let mut clone = None;
        while !sliced.is_over() {
            sliced.run(sliced.now() + slice).unwrap();
            if clone.is_none() && sliced.now() > 12 * SECOND {
                clone = Some(sliced.clone());
            }
        }
        assert_eq!(told(&sliced), told(&whole));
        let mut clone = clone.unwrap();
        clone.run(Ns::MAX).unwrap();
        assert_eq!(told(&clone), told(&whole));
    }
}

#[test]
fn checks_leave_the_run_as_it_is() {
    let judged = busy();
    let mut bare = judged.clone();
    bare.checks.clear();
    bare.stop.clear();
    let (judged, bare) = (finished(&judged), finished(&bare));
    assert_eq!((judged.digest(), judged.events()), (bare.digest(), bare.events()));
    assert_eq!(bare.judgement().verdict, Verdict::Held);
    assert_ne!(judged.judgement().verdict, Verdict::Held);
}

#[test]
fn a_playbook_without_checks_is_a_measurement() {
    let judgement = judged(CRASH);
    assert_eq!(
        (judgement.verdict, judgement.over, judgement.at),
        (Verdict::Held, true, 30 * SECOND)
    );
}

/// What the strip of checks shows is what somebody hears who leaves.
#[test]
fn a_total_that_has_passed_its_bound_has_deviated_before_the_end() {
    let total = check("that = \"failures <= 10\"\nhold = [\"end\"]");
    let mut session = Session::new(&tiny(&format!("{CRASH}{total}")), 7);
    session.advance(12 * SECOND).unwrap();
    assert_eq!(session.progress().checks[0].state, Some(Verdict::Deviated));
    let judgement = session.judgement();
    assert_eq!(judgement.verdict, Verdict::Deviated, "{judgement:?}");
    assert_eq!(judgement.because(), "1 of 1 check did not hold");
}

#[test]
fn a_check_turns_while_the_run_goes_on() {
    let rest = format!(
        "{CRASH}{}",
        check("name = \"up\"\nthat = \"instances(web) == 1\"\nhold = [\"during\"]")
    );
    let mut session = Session::new(&tiny(&rest), 7);
    session.advance(5 * SECOND).unwrap();
    assert_eq!(session.progress().checks[0].state, None);
    assert_eq!(session.progress().steps[0].next, Some(10 * SECOND));
    session.advance(12 * SECOND).unwrap();
    let check = session.progress().checks[0].clone();
    assert_eq!((check.state, check.windows), (Some(Verdict::Deviated), (2, 2)));
    assert_eq!(check.first_violation, Some(11 * SECOND));
    assert_eq!(
        (session.progress().steps[0].done, session.progress().verdict),
        (Some(10 * SECOND), None)
    );
}

#[test]
fn a_check_of_two_phases_has_held_when_both_have() {
    let both = check("that = \"offered > 0/s\"\nhold = [\"before\", \"after\"]");
    let mut session = Session::new(&tiny(&format!("{CRASH}{both}")), 7);
    let mut shown = |at: Ns| {
        session.run(at).unwrap();
        session.progress().checks[0].state
    };
    assert_eq!((shown(9 * SECOND), shown(12 * SECOND)), (None, None), "it was only half of it");
    assert_eq!(shown(30 * SECOND), Some(Verdict::Held));
}

/// Whoever goes on as soon as the world begins would have a fault that nothing is said of: the first comes
/// when there has been something to compare it with.
#[test]
fn a_step_before_its_time_waits_for_what_is_judged_before_it() {
    let stamp = |hold: &str, window: &str, now: Ns| {
        let that = format!("that = \"offered > 0/s over {window}\"\nhold = [\"{hold}\"]");
        let playbook = tiny(&format!("{CRASH}{}", check(&that)));
        let mut session = Session::new(&playbook, 7);
        session.advance(now).unwrap();
        session.next_step_stamp()
    };
    let warmup = tiny(CRASH).warmup;
    assert!((SECOND..8 * SECOND).contains(&warmup), "or this shows nothing");
    assert_eq!(stamp("end", "2s", 300_000), warmup);
    assert_eq!(stamp("before", "2s", 300_000), warmup + 2 * SECOND);
    assert_eq!(stamp("before", "2s", 9 * SECOND + 1), 9 * SECOND + 1_000_000);
    let early = Session::new(&tiny(&CRASH.replace("10s", "1s")), 7);
    assert_eq!(early.next_step_stamp(), SECOND, "not later than its own time");
    let mut session = Session::new(&tiny(CRASH), 7);
    session.inject(&Command::parse("crash web").unwrap()).unwrap();
    assert_eq!(session.next_step_stamp(), 0, "there is a fault already");
}

#[test]
fn what_is_done_after_the_end_is_not_judged() {
    let mut session = finished(&tiny(CRASH));
    let before = session.judgement();
    assert_eq!((before.verdict, before.over), (Verdict::Held, true));
    // For now it has touched nothing, which would make the run inconclusive.
    session.inject(&command("slow web factor=3 for 10s")).unwrap();
    assert_eq!(session.judgement(), before);
    session.advance(session.now() + 20 * SECOND).unwrap();
    assert_eq!(session.judgement(), before);
    assert_eq!(session.picture().played.unwrap().ended.unwrap().judgement.as_ref(), &before);
}

#[test]
fn a_person_goes_on_to_the_next_step_and_what_follows_it_follows() {
    let rest = format!(
        "{CRASH}[[step]]\nid = \"mend\"\nafter = \"kill + 3s\"\ndo = \"heal\"\n\
         [[step]]\nid = \"more\"\nwhen = \"error_rate > 99% over 20s\"\ndo = \"traffic x2\"\n"
    );
    let playbook = tiny(&rest);
    let done = |s: &Session| {
        let entry = |e: &Entry| (e.at / SECOND, e.step.clone().unwrap());
        s.log().iter().map(entry).collect::<Vec<_>>()
    };
    let mut session = Session::new(&playbook, 7);
    session.advance(4 * SECOND).unwrap();
    assert_eq!(session.next_step(), Some("kill"));
    session.advance(20 * SECOND).unwrap();
    assert_eq!(done(&session), [(4, "kill".into()), (7, "mend".into())]);
    assert_eq!(session.next_step(), Some("more"), "what waits for a condition need not");
    assert_eq!(session.next_step(), None);
    // It is the run of a file that has these times.
    let mut planned = playbook.clone();
    for (step, at) in planned.steps.iter_mut().zip([4, 7, 20]) {
        step.trigger = playbook::Trigger::At(at * SECOND);
    }
    let planned = finished(&planned);
    session.run(Ns::MAX).unwrap();
    assert_eq!((session.digest(), session.judgement()), (planned.digest(), planned.judgement()));
    assert_eq!(session.next_step(), None, "it is over");
}
