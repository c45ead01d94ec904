//! The one place that reads a clock. Everything else is handed a [`Clock`].

use greenroom_core::Instant;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 2026-01-01: a machine that shows an earlier time has no idea (a Raspberry Pi without network begins in the past).
const WRITTEN: Duration = Duration::from_secs(1_767_225_600);

/// What time it is: the machine's, or a test's.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    Machine { origin: std::time::Instant },
    Virtual(Arc<AtomicU64>),
}

impl Clock {
    /// The machine's monotonic clock, with its origin now.
    pub fn machine() -> Self {
        Self(Source::Machine { origin: std::time::Instant::now() })
    }

    /// A clock that stands still until it is set.
    pub fn virtual_at_origin() -> Self {
        Self(Source::Virtual(Arc::default()))
    }

    /// Whether this clock goes by itself.
    pub fn is_machine(&self) -> bool {
        matches!(self.0, Source::Machine { .. })
    }

    /// The monotonic time.
    pub fn now(&self) -> Instant {
        match &self.0 {
            Source::Machine { .. } => self.at(std::time::Instant::now()),
            Source::Virtual(nanos) => Instant::from_nanos(nanos.load(Ordering::Acquire)),
        }
    }

    /// The monotonic time at a moment that was just read from the machine's clock; a virtual clock has not moved since.
    pub(crate) fn at(&self, moment: std::time::Instant) -> Instant {
        match &self.0 {
            Source::Machine { origin } => {
                let since = moment.saturating_duration_since(*origin);
                Instant::from_nanos(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
            }
            Source::Virtual(_) => self.now(),
        }
    }

    /// Sets a virtual clock, which never goes back. The machine's cannot be set, and isn't.
    pub fn advance_to(&self, instant: Instant) {
        if let Source::Virtual(nanos) = &self.0 {
            nanos.fetch_max(instant.as_nanos(), Ordering::AcqRel);
        }
    }

    /// The time of day, or none as long as the machine's clock has not been set: it shows a time before this was written.
    pub fn wall_if_set(&self) -> Option<Duration> {
        let wall = self.wall();
        (!self.is_machine() || wall >= WRITTEN).then_some(wall)
    }

    /// The time of day, since 1970. A virtual clock begins at 2000-01-01, so that what is recorded is the same each time.
    pub fn wall(&self) -> Duration {
        match &self.0 {
            Source::Machine { .. } => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
            Source::Virtual(nanos) => {
                Duration::from_secs(946_684_800) + Duration::from_nanos(nanos.load(Ordering::Acquire))
            }
        }
    }
}
