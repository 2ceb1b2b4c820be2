use super::*;
use clap::CommandFactory;

fn parsed(arguments: &[&str]) -> Result<Cli, String> {
    let all = std::iter::once("brownout").chain(arguments.iter().copied());
    Cli::try_parse_from(all).map_err(|e| e.to_string())
}

#[test]
fn the_arguments_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn wrong_usage_is_refused() {
    for arguments in [
        &["rnu"][..],
        &["run"],
        &["run", "x", "--length", "0s"],
        &["run", "x", "--length", "10"],
        &["run", "x", "--seed", "-1"],
        &["run", "x", "--format", "xml"],
        &["check"],
        &["list", "things"],
    ] {
        assert!(parsed(arguments).is_err(), "{arguments:?}");
    }
    assert!(parsed(&["run", "x", "--length", "10"]).unwrap_err().contains("a time such as"));
    assert!(parsed(&["run", "a", "b", "--format", "json", "-o", "x.json", "--seed", "3"]).is_ok());
    assert!(parsed(&[]).is_ok());
}

/// Without a subcommand it is the live screen, with what that may be told of its looks.
#[cfg(feature = "tui")]
#[test]
fn the_live_screen_takes_its_flags_without_its_name() {
    for flags in [
        &["--ascii"][..],
        &["--theme", "light", "--seed", "3"],
        &["--speed", "2x", "--paused"],
        &["--keymap", "x.toml"],
    ] {
        assert!(parsed(flags).is_ok(), "{flags:?}");
        let live: Vec<&str> = std::iter::once("live").chain(flags.iter().copied()).collect();
        assert!(parsed(&live).is_ok(), "{flags:?}");
        let run: Vec<&str> = flags.iter().copied().chain(["list", "verbs"]).collect();
        assert!(parsed(&run).is_err(), "they are no flags of other subcommands: {flags:?}");
    }
    assert!(parsed(&["food-delivery"]).is_err(), "a file needs the word");
}

#[test]
fn invalid_files_end_with_2() {
    assert_eq!(run(&parsed(&["check", "no-such-file"]).unwrap()), INVALID);
    assert_eq!(run(&parsed(&["run", "no-such-file"]).unwrap()), INVALID);
    assert_eq!(run(&parsed(&["run", "server-crash", "--length", "5s"]).unwrap()), INVALID);
    assert_eq!(run(&parsed(&["check", "food-delivery", "server-crash"]).unwrap()), 0);
}

#[test]
fn the_seed_is_the_argument_then_the_file_then_seven() {
    assert_eq!(playbook("food-delivery", None).unwrap().seed, 7);
    assert_eq!(playbook("primary-crash", None).unwrap().seed, 42);
    assert_eq!(playbook("primary-crash", Some(3)).unwrap().seed, 3);
}

#[test]
fn of_several_verdicts_the_worst_counts() {
    let codes = Verdict::ALL.iter().map(|(_, verdict)| Exit::of(*verdict) as u8);
    assert_eq!(codes.collect::<Vec<_>>(), [0, 1, 3, 4]);
    let some = [Verdict::Held, Verdict::Stopped, Verdict::Deviated];
    assert_eq!(some.map(Exit::of).into_iter().max(), Some(Exit::Stopped));
}
