//! `brownout live`: the live screen.

use super::run::quoted;
use super::{Exit, Failure, arguments, output};
use crate::chaos::units::print_time;
use crate::observe::figures::{NARROW_SPACE, several};
use crate::playbook::{CLUSTERS, open_with_source};
use crate::report::{Origin, Report, json};
use crate::session::Session;
use crate::sim::time::MILLISECOND;
use crate::tui::driver::Writers;
use crate::tui::feed::Pace;
use crate::tui::keymap::file::{self, Config};
use crate::tui::theme::{Depth, Theme};
use crate::tui::{self, Options};
use clap::Args;
use clap::builder::PossibleValuesParser;
use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Open the live screen on a cluster or a playbook
#[derive(Args, Debug)]
pub(super) struct Live {
    /// A playbook or a cluster: a path or a built-in name [default: food-delivery]
    #[arg(value_name = "FILE")]
    file: Option<String>,
    #[command(flatten)]
    shown: Shown,
}

/// How the screen starts and what it looks like. Without a subcommand, too.
#[derive(Args, Debug, Default)]
pub(super) struct Shown {
    /// Seed of the run, instead of the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Simulated seconds for each real one, from 0.01 to 100 [default: 1]
    #[arg(long, value_name = "X", value_parser = arguments::speed)]
    speed: Option<f64>,
    /// Start with time paused
    #[arg(long)]
    paused: bool,
    /// Keys and looks from this file, instead of keymap.toml in the user's configuration
    #[arg(long, value_name = "FILE")]
    keymap: Option<PathBuf>,
    #[command(flatten)]
    looks: Looks,
}

/// How the screen looks; for `live` and `shot`.
#[derive(Args, Debug, Default)]
pub(super) struct Looks {
    /// Colours of the screen
    #[arg(long, value_name = "THEME", value_parser = PossibleValuesParser::new(Theme::NAMES))]
    theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long)]
    ascii: bool,
}

impl Looks {
    pub(super) fn options(&self) -> Options {
        let mut options = Options { ascii: self.ascii, ..Options::default() };
        if let Some(theme) = &self.theme {
            options.theme.clone_from(theme);
        }
        options
    }
}

impl Shown {
    /// The looks and the keys: those of flags before those of the file.
    fn options(&self) -> Result<Options, Failure> {
        let config = config(self.keymap.as_deref())?;
        let looks = &self.looks;
        let usual = Options { depth: depth(), ..Options::default() };
        Ok(Options {
            theme: looks.theme.clone().or(config.theme).unwrap_or(usual.theme),
            ascii: looks.ascii || config.ascii.unwrap_or(false),
            motion: config.motion.unwrap_or(usual.motion),
            keymap: config.keymap,
            depth: usual.depth,
        })
    }
}

/// Reads the file that was asked for, else the user's, if there is one.
fn config(asked: Option<&Path>) -> Result<Config, Failure> {
    let Some(path) = asked.map(Path::to_path_buf).or_else(user_file) else {
        return Ok(Config::default());
    };
    let name = path.display().to_string();
    match std::fs::read_to_string(&path) {
        Ok(text) => file::read(&name, &text).map_err(|wrong| Failure::new(wrong.to_string())),
        // A file that nobody asked for need not be there.
        Err(error) if asked.is_none() && error.kind() == ErrorKind::NotFound => {
            Ok(Config::default())
        }
        Err(error) => Err(Failure::new(format!("{name}: cannot be read: {error}"))),
    }
}

/// Where the user's own file is, by the convention of the platform.
fn user_file() -> Option<PathBuf> {
    let folder = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        Some(PathBuf::from(value)).filter(|path| path.is_absolute())
    };
    let config = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))
    };
    Some(config?.join("brownout").join("keymap.toml"))
}

/// Shows the screen until the person leaves. Of a playbook the exit code tells what it has shown until
/// then, as that of `run` does.
pub(super) fn run(live: &Live) -> Result<Exit, Failure> {
    show(live.file.as_deref().unwrap_or(CLUSTERS[0].name), &live.shown)
}

/// The same on the default cluster.
pub(super) fn run_default(shown: &Shown) -> Result<Exit, Failure> {
    show(CLUSTERS[0].name, shown)
}

fn show(file: &str, live: &Shown) -> Result<Exit, Failure> {
    let (opened, source) = open_with_source(file)?;
    let playbook = opened.into_playbook();
    let seed = live.seed.unwrap_or(playbook.seed);
    let pace = Pace { speed: live.speed.unwrap_or(1.0), paused: live.paused, ..Pace::default() };
    let reproduce = format!("brownout live {} --seed {seed}", quoted(file));
    let session = Session::new(&playbook, seed);
    let options = live.options()?;
    let writers = Writers { report: Some(report), source: Some(source) };
    let asked = tui::Live { options, pace, reproduce: reproduce.clone(), writers };
    match tui::live(session, asked) {
        Ok(left) => {
            let (at, digest) = (print_time(left.now() / MILLISECOND * MILLISECOND), left.digest());
            let (verdict, exit) = shown(&left);
            let again = again(&reproduce, left.by_hand());
            let told = format!("{again}\n{at} simulated, digest {digest:016x}\n{verdict}");
            output::write(None, &told)?;
            Ok(exit)
        }
        Err(error) => Err(Failure { code: error.exit_code(), message: error.to_string() }),
    }
}

/// The command that begins the same run, and what of this one it does not do again.
fn again(reproduce: &str, by_hand: u64) -> String {
    match by_hand {
        0 => format!("again: {reproduce}"),
        n => format!(
            "again: {reproduce}\n  from its start, without the {} by hand; E on the screen exports a \
             playbook with them",
            several(n, "action")
        ),
    }
}

/// What a session has shown of its hypothesis, and of what was predicted; nothing of one that had none.
fn shown(left: &Session) -> (String, Exit) {
    let playbook = left.playbook();
    if playbook.steps.is_empty() && playbook.checks.is_empty() {
        return (String::new(), Exit::Held);
    }
    let judgement = left.judgement();
    let head = if judgement.over { "verdict" } else { "left before its end, no verdict; so far" };
    let because = judgement.because();
    let gap = if because.is_empty() { "" } else { ": " };
    let mut text = format!("{head} {}{gap}{because}\n", judgement.verdict.word());
    for answer in &judgement.answers {
        let Some(judged) = answer.judged() else { continue };
        let judged = if judgement.over { judged } else { "not at its end" };
        let _ = writeln!(text, "prediction {judged}: {} {}", answer.ask, answer.compared());
    }
    (text.replace(NARROW_SPACE, " "), Exit::of(judgement.verdict))
}

/// What a run has shown so far, for programs.
fn report(session: &Session) -> Result<String, String> {
    let mut bytes = Vec::new();
    let report = Report::new(session, Origin::default());
    json::write(&report, &mut bytes).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// The colours of this terminal, as its environment tells.
fn depth() -> Depth {
    let told = |name: &str| std::env::var(name).ok();
    let (no_color, colorterm, term) = (told("NO_COLOR"), told("COLORTERM"), told("TERM"));
    Depth::of(no_color.as_deref(), colorterm.as_deref(), term.as_deref())
}
