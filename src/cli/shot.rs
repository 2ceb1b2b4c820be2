//! `brownout shot`: the screen at a simulated time, without a terminal.

use super::live::Looks;
use super::{Exit, Failure, arguments, output, playbook};
use crate::chaos::units::print_time;
use crate::playbook::Playbook;
use crate::session::Session;
use crate::sim::time::Ns;
use crate::tui::shot::{Format, Still, shot};
use clap::Args;
use std::path::PathBuf;

/// Draw the screen at a simulated time, without a terminal
#[derive(Args, Debug)]
pub(super) struct Shot {
    /// A playbook or a cluster: a path or a built-in name
    #[arg(value_name = "FILE")]
    file: String,
    /// The simulated time: 20s
    #[arg(long, value_name = "TIME", value_parser = arguments::time)]
    at: Ns,
    /// Columns and rows
    #[arg(long, value_name = "WxH", default_value = "120x40", value_parser = arguments::size)]
    size: (u16, u16),
    /// Seed of the run, instead of the file's
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Few panels and large figures, for a room
    #[arg(long)]
    presenter: bool,
    /// As if time ran so fast; at 0.1 and slower messages are seen one by one [default: 1]
    #[arg(long, value_name = "X", value_parser = arguments::speed)]
    speed: Option<f64>,
    #[command(flatten)]
    looks: Looks,
    /// Where to write it: a picture as `.svg`, the characters alone as `.txt` or to stdout (-)
    #[arg(short, long, value_name = "PATH")]
    output: PathBuf,
}

/// Draws it.
pub(super) fn run(asked: &Shot) -> Result<Exit, Failure> {
    let format = match asked.output.extension().and_then(|e| e.to_str()) {
        Some("svg") => Format::Svg,
        Some("txt") => Format::Text,
        _ if output::is_stdout(&asked.output) => Format::Text,
        _ => {
            let path = asked.output.display();
            return Err(Failure::new(format!(
                "expected a file `.svg` or `.txt`, or `-`, found `{path}`"
            )));
        }
    };
    let playbook = playbook(&asked.file, asked.seed)?;
    warn_of_the_end(asked, &playbook);
    let session = Session::new(&playbook, playbook.seed);
    let still = Still {
        at: asked.at,
        size: asked.size,
        options: asked.looks.options(),
        presenter: asked.presenter,
        speed: asked.speed.unwrap_or(1.0),
    };
    let drawn = shot(session, still, format);
    let text = drawn.map_err(|why| Failure { message: why, code: Exit::Stopped as u8 })?;
    output::write(Some(&asked.output), &text)?;
    Ok(Exit::Held)
}

/// What is drawn after the end is the world as it goes on, in which no step and no check is left.
fn warn_of_the_end(asked: &Shot, playbook: &Playbook) {
    let planned = !playbook.steps.is_empty() || !playbook.checks.is_empty();
    if planned && asked.at > playbook.length {
        let (at, length) = (print_time(asked.at), print_time(playbook.length));
        output::error(&format!(
            "{}: {at} is after the end of the playbook, {length}: this is how the world goes on",
            asked.file
        ));
    }
}
