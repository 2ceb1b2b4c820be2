//! Equal seeds and equal commands give equal runs, however they are run.

use crate::lab::Lab;
use crate::support::{LENGTH, SCRIPT, command, play, playbook, session, whole};
use brownout::sim::World;
use brownout::sim::time::{MILLISECOND, Ns, SECOND};

const DEFAULT: &str = "food-delivery";

/// Runs whose digests are pinned, on every machine and in every build: what is run, the seed, the
/// simulated seconds, the digest. The default cluster runs with the script of `support.rs`. See
/// CONTRIBUTING.md for when they may move.
const GOLDEN: &[(&str, u64, u64, u64)] = &[
    (DEFAULT, 7, 20, 0x0589_34fb_3243_a9c0),
    (DEFAULT, 42, 20, 0x1e94_6036_65be_6e1a),
    ("w1.toml", 1, 20, 0x3e57_019e_a94b_7b9c),
    ("laws.toml", 5, 20, 0x57c8_cd26_7e8f_462d),
    ("single-server", 3, 20, 0x3117_0bcb_0bb1_8410),
];

/// What of a run must be equal: the digest, how much happened, and all that a screen would show.
fn told(session: &brownout::session::Session) -> (u64, u64, String) {
    (session.digest(), session.events(), format!("{:?}", session.picture()))
}

#[test]
fn a_second_run_is_equal_and_another_seed_is_not() {
    let run = |seed| {
        let mut session = session(DEFAULT, seed);
        play(&mut session, LENGTH, whole);
        told(&session)
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7).0, run(8).0);
}

#[test]
fn slices_do_not_matter() {
    let mut expected = session(DEFAULT, 7);
    play(&mut expected, LENGTH, whole);
    let lengths: [Ns; 4] = [SECOND, 33_333_333, 7_919_011, MILLISECOND / 3];
    for length in lengths {
        let mut sliced = session(DEFAULT, 7);
        play(&mut sliced, LENGTH, || length);
        assert_eq!(told(&sliced), told(&expected), "in slices of {length} ns");
    }
    // Lengths that never repeat, some of 1 ns: a slice may end just before, at and after an event.
    let mut length = 1;
    let mut sliced = session(DEFAULT, 7);
    play(&mut sliced, LENGTH, || {
        length = (length * 48_271) % 2_147_483_647;
        (length % (20 * MILLISECOND)).max(1)
    });
    assert_eq!(told(&sliced), told(&expected), "in slices of all lengths");
}

#[test]
fn single_events_are_slices_too() {
    let mut expected = session(DEFAULT, 7);
    play(&mut expected, SECOND, whole);
    let mut stepped = session(DEFAULT, 7);
    while stepped.now() < SECOND - 10 * MILLISECOND {
        stepped.step().expect("the world goes on");
    }
    play(&mut stepped, SECOND, whole);
    assert_eq!(told(&stepped), told(&expected));
}

/// What a change has freed is given out before the next instant is looked for: who gets it may make one
/// that is earlier than any on the agenda.
#[test]
fn a_step_after_a_change_is_one_instant() {
    let crowded = "[traffic.users]\nto = \"web\"\nrate = \"100/s\"\n\
        [request.page]\nshare = \"100%\"\nsteps = [\"cpu exp(50ms)\"]\n\
        [service.web]\ninstances = 1\ncores = 100\nthreads = 1\nbacklog = \"unlimited\"\n";
    let mut lab: Lab = Lab::new(crowded, 7);
    lab.to(500 * MILLISECOND);
    for threads in 2..30 {
        lab.act(&format!("set web.threads={threads}"));
        let (mut stepped, mut before) = (lab.world.clone(), lab.world.clone());
        stepped.step(&mut ()).expect("the world goes on");
        assert!(stepped.events() > lab.world.events(), "{threads} threads: something happened");
        // A step ends a nanosecond after its instant.
        before.advance(stepped.now() - 1, &mut ()).expect("the world goes on");
        assert_eq!(before.events(), lab.world.events(), "{threads} threads: nothing before that");
        lab.run(10 * MILLISECOND);
    }
}

#[test]
fn a_clone_runs_on_as_its_original_and_leaves_it_alone() {
    // Before anything, during an outage, in the middle of a failover, after all of it.
    for at in [0, 5_500, 8_900, 17_500] {
        let mut original = session(DEFAULT, 7);
        play(&mut original, at * MILLISECOND, whole);
        let before = told(&original);
        let mut clone = original.clone();
        play(&mut clone, LENGTH, whole);
        assert_eq!(told(&original), before, "cloned at {at} ms: the clone changed its original");
        play(&mut original, LENGTH, whole);
        assert_eq!(told(&original), told(&clone), "cloned at {at} ms");
    }
}

#[test]
fn observers_do_not_change_the_world() {
    let mut observed = session(DEFAULT, 7);
    play(&mut observed, LENGTH, whole);

    let mut bare = World::new(&playbook(DEFAULT).cluster, 7);
    for (at, text) in SCRIPT {
        bare.advance(at * MILLISECOND, &mut ()).expect("the world goes on");
        let bound = command(text).bind(&bare).unwrap_or_else(|e| panic!("{text}: {e}"));
        bare.inject(bound.change, bound.length, &mut ());
    }
    bare.advance(LENGTH, &mut ()).expect("the world goes on");
    assert_eq!((bare.digest(), bare.events()), (observed.digest(), observed.events()));
}

#[test]
fn every_command_of_the_script_changes_the_run() {
    // Else the other tests would hold for a world that ignores commands.
    let digest = |skip: Option<usize>| {
        let mut world = World::new(&playbook(DEFAULT).cluster, 7);
        for (i, (at, text)) in SCRIPT.iter().enumerate().filter(|(i, _)| Some(*i) != skip) {
            world.advance(at * MILLISECOND, &mut ()).expect("the world goes on");
            let bound = command(text).bind(&world).unwrap_or_else(|e| panic!("{i} {text}: {e}"));
            world.inject(bound.change, bound.length, &mut ());
        }
        world.advance(LENGTH, &mut ()).expect("the world goes on");
        world.digest()
    };
    let all = digest(None);
    for (i, (_, text)) in SCRIPT.iter().enumerate() {
        assert_ne!(digest(Some(i)), all, "without `{text}` the run is the same");
    }
}

#[test]
fn what_changes_nothing_leaves_the_digest_alone() {
    let run = |texts: &[&str]| {
        let mut session = session(DEFAULT, 7);
        session.advance(2 * SECOND).expect("the world goes on");
        for text in texts {
            session.inject(&command(text)).unwrap_or_else(|e| panic!("{text}: {e}"));
        }
        session.advance(6 * SECOND).expect("the world goes on");
        session.digest()
    };
    let nothing = run(&[]);
    for texts in [
        &["heal"][..],
        &["slow web factor=1 for 2s"],
        &["traffic x1 for 2s"],
        &["set menus.enabled=true"],
        &["cut web->orders-db", "heal"],
        &["traffic x3", "heal"],
        &["set menus.capacity=10 for 0s"],
        &["set web.cores=8 for 0s"],
    ] {
        assert_eq!(run(texts), nothing, "{texts:?}");
    }
}

#[test]
fn golden_runs_end_as_recorded() {
    assert!(!GOLDEN.is_empty(), "no run is pinned");
    let mut moved = Vec::new();
    for &(name, seed, seconds, expected) in GOLDEN {
        let mut session = session(name, seed);
        if name == DEFAULT {
            play(&mut session, seconds * SECOND, whole);
        } else {
            session.advance(seconds * SECOND).expect("the world goes on");
        }
        if session.digest() != expected {
            moved.push(format!("(\"{name}\", {seed}, {seconds}, 0x{:016x}),", session.digest()));
        }
    }
    assert!(moved.is_empty(), "digests moved; they are now:\n{}", moved.join("\n"));
}
