//! `brownout live`: the live screen.

use super::{Exit, Failure, arguments, output, playbook};
use crate::chaos::units::print_time;
use crate::playbook::CLUSTERS;
use crate::session::Session;
use crate::tui::feed::Pace;
use crate::tui::theme::{Depth, Theme};
use crate::tui::{self, Options};
use clap::Args;
use clap::builder::PossibleValuesParser;

/// Open the live screen on a cluster or a playbook
#[derive(Args, Debug, Default)]
pub(super) struct Live {
    /// A playbook or a cluster: a path or a built-in name [default: food-delivery]
    #[arg(value_name = "FILE")]
    file: Option<String>,
    /// Seed of the run, instead of the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Simulated seconds for each real one, from 0.01 to 100 [default: 1]
    #[arg(long, value_name = "X", value_parser = arguments::speed)]
    speed: Option<f64>,
    /// Start with time standing still
    #[arg(long)]
    paused: bool,
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

/// Shows the screen until the person leaves.
pub(super) fn run(live: &Live) -> Result<Exit, Failure> {
    let file = live.file.as_deref().unwrap_or(CLUSTERS[0].name);
    let playbook = playbook(file, live.seed)?;
    let pace = Pace { speed: live.speed.unwrap_or(1.0), paused: live.paused, ..Pace::default() };
    let reproduce = format!("brownout live {file} --seed {}", playbook.seed);
    let session = Session::new(&playbook, playbook.seed);
    let options = Options { depth: depth(), ..live.looks.options() };
    let asked = tui::Live { options, pace, reproduce: reproduce.clone() };
    match tui::live(session, asked) {
        Ok(left) => {
            let (at, digest) = (print_time(left.now()), left.digest());
            output::write(None, &format!("{reproduce}\n{at} simulated, digest {digest:016x}\n"))?;
            Ok(Exit::Held)
        }
        Err(error) => Err(Failure { code: error.exit_code(), message: error.to_string() }),
    }
}

/// The colours of this terminal, as its environment tells.
fn depth() -> Depth {
    let told = |name: &str| std::env::var(name).ok();
    let (no_color, colorterm, term) = (told("NO_COLOR"), told("COLORTERM"), told("TERM"));
    Depth::of(no_color.as_deref(), colorterm.as_deref(), term.as_deref())
}
