//! Waiting for a place in a mailbox whose policy is `wait`: the turn stands still, and its worker with it.
//! On a message's path: the contract's imports before it, the mailbox behind it.

use crate::cell::Cell;
use crate::guest::Guest;
use crate::mailbox::Place;
use greenroom_plane::{NoPlace, Policy};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Whose mailbox an actor's turn waits at, so that its end can be told there.
#[derive(Debug, Default)]
pub(crate) struct WaitsAt(Mutex<Option<Arc<Cell>>>);

impl WaitsAt {
    fn set(&self, cell: Option<Arc<Cell>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = cell;
    }

    /// Has the turn look whether it may still wait.
    pub(crate) fn rouse(&self) {
        if let Some(cell) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            cell.mailbox.rouse();
        }
    }
}

impl Guest {
    /// Takes a place, and waits for one where the receiver's policy says so: in all of a turn, as long as its deadline
    /// leaves. The end of the receiver, or of this actor, ends it.
    pub(crate) fn reserve(&mut self, receiver: Arc<Cell>) -> Result<Place, NoPlace> {
        match receiver.mailbox.policy() {
            Policy::Wait => self.await_place(&receiver),
            _ => Place::reserve(receiver),
        }
    }

    fn await_place(&mut self, receiver: &Arc<Cell>) -> Result<Place, NoPlace> {
        let place = Place::reserve(receiver.clone());
        if place.as_ref().err() != Some(&NoPlace::Full) {
            return place;
        }
        let left = self.left();
        if left.is_zero() || self.is_killed() || self.waits_for_itself(receiver) {
            return place;
        }
        // Without another worker the receiver might have none.
        let scheduler = self.shared.scheduler.clone();
        let Some(_standing) = scheduler.stand() else { return place };
        let cell = self.cell.clone();
        let began = Instant::now();
        // Known before it is looked whether the actor is to end: who ends it afterwards finds it.
        cell.waits_at.set(Some(receiver.clone()));
        let place = Place::wait(receiver, began + left, || !cell.is_interrupted());
        cell.waits_at.set(None);
        self.waited(began.elapsed());
        // Noted, so that this turn's effects are dropped with the actor.
        self.is_killed();
        place
    }

    /// Whether there can be no room before this turn is over.
    fn waits_for_itself(&self, receiver: &Arc<Cell>) -> bool {
        receiver.address == self.cell.address || self.places_at(receiver) >= receiver.mailbox.limit()
    }
}
