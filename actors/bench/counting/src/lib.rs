//! Savina's counting actor: a producer sends as fast as it may, a counter counts, and is asked in the end how far it got.
//!
//! Mailboxes are bounded, so the producer sends a window of additions and waits until the counter has come to its end.

use greenroom::prelude::*;

/// Additions of one window: half of a mailbox of the default size.
const WINDOW: u64 = 512;

/// The producer, which makes the counter, or the counter.
pub struct Counting {
    /// Whom the producer sends to.
    counter: Option<Address>,
    count: u64,
    game: Option<Game>,
}

struct Game {
    question: Request,
    left: u64,
    messages: u64,
}

/// Its table.
#[derive(Serialize, Deserialize)]
pub struct Config {
    /// Who it is.
    pub role: Role,
}

/// Who it is.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Makes a counter, and sends.
    Producer,
    /// Counts.
    Counter,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// To the producer: send so many additions. Answered with [`Done`].
    Start {
        /// Additions.
        units: u64,
    },
    /// To the counter: one more.
    Add,
    /// To the counter: say that all before this is counted.
    Pass,
    /// To the producer: it is.
    Passed,
    /// To the counter: say how many there were, and begin anew.
    Retrieve,
    /// To the producer: so many.
    Counted {
        /// Additions since the last time.
        count: u64,
    },
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Messages that were sent.
    pub messages: u64,
    /// Additions that the counter has seen.
    pub count: u64,
}

impl Counting {
    /// Sends the next window, and what is to come back at its end.
    fn go_on(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        let (Some(counter), Some(game)) = (self.counter, &mut self.game) else { return Ok(()) };
        let window = game.left.min(WINDOW);
        for _ in 0..window {
            ctx.tell(counter, &Order::Add)?;
        }
        game.left -= window;
        game.messages += window + 2;
        Ok(ctx.tell(counter, if game.left == 0 { &Order::Retrieve } else { &Order::Pass })?)
    }

    fn answer(to: Option<Address>, with: &Order, ctx: &Context<Self>) -> Result<()> {
        Ok(to.map_or(Ok(()), |to| ctx.tell(to, with))?)
    }
}

impl Actor for Counting {
    type Config = Config;
    type Message = Order;

    fn init(Config { role }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let counter = match role {
            Role::Producer => {
                let config = Config { role: Role::Counter };
                Some(ctx.spawn("counter").config(&config)?.linked().start()?.address)
            }
            Role::Counter => None,
        };
        Ok(Self { counter, count: 0, game: None })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Start { units } => {
                self.game = ctx.request().map(|question| Game { question, left: units, messages: 0 });
                self.go_on(ctx)?;
            }
            Order::Add => self.count += 1,
            Order::Pass => Self::answer(ctx.sender(), &Order::Passed, ctx)?,
            Order::Passed => self.go_on(ctx)?,
            Order::Retrieve => {
                let count = std::mem::take(&mut self.count);
                Self::answer(ctx.sender(), &Order::Counted { count }, ctx)?;
            }
            Order::Counted { count } => {
                if let Some(Game { question, messages, .. }) = self.game.take() {
                    ctx.reply_to(question, &Done { messages, count })?;
                }
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Counting);
