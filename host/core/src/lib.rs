//! The rules of Greenroom: names and addresses, supervision, lifecycles, links, monitors, the registry, asks, timers
//! and topics. A pure state machine: no I/O, no clock, no threads; all time comes in as an argument.

mod address;
mod grant;
mod message;
mod name;
mod reason;
mod spec;
mod time;
mod topic;

pub use address::{Address, ParseAddressError};
pub use grant::{Grant, GrantError};
pub use message::{Envelope, Kind, KindError, Message, Request};
pub use name::{Name, NameError};
pub use reason::Reason;
pub use spec::{Intensity, Restart, Shutdown, Strategy};
pub use time::Instant;
pub use topic::{Pattern, Routes, Topic, TopicError};
