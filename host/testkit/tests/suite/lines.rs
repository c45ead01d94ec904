//! What a host shows to those outside, as lines of a trace: its events, what puppets log of what they hear, and answers.

use greenroom_core::Message;
use greenroom_engine::hub::{Cursor, Entry, From, Item};
use greenroom_engine::{CallError, Handle};
use serde_json::Value;
use std::collections::HashMap;

/// Who is who: what the script calls them, and what the host does.
#[derive(Default)]
pub(crate) struct Cast {
    addresses: HashMap<String, String>,
    /// By address, and by what the host shows of those without a name.
    names: HashMap<String, String>,
}

impl Cast {
    pub(crate) fn learn(&mut self, who: &str, address: &str, shown: Option<String>) {
        self.addresses.insert(who.into(), address.into());
        self.names.insert(address.into(), who.into());
        if let Some(shown) = shown {
            self.names.insert(shown, who.into());
        }
    }

    /// Somebody has this address, unless it is known already who is called so.
    pub(crate) fn meet(&mut self, who: &str, address: &str) {
        if !self.addresses.contains_key(who) && !self.names.contains_key(who) {
            self.learn(who, address, None);
        }
    }

    /// What to call somebody in a question to the host.
    pub(crate) fn whom(&self, who: &str) -> String {
        self.addresses.get(who).map_or(who, String::as_str).to_owned()
    }

    /// What the script calls somebody.
    pub(crate) fn who(&self, address: &str, shown: &str) -> String {
        self.names.get(address).or_else(|| self.names.get(shown)).map_or(shown, String::as_str).to_owned()
    }
}

/// Events and logs, in the order in which they happened.
pub(crate) struct Seen {
    cursor: Cursor,
    handle: Handle,
}

impl Seen {
    pub(crate) fn new(handle: &Handle) -> Self {
        let topics = ["greenroom/events", "greenroom/logs"].map(|topic| topic.parse().unwrap());
        Self { cursor: handle.hub().open(topics.into(), From::Earliest), handle: handle.clone() }
    }

    /// The lines since the last time.
    pub(crate) fn lines(&mut self, cast: &Cast) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            match self.cursor.try_next() {
                Some(Item::Message(entry)) => lines.extend(self.line(cast, &entry)),
                Some(Item::Lag { .. }) => panic!("some of what happened is lost"),
                Some(Item::Bye) | None => return lines,
            }
        }
    }

    fn line(&self, cast: &Cast, entry: &Entry) -> Option<String> {
        let body: Value = serde_json::from_slice(&entry.body).unwrap();
        let text = |key: &str| body[key].as_str().unwrap_or_default();
        let who = cast.who(text("address"), text("actor"));
        // On the stage, and not in the play.
        if who == "director" {
            return None;
        }
        if entry.topic.as_str() == "greenroom/logs" {
            return (entry.kind.as_str() == "info").then(|| self.heard(cast, &who, text("text")));
        }
        Some(match entry.kind.as_str() {
            "started" => format!("started {who}"),
            "ended" => format!("ended {who} {}", text("reason")),
            "restarting" => {
                let milliseconds = (body["wait_seconds"].as_f64().unwrap() * 1e3).round();
                let wait = if milliseconds > 0.0 { format!(" in {milliseconds}ms") } else { String::new() };
                format!("restarting {who} {}/{}{wait}", body["restarts"], body["limit"])
            }
            kind @ ("gave-up" | "quarantined" | "released" | "auto-shutdown") => format!("{kind} {who}"),
            // Told beside what they lead to; and what is about this machine's disk, and no actor.
            "fault" | "host-stopping" | "manifest-applied" | "cache-failed" => return None,
            "compiled" | "validated" | "swapped" | "watch-passed" => return None,
            other => panic!("{other}: {}", text("text")),
        })
    }

    /// What a puppet logs: `exited ADDRESS REASON`, `down NUMBER ADDRESS REASON`.
    fn heard(&self, cast: &Cast, who: &str, text: &str) -> String {
        let of = |address: &str| {
            let name = self.handle.show(address).map(|node| node.name).unwrap_or_default();
            cast.who(address, &name)
        };
        match *text.split_whitespace().collect::<Vec<_>>() {
            ["exited", address, reason, ..] => {
                format!("exited {} to {who} {}", of(address), reason.trim_end_matches(':'))
            }
            ["down", number, address, reason, ..] => {
                format!("down {number} {} to {who} {}", of(address), reason.trim_end_matches(':'))
            }
            _ => panic!("{who} says: {text}"),
        }
    }
}

/// The addresses in an answer: of the child that an order started, or of those that a puppet spawned.
pub(crate) fn addresses(answer: &Message) -> Vec<String> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let address = |value: &Value| value.as_str().map(str::to_owned);
    match body.as_array() {
        Some(born) => born.iter().filter_map(address).collect(),
        None => address(&body["address"]).into_iter().collect(),
    }
}

/// What came of an order.
pub(crate) fn answer(cast: &Cast, answer: &Result<Message, CallError>) -> String {
    let message = match answer {
        Ok(message) => message,
        Err(CallError::NoActor(_) | CallError::ShuttingDown) => return "=> no-supervisor".into(),
        // The refusal's word comes first.
        Err(CallError::Refused(why)) => return format!("=> {}", why.split(':').next().unwrap_or_default()),
        Err(error) => panic!("{error}"),
    };
    let body: Value = serde_json::from_slice(&message.body).unwrap();
    match message.kind.as_str() {
        "started" => format!("=> started {}", cast.who(body["address"].as_str().unwrap(), "?")),
        "count" => format!(
            "=> specs {}, active {}, supervisors {}, workers {}",
            body["specs"], body["active"], body["supervisors"], body["workers"]
        ),
        "children" => {
            let children = body["children"].as_array().unwrap().iter().map(|child| {
                let text = |key: &str| child[key].as_str().unwrap();
                let state = match text("state") {
                    "starting" | "running" | "stopping" => "up",
                    "stopped" => "down",
                    state => state,
                };
                (cast.who(text("address"), text("name")), state)
            });
            let children = children.filter(|(who, _)| who != "director").map(|(who, state)| format!("{who} {state}"));
            format!("=> [{}]", children.collect::<Vec<_>>().join(", "))
        }
        kind => format!("=> {kind}"),
    }
}
