//! Lines that report their changes, all on one thread: it sleeps in the kernel until one of them changes.

use super::board::{Board, Watched};
use super::line::Wiring;
use super::refusal;
use crate::clock::Clock;
use crate::devices::input::{Input, Missing};
use crate::devices::lock;
use crate::devices::notice::Outbox;
use crate::devices::pin::RETRY;
use greenroom_core::Instant;
use greenroom_manifest::Bias;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::time::Timespec;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Changes of one line that are taken before another line has its turn.
const BURST: usize = 64;

/// The watched lines.
pub(in crate::devices) struct Watch {
    board: Arc<dyn Board>,
    lines: Mutex<Vec<Task>>,
    /// Written to end the wait.
    bell: OwnedFd,
}

struct Task {
    input: Arc<Input>,
    wiring: Wiring,
    bias: Option<Bias>,
    debounce: Duration,
    line: Line,
    /// In virtual time, how often the line is looked at: there is no thread that sleeps in the kernel.
    every: Duration,
}

enum Line {
    Open { shown: String, line: Box<dyn Watched>, seen: Instant },
    Lost { retry: Instant },
}

/// A value, or none, of one input.
type Sample = (Arc<Input>, Instant, Result<f64, Missing>);

impl Watch {
    /// # Errors
    /// The process has too many files open.
    pub(in crate::devices) fn new(board: Arc<dyn Board>) -> io::Result<Self> {
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self { board, lines: Mutex::default(), bell })
    }

    /// Adds a line, which is opened when it is first looked at.
    pub(in crate::devices) fn add(
        &self,
        input: Arc<Input>,
        wiring: Wiring,
        (bias, debounce): (Option<Bias>, Duration),
        every: Duration,
    ) {
        let line = Line::Lost { retry: Instant::ORIGIN };
        lock(&self.lines).push(Task { input, wiring, bias, debounce, line, every });
    }

    /// When it is to be looked at again, in virtual time.
    pub(in crate::devices) fn due(&self) -> Option<Instant> {
        let due = |task: &Task| match task.line {
            Line::Open { seen, .. } => seen + task.every,
            Line::Lost { retry } => retry,
        };
        lock(&self.lines).iter().map(due).min()
    }

    /// Opens what is to be opened, and takes the changes that there are.
    pub(in crate::devices) fn run(&self, clock: &Clock, outbox: &Outbox) {
        let mut samples = Vec::new();
        for task in lock(&self.lines).iter_mut() {
            task.run(&*self.board, clock, &mut samples);
        }
        for (input, at, sample) in samples {
            input.sampled(at, sample).for_each(|notice| outbox.tell(notice));
        }
    }

    /// Until a line changes, a lost one is to be opened again, or [`Watch::ring`].
    pub(in crate::devices) fn wait(&self, clock: &Clock) {
        let lines = lock(&self.lines);
        let retry = lines.iter().filter_map(|task| match task.line {
            Line::Open { .. } => None,
            Line::Lost { retry } => Some(retry),
        });
        let left = retry.min().map(|retry| retry.since(clock.now()));
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        let mut fds = vec![PollFd::new(&self.bell, PollFlags::IN)];
        fds.extend(lines.iter().filter_map(|task| match &task.line {
            Line::Open { line, .. } => Some(PollFd::from_borrowed_fd(line.fd(), PollFlags::IN)),
            Line::Lost { .. } => None,
        }));
        // A signal ends it early, and so would an error: then the lines are looked at once more.
        let _ = poll(&mut fds, timeout.as_ref());
    }

    /// Ends the wait, and every later one.
    pub(in crate::devices) fn ring(&self) {
        // Cannot block, and fails only when it has been rung 2^64 times.
        let _ = rustix::io::write(self.bell.as_fd(), &1u64.to_ne_bytes());
    }

    /// Says that all lines are missing: there is no thread to watch them.
    pub(in crate::devices) fn abandon(&self, why: &str, clock: &Clock, outbox: &Outbox) {
        let inputs: Vec<_> = lock(&self.lines).iter().map(|task| Arc::clone(&task.input)).collect();
        for input in inputs {
            let missing = Err(Missing::Failed(why.to_owned()));
            input.sampled(clock.now(), missing).for_each(|notice| outbox.tell(notice));
        }
    }
}

impl Task {
    fn run(&mut self, board: &dyn Board, clock: &Clock, samples: &mut Vec<Sample>) {
        let now = clock.now();
        let mut sample = |at, sample| samples.push((Arc::clone(&self.input), at, sample));
        if let Line::Lost { retry } = self.line {
            if retry > now {
                return;
            }
            let opened = self.wiring.watch(self.bias, self.debounce).and_then(|(shown, line)| {
                // After the request: a change in between is read twice rather than not at all.
                let level = line.level().map_err(|error| refusal::lost(&shown, &error))?;
                Ok((shown, line, level))
            });
            match opened {
                Ok((shown, line, level)) => {
                    sample(clock.now(), Ok(value(level)));
                    self.line = Line::Open { shown, line, seen: now };
                }
                Err(why) => {
                    sample(now, Err(Missing::Failed(why)));
                    self.line = Line::Lost { retry: clock.now() + RETRY };
                    return;
                }
            }
        }
        let Line::Open { shown, line, seen } = &mut self.line else { return };
        *seen = now;
        for _ in 0..BURST {
            match line.edge() {
                Ok(Some(edge)) => {
                    // The kernel's clock and ours differ by their origins only.
                    let ago = board.monotonic().saturating_sub(edge.monotonic);
                    let now = clock.now();
                    sample(if clock.is_machine() { now - ago } else { now }, Ok(value(edge.on)));
                }
                Ok(None) => return,
                Err(error) => {
                    sample(clock.now(), Err(Missing::Failed(refusal::lost(shown, &error))));
                    self.line = Line::Lost { retry: clock.now() + RETRY };
                    return;
                }
            }
        }
    }
}

fn value(on: bool) -> f64 {
    f64::from(u8::from(on))
}
