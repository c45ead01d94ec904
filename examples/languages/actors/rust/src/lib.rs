//! The counter of this example, in Rust: it counts, publishes its count on a topic when it changes and every so often, and
//! keeps it over swaps and restarts.

use greenroom::prelude::*;

/// The manifest's table.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Config {
    /// Where the count is published.
    pub topic: String,
    /// How often it is published: milliseconds.
    pub every_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { topic: "counter/count".into(), every_ms: 1000 }
    }
}

/// What it understands.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Message {
    /// Count on.
    Add {
        /// By this much.
        how_many: u64,
    },
    /// Answer with the count.
    HowMany,
    /// It is time to publish.
    Tick,
    /// Give up.
    Fail,
    /// Panic.
    Crash,
}

/// What is published.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum News {
    /// The count.
    Count {
        /// As it is now.
        count: u64,
    },
}

/// What is kept.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    count: u64,
}

/// The actor.
#[derive(Debug)]
pub struct Counter {
    kept: Kept,
    topic: String,
}

/// The largest whole number that JSON has in all languages.
const MOST: u64 = (1 << 53) - 1;

impl Counter {
    fn publish(&self, ctx: &Context<Self>) -> Result<Next> {
        ctx.publish(&self.topic, &News::Count { count: self.kept.count })?;
        Ok(Next::Same)
    }
}

impl Actor for Counter {
    type Config = Config;
    type Message = Message;

    fn init(Config { topic, every_ms }: Config, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.send_every(every_ms.ms(), &Message::Tick).map_err(|why| Error::new(format_args!("every-ms: {why}")))?;
        Ok(Self { kept: Kept::default(), topic })
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Message::Add { how_many } => {
                let sum = self.kept.count.checked_add(how_many).filter(|sum| *sum <= MOST);
                self.kept.count = sum.ok_or_else(|| Error::new("that is too much to count"))?;
                self.publish(ctx)
            }
            Message::HowMany => ctx.reply(&self.kept.count),
            Message::Tick => self.publish(ctx),
            Message::Fail => Err(Error::new("as you wished")),
            Message::Crash => panic!("as you wished"),
        }
    }
}

impl State for Counter {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self> {
        // Timers carry over to new code, but not into a new incarnation.
        if occasion == Occasion::Restarted {
            return Ok(Self { kept, ..Self::init(config, ctx)? });
        }
        Ok(Self { kept, topic: config.topic })
    }
}

greenroom::export!(Counter, state);

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom::test::Test;

    #[test]
    fn it_counts_and_keeps_the_count_over_a_swap() {
        let mut counter = Test::<Counter>::start(Config::default());
        counter.tell(Message::Add { how_many: 2 });
        counter.tell(Message::Add { how_many: 3 });
        assert_eq!(counter.ask::<u64>(Message::HowMany), Ok(5));
        let mut counter = counter.swap::<Counter>();
        assert_eq!(counter.ask::<u64>(Message::HowMany), Ok(5));
    }
}
