//! `brownout completions` and `brownout man`: made from the same tables as the command line.

use super::{Cli, Exit, Failure, output};
use crate::playbook::{CLUSTERS, PLAYBOOKS};
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, Args, Command, CommandFactory};
use clap_complete::Shell;

/// Print the completions of a shell
///
/// For bash: `brownout completions bash > /etc/bash_completion.d/brownout`
#[derive(Args, Debug)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page
///
/// To read it: brownout man > brownout.1 && man ./brownout.1
#[derive(Args, Debug)]
pub(super) struct Man {}

/// Prints the completions of a shell.
pub(super) fn completions(asked: &Completions) -> Result<Exit, Failure> {
    output::write(None, &script(asked.shell)?)?;
    Ok(Exit::Held)
}

/// Prints the manual page: the program and, after it, each subcommand.
pub(super) fn man(_: &Man) -> Result<Exit, Failure> {
    output::write(None, &page()?)?;
    Ok(Exit::Held)
}

fn script(shell: Shell) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    clap_complete::generate(shell, &mut with_names(Cli::command()), "brownout", &mut bytes);
    let script = text(bytes)?;
    Ok(match shell {
        Shell::Zsh => with_paths(&script),
        Shell::Fish => script + &of_fish(),
        _ => script,
    })
}

/// The command line with the built-in names as values of each FILE. Only completions are made of
/// it: a FILE may be any path.
fn with_names(command: Command) -> Command {
    command.mut_subcommands(|sub| {
        let files: Vec<String> = sub
            .get_arguments()
            .filter(|arg| takes_file(arg))
            .map(|arg| arg.get_id().to_string())
            .collect();
        files.into_iter().fold(sub, |sub, id| {
            sub.mut_arg(id, |arg| arg.value_parser(PossibleValuesParser::new(names())))
        })
    })
}

fn names() -> impl Iterator<Item = PossibleValue> {
    PLAYBOOKS.iter().chain(CLUSTERS).map(|builtin| PossibleValue::new(builtin.name))
}

/// Zsh offers either values or paths, and here are both: the list of names becomes two alternatives.
fn with_paths(script: &str) -> String {
    let listed: Vec<&str> = PLAYBOOKS.iter().chain(CLUSTERS).map(|b| b.name).collect();
    let listed = listed.join(" ");
    let both = format!(
        "{{_alternative \"names:built-in name:({listed})\" \"files:file:_files -g '*.toml'\"}}"
    );
    script.replace(&format!("({listed})"), &both.replace('\'', r"'\''"))
}

/// Fish is told nothing of arguments without a `--`: the names are added, paths it offers by itself.
fn of_fish() -> String {
    let takes = |sub: &&Command| sub.get_positionals().any(takes_file);
    let command = Cli::command();
    let subs: Vec<&str> = command.get_subcommands().filter(takes).map(Command::get_name).collect();
    let listed: Vec<&str> = PLAYBOOKS.iter().chain(CLUSTERS).map(|b| b.name).collect();
    format!(
        "complete -c brownout -n \"__fish_seen_subcommand_from {}\" -a \"{}\"\n",
        subs.join(" "),
        listed.join(" ")
    )
}

fn takes_file(arg: &Arg) -> bool {
    arg.get_value_names().is_some_and(|names| names.iter().any(|name| name == "FILE"))
}

fn page() -> Result<String, Failure> {
    let mut command = Cli::command();
    command.build();
    let mut bytes = Vec::new();
    let write = |command: Command, bytes: &mut Vec<u8>| {
        clap_mangen::Man::new(command)
            .render(bytes)
            .map_err(|error| Failure::new(format!("the page cannot be made: {error}")))
    };
    write(command.clone(), &mut bytes)?;
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let name = format!("brownout {}", sub.get_name());
        let sub = sub.clone().display_name(name.clone()).bin_name(name);
        let mut part = Vec::new();
        write(sub, &mut part)?;
        bytes.extend(part);
    }
    text(bytes)
}

fn text(bytes: Vec<u8>) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|_| Failure::new("what was made is not text"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn completions_of_every_shell_know_the_subcommands() {
        for shell in Shell::value_variants() {
            let script = script(*shell).unwrap();
            for word in ["run", "check", "list", "completions", "seeds"] {
                assert!(script.contains(word), "{shell}: no {word}");
            }
        }
    }

    #[test]
    fn shells_that_complete_values_know_the_built_in_names() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell).unwrap();
            for name in ["food-delivery", "primary-crash"] {
                assert!(script.contains(name), "{shell}: no {name}");
            }
            assert!(script.contains("markdown"), "{shell}: no formats");
        }
        assert!(script(Shell::Zsh).unwrap().contains("_files -g"));
    }

    #[test]
    fn the_page_has_every_subcommand_and_option() {
        let page = page().unwrap();
        let plain = page.replace("\\-", "-");
        for sub in Cli::command().get_subcommands() {
            assert!(plain.contains(&format!("brownout {}", sub.get_name())), "{}", sub.get_name());
            for arg in sub.get_arguments().filter_map(Arg::get_long) {
                assert!(plain.contains(&format!("--{arg}")), "{}: --{arg}", sub.get_name());
            }
        }
        assert!(plain.contains("Exit codes"));
    }
}
