//! Small rooms: files, functions, and where modules lie.

use super::offence;
use super::source::Source;

/// Lines of a file at most.
const FILE_LINES: usize = 500;

/// Lines of a function at most, its comments included. A function of 70 asks to be split.
const FUNCTION_LINES: usize = 100;

/// Files and functions that have grown too large.
pub fn small(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE_LINES {
        let what =
            format!("{lines} lines, {FILE_LINES} allowed: split it along the domain's lines");
        found.push(offence(source, 1, &what));
    }
    for function in source.functions().iter().filter(|f| f.lines > FUNCTION_LINES) {
        let what = format!(
            "`{}` has {} lines, {FUNCTION_LINES} allowed: give its parts names",
            function.name, function.lines
        );
        found.push(offence(source, function.line, &what));
    }
    found
}

/// `foo.rs` beside `foo/`, never `foo/mod.rs`.
pub fn no_mod_rs(source: &Source) -> Vec<String> {
    let inner = source.path.ends_with("/mod.rs");
    let what = "rename it to the folder's name, beside the folder";
    inner.then(|| offence(source, 1, what)).into_iter().collect()
}

/// Files that no `mod name;` declares: the compiler never reads them.
pub fn orphans(sources: &[Source]) -> Vec<String> {
    let roots = ["src/lib.rs", "src/main.rs", "tests/it/main.rs"];
    let declared = |path: &str| {
        let (folder, name) = path.strip_suffix(".rs")?.rsplit_once('/')?;
        let parent = sources.iter().find(|s| {
            s.path == format!("{folder}.rs")
                || ["lib.rs", "main.rs"].iter().any(|r| s.path == format!("{folder}/{r}"))
        })?;
        parent.modules().iter().any(|m| m == name).then_some(())
    };
    sources
        .iter()
        .filter(|s| !roots.contains(&s.path.as_str()) && declared(&s.path).is_none())
        .map(|s| offence(s, 1, "no `mod` declares it: declare it in its parent or take it out"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_and_a_long_function_are_offences() {
        let file = "// a line\n".repeat(FILE_LINES + 1);
        assert_eq!(small(&Source::new("src/a.rs", &file)).len(), 1);
        let body = "    let x = 1;\n".repeat(FUNCTION_LINES - 1);
        let long = format!("fn f() {{\n{body}}}\n");
        assert_eq!(small(&Source::new("src/a.rs", &long)).len(), 1);
        let body = "    let x = 1;\n".repeat(FUNCTION_LINES - 2);
        assert_eq!(small(&Source::new("src/a.rs", &format!("fn f() {{\n{body}}}\n"))).len(), 0);
    }

    #[test]
    fn mod_rs_is_an_offence() {
        assert_eq!(no_mod_rs(&Source::new("src/sim/mod.rs", "")).len(), 1);
        assert_eq!(no_mod_rs(&Source::new("src/sim/model.rs", "")).len(), 0);
    }

    #[test]
    fn a_file_that_nothing_declares_is_an_orphan() {
        let file = |path: &str, text: &str| Source::new(path, text);
        let sources = [
            file("src/lib.rs", "mod sim;"),
            file("src/sim.rs", "mod agenda;"),
            file("src/sim/agenda.rs", ""),
            file("src/sim/old.rs", ""),
        ];
        let found = orphans(&sources);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("src/sim/old.rs"), "{}", found[0]);
    }
}
