//! Steps of work: `cpu exp(5ms)`, `read menus keys=menu`.

use super::super::Expected;
use super::super::scan::{A_NAME, Word, is_name, words};
use super::{parse_dist, print_dist};
use crate::sim::spec::Step;

const VERBS: &[&str] = &["cpu", "read", "write", "publish", "call"];

/// Reads one step. That the names exist is for the cluster to check.
///
/// # Errors
/// When it is not a verb of a step and what that takes.
pub fn parse_step(text: &str) -> Result<Step, Expected> {
    let words = words(text);
    let end = Word { text: "", at: text.len() };
    let Some((verb, rest)) = words.split_first() else {
        return Err(end.expected("a step such as `cpu exp(5ms)` or `read menus`"));
    };
    if !VERBS.contains(&verb.text) {
        let what = "`cpu`, `read`, `write`, `publish` or `call`";
        return Err(verb.expected(what).near(VERBS.iter().copied()));
    }
    let (object, rest) = rest.split_first().unwrap_or((&end, &[]));
    if verb.text == "cpu" {
        let work = parse_dist(object.text).map_err(|e| e.shifted(object.at))?;
        return match rest.first() {
            None => Ok(Step::Cpu(work)),
            Some(more) => Err(more.expected("the end of the step")),
        };
    }
    if !is_name(object.text) {
        return Err(object.expected(format!("the name of a component after `{}`", verb.text)));
    }
    let keys = match rest {
        [] => None,
        [only] => Some(class(*only)?),
        [_, more, ..] => return Err(more.expected("the end of the step")),
    };
    let name = object.text.to_owned();
    Ok(match verb.text {
        "read" => Step::Read { from: name, keys },
        "write" => Step::Write { to: name, keys },
        "publish" => Step::Publish { to: name, keys },
        _ => Step::Call { to: name, keys },
    })
}

fn class(word: Word<'_>) -> Result<String, Expected> {
    match word.split_once("=") {
        Some((key, class)) if key.text == "keys" && is_name(class.text) => {
            Ok(class.text.to_owned())
        }
        Some((key, class)) if key.text == "keys" => Err(class.expected(A_NAME)),
        _ => Err(word.expected("`keys=CLASS` or the end of the step")),
    }
}

/// Prints a step; [`parse_step`] reads exactly the same back.
#[must_use]
pub fn print_step(step: &Step) -> String {
    let (verb, name, keys) = match step {
        Step::Cpu(work) => return format!("cpu {}", print_dist(work)),
        Step::Read { from, keys } => ("read", from, keys),
        Step::Write { to, keys } => ("write", to, keys),
        Step::Publish { to, keys } => ("publish", to, keys),
        Step::Call { to, keys } => ("call", to, keys),
    };
    match keys {
        Some(class) => format!("{verb} {name} keys={class}"),
        None => format!("{verb} {name}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::dist::tests::any_dist;
    use super::*;
    use proptest::option::of;
    use proptest::prelude::*;

    pub fn any_step() -> impl Strategy<Value = Step> {
        let name = || "[a-z]([a-z0-9_-]{0,6}[a-z0-9])?";
        let name = move || (name(), of(name()));
        prop_oneof![
            any_dist().prop_map(Step::Cpu),
            name().prop_map(|(from, keys)| Step::Read { from, keys }),
            name().prop_map(|(to, keys)| Step::Write { to, keys }),
            name().prop_map(|(to, keys)| Step::Publish { to, keys }),
            name().prop_map(|(to, keys)| Step::Call { to, keys }),
        ]
    }

    #[test]
    fn wrong_ones_say_what_is_expected() {
        for (text, message) in [
            ("", "expected a step such as `cpu exp(5ms)` or `read menus`, found nothing"),
            (
                "raed menus",
                "expected `cpu`, `read`, `write`, `publish` or `call`, found `raed`; did you mean \
                 `read`?",
            ),
            ("cpu", "expected a time such as `5ms` or `exp(5ms)`, found nothing"),
            ("cpu 5ms 6ms", "expected the end of the step, found `6ms`"),
            ("read", "expected the name of a component after `read`, found nothing"),
            ("read menus of=x", "expected `keys=CLASS` or the end of the step, found `of=x`"),
            ("read menus keys=a b", "expected the end of the step, found `b`"),
        ] {
            let e = parse_step(text).unwrap_err();
            assert_eq!(e.to_string(), message);
            assert_eq!(&text[e.range], e.found);
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(step in any_step()) {
            prop_assert_eq!(parse_step(&print_step(&step)), Ok(step));
        }

        #[test]
        fn no_text_panics(text in "(cpu|read|call)? ?.{0,16}") {
            let _ = parse_step(&text);
        }
    }
}
