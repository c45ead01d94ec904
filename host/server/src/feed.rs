//! One client's stream: a cursor into the hub's rings on one side, bytes on the other. It holds one chunk and no queue:
//! the connection asks for the next chunk when it has room, and who is slow is overtaken and told so.

use crate::frame::{self, Event};
use crate::payload::{Payload, line};
use crate::serve::Stop;
use axum::body::Body;
use futures_util::{FutureExt, stream};
use greenroom_engine::hub::{Cursor, Entry, Hub, Item};
use serde::Serialize;
use std::convert::Infallible;
use std::mem;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedSemaphorePermit;

/// After so long without a message a stream shows that it is alive (WHATWG HTML advises 15 seconds).
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A chunk takes further messages until it is so long, in bytes: one write for many small ones.
const CHUNK: usize = 16 << 10;

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Events whose data has the topic, the time and the body.
    Wrapped,
    /// Events whose data is the body.
    Bare,
    /// Lines of JSON, with everything.
    Lines,
}

pub(crate) struct Feed {
    hub: Arc<Hub>,
    cursor: Cursor,
    style: Style,
    /// Bytes that come first.
    opening: Vec<u8>,
    /// Messages until the end, if there is one.
    left: Option<NonZeroU64>,
    stop: Stop,
    /// The last message of a server that stops.
    end: Option<u64>,
    done: bool,
    /// A place among the streams, given back with the stream.
    _place: OwnedSemaphorePermit,
}

/// `id` and the rest of a message.
#[derive(Serialize)]
struct Message<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    topic: &'a str,
    time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    body: Payload<'a>,
}

/// That messages are missing.
#[derive(Serialize)]
struct Lag {
    from: Option<String>,
    to: String,
    dropped: Option<u64>,
}

impl Feed {
    pub(crate) fn new(hub: Arc<Hub>, cursor: Cursor, style: Style, stop: Stop, place: OwnedSemaphorePermit) -> Self {
        Self { hub, cursor, style, opening: Vec::new(), left: None, stop, end: None, done: false, _place: place }
    }

    /// Begins with these bytes.
    pub(crate) fn opening(self, opening: Vec<u8>) -> Self {
        Self { opening, ..self }
    }

    /// Ends after so many messages.
    pub(crate) fn limit(self, limit: Option<NonZeroU64>) -> Self {
        Self { left: limit, ..self }
    }

    /// The stream as a response's body.
    pub(crate) fn into_body(self) -> Body {
        Body::from_stream(stream::unfold(self, |mut feed| async move {
            let chunk = feed.chunk().await?;
            Some((Ok::<_, Infallible>(chunk), feed))
        }))
    }

    /// The next bytes; none: the stream is over.
    async fn chunk(&mut self) -> Option<Vec<u8>> {
        let mut out = mem::take(&mut self.opening);
        while out.is_empty() {
            if self.done {
                return None;
            }
            self.wait(&mut out).await;
        }
        while !self.done && out.len() < CHUNK {
            match self.cursor.next().now_or_never() {
                Some(item) => self.write(item, &mut out),
                None => break,
            }
        }
        Some(out)
    }

    /// Waits for a message, a pause or the server's stop.
    async fn wait(&mut self, out: &mut Vec<u8>) {
        if self.end.is_some() {
            let item = self.cursor.try_next().unwrap_or(Item::Bye);
            return self.write(item, out);
        }
        tokio::select! {
            item = self.cursor.next() => self.write(item, out),
            () = self.stop.stopped() => self.end = Some(self.hub.counts().published),
            () = tokio::time::sleep(HEARTBEAT) => match self.style {
                Style::Wrapped | Style::Bare => frame::heartbeat(out),
                Style::Lines => out.push(b'\n'),
            },
        }
    }

    fn write(&mut self, item: Item, out: &mut Vec<u8>) {
        match item {
            Item::Message(entry) if self.end.is_some_and(|end| entry.seq > end) => self.bye(out),
            Item::Message(entry) => {
                self.message(&entry, out);
                if let Some(left) = self.left {
                    self.left = NonZeroU64::new(left.get() - 1);
                    self.done = self.left.is_none();
                }
            }
            Item::Lag { from, to, dropped } => {
                let lag = Lag { from: from.map(|seq| self.id(seq)), to: self.id(to), dropped };
                self.host("lag", &lag, out);
            }
            Item::Bye => self.bye(out),
        }
    }

    fn id(&self, seq: u64) -> String {
        id(&self.hub, seq)
    }

    fn bye(&mut self, out: &mut Vec<u8>) {
        self.done = true;
        self.host("bye", &serde_json::Map::new(), out);
    }

    /// Something that the host says of the stream. It has no id: a client that comes back is told again.
    fn host(&self, kind: &str, data: &impl Serialize, out: &mut Vec<u8>) {
        match (self.style, line(data)) {
            (_, Err(error)) => unwritable(&error),
            (Style::Wrapped | Style::Bare, Ok(data)) => Event { id: None, kind, data: &data }.encode(out),
            (Style::Lines, Ok(data)) => out.extend_from_slice(format!("{{\"{kind}\":{data}}}\n").as_bytes()),
        }
    }

    fn message(&self, entry: &Entry, out: &mut Vec<u8>) {
        let (id, kind, body) = (self.id(entry.seq), entry.kind.as_str(), Payload(&entry.body));
        let message = Message { id: None, topic: entry.topic.as_str(), time: entry.time, kind: None, body };
        let data = match self.style {
            Style::Wrapped => line(&message),
            Style::Bare => line(&body),
            Style::Lines => line(&Message { id: Some(&id), kind: Some(kind), ..message }),
        };
        match (self.style, data) {
            (_, Err(error)) => unwritable(&error),
            (Style::Wrapped | Style::Bare, Ok(data)) => Event { id: Some(&id), kind, data: &data }.encode(out),
            (Style::Lines, Ok(data)) => out.extend(data.bytes().chain(*b"\n")),
        }
    }
}

/// A message's id: which start of the host, and which message of it.
pub(crate) fn id(hub: &Hub, seq: u64) -> String {
    format!("{}-{seq}", hub.epoch())
}

/// Texts, numbers and checked JSON can always be written; if not, that is a fault of ours.
fn unwritable(error: &serde_json::Error) {
    tracing::error!(%error, "a message could not be written to a stream");
}

#[cfg(test)]
mod tests;
