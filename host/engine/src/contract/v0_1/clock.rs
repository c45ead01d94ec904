//! `clock`: what time it is.

use super::bindings::greenroom::actor::clock::Host;
use crate::guest::Guest;

impl Host for Guest {
    fn now(&mut self) -> u64 {
        self.shared.now().as_nanos()
    }

    fn wall(&mut self) -> Option<u64> {
        self.shared.clock.wall_if_set().and_then(|wall| u64::try_from(wall.as_nanos()).ok())
    }
}
