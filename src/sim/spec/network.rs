//! How long messages take.

use super::setting::{Setting, setting};
use crate::sim::time::{MICROSECOND, MILLISECOND, Ns, SECOND};

/// One-way latencies and how lost messages are sent again.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkOptions {
    /// Between users and the first hop, one way. Default: that of `same_zone`.
    pub users: Option<Ns>,
    /// Between nodes of one zone, one way.
    pub same_zone: Ns,
    /// Between zones of one region, one way.
    pub same_region: Ns,
    /// A message that was lost is sent again after this long, doubling (TCP's minimum
    /// retransmission timeout in Linux, `TCP_RTO_MIN`, 200 ms).
    pub rto: Ns,
    /// At most this long between two attempts to send it again.
    pub rto_max: Ns,
}

impl NetworkOptions {
    /// Between users and the first hop, one way.
    #[must_use]
    pub fn users(&self) -> Ns {
        self.users.unwrap_or(self.same_zone)
    }
}

impl Default for NetworkOptions {
    fn default() -> NetworkOptions {
        NetworkOptions {
            users: None,
            same_zone: 250 * MICROSECOND,
            same_region: MILLISECOND,
            rto: 200 * MILLISECOND,
            rto_max: SECOND,
        }
    }
}

impl NetworkOptions {
    /// What can be set in `[network]`.
    pub const SETTINGS: &'static [Setting<NetworkOptions>] = &[
        Setting {
            name: "users",
            kind: super::Kind::Time,
            live: false,
            about: "one way between users and the first hop; default: same_zone",
            get: |o| super::Value::Time(o.users()),
            set: |o, v| match v {
                super::Value::Time(x) => {
                    o.users = Some(x);
                    true
                }
                _ => false,
            },
        },
        setting!("same_zone", Time, start, "one way between nodes of one zone", same_zone),
        setting!("same_region", Time, start, "one way between zones of one region", same_region),
        setting!("rto", Period, start, "a lost message is sent again after this, doubling", rto),
        setting!("rto_max", Period, start, "at most this long between two such attempts", rto_max),
    ];

    /// What can be set in `[network]`, without the type.
    #[must_use]
    pub fn rows() -> Vec<super::Row> {
        Self::SETTINGS.iter().map(super::Row::from).collect()
    }

    /// Changes a setting.
    ///
    /// # Errors
    /// When there is no such setting, or the value is of another kind or out of range.
    pub fn set(&mut self, name: &str, value: super::Value) -> Result<(), super::Refused> {
        super::setting::set(Self::SETTINGS, self, name, value)
    }
}
