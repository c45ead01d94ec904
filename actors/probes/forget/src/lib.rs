//! Takes questions over and forgets them, until it is reminded.

use greenroom::prelude::*;

/// The probe.
pub struct Forget {
    questions: Vec<Request>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// A question that gets no answer.
    Go,
    /// Answer all that it forgot, in order.
    Remember,
}

impl Actor for Forget {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { questions: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Go => self.questions.extend(ctx.request()),
            Order::Remember => {
                for question in self.questions.drain(..) {
                    ctx.reply_to(question, "at last")?;
                }
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Forget);
