//! Actors in tests: natively, without a host, in virtual time.
//!
//! [`Test`] runs one actor; [`Host`] is the virtual host behind it, for what the actor meets: sensors, outputs, children,
//! strangers that record what they are sent. The rules are the real host's: a turn is a transaction, links and monitors
//! are Erlang's, a panic ends the actor as `trapped`. Nothing waits: time passes only in [`Host::advance`].
//!
//! ```
//! use greenroom::prelude::*;
//! use greenroom::test::Test;
//!
//! /// Keeps a fan on while it is warmer than 30 degrees.
//! struct Fan;
//!
//! #[derive(Serialize, Deserialize)]
//! #[serde(rename_all = "kebab-case")]
//! enum Tick {
//!     Tick,
//! }
//!
//! impl Actor for Fan {
//!     type Config = ();
//!     type Message = Tick;
//!
//!     fn init(_: (), ctx: &mut Context<Self>) -> Result<Self> {
//!         ctx.send_every(2.s(), &Tick::Tick)?;
//!         Ok(Self)
//!     }
//!
//!     fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<Next> {
//!         match ctx.read("thermometer") {
//!             Ok(reading) => ctx.switch("fan", reading.value > 30.0)?,
//!             Err(why) => warn!("no temperature: {why}"),
//!         }
//!         Ok(Next::Same)
//!     }
//! }
//!
//! let mut fan = Test::<Fan>::start(());
//! fan.set_input("thermometer", 31.5);
//! fan.advance(2.s());
//! assert_eq!(fan.output("fan"), 1.0);
//! fan.lose_input("thermometer", "unplugged");
//! fan.advance(2.s());
//! assert!(fan.logged("no temperature: unplugged"));
//! ```

mod actor;
mod clock;
mod effect;
mod end;
mod host;
pub(crate) mod imports;
mod runner;
mod turn;
mod world;

pub use actor::Test;
pub use host::{Host, Spawned};
