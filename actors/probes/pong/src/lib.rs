//! The other half of the benchmark: bounces the ball back to `ping`.

use greenroom::prelude::*;

/// The probe.
pub struct Pong;

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ball {
    /// The ball.
    Bounce {
        /// How many messages are left.
        left: u64,
    },
}

impl Actor for Pong {
    type Config = ();
    type Message = Ball;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, Ball::Bounce { left }: Ball, ctx: &mut Context<Self>) -> Result<Next> {
        if let Some(sender) = ctx.sender() {
            ctx.tell(sender, &Ball::Bounce { left: left.saturating_sub(1) })?;
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Pong);
