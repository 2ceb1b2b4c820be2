//! Steps, checks, predictions, rules to stop by: what is read, and what is refused.

use super::*;

/// A playbook of 60 s on the default cluster, with a step `a` at 10 s that is a fault for 10 s.
fn with(rest: &str) -> String {
    playbook(&format!("[[step]]\nid = \"a\"\nat = \"10s\"\ndo = \"crash web-2 for 10s\"\n{rest}"))
}

fn read(text: &str) -> Playbook {
    match parse("f.toml", text, None) {
        Ok(opened) => opened.into_playbook(),
        Err(e) => panic!("{e}\n{text}"),
    }
}

/// What is wrong with a text, without its file.
fn wrong(text: &str) -> Vec<String> {
    problems(text).into_iter().map(|p| p.trim_start_matches("f.toml:").to_owned()).collect()
}

#[test]
fn the_whole_format_is_read() {
    let p = read(&with(
        r#"[[step]]
id = "b"
after = "a + 5s"
every = "2s"
times = 3
do = "flush menus"
[[step]]
when = "p99 > 1s over 2s"
do = "heal"
[[check]]
name = "fast"
that = "p99(order)<250ms and success >= 99% over 2s"
hold = ["before", "after"]
[[check]]
that = "lost_writes == 0"
[[check]]
name = "back"
that = "goodput >= 95% of baseline"
within = "3s"
of = "a"
[[predict]]
before = "b"
ask = "How long?"
choices = ["short", "long"]
answer = "outage(order)"
[stop]
if = ["error_rate > 90% over 5s"]
[end]
heal = true
"#,
    ));
    assert_eq!(p.steps[1].trigger, Trigger::After { step: 0, delay: 5 * SECOND });
    assert_eq!(p.steps[1].repeat, Some(Repeat { every: 2 * SECOND, times: 3 }));
    assert!(matches!(&p.steps[2].trigger, Trigger::When(c) if c.to_string() == "p99 > 1s over 2s"));
    assert_eq!(p.steps[2].id, "step-3");
    let checks: Vec<(&str, String, String)> = p
        .checks
        .iter()
        .map(|c| (c.name.as_str(), c.that.to_string(), c.scope.text(&p.steps)))
        .collect();
    let expected = [
        ("fast", "p99(order) < 250ms and success >= 99% over 2s", "before and after"),
        ("check-2", "lost_writes == 0", "always"),
        ("back", "goodput >= 95% of baseline", "within 3s of a"),
    ];
    assert_eq!(checks, expected.map(|(a, b, c)| (a, b.to_owned(), c.to_owned())));
    assert_eq!((p.predict[0].before, p.predict[0].choices.len()), (1, 2));
    assert_eq!(p.predict[0].answer.to_string(), "outage(order)");
    assert_eq!((p.stop.len(), p.heal), (1, true));
    let first = |i: usize| p.planned()[i].map(|t| (t.first / SECOND, t.last() / SECOND));
    assert_eq!((first(0), first(1), first(2)), (Some((10, 10)), Some((15, 19)), None));
}

#[test]
fn wrong_steps_say_where_and_what() {
    for (rest, problem) in [
        (
            "[[step]]\nid = \"a\"\nat = \"1s\"\ndo = \"heal\"",
            "9:6: expected an `id` that no other step has, found `\"a\"`",
        ),
        (
            "[[step]]\nat = \"1s\"\nafter = \"a\"\ndo = \"heal\"",
            "10:9: expected only one of `at`, `after` and `when` in a step, found `\"a\"`",
        ),
        (
            "[[step]]\nid = \"abc\"\nafter = \"abd + 1s\"\ndo = \"heal\"",
            "10:10: expected the `id` of a step, found `abd`; did you mean `abc`?",
        ),
        (
            "[[step]]\nafter = \"a + 1\"\ndo = \"heal\"",
            "9:14: expected a time such as `250ms`, `2s` or `5m`, found `1`",
        ),
        (
            "[[step]]\nafter = \"a + 50s\"\ndo = \"heal\"",
            "9:9: expected a time before the end of the run, 60s (this is 60s), found `\"a + 50s\"`",
        ),
        (
            "[[step]]\nid = \"b\"\nafter = \"b + 1s\"\ndo = \"heal\"",
            "10:9: expected a step that does not wait for itself: b → b, found `\"b + 1s\"`",
        ),
        (
            "[[step]]\nwhen = \"p98 > 1s\"\ndo = \"heal\"",
            "9:9: expected a metric, found `p98`; did you mean `p90`?",
        ),
        (
            "[[step]]\nat = \"1s\"\nevery = \"1s\"\ndo = \"heal\"",
            "10:9: expected `times = 3` beside `every`, found `\"1s\"`",
        ),
        (
            "[[step]]\nat = \"1s\"\ntimes = 3\ndo = \"heal\"",
            "10:9: expected `every = \"10s\"` beside `times`, found `3`",
        ),
        (
            "[[step]]\nat = \"1s\"\nevery = \"1s\"\ntimes = 0\ndo = \"heal\"",
            "11:9: expected a number from 1 to 10000, without quotes, found `0`",
        ),
        (
            "[[step]]\nat = \"10s\"\nevery = \"20s\"\ntimes = 4\ndo = \"heal\"",
            "11:9: expected at most 3, the times that fit into 60s, found `4`",
        ),
    ] {
        assert_eq!(wrong(&with(rest)), [problem], "{rest}");
    }
    let circle = "[[step]]\nid = \"b\"\nafter = \"c\"\ndo = \"heal\"\n\
                  [[step]]\nid = \"c\"\nafter = \"b\"\ndo = \"heal\"";
    assert_eq!(
        wrong(&with(circle)),
        [
            "10:9: expected a step that does not wait for itself: b → c → b, found `\"c\"`",
            "14:9: expected a step that does not wait for itself: c → b → c, found `\"b\"`",
        ]
    );
}

#[test]
fn wrong_checks_say_where_and_what() {
    let check = |rest: &str| with(&format!("[[check]]\n{rest}"));
    let late = |rest: &str| check(&format!("that = \"late == 0\"\n{rest}"));
    for (text, problem) in [
        (
            check("name = \"x\""),
            "8:1: expected `that = \"p99 < 250ms\"` in this check, found nothing",
        ),
        (
            check("that = \"p99(ordr) < 1s\""),
            "9:13: expected a class of requests for `p99`, found `ordr`; did you mean `order`?",
        ),
        (
            late("hold = [\"befor\"]"),
            "10:10: expected `before`, `during`, `after`, `always` or `end`, found `befor`; did you \
             mean `before`?",
        ),
        (
            late("hold = \"before\""),
            "10:8: expected a list such as `[\"before\", \"after\"]`, found `\"before\"`",
        ),
        (
            late("hold = []"),
            "10:8: expected at least one of `before`, `during`, `after`, `always` or `end`, found `[]`",
        ),
        (
            late("within = \"3s\""),
            "10:10: expected `of = \"…\"`, a step, beside `within`, found `\"3s\"`",
        ),
        (late("of = \"a\""), "10:6: expected `within = \"10s\"` beside `of`, found `\"a\"`"),
        (late("within = \"3s\"\nof = \"b\""), "11:7: expected the `id` of a step, found `b`"),
        (
            late("within = \"3s\"\nof = \"a\"\nhold = [\"end\"]"),
            "12:8: expected either `hold` or `within` and `of`, found `[\"end\"]`",
        ),
        (
            check("that = \"p99 < 1s over 2m\""),
            "9:8: expected a window of at most 60s, the judged time of the run, found \
             `\"p99 < 1s over 2m\"`",
        ),
        (
            check("that = \"p99 < 1s over 11s\"\nhold = [\"during\"]"),
            "10:8: expected a phase with room for a window of 11s: no fault lasts so long, found \
             `[\"during\"]`",
        ),
        (
            check("that = \"p99 < 1s over 11s\"\nhold = [\"before\"]"),
            "10:8: expected a phase with room for a window of 11s: `before` lasts from 0s to 10s, \
             found `[\"before\"]`",
        ),
        (
            check("that = \"p99 < 1s over 41s\"\nhold = [\"after\"]"),
            "10:8: expected a phase with room for a window of 41s: `after` lasts from 20s to 60s, \
             found `[\"after\"]`",
        ),
        (
            late("within = \"50s\"\nof = \"a\""),
            "10:10: expected a time that leaves room for a window of 1s before the next step or the \
             end of the run, found `\"50s\"`",
        ),
        (
            check(
                "name = \"x\"\nthat = \"late == 0\"\n[[check]]\nname = \"x\"\nthat = \"late == 0\"",
            ),
            "12:8: expected a `name` that no other check has, found `\"x\"`",
        ),
    ] {
        assert_eq!(wrong(&text), [problem], "{text}");
    }
    let endless = |rest: &str| {
        playbook(&format!(
            "[[step]]\nat = \"10s\"\ndo = \"{rest}\"\n[[check]]\nthat = \"late == 0\"\n\
             hold = [\"after\"]"
        ))
    };
    assert_eq!(
        wrong(&endless("crash web-2")),
        [
            "9:8: expected a phase that comes: before `after` every fault must end, found `[\"after\"]`"
        ]
    );
    assert_eq!(
        wrong(&endless("heal")),
        [
            "9:8: expected a phase that comes: `after` needs a step that is a fault, found `[\"after\"]`"
        ]
    );
    assert_eq!(wrong(&endless("flush menus")), [""; 0]);
}

#[test]
fn wrong_predictions_rules_and_ends_say_where_and_what() {
    let predict = |rest: &str| with(&format!("[[predict]]\nask = \"?\"\n{rest}"));
    for (text, problem) in [
        (
            predict("before = \"b\"\nchoices = [\"x\", \"y\"]\nanswer = \"late\""),
            "10:11: expected the `id` of a step, found `b`",
        ),
        (
            predict("before = \"a\"\nchoices = [\"x\"]\nanswer = \"late\""),
            "11:11: expected at least two choices, found `[\"x\"]`",
        ),
        (
            predict("before = \"a\"\nchoices = [\"x\", \"x\"]\nanswer = \"late\""),
            "11:17: expected a choice that is not empty and not there yet, found `\"x\"`",
        ),
        (
            predict("before = \"a\"\nchoices = [\"x\", \"y\"]\nanswer = \"outge(order)\""),
            "12:11: expected a metric, found `outge`; did you mean `outage`?",
        ),
        (
            with("[stop]\nif = [\"late\"]"),
            "9:12: expected `<`, `<=`, `>`, `>=`, `==` or `!=`, found nothing",
        ),
        (
            with("[stop]\niff = []"),
            "9:1: expected a key of `[stop]`, found `iff`; did you mean `if`?",
        ),
        (
            with("[end]\nheal = \"yes\""),
            "9:8: expected `true` or `false`, without quotes, found `\"yes\"`",
        ),
    ] {
        let found = wrong(&text);
        assert!(found.contains(&problem.to_owned()), "{text}\n{found:#?}");
    }
}
