//! Loops for ever when it is told to, or from its start on, or right after it has had another actor run; and works for as
//! long as it is told.

use greenroom::prelude::*;

/// The probe.
pub struct Spin;

/// Its table.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Loop for ever in the first message's turn, which it sends itself.
    #[serde(default)]
    pub from_start: bool,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Loop for ever.
    Go,
    /// Loop so many rounds. Answered, or done once more.
    Work {
        /// The rounds.
        rounds: u64,
        /// Whether to do it again and again, each time in a turn of its own.
        again: bool,
    },
    /// Send an actor `ping`, and loop for ever in the turn that follows.
    Pass {
        /// Whom.
        to: Address,
    },
    /// Answer, to show that it is well.
    Ping,
}

impl Actor for Spin {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        if config.from_start {
            ctx.tell(ctx.address(), &Order::Go)?;
        }
        Ok(Self)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go => loop {
                std::hint::black_box(());
            },
            Order::Work { rounds, again } => {
                for round in 0..rounds {
                    std::hint::black_box(round);
                }
                if again {
                    ctx.tell(ctx.address(), &Order::Work { rounds, again })?;
                }
                ctx.reply("done")
            }
            Order::Pass { to } => {
                ctx.tell(to, &Order::Ping)?;
                ctx.tell(ctx.address(), &Order::Go)?;
                Ok(Next::Same)
            }
            Order::Ping => ctx.reply("pong"),
        }
    }
}

greenroom::export!(Spin);
