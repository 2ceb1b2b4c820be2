//! What was recorded plays as what was seen.

use super::*;
use crate::chaos::Command;
use crate::chaos::verb::VERBS;
use crate::playbook::{self, Opened};
use crate::sim::time::SECOND;
use proptest::prelude::*;

fn opened(file: &str) -> (Playbook, Source) {
    let (opened, source) = playbook::open_with_source(file).unwrap_or_else(|e| panic!("{e}"));
    (opened.into_playbook(), source)
}

fn session(file: &str, seed: u64) -> (Session, Source) {
    let (playbook, source) = opened(file);
    (Session::new(&playbook, seed), source)
}

fn inject(session: &mut Session, text: &str) {
    let command = Command::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    session.inject(&command).unwrap_or_else(|e| panic!("{text}: {e}"));
}

fn recorded(session: &Session, source: &Source) -> Recording {
    record(session, source, Path::new("")).unwrap_or_else(|e| panic!("{e}"))
}

/// The session of a recording, at its end.
fn replay(recording: &Recording) -> Session {
    let opened = parse("recorded.toml", &recording.text, Some(Path::new("")));
    let Ok(Opened::Playbook(playbook)) = opened else {
        panic!("{:?}\n{}", opened.err().map(|e| e.to_string()), recording.text)
    };
    let mut session = Session::new(&playbook, playbook.seed);
    session.advance(playbook.length).unwrap();
    assert_eq!(session.now(), recording.length);
    session
}

#[test]
fn a_recording_expects_what_its_playbook_does() {
    let (session, source) = session("primary-crash-async", 7);
    assert_eq!(session.playbook().expect, Verdict::Deviated);
    let again = replay(&recorded(&session, &source));
    assert_eq!(again.playbook().expect, Verdict::Deviated);
}

#[test]
fn a_recording_reads_as_a_playbook() {
    let (mut session, source) = session("food-delivery", 3);
    session.advance(1_500 * MILLISECOND).unwrap();
    inject(&mut session, "kill web-2 for 1s");
    inject(&mut session, "undo");
    session.advance(2 * SECOND).unwrap();
    let recording = recorded(&session, &source);
    let text = recording.text.split_once("\n\n").unwrap().1;
    assert_eq!(
        text,
        r#"title = "food-delivery, recorded"
cluster = "food-delivery"
seed = 3
length = "2s"

[[step]]
id = "live-1"
at = "1.5s"
do = "crash web-2 for 1s"

[[step]]
id = "live-2"
at = "1.5s"
do = "undo"
"#
    );
    assert_eq!(recording.digest, session.digest());
    assert_eq!(replay(&recording).digest(), session.digest());
}

#[test]
fn a_command_of_this_instant_makes_the_recording_a_millisecond_longer() {
    let (mut session, source) = session("single-server", 3);
    session.advance(SECOND).unwrap();
    inject(&mut session, "crash server for 1s");
    let recording = recorded(&session, &source);
    assert_eq!(recording.length, SECOND + MILLISECOND);
    let replayed = replay(&recording);
    assert_eq!(replayed.digest(), recording.digest);
    session.advance(recording.length).unwrap();
    assert_eq!(replayed.digest(), session.digest());
    assert_eq!(replayed.picture().faults.len(), 1);
}

#[test]
fn settings_of_the_start_come_back() {
    let text = r#"title = "It's \"here\""
asks = "?"
cluster = "food-delivery"
length = "5s"
warmup = "1s"
[set]
"menus.enabled" = false
"orders-db.ack" = "sync"
"edge.health" = { every = "1s" }
"app.stages" = ["hold 1x 1s", "ramp 1x 2x 2s"]
"couriers.steps" = ["cpu exp(6ms)", "write orders-db keys=menu"]
"network.same_zone" = "1ms"
[[step]]
id = "live-1"
at = "2s"
do = "set web.threads=8 for 1s"
say = "Fewer threads."
"#;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = folder.join("p.toml");
    std::fs::write(&file, text).unwrap();
    let (playbook, source) = opened(file.to_str().unwrap());
    let mut session = Session::new(&playbook, 5);
    session.advance(3 * SECOND).unwrap();
    inject(&mut session, "traffic x2 for 1s");
    session.advance(4 * SECOND).unwrap();
    let path = folder.join("recorded.toml");
    let saved = save(&session, &source, &path, Existing::Keep).unwrap();
    let (again, _) = opened(path.to_str().unwrap());
    assert_eq!(again.cluster, playbook.cluster);
    assert_eq!((again.warmup, again.seed), (SECOND, 5));
    let ids: Vec<&str> = again.steps.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["live-1", "live-2"]);
    assert_eq!(again.steps[0].say.as_deref(), Some("Fewer threads."));
    assert_eq!(replay(&saved).digest(), session.digest());
    let kept = save(&session, &source, &path, Existing::Keep);
    assert!(matches!(kept, Err(Unsaved::Exists)));
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 2);
}

#[test]
fn a_cluster_file_is_named_from_the_folder_of_the_recording() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir_all(folder.join("runs")).unwrap();
    let own = playbook::CLUSTERS.iter().find(|c| c.name == "single-server").unwrap();
    std::fs::write(folder.join("c.toml"), own.text).unwrap();
    let (mut session, source) = session(folder.join("c.toml").to_str().unwrap(), 5);
    session.advance(SECOND).unwrap();
    let path = folder.join("runs").join("r.toml");
    let saved = save(&session, &source, &path, Existing::Keep).unwrap();
    assert!(saved.text.contains("cluster = \"../c.toml\""), "{}", saved.text);
    let (again, _) = opened(path.to_str().unwrap());
    let mut again = Session::new(&again, again.seed);
    again.advance(SECOND).unwrap();
    assert_eq!(again.digest(), session.digest());
}

#[test]
fn nodes_that_came_by_scaling_are_named_in_a_recording() {
    let (mut session, source) = session("food-delivery", 4);
    session.advance(SECOND).unwrap();
    inject(&mut session, "scale web to=6");
    inject(&mut session, "scale couriers to=4");
    session.advance(4 * SECOND).unwrap();
    for text in [
        "crash web-6 for 200ms",
        "cut web-5->orders-db:primary for 300ms",
        "slow web-5,couriers-4 factor=3 for 200ms",
        "lose edge<->web-6 p=50% for 200ms",
        "pause web-* for 50ms",
        "error couriers-4 p=50% for 1s",
        "heal web-5",
        "restart web-6",
        "scale web to=5",
        "power_off web-5",
    ] {
        inject(&mut session, text);
        session.advance(session.now() + 100 * MILLISECOND).unwrap();
    }
    let recording = recorded(&session, &source);
    let replayed = replay(&recording);
    assert_eq!(replayed.log().len(), session.log().len());
    assert_eq!(replayed.digest(), session.digest());
}

#[test]
fn what_a_playbook_teaches_is_kept_and_rules_that_have_room() {
    let (mut session, source) = session("server-crash", 4);
    session.advance(3 * SECOND).unwrap();
    // No window of 5 s has room in it.
    assert_eq!(replay(&recorded(&session, &source)).playbook().stop, []);
    session.advance(12 * SECOND).unwrap();
    let recording = recorded(&session, &source);
    assert_eq!(replay(&recording).playbook().stop, session.playbook().stop);
    assert_eq!(replay(&recording).playbook().about, session.playbook().about);
    assert!(recording.text.contains("about = "), "{}", recording.text);
}

/// Something that a person does: after a while, one of the commands that the palette offers, or back.
#[derive(Clone, Debug)]
struct Act {
    after: Ns,
    verb: prop::sample::Index,
    candidate: prop::sample::Index,
    undo: bool,
}

fn act() -> impl Strategy<Value = Act> {
    let after = prop_oneof![Just(0), 0..400 * MILLISECOND, Just(250 * MILLISECOND)];
    let index = any::<prop::sample::Index>;
    (after, index(), index(), prop::bool::weighted(0.15))
        .prop_map(|(after, verb, candidate, undo)| Act { after, verb, candidate, undo })
}

fn do_it(session: &mut Session, act: &Act) {
    session.advance(session.now() + act.after).unwrap();
    session.advance(session.next_stamp()).unwrap();
    let verb = VERBS[act.verb.index(VERBS.len())].name;
    let offered = session.complete(&format!("{verb} "));
    let text = match offered.len() {
        _ if act.undo => "undo".to_owned(),
        0 => verb.to_owned(),
        n => offered[act.candidate.index(n)].text.clone(),
    };
    // What is refused changes nothing, and is not recorded.
    if let Ok(command) = Command::parse(&text) {
        let _ = session.inject(&command);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_a_person_did_plays_again(
        acts in prop::collection::vec(act(), 1..12),
        rest in 0..300 * MILLISECOND,
        seed in 0..u64::MAX,
    ) {
        let (mut session, source) = session("food-delivery", seed);
        for act in &acts {
            do_it(&mut session, act);
        }
        session.advance(session.now() + rest).unwrap();
        let recording = recorded(&session, &source);
        session.advance(recording.length).unwrap();
        prop_assert_eq!(recording.digest, session.digest());
        let replayed = replay(&recording);
        prop_assert_eq!(replayed.digest(), session.digest());
        // The recording of the replay is the same file, but for what it says of its making.
        let text = |r: &Recording| r.text.split_once("\n\n").unwrap().1.to_owned();
        let again = recorded(&replayed, &source);
        prop_assert_eq!(text(&again), text(&recording));
    }
}
