//! The sampler of this example, in Rust: reads the thermometer every so often, and tells the filter.

use greenroom::prelude::*;

/// The manifest's table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// How often it reads: milliseconds.
    pub every_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { every_ms: 500 }
    }
}

/// What it understands.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// It is time to read.
    Tick,
    /// Answer with what is kept.
    Status,
}

/// What it tells the filter.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// A reading, as it is.
    Raw {
        /// In degrees Celsius.
        celsius: f64,
    },
}

/// What is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    samples: u64,
}

/// The actor.
#[derive(Debug)]
pub struct Sampler {
    kept: Kept,
}

impl Sampler {
    fn sample(&mut self, ctx: &mut Context<Self>) -> Result<Next> {
        match (ctx.read("probe"), ctx.lookup("filter")?) {
            (Ok(reading), Some(filter)) => {
                ctx.tell(filter, &News::Raw { celsius: reading.value })?;
                self.kept.samples += 1;
            }
            (Err(why), _) => warn!("no reading: {why}"),
            // It is being restarted, and this actor will be after it.
            (Ok(_), None) => {}
        }
        Ok(Next::Same)
    }
}

impl Actor for Sampler {
    type Config = Config;
    type Message = Message;

    fn init(Config { every_ms }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.send_every(every_ms.ms(), &Message::Tick).map_err(|why| Error::new(format_args!("every-ms: {why}")))?;
        Ok(Self { kept: Kept::default() })
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Message::Tick => self.sample(ctx),
            Message::Status => ctx.reply(&self.kept),
        }
    }
}

impl State for Sampler {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self> {
        // Timers carry over to new code, but not into a new incarnation.
        if occasion == Occasion::Restarted {
            Self::init(config, ctx)?;
        }
        Ok(Self { kept })
    }
}

greenroom::export!(Sampler, state);
