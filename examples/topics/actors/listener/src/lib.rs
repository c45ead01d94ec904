//! Subscribes to topics, and keeps the last messages that it heard.

use greenroom::prelude::*;
use std::collections::VecDeque;

/// How many messages it keeps.
const KEPT: usize = 100;

/// The actor.
pub struct Listener {
    heard: VecDeque<Heard>,
}

/// Its table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Patterns of topics. Each needs the grant `subscribe:PATTERN`.
    pub subscribe: Vec<String>,
}

/// A message of a topic.
#[derive(Serialize)]
struct Heard {
    topic: String,
    kind: String,
    body: String,
}

impl Actor for Listener {
    type Config = Config;
    /// Whatever comes: of its own this actor understands `heard`, answered with the last 100 messages, oldest first.
    type Message = Message;

    fn init(config: Config, ctx: &mut Context<Self>) -> Result<Self> {
        for pattern in &config.subscribe {
            ctx.subscribe(pattern)?;
        }
        Ok(Self { heard: VecDeque::new() })
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        let Some(topic) = ctx.topic().map(str::to_owned) else {
            return match message.kind.as_str() {
                "heard" => ctx.reply(&self.heard),
                other => Ok(Next::unhandled(format!("`{other}` is not understood: expected heard"))),
            };
        };
        info!("{topic}: {}", message.kind);
        if self.heard.len() == KEPT {
            self.heard.pop_front();
        }
        let body = String::from_utf8_lossy(&message.body).into_owned();
        self.heard.push_back(Heard { topic, kind: message.kind, body });
        Ok(Next::Same)
    }
}

greenroom::export!(Listener);

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom::test::Test;

    #[derive(Serialize)]
    struct Table {
        subscribe: [&'static str; 2],
    }

    fn topics(listener: &mut Test<Listener>) -> Vec<String> {
        #[derive(Deserialize)]
        struct Topic {
            topic: String,
        }
        let heard: Vec<Topic> = listener.ask(Message::new("heard", [])).unwrap();
        heard.into_iter().map(|heard| heard.topic).collect()
    }

    #[test]
    fn it_hears_its_patterns_alone() {
        let mut listener = Test::<Listener>::start(Table { subscribe: ["house/*", "garden"] });
        for topic in ["house/door", "house/cellar/door", "garden", "street"] {
            listener.publish(topic, &Message::new("open", []));
        }
        assert_eq!(topics(&mut listener), ["house/door", "garden"]);
        assert!(matches!(listener.ask::<()>(Message::new("open", [])), Err(AskError::Refused(_))));
    }

    #[test]
    fn it_keeps_the_last_hundred() {
        let mut listener = Test::<Listener>::start(Table { subscribe: ["house/*", "garden"] });
        for _ in 0..KEPT {
            listener.publish("garden", &Message::new("rain", []));
        }
        listener.publish("house/door", &Message::new("open", []));
        let topics = topics(&mut listener);
        assert_eq!((topics.len(), topics.last().unwrap().as_str()), (KEPT, "house/door"));
    }
}
