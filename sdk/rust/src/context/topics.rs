//! Publishing, and hearing what is published.

use super::Context;
use crate::message::lend;
use crate::{Actor, Address, Error, Result, Sendable, TopicError, host};

impl<A: Actor> Context<A> {
    /// Publishes a message on a topic: it is kept for streams, and sent to whoever subscribed. Needs the grant
    /// `publish:PATTERN`.
    ///
    /// # Errors
    /// [`TopicError`].
    pub fn publish<M: Sendable + ?Sized>(&self, topic: &str, message: &M) -> Result<(), TopicError> {
        lend(message, |kind, body| host::publish(topic, kind, body))
            .map_err(|misfit| TopicError::Other(misfit.to_string()))?
    }

    /// From now on, what is published on topics of this pattern comes as messages to this actor. Needs the grant
    /// `subscribe:PATTERN`; the topic registry may have rules of its own.
    ///
    /// # Errors
    /// [`TopicError`].
    pub fn subscribe(&self, pattern: &str) -> Result<(), TopicError> {
        host::subscribe(pattern)
    }

    /// Takes that back.
    pub fn unsubscribe(&self, pattern: &str) {
        host::unsubscribe(pattern);
    }

    /// For the topic registry alone (grant `routes`): sets who receives what is published on topics of a pattern, in the
    /// order of delivery. Nobody removes the route.
    ///
    /// # Errors
    /// The grant is missing, or the pattern is malformed.
    pub fn set_route(&self, pattern: &str, receivers: &[Address]) -> Result<()> {
        host::set_route(pattern, receivers).map_err(Error::new)
    }

    /// For the topic registry alone (grant `routes`): the routes as they are. They outlive the registry.
    ///
    /// # Errors
    /// The grant is missing.
    pub fn routes(&self) -> Result<Vec<(String, Vec<Address>)>> {
        host::routes().map_err(Error::new)
    }
}
