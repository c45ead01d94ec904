//! What actors are made of: the manifest's, and those that supervisors are ordered to start.

use crate::body::Body;
use crate::cell::Cell;
use crate::shared::Shared;
use greenroom_core::system;
use greenroom_core::{Address, Grant, Name};
use greenroom_manifest::{Behavior, Config};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What an actor is made of.
#[derive(Debug, Clone)]
pub(crate) struct Blueprint {
    pub(crate) behavior: Arc<Behavior>,
    pub(crate) grants: Arc<[Grant]>,
    pub(crate) config: Arc<str>,
}

/// Blueprints of actors that the manifest does not name, from the order to the making.
#[derive(Debug, Default)]
pub(crate) struct Blueprints {
    waiting: Mutex<HashMap<u64, Blueprint>>,
}

/// The manifest's actors have none of their own: they are found by name.
pub(crate) const NAMED: system::Blueprint = system::Blueprint(0);

impl Shared {
    /// Makes an actor that is supervised, at the address that the core has given it.
    pub(crate) fn create(self: &Arc<Self>, address: Address, name: Option<Name>, blueprint: system::Blueprint) {
        let made_of = match &name {
            Some(name) if blueprint == NAMED => self.roster().actor(name).map(|actor| Blueprint::of(&actor.behavior)),
            _ => self.blueprints.take(blueprint.0),
        };
        let Some(made_of) = made_of else { return };
        let called = name.map_or_else(|| called(&made_of.behavior.name, address), |name| name.to_string());
        let body = Body::new(made_of);
        self.cells.insert(Cell::new(address, called, self.clone(), body));
    }
}

/// What people call an actor without a name.
pub(crate) fn called(behavior: &Name, address: Address) -> String {
    format!("{behavior}-{:08x}", address.key >> 32)
}

impl Blueprint {
    /// A behaviour as the manifest has it.
    pub(crate) fn of(behavior: &Behavior) -> Self {
        Self {
            grants: behavior.grants.clone().into(),
            behavior: Arc::new(behavior.clone()),
            config: Value::Object(behavior.config.clone()).to_string().into(),
        }
    }

    /// The same, with this over the behaviour's configuration. What is the same is shared: there may be many of it.
    pub(crate) fn with(&self, over: Config) -> Self {
        if over.is_empty() {
            return self.clone();
        }
        let mut config = self.behavior.config.clone();
        config.extend(over);
        Self { config: Value::Object(config).to_string().into(), ..self.clone() }
    }
}

impl Blueprints {
    pub(crate) fn put(&self, number: u64, blueprint: Blueprint) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(number, blueprint);
    }

    pub(crate) fn take(&self, number: u64) -> Option<Blueprint> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&number)
    }
}
