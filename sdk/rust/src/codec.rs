//! Between typed messages and what travels: a message's `kind` is the enum's variant, its JSON body the named fields.
//!
//! Owns the two serde adapters: [`read()`] for what arrives, [`write()`] for what is sent. Neighbours: `instance` reads each
//! message on its way to [`Actor::handle`](crate::Actor::handle), `context` writes what the actor sends.

mod body;
mod field;
mod misfit;
mod read;
mod whole;
mod write;

pub use misfit::Misfit;
pub(crate) use misfit::NOT_JSON;
pub use read::{config, read};
pub use write::{write, write_into};

pub(crate) use read::{answer, read_parts};
