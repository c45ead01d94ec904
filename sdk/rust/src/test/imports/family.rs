//! Other actors, and their names.

use super::{effect, stage};
use crate::context::Options;
use crate::test::effect::Effect;
use crate::{Address, NameError, Reason, SpawnError};

pub(crate) fn spawn(behavior: &str, config: &str, options: Options) -> Result<(Address, Option<u64>), SpawnError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("spawn", behavior) {
            return Err(SpawnError::NotGranted(grant));
        }
        if let Some(name) = &options.name {
            if let Some(grant) = stage.denies("register", name) {
                return Err(SpawnError::NotGranted(grant));
            }
            if stage.world.names.contains_key(name) {
                return Err(SpawnError::NameTaken);
            }
        }
        let address = stage.world.address();
        let monitor = options.monitor.then(|| stage.world.number());
        let (behavior, config) = (behavior.to_string(), config.to_string());
        stage.effects.push(Effect::Spawn { address, behavior, config, options, monitor });
        Ok((address, monitor))
    })
}

pub(crate) fn link(to: Address) {
    effect(Effect::Link(to));
}

pub(crate) fn unlink(to: Address) {
    effect(Effect::Unlink(to));
}

pub(crate) fn monitor(whom: Address) -> u64 {
    stage(|stage| {
        let monitor = stage.world.number();
        stage.effects.push(Effect::Monitor { monitor, whom });
        monitor
    })
}

pub(crate) fn demonitor(monitor: u64) {
    effect(Effect::Demonitor(monitor));
}

pub(crate) fn trap_exits(on: bool) {
    effect(Effect::TrapExits(on));
}

pub(crate) fn exit(whom: Address, why: &Reason) {
    effect(Effect::Exit { whom, why: why.clone() });
}

pub(crate) fn register(name: &str) -> Result<(), NameError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("register", name) {
            return Err(NameError::NotGranted(grant));
        }
        if stage.world.names.get(name).is_some_and(|holder| *holder != stage.me) {
            return Err(NameError::Taken);
        }
        stage.effects.push(Effect::Register(name.into()));
        Ok(())
    })
}

pub(crate) fn unregister(name: &str) {
    effect(Effect::Unregister(name.into()));
}

pub(crate) fn lookup(name: &str) -> Result<Option<Address>, NameError> {
    stage(|stage| match ["tell", "ask", "supervise"].map(|verb| stage.denies(verb, name)) {
        // Who denies `supervise:NAME` has a supervisor of that name in mind.
        [.., Some(grant)] | [Some(grant), Some(_), _] => Err(NameError::NotGranted(grant)),
        _ => Ok(stage.world.names.get(name).copied()),
    })
}
