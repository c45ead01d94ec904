//! Half of the benchmark: bounces a ball with `pong`, and tells whoever started it how long that took.

use greenroom::prelude::*;

/// The probe.
pub struct Ping {
    game: Option<Game>,
}

struct Game {
    question: Option<Request>,
    began: Instant,
    messages: u64,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ball {
    /// Bounce with an actor until this many messages have been sent, and answer with [`Bounced`].
    Start {
        /// The other half.
        to: Address,
        /// How many: the next even number.
        messages: u64,
    },
    /// The ball.
    Bounce {
        /// How many messages are left.
        left: u64,
    },
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Bounced {
    /// How many messages were sent.
    pub messages: u64,
    /// How long that took.
    pub nanoseconds: u64,
}

impl Actor for Ping {
    type Config = ();
    type Message = Ball;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { game: None })
    }

    fn handle(&mut self, message: Ball, ctx: &mut Context<Self>) -> Result<Next> {
        match (message, ctx.sender()) {
            (Ball::Start { to, messages }, _) => {
                // The last one comes back here.
                let messages = messages.max(1).next_multiple_of(2);
                self.game = Some(Game { question: ctx.request(), began: ctx.now(), messages });
                ctx.tell(to, &Ball::Bounce { left: messages - 1 })?;
            }
            (Ball::Bounce { left: 0 }, _) => {
                if let Some(Game { question: Some(question), began, messages }) = self.game.take() {
                    let nanoseconds = ctx.now().since(began).as_nanos();
                    ctx.reply_to(question, &Bounced { messages, nanoseconds })?;
                }
            }
            (Ball::Bounce { left }, Some(sender)) => ctx.tell(sender, &Ball::Bounce { left: left - 1 })?,
            (Ball::Bounce { .. }, None) => {}
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Ping);
