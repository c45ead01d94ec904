//! What a run takes.

use std::time::{Duration, Instant};

/// A run that is being measured.
pub struct Clock {
    cpu: Duration,
    wall: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self { cpu: cpu_time(), wall: Instant::now() }
    }

    /// Prints what it took.
    pub fn stop(self, messages: u64) {
        let (cpu, wall) = (cpu_time() - self.cpu, self.wall.elapsed());
        println!("{messages} {} {}", cpu.as_nanos(), wall.as_nanos());
    }
}

/// Units to warm up with.
pub fn warm_up(units: u64) -> u64 {
    (units / 20).max(1)
}

fn cpu_time() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `getrusage` fills in the structure that it is given, and zeroes are a valid one.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}
