//! Taking new code over: a new build of the same behaviour, or another behaviour at the same address.
//!
//! The new code is read, compiled, checked and instantiated beside the old one, off the threads that run turns
//! ([`reload`]). Between two turns the actor then takes it over ([`take_over`]). Whatever fails before that leaves the old
//! code running as it was.

use crate::body::{Body, Life};
use crate::cell::Cell;
use crate::component::{Code, Digest, Loader};
use crate::contract::v0_1::exports::Occasion;
use crate::driver::Control;
use crate::guest::Guest;
use crate::handle::Reloaded;
use crate::instance::{Instance, Job, Outcome, poll_once};
use crate::report;
use crate::signal::Signal;
use greenroom_core::system::Input;
use greenroom_core::{Grant, Reason};
use greenroom_manifest::{Behavior, Keep};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;

/// New code, ready to take over.
#[derive(Debug)]
pub(crate) struct Swap {
    instance: Box<Instance>,
    /// Versions of state that it takes.
    accepts: Vec<u32>,
    pub(crate) behavior: Arc<Behavior>,
    pub(crate) config: Arc<str>,
    purpose: Purpose,
}

#[derive(Debug)]
enum Purpose {
    /// A new build: whoever wants it is told what became of it.
    Reload(oneshot::Sender<Result<State, Failed>>),
    /// Another behaviour, for this incarnation.
    Become,
}

/// What became of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Kept,
    Fresh,
}

/// Where a swap failed, and why.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) stage: &'static str,
    pub(crate) why: String,
}

fn failed(stage: &'static str, why: impl Into<String>) -> Failed {
    Failed { stage, why: why.into() }
}

/// Reads an actor's component again, and has the actor take it over if it is new. Tells everybody what came of it.
pub(crate) async fn reload(cell: &Arc<Cell>) -> Result<Reloaded, Failed> {
    let shared = cell.shared.clone();
    // One at a time: builds don't race each other for an actor.
    let _one = shared.swapping.lock().await;
    let _busy = shared.scheduler.busy();
    let began = std::time::Instant::now();
    let (behavior, from) = {
        let seen = cell.seen();
        (seen.behavior.clone(), seen.digest)
    };
    let Some(behavior) = behavior else { return Err(failed("start", "the actor has no behaviour yet: try again")) };
    let short = |digest: Option<Digest>| digest.map_or_else(|| "none".into(), |digest| digest.short());
    let result = swap(cell, behavior, from).await;
    let milliseconds = began.elapsed().as_secs_f64() * 1e3;
    match result {
        Ok(None) => Ok(Reloaded { from: short(from), to: short(from), state: "unchanged", milliseconds }),
        Ok(Some((to, state))) => {
            shared.counts.swaps.fetch_add(1, Ordering::Relaxed);
            let state = if state == State::Kept { "kept" } else { "fresh" };
            let reloaded = Reloaded { from: short(from), to: to.short(), state, milliseconds };
            report::swapped(&shared, cell, &reloaded);
            Ok(reloaded)
        }
        Err(failed) => {
            shared.counts.swaps_failed.fetch_add(1, Ordering::Relaxed);
            report::swap_failed(&shared, cell, &failed);
            Err(failed)
        }
    }
}

async fn swap(
    cell: &Arc<Cell>,
    behavior: Arc<Behavior>,
    from: Option<Digest>,
) -> Result<Option<(Digest, State)>, Failed> {
    let building = cell.clone();
    let built = cell.shared.runtime.spawn_blocking(move || {
        let bytes = Loader::read(&behavior.source).map_err(|error| failed(error.stage(), error.to_string()))?;
        if Some(Digest::of(&bytes)) == from {
            return Ok(None);
        }
        let grants = building.grants();
        let loader = &building.shared.loader;
        let code = loader
            .prepare(&behavior.source, &bytes, behavior.name.as_str(), &grants)
            .map_err(|error| failed(error.stage(), error.to_string()))?;
        let (instance, accepts) = instantiate(&building, &code, &behavior, grants, building.config())?;
        let config = building.config();
        Ok(Some((code, instance, accepts, behavior, config)))
    });
    let Some((code, instance, accepts, behavior, config)) =
        built.await.map_err(|error| failed("compile", format!("the compiler ended: {error}")))??
    else {
        return Ok(None);
    };
    let (sender, taken) = oneshot::channel();
    let swap = Swap { instance, accepts, behavior, config, purpose: Purpose::Reload(sender) };
    cell.signal(Signal::Swap(Box::new(swap)));
    let state = taken.await.map_err(|_| failed("start", "the actor ended meanwhile"))??;
    Ok(Some((code.digest, state)))
}

/// Makes an instance beside the one that runs, and asks it which states it takes.
fn instantiate(
    cell: &Arc<Cell>,
    code: &Arc<Code>,
    behavior: &Arc<Behavior>,
    grants: Arc<[Grant]>,
    config: Arc<str>,
) -> Result<(Box<Instance>, Vec<u32>), Failed> {
    let _running = cell.shared.scheduler.running();
    let guest = Guest::new(cell, behavior.clone(), grants, config);
    let mut instance = Instance::new(code, guest).map_err(|error| failed(error.stage(), error.to_string()))?;
    let accepts = instance.accepts().map_err(|reason| failed("state", reason.to_string()))?;
    Ok((instance, accepts))
}

/// Between two turns: the new code takes the actor over, or the old one goes on.
pub(crate) fn take_over(body: &mut Body, cell: &Arc<Cell>, mut swap: Swap) {
    match std::mem::replace(&mut swap.purpose, Purpose::Become) {
        Purpose::Become => become_it(body, cell, swap),
        Purpose::Reload(sender) => {
            let result = new_build(body, cell, swap);
            // Whoever asked for it may be gone; the event tells everybody else.
            drop(sender.send(result));
        }
    }
}

fn new_build(body: &mut Body, cell: &Arc<Cell>, swap: Swap) -> Result<State, Failed> {
    if swap.behavior.name != body.behavior.name {
        return Err(failed("start", "the actor has become another behaviour: try again"));
    }
    match &body.life {
        // Between two incarnations: the next one starts with it.
        Life::Down => {
            cell.shared.use_code(&swap.behavior.source, &swap.instance.code);
            cell.shared.control(Control::Input(Input::Release(cell.address)));
            Ok(State::Fresh)
        }
        Life::Up(old) if old.has_state() && swap.instance.has_state() => with_state(body, cell, swap),
        Life::Up(_) => afresh(body, cell, swap),
        Life::Waiting(_) | Life::Becoming => Err(failed("start", "the actor is in the middle of a turn: try again")),
    }
}

/// The new code goes on with the old one's state, and with everything that the actor has set up.
fn with_state(body: &mut Body, cell: &Arc<Cell>, swap: Swap) -> Result<State, Failed> {
    let Life::Up(old) = &mut body.life else { return Err(failed("state", "the actor does not run")) };
    let saved = match old.save() {
        Ok(Some(Ok(saved))) => saved,
        Ok(Some(Err(why))) => return Err(failed("state", format!("the running code could not save its state: {why}"))),
        Ok(None) => return Err(failed("state", "the running code has no state")),
        Err(reason) => {
            report::fault(&cell.shared, cell, &reason, None);
            body.end(cell, reason.clone());
            return Err(failed("state", format!("the running code ended when it was to save its state: {reason}")));
        }
    };
    if !swap.accepts.contains(&saved.version) {
        let takes = swap.accepts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        let why = format!(
            "the running code's state has version {}, and the new code takes {takes}: teach it to upgrade from {}",
            saved.version, saved.version
        );
        return Err(failed("state", why));
    }
    let mut instance = swap.instance;
    perform(&mut instance, &Job::Restore(Occasion::Swapped, saved.clone()), cell, "state")?;
    if body.behavior.keep == Keep::Restarts {
        body.kept = Some(saved);
    }
    let turn = instance.take_turn();
    cell.shared.use_code(&swap.behavior.source, &instance.code);
    body.go_on_with(cell, instance);
    turn.commit(&cell.shared, cell);
    Ok(State::Kept)
}

/// The new code begins afresh: to everybody else the actor was restarted.
fn afresh(body: &mut Body, cell: &Arc<Cell>, swap: Swap) -> Result<State, Failed> {
    let mut instance = swap.instance;
    let outcome = perform(&mut instance, &Job::Init, cell, "start")?;
    if matches!(outcome, Outcome::Ignore) {
        instance.take_turn().abort(&cell.shared, cell);
        return Err(failed("start", "the new code has nothing to do: its `init` says `ignore`"));
    }
    let turn = instance.take_turn();
    cell.shared.devices.release(cell.address, "new code without the old one's state");
    turn.claim_again(&cell.shared, cell);
    body.untie(cell);
    cell.next_generation();
    cell.shared.control(Control::Input(Input::Renewed { address: cell.address }));
    cell.shared.use_code(&swap.behavior.source, &instance.code);
    body.kept = None;
    body.go_on_with(cell, instance);
    body.put_back(cell);
    turn.commit(&cell.shared, cell);
    Ok(State::Fresh)
}

/// A turn of the new code, whose effects are committed when it has taken over.
fn perform(instance: &mut Instance, job: &Job, cell: &Arc<Cell>, stage: &'static str) -> Result<Outcome, Failed> {
    let result =
        poll_once(instance.perform(job)).unwrap_or_else(|| Err(Reason::Failed("it asks before it runs".into())));
    result.map_err(|reason| {
        instance.take_turn().abort(&cell.shared, cell);
        failed(stage, reason.to_string())
    })
}

/// Builds the behaviour that an actor wants to become. Its messages wait meanwhile.
pub(crate) fn begin_to_become(body: &Body, cell: &Arc<Cell>, incarnation: u64, behavior: &str) -> Result<(), String> {
    let Some(plan) = cell.shared.behavior(behavior) else {
        return Err(format!("the manifest has no [behavior.{behavior}]"));
    };
    let wanted = Grant::Spawn(plan.name.clone());
    if !body.grants.iter().any(|grant| grant.covers(&wanted)) {
        return Err(format!("the manifest does not allow it: add \"{wanted}\" to its `grant`"));
    }
    let plan = Arc::new(plan);
    let config: Arc<str> = serde_json::Value::Object(plan.config.clone()).to_string().into();
    let (cell, grants) = (cell.clone(), body.grants.clone());
    let busy = cell.shared.scheduler.busy();
    let runtime = cell.shared.runtime.clone();
    runtime.spawn_blocking(move || {
        let _busy = busy;
        let code = match cell.shared.code(&plan.source) {
            Some(code) => Ok(code),
            None => cell.shared.loader.load(&plan.source, plan.name.as_str(), &grants),
        };
        let built = code.map_err(|error| failed(error.stage(), error.to_string())).and_then(|code| {
            let (instance, accepts) = instantiate(&cell, &code, &plan, grants, config.clone())?;
            Ok(Swap { instance, accepts, behavior: plan.clone(), config, purpose: Purpose::Become })
        });
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

fn become_it(body: &mut Body, cell: &Arc<Cell>, mut swap: Swap) {
    // Ended and started again meanwhile: nobody wants to become anything any more.
    let Life::Becoming = &body.life else { return };
    match perform(&mut swap.instance, &Job::Init, cell, "start") {
        Ok(Outcome::Ignore) => {
            // As at a start that finds nothing to do: the turn ended well.
            swap.instance.take_turn().commit(&cell.shared, cell);
            body.end(cell, Reason::Normal);
        }
        Ok(_) => {
            body.becomes(&swap);
            let mut instance = swap.instance;
            let turn = instance.take_turn();
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
