//! A relay that is a variable.

use crate::devices::pin::Drive;

/// Never fails.
#[derive(Debug)]
pub(in crate::devices) struct Relay {
    on: bool,
}

impl Relay {
    /// A relay at `on`.
    pub(in crate::devices) fn new(on: bool) -> Self {
        Self { on }
    }
}

impl Drive for Relay {
    fn can_go(&self) -> bool {
        false
    }

    fn drive(&mut self, on: bool) -> Result<(), String> {
        self.on = on;
        Ok(())
    }

    fn level(&mut self) -> Result<bool, String> {
        Ok(self.on)
    }
}
