//! What a watcher says to others, and takes in from them.

use super::{Ask, Belief, Watcher, WatcherOp, choose};
use crate::sim::frame::Frame;
use crate::sim::observation::Outcome;
use crate::sim::part::client::told;
use crate::sim::part::database::in_sync::InSync;
use crate::sim::program::Flow;
use crate::sim::spec::FailoverOptions;

impl Watcher {
    /// What a watcher says to others and takes in from them.
    pub(super) fn talk(
        &mut self,
        op: WatcherOp,
        frame: &mut Frame,
        o: &FailoverOptions,
        ask: Ask,
    ) -> Flow {
        match op {
            WatcherOp::Speak => frame.value = self.belief.pack(),
            WatcherOp::Poll | WatcherOp::Campaign => {
                let real = op == WatcherOp::Campaign;
                let begins = self.campaign(real, ask);
                frame.result = if begins { Outcome::Ok } else { Outcome::NoPrimary };
                let flags = u64::from(ask.wished) << 1 | u64::from(real);
                frame.value = u64::from(self.candidate) << 2 | flags;
            }
            WatcherOp::Vote => return self.give_vote(frame, ask),
            WatcherOp::VoteAnswer => match frame.result {
                Outcome::Ok => {
                    self.votes += 1;
                    self.old_lease = self.old_lease.max(frame.delivery);
                    self.in_sync = self.in_sync.max(InSync::of(frame));
                }
                Outcome::Miss => self.voted = self.voted.max(frame.value as u32),
                _ => {}
            },
            WatcherOp::InspectAnswer => {
                if frame.result == Outcome::Ok {
                    self.logs.push((frame.value, frame.local as u16));
                }
            }
            WatcherOp::Appoint => {
                let in_sync = self.in_sync.members;
                let live = in_sync & choose::reached(&self.logs);
                self.appointed.add(self.candidate, in_sync, live);
                frame.local = self.best.map_or(0, |(_, node)| u32::from(node));
                frame.value = u64::from(self.candidate);
            }
            WatcherOp::Installed => {
                if frame.result == Outcome::Ok {
                    let primary = self.best.map_or(0, |(_, node)| node);
                    self.adopt(Belief { epoch: self.candidate, primary });
                    frame.value = self.belief.pack();
                }
            }
            WatcherOp::Hear => self.adopt(Belief::unpack(frame.value)),
            WatcherOp::Grant => {
                let (told, length) = (InSync::of(frame), o.every.saturating_mul(o.misses));
                if !self.grant(told.epoch, ask.from, ask.now, length, o.fencing) {
                    frame.value = self.belief.pack();
                    return Flow::End(Outcome::NoPrimary);
                }
                self.in_sync = self.in_sync.max(told);
                frame.delivery = length;
            }
            WatcherOp::TellWho => {
                frame.value = told(self.belief.epoch, self.names(o.misses));
            }
            WatcherOp::Heard
            | WatcherOp::AwaitMiss
            | WatcherOp::AwaitLease
            | WatcherOp::Won
            | WatcherOp::Choose => {}
        }
        Flow::Next
    }

    /// Answers a poll or a campaign: agrees, with its lease, or names the newest epoch for which it has
    /// voted.
    fn give_vote(&mut self, frame: &mut Frame, ask: Ask) -> Flow {
        let (epoch, real) = ((frame.value >> 2) as u32, frame.value & 1 == 1);
        let wished = frame.value & 2 == 2;
        match self.vote(&Ask { epoch, real, wished, ..ask }) {
            Ok(lease_until) => {
                self.in_sync.put(frame);
                frame.delivery = lease_until;
                Flow::Next
            }
            Err(voted) => {
                frame.value = u64::from(voted);
                Flow::End(Outcome::Miss)
            }
        }
    }
}
