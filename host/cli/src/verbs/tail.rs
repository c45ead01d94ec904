//! `greenroom tail`: follows topics.

use crate::client::Client;
use crate::clock::time_of_day;
use crate::exit::{Exit, Failure};
use crate::follow::{Lag, Message, News, follow};
use crate::print::{Ink, Print, plain};
use greenroom_core::Pattern;
use serde_json::json;
use std::num::NonZeroU64;
use std::ops::ControlFlow;

/// Follow topics.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Topics, or patterns: `*` for one segment, `**` at the end for any number. [default: all but greenroom/tree]
    #[arg(value_name = "TOPIC")]
    topics: Vec<Pattern>,
    /// End after so many messages.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU64>,
    /// Begin with what the host has kept since its start.
    #[arg(long)]
    since_start: bool,
}

/// Follows them.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let all = args.topics.is_empty();
    let patterns = match all {
        true => vec!["**".to_owned()],
        false => args.topics.iter().map(Pattern::to_string).collect(),
    };
    let stream = Stream { patterns, earliest: args.since_start, limit: args.limit };
    // The tree is published once a second, for the page.
    stream.show(client, print, &|message| !(all && message.topic == "greenroom/tree"), &line)?;
    Ok(Exit::Done)
}

/// Messages to be shown.
pub(crate) struct Stream {
    /// On which topics.
    pub(crate) patterns: Vec<String>,
    /// From the host's start on, or from now.
    pub(crate) earliest: bool,
    /// How many.
    pub(crate) limit: Option<NonZeroU64>,
}

impl Stream {
    /// Shows the messages that are `wanted`, each as `line` writes it, or as JSON.
    pub(crate) fn show(
        &self,
        client: &Client,
        print: &Print,
        wanted: &dyn Fn(&Message) -> bool,
        line: &dyn Fn(&Message, &Print) -> String,
    ) -> Result<(), Failure> {
        let mut left = self.limit.map(NonZeroU64::get);
        follow(client, &self.patterns, self.earliest, &mut |news| {
            match news {
                News::Message(message) if !wanted(&message) => {}
                News::Message(message) => {
                    print.answer(&if print.json() { as_json(&message) } else { line(&message, print) })?;
                    left = left.map(|left| left - 1);
                    if left == Some(0) {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                News::Lag(lag) => missing(&lag, print)?,
                News::Lost(why) => {
                    let text = format!("{} is gone ({}); waiting for it", client.base(), plain(&why));
                    print.note(&print.note_ink(Ink::Warning, &text));
                }
                News::Back => print.note(&print.note_ink(Ink::Good, &format!("{} is back", client.base()))),
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// A program that reads the messages must know of those that it does not get.
fn missing(lag: &Lag, print: &Print) -> Result<(), Failure> {
    if print.json() {
        return print.answer(&json!({ "lag": { "from": lag.from, "to": lag.to, "dropped": lag.dropped } }).to_string());
    }
    let count = match lag.dropped {
        Some(1) => "1 message is missing here".to_owned(),
        Some(count) => format!("{count} messages are missing here"),
        None => "messages may be missing here".to_owned(),
    };
    print.note(&print.note_ink(Ink::Warning, &count));
    Ok(())
}

fn as_json(message: &Message) -> String {
    let Message { id, kind, topic, time, body } = message;
    // Bodies are as they were written, on one line.
    let body = body.get().replace(['\n', '\r'], " ");
    format!(
        "{{\"id\":{},\"topic\":{},\"time\":{time},\"kind\":{},\"body\":{body}}}",
        json!(id),
        json!(topic),
        json!(kind)
    )
}

fn line(message: &Message, print: &Print) -> String {
    let Message { kind, topic, time, body, .. } = message;
    let time = print.ink(Ink::Faint, &time_of_day(*time));
    format!("{time}  {}  {}  {}", print.ink(Ink::Strong, topic), plain(kind), plain(body.get()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};
    use serde_json::value::RawValue;

    fn message(kind: &str, body: &str) -> Message {
        let body = serde_json::from_str::<Box<RawValue>>(body).unwrap();
        Message { id: "e-1".into(), kind: kind.into(), topic: "kettle/sample".into(), time: 12.5, body }
    }

    #[test]
    fn a_message_is_one_line() {
        let print = Print::new(Format::Text, Colour::Never);
        let text = line(&message("sample", "{\n\"t\": 66.00}"), &print);
        assert!(text.ends_with("  kettle/sample  sample  { \"t\": 66.00}"), "{text}");
        let text = line(&message("\x1b[2J", "1"), &print);
        assert!(!text.contains('\x1b'), "{text}");
    }

    #[test]
    fn a_message_is_one_line_of_json() {
        let text = as_json(&message("a \"b\"", "{\n\"t\": 66.00}"));
        assert_eq!(text, r#"{"id":"e-1","topic":"kettle/sample","time":12.5,"kind":"a \"b\"","body":{ "t": 66.00}}"#);
    }
}
