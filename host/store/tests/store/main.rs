//! The store from outside: against a model, killed, on damaged files, and on disks that refuse.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod crash;
mod damage;
mod model;
mod refuse;
mod steps;
mod time;
