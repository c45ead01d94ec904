//! What the control plane shows of itself.

use super::supervisor::Rule;
use super::{Phase, Standing, System};
use crate::{Address, Flags, Name, Restart, Strategy};

/// A process, with what is beneath it.
#[derive(Debug, Clone)]
pub struct ProcessView {
    /// Its address.
    pub address: Address,
    /// Its name, if it has one.
    pub name: Option<Name>,
    /// Where it is in its life.
    pub phase: Phase,
    /// The number of its current or last incarnation.
    pub incarnation: u64,
    /// Whether an actor spawned it: no supervisor restarts it.
    pub spawned: bool,
    /// When its supervisor restarts it; none for what an actor spawned, and for the root.
    pub restart: Option<Restart>,
    /// What its supervisor has in mind with it.
    pub standing: Standing,
    /// What only a supervisor has.
    pub supervisor: Option<SupervisorView>,
    /// What it supervises, in start order; under an actor, what it has spawned and is alive.
    pub children: Vec<ProcessView>,
}

/// A supervisor's own.
#[derive(Debug, Clone, Copy)]
pub struct SupervisorView {
    /// Which children are restarted when one ends; none for a dynamic supervisor.
    pub strategy: Option<Strategy>,
    /// What it does beside that.
    pub flags: Flags,
    /// Restarts in the window now.
    pub restarts: u32,
}

impl System {
    /// One process, without what is beneath it.
    pub fn show(&self, address: Address) -> Option<ProcessView> {
        self.processes.contains_key(&address).then(|| self.view(address))
    }

    /// The whole tree. What was spawned by an actor that is gone stands beneath the root.
    pub fn tree(&self) -> ProcessView {
        let mut spawned: Vec<(Address, Address)> = self
            .processes
            .iter()
            .filter_map(|(address, process)| {
                let spawner = process.spawner?;
                let shown = if self.processes.contains_key(&spawner) { spawner } else { self.root };
                Some((shown, *address))
            })
            .collect();
        spawned.sort_unstable();
        // Each after those above it, with where those are.
        let mut views: Vec<(ProcessView, usize)> = Vec::new();
        let mut left = vec![(self.root, 0)];
        while let Some((address, above)) = left.pop() {
            let at = views.len();
            views.push((self.view(address), above));
            left.extend(self.below(address, &spawned).map(|child| (child, at)));
        }
        loop {
            match views.pop() {
                Some((root, _)) if views.is_empty() => return root,
                Some((view, above)) => views[above].0.children.push(view),
                None => return self.view(self.root),
            }
        }
    }

    /// What stands beneath a process, in order.
    fn below(&self, address: Address, spawned: &[(Address, Address)]) -> impl Iterator<Item = Address> {
        let supervisor = self.processes.get(&address).and_then(|process| process.supervisor.as_ref());
        let supervised = supervisor.into_iter().flat_map(|s| s.children.addresses());
        let from = spawned.partition_point(|(spawner, _)| *spawner < address);
        let own = spawned[from..].iter().take_while(move |(spawner, _)| *spawner == address).map(|(_, child)| *child);
        supervised.chain(own)
    }

    fn view(&self, address: Address) -> ProcessView {
        let process = self.processes.get(&address);
        let supervisor = process.and_then(|process| process.supervisor.as_ref());
        let parent = process.and_then(|process| self.processes.get(&process.parent?)?.supervisor.as_ref());
        let child = parent.and_then(|parent| parent.children.get(address));
        ProcessView {
            address,
            name: process.and_then(|process| process.name.clone()),
            phase: process.map_or(Phase::Down, |process| process.phase),
            incarnation: process.map_or(0, |process| process.incarnation),
            spawned: process.is_some_and(|process| process.spawner.is_some()),
            restart: child.map(|child| child.restart),
            standing: child.map(|child| child.standing.clone()).unwrap_or_default(),
            supervisor: supervisor.map(|s| SupervisorView {
                strategy: match s.rule {
                    Rule::Static { strategy, .. } => Some(strategy),
                    Rule::Dynamic(_) => None,
                },
                flags: s.flags,
                restarts: s.budget.in_window(self.now),
            }),
            children: Vec::new(),
        }
    }
}
