//! Links, monitors, names and exit signals: who is concerned when a process ends. The rules are Erlang's.

use super::{Effect, Monitor, Phase, System};
use crate::{Address, Name, Reason};
use std::collections::{BTreeMap, BTreeSet};

/// What ties an incarnation to others. All of it ends with the incarnation.
#[derive(Debug, Default)]
pub(super) struct Ties {
    pub(super) links: BTreeSet<Address>,
    /// Monitors of others on this one, with whose they are.
    pub(super) watched_by: BTreeMap<Monitor, Address>,
    /// This one's monitors on others.
    pub(super) watches: BTreeMap<Monitor, Address>,
    pub(super) traps_exits: bool,
    /// Names beside the manifest's.
    pub(super) registered: BTreeSet<Name>,
}

impl System {
    pub(super) fn is_alive(&self, address: Address) -> bool {
        self.processes.get(&address).is_some_and(|process| process.phase != Phase::Down)
    }

    pub(super) fn link(&mut self, one: Address, other: Address) {
        if one == other {
            return;
        }
        match (self.is_alive(one), self.is_alive(other)) {
            (true, true) => {
                for (from, to) in [(one, other), (other, one)] {
                    if let Some(process) = self.process(from) {
                        process.ties.links.insert(to);
                    }
                }
            }
            (true, false) => self.signal(other, one, Reason::NoActor),
            (false, true) => self.signal(one, other, Reason::NoActor),
            (false, false) => {}
        }
    }

    pub(super) fn unlink(&mut self, one: Address, other: Address) {
        for (from, to) in [(one, other), (other, one)] {
            if let Some(process) = self.process(from) {
                process.ties.links.remove(&to);
            }
        }
    }

    pub(super) fn monitor(&mut self, monitor: Monitor, watcher: Address, watched: Address) {
        if !self.is_alive(watcher) {
            return;
        }
        if !self.is_alive(watched) {
            let down = Effect::Down { to: watcher, monitor, who: watched, why: Reason::NoActor };
            return self.effects.push_back(down);
        }
        if let Some(process) = self.process(watched) {
            process.ties.watched_by.insert(monitor, watcher);
        }
        if let Some(process) = self.process(watcher) {
            process.ties.watches.insert(monitor, watched);
        }
    }

    pub(super) fn demonitor(&mut self, monitor: Monitor, watcher: Address) {
        let watched = self.process(watcher).and_then(|process| process.ties.watches.remove(&monitor));
        if let Some(process) = watched.and_then(|watched| self.process(watched)) {
            process.ties.watched_by.remove(&monitor);
        }
        // One that has fired and was not delivered yet: nothing of it may be left behind.
        self.effects.retain(
            |effect| !matches!(effect, Effect::Down { to, monitor: fired, .. } if *to == watcher && *fired == monitor),
        );
    }

    pub(super) fn register(&mut self, address: Address, name: Name) {
        if self.is_taken(&name) {
            return;
        }
        if let Some(process) = self.process(address).filter(|process| process.phase != Phase::Down) {
            process.ties.registered.insert(name.clone());
            self.bind(name, address);
        }
    }

    pub(super) fn unregister(&mut self, address: Address, name: &Name) {
        if self.process(address).is_some_and(|process| process.ties.registered.remove(name)) {
            self.unbind(name.clone());
        }
    }

    pub(super) fn bind(&mut self, name: Name, address: Address) {
        self.names.insert(name.clone(), address);
        self.effects.push_back(Effect::Bind { name, address });
    }

    pub(super) fn unbind(&mut self, name: Name) {
        self.names.remove(&name);
        self.effects.push_back(Effect::Unbind { name });
    }

    /// Unties an incarnation that is over, and tells those it was tied to. Its names are free before anyone is told.
    pub(super) fn sever(&mut self, address: Address, reason: &Reason) {
        let Some(ties) = self.process(address).map(|process| std::mem::take(&mut process.ties)) else { return };
        for name in ties.registered {
            self.unbind(name);
        }
        for (monitor, watched) in ties.watches {
            if let Some(process) = self.process(watched) {
                process.ties.watched_by.remove(&monitor);
            }
        }
        for (monitor, watcher) in ties.watched_by {
            if let Some(process) = self.process(watcher) {
                process.ties.watches.remove(&monitor);
                let down = Effect::Down { to: watcher, monitor, who: address, why: reason.clone() };
                self.effects.push_back(down);
            }
        }
        for linked in ties.links {
            if let Some(process) = self.process(linked) {
                process.ties.links.remove(&address);
                self.signal(address, linked, reason.clone());
            }
        }
    }

    /// An explicit exit signal (Erlang's `exit/2`).
    pub(super) fn exit(&mut self, from: Option<Address>, to: Address, reason: Reason) {
        if reason == Reason::Killed {
            return self.kill(to, Reason::Killed);
        }
        // `exit(self(), normal)` ends the caller; from anybody else `normal` does nothing.
        if from == Some(to) && !self.process(to).is_some_and(|process| process.ties.traps_exits) {
            return self.kill(to, reason);
        }
        self.signal(from.unwrap_or(to), to, reason);
    }

    /// An exit signal from `who` to `to`: told to who traps exits; else an abnormal one ends it.
    fn signal(&mut self, who: Address, to: Address, reason: Reason) {
        let Some(process) = self.process(to) else { return };
        if process.phase == Phase::Down {
            return;
        }
        if process.supervisor.is_some() {
            // Supervisors trap exits; only their own supervisor and an operator end them.
            return;
        }
        if process.ties.traps_exits {
            self.effects.push_back(Effect::Exited { to, who, why: reason });
        } else if reason != Reason::Normal {
            self.kill(to, reason);
        }
    }
}
