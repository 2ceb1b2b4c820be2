//! Classes of requests: their share, their keys, their steps.

use super::setting::Dist;

/// A kind of request: `menu`, `order`.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Its name, unique among classes.
    pub name: String,
    /// Its part of all arrivals, 0 to 1. The shares of a cluster add up to 1.
    pub share: f64,
    /// Which rows it is about.
    pub keys: Keys,
    /// What a service does for it.
    pub steps: Vec<Step>,
}

/// The rows that a class is about. Row 0 is the most popular.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Keys {
    /// How many rows there are.
    pub count: u64,
    /// Exponent of the Zipf law by which they are chosen; 0 is uniform.
    pub zipf: f64,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys { count: 1, zipf: 0.0 }
    }
}

/// One step of work. The first that fails ends the request.
///
/// `keys` is the class whose rows are meant; `None` is the request's own class.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Occupies one core for a while: `cpu exp(5ms)`.
    Cpu(Dist),
    /// Reads a row of a cache or a database: `read menus`.
    Read {
        /// The cache or database.
        from: String,
        /// Whose rows.
        keys: Option<String>,
    },
    /// Writes a row of a database: `write orders-db`.
    Write {
        /// The database.
        to: String,
        /// Whose rows.
        keys: Option<String>,
    },
    /// Puts a message on a queue: `publish dispatch`.
    Publish {
        /// The queue.
        to: String,
        /// Whose rows the message is about.
        keys: Option<String>,
    },
    /// Calls another service, through its balancer or its nodes in turn: `call payments`.
    Call {
        /// The balancer or service.
        to: String,
        /// Whose rows the call is about.
        keys: Option<String>,
    },
}
