//! Compiling takes seconds for a component with a language's runtime in it: each content is compiled by one thread at a time,
//! and people hear that it goes on.

use super::Digest;
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Components with fewer bytes are compiled before anybody would read that they are.
const LARGE: usize = 512 << 10;
/// How often people hear of one that is being compiled.
const AGAIN: Duration = Duration::from_secs(5);

/// Who hears how far the compiling of large components is, while a host is started.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Hears>>);

type Hears = dyn Fn(&str) + Send + Sync;

impl Progress {
    /// Told a line now and then, from any thread.
    pub fn new(hears: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hears)))
    }

    /// Whether somebody heard it.
    pub(crate) fn tell(&self, line: &str) -> bool {
        self.0.as_ref().map(|hears| hears(line)).is_some()
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(heard)" } else { "Progress" })
    }
}

/// The contents that are being compiled.
#[derive(Default)]
pub(super) struct Compiling(Mutex<HashMap<Digest, Arc<Mutex<()>>>>);

impl Compiling {
    /// Does something with a content while nobody else does.
    pub(super) fn alone<T>(&self, digest: Digest, work: impl FnOnce() -> T) -> T {
        let turn = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(digest).or_default().clone();
        let guard = turn.lock().unwrap_or_else(PoisonError::into_inner);
        let done = work();
        drop(guard);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Two hold it here if nobody waits: the map and this.
        if Arc::strong_count(&turn) == 2 {
            all.remove(&digest);
        }
        done
    }
}

/// Compiles something of so many bytes, and tells of it while it takes long.
pub(super) fn told<T>(path: &Path, bytes: usize, tell: impl Fn(&str) + Sync, compile: impl FnOnce() -> T) -> T {
    if bytes < LARGE {
        return compile();
    }
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    let size = format!("{:.1} MB", bytes as f64 / 1e6);
    tell(&format!("{name} is being compiled for this machine: {size}, once"));
    let began = Instant::now();
    thread::scope(|scope| {
        let (done, over) = channel::<()>();
        scope.spawn(|| {
            let over = over;
            while over.recv_timeout(AGAIN) == Err(RecvTimeoutError::Timeout) {
                tell(&format!("{name} is being compiled: {size}, for {} s so far", began.elapsed().as_secs()));
            }
        });
        let compiled = compile();
        drop(done);
        compiled
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_content_is_compiled_by_one_at_a_time_and_others_beside_it() {
        let (compiling, inside, most) = (Compiling::default(), AtomicUsize::new(0), AtomicUsize::new(0));
        let (one, other) = (Digest::of(b"one"), Digest::of(b"other"));
        // Both are inside at once, or this does not end.
        let both = Barrier::new(2);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    compiling.alone(one, || {
                        most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        thread::yield_now();
                        inside.fetch_sub(1, Ordering::SeqCst);
                    });
                });
            }
            scope.spawn(|| compiling.alone(other, || both.wait()));
            scope.spawn(|| compiling.alone(one, || both.wait()));
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
        assert!(compiling.0.lock().unwrap().is_empty());
    }

    #[test]
    fn only_what_is_large_is_told_of() {
        let lines = Mutex::new(Vec::new());
        let tell = |line: &str| lines.lock().unwrap().push(line.to_owned());
        told(Path::new("a/small.wasm"), LARGE - 1, tell, || ());
        assert_eq!(told(Path::new("a/large.wasm"), 2_500_000, tell, || 7), 7);
        assert_eq!(*lines.lock().unwrap(), ["large.wasm is being compiled for this machine: 2.5 MB, once"]);
    }
}
