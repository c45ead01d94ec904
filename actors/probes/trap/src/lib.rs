//! Panics when it is told to.

use greenroom::prelude::*;

/// The probe.
pub struct Trap;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Panic.
    Go,
    /// Answer, to show that it is well.
    Ping,
}

impl Actor for Trap {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go => panic!("told to"),
            Order::Ping => ctx.reply("pong"),
        }
    }
}

greenroom::export!(Trap);
