//! `greenroom logs`: what actors and the host write to the log.

use super::tail::Stream;
use crate::client::Client;
use crate::clock::time_of_day;
use crate::exit::{Exit, Failure};
use crate::follow::Message;
use crate::print::{Ink, Print, plain};
use serde_json::Value;
use std::num::NonZeroU64;

/// Show what actors write to the log: what the host has kept, then what comes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only this actor's: its name, or its address.
    actor: Option<String>,
    /// The least important level to show.
    #[arg(long, value_enum, default_value = "trace")]
    level: Level,
    /// End after so many lines.
    #[arg(long, value_name = "N")]
    limit: Option<NonZeroU64>,
    /// Begin with what comes, and not with what the host has kept.
    #[arg(long)]
    new: bool,
}

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

/// Shows them.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    // An actor that does not exist would be waited for in vain.
    if let Some(actor) = &args.actor {
        client.get(&format!("/api/actors/{}", crate::client::segment(actor)))?;
    }
    let stream = Stream { patterns: vec!["greenroom/logs".into()], earliest: !args.new, limit: args.limit };
    stream.show(client, print, &|message| wanted(message, args), &|message, print| {
        let body = serde_json::from_str(message.body.get()).unwrap_or_default();
        line(message.time, &message.kind, &body, &|ink, text| print.ink(ink, text))
    })?;
    Ok(Exit::Done)
}

fn wanted(message: &Message, args: &Args) -> bool {
    // A level of a later host is shown.
    let level = <Level as clap::ValueEnum>::from_str(&message.kind, false).unwrap_or(Level::Error);
    let body: Value = serde_json::from_str(message.body.get()).unwrap_or_default();
    let is =
        |wanted: &str| ["actor", "address"].iter().any(|key| body.get(key).and_then(Value::as_str) == Some(wanted));
    args.actor.as_deref().is_none_or(is) && level >= args.level
}

/// A line of the log as a line: when, how important, who, what.
pub(crate) fn line(time: f64, level: &str, body: &Value, ink: &dyn Fn(Ink, &str) -> String) -> String {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let colour = match level {
        "error" => Ink::Bad,
        "warn" => Ink::Warning,
        "info" => Ink::Good,
        _ => Ink::Faint,
    };
    let who = text("actor").or(text("address")).unwrap_or("host");
    let level = ink(colour, &format!("{:5}", plain(level)));
    let what = text("text").unwrap_or_default();
    format!("{}  {level}  {}  {}", ink(Ink::Faint, &time_of_day(time)), plain(who), plain(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: &str, body: &str) -> Message {
        let body = serde_json::from_str(body).unwrap();
        Message { id: String::new(), kind: kind.into(), topic: "greenroom/logs".into(), time: 0.0, body }
    }

    #[test]
    fn lines_are_chosen_by_actor_and_level() {
        let check = |actor: Option<&str>, level: Level, kind: &str, expect: bool| {
            let args = Args { actor: actor.map(str::to_owned), level, limit: None, new: false };
            let message = message(kind, r#"{"actor":"sampler","address":"0-7","text":"hot"}"#);
            assert_eq!(wanted(&message, &args), expect, "{actor:?} {level:?} {kind}");
        };
        check(None, Level::Trace, "trace", true);
        check(None, Level::Info, "debug", false);
        check(None, Level::Info, "info", true);
        check(None, Level::Error, "fatal", true);
        check(Some("sampler"), Level::Trace, "info", true);
        check(Some("0-7"), Level::Trace, "info", true);
        check(Some("controller"), Level::Trace, "info", false);
    }

    #[test]
    fn a_line_names_who_wrote_it() {
        let check = |body: &str, expect: &str| {
            let text = line(0.0, "warn", &serde_json::from_str(body).unwrap(), &|_, text| text.to_owned());
            assert!(text.ends_with(expect), "{text}");
        };
        check(r#"{"actor":"sampler","text":"hot\u001b[2J"}"#, "  warn   sampler  hot\\u{1b}[2J");
        check(r#"{"address":"0-7","text":"hot"}"#, "  warn   0-7  hot");
        check(r#"{"text":"hot"}"#, "  warn   host  hot");
    }
}
