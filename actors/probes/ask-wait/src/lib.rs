//! Asks another actor and waits for the answer, in the middle of a turn: the one probe that needs a fiber.

use greenroom::prelude::*;

/// The probe.
pub struct AskWait {
    waits: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Ask an actor, and answer with its answer as it is, or refuse with the reason.
    Go {
        /// Whom.
        to: Address,
        /// With a message of this kind, without fields.
        kind: String,
        /// For how long: a second when this is missing.
        timeout: Option<Duration>,
    },
    /// Answer how many waits there have been.
    Waits,
}

impl Actor for AskWait {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { waits: 0 })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go { to, kind, timeout } => {
                self.waits += 1;
                let timeout = timeout.unwrap_or_else(|| 1.s());
                match ctx.ask_wait::<_, Message>(to, &Message::new(kind, []), timeout) {
                    Ok(answer) => ctx.reply(&answer),
                    Err(why) => ctx.refuse(why.to_string()),
                }
            }
            Order::Waits => ctx.reply(&self.waits),
        }
    }
}

greenroom::export!(AskWait);
