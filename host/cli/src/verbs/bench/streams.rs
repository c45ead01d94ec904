//! Server-sent events from a host that runs as a process of its own to many readers: how long until all have a message, and
//! what a message costs the host for each of them.

use super::figure::{Figure, Unit};
use super::host::Process;
use super::{Folder, PATIENCE, read, unexpected};
use crate::client::Client;
use crate::exit::Failure;
use crate::print::Print;
use crate::sse::Parser;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Readers at the same time: as many as a host allows.
const READERS: u64 = 64;
/// Messages of one round that are published one by one, each when all readers have the one before.
const SINGLE: u64 = 200;
/// Messages that are published at a time, fewer than a topic keeps; and how often in a round.
const WINDOW: u64 = 256;
const WINDOWS: u64 = 40;

const MANIFEST: &str = r#"
[actor.publisher]
source = "tally.wasm"
grant  = ["publish:test/**"]
"#;

pub(super) async fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut single = Figure::new("a message published from outside, until 64 streams have it", Unit::Microseconds);
    let mut cpu = Figure::new("CPU of the host per message and stream, 256 messages to 64", Unit::Nanoseconds);
    let mut rate = Figure::new("messages to streams a second, 256 to 64 at a time", Unit::Number);
    for round in 1..=rounds {
        print.note(&format!("streams {round} of {rounds}"));
        let stage = Stage::new(guests).await?;
        for _ in 0..SINGLE {
            let began = Instant::now();
            stage.publish(1).await?;
            single.add(began.elapsed().as_secs_f64() * 1e6);
        }
        let (began, before) = (Instant::now(), stage.host.cpu_time()?);
        for _ in 0..WINDOWS {
            stage.publish(WINDOW).await?;
        }
        let delivered = (READERS * WINDOW * WINDOWS) as f64;
        cpu.add((stage.host.cpu_time()? - before).as_nanos() as f64 / delivered);
        rate.add(delivered / began.elapsed().as_secs_f64());
    }
    Ok(vec![single, cpu, rate])
}

/// A host with an actor that publishes, and those that read.
struct Stage {
    client: Arc<Client>,
    /// The actor's own address: it publishes when it is sent a note, and it sends notes.
    publisher: String,
    /// Events that the readers have had in all; or why one has failed.
    seen: watch::Receiver<Result<u64, String>>,
    _readers: JoinSet<()>,
    host: Process,
    _directory: Folder,
}

impl Stage {
    async fn new(guests: &Path) -> Result<Self, Failure> {
        let directory = Folder::new("streams")?;
        directory.put("tally.wasm", &read(guests, "tally")?)?;
        directory.put("greenroom.toml", MANIFEST.as_bytes())?;
        let host = Process::start(&directory.0.join("greenroom.toml"), None, &directory.0.join("data"))?;
        let client = Arc::new(Client::new(&format!("http://{}", host.address), None)?);
        let (tell, seen) = watch::channel(Ok(0));
        let mut readers = JoinSet::new();
        for _ in 0..READERS {
            let mut stream = open(&host.address).await.map_err(|error| unexpected(format!("no stream: {error}")))?;
            let tell = tell.clone();
            readers.spawn(async move {
                if let Err(why) = follow(&mut stream, &tell).await {
                    drop(tell.send_replace(Err(why)));
                }
            });
        }
        let node = ask(&client, |client| client.get("/api/actors/publisher")).await?;
        let node: serde_json::Value = serde_json::from_str(&node).unwrap_or_default();
        let publisher = node["address"].as_str().unwrap_or_default().to_owned();
        Ok(Self { client, publisher, seen, _readers: readers, host, _directory: directory })
    }

    /// Has so many messages published, and waits until all readers have them.
    async fn publish(&self, messages: u64) -> Result<(), Failure> {
        let mut seen = self.seen.clone();
        let expected = seen.borrow_and_update().clone().map_err(unexpected)? + messages * READERS;
        let order = json!({ "to": self.publisher, "first": 1, "notes": messages, "turns": 1 });
        let order = json!({ "kind": "send", "body": order }).to_string();
        ask(&self.client, move |client| client.post("/api/actors/publisher/messages", Some(&order), None)).await?;
        let all = seen.wait_for(|seen| seen.as_ref().map_or(true, |seen| *seen >= expected));
        match tokio::time::timeout(PATIENCE, all).await {
            Ok(Ok(seen)) => seen.clone().map(drop).map_err(unexpected),
            Ok(Err(_)) | Err(_) => Err(unexpected("messages did not reach all streams")),
        }
    }
}

/// The client waits where it stands, which is not here.
async fn ask(
    client: &Arc<Client>,
    what: impl FnOnce(&Client) -> Result<Box<serde_json::value::RawValue>, Failure> + Send + 'static,
) -> Result<String, Failure> {
    let client = client.clone();
    let answer = tokio::task::spawn_blocking(move || what(&client)).await;
    Ok(answer.map_err(|error| unexpected(error.to_string()))??.get().to_owned())
}

/// Opens a stream, and waits until it has begun: what is published from now on is in it.
async fn open(address: &str) -> std::io::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    let request =
        format!("GET /stream?topic=test/heard HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    match head.starts_with(b"HTTP/1.1 200") {
        true => Ok(stream),
        false => Err(std::io::Error::other(String::from_utf8_lossy(&head).into_owned())),
    }
}

/// Counts what comes, until the host ends. A gap ends it: then not all is delivered that was to be.
async fn follow(stream: &mut TcpStream, tell: &watch::Sender<Result<u64, String>>) -> Result<(), String> {
    let (mut bytes, mut chunked, mut parser) = (vec![0; 64 << 10], Chunked::default(), Parser::default());
    loop {
        let length = stream.read(&mut bytes).await.map_err(|error| error.to_string())?;
        if length == 0 {
            return Err("the host ended a stream".into());
        }
        let events = parser.push(&chunked.push(&bytes[..length])).map_err(|error| error.to_string())?;
        if events.iter().any(|event| event.kind == "lag") {
            return Err("a stream was overtaken".into());
        }
        let events = events.iter().filter(|event| event.data.contains("\"test/heard\"")).count() as u64;
        tell.send_if_modified(|seen| match seen {
            Ok(seen) if events > 0 => {
                *seen += events;
                true
            }
            _ => false,
        });
    }
}

/// A body in chunks (RFC 9112, section 7.1), whose bytes may come in any pieces.
#[derive(Debug, Default)]
struct Chunked {
    /// Bytes of the chunk that are still to come; then the line break after it.
    left: usize,
    /// What has come of the line that says how long the next one is.
    line: Vec<u8>,
}

impl Chunked {
    /// The body's own bytes among these.
    fn push(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(bytes.len());
        while let Some(&first) = bytes.first() {
            if self.left > 0 {
                let (now, rest) = bytes.split_at(self.left.min(bytes.len()));
                body.extend_from_slice(now);
                self.left -= now.len();
                bytes = rest;
                continue;
            }
            bytes = &bytes[1..];
            match first {
                b'\n' => {
                    let length = std::str::from_utf8(&self.line).ok();
                    self.left = length.and_then(|line| usize::from_str_radix(line, 16).ok()).unwrap_or(0);
                    self.line.clear();
                }
                b'\r' => {}
                byte => self.line.push(byte),
            }
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_wherever_they_are_cut() {
        let sent = b"5\r\nhello\r\n1\r\n \r\na\r\n0123456789\r\n0\r\n\r\n";
        for cut in 0..sent.len() {
            let mut chunked = Chunked::default();
            let body = [chunked.push(&sent[..cut]), chunked.push(&sent[cut..])].concat();
            assert_eq!(String::from_utf8_lossy(&body), "hello 0123456789", "cut at {cut}");
        }
    }
}
