//! `log`: the actor's log.

use super::bindings::greenroom::actor::log::{Host, Level};
use crate::guest::Guest;
use crate::report;

impl Host for Guest {
    fn write(&mut self, level: Level, text: String) {
        let level = match level {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
        };
        report::log(&self.shared, &self.cell, level, &text);
        if level == "error" {
            self.say(text);
        }
    }
}
