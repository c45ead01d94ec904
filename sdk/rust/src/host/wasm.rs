//! The real host.

mod message;

pub(crate) use message::{publish, refuse, reply, send, start_ask};

use crate::bindings::imports::greenroom::actor as imports;
use crate::context::Options;
use crate::{Address, Instant, Level, ReadError, Reading, SpawnError};
use imports::actors::Relation;

pub(crate) use imports::actors::{demonitor, exit, link, monitor, trap_exits, unlink};
pub(crate) use imports::asking::ask;
pub(crate) use imports::clock::{now, wall};
pub(crate) use imports::config::get as config;
pub(crate) use imports::devices::{watch, write};
pub(crate) use imports::messaging::own_address;
pub(crate) use imports::names::{lookup, register, unregister};
pub(crate) use imports::routes::set as set_route;
pub(crate) use imports::timers::{cancel, send_after, send_every};
pub(crate) use imports::topics::{subscribe, unsubscribe};

pub(crate) fn spawn(behavior: &str, config: &str, options: Options) -> Result<(Address, Option<u64>), SpawnError> {
    let either = |on, flag| if on { flag } else { Relation::empty() };
    let relation = either(options.link, Relation::LINK) | either(options.monitor, Relation::MONITOR);
    let options = imports::actors::Options { name: options.name, relation, grants: options.grants };
    let spawned = imports::actors::spawn(behavior, config, &options)?;
    Ok((spawned.address, spawned.monitor))
}

pub(crate) fn read(device: &str) -> Result<Reading, ReadError> {
    let imports::devices::Reading { at, value } = imports::devices::read(device)?;
    Ok(Reading { at: Instant::from_nanos(at), value })
}

pub(crate) fn routes() -> Result<Vec<(String, Vec<Address>)>, String> {
    let routes = imports::routes::current()?;
    Ok(routes.into_iter().map(|route| (route.pattern, route.receivers)).collect())
}

pub(crate) fn log(level: Level, text: &str) {
    use imports::log::Level as To;
    let level = match level {
        Level::Trace => To::Trace,
        Level::Debug => To::Debug,
        Level::Info => To::Info,
        Level::Warn => To::Warn,
        Level::Error => To::Error,
    };
    imports::log::write(level, text);
}

/// A panic traps, and without a standard error to write to, nobody would know why: its text and place go to the log.
pub(crate) fn catch_panics() {
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
}
