//! What the texts of the shipped playbooks advise can be done as it stands there.

use brownout::chaos::{Command, Scene};
use brownout::playbook::{PLAYBOOKS, Playbook, open, parse};
use brownout::sim::topology::Topology;

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Whether a playbook with that line under `[set]` can be read.
fn is_set(playbook: &Playbook, line: &str) -> Result<(), String> {
    let cluster = &playbook.cluster.name;
    let text = format!("title = \"t\"\ncluster = \"{cluster}\"\n[set]\n{line}\n");
    parse("advice.toml", &text, None).map(drop).map_err(|e| e.to_string())
}

/// Whether it is a command whose targets are in the cluster of the playbook.
fn is_command(playbook: &Playbook, text: &str) -> Result<(), String> {
    let command = Command::parse(text).map_err(|e| e.to_string())?;
    let topology = Topology::new(&playbook.cluster);
    command.bind_in(&Scene::planned(&topology)).map(drop).map_err(|e| e.to_string())
}

/// Advice is a line for `[set]`, a setting (of the only component that has one of that name, if none
/// is named), or a command.
fn can_be_done(playbook: &Playbook, advice: &str) -> Result<(), String> {
    if advice.starts_with('"') {
        return is_set(playbook, advice);
    }
    let Some((name, value)) = advice.split_once('=').filter(|(name, _)| !name.trim().contains(' '))
    else {
        return is_command(playbook, advice);
    };
    let (name, value) = (name.trim(), value.trim());
    if name.contains('.') {
        return is_command(playbook, &format!("set {name}={value}"));
    }
    let components = playbook.cluster.components.iter();
    let mut having = components.filter(|c| c.options.get(name).is_some());
    match (having.next(), having.next()) {
        (Some(one), None) => is_command(playbook, &format!("set {}.{name}={value}", one.name)),
        _ => Err("no component, or several, have such a setting".to_owned()),
    }
}

#[test]
fn all_advice_can_be_done() {
    let mut seen = 0;
    for builtin in PLAYBOOKS {
        let playbook = open(builtin.name).unwrap_or_else(|e| panic!("{e}")).into_playbook();
        let next = playbook.about.split("Try next:").nth(1);
        let next = next.unwrap_or_else(|| panic!("{}: nothing to try next", builtin.name));
        for advice in quoted(next) {
            let done = can_be_done(&playbook, advice);
            assert!(done.is_ok(), "{}: `{advice}`: {done:?}", builtin.name);
            seen += 1;
        }
        // A name of another playbook that is meant is one that there is.
        let words = next.split(|c: char| !c.is_alphanumeric() && c != '-');
        let kin = words.filter(|word| word.contains('-') && word.split('-').count() > 1);
        for word in kin.filter(|word| !next.contains(&format!("`{word}"))) {
            let is_name = PLAYBOOKS.iter().any(|other| other.name == word);
            let is_part = playbook.cluster.components.iter().any(|c| word.starts_with(&c.name));
            assert!(is_name || is_part, "{}: there is no playbook `{word}`", builtin.name);
        }
    }
    assert!(seen >= 20, "{seen} pieces of advice were found");
}
