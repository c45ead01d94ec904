//! `topics`: publishing, and asking the registry for a subscription.

use super::bindings::greenroom::actor::topics::{Host, TopicError};
use super::bindings::greenroom::actor::types::Message;
use super::convert;
use crate::guest::Guest;
use crate::mailbox::Place;
use crate::turn::Effect;
use greenroom_core::{Grant, Pattern, Topic};
use greenroom_plane::NoPlace;

/// The host's own topics.
const RESERVED: &str = "greenroom";

impl Host for Guest {
    fn publish(&mut self, topic: String, message: Message) -> Result<(), TopicError> {
        let topic: Topic = topic.parse().map_err(invalid)?;
        let pattern = Pattern::from(&topic);
        if topic.as_str().split('/').next() == Some(RESERVED) {
            return Err(TopicError::Invalid("topics under `greenroom/` are the host's own".into()));
        }
        self.granted(Grant::Publish(pattern)).map_err(TopicError::NotGranted)?;
        let limit = self.behavior.max_message;
        if message.body.len() > limit as usize {
            return Err(TopicError::TooLarge(limit));
        }
        let message = convert::message(message).map_err(|error| TopicError::Invalid(error.to_string()))?;
        self.effect(Effect::Publish { topic, message });
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
    fn tell_registry(&mut self, kind: &str, pattern: &Pattern) -> Result<(), TopicError> {
        let registry = self.shared.plan.host.topics.as_ref().and_then(|name| self.shared.lookup(name.as_str()));
        let cell = registry.and_then(|address| self.shared.cells.get(address)).ok_or(TopicError::NoRegistry)?;
        let body = serde_json::json!({ "pattern": pattern.as_str() }).to_string();
        let kind = kind.parse().map_err(|error: greenroom_core::KindError| TopicError::Other(error.to_string()))?;
        match Place::reserve(&cell) {
            Ok(place) => {
                let message = greenroom_core::Message::new(kind, body.into_bytes());
                self.effect(Effect::Send { place, message });
                Ok(())
            }
            Err(NoPlace::Full) => Err(TopicError::Other("the topic registry's mailbox is full".into())),
            Err(NoPlace::Closed) => Err(TopicError::NoRegistry),
        }
    }
}

fn invalid(error: greenroom_core::TopicError) -> TopicError {
    TopicError::Invalid(error.to_string())
}
