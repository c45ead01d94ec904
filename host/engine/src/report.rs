//! What people are told: lifecycle events on `greenroom/events`, logs on `greenroom/logs`, the tree on `greenroom/tree`.
//! Beside a message's path: told by turns, the driver, swaps and devices; read from the hub by the server's streams.

mod lifecycle;

pub(crate) use lifecycle::ended;

use crate::cell::Cell;
use crate::component::Digest;
use crate::devices::Notice as DeviceNotice;
use crate::handle::{Handle, Reloaded};
use crate::hub::Entry;
use crate::shadow::report::Finding;
use crate::shared::Shared;
use crate::swap::Failed;
use crate::swap::trial::Trial;
use greenroom_core::system::Notice;
use greenroom_core::{Address, Content, Envelope, Kind, Reason, Topic};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock, PoisonError, Weak};
use std::time::Duration;

/// The longest log line, in bytes.
const LINE: usize = 8 * 1024;

struct Topics {
    events: Topic,
    logs: Topic,
    tree: Topic,
}

fn topics() -> &'static Topics {
    static TOPICS: OnceLock<Topics> = OnceLock::new();
    let topic = |text: &str| text.parse().unwrap_or_else(|error| unreachable!("{text}: {error}"));
    TOPICS.get_or_init(|| Topics {
        events: topic("greenroom/events"),
        logs: topic("greenroom/logs"),
        tree: topic("greenroom/tree"),
    })
}

fn kind(text: &str) -> Kind {
    text.parse().unwrap_or_else(|error| unreachable!("{text}: {error}"))
}

fn publish(shared: &Shared, topic: &Topic, word: &str, body: &Value) {
    shared.hub.publish(topic, &kind(word), body.to_string().into());
}

/// An event that is about no actor, or not only.
pub(crate) fn event(shared: &Shared, word: &str, text: &str, fields: Value) {
    let mut body = json!({ "text": text });
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields);
    }
    publish(shared, &topics().events, word, &body);
}

fn actor_event(shared: &Shared, cell: &Cell, word: &str, text: &str, fields: Value) {
    let mut body = json!({
        "actor": cell.name,
        "address": cell.address.to_string(),
        "incarnation": cell.stats.incarnation.load(Ordering::Relaxed),
    });
    if let (Value::Object(body), Value::Object(fields)) = (&mut body, fields) {
        body.extend(fields);
    }
    event(shared, word, text, body);
}

/// A line of an actor's log. One that writes more than its share loses lines, counted.
pub(crate) fn log(shared: &Shared, cell: &Cell, level: &str, text: &str) {
    let Some(lost) = cell.log_share(shared.now()) else { return };
    let cut = text.floor_char_boundary(LINE.min(text.len()));
    let body = |text: &str| json!({ "actor": cell.name, "address": cell.address.to_string(), "text": text });
    if lost > 0 {
        let text = format!("{lost} lines were lost: the actor writes more than its share");
        publish(shared, &topics().logs, "warn", &body(&text));
    }
    publish(shared, &topics().logs, level, &body(&text[..cut]));
}

/// What the core tells.
pub(crate) fn notice(shared: &Shared, notice: &Notice) {
    let name = |address: &Address| process_name(shared, *address);
    match notice {
        Notice::Started(address) => match shared.cells.get(*address) {
            Some(cell) => lifecycle::started(shared, &cell),
            None => {
                event(shared, "started", &format!("{} runs", name(address)), json!({ "actor": name(address) }));
                shared.root_up.notify_one();
            }
        },
        Notice::Ended(address, reason) => match shared.cells.get(*address) {
            // An actor's end is told by the turn that it ended in, which knows more about it; one that ended before it
            // began had none: its name was taken meanwhile, or who it was linked to had ended.
            Some(cell) if cell.stats.incarnation.load(Ordering::Relaxed) == 0 => ended(shared, &cell, 0, reason),
            Some(_) => {}
            None => {
                let name = name(address);
                let text = format!("{name} ended: {reason}");
                let fields = json!({ "actor": name, "reason": reason.word(), "detail": reason.detail() });
                event(shared, "ended", &text, fields);
            }
        },
        Notice::Restarting { supervisor, child, restarts, limit, wait } => {
            shared.counts.restarts.fetch_add(1, Ordering::Relaxed);
            if let Some(cell) = shared.cells.get(*child) {
                cell.stats.restarts.fetch_add(1, Ordering::Relaxed);
            }
            let (supervisor, child) = (name(supervisor), name(child));
            let after = if wait.is_zero() { String::new() } else { format!(" in {wait:.1?}") };
            let text = format!("{supervisor} restarts {child}{after} ({restarts} of {limit})");
            let fields = json!({
                "actor": child, "supervisor": supervisor, "restarts": restarts, "limit": limit,
                "wait_seconds": wait.as_secs_f64(),
            });
            event(shared, "restarting", &text, fields);
        }
        Notice::GaveUp(supervisor) => {
            let supervisor = name(supervisor);
            let text = format!("{supervisor} gave up: its children ended too often");
            event(shared, "gave-up", &text, json!({ "actor": supervisor, "supervisor": supervisor }));
        }
        Notice::Quarantined { supervisor, child, reason } => {
            let (supervisor, child) = (name(supervisor), name(child));
            let first = reason.to_string().lines().next().unwrap_or_default().to_owned();
            let text = format!(
                "{supervisor} put {child} in quarantine, since it ended too often ({first}): restart it, or give it a \
                 new build"
            );
            let fields = json!({
                "actor": child, "supervisor": supervisor, "reason": reason.word(), "detail": reason.detail(),
            });
            event(shared, "quarantined", &text, fields);
        }
        Notice::Released { supervisor, child } => {
            let (supervisor, child) = (name(supervisor), name(child));
            let text = format!("{supervisor} starts {child} out of quarantine");
            event(shared, "released", &text, json!({ "actor": child, "supervisor": supervisor }));
        }
        Notice::AutoShutdown(supervisor) => {
            let supervisor = name(supervisor);
            let text = format!("{supervisor} ends, since its significant children have");
            event(shared, "auto-shutdown", &text, json!({ "actor": supervisor, "supervisor": supervisor }));
        }
    }
}

fn process_name(shared: &Shared, address: Address) -> String {
    if let Some(cell) = shared.cells.get(address) {
        return cell.name.clone();
    }
    let names = shared.names.read().unwrap_or_else(PoisonError::into_inner);
    names.iter().find(|(_, known)| **known == address).map_or_else(|| "root".into(), |(name, _)| name.to_string())
}

/// A turn did not end well.
pub(crate) fn fault(shared: &Shared, cell: &Cell, reason: &Reason, message: Option<&Envelope>) {
    if matches!(reason, Reason::Killed) {
        return;
    }
    shared.counts.faults.fetch_add(1, Ordering::Relaxed);
    let handling = message.map(|envelope| {
        let body = &envelope.message.body;
        json!({
            "kind": envelope.message.kind.as_str(),
            "body": String::from_utf8_lossy(&body[..body.len().min(1024)]),
            "from": envelope.sender.map(|sender| shared.called(sender)),
        })
    });
    let during = message.map(|envelope| format!(" while it handled `{}`", envelope.message.kind)).unwrap_or_default();
    let text = format!("{} {}{during}", cell.name, phrase(reason));
    actor_event(
        shared,
        cell,
        "fault",
        &text,
        json!({
            "reason": reason.word(), "detail": reason.detail(), "message": handling, "log": last_lines(shared, cell),
        }),
    );
}

/// What an actor logged last, as `level: text`: of the newest lines of all actors, as far as they go back.
fn last_lines(shared: &Shared, cell: &Cell) -> Vec<String> {
    const AMONG: usize = 32;
    const MOST: usize = 5;
    // Looked for without reading them all: who ends is to begin again soon.
    let address = format!("\"address\":\"{}\"", cell.address);
    let its = |entry: &Entry| entry.body.windows(address.len()).any(|part| part == address.as_bytes());
    let line = |entry: &Entry| {
        let body: serde_json::Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        format!("{}: {}", entry.kind, body["text"].as_str().unwrap_or_default())
    };
    shared.hub.last(&topics().logs, AMONG, MOST, its).iter().map(|entry| line(entry)).collect()
}

fn phrase(reason: &Reason) -> String {
    match reason {
        Reason::Trapped(report) => format!("trapped ({})", report.lines().next().unwrap_or("?")),
        Reason::OutOfTime => "ran out of time".into(),
        Reason::OutOfMemory => "wanted more memory than its limit".into(),
        other => other.to_string(),
    }
}

/// A message that its receiver did not understand.
pub(crate) fn unhandled(shared: &Shared, cell: &Cell, envelope: &Envelope, why: &str) {
    log(shared, cell, "warn", &format!("`{}` was not understood: {why}", envelope.message.kind));
}

/// Something that the manifest does not allow was tried.
pub(crate) fn not_granted(shared: &Shared, cell: &Cell, grant: &str) {
    let text = format!("{} tried what only the grant \"{grant}\" allows", cell.name);
    actor_event(shared, cell, "not-granted", &text, json!({ "grant": grant }));
}

/// Something of WASI's was tried that is not allowed: `text` says all of it.
pub(crate) fn denied(cell: &Cell, text: &str, function: &str, what: &str, grant: Option<&str>) {
    let fields = json!({ "function": function, "what": what, "grant": grant });
    actor_event(&cell.shared, cell, "not-granted", text, fields);
}

/// A step of a swap is done, for every actor that runs the file.
pub(crate) fn step(shared: &Shared, source: &Path, word: &str, digest: Digest, took: Duration) {
    let milliseconds = took.as_secs_f64() * 1e3;
    let text = format!("{} {} was {word} in {milliseconds:.1} ms", file_name(source), digest.short());
    let fields = json!({ "source": source, "digest": digest.short(), "milliseconds": milliseconds });
    event(shared, word, &text, fields);
}

fn file_name(source: &Path) -> std::borrow::Cow<'_, str> {
    source.file_name().map_or_else(|| source.to_string_lossy(), |name| name.to_string_lossy())
}

/// New code took over. `state`: the version and the bytes of what was handed over. `migrated`: how long that took;
/// `paused`: how long messages waited altogether.
pub(crate) fn swapped(
    shared: &Shared,
    cell: &Cell,
    swap: &Reloaded,
    state: Option<(u32, usize)>,
    migrated: Duration,
    paused: Duration,
) {
    let text = format!(
        "{} took over {} → {} in {:.0} ms, state {}",
        cell.name, swap.from, swap.to, swap.milliseconds, swap.state
    );
    let mut fields = serde_json::to_value(swap).unwrap_or_default();
    fields["migrated_milliseconds"] = (migrated.as_secs_f64() * 1e3).into();
    fields["paused_milliseconds"] = (paused.as_secs_f64() * 1e3).into();
    fields["waiting"] = cell.mailbox.waiting().into();
    if let Some((version, bytes)) = state {
        fields["state_version"] = version.into();
        fields["state_bytes"] = bytes.into();
    }
    actor_event(shared, cell, "swapped", &text, fields);
}

/// The actors that run a file, for events about all of them. More than these are not told of each.
const TOLD: usize = 16;

fn each_that_runs(shared: &Shared, source: &Path, tell: impl FnMut(&Arc<Cell>)) {
    shared.cells.all().iter().filter(|cell| cell.runs(source)).take(TOLD).for_each(tell);
}

/// New code was not taken.
pub(crate) fn swap_failed(shared: &Shared, source: &Path, failed: &Failed) {
    each_that_runs(shared, source, |cell| {
        let text = format!("{} keeps its old code: {}: {}", cell.name, failed.stage, failed.why);
        actor_event(shared, cell, "swap-failed", &text, json!({ "stage": failed.stage, "why": failed.why }));
    });
}

/// New code has done well while it was watched.
pub(crate) fn watch_passed(shared: &Shared, trial: &Trial) {
    each_that_runs(shared, &trial.source, |cell| {
        let digest = trial.to.digest.short();
        let text = format!("{} goes on with {digest}: it has passed its watch", cell.name);
        actor_event(shared, cell, "watch-passed", &text, json!({ "digest": digest }));
    });
}

/// New code failed in this actor while it was watched.
pub(crate) fn watch_failed(shared: &Shared, trial: &Trial, actor: &str, why: &str) {
    let (digest, source) = (trial.to.digest.short(), &trial.source);
    let first = why.lines().next().unwrap_or_default();
    let text = match &trial.from {
        Some(from) => {
            format!("{digest} is taken back for {}: {actor}: {first}", from.digest.short())
        }
        None => format!("{digest} has not passed its watch: {actor}: {first}"),
    };
    let back = trial.from.as_ref().map(|from| from.digest.short());
    event(
        shared,
        "watch-failed",
        &text,
        json!({ "source": source, "digest": digest, "back": back, "actor": actor, "why": why }),
    );
}

/// An actor went back to the code before.
pub(crate) fn rolled_back(shared: &Shared, cell: &Cell, trial: &Trial, state: &str, why: &str) {
    let (from, to) = (trial.to.digest.short(), trial.from.as_ref().map(|from| from.digest.short()));
    let first = why.lines().next().unwrap_or_default();
    let back = to.as_deref().unwrap_or("none");
    let text = format!("{} went back {from} → {back}, state {state}: {first}", cell.name);
    actor_event(shared, cell, "rolled-back", &text, json!({ "from": from, "to": to, "state": state, "why": why }));
}

/// New code is beside an actor.
pub(crate) fn shadow_began(shared: &Shared, cell: &Cell, running: &str, shadow: &str, state: &str, time: Duration) {
    let text = format!("{} has {shadow} beside it for {time:?}, state {state}", cell.name);
    let fields = json!({ "running": running, "shadow": shadow, "state": state, "seconds": time.as_secs_f64() });
    actor_event(shared, cell, "shadow-began", &text, fields);
}

/// The new code beside an actor does not do the same. `count`: turns so far, and those that differed.
pub(crate) fn shadow_differs(shared: &Shared, cell: &Cell, finding: &Finding, count: (u64, u64)) {
    let (turns, different) = count;
    let text = format!("{}'s shadow does not do the same with `{}` ({different} of {turns})", cell.name, finding.kind);
    let fields = json!({ "turns": turns, "different": different, "finding": finding });
    actor_event(shared, cell, "shadow-differs", &text, fields);
}

/// There is no code beside an actor any more.
pub(crate) fn shadow_ended(
    shared: &Shared,
    cell: &Cell,
    turns: u64,
    different: u64,
    states_differ: Option<bool>,
    why: &str,
) {
    let first = why.lines().next().unwrap_or_default();
    let text = format!("{}'s shadow is over: {first}; {different} of {turns} turns were different", cell.name);
    let fields = json!({ "turns": turns, "different": different, "states_differ": states_differ, "why": why });
    actor_event(shared, cell, "shadow-ended", &text, fields);
}

/// The host does not start with what a component's file holds, or not for good.
pub(crate) fn started_with(shared: &Shared, source: &Path, why: &str) {
    let text = format!("{}: {why}", file_name(source));
    event(shared, "version-chosen", &text, json!({ "source": source, "why": why }));
}

/// The host's folder does not take what is to be kept.
pub(crate) fn not_kept(shared: &Shared, why: &str) {
    event(shared, "store-failed", why, json!({ "why": why }));
}

/// A kept state is of no use to the code that starts.
pub(crate) fn state_dropped(shared: &Shared, cell: &Cell, version: u32) {
    let text = format!("{} starts without its kept state: its code does not take version {version}", cell.name);
    actor_event(shared, cell, "state-dropped", &text, json!({ "version": version }));
}

/// An output could not be driven when a turn was committed.
pub(crate) fn write_failed(shared: &Shared, cell: &Cell, device: &str, why: &str) {
    let text = format!("{} could not set {device}: {why}", cell.name);
    actor_event(shared, cell, "write-failed", &text, json!({ "device": device, "why": why }));
}

/// What a device tells. A new reading goes to the actors that watch it.
pub(crate) fn device(shared: &Arc<Shared>, notice: DeviceNotice) {
    match notice {
        DeviceNotice::Reading { device, at, value } => {
            tell_watchers(
                shared,
                device.as_str(),
                json!({ "device": device.as_str(), "at": at.as_nanos(), "value": value }),
            );
        }
        DeviceNotice::Missing { device, why } => {
            let text = format!("{device} has no value: {why}");
            event(shared, "device-missing", &text, json!({ "device": device.as_str(), "why": why }));
            let at = shared.now().as_nanos();
            tell_watchers(shared, device.as_str(), json!({ "device": device.as_str(), "at": at, "missing": why }));
        }
        DeviceNotice::Back { device } => {
            event(shared, "device-back", &format!("{device} is back"), json!({ "device": device.as_str() }));
        }
        DeviceNotice::Set { device, on, by } => {
            let text = format!("{by} set {device} {}", if on { "on" } else { "off" });
            event(shared, "device-set", &text, json!({ "device": device.as_str(), "on": on, "by": by }));
        }
        DeviceNotice::Safe { device, why, by, took } => {
            let text = format!("{device} went to its safe level: {why}");
            let microseconds = took.as_secs_f64() * 1e6;
            let fields = json!({ "device": device.as_str(), "why": why, "by": by, "microseconds": microseconds });
            event(shared, "device-safe", &text, fields);
        }
        DeviceNotice::MaxOn { device } => {
            let text = format!("{device} was on for as long as it may be");
            event(shared, "max-on", &text, json!({ "device": device.as_str() }));
        }
        DeviceNotice::Failed { device, why } => {
            let text = format!("{device} cannot be driven: {why}");
            event(shared, "device-failed", &text, json!({ "device": device.as_str(), "why": why }));
        }
    }
}

/// Something about a device that is no fault, and that its owner should know.
pub(crate) fn device_warning(shared: &Shared, device: &str, warning: &str) {
    let text = format!("{device}: {warning}");
    event(shared, "device-warning", &text, json!({ "device": device, "why": warning }));
}

fn tell_watchers(shared: &Arc<Shared>, device: &str, body: Value) {
    let watchers = shared.watchers.lock().unwrap_or_else(PoisonError::into_inner).get(device).cloned();
    let Some(watchers) = watchers else { return };
    let body = Content::from(body.to_string());
    for (address, generation) in watchers {
        if shared.cells.get(address).is_some_and(|cell| cell.generation() == generation) {
            shared.send_from_host(address, &kind("reading"), body.clone());
        }
    }
}

/// The host was asked to stop.
pub(crate) fn stopping(shared: &Shared) {
    event(shared, "host-stopping", "the host stops", json!({}));
}

/// Publishes the tree once a second, while somebody listens.
pub(crate) async fn tree_every_second(shared: Weak<Shared>) {
    let mut every = tokio::time::interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        if shared.hub.listeners(&topics().tree) > 0 {
            let tree = Handle::new(shared.clone()).tree();
            if let Ok(tree) = serde_json::to_value(&tree) {
                publish(&shared, &topics().tree, "tree", &tree);
            }
        }
    }
}
