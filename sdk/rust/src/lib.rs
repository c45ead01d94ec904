//! Write [Greenroom](https://crates.io/crates/greenroom) actors in Rust.
//!
//! An [`Actor`] says what it does with each message; the SDK does the rest: JSON and types, messages that nobody
//! understands, panics to the log, saving and restoring, an answer on every path of a question. In a test an actor is a
//! value: [`test::Test`] runs it natively, in virtual time.
//!
//! The path of a message: the host calls a function that [`export!`] made, `instance` has [`codec`] read it, the actor
//! handles it, and what it does with its [`Context`] goes through `host` to the real host or the virtual one.

mod actor;
mod address;
#[cfg(all(target_arch = "wasm32", feature = "allocator"))]
mod allocator;
mod behavior;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
#[expect(unreachable_pub, reason = "generated")]
pub mod bindings;
pub mod codec;
pub(crate) mod context;
mod error;
mod export;
mod figure;
mod host;
pub(crate) mod instance;
pub mod json;
mod log;
mod message;
mod next;
mod reading;
mod reason;
mod state;
pub mod supervisor;
#[cfg(not(target_arch = "wasm32"))]
pub mod test;
mod time;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod tray;
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod wire;

pub use actor::Actor;
pub use address::{Address, Monitor, ParseAddressError, Question, Request, Timer};
pub use behavior::{Behavior, Current, Then};
pub use context::{Child, Context, Spawn};
pub use error::{AskError, Error, NameError, ReadError, Result, SendError, SpawnError, TopicError, WriteError};
pub use figure::Figure;
#[doc(hidden)]
pub use instance::Instance;
pub use log::{Level, log};
pub use message::{Envelope, Message, Sendable};
pub use next::Next;
pub use reading::Reading;
pub use reason::Reason;
pub use state::{Occasion, Old, State};
pub use time::{Duration, Instant, ParseDurationError, Units, Wall};

/// What an actor mostly needs: `use greenroom::prelude::*;`.
pub mod prelude {
    pub use crate::{Actor, Behavior, Context, Current, Next, Occasion, Old, State, Then, Units};
    pub use crate::{
        Address, AskError, Child, Duration, Error, Figure, Instant, Level, Message, Monitor, Question, Reading, Reason,
        Request, Result, Timer,
    };
    pub use crate::{debug, error, info, trace, warn};
    pub use serde::{Deserialize, Serialize};
}
