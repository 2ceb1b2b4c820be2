//! Paths into our own crate, spelled out in full: `use crate::{sim::{id, time}, chaos}` names
//! `sim::id`, `sim::time` and `chaos`; `super::super::observe` in `sim::node` names `observe`.

use super::source::{is_name, words};

/// All paths from `crate`, `brownout` (the library as the binary sees it) and `super` in `code`,
/// which is the inside of `module`, each with where it begins.
pub fn of(code: &str, module: &[String]) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for root in ["crate", "brownout", "super"] {
        for at in words(code, root).filter(|at| begins_a_path(code, *at, root)) {
            let parents = module.len().saturating_sub(usize::from(root == "super"));
            let base = if root == "super" { &module[..parents] } else { &[] };
            let mut tree = Tree { rest: &code[at + root.len()..], paths: Vec::new() };
            tree.after_name(base.to_vec());
            found.extend(tree.paths.into_iter().map(|path| (at, path)));
        }
    }
    found.sort_by_key(|(at, _)| *at);
    found
}

/// Whether the word is the first of a path, and not `a::super` or `pub(crate)`.
fn begins_a_path(code: &str, at: usize, root: &str) -> bool {
    let before = code[..at].trim_end();
    let after = code[at + root.len()..].trim_start();
    after.starts_with("::") && !before.ends_with("::")
}

struct Tree<'a> {
    rest: &'a str,
    paths: Vec<Vec<String>>,
}

impl Tree<'_> {
    /// Reads what follows a name: more of the path, or its end.
    fn after_name(&mut self, path: Vec<String>) {
        let Some(rest) = self.rest.trim_start().strip_prefix("::") else {
            self.paths.push(path);
            return;
        };
        self.rest = rest.trim_start();
        match self.rest.strip_prefix('{') {
            Some(inside) => {
                self.rest = inside;
                self.group(&path);
            }
            None => self.segment(path),
        }
    }

    fn segment(&mut self, mut path: Vec<String>) {
        let name: String = self.rest.bytes().take_while(|b| is_name(*b)).map(char::from).collect();
        self.rest = &self.rest[name.len()..];
        match name.as_str() {
            "" => return self.paths.push(path), // `*`, `<`
            "super" => drop(path.pop()),
            "self" => {}
            _ => path.push(name),
        }
        self.after_name(path);
    }

    fn group(&mut self, path: &[String]) {
        loop {
            self.rest = self.rest.trim_start_matches([' ', '\n', ',', '*']);
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return;
            }
            let before = self.rest.len();
            self.segment(path.to_vec());
            self.skip_alias();
            if self.rest.len() == before {
                return; // not a tree of names: leave it
            }
        }
    }

    /// Skips `as Name`.
    fn skip_alias(&mut self) {
        let rest = self.rest.trim_start();
        if let Some(alias) = rest.strip_prefix("as ") {
            self.rest = alias
                .trim_start()
                .trim_start_matches(|c: char| c == '_' || c.is_ascii_alphanumeric());
        }
    }
}

#[test]
fn trees_of_names_are_spelled_out() {
    let module: Vec<String> = ["sim", "node", "cache"].map(str::to_string).to_vec();
    let code = "use crate::{sim::{id::NodeId as N, time}, chaos::*};\n\
                use super::super::agenda; pub(crate) fn f(x: crate::tui::App) {}\n\
                pub(in super::x) struct S; use super::{self, log};";
    let mut paths: Vec<String> = of(code, &module).iter().map(|(_, p)| p.join("::")).collect();
    paths.sort();
    assert_eq!(
        paths,
        [
            "chaos",
            "sim::agenda",
            "sim::id::NodeId",
            "sim::node",
            "sim::node::log",
            "sim::node::x",
            "sim::time",
            "tui::App"
        ]
    );
}
