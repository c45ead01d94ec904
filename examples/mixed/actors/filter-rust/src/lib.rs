//! The filter of this example, in Rust: smooths what the sampler reads, and tells the controller.

use greenroom::prelude::*;

/// The manifest's table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// How much a sample counts: more than 0, and at most 1.
    pub weight: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self { weight: 0.25 }
    }
}

/// What it understands.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// A sample.
    Raw {
        /// In degrees Celsius.
        celsius: f64,
    },
    /// Answer with what is kept.
    Status,
}

/// What it tells the controller.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// The smooth temperature.
    Temperature {
        /// In degrees Celsius.
        celsius: f64,
    },
}

/// What is kept. Before the first sample the smooth temperature says nothing.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    smooth: f64,
    samples: u64,
}

/// The actor.
#[derive(Debug)]
pub struct Filter {
    kept: Kept,
    weight: f64,
}

impl Filter {
    fn new(kept: Kept, Config { weight }: Config) -> Result<Self> {
        if weight > 0.0 && weight <= 1.0 {
            return Ok(Self { kept, weight });
        }
        Err(Error::new("weight: it is to be more than 0, and at most 1"))
    }
}

impl Actor for Filter {
    type Config = Config;
    type Message = Message;

    fn init(config: Config, _: &mut Context<Self>) -> Result<Self> {
        Self::new(Kept::default(), config)
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        let Message::Raw { celsius } = message else { return ctx.reply(&self.kept) };
        let Kept { smooth, samples } = &mut self.kept;
        *smooth = if *samples == 0 { celsius } else { *smooth + self.weight * (celsius - *smooth) };
        *samples += 1;
        // One that is not there is being restarted, and this actor will be after it.
        if let Some(controller) = ctx.lookup("controller")? {
            ctx.tell(controller, &News::Temperature { celsius: *smooth })?;
        }
        Ok(Next::Same)
    }
}

impl State for Filter {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Self::new(kept, config)
    }
}

greenroom::export!(Filter, state);
