//! A child for supervisors to look after: it ends as it is told, and starts only while it may.

use greenroom::prelude::*;

/// The actor.
pub struct Fragile {
    /// What is done when it is asked to stop.
    stubborn: bool,
    handled: u64,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// It does not stop when it is asked to: it has to be killed.
    #[serde(default)]
    pub stubborn: bool,
    /// A device that must be on, or its start fails. Needs the grant `read:DEVICE`.
    pub permit: Option<String>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Answered at once: what a supervisor asks first.
    Ready,
    /// Panic.
    Crash,
    /// Give up, with a reason.
    Fail {
        /// Why.
        why: String,
    },
    /// End, as planned.
    Stop,
    /// How many messages it has handled since its start.
    Count,
}

impl Actor for Fragile {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.trap_exits(config.stubborn);
        if let Some(permit) = config.permit
            && ctx.read(&permit)?.value == 0.0
        {
            return Err(Error::new(format_args!("{permit} is off")));
        }
        Ok(Self { stubborn: config.stubborn, handled: 0 })
    }

    #[expect(clippy::panic, reason = "this is what it is for")]
    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        self.handled += 1;
        match message {
            Order::Ready => ctx.reply("ready"),
            Order::Crash => panic!("told to"),
            Order::Fail { why } => Err(Error::new(why)),
            Order::Stop => Ok(Next::Stop),
            Order::Count => ctx.reply(&self.handled),
        }
    }

    fn exited(&mut self, _: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        if self.stubborn {
            info!("was told {why}, and stays");
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Fragile);
