//! A topic as an actor: each message that it is sent is published on its topic as it is. It remembers the last one.

#[cfg(test)]
mod tests;

use greenroom::prelude::*;

/// The actor.
pub struct Topic {
    config: Config,
    kept: Kept,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Where it publishes.
    pub topic: String,
}

/// What outlives its code.
#[derive(Default, Serialize, Deserialize)]
pub struct Kept {
    /// How many it has published.
    count: u64,
    last: Option<Last>,
}

#[derive(Serialize, Deserialize)]
struct Last {
    kind: String,
    body: String,
}

impl Actor for Topic {
    type Config = Config;
    /// Every message, as it is: this actor understands `last` and `count`, and hands all others on.
    type Message = Message;

    fn init(config: Config, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { config, kept: Kept::default() })
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        match (message.kind.as_str(), &self.kept.last) {
            ("last", Some(last)) => return ctx.reply(&Message::new(&last.kind, last.body.as_bytes())),
            ("last", None) => return ctx.refuse("nothing has been published here yet"),
            ("count", _) => return ctx.reply(&self.kept.count),
            _ => {}
        }
        ctx.publish(&self.config.topic, &message)?;
        self.kept.count += 1;
        // Bytes that are no text are handed on all the same; what is remembered is JSON.
        let Message { kind, body } = message;
        self.kept.last = String::from_utf8(body).ok().map(|body| Last { kind, body });
        Ok(Next::Same)
    }
}

impl State for Topic {
    type Kept = Kept;

    fn keep(&self) -> &Kept {
        &self.kept
    }

    fn resume(kept: Kept, config: Config, _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { config, kept })
    }
}

greenroom::export!(Topic, state);
