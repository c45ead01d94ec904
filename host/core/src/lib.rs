//! The rules of Greenroom: names and addresses, supervision, lifecycles, links, monitors, the registry, asks, timers
//! and topics. Pure state machines: no I/O, no clock, no threads; all time comes in as an argument.

mod address;
mod asks;
mod budget;
mod content;
mod grant;
mod message;
mod name;
mod outside;
mod reason;
mod spec;
pub mod system;
mod time;
mod timers;
mod topic;

pub use address::{Address, Addresses, ParseAddressError};
pub use asks::{Ask, Asks, Cycle};
pub use content::Content;
pub use grant::{Grant, GrantError};
pub use message::{Envelope, Kind, KindError, Message, Request};
pub use name::{Name, NameError};
pub use outside::{Folder, FolderError, Peer, PeerError, PeerHost};
pub use reason::Reason;
pub use spec::{AutoShutdown, BackOff, Flags, GiveUp, Intensity, Restart, Shutdown, Strategy};
pub use system::System;
pub use time::Instant;
pub use timers::{Setting, TimerId, Timers};
pub use topic::{Pattern, Routes, Topic, TopicError};
