//! Follows topics of a host for as long as it takes: reconnects, goes on after the last message, and says so when
//! messages are missing. Neighbours: `client` and `sse` before it; `tail`, `logs` and `events` behind.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::sse::Parser;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::Read;
use std::ops::ControlFlow;
use std::time::Duration;

/// The time before a reconnection, unless the host says otherwise; doubled with each that fails.
const RETRY: Duration = Duration::from_secs(1);
/// The shortest time before a reconnection, whatever the host says.
const SHORTEST_RETRY: Duration = Duration::from_millis(50);
/// The longest time before a reconnection.
const LONGEST_RETRY: Duration = Duration::from_secs(15);

/// What a stream brings.
#[derive(Debug)]
pub(crate) enum News {
    /// A message on a topic.
    Message(Message),
    /// Messages are missing: how many, if the host knows.
    Lag(Lag),
    /// The connection is lost; it is tried again.
    Lost(String),
    /// The connection is back.
    Back,
}

/// A message on a topic.
#[derive(Debug)]
pub(crate) struct Message {
    /// Its id in the stream.
    pub(crate) id: String,
    /// Its kind.
    pub(crate) kind: String,
    /// Its topic.
    pub(crate) topic: String,
    /// When it was published, in seconds since 1970.
    pub(crate) time: f64,
    /// Its body, as it was written.
    pub(crate) body: Box<RawValue>,
}

/// Messages that are missing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Lag {
    /// The last message before.
    pub(crate) from: Option<String>,
    /// The next one after.
    pub(crate) to: Option<String>,
    /// How many are missing, if that is known.
    pub(crate) dropped: Option<u64>,
}

#[derive(Deserialize)]
struct Data {
    topic: String,
    time: f64,
    body: Box<RawValue>,
}

/// Follows topics until `on` has had enough. `earliest`: begin with what the host has kept, and not now.
///
/// A host that does not answer at first is a failure; one that is lost later is waited for.
pub(crate) fn follow(
    client: &Client,
    patterns: &[String],
    earliest: bool,
    on: &mut dyn FnMut(News) -> Result<ControlFlow<()>, Failure>,
) -> Result<(), Failure> {
    let topics: Vec<String> = patterns.iter().map(|pattern| format!("topic={}", segment(pattern))).collect();
    let base = format!("/stream?{}", topics.join("&"));
    let mut parser = Parser::default();
    let mut connected = false;
    let mut failures = 0;
    loop {
        let last = Some(parser.id()).filter(|id| !id.is_empty()).map(str::to_owned);
        // Only until there is an id to go on from.
        let path = if earliest && last.is_none() { format!("{base}&earliest=true") } else { base.clone() };
        let lost = match client.open(&path, last.as_deref()) {
            Ok(stream) => {
                if connected && on(News::Back)?.is_break() {
                    return Ok(());
                }
                connected = true;
                match read(stream, &mut parser, &mut failures, on)? {
                    ControlFlow::Break(()) => return Ok(()),
                    ControlFlow::Continue(lost) => lost,
                }
            }
            // Nothing that waiting would change.
            Err(failure) if !connected || !is_passing(&failure) => return Err(failure),
            Err(failure) => failure.detail,
        };
        parser.end();
        if on(News::Lost(lost))?.is_break() {
            return Ok(());
        }
        std::thread::sleep(wait(parser.retry(), failures));
        failures += 1;
    }
}

/// A host that is gone may come back; one that has no room, or is about to stop, too.
fn is_passing(failure: &Failure) -> bool {
    failure.exit == Exit::Unreachable || matches!(failure.code.as_deref(), Some("streams" | "shutting-down"))
}

fn wait(retry: Option<Duration>, failures: u32) -> Duration {
    let retry = retry.unwrap_or(RETRY).clamp(SHORTEST_RETRY, LONGEST_RETRY);
    retry.saturating_mul(1 << failures.min(8)).min(LONGEST_RETRY)
}

/// Reads one connection to its end. What it gives: why it ended.
fn read(
    mut stream: impl Read,
    parser: &mut Parser,
    failures: &mut u32,
    on: &mut dyn FnMut(News) -> Result<ControlFlow<()>, Failure>,
) -> Result<ControlFlow<(), String>, Failure> {
    let mut buffer = vec![0; 16 << 10];
    let mut stopping = false;
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) if stopping => return Ok(ControlFlow::Continue("the host stopped".into())),
            Ok(0) => return Ok(ControlFlow::Continue("the connection was closed".into())),
            Ok(read) => read,
            Err(error) => return Ok(ControlFlow::Continue(error.to_string())),
        };
        let bytes = buffer.get(..read).unwrap_or_default();
        let events = parser.push(bytes).map_err(|error| Failure::new(Exit::Unexpected, error.to_string()))?;
        for event in events {
            *failures = 0;
            let broken = |error: serde_json::Error| {
                Failure::new(
                    Exit::Unexpected,
                    format!("the host sent an event `{}` that cannot be read: {error}", event.kind.escape_debug()),
                )
            };
            // An actor may give its messages any kind: what has a topic is a message, whatever it is called.
            let news = match serde_json::from_str::<Data>(&event.data) {
                Ok(Data { topic, time, body }) => {
                    News::Message(Message { id: event.id, kind: event.kind, topic, time, body })
                }
                Err(error) => match event.kind.as_str() {
                    "snapshot" => continue,
                    "bye" => {
                        stopping = true;
                        continue;
                    }
                    "lag" => News::Lag(serde_json::from_str(&event.data).map_err(broken)?),
                    _ => return Err(broken(error)),
                },
            };
            if on(news)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reconnections_back_off() {
        let check = |retry: Option<u64>, failures: u32, expect: u64| {
            assert_eq!(wait(retry.map(Duration::from_millis), failures), Duration::from_millis(expect));
        };
        check(None, 0, 1000);
        check(Some(100), 0, 100);
        check(Some(100), 3, 800);
        check(Some(1000), 60, 15_000);
        check(Some(u64::MAX), 0, 15_000);
        check(Some(0), 0, 50);
    }

    /// What one connection brings.
    fn news(stream: &str) -> Vec<News> {
        let mut seen = Vec::new();
        let ended = read(stream.as_bytes(), &mut Parser::default(), &mut 0, &mut |news| {
            seen.push(news);
            Ok(ControlFlow::Continue(()))
        });
        assert!(matches!(ended, Ok(ControlFlow::Continue(_))), "{ended:?}");
        seen
    }

    #[test]
    fn an_actor_may_publish_what_looks_like_ours() {
        for kind in ["lag", "bye", "snapshot"] {
            let seen = news(&format!("event: {kind}\nid: e-1\ndata: {{\"topic\":\"a\",\"time\":1,\"body\":2}}\n\n"));
            assert!(matches!(&seen[..], [News::Message(message)] if message.kind == kind), "{seen:?}");
        }
        let seen = news("event: lag\ndata: {\"from\":null,\"to\":\"e-4\",\"dropped\":3}\n\n");
        assert!(matches!(&seen[..], [News::Lag(Lag { dropped: Some(3), .. })]), "{seen:?}");
        assert!(news("event: snapshot\ndata: {\"tree\":{},\"latest\":{}}\n\nevent: bye\ndata: {}\n\n").is_empty());
    }

    #[test]
    fn a_stream_that_makes_no_sense_is_a_failure() {
        let ended =
            read(&b"event: x\ndata: {\n\n"[..], &mut Parser::default(), &mut 0, &mut |_| Ok(ControlFlow::Continue(())));
        assert!(matches!(ended, Err(Failure { exit: Exit::Unexpected, .. })), "{ended:?}");
    }
}
