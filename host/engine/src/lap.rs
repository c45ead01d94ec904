//! A worker's clock. Most turns are over before it would show that any time has passed, and to read the machine's clock takes
//! as long as a part of such a turn. So a counter of the processor's is looked at first, which costs a third of that, and says only
//! whether it is worth it.

use crate::clock::Clock;
use std::time::{Duration, Instant};

/// The time at which a worker's last turn ended, give or take some microseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lap<'a> {
    clock: &'a Clock,
    time: Instant,
    /// The same, as the host's clock has it.
    shown: greenroom_core::Instant,
    counted: u64,
}

impl<'a> Lap<'a> {
    /// From now on, on the host's clock.
    pub(crate) fn start(clock: &'a Clock) -> Self {
        let time = Instant::now();
        Self { clock, time, shown: clock.at(time), counted: counter() }
    }

    /// When the last turn ended.
    pub(crate) fn time(&self) -> greenroom_core::Instant {
        match self.clock.is_machine() {
            true => self.shown,
            // That is set by others.
            false => self.clock.now(),
        }
    }

    /// The time since an earlier one. None: the clock has not been read since.
    pub(crate) fn since(&self, earlier: &Self) -> Option<Duration> {
        (self.time != earlier.time).then(|| self.time - earlier.time)
    }

    /// A turn has ended. How long it took: nothing, if that cannot be told yet. Then its time is counted with a later turn's.
    pub(crate) fn over(&mut self) -> Duration {
        let counted = counter();
        if counted.wrapping_sub(self.counted) < SHORT {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let took = now - self.time;
        (self.time, self.shown, self.counted) = (now, self.clock.at(now), counted);
        took
    }
}

/// Counts of the processor's that are a few microseconds: those of processors with 2 to 5 GHz.
#[cfg(target_arch = "x86_64")]
const SHORT: u64 = 1 << 15;

#[cfg(target_arch = "x86_64")]
fn counter() -> u64 {
    // SAFETY: it reads a register that each processor of this kind has.
    unsafe { std::arch::x86_64::_rdtsc() }
}

/// The same, of a counter with 54 MHz, as a Raspberry Pi has. Where it has 1 GHz, the clock is read at nearly each turn.
#[cfg(target_arch = "aarch64")]
const SHORT: u64 = 1 << 8;

#[cfg(target_arch = "aarch64")]
fn counter() -> u64 {
    let count: u64;
    // SAFETY: it reads a register that Linux lets each process read (Documentation/arch/arm64/booting.rst, CNTKCTL_EL1).
    unsafe { std::arch::asm!("mrs {}, cntvct_el0", out(reg) count, options(nomem, nostack, preserves_flags)) };
    count
}

/// Elsewhere the clock is read at each turn.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const SHORT: u64 = 0;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn counter() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_time_is_lost() {
        let clock = Clock::machine();
        let mut lap = Lap::start(&clock);
        let began = lap;
        let mut sum = Duration::ZERO;
        // Until it has been told a few times that time has passed.
        let mut told = 0;
        while told < 10 {
            let took = lap.over();
            told += u32::from(!took.is_zero());
            sum += took;
        }
        assert_eq!(lap.since(&began), Some(sum));
        assert_eq!(lap.since(&lap), None);
        assert_eq!(lap.time(), began.time() + sum);
    }
}
