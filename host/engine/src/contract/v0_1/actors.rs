//! `actors`: spawning, ending and watching.

use super::bindings::greenroom::actor::actors::{Host, Options, Relation, SpawnError, Spawned};
use super::bindings::greenroom::actor::types::{Address, Reason};
use super::convert;
use crate::blueprint::{self, Blueprint};
use crate::body::Body;
use crate::cell::Cell;
use crate::guest::Guest;
use crate::turn::Effect;
use greenroom_core::system::{Input, Monitor};
use greenroom_core::{Grant, Name};
use greenroom_manifest::Config;
use std::sync::Arc;

impl Host for Guest {
    fn spawn(&mut self, behavior: String, config: String, options: Options) -> Result<Spawned, SpawnError> {
        // Before its grant: there is none for what the manifest has not.
        let known = self.shared.behavior(&behavior).ok_or(SpawnError::UnknownBehavior)?;
        let plan = &known.behavior;
        self.granted(Grant::Spawn(plan.name.clone())).map_err(SpawnError::NotGranted)?;
        let name = match options.name {
            Some(name) => {
                let name: Name =
                    name.parse().map_err(|e: greenroom_core::NameError| SpawnError::Invalid(e.to_string()))?;
                self.granted(Grant::Register(name.clone())).map_err(SpawnError::NotGranted)?;
                if self.shared.is_taken(&name) {
                    return Err(SpawnError::NameTaken);
                }
                Some(name)
            }
            None => None,
        };
        let grants = self.hand_on(&known.grants, options.grants)?;
        let config = merge(&known, &config)?;
        self.shared.has_room(plan).map_err(SpawnError::Limit)?;
        let address = self.shared.addresses.fresh();
        let called = name.as_ref().map_or_else(|| blueprint::called(&plan.name, address), Name::to_string);
        let body = Body::new(Blueprint { behavior: plan.clone(), grants, config });
        let monitor = options.relation.contains(Relation::MONITOR).then(|| self.shared.number());
        let link = options.relation.contains(Relation::LINK);
        let input = Input::Spawn { spawner: self.cell.address, address, name, link, monitor: monitor.map(Monitor) };
        if self.effect(Effect::Spawn(Box::new(input))) {
            // There from now on, so that it can be sent to; the turn takes it back if it fails.
            self.shared.cells.insert(Cell::new(address, called, self.shared.clone(), body));
        }
        Ok(Spawned { address: convert::address(address), monitor })
    }

    fn link(&mut self, to: Address) {
        self.effect(Effect::Control(Box::new(Input::Link(self.cell.address, convert::core_address(to)))));
    }

    fn unlink(&mut self, to: Address) {
        self.effect(Effect::Control(Box::new(Input::Unlink(self.cell.address, convert::core_address(to)))));
    }

    fn monitor(&mut self, whom: Address) -> u64 {
        let monitor = self.shared.number();
        let (watcher, watched) = (self.cell.address, convert::core_address(whom));
        self.effect(Effect::Control(Box::new(Input::Monitor { monitor: Monitor(monitor), watcher, watched })));
        monitor
    }

    fn demonitor(&mut self, monitor: u64) {
        let watcher = self.cell.address;
        self.effect(Effect::Control(Box::new(Input::Demonitor { monitor: Monitor(monitor), watcher })));
    }

    fn trap_exits(&mut self, on: bool) {
        self.effect(Effect::Control(Box::new(Input::TrapExits(self.cell.address, on))));
    }

    fn exit(&mut self, whom: Address, why: Reason) {
        let (from, to, reason) = (Some(self.cell.address), convert::core_address(whom), convert::core_reason(why));
        self.effect(Effect::Control(Box::new(Input::Exit { from, to, reason })));
    }
}

impl Guest {
    /// What a child may do: at most what this actor may. Asked for by name, a grant that this actor lacks is an error;
    /// otherwise it is what the behaviour asks for and this actor has.
    pub(super) fn hand_on(
        &self,
        wanted: &Arc<[Grant]>,
        asked: Option<Vec<String>>,
    ) -> Result<Arc<[Grant]>, SpawnError> {
        let Some(asked) = asked else {
            let has = |grant: &&Grant| self.grants.iter().any(|own| own.covers(grant));
            if wanted.iter().all(|grant| has(&grant)) {
                // Shared: there may be many.
                return Ok(wanted.clone());
            }
            return Ok(wanted.iter().filter(has).cloned().collect());
        };
        let mut grants = Vec::new();
        for text in asked {
            let grant: Grant =
                text.parse().map_err(|e: greenroom_core::GrantError| SpawnError::Invalid(e.to_string()))?;
            self.granted(grant.clone()).map_err(SpawnError::NotGranted)?;
            grants.push(grant);
        }
        Ok(grants.into())
    }
}

/// The behaviour's configuration with the spawner's over it.
pub(super) fn merge(base: &Blueprint, over: &str) -> Result<Arc<str>, SpawnError> {
    if over.trim().is_empty() {
        return Ok(base.config.clone());
    }
    let over: Config = serde_json::from_str(over)
        .map_err(|error| SpawnError::Invalid(format!("the configuration is no JSON object: {error}")))?;
    Ok(base.with(over).config)
}
