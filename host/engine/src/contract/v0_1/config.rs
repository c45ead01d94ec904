//! `config`: the actor's configuration.

use super::bindings::greenroom::actor::config::Host;
use crate::guest::Guest;

impl Host for Guest {
    fn get(&mut self) -> String {
        self.config.to_string()
    }
}
