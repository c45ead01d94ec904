//! `become`: another behaviour for this incarnation, at the same address. Its messages wait meanwhile.

use super::build::instantiate;
use super::switch::{Swap, perform};
use super::{Failed, failed};
use crate::blueprint::Blueprint;
use crate::body::{Body, Life};
use crate::cell::Cell;
use crate::instance::Outcome;
use crate::signal::Signal;
use greenroom_core::{Grant, Reason};
use std::sync::Arc;

/// Builds the behaviour that an actor wants to become.
pub(crate) fn begin_to_become(body: &Body, cell: &Arc<Cell>, incarnation: u64, behavior: &str) -> Result<(), String> {
    let Some(plan) = cell.shared.behavior(behavior) else {
        return Err(format!("the manifest has no [behavior.{behavior}]"));
    };
    let Blueprint { behavior: plan, config, .. } = plan;
    let wanted = Grant::Spawn(plan.name.clone());
    if !body.grants.iter().any(|grant| grant.covers(&wanted)) {
        return Err(format!("the manifest does not allow it: add \"{wanted}\" to its `grant`"));
    }
    let (cell, grants) = (cell.clone(), body.grants.clone());
    let busy = cell.shared.scheduler.busy();
    let runtime = cell.shared.runtime.clone();
    runtime.spawn_blocking(move || {
        let _busy = busy;
        let code = match cell.shared.codes.get(&plan.source) {
            Some(active) => Ok(active.code),
            None => cell.shared.loader.load(&plan.source, &plan, &grants),
        };
        let built = code
            .map_err(|error| failed(error.stage(), error.to_string()))
            .and_then(|code| instantiate(&cell, &code, plan.clone(), grants, config));
        cell.signal(match built {
            Ok(swap) => Signal::Swap(Box::new(swap)),
            Err(Failed { why, .. }) => {
                let reason = Reason::Failed(format!("it could not become `{}`: {why}", plan.name));
                Signal::Kill { incarnation, reason }
            }
        });
    });
    Ok(())
}

/// The actor is the other behaviour from now on.
pub(super) fn take_over(body: &mut Body, cell: &Arc<Cell>, mut swap: Swap) {
    // Ended and started again meanwhile: nobody wants to become anything any more.
    let Life::Becoming = &body.life else { return };
    let now = cell.shared.codes.get(&swap.behavior.source);
    if now.as_ref().is_some_and(|now| now.code.digest != swap.instance.code.digest) {
        // A new build of it came meanwhile.
        let behavior = swap.behavior.name.to_string();
        return body.begin_to_become(cell, &behavior);
    }
    match perform(&mut swap.instance, &crate::instance::Job::Init, cell, "start") {
        Ok(Outcome::Ignore) => {
            // As at a start that finds nothing to do: the turn ended well.
            swap.instance.take_turn().commit(&cell.shared, cell);
            body.end(cell, Reason::Normal);
        }
        Ok(_) => {
            body.becomes(&swap);
            body.join(&now.map(|now| now.trials).unwrap_or_default());
            let mut instance = swap.instance;
            let mut turn = instance.take_turn();
            body.go_on_with(cell, instance);
            turn.commit(&cell.shared, cell);
            body.put_back(cell);
        }
        Err(Failed { why, .. }) => {
            let why = format!("it could not become `{}`: {why}", swap.behavior.name);
            body.end(cell, Reason::Failed(why));
        }
    }
}
