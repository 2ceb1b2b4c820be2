//! What would help, in words, with the settings that they name: one table, so that a test can hold
//! every name against the settings that there are.

/// What would help. A setting stands as `{kind.setting}`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fix(&'static str);

macro_rules! fixes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(super) const $name: Fix = Fix($text);)*

        /// All of them.
        #[cfg(test)]
        const ALL: &[Fix] = &[$($name),*];
    };
}

fixes! {
    /// Two primaries at a time: only a lease ends the role of one who hears nobody.
    FENCE = "{failover.fencing}=true makes a primary without a lease step down";
    /// What is acknowledged and thrown away: a minority never has a quorum. With `semi` a primary that
    /// is not fenced may have a replica on its own side.
    WAIT = "{database.ack}=quorum, or semi with {failover.fencing}=true, acknowledges nothing that \
            the next primary lacks";
    /// What a primary acknowledges alone, since too few replicas are in sync.
    REFUSE = "{database.degrade}=false refuses what too few replicas have";
    /// Checks that notice late.
    CHECK = "{balancer.health.every}, {balancer.health.fall}";
    /// A balancer that sends to those that it would leave out.
    PANIC = "a smaller {balancer.panic} leaves them out";
    /// A server that fails at once and is liked for it.
    EJECT = "{balancer.eject.after}, or another {balancer.policy}";
    /// The same, where leaving out who gives no answer is no help: it answers.
    POLICY = "another {balancer.policy}";
    /// Retries that keep up an overload.
    CALM = "{traffic.retry_budget}, {traffic.backoff}, or less traffic for a while";
    /// A pool of which all connections are in use.
    POOL = "a larger {database.pool}";
    /// Threads that are fewer than its cores can serve.
    THREADS = "more {service.threads}";
    /// A link that has more to send than it can.
    BANDWIDTH = "more bandwidth, or smaller messages ([network] bandwidth, request, answer)";
    /// A database that takes no more operations at a time.
    CONNECTIONS = "more {database.connections}";
    /// A process that needs more memory than it may have.
    MEMORY = "more {service.memory}, or fewer {service.threads}";
    /// Messages that are given out again while somebody works on them.
    VISIBILITY = "a longer {queue.visibility}";
    /// Messages that die with the process of their queue.
    DURABLE = "{queue.durable}=true keeps them on disk";
    /// A queue that is full of what workers have in hand.
    ROOM = "a larger {queue.limit}";
    /// A cache that is off.
    CACHE = "set {cache.enabled}=true";
}

impl Fix {
    /// In words. Settings of a kind of which a component is named stand with its name, others alone.
    pub(super) fn text(self, components: &[(&str, &str)]) -> String {
        let mut parts = self.0.split('{');
        let mut text = parts.next().unwrap_or_default().to_string();
        for part in parts {
            let (setting, rest) = part.split_once('}').unwrap_or((part, ""));
            let (kind, setting) = setting.split_once('.').unwrap_or(("", setting));
            if let Some((_, name)) = components.iter().find(|(k, _)| *k == kind) {
                text.push_str(name);
                text.push('.');
            }
            text.push_str(setting);
            text.push_str(rest);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::spec::Options;

    #[test]
    fn every_setting_that_a_fix_names_can_be_set() {
        let mut named = 0;
        for fix in ALL {
            for part in fix.0.split('{').skip(1) {
                let (setting, _) = part.split_once('}').expect("it is closed");
                let (kind, setting) = setting.split_once('.').expect("of a kind");
                let rows = Options::of_kind(kind).expect("a kind").settings();
                assert!(rows.iter().any(|row| row.name == setting), "{kind} has no {setting}");
                named += 1;
            }
            // What looks like a setting of several words is one of those.
            let bare = fix.0.split(['{', '}']).step_by(2);
            assert!(bare.clone().all(|words| !words.contains(['_', '.'])), "{}", fix.0);
        }
        assert!(named >= ALL.len(), "each names one");
    }

    #[test]
    fn a_setting_stands_with_the_component_that_is_known() {
        let known = [("database", "store")];
        let waits = "store.ack=quorum, or semi with fencing=true, ";
        assert!(WAIT.text(&known).starts_with(waits), "{}", WAIT.text(&known));
        assert_eq!(CHECK.text(&[]), "health.every, health.fall");
    }
}
