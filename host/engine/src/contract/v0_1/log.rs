//! `log`: the actor's log.

use super::bindings::greenroom::actor::log::{Host, Level};
use crate::guest::Guest;
use crate::report;

impl Host for Guest {
    fn write(&mut self, level: Level, text: String) {
        let level = word(level);
        report::log(&self.shared, &self.cell, level, &text);
        if level == "error" {
            self.say(text);
        }
    }
}

/// A level's word.
pub(super) fn word(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}
