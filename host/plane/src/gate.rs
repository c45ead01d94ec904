//! A gate that so many may be behind at a time, and who waits for it comes in in the order of arrival.

use crate::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// A gate.
#[derive(Debug)]
pub struct Gate {
    state: Mutex<State>,
    most: usize,
}

#[derive(Debug)]
struct State {
    inside: usize,
    /// Each waits at one of its own, so that nobody is woken for another. Who is not among them any more has been let in.
    waiting: VecDeque<Arc<Condvar>>,
}

impl Gate {
    /// A gate that `most` may be behind, at least one.
    #[must_use]
    pub fn new(most: usize) -> Self {
        let state = State { inside: 0, waiting: VecDeque::new() };
        Self { state: Mutex::new(state), most: most.max(1) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Comes in, after those that wait already. `stay` is asked before it waits, and at each [`Gate::rouse`]: whether it
    /// still wants to. True: it is in, and [`Gate::leave`] has to follow. False: it is not, because it did not want to.
    #[must_use = "who is in has to leave"]
    pub fn enter(&self, stay: impl Fn() -> bool) -> bool {
        let state = self.state();
        self.come_in(state, stay)
    }

    /// Has the one that has waited longest come in in place of this one, which comes in again after those that wait. If
    /// nobody does, it stays in. The result is that of [`Gate::enter`].
    #[must_use = "who is in has to leave"]
    pub fn pass(&self, stay: impl Fn() -> bool) -> bool {
        let mut state = self.state();
        let Some(next) = state.waiting.pop_front() else { return true };
        next.notify_one();
        self.come_in(state, stay)
    }

    fn come_in(&self, mut state: MutexGuard<'_, State>, stay: impl Fn() -> bool) -> bool {
        if state.inside < self.most {
            state.inside += 1;
            return true;
        }
        let own = Arc::new(Condvar::new());
        state.waiting.push_back(own.clone());
        loop {
            // Whoever rouses has the lock after this look or before it: what it did first is not overlooked.
            if !stay() {
                state.waiting.retain(|other| !Arc::ptr_eq(other, &own));
                return false;
            }
            state = own.wait(state).unwrap_or_else(PoisonError::into_inner);
            if !state.waiting.iter().any(|other| Arc::ptr_eq(other, &own)) {
                return true;
            }
        }
    }

    /// Goes out, and lets in the one that has waited longest.
    pub fn leave(&self) {
        let mut state = self.state();
        match state.waiting.pop_front() {
            Some(next) => next.notify_one(),
            None => state.inside -= 1,
        }
    }

    /// Whether nobody could come in without waiting.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.state().inside == self.most
    }

    /// Has all that wait look whether they still want to.
    pub fn rouse(&self) {
        self.state().waiting.iter().for_each(|waiting| waiting.notify_one());
    }
}
