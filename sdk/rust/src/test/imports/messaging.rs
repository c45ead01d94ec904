//! Sending, asking and answering.

use super::{HOUR, MILLISECOND, Wrong, effect, stage};
use crate::test::effect::Effect;
use crate::test::turn::off_stage;
use crate::{Address, AskError, Envelope, Message, SendError};

pub(crate) fn own_address() -> Address {
    stage(|stage| stage.me)
}

pub(crate) fn send(to: Address, kind: &str, body: &[u8]) -> Result<(), SendError> {
    stage(|stage| {
        let message = Message::new(kind, body);
        stage.check(to, &message)?;
        stage.effects.push(Effect::Send { to, message });
        Ok(())
    })
}

fn timeout_fits(timeout: u64) -> Result<(), Wrong> {
    match (MILLISECOND..=HOUR).contains(&timeout) {
        true => Ok(()),
        false => Err(Wrong::Invalid("a question waits for 1 ms to 1 h".into())),
    }
}

pub(crate) fn start_ask(to: Address, kind: &str, body: &[u8], timeout: u64) -> Result<u64, AskError> {
    stage(|stage| {
        let message = Message::new(kind, body);
        timeout_fits(timeout)?;
        stage.check(to, &message)?;
        let request = stage.world.number();
        stage.effects.push(Effect::Ask { request, to, message, timeout });
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

pub(crate) fn reply(request: u64, kind: &str, body: &[u8]) -> Result<(), SendError> {
    effect(Effect::Reply { request, answer: Ok(Message::new(kind, body)) });
    Ok(())
}

pub(crate) fn refuse(request: u64, why: &str) -> Result<(), SendError> {
    effect(Effect::Reply { request, answer: Err(why.into()) });
    Ok(())
}
