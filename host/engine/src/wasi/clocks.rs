//! `wasi:clocks`: the host's own clock. A turn takes no virtual time, so that one that sleeps would sleep for ever: what it
//! sleeps is added for it alone, and it sees the host's time again when that has come so far.

use crate::clock::Clock;
use crate::guest::Guest;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;
use wasmtime::component::Resource;
use wasmtime_wasi::HostWallClock;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::p2::bindings::clocks::monotonic_clock;
use wasmtime_wasi::p2::{DynPollable, Pollable, subscribe};

/// What time it is for an instance.
pub(super) struct Time {
    clock: Clock,
    /// How far it has slept, in virtual time.
    slept_until: AtomicU64,
}

impl Time {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, slept_until: AtomicU64::new(0) }
    }

    /// In nanoseconds.
    pub(super) fn now(&self) -> u64 {
        self.clock.now().as_nanos().max(self.slept_until.load(Ordering::Relaxed))
    }

    /// Whether time goes by without anybody's doing.
    pub(super) fn goes_by_itself(&self) -> bool {
        self.clock.is_machine()
    }

    /// It has slept until then, in virtual time. How long that was.
    pub(super) fn sleep_until(&self, until: u64) -> Duration {
        let slept = until.saturating_sub(self.now());
        self.slept_until.fetch_max(until, Ordering::Relaxed);
        Duration::from_nanos(slept)
    }
}

/// The time of day.
pub(super) struct Wall(pub(super) Arc<Time>);

impl HostWallClock for Wall {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        let ahead = self.0.now().saturating_sub(self.0.clock.now().as_nanos());
        let slept = if self.0.goes_by_itself() { 0 } else { ahead };
        self.0.clock.wall() + Duration::from_nanos(slept)
    }
}

/// Something that is ready from a moment on. Nobody wakes who waits for it: `wait` knows when that is.
struct Timer {
    time: Arc<Time>,
    at: u64,
}

#[async_trait]
impl Pollable for Timer {
    async fn ready(&mut self) {
        std::future::poll_fn(|_| if self.time.now() >= self.at { Poll::Ready(()) } else { Poll::Pending }).await;
    }
}

/// The monotonic clock at the host's origin: not 0, which Go takes for a clock that does not work, and does not start.
const ORIGIN: u64 = 1;

impl monotonic_clock::Host for Guest {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.wasi().time.now() + ORIGIN)
    }

    fn resolution(&mut self) -> wasmtime::Result<u64> {
        Ok(1)
    }

    fn subscribe_instant(&mut self, at: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let (at, wasi) = (at.saturating_sub(ORIGIN), self.wasi());
        let timer = wasi.table.push(Timer { time: wasi.time.clone(), at })?;
        let pollable = subscribe(&mut wasi.table, timer)?;
        wasi.timers.insert(pollable.rep(), at);
        Ok(pollable)
    }

    fn subscribe_duration(&mut self, time: u64) -> wasmtime::Result<Resource<DynPollable>> {
        let at = self.wasi().time.now().saturating_add(ORIGIN).saturating_add(time);
        self.subscribe_instant(at)
    }
}
