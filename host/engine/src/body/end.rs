//! The end of an incarnation, of the actor, and of the host: what is left of it, and who hears of that.

use super::{Body, Cause, Life, Waiting};
use crate::ask::Failure;
use crate::cell::Cell;
use crate::report;
use greenroom_core::system::Input;
use greenroom_core::{Reason, Request};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Body {
    /// The code that has taken these questions over is no more, and what runs now knows only the `known` ones. Those that
    /// were put aside come again.
    pub(crate) fn forsake(&mut self, cell: &Arc<Cell>, known: &[Request], reason: &Reason) {
        let aside = |request| self.deferred.iter().any(|envelope| envelope.request == Some(request));
        for request in self.open.iter().copied().filter(|request| !known.contains(request) && !aside(*request)) {
            cell.shared.answer(request, Err(Failure::Ended(reason.clone())));
        }
        self.open.retain(|request| known.contains(request));
    }

    pub(super) fn ignored(&mut self, cell: &Arc<Cell>) {
        self.over(cell, &Reason::Normal);
        let ignored = Input::Ignored { address: cell.address, incarnation: self.incarnation };
        cell.shared.control(ignored);
    }

    /// Ends this incarnation: its outputs are safe before anything else happens, its store is gone, and nothing that it
    /// has set up is left.
    pub(crate) fn end(&mut self, cell: &Arc<Cell>, mut reason: Reason) {
        if reason == Reason::Killed {
            // Interrupted in the middle of a turn: why, is said by the signal that comes with it.
            reason = cell.next_kill(self.incarnation).unwrap_or(reason);
        }
        self.over(cell, &reason);
        let ended = Input::Ended { address: cell.address, incarnation: self.incarnation, reason };
        cell.shared.control(ended);
    }

    fn over(&mut self, cell: &Arc<Cell>, reason: &Reason) {
        let shared = &cell.shared;
        shared.devices.release(cell.address, &reason.to_string());
        cell.set_up(false);
        self.switch_off(cell);
        self.leave_past();
        match std::mem::replace(&mut self.life, Life::Down) {
            Life::Waiting(Waiting { cause: Cause::Message(_), .. }) => Self::lost(cell),
            Life::Up(instance) => instance.leave(),
            _ => {}
        }
        self.end_shadow(cell, &format!("the actor ended: {reason}"), None);
        self.untie(cell);
        for request in self.open.drain(..) {
            shared.answer(request, Err(Failure::Ended(reason.clone())));
        }
        self.put_back(cell);
        cell.stats.memory.store(0, Ordering::Relaxed);
        cell.handling.hide();
        cell.seen().over(reason);
        shared.sleep.let_be(cell);
        self.has_room(cell);
        report::ended(shared, cell, self.incarnation, reason);
    }

    /// Takes back what the generation that ends has set up with the host.
    pub(crate) fn untie(&mut self, cell: &Arc<Cell>) {
        let owner = (cell.address, cell.generation());
        cell.shared.timers().cancel_all(owner);
        cell.watches.clear();
        let mut watchers = cell.shared.watchers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        watchers.retain(|_, watchers| {
            watchers.retain(|watcher| *watcher != owner);
            !watchers.is_empty()
        });
    }

    /// The host is over: nothing of it is to live on, and an instance holds its cell.
    pub(crate) fn discard(&mut self) {
        self.life = Life::Down;
        self.shadow = None;
        self.past.clear();
    }
}
