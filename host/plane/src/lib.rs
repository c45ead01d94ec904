//! The data plane's shared parts: what several threads touch on a message's way from one actor to another.
//!
//! A message takes a [`Place`] in its receiver's [`Mailbox`], is put there, and [`Schedule::wake`] says whether the
//! receiver goes into the run [`Queue`], from which a worker takes it. Turns that take long share a [`Gate`]; what an actor is
//! at is [`Shown`]; what turns have for the control plane goes over a [`Desk`]. All of it is generic over what is carried and
//! knows neither components nor clocks, so that loom can try out every order in which the threads may meet:
//! `RUSTFLAGS="--cfg loom" cargo test -p greenroom-plane --release --test loom`, or `cargo verify --only loom`.

mod activity;
mod desk;
mod gate;
mod mailbox;
mod own;
mod place;
mod policy;
mod queue;
mod room;
mod schedule;
mod shown;
mod sync;

pub use activity::Activity;
pub use desk::{Clerk, Desk};
pub use gate::Gate;
pub use mailbox::{Item, Mailbox, Next};
pub use place::{Actor, Place};
pub use policy::{Lost, Policy, Why};
pub use queue::{Queue, Stand, Worker};
pub use room::NoPlace;
pub use schedule::Schedule;
pub use shown::Shown;
