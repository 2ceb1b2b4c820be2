//! What the processes of services and workers take of memory.

use super::setting::Limit;

/// The memory of a process of a service or of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryOptions {
    /// With more bytes than this the process is killed, and boots again.
    pub limit: Limit,
    /// What it takes without requests, in bytes. Default: 200 MB, what a server process with a
    /// managed heap takes at rest, give or take a factor of two.
    pub base: u64,
    /// What each request in progress takes, in bytes. Default: 1 MB, the stack of a thread (the
    /// default of the Java virtual machine on 64-bit Linux).
    pub per_request: u64,
    /// What each request that was served leaves behind, in bytes.
    pub leak: u64,
}

impl Default for MemoryOptions {
    fn default() -> MemoryOptions {
        MemoryOptions {
            limit: Limit::Unlimited,
            base: 200_000_000,
            per_request: 1_000_000,
            leak: 0,
        }
    }
}
