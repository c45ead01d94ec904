//! Frames of an event stream. Source of the rules: WHATWG HTML, "Server-sent events".

use std::borrow::Cow;

const BREAKS: [char; 3] = ['\n', '\r', '\0'];

/// One event. An event without `id` leaves the client's last id as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// What the client names when it comes back.
    pub(crate) id: Option<&'a str>,
    /// The event's type: what the client listens to.
    pub(crate) kind: &'a str,
    /// Its data; by convention one line of JSON.
    pub(crate) data: &'a str,
}

impl Event<'_> {
    /// Appends the event. Whatever its fields hold, it stays one event: a field's line breaks and NULs are left out of
    /// id and type, and begin further lines of data.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        if let Some(id) = self.id {
            field(out, "id", &clean(id));
        }
        field(out, "event", &clean(self.kind));
        for line in self.data.split("\r\n").flat_map(|part| part.split(['\n', '\r'])) {
            field(out, "data", line);
        }
        out.push(b'\n');
    }
}

/// Appends how long a client waits before it comes back, in milliseconds. It belongs to the event that follows: alone,
/// some clients (httpx-sse) take it for an event without data.
pub(crate) fn retry(out: &mut Vec<u8>, milliseconds: u32) {
    field(out, "retry", &milliseconds.to_string());
}

/// Appends a comment, which clients ignore: it keeps the connection in use.
pub(crate) fn heartbeat(out: &mut Vec<u8>) {
    out.extend_from_slice(b":\n");
}

fn field(out: &mut Vec<u8>, name: &str, value: &str) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

/// An id or a type: a line break would end it, and with a NUL an id is ignored.
fn clean(text: &str) -> Cow<'_, str> {
    match text.contains(BREAKS) {
        true => text.replace(BREAKS, "").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eventsource_stream::Eventsource;
    use futures_util::{FutureExt, StreamExt, stream};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::convert::Infallible;

    type Parsed = (String, String, String);

    /// What an independent parser makes of the bytes, when they come in these pieces.
    fn parse(pieces: &[&[u8]]) -> Vec<Parsed> {
        let pieces = stream::iter(pieces.iter().map(|piece| Ok::<_, Infallible>(piece.to_vec())).collect::<Vec<_>>());
        let events = pieces.eventsource().map(|event| {
            let event = event.unwrap();
            (event.id, event.event, event.data)
        });
        events.collect().now_or_never().unwrap()
    }

    fn encode(events: &[Parsed]) -> Vec<u8> {
        let mut out = Vec::new();
        retry(&mut out, 1000);
        for (id, kind, data) in events {
            heartbeat(&mut out);
            Event { id: Some(id), kind, data }.encode(&mut out);
        }
        out
    }

    #[test]
    fn an_event_is_encoded() {
        let check = |event: Event<'_>, expect: &str| {
            let mut out = Vec::new();
            event.encode(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        };
        let event = Event { id: Some("e-1"), kind: "sample", data: "{}" };
        check(event, "id: e-1\nevent: sample\ndata: {}\n\n");
        check(Event { id: None, ..event }, "event: sample\ndata: {}\n\n");
        check(Event { data: "", ..event }, "id: e-1\nevent: sample\ndata: \n\n");
        check(
            Event { data: "a\nb\r\nc\rd\n", ..event },
            "id: e-1\nevent: sample\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \n\n",
        );
        check(Event { id: Some("a\nb\0"), kind: "x\r\ndata: y", data: "" }, "id: ab\nevent: xdata: y\ndata: \n\n");
    }

    proptest! {
        /// parse(encode(e)) == e, in whatever pieces it arrives.
        #[test]
        fn what_is_encoded_is_parsed(
            events in vec(("[a-z0-9]{1,8}-[0-9]{1,6}", "[^\\p{Cc}]{1,16}", "[^\r]{0,40}"), 1..4),
            cuts in vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let bytes = encode(&events);
            prop_assert_eq!(&parse(&[&bytes]), &events);
            for cut in 0..=bytes.len() {
                prop_assert_eq!(&parse(&[&bytes[..cut], &bytes[cut..]]), &events, "cut at {}", cut);
            }
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
            prop_assert_eq!(&parse(&pieces), &events);
        }

        /// Nothing that a field holds makes a second event or another field.
        #[test]
        fn a_field_cannot_break_out(id: String, kind: String, data: String) {
            let mut out = Vec::new();
            Event { id: Some(&id), kind: &kind, data: &data }.encode(&mut out);
            let text = String::from_utf8(out).unwrap();
            prop_assert!(text.ends_with("\n\n") && text.matches("\n\n").count() == 1);
            prop_assert!(!text.contains('\r'));
            let lines: Vec<_> = text.strip_suffix("\n\n").unwrap().split('\n').collect();
            prop_assert!(lines[0].starts_with("id: ") && lines[1].starts_with("event: "));
            prop_assert!(!lines[..2].concat().contains('\0'));
            prop_assert!(lines[2..].iter().all(|line| line.starts_with("data: ")));
        }
    }
}
