//! What happens in the host, as it happens, where it was started: its events, and what actors log.

use crate::exit::{Exit, Failure};
use crate::print::Print;
use crate::verbs::{events, logs};
use greenroom_engine::Host;
use greenroom_engine::hub::{Entry, From, Item};
use serde_json::{Value, json};
use std::thread::JoinHandle;

/// Prints from the host's start to its end, on a thread of its own: a terminal that does not take it must not hold up
/// the host. `all`: what actors log from `info` on, and not only warnings and errors.
pub(super) fn follow(host: &Host, print: &Print, all: bool) -> Result<JoinHandle<()>, Failure> {
    let failed = |error: String| Failure::new(Exit::Unexpected, error);
    let mut patterns = Vec::new();
    for topic in ["greenroom/events", "greenroom/logs"] {
        patterns.push(topic.parse().map_err(|error| failed(format!("{topic}: {error}")))?);
    }
    let mut cursor = host.handle().hub().open(patterns, From::Earliest);
    let (print, runtime) = (*print, tokio::runtime::Handle::current());
    let show = move || {
        loop {
            match runtime.block_on(cursor.next()) {
                Item::Message(entry) => show(&entry, &print, all),
                Item::Lag { dropped, .. } => {
                    let count = dropped.map_or_else(|| "some".into(), |count| count.to_string());
                    print.note(&format!("({count} lines are missing here)"));
                }
                Item::Bye => return,
            }
        }
    };
    std::thread::Builder::new().name("show".into()).spawn(show).map_err(|error| failed(error.to_string()))
}

fn show(entry: &Entry, print: &Print, all: bool) {
    let body: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
    let (topic, kind) = (entry.topic.as_str(), entry.kind.as_str());
    let log = topic == "greenroom/logs";
    if log && !matches!((kind, all), ("warn" | "error", _) | ("info", true)) {
        return;
    }
    if print.json() {
        return print.line(&json!({ "topic": topic, "time": entry.time, "kind": kind, "body": body }).to_string());
    }
    let line = if log { logs::line } else { events::line };
    print.note(&line(entry.time, kind, &body, &|ink, text| print.note_ink(ink, text)));
}
