//! The contract's imports, on the virtual host: the functions of `host` natively.
//!
//! Each checks what the real host checks at once, and leaves the rest for the end of the turn.

mod family;
mod messaging;
mod places;

pub(crate) use family::*;
pub(crate) use messaging::*;
pub(crate) use places::*;

use super::effect::Effect;
use super::turn::{Stage, on_stage};
use super::world::Pending;
use crate::{Address, AskError, Duration, Level, Message, SendError};

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

pub(crate) fn log(level: Level, text: &str) {
    on_stage(|stage| stage.world.logs.push((stage.me, level, text.into())));
}

pub(crate) fn config() -> String {
    stage(|stage| stage.world.actors.get(&stage.me).map(|actor| actor.config.clone()).unwrap_or_default())
}

pub(crate) fn catch_panics() {}
