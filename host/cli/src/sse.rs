//! Reads server-sent events: bytes in, events out. Source of the rules: WHATWG HTML, "Server-sent events", sections
//! "Parsing an event stream" and "Interpreting an event stream". Neighbours: `client` gives the bytes, `follow` takes
//! the events.

use std::time::Duration;

/// A line or an event longer than this is no stream of ours, in bytes.
const LONGEST: usize = 64 << 20;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    /// What it is: `message` unless it says otherwise.
    pub(crate) kind: String,
    /// Its data, without the last line break.
    pub(crate) data: String,
    /// The last id that the stream gave, of this event or one before.
    pub(crate) id: String,
}

/// The stream is not what it should be: a line or an event without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream has an event of more than {} MiB", LONGEST >> 20)]
pub(crate) struct TooLong;

/// The state of a stream, kept over reconnections as the rules say: the last id, and the time to wait.
#[derive(Debug, Default)]
pub(crate) struct Parser {
    line: Vec<u8>,
    /// The line before ended with CR: an LF right behind it belongs to it.
    after_return: bool,
    /// A first line was seen, so that a byte order mark is none.
    begun: bool,
    kind: String,
    data: String,
    /// The id as of the last `id` field; it counts from the next dispatch.
    next_id: String,
    id: String,
    retry: Option<Duration>,
}

impl Parser {
    /// The last event id: what `Last-Event-ID` says after a reconnection.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// How long to wait before a reconnection, if the stream has said.
    pub(crate) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Takes bytes, and gives out the events that they complete.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Event>, TooLong> {
        let mut events = Vec::new();
        for &byte in bytes {
            let after_return = std::mem::replace(&mut self.after_return, byte == b'\r');
            match byte {
                b'\n' if after_return => {}
                b'\n' | b'\r' => events.extend(self.end_of_line()),
                byte => {
                    self.line.push(byte);
                    if self.line.len() + self.data.len() > LONGEST {
                        return Err(TooLong);
                    }
                }
            }
        }
        Ok(events)
    }

    /// The stream broke off: an event that was not complete is dropped, and so is an id that came with it.
    pub(crate) fn end(&mut self) {
        let Self { id, retry, .. } = std::mem::take(self);
        *self = Self { next_id: id.clone(), id, retry, ..Self::default() };
    }

    fn end_of_line(&mut self) -> Option<Event> {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let mut line = &*text;
        if !std::mem::replace(&mut self.begun, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let (field, value) = match line.split_once(':') {
            Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
            None => (line, ""),
        };
        match field {
            "event" => self.kind = value.to_owned(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.next_id = value.to_owned(),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                self.retry = Some(Duration::from_millis(value.parse().unwrap_or(u64::MAX)));
            }
            // A comment (no name before the colon), or a field that we do not know.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<Event> {
        self.id.clone_from(&self.next_id);
        let kind = std::mem::take(&mut self.kind);
        let mut data = std::mem::take(&mut self.data);
        data.pop()?;
        let kind = if kind.is_empty() { "message".into() } else { kind };
        Some(Event { kind, data, id: self.id.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Events as (kind, data, id), from a stream that arrives whole, byte by byte, and in two parts cut anywhere.
    fn check(stream: &[u8], expect: &[(&str, &str, &str)]) {
        let read = |parts: &[&[u8]]| {
            let mut parser = Parser::default();
            parts.iter().flat_map(|part| parser.push(part).unwrap()).collect::<Vec<_>>()
        };
        let expect: Vec<Event> = expect
            .iter()
            .map(|(kind, data, id)| Event { kind: (*kind).into(), data: (*data).into(), id: (*id).into() })
            .collect();
        assert_eq!(read(&[stream]), expect, "{:?}", String::from_utf8_lossy(stream));
        assert_eq!(read(&stream.chunks(1).collect::<Vec<_>>()), expect, "byte by byte");
        for cut in 0..stream.len() {
            assert_eq!(read(&[&stream[..cut], &stream[cut..]]), expect, "cut at {cut}");
        }
    }

    // The cases are those of web-platform-tests `eventsource/format-*`, and the examples of the specification.

    #[test]
    fn lines_end_with_any_of_three() {
        check(
            b"data: a\n\ndata: b\r\n\r\ndata: c\r\r",
            &[("message", "a", ""), ("message", "b", ""), ("message", "c", "")],
        );
        check(b"data: a\r\ndata: b\rdata: c\n\n", &[("message", "a\nb\nc", "")]);
        check(b"data: a\n\r\n", &[("message", "a", "")]);
        check(b"data: a\r\n\ndata: b\n\n", &[("message", "a", ""), ("message", "b", "")]);
    }

    #[test]
    fn one_byte_order_mark_is_left_out() {
        check(b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", &[("message", "a", "")]);
        check(b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n", &[("message", "b", "")]);
    }

    #[test]
    fn comments_and_unknown_fields_are_ignored() {
        check(b": heartbeat\n\ndata: a\n:\n: data: x\n\n", &[("message", "a", "")]);
        check(b" data: x\nDATA: x\ndata : x\nfoo: x\nfoo\ndata: a\n\n", &[("message", "a", "")]);
        check(format!("data: a\n: {}\n\n", "x".repeat(4096)).as_bytes(), &[("message", "a", "")]);
    }

    #[test]
    fn data_is_joined_and_loses_one_space() {
        check(b"data: a\ndata: b\n\n", &[("message", "a\nb", "")]);
        check(
            b"data\n\ndata\ndata\n\ndata:test\n\n",
            &[("message", "", ""), ("message", "\n", ""), ("message", "test", "")],
        );
        check(b"data:  a\ndata:\tb\n\n", &[("message", " a\n\tb", "")]);
        check(b"data: a: b\n\n", &[("message", "a: b", "")]);
        check(b"data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n data:32\ndata:4\n\n",
            &[("message", "\0\n 2\n1\n3\n\n4", "")]);
        check("data: ok…\n\n".as_bytes(), &[("message", "ok…", "")]);
        check(b"data: \xff\n\n", &[("message", "\u{fffd}", "")]);
    }

    #[test]
    fn an_event_without_data_is_none_and_its_kind_is_forgotten() {
        check(b"event: a\n\ndata: b\n\n", &[("message", "b", "")]);
        check(b"event: a\nevent: b\ndata: c\n\ndata: d\n\n", &[("b", "c", ""), ("message", "d", "")]);
        check(b"event:\ndata: a\n\n", &[("message", "a", "")]);
        check(b"\n\n\n", &[]);
    }

    #[test]
    fn ids_last_until_the_next() {
        check(
            b"id: 1\ndata: a\n\ndata: b\n\nid: 2\n\ndata: c\n\n",
            &[("message", "a", "1"), ("message", "b", "1"), ("message", "c", "2")],
        );
        check(b"id: 1\ndata: a\n\nid\ndata: b\n\n", &[("message", "a", "1"), ("message", "b", "")]);
        check(b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", &[("message", "a", "1"), ("message", "b", "1")]);
        check("id: …\ndata: a\n\n".as_bytes(), &[("message", "a", "…")]);
    }

    #[test]
    fn what_is_not_complete_is_dropped() {
        check(b"data: a\n\ndata: b\n", &[("message", "a", "")]);
        check(b"data: a\n\ndata: b", &[("message", "a", "")]);
        let mut parser = Parser::default();
        assert_eq!(parser.push(b"id: 1\ndata: a\n\nretry: 5\nid: 2\nevent: x\ndata: b\n").unwrap().len(), 1);
        parser.end();
        assert_eq!((parser.id(), parser.retry()), ("1", Some(Duration::from_millis(5))));
        let events = parser.push(b"\xef\xbb\xbfdata: c\n\n").unwrap();
        assert_eq!(events, [Event { kind: "message".into(), data: "c".into(), id: "1".into() }]);
    }

    #[test]
    fn retry_is_digits_only() {
        let check = |stream: &str, expect: Option<u64>| {
            let mut parser = Parser::default();
            parser.push(stream.as_bytes()).unwrap();
            assert_eq!(parser.retry(), expect.map(Duration::from_millis), "{stream:?}");
        };
        check("retry: 3000\n", Some(3000));
        check("retry:03000\n", Some(3000));
        check("retry: 3000\nretry: x\nretry\nretry:\n", Some(3000));
        check("retry: 1000x\n", None);
        check("retry: -1\n", None);
        check("retry:  1\n", None);
        check("retry: 1", None);
        check("retry: 99999999999999999999999\n", Some(u64::MAX));
    }

    #[test]
    fn memory_is_bounded() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; 1 << 20];
        assert!((0..65).map(|_| parser.push(&piece)).any(|read| read == Err(TooLong)));
        let mut parser = Parser::default();
        let line = [b"data:".as_slice(), &piece, b"\n"].concat();
        assert!((0..65).map(|_| parser.push(&line)).any(|read| read == Err(TooLong)));
    }
}
