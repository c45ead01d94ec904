//! Writes a device when it is told to, whether it may or not, and tells how that went.

use greenroom::prelude::*;

/// The probe.
pub struct GreedyWrite;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Write a device. Answered, or refused with the reason.
    Go {
        /// The device.
        device: String,
        /// The value: 1 when this is missing.
        value: Option<f64>,
    },
    /// Read a device. Answered with its value, or refused with the reason.
    Read {
        /// The device.
        device: String,
    },
}

impl Actor for GreedyWrite {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go { device, value } => match ctx.write(&device, value.unwrap_or(1.0)) {
                Ok(()) => ctx.reply("written"),
                Err(why) => ctx.refuse(why.to_string()),
            },
            Order::Read { device } => match ctx.read(&device) {
                Ok(reading) => ctx.reply(&reading.value),
                Err(why) => ctx.refuse(why.to_string()),
            },
        }
    }
}

greenroom::export!(GreedyWrite);
