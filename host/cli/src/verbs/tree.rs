//! `greenroom tree`: what runs, who supervises it, and how it is.

use crate::client::Client;
use crate::clock::{length, short};
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use crate::table::{Row, table};
use serde::Deserialize;

/// Show the supervision tree and the devices of a running host.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

#[derive(Deserialize)]
struct Tree {
    host: Host,
    root: Node,
    #[serde(default)]
    devices: Vec<Device>,
}

#[derive(Deserialize)]
struct Host {
    name: String,
    profile: Option<String>,
    uptime_seconds: f64,
}

#[derive(Deserialize)]
struct Node {
    name: String,
    state: String,
    next_start_seconds: Option<f64>,
    quarantine: Option<Quarantine>,
    supervisor: Option<Supervisor>,
    actor: Option<Actor>,
    #[serde(default)]
    children: Vec<Node>,
}

#[derive(Deserialize)]
struct Quarantine {
    reason: String,
    since_seconds: f64,
}

#[derive(Deserialize)]
struct Supervisor {
    strategy: String,
    restarts_in_window: u32,
    restarts_limit: u32,
    window_seconds: f64,
}

#[derive(Deserialize)]
struct Actor {
    digest: Option<String>,
    restarts: u64,
    turns: u64,
    waiting: usize,
    mailbox_limit: usize,
    dropped: u64,
    handling: Option<String>,
    busy_seconds: Option<f64>,
    last_end: Option<String>,
}

#[derive(Deserialize)]
struct Device {
    name: String,
    unit: String,
    output: bool,
    value: Option<f64>,
    missing: Option<String>,
    age_seconds: Option<f64>,
    writer: Option<String>,
}

/// Shows it.
pub(crate) fn run(_: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let answer = client.get("/api/tree")?;
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let tree: Tree = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's tree cannot be read: {error}")))?;
    print.answer(&draw(&tree, print))?;
    Ok(Exit::Done)
}

fn draw(tree: &Tree, print: &Print) -> String {
    let mut host = vec![(Ink::Strong, plain(&tree.host.name))];
    if let Some(supervisor) = &tree.root.supervisor {
        host.extend(budget(supervisor));
    }
    host.push((Ink::Faint, format!("up {}", length(tree.host.uptime_seconds))));
    if let Some(profile) = &tree.host.profile {
        host.push((Ink::Warning, format!("profile {}", plain(profile))));
    }
    let mut rows = vec![host];
    branches(&tree.root, "", &mut rows);
    let mut text = table(&rows, print);
    if !tree.devices.is_empty() {
        text.push_str("\n\n");
        text.push_str(&table(&tree.devices.iter().map(device).collect::<Vec<_>>(), print));
    }
    text
}

fn branches(parent: &Node, indent: &str, rows: &mut Vec<Row>) {
    let count = parent.children.len();
    for (number, child) in parent.children.iter().enumerate() {
        let (branch, below) = if number + 1 == count { ("└─", "   ") } else { ("├─", "│  ") };
        let (ink, dot) = dot(child);
        let mut row = vec![(ink, format!("{indent}{branch} {dot} {}", plain(&child.name)))];
        row.extend(child.supervisor.as_ref().map(budget).unwrap_or_default());
        match (&child.actor, child.state.as_str()) {
            (Some(actor), state) => row.extend(cells(actor, state)),
            (None, "running") => {}
            (None, state) => row.push((Ink::Warning, plain(state))),
        }
        if let Some(seconds) = child.next_start_seconds {
            row.push((Ink::Warning, format!("starts in {}", short(seconds))));
        }
        if let Some(Quarantine { reason, since_seconds }) = &child.quarantine {
            let since = length(*since_seconds);
            let reason = plain(reason.lines().next().unwrap_or_default());
            row.push((Ink::Bad, format!("for {since}: {reason}; `greenroom restart` or a new build releases it")));
        }
        rows.push(row);
        branches(child, &format!("{indent}{below}"), rows);
    }
}

/// The state by shape as well as by colour.
fn dot(node: &Node) -> (Ink, &'static str) {
    let busy = node.actor.as_ref().is_some_and(|actor| actor.handling.is_some());
    match node.state.as_str() {
        "running" if busy => (Ink::Good, "◐"),
        "running" => (Ink::Good, "●"),
        "asleep" => (Ink::Faint, "☾"),
        "stopped" | "quarantined" => (Ink::Bad, "✗"),
        _ => (Ink::Warning, "○"),
    }
}

fn budget(supervisor: &Supervisor) -> Row {
    let Supervisor { strategy, restarts_in_window, restarts_limit, window_seconds } = supervisor;
    let ink = if restarts_in_window >= restarts_limit { Ink::Bad } else { Ink::Faint };
    let window = length(*window_seconds);
    vec![(Ink::Faint, plain(strategy)), (ink, format!("{restarts_in_window}/{restarts_limit} restarts in {window}"))]
}

fn cells(actor: &Actor, state: &str) -> Row {
    let doing = match (&actor.handling, actor.busy_seconds) {
        (Some(kind), Some(seconds)) => format!("{} for {}", plain(kind), short(seconds)),
        (Some(kind), None) => plain(kind),
        (None, _) if state == "running" => "idle".into(),
        (None, _) => plain(state),
    };
    // Four fifths full is worth a look.
    let full = actor.waiting.saturating_mul(5) > actor.mailbox_limit.saturating_mul(4);
    let mut row = vec![
        (Ink::Faint, doing),
        (if full { Ink::Warning } else { Ink::Faint }, format!("mailbox {}/{}", actor.waiting, actor.mailbox_limit)),
        (Ink::Faint, plural(actor.turns, "turn")),
        (Ink::Faint, actor.digest.as_deref().map(plain).unwrap_or_default()),
    ];
    if actor.restarts > 0 {
        row.push((Ink::Warning, plural(actor.restarts, "restart")));
    }
    if actor.dropped > 0 {
        row.push((Ink::Warning, format!("{} lost", actor.dropped)));
    }
    if let Some(end) = actor.last_end.as_deref().filter(|_| {
        let runs = matches!(state, "running" | "asleep");
        state != "quarantined" && (!runs || actor.restarts > 0)
    }) {
        let first: String = end.lines().next().unwrap_or_default().chars().take(60).collect();
        row.push((Ink::Bad, format!("last end: {}", plain(&first))));
    }
    row
}

fn device(device: &Device) -> Row {
    let value = match (device.value, &device.missing) {
        (_, Some(why)) => (Ink::Bad, format!("missing: {}", plain(why))),
        (Some(value), None) => {
            (Ink::Strong, format!("{} {}", rounded(value), plain(&device.unit)).trim_end().to_owned())
        }
        (None, None) => (Ink::Faint, "no value yet".into()),
    };
    let mut row = vec![(Ink::Faint, plain(&device.name)), value];
    match (&device.writer, device.age_seconds) {
        (Some(writer), _) => row.push((Ink::Faint, format!("driven by {}", plain(writer)))),
        (None, _) if device.output => row.push((Ink::Faint, "safe: nobody drives it".into())),
        (None, Some(age)) => row.push((Ink::Faint, format!("{} ago", short(age)))),
        (None, None) => {}
    }
    row
}

/// At most three decimals.
fn rounded(value: f64) -> String {
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

fn plural(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};
    use serde_json::{Value, json};

    fn actor(name: &str, state: &str, fields: Value) -> Value {
        let mut actor = json!({
            "behavior": name, "source": "x.wasm", "digest": "81cc00112233", "incarnation": 1, "restarts": 0, "turns": 412,
            "waiting": 0, "mailbox_limit": 256, "dropped": 0, "handling": null, "busy_seconds": null, "memory_bytes": 65536,
            "last_end": null, "grants": [],
        });
        actor.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "name": name, "address": "0-1", "state": state, "actor": actor, "children": [] })
    }

    fn check(tree: Value, expect: &str) {
        let tree: Tree = serde_json::from_value(tree).unwrap();
        let text = draw(&tree, &Print::new(Format::Text, Colour::Never));
        assert_eq!(text, expect.trim_matches('\n'), "\n{text}");
    }

    #[test]
    fn the_tree_is_drawn() {
        let supervisor = |restarts: u32| {
            json!({
                "strategy": "rest-for-one", "restarts_in_window": restarts, "restarts_limit": 5, "window_seconds": 60.0,
            })
        };
        let mut parked = actor("mash", "quarantined", json!({ "restarts": 5 }));
        parked["quarantine"] = json!({ "reason": "failed: no kettle\nat all", "restarts": 5, "since_seconds": 61.0 });
        let brewery = json!({
            "name": "brewery", "address": "0-2", "state": "running", "supervisor": supervisor(1), "children": [
                actor("controller", "running", json!({
                    "handling": "tick", "busy_seconds": 0.003, "waiting": 230, "turns": 1, "restarts": 1, "dropped": 7,
                    "last_end": "trapped: divide by zero\n  at controller::heat_time",
                })),
                actor("sampler", "restarting", json!({ "digest": null, "last_end": "killed" })),
                parked,
            ],
        });
        let tree = json!({
            "host": { "name": "brewhouse", "version": "0.1.0", "profile": "sim", "epoch": "e", "uptime_seconds": 245.0 },
            "root": {
                "name": "root", "address": "0-0", "state": "running", "supervisor": supervisor(0),
                "children": [actor("topics", "running", json!({})), actor("log", "asleep", json!({ "last_end": "killed" })), brewery],
            },
            "devices": [
                {
                    "name": "mash-probe", "kind": "sim-kettle", "unit": "celsius", "output": false, "value": 66.0625,
                    "missing": null, "age_seconds": 0.4, "writer": null,
                },
                {
                    "name": "heater", "kind": "sim-relay", "unit": "", "output": true, "value": 1.0, "missing": null,
                    "age_seconds": 0.0, "writer": "controller",
                },
                {
                    "name": "fan", "kind": "sim-relay", "unit": "", "output": true, "value": 0.0, "missing": null,
                    "age_seconds": 0.0, "writer": null,
                },
                {
                    "name": "wort", "kind": "w1-thermometer", "unit": "celsius", "output": false, "value": 20.0,
                    "missing": "CRC", "age_seconds": 9.0, "writer": null,
                },
            ],
        });
        check(
            tree,
            "
brewhouse           rest-for-one    0/5 restarts in 1m  up 4m 5s   profile sim
├─ ● topics         idle            mailbox 0/256       412 turns  81cc00112233
├─ ☾ log            asleep          mailbox 0/256       412 turns  81cc00112233
└─ ● brewery        rest-for-one    1/5 restarts in 1m
   ├─ ◐ controller  tick for 3.0ms  mailbox 230/256     1 turn     81cc00112233  1 restart   7 lost  last end: trapped: divide by zero
   ├─ ○ sampler     restarting      mailbox 0/256       412 turns                last end: killed
   └─ ✗ mash        quarantined     mailbox 0/256       412 turns  81cc00112233  5 restarts  for 1m 1s: failed: no kettle; `greenroom restart` or a new build releases it

mash-probe  66.062 celsius  400ms ago
heater      1               driven by controller
fan         0               safe: nobody drives it
wort        missing: CRC    9.0s ago
",
        );
    }

    #[test]
    fn a_host_without_anything_is_a_line() {
        check(
            json!({
                "host": { "name": "greenroom", "profile": null, "uptime_seconds": 1.0 },
                "root": { "name": "root", "state": "running" },
            }),
            "greenroom  up 1s",
        );
    }

    #[test]
    fn values_are_rounded() {
        let check = |value: f64, expect: &str| assert_eq!(rounded(value), expect);
        check(66.0627, "66.063");
        check(1.0, "1");
        check(100.0, "100");
        check(-0.0001, "0");
        check(0.5, "0.5");
    }
}
