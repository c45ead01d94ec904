//! What a shadow is told of a call that is not made: what the host would have said, found out without touching anything.
//! `cannot_…` is what the call alone decides, whatever the world is like; the rest goes by the world as it is now.

use super::bindings::greenroom::actor::actors::{Options, Relation, SpawnError, Spawned};
use super::bindings::greenroom::actor::devices::WriteError;
use super::bindings::greenroom::actor::names::NameError;
use super::bindings::greenroom::actor::topics::TopicError;
use super::bindings::greenroom::actor::types::{Address, AskError, Message, SendError};
use super::{actors, convert, devices, messaging, names, timers, topics};
use crate::cell::Cell;
use crate::devices as host;
use crate::guest::Guest;
use crate::orders::OrderError;
use greenroom_core::{Grant, Name, Pattern, Request, Topic};
use greenroom_manifest::{Device, DeviceKind};
use greenroom_plane::Policy;
use std::time::Duration;

pub(super) fn cannot_send(guest: &Guest, to: Address, message: &Message) -> Option<SendError> {
    let message = match convert::message(message.clone()) {
        Ok(message) => message,
        Err(error) => return Some(SendError::Invalid(error.to_string())),
    };
    let to = convert::core_address(to);
    match guest.shared.cells.get(to) {
        Some(cell) => too_large(cell.max_message(), message.body.len()),
        None => {
            let supervisor = guest.shared.supervisor(to)?;
            let draft = guest.shared.draft(&supervisor, &message, |wanted| guest.granted(wanted));
            draft.err().map(|error| match error {
                OrderError::NotGranted(grant) => SendError::NotGranted(grant),
                error => SendError::Invalid(error.to_string()),
            })
        }
    }
}

fn too_large(limit: u32, length: usize) -> Option<SendError> {
    (length > limit as usize).then_some(SendError::TooLarge(limit))
}

pub(super) fn send(guest: &mut Guest, to: Address) -> Result<(), SendError> {
    let to = convert::core_address(to);
    if guest.is_own_child(to) {
        return Ok(());
    }
    match guest.shared.cells.get(to) {
        Some(cell) if is_full(&cell) => Err(SendError::MailboxFull),
        Some(_) => Ok(()),
        None => guest.shared.supervisor(to).map(drop).ok_or(SendError::NoActor),
    }
}

/// Whether a message would find no place, now.
fn is_full(cell: &Cell) -> bool {
    let refuses = matches!(cell.mailbox.policy(), Policy::Reject | Policy::Wait);
    refuses && cell.mailbox.taken() >= cell.mailbox.limit()
}

pub(super) fn cannot_ask(guest: &Guest, to: Address, message: &Message, timeout: u64) -> Option<AskError> {
    let late = messaging::ask_timeout(timeout).err();
    late.or_else(|| cannot_send(guest, to, message).map(convert::as_ask_error))
}

pub(super) fn ask(guest: &mut Guest, to: Address) -> Result<u64, AskError> {
    send(guest, to).map_err(convert::as_ask_error)?;
    let cell = guest.shared.cells.get(convert::core_address(to));
    if cell.is_some_and(|cell| cell.is_restarting()) {
        return Err(AskError::Restarting);
    }
    Ok(guest.own_number())
}

pub(super) fn cannot_reply(guest: &Guest, request: u64, answer: &Result<Message, String>) -> Option<SendError> {
    let Ok(message) = answer else { return None };
    if let Err(error) = convert::message(message.clone()) {
        return Some(SendError::Invalid(error.to_string()));
    }
    let asker = match guest.shared.asks().get(Request(request)) {
        Some(ask) if ask.target == guest.cell.address => ask.asker,
        _ => return None,
    };
    let cell = asker.and_then(|asker| guest.shared.cells.get(asker))?;
    too_large(cell.max_message(), message.body.len())
}

pub(super) fn cannot_spawn(guest: &Guest, behavior: &str, config: &str, options: &Options) -> Option<SpawnError> {
    let check = || {
        let known = guest.shared.behavior(behavior).ok_or(SpawnError::UnknownBehavior)?;
        guest.granted(Grant::Spawn(known.behavior.name.clone())).map_err(SpawnError::NotGranted)?;
        if let Some(name) = &options.name {
            let name: Name = name.parse().map_err(|e: greenroom_core::NameError| SpawnError::Invalid(e.to_string()))?;
            guest.granted(Grant::Register(name)).map_err(SpawnError::NotGranted)?;
        }
        guest.hand_on(&known.grants, options.grants.clone())?;
        actors::merge(&known, config).map(drop)
    };
    check().err()
}

pub(super) fn spawn(guest: &mut Guest, behavior: &str, options: &Options) -> Result<Spawned, SpawnError> {
    let name = options.name.as_ref().and_then(|name| name.parse::<Name>().ok());
    if name.is_some_and(|name| guest.shared.is_taken(&name)) {
        return Err(SpawnError::NameTaken);
    }
    let known = guest.shared.behavior(behavior);
    known.map_or(Ok(()), |known| guest.shared.has_room(&known.behavior)).map_err(SpawnError::Limit)?;
    let monitor = options.relation.contains(Relation::MONITOR).then(|| guest.own_number());
    Ok(Spawned { address: convert::address(guest.own_child()), monitor })
}

pub(super) fn cannot_register(guest: &Guest, name: &str) -> Option<NameError> {
    let name = match names::parse(name) {
        Ok(name) => name,
        Err(error) => return Some(error),
    };
    guest.granted(Grant::Register(name)).map_err(NameError::NotGranted).err()
}

pub(super) fn register(guest: &Guest, name: &str) -> Result<(), NameError> {
    let known = names::parse(name)?;
    let own = guest.shared.lookup(name) == Some(guest.cell.address);
    if !own && guest.shared.is_taken(&known) { Err(NameError::Taken) } else { Ok(()) }
}

pub(super) fn cannot_set_timer(
    guest: &Guest,
    time: u64,
    again: bool,
    to: Address,
    message: &Message,
) -> Option<SendError> {
    let time = Duration::from_nanos(time);
    if let Some(why) = timers::refusal(time, again) {
        return Some(SendError::Invalid(why));
    }
    if let Err(error) = convert::message(message.clone()) {
        return Some(SendError::Invalid(error.to_string()));
    }
    let cell = guest.shared.cells.get(convert::core_address(to))?;
    too_large(cell.max_message(), message.body.len())
}

pub(super) fn timer(guest: &mut Guest, to: Address) -> Result<u64, SendError> {
    let to = convert::core_address(to);
    if !guest.is_own_child(to) && guest.shared.cells.get(to).is_none() {
        return Err(SendError::NoActor);
    }
    Ok(guest.own_number())
}

pub(super) fn cannot_publish(guest: &Guest, topic: &str, message: &Message) -> Option<TopicError> {
    let check = || {
        let topic: Topic = topic.parse().map_err(topics::invalid)?;
        guest.may_publish(&topic, message.clone()).map(drop)
    };
    check().err()
}

pub(super) fn cannot_subscribe(guest: &Guest, pattern: &str) -> Option<TopicError> {
    let pattern: Pattern = match pattern.parse() {
        Ok(pattern) => pattern,
        Err(error) => return Some(topics::invalid(error)),
    };
    guest.granted(Grant::Subscribe(pattern)).map_err(TopicError::NotGranted).err()
}

pub(super) fn subscribe(guest: &Guest) -> Result<(), TopicError> {
    let cell = guest.registry()?;
    if is_full(&cell) { Err(topics::full()) } else { Ok(()) }
}

pub(super) fn cannot_route(guest: &Guest, pattern: &str) -> Option<String> {
    let parsed = pattern.parse::<Pattern>().map_err(|error| error.to_string());
    guest.granted(Grant::Routes).err().or(parsed.err())
}

pub(super) fn cannot_write(guest: &Guest, device: &str, value: f64) -> Option<WriteError> {
    let name = match guest.device(device) {
        None => return Some(WriteError::NoDevice),
        Some(Device { kind: DeviceKind::Input { .. }, .. }) => return Some(WriteError::ReadOnly),
        Some(Device { name, .. }) => name.clone(),
    };
    if let Err(grant) = guest.granted(Grant::Write(name)) {
        return Some(WriteError::NotGranted(grant));
    }
    match guest.shared.devices.may_claim(device, guest.cell.address, value) {
        Err(error @ host::WriteError::OutOfRange(_)) => Some(devices::write_error(error)),
        _ => None,
    }
}

pub(super) fn write(guest: &Guest, device: &str, value: f64) -> Result<(), WriteError> {
    guest.shared.devices.may_claim(device, guest.cell.address, value).map_err(devices::write_error)
}
