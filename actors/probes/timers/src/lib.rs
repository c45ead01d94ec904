//! Sets and cancels timers by message, and tells which of them fired when.

use greenroom::prelude::*;

/// The probe.
pub struct Timers {
    fired: Vec<Fired>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Set a timer. Answered with it, or refused with the reason.
    Once {
        /// How long from now.
        after: Duration,
        /// Comes back in [`Fired`].
        note: String,
    },
    /// Set a timer that fires again and again. Answered with it, or refused with the reason.
    Every {
        /// How often.
        every: Duration,
        /// Comes back in [`Fired`].
        note: String,
    },
    /// Cancel a timer.
    Cancel {
        /// Which.
        timer: Timer,
    },
    /// What a timer sends.
    Fire {
        /// The timer's.
        note: String,
    },
    /// Answer what has fired, oldest first.
    Fired,
}

/// That a timer fired.
#[derive(Serialize, Deserialize)]
pub struct Fired {
    /// Which.
    pub note: String,
    /// When it was heard.
    pub at: Instant,
}

impl Actor for Timers {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { fired: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        let timer = match message {
            Order::Once { after, note } => ctx.send_after(after, &Order::Fire { note }),
            Order::Every { every, note } => ctx.send_every(every, &Order::Fire { note }),
            Order::Cancel { timer } => {
                ctx.cancel(timer);
                return ctx.reply("cancelled");
            }
            Order::Fire { note } => {
                self.fired.push(Fired { note, at: ctx.now() });
                return Ok(Next::Same);
            }
            Order::Fired => return ctx.reply(&self.fired),
        };
        match timer {
            Ok(timer) => ctx.reply(&timer),
            Err(why) => ctx.refuse(why.to_string()),
        }
    }
}

greenroom::export!(Timers);
