//! One that panics when it is told to, and one that looks how soon the next incarnation handles its first message.

use greenroom::prelude::*;

/// Who looks, or who dies.
pub struct Rising {
    mortal: Option<Address>,
    watch: Option<Watch>,
}

struct Watch {
    question: Request,
    left: usize,
    took: Vec<u64>,
}

/// Its table.
#[derive(Serialize, Deserialize)]
pub struct Config {
    /// The name of who dies; none for that one itself.
    pub mortal: Option<String>,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// To who looks: have it die so often, one after the other. Answered with a list of nanoseconds.
    Start {
        /// Deaths.
        units: usize,
    },
    /// To who dies: panic.
    Die,
    /// To who dies, for the next incarnation: say how long ago this was.
    Rise {
        /// When it was sent, right behind `Die`.
        sent: u64,
    },
    /// To who looks.
    Risen {
        /// Nanoseconds from the sending of the last two to the handling of the second.
        took: u64,
    },
}

impl Rising {
    fn kill(&self, ctx: &Context<Self>) -> Result<()> {
        let Some(mortal) = self.mortal else { return Err(Error::new("there is nobody to die")) };
        ctx.tell(mortal, &Order::Die)?;
        ctx.tell(mortal, &Order::Rise { sent: ctx.now().as_nanos() })?;
        Ok(())
    }
}

impl Actor for Rising {
    type Config = Config;
    type Message = Order;

    fn init(Config { mortal }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        let mortal = mortal.map(|name| ctx.lookup(&name)).transpose()?.flatten();
        Ok(Self { mortal, watch: None })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Start { units } => {
                let watch = |question| Watch { question, left: units.max(1), took: Vec::new() };
                self.watch = ctx.request().map(watch);
                self.kill(ctx)?;
            }
            Order::Die => panic!("told to"),
            Order::Rise { sent } => {
                let took = ctx.now().as_nanos().saturating_sub(sent);
                if let Some(sender) = ctx.sender() {
                    ctx.tell(sender, &Order::Risen { took })?;
                }
            }
            Order::Risen { took } => {
                let Some(watch) = &mut self.watch else { return Ok(Next::Same) };
                watch.took.push(took);
                watch.left -= 1;
                if watch.left > 0 {
                    self.kill(ctx)?;
                } else if let Some(Watch { question, took, .. }) = self.watch.take() {
                    ctx.reply_to(question, &took)?;
                }
            }
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Rising);
