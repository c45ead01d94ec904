//! A changed manifest changes the tree in place (OTP's `supervisor:code_change/3`): changed actors at their next restart,
//! new ones when they are asked for, and removed ones run until they are stopped. A faulty manifest changes nothing.

use crate::blueprint::Blueprint;
use crate::handle::CallError;
use crate::report;
use crate::roster::Roster;
use crate::shared::Shared;
use greenroom_core::Name;
use greenroom_core::system::Input;
use greenroom_manifest::Plan;
use serde::Serialize;
use serde_json::json;
use std::sync::{Arc, PoisonError};

/// What a changed manifest has brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Amended {
    /// Actors and supervisors that are new: they start when asked for, with `restart-child` to their supervisor.
    pub added: Vec<String>,
    /// Those that are others from their next restart on.
    pub changed: Vec<String>,
    /// Those that are no longer in it: they run until they are stopped.
    pub removed: Vec<String>,
}

impl Amended {
    /// Whether nothing that counts has changed.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Reads the manifest again and changes the tree in place. Tells everybody what came of it, unless nothing has changed.
pub(crate) async fn amend(shared: &Arc<Shared>) -> Result<Amended, CallError> {
    let amended = attempt(shared).await;
    match &amended {
        Ok(amended) if amended.is_empty() => {}
        Ok(Amended { added, changed, removed }) => {
            let said =
                |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")));
            let parts = [
                said("changed at the next restart:", changed),
                said("new, to be started:", added),
                said("no longer in it:", removed),
            ];
            let text =
                format!("the manifest was taken in ({})", parts.into_iter().flatten().collect::<Vec<_>>().join("; "));
            let fields = json!({ "added": added, "changed": changed, "removed": removed });
            report::event(shared, "manifest-applied", &text, fields);
        }
        Err(error) => {
            let why = error.to_string();
            report::event(shared, "manifest-failed", &why, json!({ "why": why }));
        }
    }
    amended
}

async fn attempt(shared: &Arc<Shared>) -> Result<Amended, CallError> {
    let failed = |why: String| CallError::NotApplied(why);
    let Some(path) = shared.manifest.clone() else {
        return Err(failed("this host was started without a manifest's file".into()));
    };
    let profile = shared.profile.clone();
    // One at a time, and none in the middle of a swap.
    let _one = shared.swapping.lock().await;
    let _busy = shared.scheduler.busy();
    let reading = tokio::task::spawn_blocking(move || {
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        greenroom_manifest::parse(&text, &path, profile.as_deref()).map_err(|faults| faults.text(100, false))
    });
    let plan = reading.await.map_err(|error| failed(error.to_string()))?.map_err(failed)?;
    let before = shared.roster();
    let fixed = fixed(shared, &before, &plan);
    if !fixed.is_empty() {
        let what = fixed.join(", ");
        return Err(failed(format!("what has changed takes a new start of the host: {what}; nothing was changed")));
    }
    let after = Arc::new(Roster::of(&plan));
    let loading = (shared.clone(), before.clone(), after.clone());
    tokio::task::spawn_blocking(move || load(&loading.0, &loading.1, &loading.2))
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(failed)?;
    let amended = compare(&before, &after);
    for name in &amended.changed {
        let actor = name.parse().ok().and_then(|name: Name| after.actor(&name));
        let cell = shared.lookup(name).and_then(|address| shared.cells.get(address));
        if let (Some(actor), Some(cell)) = (actor, cell) {
            cell.amend(Blueprint::of(&actor.behavior));
        }
    }
    *shared.roster.write().unwrap_or_else(PoisonError::into_inner) = after.clone();
    // A tree that is the same brings back nobody whose spec is gone: a temporary child that has ended, or one deleted.
    let tree = after.tree();
    if tree != before.tree() {
        shared.control(Input::Reshape(tree));
    }
    Ok(amended)
}

/// What differs and cannot be changed while the host runs.
fn fixed(shared: &Shared, before: &Roster, plan: &Plan) -> Vec<String> {
    let mut fixed = Vec::new();
    let mut check = |same: bool, what: &str| {
        if !same {
            fixed.push(what.to_owned());
        }
    };
    // The address may have been chosen on the command line.
    let mut host = plan.host.clone();
    host.listen = shared.plan.host.listen;
    check(host == shared.plan.host, "[host]");
    check(plan.devices == shared.plan.devices, "[device.…]");
    check(plan.topics == shared.plan.topics, "[topic.…]");
    check(plan.routes == shared.plan.routes, "[route.…]");
    for actor in &plan.actors {
        let name = &actor.behavior.name;
        let known = before.actor(name);
        check(
            known.is_none_or(|known| known.behavior.mailbox == actor.behavior.mailbox),
            &format!("the mailbox of `{name}`"),
        );
        check(before.supervisor(name).is_none(), &format!("`{name}`, which was a supervisor"));
    }
    for supervisor in &plan.supervisors {
        let name = &supervisor.name;
        check(before.actor(name).is_none(), &format!("`{name}`, which was an actor"));
    }
    fixed
}

/// Loads what is new, and checks what has other grants, before anything is changed.
fn load(shared: &Shared, before: &Roster, after: &Roster) -> Result<(), String> {
    let mut wrong = Vec::new();
    shared.loader.assign(after);
    for behavior in after.running() {
        if before.running().any(|known| known == behavior) {
            continue;
        }
        match shared.loader.load(&behavior.source, behavior, &behavior.grants) {
            // What runs of it already changes by a swap, not by this.
            Ok(code) if shared.codes.get(&behavior.source).is_none() => {
                let actors = after.actors.iter().filter(|actor| actor.behavior.source == behavior.source).count();
                shared.loader.look_at_size(&code, actors.max(1));
                shared.codes.put(&behavior.source, &code, None, None);
            }
            Ok(_) => {}
            Err(error) => wrong.push(error.to_string()),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn compare(before: &Roster, after: &Roster) -> Amended {
    let names = |roster: &Roster| -> Vec<Name> {
        let supervisors = roster.supervisors().iter().map(|supervisor| supervisor.name.clone());
        roster.actors.iter().map(|actor| actor.behavior.name.clone()).chain(supervisors).collect()
    };
    let (old, new) = (names(before), names(after));
    let differs =
        |name: &&Name| before.actor(name) != after.actor(name) || before.supervisor(name) != after.supervisor(name);
    let text = |names: Vec<&Name>| names.into_iter().map(Name::to_string).collect();
    Amended {
        added: text(new.iter().filter(|name| !old.contains(name)).collect()),
        changed: text(new.iter().filter(|name| old.contains(name)).filter(differs).collect()),
        removed: text(old.iter().filter(|name| !new.contains(name)).collect()),
    }
}
