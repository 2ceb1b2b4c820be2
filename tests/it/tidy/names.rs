//! Names that must not stand somewhere, with what to use instead.

use super::imports::in_screen;
use super::offence;
use super::source::{Source, line_of, words};

/// Rooms in which equal seeds must give equal runs and equal reports.
const SAME_EVERYWHERE: &[&str] = &["sim", "observe", "chaos", "playbook", "session", "report"];

/// The rooms of the synchronous value.
const VALUE: &[&str] = &["sim", "observe", "chaos"];

/// Names banned in rooms.
struct Ban {
    rooms: &'static [&'static str],
    names: &'static [&'static str],
    instead: &'static str,
}

const BANS: &[Ban] = &[
    Ban {
        rooms: SAME_EVERYWHERE,
        names: &["HashMap", "HashSet", "std::hash", "RandomState", "DefaultHasher"],
        instead: "its order differs between runs: index a `Vec` by id, or use a `BTreeMap`",
    },
    Ban {
        rooms: SAME_EVERYWHERE,
        names: &["Instant", "SystemTime"],
        instead: "there is no wall clock here: take simulated time, or measure in `cli` or `tui`",
    },
    Ban {
        rooms: SAME_EVERYWHERE,
        names: &["tokio", "tokio_util", "std::thread", "thread::spawn", ".await"],
        instead: "the world and its session are synchronous values: threads and tasks are in `tui` \
                  and `cli`",
    },
    Ban {
        rooms: SAME_EVERYWHERE,
        names: &["println!", "print!", "eprintln!", "eprint!", "stdout()", "stderr()"],
        instead: "return a value or write to the `Write` or `String` that you are given",
    },
    Ban {
        rooms: VALUE,
        names: &["std::fs", "std::env", "std::process", "std::net", "std::io"],
        instead: "files, processes and the environment are the business of `playbook` and `cli`",
    },
    Ban {
        rooms: VALUE,
        names: &["Mutex", "RwLock", "AtomicU64", "AtomicUsize", "thread_local!", "static mut"],
        instead: "the world is one value with one owner: pass `&mut`",
    },
    Ban {
        rooms: SAME_EVERYWHERE,
        names: &["rand_distr", "StdRng", "SmallRng", "seed_from_u64", "random_range", "shuffle"],
        instead: "it differs between platforms or releases: draw in `sim::random`",
    },
    Ban {
        rooms: SAME_EVERYWHERE,
        names: &["sort_unstable_by_key", "select_nth_unstable_by_key"],
        instead: "equal keys leave in no order: use `sort_by_key`, or sort by the whole value",
    },
];

/// Functions of floats that platforms round differently.
const INEXACT: &[&str] = &[
    "acos", "asin", "atan", "atan2", "cbrt", "cos", "cosh", "exp", "exp2", "exp_m1", "hypot", "ln",
    "ln_1p", "log10", "log2", "mul_add", "powf", "powi", "sin", "sin_cos", "sinh", "tan", "tanh",
];

/// What a panel or an overlay may not hold: a frame is a pure function of view data.
const NOT_IN_A_FRAME: &[&str] = &[
    "Mutex",
    "RwLock",
    "RefCell",
    "Instant",
    "SystemTime",
    "World",
    "Session",
    "crossterm",
    "watch::",
];

/// Words that mean "not done", or a lint that was silenced for good.
const UNFINISHED: &[(&str, &str)] = &[
    ("todo!", "do it, or leave it out and say so in the issue"),
    ("unimplemented!", "do it, or return an error that says what is missing"),
    ("dbg!", "take it out"),
    ("#[allow(", "`#[expect(lint, reason = \"…\")]` says why and expires"),
    ("#![allow(", "`#[expect(lint, reason = \"…\")]` says why and expires"),
    ("#[ignore", "a test that does not run holds nothing: mend it or take it out"),
];

/// Names that a room must not use.
pub fn banned(source: &Source) -> Vec<String> {
    let Some(room) = source.room() else { return Vec::new() };
    let mut found = Vec::new();
    for ban in BANS.iter().filter(|ban| ban.rooms.contains(&room)) {
        for name in ban.names {
            found.extend(at_words(source, name, ban.instead));
        }
    }
    if SAME_EVERYWHERE.contains(&room) {
        found.extend(inexact_floats(source));
    }
    if in_screen(&source.path) {
        for name in NOT_IN_A_FRAME {
            found.extend(at_words(source, name, "a frame is a pure function of view data"));
        }
    }
    found
}

fn inexact_floats(source: &Source) -> Vec<String> {
    let instead = "platforms round it differently: use `libm`, and draw in `sim::random`";
    INEXACT
        .iter()
        .flat_map(|name| [format!(".{name}("), format!("f64::{name}"), format!("f32::{name}")])
        .flat_map(|name| at_words(source, &name, instead))
        .collect()
}

fn at_words(source: &Source, name: &str, instead: &str) -> Vec<String> {
    words(&source.shipped, name)
        .map(|at| offence(source, line_of(&source.shipped, at), &format!("`{name}`: {instead}")))
        .collect()
}

/// `unwrap()` in shipped code.
pub fn unwraps(source: &Source) -> Vec<String> {
    let instead = "return an error, or `expect` with the invariant that makes it impossible";
    [".unwrap()", ".unwrap_err()"].iter().flat_map(|n| at_words(source, n, instead)).collect()
}

/// Unfinished work and silenced lints, in tests too.
pub fn unfinished(source: &Source) -> Vec<String> {
    let find = |&(name, instead): &(&str, &str)| -> Vec<String> {
        words(&source.code, name)
            .map(|at| offence(source, line_of(&source.code, at), &format!("`{name}`: {instead}")))
            .collect()
    };
    UNFINISHED.iter().flat_map(find).collect()
}

/// Paths that exist on one machine only. Comments and strings count: this reads the plain text.
pub fn machine_paths(path: &str, text: &str) -> Vec<String> {
    // Written in halves, so that this file does not offend itself.
    let roots = [["/ho", "me/"], ["/ro", "ot/"], ["/wo", "rk/"], ["/Use", "rs/"], ["C:", "\\"]];
    let found = |line: &&str| roots.iter().any(|root| line.contains(&root.concat()));
    text.lines()
        .enumerate()
        .filter(|(_, line)| found(line))
        .map(|(i, _)| format!("{path}:{}: a path of one machine: make it relative", i + 1))
        .collect()
}

/// Whether the docs of a file have an example that `cargo test` compiles and runs.
pub fn has_example(source: &Source) -> bool {
    let fences = source.text.lines().filter_map(|line| line.trim().strip_prefix("//! ```"));
    fences.step_by(2).any(|kind| kind.is_empty() || kind == "rust")
}

/// Versions and features in `Cargo.toml` that golden digests rest on.
pub fn dependencies(manifest: &str) -> Vec<String> {
    let table: toml::Table = match manifest.parse() {
        Ok(table) => table,
        Err(e) => return vec![format!("Cargo.toml: {e}")],
    };
    let all = ["dependencies", "dev-dependencies"].map(|key| table.get(key));
    let mut found = Vec::new();
    if all.iter().flatten().any(|d| d.get("rand_distr").is_some()) {
        found.push(
            "Cargo.toml: `rand_distr` uses the platform's math: draw in `sim::random`".into(),
        );
    }
    let Some(normal) = all[0] else { return vec!["Cargo.toml: no [dependencies]".into()] };
    let libm = normal.get("libm").and_then(|d| d.as_str().or_else(|| d.get("version")?.as_str()));
    if !libm.is_some_and(|version| version.starts_with('=')) {
        found
            .push("Cargo.toml: `libm` must be pinned (`=x.y.z`): golden digests rest on it".into());
    }
    for name in ["rand", "hdrhistogram"] {
        let features = normal.get(name).and_then(|d| d.get("default-features")?.as_bool());
        if features != Some(false) {
            found.push(format!("Cargo.toml: `{name}` needs `default-features = false`"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offences(rule: fn(&Source) -> Vec<String>, path: &str, text: &str) -> usize {
        rule(&Source::new(path, text)).len()
    }

    #[test]
    fn every_ban_bites_in_each_of_its_rooms_and_not_elsewhere() {
        for ban in BANS {
            for name in ban.names {
                for room in ban.rooms {
                    let path = format!("src/{room}/x.rs");
                    assert_eq!(offences(banned, &path, &format!("{name};")), 1, "{name} in {room}");
                }
                assert_eq!(offences(banned, "src/cli/run.rs", &format!("{name};")), 0, "{name}");
            }
        }
    }

    #[test]
    fn inexact_floats_are_found_as_methods_and_as_paths_and_libm_is_fine() {
        for name in INEXACT {
            assert_eq!(offences(banned, "src/sim/x.rs", &format!("x.{name}(y)")), 1, "{name}");
            assert_eq!(
                offences(banned, "src/report.rs", &format!("map(f64::{name})")),
                1,
                "{name}"
            );
        }
        assert_eq!(offences(banned, "src/sim/x.rs", "libm::exp(x) + x.sqrt() + n.ilog2()"), 0);
        assert_eq!(offences(banned, "src/sim/x.rs", "x.expect(y); x.pow(2); MyHashMapper"), 0);
    }

    #[test]
    fn comments_strings_and_tests_may_name_what_is_banned() {
        let text = "// HashMap\nlet a = \"Instant\";\n#[cfg(test)]\nmod tests { use HashMap; }";
        assert_eq!(offences(banned, "src/sim/x.rs", text), 0);
    }

    #[test]
    fn a_lock_or_a_clock_in_a_panel_is_an_offence() {
        for name in NOT_IN_A_FRAME {
            assert_eq!(offences(banned, "src/tui/panels/why.rs", &format!("{name};")), 1, "{name}");
        }
        assert_eq!(offences(banned, "src/tui/driver.rs", "Instant::now()"), 0);
    }

    #[test]
    fn unwrap_is_for_tests() {
        assert_eq!(offences(unwraps, "src/cli.rs", "a.unwrap(); b.unwrap_or(1)"), 1);
        assert_eq!(
            offences(unwraps, "src/cli.rs", "#[cfg(test)]\nmod t { fn f() { a.unwrap() } }"),
            0
        );
    }

    #[test]
    fn unfinished_work_is_found_in_tests_too() {
        for (name, _) in UNFINISHED {
            let text = format!("#[cfg(test)]\nmod t {{ {name} }}");
            assert_eq!(offences(unfinished, "src/sim/x.rs", &text), 1, "{name}");
        }
    }

    #[test]
    fn a_path_of_a_machine_is_found_in_any_text() {
        let text = format!("fine\n// see {}{}x", "/ho", "me/");
        assert_eq!(
            machine_paths("README.md", &text),
            ["README.md:2: a path of one machine: make it relative"]
        );
    }

    #[test]
    fn a_drawing_is_no_example() {
        let has = |text: &str| has_example(&Source::new("src/lib.rs", text));
        assert!(!has("//! ```text\n//! a → b\n//! ```\n"));
        assert!(!has("//! ```no_run\n//! f();\n//! ```\n"));
        assert!(has("//! ```text\n//! a\n//! ```\n//! ```\n//! assert!(true);\n//! ```\n"));
    }

    #[test]
    fn loose_dependencies_are_found() {
        let loose = "[dependencies]\nlibm = \"0.2\"\nrand = \"0.10\"\nhdrhistogram = \"7\"\nrand_distr = \"1\"";
        assert_eq!(dependencies(loose).len(), 4);
        let tight = "[dependencies]\nlibm = \"=0.2.1\"\nrand = { version = \"0.10\", default-features = false }\n\
                     hdrhistogram = { version = \"7\", default-features = false }";
        assert_eq!(dependencies(tight), Vec::<String>::new());
    }
}
