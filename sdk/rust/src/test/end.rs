//! How actors end, and who hears of it: Erlang's rules for links, monitors and exit signals.

use super::world::{Output, Signal, World};
use crate::{Address, AskError, Reason};
use std::mem;

impl World {
    pub(super) fn link(&mut self, one: Address, other: Address) {
        if !self.is_alive(other) {
            return self.arrive(other, one, Reason::NoActor);
        }
        for (from, to) in [(one, other), (other, one)] {
            if let Some(actor) = self.actors.get_mut(&from) {
                actor.links.insert(to);
            }
        }
    }

    pub(super) fn unlink(&mut self, one: Address, other: Address) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(actor) = self.actors.get_mut(&from) {
                actor.links.remove(&to);
            }
        }
    }

    /// An exit signal that somebody sends.
    pub(super) fn exit(&mut self, from: Address, whom: Address, why: Reason) {
        // Nothing traps a kill; those linked to who was killed see `killed`, which they can trap.
        if why == Reason::Killed {
            return self.end(whom, why);
        }
        self.arrive(from, whom, why);
    }

    /// An exit signal arrives at `whom`.
    fn arrive(&mut self, from: Address, whom: Address, why: Reason) {
        match self.actors.get(&whom) {
            Some(actor) if actor.ended.is_some() => {}
            Some(actor) if actor.traps_exits => self.signals.push_back((whom, Signal::Exited(from, why))),
            Some(_) if why == Reason::Normal => {}
            Some(_) => self.end(whom, why),
            None => {}
        }
    }

    /// An actor ends: everything that is its own goes, and whoever has to know is told.
    pub(super) fn end(&mut self, me: Address, why: Reason) {
        if !self.is_alive(me) {
            return;
        }
        let Some(actor) = self.actors.get_mut(&me) else { return };
        actor.ended = Some(why.clone());
        actor.runner = None;
        let links = mem::take(&mut actor.links);
        let watchers = mem::take(&mut actor.watchers);
        let (deferred, held) = (mem::take(&mut actor.deferred), mem::take(&mut actor.held));
        self.clear(me);
        // Who asked and gets no answer any more.
        let open: Vec<u64> = self.asks.iter().filter(|(_, ask)| ask.to == me).map(|(id, _)| *id).collect();
        for request in open {
            self.answer(request, Err(AskError::Ended(why.clone())));
        }
        for envelope in deferred.into_iter().chain(held) {
            self.dead_letter(envelope, "the actor has ended");
        }
        for other in links {
            if let Some(actor) = self.actors.get_mut(&other) {
                actor.links.remove(&me);
            }
            self.arrive(me, other, why.clone());
        }
        for (monitor, watcher) in watchers {
            self.signals.push_back((watcher, Signal::Down(monitor, me, why.clone())));
        }
    }

    /// What ends with an incarnation: names, timers, questions, watches; and its outputs are safe.
    pub(super) fn clear(&mut self, me: Address) {
        let now = self.now;
        self.names.retain(|_, address| *address != me);
        self.timers.retain(|timer| timer.owner != me);
        self.asks.retain(|_, ask| ask.asker != Some(me));
        self.watches.retain(|(_, watcher)| *watcher != me);
        self.signals.retain(|(to, _)| *to != me);
        for actor in self.actors.values_mut() {
            actor.watchers.retain(|_, watcher| *watcher != me);
        }
        for output in self.outputs.values_mut().filter(|output| output.writer == Some(me)) {
            output.writer = None;
            output.set(now, Output::SAFE);
        }
    }
}
