//! Where a failover stands: what is done with the time that it took, what goes on, and, hollow, what
//! is still to come.

use super::text::Line;
use crate::session::picture::{Face, Failover, Phase, Picture, Stage};
use crate::sim::time::{Ns, SECOND, seconds};
use crate::tui::format::{age, counted};
use crate::tui::theme::Role;

/// Callers that never call again are not waited for longer than this.
const PATIENCE: Ns = 10 * SECOND;

/// A line for each failover that goes on, for the end of the log of events.
#[must_use]
pub fn lines(picture: &Picture, at: fn(Ns) -> String) -> Vec<Line> {
    let begun = picture.components.iter().enumerate().filter_map(|(c, component)| {
        let Face::Failover { of, phase, .. } = component.face else { return None };
        (picture.components.len() > of).then_some((c, of, phase))
    });
    let now = at(picture.now);
    begun.filter_map(|(_, of, phase)| line(picture, of, phase, &now)).collect()
}

fn line(picture: &Picture, database: usize, phase: Option<Phase>, now: &str) -> Option<Line> {
    let open = open(picture, database);
    // Before a majority agrees there is no failover yet, only doubt.
    let stage = match (open.and_then(Failover::stage), phase) {
        (Some(stage), _) => stage,
        // A minority that misses it will never replace it.
        (None, Some(Phase::Detecting { missing, of })) if missing < Phase::majority(of) => {
            let text = format!("{missing} of {of} miss it, {} needed", Phase::majority(of));
            let line = Line::dim(format!("{now}  ")).with(Role::NodeWarn, "◐ ");
            return Some(line.with(Role::Text, text));
        }
        (None, Some(Phase::Detecting { .. })) => Stage::Detected,
        _ => return None,
    };
    let mut line =
        Line::dim(format!("{now}  ")).with(Role::NodeWarn, "◐ ").with(Role::Text, stage.doing());
    if let Some(how) = open.and_then(|f| progress(f, stage, picture.now)) {
        line = line.with(Role::Text, format!("  {how}"));
    }
    for later in Stage::ALL.into_iter().filter(|s| *s > stage) {
        line = line.with(Role::Dim, format!("   ○ {}", later.word()));
    }
    Some(line)
}

/// The failover of a database that is not over.
#[must_use]
pub fn open(picture: &Picture, database: usize) -> Option<&Failover> {
    let failover = picture.failovers.iter().find(|f| f.database == database)?;
    let waited = failover.promoted.map_or(0, |at| picture.now.saturating_sub(at));
    (failover.stage().is_some() && waited < PATIENCE).then_some(failover)
}

/// `0.4 of 0.5 s`, `3 callers to come`.
fn progress(failover: &Failover, stage: Stage, now: Ns) -> Option<String> {
    match stage {
        Stage::Detected => {
            Some(format!("missed for {}", age(now.saturating_sub(failover.started))))
        }
        Stage::Elected if failover.stalled > 0 => Some("no majority, or nobody to promote".into()),
        Stage::Elected => None,
        Stage::Promoted => {
            let from = failover.elected?;
            let (passed, whole) = (now.saturating_sub(from), failover.due?.saturating_sub(from));
            let passed = seconds(passed.min(whole));
            Some(format!("{passed:.1} of {:.1} s", seconds(whole)))
        }
        Stage::Reconnected => {
            Some(format!("{} to come", counted(failover.waiting as u64, "caller")))
        }
    }
}

/// `◐ failover 1.8 s: ✓ detected +1.20 s ✓ elected +0.05 s ◐ promoting ○ reconnected`, for a database
/// that is selected.
#[must_use]
pub fn sentence(picture: &Picture, database: usize) -> Option<Line> {
    let failover = open(picture, database)?;
    let now = failover.stage();
    let head = format!("◐ failover {}:", age(failover.length(picture.now)));
    let mut line = Line::of(Role::NodeWarn, head);
    for stage in Stage::ALL {
        line = match failover.took(stage) {
            Some(took) => line
                .with(Role::NodeOk, " ✓ ")
                .with(Role::Text, stage.word())
                .with(Role::Dim, format!(" +{:.2} s", seconds(took))),
            None if now == Some(stage) => {
                line.with(Role::NodeWarn, format!(" ◐ {}", stage.doing()))
            }
            // Who is promoted by hand is missed by nobody.
            None if now.is_none_or(|now| stage < now) => line,
            None => line.with(Role::Dim, format!(" ○ {}", stage.word())),
        };
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::time::MILLISECOND;
    use crate::tui::example;
    use crate::tui::format::clock;

    #[test]
    fn what_is_to_come_is_hollow() {
        let picture = example::promoting();
        let lines = lines(&picture, clock);
        let text = lines[0].plain();
        assert_eq!(text, "01:16.8  ◐ promoting  0.5 of 0.6 s   ○ reconnected");
        let told = sentence(&picture, example::ORDERS).unwrap().plain();
        let wanted =
            "◐ failover 1.8 s: ✓ detected +1.20 s ✓ elected +0.10 s ◐ promoting ○ reconnected";
        assert_eq!(told, wanted);
    }

    #[test]
    fn doubt_comes_before_a_failover() {
        let mut picture = example::at_rest();
        assert!(lines(&picture, clock).is_empty());
        let of = example::ORDERS;
        picture.components[example::KEEPER].face = Face::Failover {
            of,
            fencing: true,
            phase: Some(Phase::Detecting { missing: 2, of: 3 }),
        };
        let text = lines(&picture, clock)[0].plain();
        assert_eq!(text, "00:42.0  ◐ detecting   ○ elected   ○ promoted   ○ reconnected");
        picture.components[example::KEEPER].face = Face::Failover {
            of,
            fencing: true,
            phase: Some(Phase::Detecting { missing: 1, of: 3 }),
        };
        let text = lines(&picture, clock)[0].plain();
        assert_eq!(text, "00:42.0  ◐ 1 of 3 miss it, 2 needed", "a minority begins nothing");
    }

    #[test]
    fn callers_are_waited_for_and_not_for_ever() {
        let mut picture = example::promoting();
        let failover = &mut picture.failovers[0];
        (failover.promoted, failover.waiting) = (Some(picture.now - 100 * MILLISECOND), 3);
        assert!(lines(&picture, clock)[0].plain().ends_with("◐ reconnecting  3 callers to come"));
        picture.now += 20 * SECOND;
        assert!(lines(&picture, clock).is_empty());
    }
}
