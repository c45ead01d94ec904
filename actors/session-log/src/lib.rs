//! Sends on those samples of the kettle that tell something new: the first, a temperature that differs enough from the
//! last one sent on, a change of the heater or of the controller, and one a minute at least.

#[cfg(test)]
mod tests;

use greenroom::prelude::*;

/// The actor.
pub struct SessionLog {
    config: Config,
    kept: Kept,
    /// Whether nobody was there the last time: said once.
    alone: bool,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// The topic of the samples.
    pub subscribe: String,
    /// The name of the actor that they are sent on to.
    pub to: String,
    /// The least change of temperature that tells something, in degrees Celsius.
    pub least_change_celsius: f64,
    /// The longest without a sample.
    pub at_least_every: Duration,
}

/// What outlives its code.
#[derive(Default, Serialize, Deserialize)]
pub struct Kept {
    /// The last sample that was sent on, and when.
    last: Option<(Instant, Sample)>,
    /// When the last sample came.
    came: Option<Instant>,
}

/// What it looks at in a sample.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    temperature: Option<f64>,
    heater: Option<f64>,
    controller: Option<String>,
}

impl SessionLog {
    fn tells_something(&self, sample: &Sample, now: Instant) -> bool {
        let Some((logged, last)) = &self.kept.last else { return true };
        let warmer = match (last.temperature, sample.temperature) {
            // Less what the difference of two such numbers may be off by in binary.
            (Some(before), Some(after)) => (after - before).abs() >= self.config.least_change_celsius - 1e-9,
            (before, after) => before.is_some() != after.is_some(),
        };
        // The next sample would come too late.
        let interval = self.kept.came.map_or(Duration::ZERO, |came| now.since(came));
        let due = now.since(*logged) + interval > self.config.at_least_every;
        warmer || due || last.heater != sample.heater || last.controller != sample.controller
    }

    fn send_on(&mut self, message: &Message, ctx: &mut Context<Self>) -> Result<()> {
        let sent = match ctx.lookup(&self.config.to)? {
            Some(to) => ctx.tell(to, message).map_err(|why| why.to_string()),
            None => Err("nobody has this name".into()),
        };
        let was_alone = std::mem::replace(&mut self.alone, sent.is_err());
        match sent {
            Err(why) if !was_alone => warn!("samples are lost: `{}`: {why}", self.config.to),
            Ok(()) if was_alone => info!("samples reach `{}` again", self.config.to),
            _ => {}
        }
        Ok(())
    }
}

impl Actor for SessionLog {
    type Config = Config;
    /// As it is, since it is sent on as it is.
    type Message = Message;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.subscribe(&config.subscribe)?;
        Ok(Self { config, kept: Kept::default(), alone: false })
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Heard {
            Sample(Sample),
        }
        let Heard::Sample(sample) = match message.read() {
            Ok(heard) => heard,
            Err(why) => return Ok(Next::unhandled(why.to_string())),
        };
        let now = ctx.now();
        if self.tells_something(&sample, now) {
            self.kept.last = Some((now, sample));
            self.send_on(&message, ctx)?;
        }
        self.kept.came = Some(now);
        Ok(Next::Same)
    }
}

impl State for SessionLog {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self> {
        if occasion == Occasion::Restarted {
            ctx.subscribe(&config.subscribe)?;
        }
        Ok(Self { config, kept, alone: false })
    }
}

greenroom::export!(SessionLog, state);
