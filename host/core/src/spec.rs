//! Specifications of children and supervisors: what OTP's `supervisor` calls child specs and flags.

use std::time::Duration;

/// Which children are restarted when one ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The one that ended.
    OneForOne,
    /// All of them.
    OneForAll,
    /// The one that ended and those after it.
    RestForOne,
}

/// When a child is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// Always.
    Permanent,
    /// Unless it ended `normal` or `shutdown`.
    Transient,
    /// Never; its spec is forgotten with it.
    Temporary,
}

/// How a child is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Killed at once (OTP `brutal_kill`).
    Brutal,
    /// Asked to stop, and killed after this time.
    After(Duration),
    /// Asked to stop, and waited for.
    Infinity,
}

/// How many restarts a supervisor makes before it gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Intensity {
    /// This many restarts within the window are made; one more ends the supervisor.
    pub restarts: u32,
    /// The window, which slides.
    pub within: Duration,
}

impl Default for Intensity {
    /// 5 in 60 s. (OTP: 1 in 5 s.)
    fn default() -> Self {
        Self { restarts: 5, within: Duration::from_secs(60) }
    }
}

impl Shutdown {
    /// A worker's default, as in OTP.
    pub const WORKER: Self = Self::After(Duration::from_secs(5));
    /// A supervisor's default, as in OTP.
    pub const SUPERVISOR: Self = Self::Infinity;
}
