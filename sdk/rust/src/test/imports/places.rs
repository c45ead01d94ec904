//! Topics and devices.

use super::{effect, stage};
use crate::test::effect::Effect;
use crate::{Address, Message, ReadError, Reading, TopicError, WriteError};

pub(crate) fn publish(topic: &str, kind: &str, body: &[u8]) -> Result<(), TopicError> {
    stage(|stage| {
        if let Some(grant) = stage.denies("publish", topic) {
            return Err(TopicError::NotGranted(grant));
        }
        topic_fits(topic, false)?;
        stage.effects.push(Effect::Publish { topic: topic.into(), message: Message::new(kind, body) });
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
