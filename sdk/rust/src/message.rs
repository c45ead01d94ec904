//! Messages as they travel, for code that must see them raw.

use crate::Address;
use crate::codec::Misfit;
use serde::Serialize;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::cell::Cell;
use std::fmt;

/// The name by which [`codec`](crate::codec) knows that somebody wants the message as it is.
pub(crate) const RAW: &str = "$greenroom::Message";

/// A message as it travels. An actor whose [`Message`](crate::Actor::Message) is this type sees every message raw, and
/// nothing is unhandled before it says so.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// What a behaviour matches on: 1 to 64 bytes, no control characters. By convention in kebab-case.
    pub kind: String,
    /// By convention JSON in UTF-8; empty means no fields.
    pub body: Vec<u8>,
}

/// A message where it lies.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    pub kind: &'a str,
    pub body: &'a [u8],
}

impl Message {
    /// A message of a kind with a body.
    pub fn new(kind: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { kind: kind.into(), body: body.into() }
    }

    /// Reads it as a typed message.
    ///
    /// # Errors
    /// The kind is none of `M`'s, or the body does not fit it; the text says what would.
    pub fn read<M: de::DeserializeOwned>(&self) -> crate::Result<M> {
        crate::codec::read(self).map_err(crate::Error::new)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, String::from_utf8_lossy(&self.body))
    }
}

/// What can be sent: anything that serde can write, or a [`Message`] as it is.
///
/// An enum's variant becomes the kind and its fields the body; anything else the body of a message of kind `answer`.
pub trait Sendable {
    /// The message.
    ///
    /// # Errors
    /// It has no form in JSON, such as a map whose keys are no strings.
    fn message(&self) -> Result<Message, Misfit> {
        let mut place = Vec::new();
        let (kind, body) = self.parts(&mut place)?;
        Ok(Message::new(kind, body))
    }

    /// Its kind and its body, which is written into `place` if it does not lie anywhere yet, in place of what is there.
    ///
    /// # Errors
    /// As [`Sendable::message`].
    fn parts<'a>(&'a self, place: &'a mut Vec<u8>) -> Result<(&'a str, &'a [u8]), Misfit>;
}

thread_local! {
    /// What the last message was written into. Most are handed over at once, so that one place is enough for all of them.
    static PLACE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A place for more than so many bytes is not kept.
pub(crate) const KEPT: usize = 4096;

/// Writes a message, and has it handed over.
#[inline]
pub(crate) fn lend<T>(what: &(impl Sendable + ?Sized), over: impl FnOnce(&str, &[u8]) -> T) -> Result<T, Misfit> {
    // Another one that is written meanwhile finds none, and makes one of its own.
    let mut place = PLACE.take();
    let (kind, body) = what.parts(&mut place)?;
    let done = over(kind, body);
    keep(place);
    Ok(done)
}

#[inline]
fn keep(place: Vec<u8>) {
    if place.capacity() <= KEPT {
        let other = PLACE.replace(place);
        // Mostly there is none, and freeing it would be a call.
        if other.capacity() == 0 {
            std::mem::forget(other);
        }
    }
}

impl<M: Serialize + ?Sized> Sendable for M {
    fn parts<'a>(&'a self, place: &'a mut Vec<u8>) -> Result<(&'a str, &'a [u8]), Misfit> {
        let kind = crate::codec::write_into(self, place)?;
        Ok((kind, place))
    }
}

// Not `Serialize` itself, so that this does not overlap: a message has no form inside another one.
impl Sendable for Message {
    fn message(&self) -> Result<Message, Misfit> {
        Ok(self.clone())
    }

    fn parts<'a>(&'a self, _: &'a mut Vec<u8>) -> Result<(&'a str, &'a [u8]), Misfit> {
        Ok((&self.kind, &self.body))
    }
}

/// Only out of a message itself: it has no form inside another one.
impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;
        impl<'de> Visitor<'de> for Parts {
            type Value = Message;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole message")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<Message, S::Error> {
                let missing = || de::Error::custom("a whole message has a kind and a body");
                let Bytes(kind) = parts.next_element()?.ok_or_else(missing)?;
                let Bytes(body) = parts.next_element()?.ok_or_else(missing)?;
                Ok(Message { kind: String::from_utf8(kind).map_err(de::Error::custom)?, body })
            }
        }
        deserializer.deserialize_newtype_struct(RAW, Parts)
    }
}

/// Bytes at one go, where serde's `Vec<u8>` takes them one by one.
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl Visitor<'_> for Whole {
            type Value = Bytes;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Whole)
    }
}

/// A message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// Who sent it. None: the host itself, or somebody outside (HTTP, command line).
    pub sender: Option<Address>,
    /// The question to answer, when the sender waits.
    pub request: Option<u64>,
    /// The topic that it was published on, when it was.
    pub topic: Option<String>,
    /// The message.
    pub message: Message,
}
