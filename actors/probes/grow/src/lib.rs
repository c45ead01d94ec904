//! Allocates for ever when it is told to.

use greenroom::prelude::*;
use std::hint::black_box;

/// The probe.
pub struct Grow;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Allocate for ever.
    Go,
    /// Answer, to show that it is well.
    Ping,
}

impl Actor for Grow {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go => {
                let mut hoard = Vec::new();
                loop {
                    // Larger each time, so that the limit is reached long before the deadline.
                    hoard.push(black_box(vec![1u8; (64 * 1024) << hoard.len().min(8)]));
                }
            }
            Order::Ping => ctx.reply("pong"),
        }
    }
}

greenroom::export!(Grow);
