//! `topics`: publishing, and asking the registry for a subscription.

use super::bindings::greenroom::actor::topics::{Host, TopicError};
use super::bindings::greenroom::actor::types::Message;
use super::convert;
use crate::cell::Cell;
use crate::guest::Guest;
use crate::mailbox::Place;
use crate::turn::Effect;
use greenroom_core::{Grant, Pattern, Topic};
use greenroom_plane::NoPlace;
use std::sync::Arc;

/// The host's own topics.
const RESERVED: &str = "greenroom";

impl Host for Guest {
    fn publish(&mut self, topic: String, message: Message) -> Result<(), TopicError> {
        let topic: Topic = topic.parse().map_err(invalid)?;
        let message = self.may_publish(&topic, message)?;
        self.effect(Effect::Publish { topic, message: Box::new(message) });
        Ok(())
    }

    fn subscribe(&mut self, pattern: String) -> Result<(), TopicError> {
        let pattern: Pattern = pattern.parse().map_err(invalid)?;
        self.granted(Grant::Subscribe(pattern.clone())).map_err(TopicError::NotGranted)?;
        self.tell_registry("register", &pattern)
    }

    fn unsubscribe(&mut self, pattern: String) {
        if let Ok(pattern) = pattern.parse() {
            // Without a registry there is no subscription to take back.
            drop(self.tell_registry("deregister", &pattern));
        }
    }
}

impl Guest {
    /// A message for a topic, if it may be published.
    pub(super) fn may_publish(&self, topic: &Topic, message: Message) -> Result<greenroom_core::Message, TopicError> {
        let pattern = Pattern::from(topic);
        if topic.as_str().split('/').next() == Some(RESERVED) {
            return Err(TopicError::Invalid("topics under `greenroom/` are the host's own".into()));
        }
        self.granted(Grant::Publish(pattern)).map_err(TopicError::NotGranted)?;
        let limit = self.behavior.max_message;
        if message.body.len() > limit as usize {
            return Err(TopicError::TooLarge(limit));
        }
        convert::message(message).map_err(|error| TopicError::Invalid(error.to_string()))
    }

    /// The topic registry.
    pub(super) fn registry(&self) -> Result<Arc<Cell>, TopicError> {
        let registry = self.shared.plan.host.topics.as_ref().and_then(|name| self.shared.lookup(name.as_str()));
        registry.and_then(|address| self.shared.cells.get(address)).ok_or(TopicError::NoRegistry)
    }

    fn tell_registry(&mut self, kind: &str, pattern: &Pattern) -> Result<(), TopicError> {
        let cell = self.registry()?;
        let body = serde_json::json!({ "pattern": pattern.as_str() }).to_string();
        let kind = kind.parse().map_err(|error: greenroom_core::KindError| TopicError::Other(error.to_string()))?;
        match Place::reserve(cell) {
            Ok(place) => {
                let message = greenroom_core::Message::new(kind, body);
                let envelope = self.envelope(message);
                self.letter(place, envelope);
                Ok(())
            }
            Err(NoPlace::Full) => Err(full()),
            Err(NoPlace::Closed) => Err(TopicError::NoRegistry),
        }
    }
}

pub(super) fn invalid(error: greenroom_core::TopicError) -> TopicError {
    TopicError::Invalid(error.to_string())
}

pub(super) fn full() -> TopicError {
    TopicError::Other("the topic registry's mailbox is full".into())
}
