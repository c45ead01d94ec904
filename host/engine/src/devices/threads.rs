//! The threads of real time: one for each lane, one for lines that report their changes, and the guard, which ends
//! max-ons, sees once a second whether the outputs' lines are still there, and opens those that are lost. It touches no
//! sensor, which could hang.

use super::Shared;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

/// Starts them. They hold the devices until the shutdown.
pub(super) fn start(shared: &Arc<Shared>) {
    if shared.ended.load(Ordering::Acquire) {
        return;
    }
    let guard = Arc::clone(shared);
    if let Err(error) = spawn("guard", move || guard.guard()) {
        // Without it no max-on would end. No output is better than one that stays on.
        let why = format!("no thread for `max-on`: {error}");
        shared.secure(&why, Some("the host has no thread that would end its `max-on`"));
    }
    // The first values of what does not take long, before any actor asks for them.
    if let Some(quick) = shared.lanes.first() {
        quick.run(&shared.clock, &shared.outbox);
    }
    for index in 0..shared.lanes.len() {
        let sampler = Arc::clone(shared);
        if let Err(error) = spawn(&shared.lanes[index].name, move || sampler.sample(index)) {
            let why = format!("no thread to sample it: {error}");
            shared.lanes[index].abandon(&why, &shared.clock, &shared.outbox);
        }
    }
    if let Some(watch) = &shared.watch {
        let watcher = Arc::clone(shared);
        if let Err(error) = spawn("lines", move || watcher.watch_lines()) {
            let why = format!("no thread to watch it: {error}");
            watch.abandon(&why, &shared.clock, &shared.outbox);
        }
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    thread::Builder::new().name(name.into()).spawn(run).map(|_| ())
}

impl Shared {
    fn guard(&self) {
        while !self.ended.load(Ordering::Acquire) {
            self.watch();
            self.guard.wait(&self.clock, self.guarded());
        }
    }

    fn sample(&self, lane: usize) {
        while !self.ended.load(Ordering::Acquire) {
            self.lanes[lane].run(&self.clock, &self.outbox);
            self.ends[lane].wait(&self.clock, self.lanes[lane].due());
        }
    }

    fn watch_lines(&self) {
        let Some(watch) = &self.watch else { return };
        while !self.ended.load(Ordering::Acquire) {
            watch.run(&self.clock, &self.outbox);
            watch.wait(&self.clock);
        }
    }
}
