//! Who the manifest has act: the part of it that may change while the host runs.

use crate::blueprint::{Blueprint, NAMED};
use crate::shared::Shared;
use greenroom_core::Name;
use greenroom_core::system::{self, ChildSpec, What};
use greenroom_manifest::{Actor, Behavior, Plan, Rule, Supervisor};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

/// The actors, behaviours and supervisors.
#[derive(Debug)]
pub(crate) struct Roster {
    pub(crate) actors: Vec<Actor>,
    /// Ready to be shared by all that are made of them.
    pub(crate) behaviors: Vec<Blueprint>,
    supervisors: Vec<Supervisor>,
    root: Vec<Name>,
}

impl Roster {
    pub(crate) fn of(plan: &Plan) -> Self {
        Self {
            actors: plan.actors.clone(),
            behaviors: plan.behaviors.iter().map(Blueprint::of).collect(),
            supervisors: plan.supervisors.clone(),
            root: plan.root.clone(),
        }
    }

    pub(crate) fn actor(&self, name: &Name) -> Option<&Actor> {
        self.actors.iter().find(|actor| actor.behavior.name == *name)
    }

    pub(crate) fn behavior(&self, name: &str) -> Option<&Blueprint> {
        self.behaviors.iter().find(|known| known.behavior.name.as_str() == name)
    }

    pub(crate) fn supervisor(&self, name: &Name) -> Option<&Supervisor> {
        self.supervisors.iter().find(|supervisor| supervisor.name == *name)
    }

    pub(crate) fn supervisors(&self) -> &[Supervisor] {
        &self.supervisors
    }

    /// Everything that runs a component.
    pub(crate) fn running(&self) -> impl Iterator<Item = &Behavior> {
        self.actors.iter().map(|actor| &actor.behavior).chain(self.behaviors.iter().map(|known| &*known.behavior))
    }

    /// The components' files.
    pub(crate) fn sources(&self) -> impl Iterator<Item = PathBuf> {
        self.running().map(|behavior| behavior.source.clone())
    }

    /// The tree, as the core wants it.
    pub(crate) fn tree(&self) -> Vec<ChildSpec> {
        self.root.iter().filter_map(|name| self.child(name)).collect()
    }

    fn child(&self, name: &Name) -> Option<ChildSpec> {
        let name = name.clone();
        if let Some(actor) = self.actor(&name) {
            let (restart, shutdown, significant) = (actor.restart, actor.shutdown, actor.significant);
            let what = What::Worker(NAMED);
            return Some(ChildSpec { name, restart, shutdown, significant, what });
        }
        let supervisor = self.supervisor(&name)?;
        let flags = supervisor.flags;
        let what = match &supervisor.rule {
            Rule::Static(strategy, children) => {
                let children = children.iter().filter_map(|name| self.child(name)).collect();
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
}

impl Shared {
    /// Who acts now.
    pub(crate) fn roster(&self) -> Arc<Roster> {
        self.roster.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
