//! A desk at which orders are carried out one after the other, by whichever thread has put one there: who finds another at
//! it leaves its order to that one.

use crate::sync::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::sync::PoisonError;

/// A desk for orders, some of which have a label under which they can be found until they are carried out.
#[derive(Debug)]
pub struct Desk<T, L> {
    state: Mutex<State<T, L>>,
}

#[derive(Debug)]
struct State<T, L> {
    waiting: VecDeque<T>,
    /// Whether somebody is at it. Nobody stands up while an order waits, unless no more are carried out.
    busy: bool,
    /// The label of the order that is being carried out.
    current: Option<L>,
    closed: bool,
}

/// How orders are known, and carried out.
pub trait Clerk<T, L> {
    /// Whether orders are still carried out. What is there when they are not any more, stays.
    fn is_open(&self) -> bool;

    /// The label of an order, if it has one.
    fn label(&self, order: &T) -> Option<L>;

    /// Carries an order out. Nobody else does so meanwhile.
    fn carry_out(&mut self, order: T);
}

impl<T, L> Default for Desk<T, L> {
    fn default() -> Self {
        let state = State { waiting: VecDeque::new(), busy: false, current: None, closed: false };
        Self { state: Mutex::new(state) }
    }
}

impl<T, L> Desk<T, L> {
    fn state(&self) -> MutexGuard<'_, State<T, L>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts an order behind those that wait. None: it is there, and [`Desk::work`] has to follow, here or elsewhere. A desk
    /// that is closed gives it back.
    pub fn put(&self, order: T) -> Option<T> {
        let mut state = self.state();
        if state.closed {
            return Some(order);
        }
        state.waiting.push_back(order);
        None
    }

    /// Carries out all that waits, in its order, unless somebody else is at it, who does it then.
    pub fn work(&self, clerk: &mut impl Clerk<T, L>) {
        let mut state = self.state();
        if state.busy {
            return;
        }
        state.busy = true;
        let at = AtDesk(self);
        while clerk.is_open() {
            let Some(order) = state.waiting.pop_front() else { break };
            // In the same moment: whoever looks for a label finds it here or there.
            state.current = clerk.label(&order);
            drop(state);
            clerk.carry_out(order);
            state = self.state();
            state.current = None;
        }
        // Under the same lock as the last look: whose order comes now finds nobody here.
        state.busy = false;
        std::mem::forget(at);
    }

    /// The first thing that `found` makes of a label: of the order that is being carried out, and of those that wait.
    pub fn find<R>(&self, label: impl Fn(&T) -> Option<L>, found: impl Fn(L) -> Option<R>) -> Option<R>
    where
        L: Clone,
    {
        let state = self.state();
        let waiting = state.waiting.iter().filter_map(label);
        state.current.clone().into_iter().chain(waiting).find_map(found)
    }

    /// Takes no more orders, and gives back those that wait.
    pub fn close(&self) -> VecDeque<T> {
        let mut state = self.state();
        state.closed = true;
        std::mem::take(&mut state.waiting)
    }
}

/// Who is at the desk, and stands up when an order panics.
struct AtDesk<'a, T, L>(&'a Desk<T, L>);

impl<T, L> Drop for AtDesk<'_, T, L> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        (state.busy, state.current) = (false, None);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    struct Fussy(Vec<u8>);

    impl Clerk<u8, u8> for Fussy {
        fn is_open(&self) -> bool {
            self.0.len() < 3
        }

        fn label(&self, order: &u8) -> Option<u8> {
            Some(*order)
        }

        fn carry_out(&mut self, order: u8) {
            assert!(order < 10, "too much");
            self.0.push(order);
        }
    }

    #[test]
    fn an_order_that_panics_leaves_the_desk_to_the_next() {
        let desk = Desk::default();
        let mut clerk = Fussy(Vec::new());
        [1, 10, 2].into_iter().for_each(|order| assert_eq!(desk.put(order), None));
        let work = std::panic::AssertUnwindSafe(|| desk.work(&mut clerk));
        std::panic::catch_unwind(work).unwrap_err();
        desk.work(&mut clerk);
        assert_eq!(clerk.0, [1, 2]);
        assert_eq!(desk.find(|order| Some(*order), Some), None);
    }

    #[test]
    fn what_is_there_when_no_more_is_carried_out_stays() {
        let desk = Desk::default();
        let mut clerk = Fussy(Vec::new());
        (1..=5).for_each(|order| assert_eq!(desk.put(order), None));
        desk.work(&mut clerk);
        assert_eq!((&clerk.0[..], desk.close().as_slices().0), (&[1, 2, 3][..], &[4, 5][..]));
    }
}
