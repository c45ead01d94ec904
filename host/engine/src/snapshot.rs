//! How the host's pictures of itself are taken: from the control plane's tree and the actors' own figures.

use crate::cell::Cell;
use crate::handle::Handle;
use crate::orders::{restart, state};
use crate::view::{ActorView, Node, Quarantine, SupervisorView};
use greenroom_core::system::{Phase, ProcessView, Standing};
use greenroom_core::{AutoShutdown, GiveUp, Instant, Name, Strategy};
use std::sync::atomic::{AtomicU64, Ordering};

impl Handle {
    /// Whether every actor and supervisor runs, or has ended as its supervisor's rules have it. The error names the first
    /// that starts, stops, is restarted or is in quarantine.
    pub fn healthy(&self) -> Result<(), String> {
        let tree = self.processes();
        let mut walk = vec![&tree];
        while let Some(process) = walk.pop() {
            let settled = process.phase == Phase::Down && process.standing == Standing::Settled;
            if process.phase != Phase::Running && (!settled || process.restart.is_none()) {
                let name = process.name.as_ref().map_or_else(|| self.shared.called(process.address), Name::to_string);
                return Err(format!("`{name}` is {}", state(process.phase, &process.standing)));
            }
            walk.extend(&process.children);
        }
        Ok(())
    }

    pub(crate) fn node(&self, process: &ProcessView) -> Node {
        let cell = self.shared.cells.get(process.address);
        let name = match (&process.name, &cell) {
            (Some(name), _) => name.to_string(),
            (None, Some(cell)) => cell.name.clone(),
            (None, None) => "root".to_owned(),
        };
        Node {
            name,
            address: process.address.to_string(),
            state: match &cell {
                // To all others it runs.
                Some(cell) if process.phase == Phase::Running && cell.seen().asleep().is_some() => "asleep",
                _ => state(process.phase, &process.standing),
            },
            restart: process.restart.map(restart),
            next_start_seconds: match process.standing {
                Standing::Restarting(Some(due)) => Some(due.since(self.shared.now()).as_secs_f64()),
                _ => None,
            },
            quarantine: match &process.standing {
                Standing::Parked(parked) => Some(Quarantine {
                    reason: parked.reason.to_string(),
                    restarts: parked.restarts,
                    since_seconds: self.shared.now().since(parked.since).as_secs_f64(),
                }),
                _ => None,
            },
            supervisor: process.supervisor.map(|supervisor| SupervisorView {
                strategy: match supervisor.strategy {
                    Some(Strategy::OneForOne) => "one-for-one",
                    Some(Strategy::OneForAll) => "one-for-all",
                    Some(Strategy::RestForOne) => "rest-for-one",
                    None => "dynamic",
                },
                on_give_up: match supervisor.flags.give_up {
                    GiveUp::Exit => "exit",
                    GiveUp::Quarantine => "quarantine",
                },
                auto_shutdown: match supervisor.flags.auto_shutdown {
                    AutoShutdown::Never => "never",
                    AutoShutdown::Any => "any",
                    AutoShutdown::All => "all",
                },
                restarts_in_window: supervisor.restarts,
                restarts_limit: supervisor.flags.intensity.restarts,
                window_seconds: supervisor.flags.intensity.within.as_secs_f64(),
            }),
            actor: cell.map(|cell| self.actor(&cell, process)),
            children: process.children.iter().map(|child| self.node(child)).collect(),
        }
    }

    fn actor(&self, cell: &Cell, process: &ProcessView) -> ActorView {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let handling = cell.handling.look();
        let since = |nanoseconds| self.shared.now().since(Instant::from_nanos(nanoseconds)).as_secs_f64();
        let seen = cell.seen();
        let behavior = seen.behavior.as_ref();
        ActorView {
            behavior: behavior.map(|behavior| behavior.name.to_string()).unwrap_or_default(),
            source: behavior.map(|behavior| behavior.source.display().to_string()).unwrap_or_default(),
            digest: seen.digest.map(|digest| digest.short()),
            incarnation: process.incarnation,
            restarts: get(&cell.stats.restarts),
            turns: get(&cell.stats.turns),
            waiting: cell.mailbox.waiting(),
            mailbox_limit: cell.mailbox.limit(),
            dropped: get(&cell.stats.dropped),
            busy_seconds: handling.as_ref().map(|(_, began)| since(*began)),
            handling: handling.map(|(kind, _)| kind),
            memory_bytes: get(&cell.stats.memory),
            last_end: seen.last_end.as_ref().map(ToString::to_string),
            grants: cell.grants().iter().map(ToString::to_string).collect(),
        }
    }
}
