//! The turn that nearly all are, on the shortest way.
//! On a message's path: the body's step before it, the component's instance in it, and the turn's commit at its end.

use super::{Body, Cause, Life};
use crate::cell::Cell;
use crate::envelopes;
use crate::instance::{Instance, Next, Outcome};
use greenroom_core::Reason;
use greenroom_manifest::Keep;
use std::sync::Arc;

impl Body {
    /// The turn that nearly all are, on the shortest way: a module that is entered directly is told something, and nobody looks
    /// on. None: the way of all turns is to be gone.
    pub(super) fn plain_turn(
        &mut self,
        cell: &Arc<Cell>,
        enter: impl FnOnce(&mut Instance) -> Option<Result<Outcome, Reason>>,
    ) -> Option<Result<Outcome, Reason>> {
        let watched = self.shadow.is_some() || !self.past.is_empty();
        match (watched, self.behavior.keep, &mut self.life) {
            (false, Keep::Swaps, Life::Up(instance)) => enter(instance).inspect(|_| cell.count_turn()),
            _ => None,
        }
    }

    /// Such a turn is over. If what handles the next message is the same, little is left to do, in the order of [`Body::finish`].
    pub(super) fn end_plain_turn(&mut self, cell: &Arc<Cell>, result: Result<Outcome, Reason>, cause: Cause) {
        if let (Ok(Outcome::Next(Next::Same)), Life::Up(instance)) = (&result, &mut self.life) {
            cell.handling.hide();
            if let Cause::Message(_) = cause {
                cell.mailbox.done();
            }
            instance.turn().commit(&cell.shared, cell);
            if let Cause::Message(envelope) = cause {
                envelopes::give(envelope);
            }
            return;
        }
        if let Life::Up(instance) = std::mem::replace(&mut self.life, Life::Down) {
            self.finish(cell, instance, result, cause);
        }
    }
}
