//! The contract's imports, on the virtual host: the functions of `host` natively.
//!
//! Each checks what the real host checks at once, and leaves the rest for the end of the turn.

use super::effect::Effect;
use super::turn::{Stage, off_stage, on_stage};
use super::world::Pending;
use crate::context::Options;
use crate::{Address, AskError, Duration, Envelope, Level, Message, Reading, Reason};
use crate::{NameError, ReadError, SendError, SpawnError, TopicError, WriteError};

fn stage<T>(work: impl FnOnce(&mut Stage) -> T) -> T {
    #[expect(clippy::expect_used, reason = "a test that uses a context outside of a turn is wrong")]
    on_stage(work).expect("there is no host here: a context works only in a turn, run by greenroom::test")
}

fn effect(effect: Effect) {
    stage(|stage| stage.effects.push(effect));
}

/// What a turn may not send, as the contract has it.
enum Wrong {
    NoActor,
    TooLarge(u32),
    Invalid(String),
}

impl From<Wrong> for SendError {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::NoActor => Self::NoActor,
            Wrong::TooLarge(bytes) => Self::TooLarge(bytes),
            Wrong::Invalid(why) => Self::Invalid(why),
        }
    }
}

impl From<Wrong> for AskError {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::NoActor => Self::NoActor,
            Wrong::TooLarge(bytes) => Self::TooLarge(bytes),
            Wrong::Invalid(why) => Self::Invalid(why),
        }
    }
}

const LONGEST_BODY: u32 = 1 << 20;
const MILLISECOND: u64 = 1_000_000;
const HOUR: u64 = 3_600_000 * MILLISECOND;
const LONGEST: u64 = 366 * 24 * HOUR;

impl Stage {
    fn check(&self, to: Address, message: &Message) -> Result<(), Wrong> {
        let coming = |effect: &Effect| matches!(effect, Effect::Spawn { address, .. } if *address == to);
        if !self.world.is_alive(to) && !self.effects.iter().any(coming) {
            return Err(Wrong::NoActor);
        }
        if message.kind.is_empty() || message.kind.len() > 64 || message.kind.chars().any(char::is_control) {
            return Err(Wrong::Invalid("a message's kind has 1 to 64 bytes, and no control characters".into()));
        }
        if message.body.len() > LONGEST_BODY as usize {
            return Err(Wrong::TooLarge(LONGEST_BODY));
        }
        Ok(())
    }

    fn denies(&self, verb: &str, object: &str) -> Option<String> {
        let grant = format!("{verb}:{object}");
        self.world.denied.contains(&grant).then_some(grant)
    }

    fn timer(
        &mut self,
        range: std::ops::RangeInclusive<u64>,
        delay: u64,
        every: bool,
        to: Address,
        message: &Message,
    ) -> Result<u64, SendError> {
        if !range.contains(&delay) {
            return Err(SendError::Invalid("a timer is set for at most 366 days, and every 1 ms at least".into()));
        }
        self.check(to, message)?;
        let id = self.world.number();
        let due = self.world.now + Duration::from_nanos(delay);
        let (owner, every) = (self.me, every.then_some(delay));
        self.effects.push(Effect::Timer(Pending { id, owner, to, message: message.clone(), due, every }));
        Ok(id)
    }
}

pub(crate) fn own_address() -> Address {
    stage(|stage| stage.me)
}

pub(crate) fn send(to: Address, message: &Message) -> Result<(), SendError> {
    stage(|stage| {
        stage.check(to, message)?;
        stage.effects.push(Effect::Send { to, message: message.clone() });
        Ok(())
    })
}

fn timeout_fits(timeout: u64) -> Result<(), Wrong> {
    match (MILLISECOND..=HOUR).contains(&timeout) {
        true => Ok(()),
        false => Err(Wrong::Invalid("a question waits for 1 ms to 1 h".into())),
    }
}

pub(crate) fn start_ask(to: Address, message: &Message, timeout: u64) -> Result<u64, AskError> {
    stage(|stage| {
        timeout_fits(timeout)?;
        stage.check(to, message)?;
        let request = stage.world.number();
        stage.effects.push(Effect::Ask { request, to, message: message.clone(), timeout });
        Ok(request)
    })
}

pub(crate) fn ask(to: Address, message: &Message, timeout: u64) -> Result<Message, AskError> {
    let request = stage(|stage| {
        timeout_fits(timeout)?;
        stage.check(to, message)?;
        if to == stage.me || stage.world.waits(to) {
            let cycle = format!("{} waits for {}", stage.world.name_of(stage.me), stage.world.name_of(to));
            return Err(AskError::WouldDeadlock(cycle));
        }
        Ok(stage.world.number())
    })?;
    let message = message.clone();
    off_stage(|world, me| {
        let envelope = Envelope { sender: Some(me), request: Some(request), topic: None, message };
        world.ask(None, to, timeout, envelope);
        world.wait(request)
    })
    .unwrap_or(Err(AskError::Unreachable))
}

pub(crate) fn reply(request: u64, answer: Result<&Message, &str>) -> Result<(), SendError> {
    let answer = answer.cloned().map_err(str::to_string);
    effect(Effect::Reply { request, answer });
    Ok(())
}

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
    stage(|stage| match (stage.denies("tell", name), stage.denies("ask", name)) {
        (Some(grant), Some(_)) => Err(NameError::NotGranted(grant)),
        _ => Ok(stage.world.names.get(name).copied()),
    })
}

pub(crate) fn now() -> u64 {
    stage(|stage| stage.world.now.as_nanos())
}

pub(crate) fn wall() -> Option<u64> {
    stage(|stage| Some(stage.world.wall? + stage.world.now.as_nanos()))
}

pub(crate) fn send_after(delay: u64, to: Address, message: &Message) -> Result<u64, SendError> {
    stage(|stage| stage.timer(0..=LONGEST, delay, false, to, message))
}

pub(crate) fn send_every(interval: u64, to: Address, message: &Message) -> Result<u64, SendError> {
    stage(|stage| stage.timer(MILLISECOND..=LONGEST, interval, true, to, message))
}

pub(crate) fn cancel(timer: u64) {
    effect(Effect::Cancel(timer));
}

pub(crate) fn publish(topic: &str, message: &Message) -> Result<(), TopicError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("publish", topic) {
            return Err(TopicError::NotGranted(grant));
        }
        topic_fits(topic, false)?;
        stage.effects.push(Effect::Publish { topic: topic.into(), message: message.clone() });
        Ok(())
    })
}

pub(crate) fn subscribe(pattern: &str) -> Result<(), TopicError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("subscribe", pattern) {
            return Err(TopicError::NotGranted(grant));
        }
        topic_fits(pattern, true)?;
        stage.effects.push(Effect::Subscribe(pattern.into()));
        Ok(())
    })
}

pub(crate) fn unsubscribe(pattern: &str) {
    effect(Effect::Unsubscribe(pattern.into()));
}

fn topic_fits(topic: &str, stars: bool) -> Result<(), TopicError> {
    let plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '-' | '_' | '.');
    let segment = |text: &str| (stars && matches!(text, "*" | "**")) || (!text.is_empty() && text.chars().all(plain));
    match topic.len() <= 128 && topic.split('/').all(segment) {
        true => Ok(()),
        false => Err(TopicError::Invalid(format!("`{topic}` is no topic"))),
    }
}

pub(crate) fn set_route(pattern: &str, receivers: &[Address]) -> Result<(), String> {
    stage(|stage| {
        if stage.world.denied.contains("routes") {
            return Err("not granted: the manifest has to grant `routes`".into());
        }
        topic_fits(pattern, true).map_err(|error| error.to_string())?;
        stage.effects.push(Effect::Route { pattern: pattern.into(), receivers: receivers.to_vec() });
        Ok(())
    })
}

pub(crate) fn routes() -> Result<Vec<(String, Vec<Address>)>, String> {
    stage(|stage| match stage.world.denied.contains("routes") {
        true => Err("not granted: the manifest has to grant `routes`".into()),
        false => Ok(stage.world.routes.clone()),
    })
}

pub(crate) fn read(device: &str) -> Result<Reading, ReadError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("read", device) {
            return Err(ReadError::NotGranted(grant));
        }
        if let Some(input) = stage.world.inputs.get(device) {
            return input.clone();
        }
        let output = stage.world.outputs.get(device).ok_or(ReadError::NoDevice)?;
        Ok(Reading { at: stage.world.now, value: output.value })
    })
}

pub(crate) fn write(device: &str, value: f64) -> Result<(), WriteError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("write", device) {
            return Err(WriteError::NotGranted(grant));
        }
        if stage.world.inputs.contains_key(device) {
            return Err(WriteError::ReadOnly);
        }
        if let Some(output) = stage.world.outputs.get(device) {
            if let Some(fault) = &output.fault {
                return Err(fault.clone());
            }
            if let Some(writer) = output.writer.filter(|writer| *writer != stage.me) {
                return Err(WriteError::Busy(stage.world.name_of(writer)));
            }
        }
        stage.effects.push(Effect::Write { device: device.into(), value });
        Ok(())
    })
}

pub(crate) fn watch(device: &str) -> Result<(), ReadError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("read", device) {
            return Err(ReadError::NotGranted(grant));
        }
        if !stage.world.inputs.contains_key(device) && !stage.world.outputs.contains_key(device) {
            return Err(ReadError::NoDevice);
        }
        stage.effects.push(Effect::Watch(device.into()));
        Ok(())
    })
}

/// At once: a line is kept even when the turn leaves nothing else. Without a host there is nobody to read it.
pub(crate) fn log(level: Level, text: &str) {
    on_stage(|stage| stage.world.logs.push((stage.me, level, text.into())));
}

pub(crate) fn config() -> String {
    stage(|stage| stage.world.actors.get(&stage.me).map(|actor| actor.config.clone()).unwrap_or_default())
}

/// The test's own panic hook shows where.
pub(crate) fn catch_panics() {}
