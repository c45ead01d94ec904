//! The engine: components, mailboxes and the run queue, turns, swaps, devices.

pub mod clock;
pub mod devices;
pub mod handle;
pub mod hub;
pub mod view;
