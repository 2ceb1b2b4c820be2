//! How long messages take.

use super::setting::{Limit, Setting, setting};
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
    /// Between regions, one way.
    pub cross_region: Ns,
    /// The region of each zone, in the order of the zones; zones beyond its end, and those with an
    /// empty name, are in one unnamed region.
    pub regions: Vec<String>,
    /// A message that was lost is sent again after this long, doubling (TCP's minimum
    /// retransmission timeout in Linux, `TCP_RTO_MIN`, 200 ms).
    pub rto: Ns,
    /// At most this long between two attempts to send it again. Default: 1 s, a choice. Linux waits up
    /// to 120 s (`TCP_RTO_MAX`): after a cut of a minute one would wait another for TCP, and what
    /// follows the healing would not be seen in a run of minutes.
    pub rto_max: Ns,
    /// Each message takes up to so much longer or shorter, uniformly; 0 is none.
    pub jitter: Ns,
    /// Bytes per second of each link in each direction: messages leave one after the other.
    pub bandwidth: Limit,
    /// Bytes of a call. Default: 1 kB, headers of some 700 to 800 bytes (Google, "SPDY: An
    /// experimental protocol for a faster web", 2009) and a small body. Each entry of a log that is
    /// shipped is as large.
    pub request: u64,
    /// Bytes of an answer. Default: 4 kB, a page of rows.
    pub answer: u64,
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
            cross_region: 60 * MILLISECOND,
            regions: Vec::new(),
            rto: 200 * MILLISECOND,
            rto_max: SECOND,
            jitter: 0,
            bandwidth: Limit::Unlimited,
            request: 1_000,
            answer: 4_000,
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
        setting!("cross_region", Time, start, "one way between regions", cross_region),
        setting!("rto", Period, start, "a lost message is sent again after this, doubling", rto),
        setting!("rto_max", Period, start, "at most this long between two such attempts", rto_max),
        setting!("jitter", Time, start, "each message takes up to so much more or less", jitter),
        setting!(
            "bandwidth",
            Speed,
            start,
            "of each link, one way; one after the other",
            bandwidth
        ),
        setting!("request", Bytes, start, "size of a call, where bandwidth is set", request),
        setting!("answer", Bytes, start, "size of an answer, where bandwidth is set", answer),
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
