//! `greenroom ask`: asks an actor and prints its answer.

use super::tell::Message;
use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::{Print, plain};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// Ask an actor, and print its answer.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    message: Message,
    /// How long to wait: 1ms to 1h.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = timeout)]
    timeout: Duration,
}

#[derive(Deserialize)]
struct Answer {
    kind: String,
    body: Box<RawValue>,
}

/// Asks. Text is the answer's body, or its kind if it has none; JSON is both.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let path = format!("/api/actors/{}/ask", segment(&args.message.actor));
    let timeout = format!("{}ms", args.timeout.as_millis());
    let answer = client.post(&path, Some(&args.message.request(Some(timeout))?), Some(args.timeout))?;
    if print.json() {
        print.answer(answer.get())?;
    } else {
        print.answer(&text(&answer)?)?;
    }
    Ok(Exit::Done)
}

fn text(answer: &RawValue) -> Result<String, Failure> {
    let Answer { kind, body } = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's answer cannot be read: {error}")))?;
    Ok(plain(if body.get() == "null" { &kind } else { body.get() }))
}

fn timeout(text: &str) -> Result<Duration, String> {
    let time = greenroom_manifest::time(text).map_err(|error| error.to_string())?;
    match (Duration::from_millis(1)..=Duration::from_secs(3600)).contains(&time) {
        true => Ok(time),
        false => Err("write a time from 1ms to 1h".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_have_a_range() {
        let check = |text: &str, expect: Option<u64>| {
            assert_eq!(timeout(text).ok(), expect.map(Duration::from_millis), "{text}");
        };
        check("1ms", Some(1));
        check("1h", Some(3_600_000));
        check("1m30s", Some(90_000));
        check("0s", None);
        check("500us", None);
        check("1h1ms", None);
        check("5", None);
    }

    #[test]
    fn the_answer_is_its_body_or_its_kind() {
        let check = |answer: &str, expect: &str| {
            assert_eq!(text(&serde_json::from_str::<Box<RawValue>>(answer).unwrap()).unwrap(), expect);
        };
        check(r#"{"kind":"mode","body":{"mode":"heating","t":66.000}}"#, r#"{"mode":"heating","t":66.000}"#);
        check(r#"{"kind":"ok","body":null}"#, "ok");
    }
}
