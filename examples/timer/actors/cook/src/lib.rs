//! Has the timer ring for it, and says what rang on a topic.

use greenroom::prelude::*;

/// The actor.
pub struct Cook {
    config: Config,
    /// The timer that it stirs by.
    stirs: Option<u64>,
    heard: Vec<Heard>,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The timer's name. Needs the grant `ask:NAME`.
    pub timer: String,
    /// Where it says what rang.
    pub topic: String,
}

/// What it understands.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Boil eggs for so long.
    Boil {
        /// How long.
        minutes: f64,
    },
    /// Stir the pot again and again.
    Stir {
        /// How often.
        every: Duration,
    },
    /// Stir no more.
    StopStirring,
    /// What rang, oldest first: answered with a list of [`Heard`].
    Heard,
    /// The timer rang: only from the timer.
    Rang {
        /// Its number.
        timer: u64,
        /// What for.
        note: String,
    },
    /// The timer for the eggs is set.
    Boiling(Result<u64, AskError>),
    /// The timer for the pot is set.
    Stirring(Result<u64, AskError>),
    /// It rings no more.
    Stopped(Result<bool, AskError>),
}

/// What the timer understands of what this actor says.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Timer {
    Once { after: Duration, note: String },
    Every { every: Duration, note: String },
    Cancel { timer: u64 },
}

/// That a timer rang.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// What for.
    pub note: String,
    /// When.
    pub at: Instant,
}

/// How long the timer may take to answer.
const PATIENCE: Duration = Duration::from_nanos(1_000_000_000);

impl Cook {
    /// Its answer comes as the message that `then` makes of it.
    fn order<T>(&self, order: &Timer, then: fn(Result<T, AskError>) -> Order, ctx: &mut Context<Self>) -> Result<Next> {
        let timer = ctx.lookup(&self.config.timer)?.ok_or_else(|| Error::new("there is no timer"))?;
        ctx.ask(timer, order, PATIENCE, then)?;
        ctx.reply("yes, chef")
    }
}

impl Actor for Cook {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { config, stirs: None, heard: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Boil { minutes } if minutes.is_nan() || minutes <= 0.0 => ctx.refuse("eggs take longer than that"),
            Order::Boil { minutes } => {
                let once = Timer::Once { after: Duration::from_seconds(minutes * 60.0), note: "eggs".into() };
                self.order(&once, Order::Boiling, ctx)
            }
            Order::Stir { .. } if self.stirs.is_some() => ctx.refuse("it is stirring already"),
            Order::Stir { every } => self.order(&Timer::Every { every, note: "stir".into() }, Order::Stirring, ctx),
            Order::StopStirring => match self.stirs.take() {
                Some(timer) => self.order(&Timer::Cancel { timer }, Order::Stopped, ctx),
                None => ctx.refuse("it is not stirring"),
            },
            Order::Heard => ctx.reply(&self.heard),
            Order::Rang { .. } if ctx.sender() != ctx.lookup(&self.config.timer)? => ctx.refuse("only the timer rings"),
            Order::Rang { timer, note } => {
                info!("{note}!");
                self.heard.push(Heard { note: note.clone(), at: ctx.now() });
                ctx.publish(&self.config.topic, &Order::Rang { timer, note })?;
                Ok(Next::Same)
            }
            Order::Boiling(Ok(_)) | Order::Stopped(Ok(_)) => Ok(Next::Same),
            Order::Stirring(Ok(timer)) => {
                self.stirs = Some(timer);
                Ok(Next::Same)
            }
            Order::Boiling(Err(why)) | Order::Stirring(Err(why)) | Order::Stopped(Err(why)) => {
                warn!("the timer: {why}");
                Ok(Next::Same)
            }
        }
    }
}

greenroom::export!(Cook);
