//! Supervisors of the host, for actors that start and stop children while they run: OTP's administration calls.
//!
//! [`Context::supervisor`](crate::Context::supervisor) finds one, and needs the grant `supervise:NAME`. Each of a
//! [`Supervisor`]'s methods makes an [`Order`], which is asked as any question: its answer comes as a message of the actor's
//! own. A supervisor that does not do what it is told refuses with [`AskError::Refused`](crate::AskError::Refused), whose
//! reason is a [`Refusal`].

mod answer;
mod handle;
mod order;
mod spec;

pub use answer::{Answer, ChildState, ChildView, Children, Count, Done, Refusal, Role, Start};
pub use handle::Supervisor;
pub use order::Order;
pub use spec::{ChildSpec, One, Restart, Shutdown};
