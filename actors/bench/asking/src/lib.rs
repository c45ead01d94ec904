//! Questions from one actor to another, one after the other: each waits for the answer to the one before.

use greenroom::prelude::*;

/// Who asks and makes who answers, or who answers.
pub struct Asking {
    answerer: Option<Address>,
    game: Option<Game>,
}

struct Game {
    question: Request,
    questions: u64,
    left: u64,
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
    /// Makes who answers, and asks.
    Asker,
    /// Answers.
    Answerer,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// To the asker: ask so often. Answered with [`Done`].
    Start {
        /// Questions.
        units: u64,
    },
    /// To the answerer. Answered with the number and one.
    Question {
        /// A number.
        number: u64,
    },
    /// To the asker.
    Answer(Result<u64, AskError>),
}

/// How it went.
#[derive(Serialize, Deserialize)]
pub struct Done {
    /// Messages that were sent: a question and an answer each.
    pub messages: u64,
}

impl Asking {
    fn ask(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        let (Some(answerer), Some(game)) = (self.answerer, &mut self.game) else { return Ok(()) };
        game.left -= 1;
        let question = Order::Question { number: game.left };
        ctx.ask(answerer, &question, 10.s(), Order::Answer)?;
        Ok(())
    }
}

impl Actor for Asking {
    type Config = Config;
    type Message = Order;

    fn init(Config { role }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let answerer = match role {
            Role::Asker => {
                let config = Config { role: Role::Answerer };
                Some(ctx.spawn("answerer").config(&config)?.linked().start()?.address)
            }
            Role::Answerer => None,
        };
        Ok(Self { answerer, game: None })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Start { units } => {
                let questions = units.max(1);
                self.game = ctx.request().map(|question| Game { question, questions, left: questions });
                self.ask(ctx)?;
            }
            Order::Question { number } => return ctx.reply(&(number + 1)),
            Order::Answer(answer) => {
                let left = self.game.as_ref().map_or(0, |game| game.left);
                if answer? != left + 1 {
                    return Err(Error::new("that is the answer to another question"));
                }
                if left > 0 {
                    self.ask(ctx)?;
                } else if let Some(Game { question, questions, .. }) = self.game.take() {
                    ctx.reply_to(question, &Done { messages: 2 * questions })?;
                }
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Asking);
