//! What actors are made of: the manifest's, and those that supervisors are ordered to start.

use crate::body::Body;
use crate::cell::Cell;
use crate::shared::Shared;
use greenroom_core::system::{self, ChildSpec, What};
use greenroom_core::{Address, Grant, Name};
use greenroom_manifest::{Behavior, Config, Plan, Rule};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What an actor is made of.
#[derive(Debug, Clone)]
pub(crate) struct Blueprint {
    behavior: Arc<Behavior>,
    grants: Arc<[Grant]>,
    config: Arc<str>,
}

/// Blueprints of actors that the manifest does not name, from the order to the making.
#[derive(Debug, Default)]
pub(crate) struct Blueprints {
    waiting: Mutex<HashMap<u64, Blueprint>>,
}

/// Their numbers begin here: those below are places in the manifest's list of actors.
pub(crate) const ORDERED: u64 = 1 << 32;

impl Shared {
    /// Makes an actor that is supervised, at the address that the core has given it.
    pub(crate) fn create(self: &Arc<Self>, address: Address, name: Option<Name>, blueprint: system::Blueprint) {
        let made_of = match self.plan.actors.get(usize::try_from(blueprint.0).unwrap_or(usize::MAX)) {
            Some(actor) => Some(Blueprint::new(&actor.behavior, Config::new())),
            None => self.blueprints.take(blueprint.0),
        };
        let Some(Blueprint { behavior, grants, config }) = made_of else { return };
        let called = name.map_or_else(|| called(&behavior.name, address), |name| name.to_string());
        let body = Body::new(behavior, grants, config);
        self.cells.insert(Cell::new(address, called, self.clone(), body));
    }
}

/// What people call an actor without a name.
pub(crate) fn called(behavior: &Name, address: Address) -> String {
    format!("{behavior}-{:08x}", address.key >> 32)
}

impl Blueprint {
    /// A behaviour, with this over its configuration.
    pub(crate) fn new(behavior: &Behavior, over: Config) -> Self {
        let mut config = behavior.config.clone();
        config.extend(over);
        Self {
            grants: behavior.grants.clone().into(),
            behavior: Arc::new(behavior.clone()),
            config: Value::Object(config).to_string().into(),
        }
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

/// The plan's tree, as the core wants it.
pub(crate) fn tree(plan: &Plan) -> Vec<ChildSpec> {
    plan.root.iter().filter_map(|name| child(plan, name)).collect()
}

fn child(plan: &Plan, name: &Name) -> Option<ChildSpec> {
    let name = name.clone();
    if let Some(place) = plan.actors.iter().position(|actor| actor.behavior.name == name) {
        let actor = &plan.actors[place];
        let (restart, shutdown, significant) = (actor.restart, actor.shutdown, actor.significant);
        let what = What::Worker(system::Blueprint(place as u64));
        return Some(ChildSpec { name, restart, shutdown, significant, what });
    }
    let supervisor = plan.supervisors.iter().find(|supervisor| supervisor.name == name)?;
    let flags = supervisor.flags;
    let what = match &supervisor.rule {
        Rule::Static(strategy, children) => {
            let children = children.iter().filter_map(|name| child(plan, name)).collect();
            What::Supervisor { strategy: *strategy, flags, children }
        }
        Rule::Dynamic(template) => What::Dynamic {
            flags,
            template: system::Template {
                restart: template.restart,
                shutdown: template.shutdown,
                significant: template.significant,
            },
        },
    };
    let (restart, shutdown, significant) = (supervisor.restart, supervisor.shutdown, supervisor.significant);
    Some(ChildSpec { name, restart, shutdown, significant, what })
}
