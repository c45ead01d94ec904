//! The thread that writes: when, and what becomes of it.

use crate::disk::{self, Disk};
use crate::files::Files;
use crate::memory::Memory;
use crate::{Error, Written};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// After a failure, the time until the next try, at least.
const RETRY: Duration = Duration::from_secs(1);

/// What the store's handles and its thread share.
#[derive(Debug)]
pub(crate) struct Shared {
    inner: Mutex<Inner>,
    /// The thread waits for something to do; others wait for it to be done.
    work: Condvar,
    done: Condvar,
    pub(crate) files: Files,
    interval: Duration,
}

/// Changed by whoever has the lock.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) memory: Memory,
    /// When changes have to be written.
    due: Option<Instant>,
    /// A version has begun, so another one may not be needed any more.
    sweep: bool,
    /// Who waits has a number. Those up to `done` have been served.
    asked: u64,
    served: u64,
    /// What became of the last try.
    outcome: Result<(), Error>,
    /// No handle is left.
    closing: bool,
    /// The thread is gone.
    gone: bool,
    pub(crate) written: Written,
}

impl Shared {
    pub(crate) fn new(memory: Memory, files: Files, interval: Duration, outcome: Result<(), Error>) -> Self {
        let inner = Inner {
            memory,
            due: None,
            sweep: false,
            asked: 0,
            served: 0,
            outcome,
            closing: false,
            gone: false,
            written: Written::default(),
        };
        Self { inner: Mutex::new(inner), work: Condvar::new(), done: Condvar::new(), files, interval }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes a record, which is written at once, by the thread.
    pub(crate) fn record(&self, begins: bool, change: impl FnOnce(&mut Memory)) {
        let mut inner = self.lock();
        change(&mut inner.memory);
        inner.sweep |= begins;
        inner.due = Some(Instant::now());
        self.work.notify_one();
    }

    /// Changes a state, if `change` says that it does; it is written with the others that change in the same interval.
    pub(crate) fn state(&self, change: impl FnOnce(&mut Memory) -> bool) {
        let mut inner = self.lock();
        if change(&mut inner.memory) && inner.due.is_none() {
            inner.due = Some(Instant::now() + self.interval);
            self.work.notify_one();
        }
    }

    /// Waits until everything up to now is on disk.
    pub(crate) fn flush(&self) -> Result<(), Error> {
        let mut inner = self.lock();
        inner.asked += 1;
        let number = inner.asked;
        self.work.notify_one();
        let waits = |inner: &mut Inner| inner.served < number && !inner.gone;
        let inner = self.done.wait_while(inner, waits).unwrap_or_else(PoisonError::into_inner);
        if inner.served < number {
            return Err(Error::NotWritten { why: "the thread that writes has ended".into() });
        }
        inner.outcome.clone()
    }

    /// What is wrong now.
    pub(crate) fn outcome(&self) -> Result<(), Error> {
        self.lock().outcome.clone()
    }

    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.work.notify_one();
    }

    /// Waits for something to do.
    fn wait(&self) -> MutexGuard<'_, Inner> {
        let mut inner = self.lock();
        loop {
            if inner.closing || inner.asked > inner.served {
                return inner;
            }
            let wait = inner.due.map(|due| due.saturating_duration_since(Instant::now()));
            inner = match wait {
                Some(Duration::ZERO) => return inner,
                Some(wait) => self.work.wait_timeout(inner, wait).unwrap_or_else(PoisonError::into_inner).0,
                // Nothing has changed: nobody is woken.
                None => self.work.wait(inner).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Writes once. Whether it was the last time.
    fn write(&self, disk: &mut Disk, tell: &dyn Fn(&str)) -> bool {
        let mut inner = self.wait();
        let (number, closing) = (inner.asked, inner.closing);
        let sweep = std::mem::take(&mut inner.sweep);
        inner.due = None;
        let changes = disk::changes(&mut inner.memory, disk.is_unknown());
        drop(inner);

        let mut trouble = Vec::new();
        let mut outcome = disk.write(&changes, &mut trouble);
        if outcome.is_ok() && sweep {
            disk.sweep(&self.files, || self.lock().memory.needed());
        }
        if closing && outcome.is_ok() {
            outcome = disk.close();
        }

        let mut inner = self.lock();
        if outcome.is_err() {
            inner.memory.give_back(changes);
            inner.sweep |= sweep;
            // What came meanwhile waits as well, or a full disk would be tried without end.
            inner.due = Some(Instant::now() + self.interval.max(RETRY));
        }
        match (&inner.outcome, &outcome) {
            (Ok(()), Err(error)) => trouble.push(format!(
                "what is kept cannot be written, and is lost if the host ends now: {error}. Make room on the disk, or see to it; it is tried again"
            )),
            (Err(_), Ok(())) => trouble.push("what is kept is written again, all of it".into()),
            _ => {}
        }
        inner.written.take_over(disk.written);
        inner.outcome = outcome;
        inner.served = number;
        self.done.notify_all();
        drop(inner);
        trouble.iter().for_each(|sentence| tell(sentence));
        closing
    }
}

impl Written {
    /// The thread's figures; components are counted by who adds them.
    fn take_over(&mut self, disk: Self) {
        *self = Self { component_bytes: self.component_bytes, ..disk };
    }
}

/// Says that the thread is gone, however it went.
struct Gone<'a>(&'a Shared);

impl Drop for Gone<'_> {
    fn drop(&mut self) {
        self.0.lock().gone = true;
        self.0.done.notify_all();
    }
}

/// The thread.
pub(crate) fn run(shared: &Shared, mut disk: Disk, tell: &dyn Fn(&str)) {
    let _gone = Gone(shared);
    while !shared.write(&mut disk, tell) {}
}
