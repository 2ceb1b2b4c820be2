//! One source file, and what a rule needs to see of it: code without comments and strings, the
//! lines that only tests compile, functions with their lengths, and paths spelled out in full.

use super::paths;

/// A file of the repository.
pub struct Source {
    /// Path from the root of the repository, with `/`: `src/sim/world.rs`.
    pub path: String,
    /// The file as it is.
    pub text: String,
    /// The same length, with comments and the insides of strings and characters blanked.
    pub code: String,
    /// `code`, with everything under `#[cfg(test)]` blanked too: what is shipped.
    pub shipped: String,
}

/// A function: where it begins, its name, how many lines it takes from `fn` to its last brace.
#[derive(Debug, PartialEq)]
pub struct Function {
    pub line: usize,
    pub name: String,
    pub lines: usize,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let code = blank_comments_and_strings(text);
        let shipped = blank_tests(&code);
        Source { path: path.to_string(), text: text.to_string(), code, shipped }
    }

    /// The room that the file belongs to: `sim` for `src/sim.rs` and `src/sim/agenda.rs`, `main`
    /// for `src/main.rs`, nothing outside `src`.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        let first = inside.split('/').next()?;
        Some(first.strip_suffix(".rs").unwrap_or(first))
    }

    /// The module that the file is: `["sim", "agenda"]`; empty for the crate's root.
    pub fn module(&self) -> Vec<String> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let inside = inside.strip_suffix(".rs").unwrap_or(inside);
        match inside {
            "lib" | "main" => Vec::new(),
            _ => inside.split('/').map(str::to_string).collect(),
        }
    }

    /// Full paths into this crate that shipped code names, each with its line.
    pub fn imports(&self) -> Vec<(usize, String)> {
        paths::of(&self.shipped, &self.module())
            .into_iter()
            .map(|(at, path)| (line_of(&self.shipped, at), path.join("::")))
            .collect()
    }

    /// All functions with a body, nested ones too.
    pub fn functions(&self) -> Vec<Function> {
        words(&self.code, "fn").filter_map(|at| function_at(&self.code, at)).collect()
    }

    /// Names of modules declared by `#[cfg(test)] mod name;`: their files are tests.
    pub fn test_modules(&self) -> Vec<String> {
        declared_modules(&self.code)
            .filter(|(at, _)| self.shipped.as_bytes()[*at] == b' ')
            .map(|(_, name)| name)
            .collect()
    }

    /// Names of all modules declared by `mod name;`.
    pub fn modules(&self) -> Vec<String> {
        declared_modules(&self.code).map(|(_, name)| name).collect()
    }
}

/// The line, from 1, of a place in a text.
pub fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

/// Where `word` stands in `code` and is not a part of a longer name.
pub fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    let joins = |edge: u8, next: Option<&u8>| is_name(edge) && next.is_some_and(|b| is_name(*b));
    code.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        let before = at.checked_sub(1).and_then(|i| bytes.get(i));
        let after = bytes.get(at + word.len());
        !joins(word.as_bytes()[0], before) && !joins(word.as_bytes()[word.len() - 1], after)
    })
}

pub fn is_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphanumeric()
}

fn declared_modules(code: &str) -> impl Iterator<Item = (usize, String)> + '_ {
    words(code, "mod").filter_map(|at| {
        let rest = code[at + 3..].trim_start();
        let end = rest.bytes().position(|b| !is_name(b))?;
        rest[end..].trim_start().starts_with(';').then(|| (at, rest[..end].to_string()))
    })
}

fn function_at(code: &str, at: usize) -> Option<Function> {
    let rest = &code[at + 2..];
    let name: String =
        rest.trim_start().bytes().take_while(|b| is_name(*b)).map(char::from).collect();
    if name.is_empty() {
        return None; // the type `fn(&T) -> U`
    }
    let mut depth = 0_i32;
    for (i, byte) in rest.bytes().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b';' if depth == 0 => return None,
            b'{' if depth == 0 => {
                let last = closing_brace(rest, i)?;
                let lines = line_of(&rest[..=last], last);
                return Some(Function { line: line_of(code, at), name, lines });
            }
            _ => {}
        }
    }
    None
}

/// The brace that closes the one at `open`.
fn closing_brace(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (i, byte) in code.bytes().enumerate().skip(open) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

/// Blanks every item under `#[cfg(test)]`, up to its `;` or closing brace.
fn blank_tests(code: &str) -> String {
    let mut bytes = code.as_bytes().to_vec();
    for (start, attribute) in code.match_indices("#[cfg(test)]") {
        let after = start + attribute.len();
        let Some(stop) = code[after..].find(['{', ';']).map(|i| after + i) else { continue };
        let end = match bytes[stop] {
            b'{' => closing_brace(code, stop).unwrap_or(code.len() - 1),
            _ => stop,
        };
        blank(&mut bytes[start..=end]);
    }
    String::from_utf8(bytes).expect("blanking keeps text valid: whole items are blanked")
}

fn blank(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|b| **b != b'\n') {
        *byte = b' ';
    }
}

/// Blanks comments and the insides of literals; keeps lengths and lines.
fn blank_comments_and_strings(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = span(text, at);
        if end > at {
            blank(&mut bytes[at..end]);
        }
        at = end.max(at + 1);
    }
    String::from_utf8(bytes).expect("blanking keeps text valid: literals are blanked whole")
}

/// The end of the comment or literal that begins at `at`; `at` itself if none does.
fn span(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at..];
    let inside_name = at > 0 && is_name(text.as_bytes()[at - 1]);
    let length = match rest {
        [b'/', b'/', ..] => rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
        [b'/', b'*', ..] => block_comment(rest),
        [b'"', ..] => quoted(rest, b'"'),
        [b'r', b'"' | b'#', ..] if !inside_name => raw_string(rest, 1),
        [b'b', b'r', b'"' | b'#', ..] if !inside_name => raw_string(rest, 2),
        [b'\'', ..] => character(&text[at..]),
        _ => 0,
    };
    at + length
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn quoted(rest: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// A raw string whose `r` is the `prefix`-th byte; 0 if it is none (`r#name` is a raw name).
fn raw_string(rest: &[u8], prefix: usize) -> usize {
    let hashes = rest[prefix..].iter().take_while(|b| **b == b'#').count();
    if rest.get(prefix + hashes) != Some(&b'"') {
        return 0;
    }
    let close = [b"\"".as_slice(), &vec![b'#'; hashes]].concat();
    let body = prefix + hashes + 1;
    rest[body..]
        .windows(close.len())
        .position(|w| w == close)
        .map_or(rest.len(), |i| body + i + close.len())
}

/// A character literal; 0 for a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest[1..].chars();
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => quoted(rest.as_bytes(), b'\''),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 0,
    }
}

#[test]
fn comments_strings_and_characters_are_blanked_and_lifetimes_are_not() {
    let source = Source::new(
        "src/sim/x.rs",
        "let a = \"x { y\"; // HashMap\n/* a /* b */ c */ let c = '{'; fn f<'a>() {}\nr#\"}\"#;",
    );
    let lines: Vec<&str> = source.code.lines().map(str::trim).collect();
    assert_eq!(lines[0].replace(' ', ""), "leta=;");
    assert_eq!(lines[1].replace(' ', ""), "letc=;fnf<'a>(){}");
    assert_eq!(lines[2].trim(), ";");
    assert_eq!(source.code.len(), source.text.len());
}

#[test]
fn code_under_cfg_test_is_not_shipped() {
    let source = Source::new(
        "src/sim/x.rs",
        "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { x.unwrap() }\n}\nfn c() {}\n",
    );
    assert!(source.code.contains("unwrap"));
    assert!(!source.shipped.contains("unwrap"));
    assert!(source.shipped.contains("fn c()"));
}

#[test]
fn a_file_of_tests_is_known_by_its_declaration() {
    let source =
        Source::new("src/sim.rs", "mod agenda;\n#[cfg(test)]\nmod theory;\nmod tests {}\n");
    assert_eq!(source.test_modules(), ["theory"]);
    assert_eq!(source.modules(), ["agenda", "theory"]);
}

#[test]
fn functions_are_measured_from_fn_to_their_last_brace() {
    let source = Source::new(
        "src/a.rs",
        "struct S { f: fn(u8) -> u8 }\nfn g(a: [u8; 2]) -> u8\n{\n    1\n}\nfn h();",
    );
    assert_eq!(source.functions(), [Function { line: 2, name: "g".to_string(), lines: 4 }]);
}
