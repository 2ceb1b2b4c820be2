//! The rules of ARCHITECTURE.md and CONTRIBUTING.md that a machine can hold.
//!
//! Each rule is a function from a source file to its offences (`tidy/imports.rs`, `tidy/names.rs`,
//! `tidy/size.rs`), and each has a test on a small bad sample, so that it is known to bite. An
//! offence names its place and says what to do instead.

mod imports;
mod names;
mod paths;
mod size;
mod source;

use source::Source;
use std::fs;
use std::path::Path;

/// The root of the repository.
pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A place where a rule is broken: `src/sim/x.rs:12: …, do … instead`.
pub fn offence(source: &Source, line: usize, what: &str) -> String {
    format!("{}:{line}: {what}", source.path)
}

/// All files under `folder` (a path from the root) that `wanted` accepts, in order of their names.
fn files(folder: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(Path::new(ROOT).join(folder)) else { return found };
    for entry in entries {
        let entry = entry.expect("the folder can be listed");
        let name = entry.file_name().into_string().expect("file names are plain text");
        let path = format!("{folder}/{name}");
        if entry.file_type().expect("the entry has a type").is_dir() {
            found.extend(files(&path, wanted));
        } else if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Rust files of these folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let rust = |path: &str| Path::new(path).extension().is_some_and(|e| e == "rs");
    folders
        .iter()
        .flat_map(|folder| files(folder, &rust))
        .map(|path| Source::new(&path, &read(&path)))
        .collect()
}

/// Files of `src` that are shipped: without those that only tests compile.
fn shipped() -> Vec<Source> {
    let all = sources(&["src"]);
    let tests: Vec<String> = all.iter().flat_map(files_of_tests).collect();
    all.into_iter().filter(|s| !tests.iter().any(|t| s.path.starts_with(t.as_str()))).collect()
}

/// Where the files of a source's `#[cfg(test)] mod name;` are: `src/sim/theory.rs` and below.
fn files_of_tests(source: &Source) -> Vec<String> {
    let folder = source.module().join("/");
    let folder = if folder.is_empty() { "src".to_string() } else { format!("src/{folder}") };
    let both = |name: String| [format!("{folder}/{name}.rs"), format!("{folder}/{name}/")];
    source.test_modules().into_iter().flat_map(both).collect()
}

fn hold(rule: impl Fn(&Source) -> Vec<String>, sources: &[Source]) {
    assert!(!sources.is_empty(), "no sources found under {ROOT}");
    let offences: Vec<String> = sources.iter().flat_map(rule).collect();
    assert!(offences.is_empty(), "{} offences:\n{}", offences.len(), offences.join("\n"));
}

#[test]
fn rooms_import_only_rooms_below_them() {
    hold(imports::rooms, &shipped());
}

#[test]
fn panels_overlays_and_widgets_see_view_data_only() {
    hold(imports::screen, &shipped());
}

#[test]
fn rooms_use_no_name_that_would_make_runs_differ() {
    hold(names::banned, &shipped());
}

#[test]
fn shipped_code_does_not_unwrap() {
    hold(names::unwraps, &shipped());
}

#[test]
fn nothing_is_left_unfinished_or_silenced() {
    hold(names::unfinished, &sources(&["src", "tests", "benches"]));
}

#[test]
fn files_and_functions_are_small() {
    hold(size::small, &sources(&["src", "tests", "benches"]));
}

#[test]
fn modules_lie_beside_their_folders_and_are_declared() {
    let sources = sources(&["src", "tests"]);
    hold(size::no_mod_rs, &sources);
    let orphans = size::orphans(&sources);
    assert!(orphans.is_empty(), "{}", orphans.join("\n"));
}

#[test]
fn nothing_names_a_machine() {
    let text = |path: &str| {
        let kept = ["rs", "toml", "md", "txt", "svg", "json", "snap", "tape", "csv", "yml", "lock"];
        Path::new(path).extension().and_then(|e| e.to_str()).is_some_and(|e| kept.contains(&e))
    };
    let mut paths: Vec<String> = ["src", "tests", "benches", "assets", "playbooks"]
        .iter()
        .flat_map(|folder| files(folder, &text))
        .collect();
    paths.extend(
        [
            "README.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "Cargo.toml",
            ".ci/run",
        ]
        .map(str::to_string),
    );
    let offences: Vec<String> =
        paths.iter().flat_map(|path| names::machine_paths(path, &read(path))).collect();
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn dependencies_that_decide_digests_are_pinned() {
    let offences = names::dependencies(&read("Cargo.toml"));
    assert!(offences.is_empty(), "{}", offences.join("\n"));
}

#[test]
fn the_crate_shows_how_it_is_used() {
    // Its example is also the last test that `cargo test` runs, and so the last line that it prints.
    let root = Source::new("src/lib.rs", &read("src/lib.rs"));
    assert!(names::has_example(&root), "src/lib.rs: show a run in a doc example that is executed");
}
