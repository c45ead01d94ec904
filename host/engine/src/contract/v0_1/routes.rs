//! `routes`: for the topic registry.

use super::bindings::greenroom::actor::routes::{Host, Route};
use super::bindings::greenroom::actor::types::Address;
use super::convert;
use crate::guest::Guest;
use crate::turn::Effect;
use greenroom_core::{Grant, Pattern};
use std::sync::PoisonError;

impl Host for Guest {
    fn set(&mut self, pattern: String, receivers: Vec<Address>) -> Result<(), String> {
        self.granted(Grant::Routes)?;
        let pattern: Pattern = pattern.parse().map_err(|error: greenroom_core::TopicError| error.to_string())?;
        let receivers = receivers.into_iter().map(convert::core_address).collect();
        self.effect(Effect::Route { pattern, receivers });
        Ok(())
    }

    fn current(&mut self) -> Result<Vec<Route>, String> {
        self.granted(Grant::Routes)?;
        let routes = self.shared.routes.read().unwrap_or_else(PoisonError::into_inner);
        let route = |(pattern, receivers): &(Pattern, Vec<greenroom_core::Address>)| Route {
            pattern: pattern.to_string(),
            receivers: receivers.iter().copied().map(convert::address).collect(),
        };
        Ok(routes.current().iter().map(route).collect())
    }
}
