//! The run queue: who is to run, and the workers that wait for them. Time is counted in ticks, and told by the caller.
//!
//! Beside the ordinary workers there are helpers, for turns that take long and for workers that stand still. A helper
//! leaves when there is nothing to take, another worker waits, and none stands still for which it stands in.

use crate::sync::{Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// A run queue.
#[derive(Debug)]
pub struct Queue<T> {
    state: Mutex<State<T>>,
    /// Something was queued, or all is over.
    work: Condvar,
}

#[derive(Debug)]
struct State<T> {
    ready: VecDeque<T>,
    /// Workers that wait.
    idle: usize,
    helpers: usize,
    /// Helpers among those that wait.
    reserve: usize,
    /// Workers in the middle of a turn that wait for something else.
    standing: usize,
    over: bool,
    /// The tick at which somebody last took from the queue.
    taken_at: u64,
}

/// What becomes of a worker that wants to stand still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Another one waits for work already.
    Still,
    /// It does when this is started: a thread that calls [`Queue::help`] until that says that it is no longer needed.
    WithHelper,
    /// It may not: too many do.
    No,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        let state =
            State { ready: VecDeque::new(), idle: 0, helpers: 0, reserve: 0, standing: 0, over: false, taken_at: 0 };
        Self { state: Mutex::new(state), work: Condvar::new() }
    }
}

impl<T> Queue<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts somebody at the end. After [`Queue::close`] they are dropped.
    pub fn push(&self, item: T, now: u64) {
        let mut state = self.state();
        if state.over {
            return;
        }
        if state.ready.is_empty() {
            state.taken_at = now;
        }
        state.ready.push_back(item);
        let idle = state.idle > 0;
        drop(state);
        if idle {
            self.work.notify_one();
        }
    }

    /// An ordinary worker waits for who is next. None: all is over.
    pub fn wait(&self, now: impl Fn() -> u64) -> Option<T> {
        self.next(now, false)
    }

    /// A helper waits for who is next. None: it is no longer needed, and counts no more.
    pub fn help(&self, now: impl Fn() -> u64) -> Option<T> {
        self.next(now, true)
    }

    fn next(&self, now: impl Fn() -> u64, helper: bool) -> Option<T> {
        let mut state = self.state();
        loop {
            if state.over {
                return None;
            }
            if let Some(item) = state.ready.pop_front() {
                state.taken_at = now();
                return Some(item);
            }
            if helper && state.idle > 0 && state.helpers > state.standing {
                // In the same step that has seen that there is nothing to take.
                state.helpers -= 1;
                return None;
            }
            if state.reserve > 0 {
                // One of them may leave now.
                self.work.notify_all();
            }
            state.idle += 1;
            state.reserve += usize::from(helper);
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.reserve -= usize::from(helper);
            state.idle -= 1;
        }
    }

    /// Whether nobody waits for work although every worker is `busy` for long, or there is work that nobody has come for
    /// since `patience` ticks. If so, and if there are fewer than `most` helpers that do not stand in for others, there is
    /// one more now: the caller starts it.
    #[must_use = "the helper has to be started"]
    pub fn needs_helper(&self, busy: bool, now: u64, patience: u64, most: usize) -> bool {
        let mut state = self.state();
        let still = !state.ready.is_empty() && now.saturating_sub(state.taken_at) >= patience;
        let helper = state.idle == 0 && (busy || still) && !state.over && state.helpers < state.standing + most;
        state.helpers += usize::from(helper);
        helper
    }

    /// The one that has waited longest, if anybody waits: the one given waits in its place.
    pub fn exchange(&self, item: T, now: u64) -> T {
        let mut state = self.state();
        let Some(oldest) = state.ready.pop_front() else { return item };
        state.ready.push_back(item);
        state.taken_at = now;
        oldest
    }

    /// The helper that was to be started could not be: it counts no more.
    pub fn no_helper(&self) {
        self.state().helpers -= 1;
    }

    /// This worker wants to stand still, until [`Queue::go_on`]. At most `most` do, and there is always one that does not.
    #[must_use = "the helper has to be started"]
    pub fn stand(&self, most: usize) -> Stand {
        let mut state = self.state();
        if state.over || state.standing >= most {
            return Stand::No;
        }
        state.standing += 1;
        if state.idle > 0 || state.helpers >= state.standing {
            return Stand::Still;
        }
        state.helpers += 1;
        Stand::WithHelper
    }

    /// This worker stands still no longer.
    pub fn go_on(&self) {
        self.state().standing -= 1;
        // A helper that has stood in for it may be one of those that wait.
        self.work.notify_all();
    }

    /// Nobody runs any more. Who is queued is dropped.
    pub fn close(&self) {
        let mut state = self.state();
        state.over = true;
        let ready = std::mem::take(&mut state.ready);
        drop(state);
        self.work.notify_all();
        drop(ready);
    }
}
