//! What a frame costs: view data from a picture of the running default cluster, layout and drawing
//! of the whole screen, at the three designed sizes.
//!
//! `cargo bench --bench frame -- [--quick] [--check]`. Target: at most 4 ms at 200x60.

mod screen;
mod support;

use screen::Screen;
use std::process::ExitCode;
use support::{Options, Report, Samples};

/// Columns, rows, servers if not the cluster's own, and the most that a frame may take, in
/// milliseconds. With 88 servers there are 100 nodes beside the users.
const SIZES: [(u16, u16, Option<u64>, Option<f64>); 4] = [
    (80, 23, None, None),
    (120, 40, None, None),
    (200, 60, None, Some(4.0)),
    (200, 60, Some(88), Some(4.0)),
];

fn main() -> ExitCode {
    support::bench(measure)
}

fn measure(options: &Options, report: &mut Report) {
    for (columns, rows, servers, at_most) in SIZES {
        let with = if servers.is_some() { ", 100 nodes" } else { "" };
        let name = format!("frame at {columns}x{rows}{with}");
        match frames(options, columns, rows, servers) {
            Err(why) => report.missing(&name, &why),
            Ok(samples) => {
                let (fastest, median) = (samples.min() * 1e3, samples.median() * 1e3);
                let beside = format!("{median:.3} ms");
                match at_most {
                    Some(limit) => report.judge(&name, "ms", fastest, limit, &beside),
                    None => report.tell(&name, format!("{fastest:.3} ms"), beside),
                }
            }
        }
    }
}

/// Draws the cluster again and again while it runs, one simulated thirtieth of a second per frame,
/// with a server crashed on the way, so that charts, events and faults are filled.
fn frames(
    options: &Options,
    columns: u16,
    rows: u16,
    servers: Option<u64>,
) -> Result<Samples, String> {
    let mut screen = Screen::after_a_crash(columns, rows, servers)?;
    let mut samples = Samples::default();
    for _ in 0..options.rounds(300) {
        screen.advance()?;
        samples.time(|| screen.draw());
    }
    Ok(samples)
}
