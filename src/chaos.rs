//! Commands and their one textual grammar, selectors, units.
//!
//! A key, an entry of the palette, a step of a playbook and a recorded session are the same
//! [`Command`], spelled the same way. A command is parsed without a cluster at hand; names become
//! ids when it is *bound* ([`Command::bind`]), once, at the moment of injection. What it does to the
//! world is none of this room's business: that is [`crate::sim::fault::Change`].
//!
//! One table, [`verb::VERBS`], is behind the parser, the printer, the completer, the binder and
//! `brownout list commands`.

pub mod command;
pub mod complete;
pub mod condition;
pub mod expected;
pub(crate) mod scan;
pub mod scene;
pub mod selector;
pub mod setting;
pub mod units;
pub mod verb;

pub use command::{Bound, Command};
pub use complete::{Candidate, complete};
pub use expected::Expected;
pub use scan::{A_NAME, is_name};
pub use scene::Scene;
