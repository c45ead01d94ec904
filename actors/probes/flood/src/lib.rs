//! Sends as fast as it can when it is told to.

use greenroom::prelude::*;

/// The probe.
pub struct Flood;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Send `drop` to an actor again and again in this one turn, and answer how it went.
    Go {
        /// Where to.
        to: Address,
        /// How often: for ever when this is missing.
        messages: Option<u64>,
    },
    /// What is sent.
    Drop,
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Flooded {
    /// How many were accepted.
    pub sent: u64,
    /// How many were not.
    pub refused: u64,
}

impl Actor for Flood {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        let Order::Go { to, messages } = message else { return Ok(Next::Same) };
        let mut flooded = Flooded { sent: 0, refused: 0 };
        while messages.is_none_or(|messages| flooded.sent + flooded.refused < messages) {
            match ctx.tell(to, &Order::Drop) {
                Ok(()) => flooded.sent += 1,
                Err(_) => flooded.refused += 1,
            }
        }
        ctx.reply(&flooded)
    }
}

greenroom::export!(Flood);
