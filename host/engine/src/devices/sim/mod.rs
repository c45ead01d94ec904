//! Devices that need no hardware: the kettle and its relay, a script, a sine wave. They follow the clock that they are
//! given, so that a mash of two hours takes a second in virtual time.

mod kettle;
mod relay;
mod scripted;
mod sine;

pub(super) use kettle::{Kettle, Plant};
pub(super) use relay::Relay;
pub(super) use scripted::Scripted;
pub(super) use sine::Sine;
