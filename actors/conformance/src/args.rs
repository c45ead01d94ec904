//! The arguments of a check: lines of a message's body.

use greenroom::{Address, Message, Reason};

/// The arguments that are left.
pub(crate) struct Args<'a> {
    left: &'a [u8],
    /// Who was spawned last, for `spawned` in place of an address.
    pub(crate) spawned: Option<Address>,
}

impl<'a> Args<'a> {
    pub(crate) fn new(body: &'a [u8], spawned: Option<Address>) -> Self {
        Self { left: body, spawned }
    }

    /// Whether all were taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The next line as it is, empty when there is none left.
    pub(crate) fn line(&mut self) -> &'a str {
        let (line, rest) = match self.left.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&self.left[..end], &self.left[end + 1..]),
            None => (self.left, &self.left[self.left.len()..]),
        };
        self.left = rest;
        std::str::from_utf8(line).unwrap_or_default()
    }

    /// The next line's bytes: as they are, `hex:` and digits, or `fill:` and how many times "x".
    pub(crate) fn bytes(&mut self) -> Vec<u8> {
        let line = self.line();
        if let Some(length) = line.strip_prefix("fill:") {
            return vec![b'x'; length.parse().unwrap_or_default()];
        }
        if let Some(digits) = line.strip_prefix("hex:") {
            let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
            return digits.as_bytes().chunks(2).filter_map(byte).collect();
        }
        line.into()
    }

    pub(crate) fn text(&mut self) -> String {
        String::from_utf8(self.bytes()).unwrap_or_default()
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.line().parse().unwrap_or_default()
    }

    pub(crate) fn float(&mut self) -> f64 {
        self.line().parse().unwrap_or_default()
    }

    pub(crate) fn address(&mut self) -> Address {
        let nobody = Address { node: 0, key: 0 };
        match self.line() {
            "spawned" => self.spawned.unwrap_or(nobody),
            line => line.parse().unwrap_or(nobody),
        }
    }

    /// Two lines, the kind and the body.
    pub(crate) fn message(&mut self) -> Message {
        Message { kind: self.text(), body: self.bytes() }
    }

    /// A case's name, and after a colon its text.
    pub(crate) fn reason(&mut self) -> Reason {
        let line = self.line();
        let (word, text) = line.split_once(':').unwrap_or((line, ""));
        match word {
            "normal" => Reason::Normal,
            "shutdown" => Reason::Shutdown,
            "killed" => Reason::Killed,
            "failed" => Reason::Failed(text.into()),
            "trapped" => Reason::Trapped(text.into()),
            "out-of-time" => Reason::OutOfTime,
            "out-of-memory" => Reason::OutOfMemory,
            "no-actor" => Reason::NoActor,
            "unreachable" => Reason::Unreachable,
            _ => Reason::Other(text.into()),
        }
    }
}
