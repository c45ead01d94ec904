//! The contract's `types`, as the generated bindings name them: this crate's own types in their place.

pub use crate::{Address, AskError, Envelope, Message, Next, Reason, SendError};

/// Nanoseconds.
pub type Duration = u64;
/// Nanoseconds since the host's monotonic origin.
pub type Instant = u64;
/// A question's number.
pub type Request = u64;
