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

/// Whether a supervisor ends when its *significant* children have ended by themselves (OTP `auto_shutdown`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AutoShutdown {
    /// It does not.
    #[default]
    Never,
    /// When one of them has.
    Any,
    /// When the last of them has.
    All,
}

/// What a supervisor does when its restarts are used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GiveUp {
    /// It stops its children and ends as `shutdown`: its own supervisor decides. OTP's rule.
    #[default]
    Exit,
    /// It parks the child that ended, lets the others run, and waits for somebody to release it.
    Quarantine,
}

/// How long to wait before a child is restarted: nothing the first time, then `first`, `first` × `factor` and so on up to
/// `max`; from the beginning again once it has been well for `reset`. OTP has no such rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackOff {
    /// Before the second restart in a row.
    pub first: Duration,
    /// At most.
    pub max: Duration,
    /// By how much each wait is longer than the one before: 1 or more.
    pub factor: f64,
    /// How much of a wait is left to chance, from 0 (nothing) to 1 (all of it), so that many do not come back at once.
    pub jitter: f64,
    /// A child that has run for this long is well.
    pub reset: Duration,
}

impl Default for BackOff {
    /// 200 ms, doubled up to 30 s, a fifth of it by chance; well after 60 s.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(200),
            max: Duration::from_secs(30),
            factor: 2.0,
            jitter: 0.2,
            reset: Duration::from_secs(60),
        }
    }
}

impl BackOff {
    /// The wait after so many restarts in a row, with `chance` in 0..1.
    pub(crate) fn wait(&self, restarts: u32, chance: f64) -> Duration {
        let Some(doublings) = restarts.checked_sub(1) else { return Duration::ZERO };
        let longest = self.max.as_secs_f64();
        let wait = self.first.as_secs_f64() * self.factor.max(1.0).powi(doublings.min(1_000) as i32);
        let wait = wait.min(longest) * (1.0 - self.jitter.clamp(0.0, 1.0) * chance);
        Duration::try_from_secs_f64(wait).unwrap_or(self.max)
    }
}

/// What a supervisor does beside its strategy: OTP's flags, and what OTP has not.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Flags {
    /// How many restarts it makes.
    pub intensity: Intensity,
    /// Whether it ends with its significant children.
    pub auto_shutdown: AutoShutdown,
    /// What it does when its restarts are used up.
    pub give_up: GiveUp,
    /// How long it waits before a restart. None: not at all, as in OTP.
    pub back_off: Option<BackOff>,
}

impl Flags {
    /// Whether a child may be significant here (OTP `supervisor:validSignificant/3`). The error is a sentence's end.
    pub fn allow(&self, significant: bool, restart: Restart) -> Result<(), &'static str> {
        match (significant, restart, self.auto_shutdown) {
            (false, ..) => Ok(()),
            (true, Restart::Permanent, _) => Err("a permanent child is always restarted, and so cannot be significant"),
            (true, _, AutoShutdown::Never) => Err("a significant child needs a supervisor with auto-shutdown"),
            (true, ..) => Ok(()),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_the_longest() {
        let check = |restarts, chance, expect_ms| {
            let wait = BackOff::default().wait(restarts, chance);
            assert_eq!(wait.as_millis(), expect_ms, "{restarts} {chance}");
        };
        check(0, 0.0, 0);
        check(1, 0.0, 200);
        check(2, 0.0, 400);
        check(2, 0.5, 360);
        check(2, 1.0, 320);
        check(8, 0.0, 25_600);
        check(9, 0.0, 30_000);
        check(u32::MAX, 0.0, 30_000);
    }

    #[test]
    fn only_what_is_not_always_restarted_can_be_significant() {
        let check = |auto_shutdown, restart, expect| {
            let flags = Flags { auto_shutdown, ..Flags::default() };
            assert_eq!(flags.allow(true, restart).is_ok(), expect, "{auto_shutdown:?} {restart:?}");
            assert_eq!(flags.allow(false, restart), Ok(()));
        };
        check(AutoShutdown::Never, Restart::Transient, false);
        check(AutoShutdown::Any, Restart::Permanent, false);
        check(AutoShutdown::Any, Restart::Transient, true);
        check(AutoShutdown::All, Restart::Temporary, true);
    }
}
