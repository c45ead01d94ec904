//! Drives an output, and then traps, loops for ever, or gives up: the output must be safe before anybody is told.

use greenroom::prelude::*;

/// The probe.
pub struct Heater {
    device: String,
}

/// What it is to drive.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The output.
    device: String,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Switch the output on. Answered, or refused with the reason.
    On,
    /// Panic.
    Trap,
    /// Loop for ever.
    Spin,
    /// Give up.
    Fail,
    /// Allocate for ever.
    Grow,
}

impl Actor for Heater {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { device: config.device })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::On => match ctx.switch(&self.device, true) {
                Ok(()) => ctx.reply("on"),
                Err(why) => ctx.refuse(why.to_string()),
            },
            Order::Trap => panic!("told to"),
            Order::Spin => loop {
                std::hint::spin_loop();
            },
            Order::Fail => Err(Error::new("told to")),
            Order::Grow => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(std::hint::black_box(vec![1u8; 1 << 20]));
                }
            }
        }
    }
}

greenroom::export!(Heater);
