//! What a call does, in words: for people who compare what two versions of an actor do.

use super::bindings::greenroom::actor::actors::{Options, Relation, Spawned};
use super::bindings::greenroom::actor::types::{Address, Message};
use super::convert;
use crate::shared::Shared;
use greenroom_core as core;
use std::fmt::Debug;
use std::time::Duration;

/// An actor's or a supervisor's name, or its address.
pub(super) fn name(shared: &Shared, address: Address) -> String {
    actor(shared, convert::core_address(address))
}

pub(super) fn actor(shared: &Shared, address: core::Address) -> String {
    match shared.cells.get(address) {
        Some(cell) => cell.name.clone(),
        None => shared.supervisor(address).map_or_else(|| address.to_string(), |name| name.to_string()),
    }
}

/// A message: its kind, and its body if there is one.
pub(super) fn message(message: &Message) -> String {
    body(&message.kind, &message.body)
}

pub(super) fn body(kind: &str, body: &[u8]) -> String {
    match std::str::from_utf8(body) {
        Ok("") => kind.to_owned(),
        Ok(text) => format!("{kind} {text}"),
        // Not text: still the same only if each byte is.
        Err(_) => {
            let hex: String = body.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{kind} ({} bytes) {hex}", body.len())
        }
    }
}

pub(super) fn spawn(behavior: &str, config: &str, Options { name, relation, grants }: &Options) -> String {
    let name = name.as_ref().map(|name| format!(" as {name}")).unwrap_or_default();
    let linked = if relation.contains(Relation::LINK) { ", linked" } else { "" };
    let monitored = if relation.contains(Relation::MONITOR) { ", monitored" } else { "" };
    let grants = grants.as_ref().map(|grants| format!(", with grants {grants:?}")).unwrap_or_default();
    let config = if config.is_empty() { String::new() } else { format!(" {config}") };
    format!("spawn {behavior}{name}{config}{linked}{monitored}{grants}")
}

pub(super) fn time(nanoseconds: u64) -> String {
    format!("{:?}", Duration::from_nanos(nanoseconds))
}

/// What a call was answered, if it was refused.
pub(super) trait Refusal {
    fn refusal(&self) -> Option<String>;
}

impl<T, E: Debug> Refusal for Result<T, E> {
    fn refusal(&self) -> Option<String> {
        let error = self.as_ref().err().map(|error| format!("{error:?}"))?;
        // Without the type's name.
        Some(error.split_once("::").map_or(error.clone(), |(_, case)| case.to_owned()))
    }
}

macro_rules! never_refused {
    ($($of:ty),*) => {
        $(impl Refusal for $of {
            fn refusal(&self) -> Option<String> {
                None
            }
        })*
    };
}
never_refused!((), u64, Option<u64>, Spawned);
