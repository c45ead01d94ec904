//! What a device says.

use crate::Instant;

/// A value as it was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// When.
    pub at: Instant,
    /// In the device's unit, as the manifest has it; switches are 0 (off) and 1 (on).
    pub value: f64,
}
