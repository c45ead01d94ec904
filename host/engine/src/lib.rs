//! The engine: components, mailboxes and the run queue, turns, swaps, devices.
//!
//! The path of a message, in files: [`handle`] or a turn's import in `contract` → `mailbox` → `scheduler` → `cell` →
//! `body` (the step) → `instance` (the component) → `turn` (the commit) → other mailboxes, [`hub`], [`devices`], and for
//! what concerns lifecycles the `driver` with the core.

mod active;
mod amend;
mod ask;
mod blueprint;
mod body;
mod cell;
mod cells;
pub mod clock;
mod component;
mod contract;
pub mod devices;
mod driver;
mod envelopes;
mod guest;
pub mod handle;
mod host;
pub mod hub;
mod instance;
mod lap;
mod letters;
mod limit;
mod line;
mod machine;
mod mailbox;
mod orders;
mod pace;
mod report;
mod roster;
mod scheduler;
mod shadow;
mod shared;
mod signal;
mod sleep;
mod snapshot;
mod swap;
mod tally;
mod turn;
mod versions;
pub mod view;
mod wait;
mod wasi;
mod watch;
mod watches;

pub use amend::Amended;
pub use clock::Clock;
pub use component::{ComponentError, Inspection, Progress, Size};
pub use greenroom_store::Digest;
pub use handle::{CallError, Handle, Reloaded};
pub use host::{Exit, Host, Inspector, Options, Prepared, StartError};
pub use shadow::order::SHADOW_TIME;
pub use shadow::report::{Finding, ShadowReport};
pub use versions::{VersionView, Versions};
