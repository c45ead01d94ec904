//! What one worker has to run: what its own turns have woken, and what it has taken from others. The others steal from it
//! when they have nothing else.

use crate::sync::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// Who may wait here: when there are more, the older half is for everybody.
const MOST: usize = if cfg!(loom) { 2 } else { 256 };
/// Each time that so many were taken from here, who waits for any worker has their turn.
const OTHERS: u32 = if cfg!(loom) { 2 } else { 16 };

/// A worker's own queue. A lock that hardly anybody else wants costs two steps that no other processor hears of, and
/// stealing half of what is there is a step like any other.
#[derive(Debug)]
#[repr(align(128))]
pub(crate) struct Own<T>(Mutex<State<T>>);

#[derive(Debug)]
struct State<T> {
    ready: VecDeque<T>,
    /// How many were taken by its worker, around and around.
    taken: u32,
    /// The tick at which its worker last took one, or the first one came.
    taken_at: u64,
    over: bool,
}

impl<T> Default for Own<T> {
    fn default() -> Self {
        Self(Mutex::new(State { ready: VecDeque::new(), taken: 0, taken_at: 0, over: false }))
    }
}

impl<T> Own<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts them at the end. Who is too many, the oldest first. After [`Own::close`] they are dropped.
    pub(crate) fn push(&self, items: impl Iterator<Item = T>, now: u64) -> VecDeque<T> {
        let mut state = self.state();
        if state.over {
            return VecDeque::new();
        }
        if state.ready.is_empty() {
            state.taken_at = now;
        }
        state.ready.extend(items);
        if state.ready.len() <= MOST {
            return VecDeque::new();
        }
        let left = state.ready.len() - MOST / 2;
        let newer = state.ready.split_off(left);
        std::mem::replace(&mut state.ready, newer)
    }

    /// As [`Own::push`], for who was taken from elsewhere: that is never too many.
    pub(crate) fn add(&self, items: impl Iterator<Item = T>, now: u64) {
        let mut state = self.state();
        if !state.over {
            state.ready.extend(items);
            state.taken_at = now;
        }
    }

    /// Its worker takes the oldest. None: there is none, or, while `others` wait, it is their turn.
    pub(crate) fn pop(&self, others: bool, now: u64) -> Option<T> {
        let mut state = self.state();
        if others {
            state.taken = state.taken.wrapping_add(1);
            if state.taken.is_multiple_of(OTHERS) {
                return None;
            }
        }
        let item = state.ready.pop_front()?;
        state.taken_at = now;
        Some(item)
    }

    /// Another worker takes the older half.
    pub(crate) fn steal(&self) -> VecDeque<T> {
        let mut state = self.state();
        let half = state.ready.len().div_ceil(2);
        let newer = state.ready.split_off(half);
        std::mem::replace(&mut state.ready, newer)
    }

    /// Its worker takes the oldest and puts one at the end.
    pub(crate) fn exchange(&self, item: T, now: u64) -> T {
        let mut state = self.state();
        let Some(oldest) = state.ready.pop_front() else { return item };
        state.ready.push_back(item);
        state.taken_at = now;
        oldest
    }

    /// All of them, if its worker has taken none for so many ticks.
    pub(crate) fn left_alone(&self, now: u64, patience: u64) -> VecDeque<T> {
        let mut state = self.state();
        match now.saturating_sub(state.taken_at) >= patience {
            true => std::mem::take(&mut state.ready),
            false => VecDeque::new(),
        }
    }

    /// Whether nobody waits here.
    pub(crate) fn is_empty(&self) -> bool {
        self.state().ready.is_empty()
    }

    /// Nobody comes in any more. All that were here.
    pub(crate) fn close(&self) -> VecDeque<T> {
        let mut state = self.state();
        state.over = true;
        std::mem::take(&mut state.ready)
    }
}
