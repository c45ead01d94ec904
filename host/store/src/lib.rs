//! What outlives a host: the versions of its components, and the states that actors keep on disk.
//!
//! A [`Store`] is a folder. The record of versions and the states are in an SQLite database (`state.db`), the components'
//! bytes in plain files by their digest (`versions/`). What is asked for takes effect in memory at once; one thread writes
//! it behind, so that threads that run turns never wait for a disk. What is on disk is always everything up to some moment.
//!
//! The path of a change: [`Store`] → `memory` (what is true now, and what of it has changed) → `writer` (when) → `disk`
//! (what differs, and what if it fails) → `database` (one transaction). Neighbours: the engine, and nobody else.

mod aside;
mod choice;
mod database;
mod digest;
mod disk;
mod error;
mod files;
mod folder;
mod memory;
mod record;
mod seal;
mod state;
mod store;
mod version;
mod writer;
mod written;

pub use choice::{Choice, From};
pub use digest::Digest;
pub use error::Error;
pub use record::KEPT;
pub use state::{LARGEST, Loaded, State};
pub use store::{Opened, Options, Store};
pub use version::{Origin, Status, Version};
pub use written::Written;
