//! Publishes what devices say and what another actor answers, again and again: from the start at once, and then on each
//! tick. It knows nothing of kettles: one component serves the kettle and the machine's own figures.

#[cfg(test)]
mod tests;

use greenroom::json::Value;
use greenroom::prelude::*;
use std::collections::BTreeMap;

/// The longest that a question may take: the sample waits for it.
const PATIENCE: Duration = Duration::from_nanos(1_000_000_000);

/// The actor.
pub struct Sampler {
    config: Config,
    /// The sample that waits for the answer.
    waiting: Option<Vec<(String, Value)>>,
    /// The names of the answer's fields, once there was one: they are null while there is none.
    answered: Vec<String>,
    /// What was last said of the question's failure, so that it is said once.
    fault: Option<String>,
}

/// What it is to publish.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// How often.
    pub every: Duration,
    /// Where.
    pub topic: String,
    /// The fields of a sample, and the devices that they are read from.
    pub read: BTreeMap<String, String>,
    /// Who is asked for more fields.
    pub ask: Option<Question>,
}

/// A question whose answer's fields become fields of the sample.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Question {
    /// The actor's name.
    pub actor: String,
    /// The kind of message.
    pub kind: String,
}

/// What it understands, and what it publishes.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Take a sample: its own timer.
    Tick,
    /// The answer to its question.
    Answered(Result<Value, AskError>),
    /// A sample: an object with `time` (seconds since 1970-01-01 00:00 UTC, null while the clock is not set), a number or
    /// null for each device, and the answer's fields.
    Sample(Value),
}

impl Sampler {
    fn sample(&mut self, ctx: &mut Context<Self>) -> Result<()> {
        // An answer always comes before the next tick; should the host have stalled, this one is late, not lost.
        if let Some(sample) = self.waiting.take() {
            self.publish(sample, None, ctx)?;
        }
        let mut sample = vec![("time".to_string(), ctx.wall().map(|wall| wall.unix_seconds()).into())];
        for (field, device) in &self.config.read {
            // An input that fails is a value: missing.
            let value = ctx.read(device).ok().map(|reading| reading.value);
            sample.push((field.clone(), value.into()));
        }
        let Some(question) = &self.config.ask else {
            return self.publish(sample, None, ctx);
        };
        let asked = match ctx.lookup(&question.actor)? {
            Some(actor) => {
                let patience = self.config.every.min(PATIENCE).half();
                ctx.ask(actor, &Message::new(&question.kind, []), patience, Order::Answered)
            }
            None => Err(AskError::NoActor),
        };
        match asked {
            Ok(_) => self.waiting = Some(sample),
            Err(why) => {
                self.note(Some(why.to_string()));
                self.publish(sample, None, ctx)?;
            }
        }
        Ok(())
    }

    fn answered(&mut self, answer: Result<Value, AskError>, ctx: &mut Context<Self>) -> Result<()> {
        let (answer, fault) = match answer {
            Ok(Value::Table(fields)) => (Some(fields), None),
            Ok(_) => (None, Some("the answer is no object".into())),
            Err(why) => (None, Some(why.to_string())),
        };
        self.note(fault);
        if let Some(fields) = &answer {
            self.answered = fields.iter().map(|(name, _)| name.clone()).collect();
        }
        match self.waiting.take() {
            Some(sample) => self.publish(sample, answer, ctx),
            None => Ok(()),
        }
    }

    fn publish(
        &self,
        mut sample: Vec<(String, Value)>,
        answer: Option<Vec<(String, Value)>>,
        ctx: &mut Context<Self>,
    ) -> Result<()> {
        match answer {
            Some(fields) => sample.extend(fields),
            None => sample.extend(self.answered.iter().map(|name| (name.clone(), Value::Null))),
        }
        Ok(ctx.publish(&self.config.topic, &Order::Sample(Value::Table(sample)))?)
    }

    fn note(&mut self, fault: Option<String>) {
        let Some(Question { actor, kind }) = &self.config.ask else { return };
        match (&self.fault, &fault) {
            (before, Some(now)) if before.as_ref() != Some(now) => warn!("`{actor}` does not answer `{kind}`: {now}"),
            (Some(_), None) => info!("`{actor}` answers `{kind}` again"),
            _ => {}
        }
        self.fault = fault;
    }
}

impl Actor for Sampler {
    type Config = Config;
    type Message = Order;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.send_every(config.every, &Order::Tick)?;
        let mut sampler = Self { config, waiting: None, answered: Vec::new(), fault: None };
        sampler.sample(ctx)?;
        Ok(sampler)
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Tick => self.sample(ctx)?,
            Order::Answered(answer) => self.answered(answer, ctx)?,
            Order::Sample(_) => return ctx.refuse("`sample` is what this actor publishes, not what it is told"),
        }
        Ok(Next::Same)
    }
}

greenroom::export!(Sampler);
