//! Supervision by scripts: a tree, what happens to it, and what the supervisors do about it, in virtual time.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod administration;
mod backoff;
mod dynamic;
mod kill;
mod quarantine;
mod reshape;
mod scale;
mod significant;
mod stage;
mod strategies;
mod ties;
