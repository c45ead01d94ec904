//! The short way into a module that was made with an SDK which has it: a tray in its memory, into which a small message is
//! put without asking for room, and a result that is a number, after which there is nothing to free.
//!
//! Two functions beside those of the contract (`sdk/rust/src/tray.rs` is the other side):
//!
//! - `greenroom-tray-1`: where the tray is, and in the upper half of the number how many bytes it has.
//! - `greenroom-handle-1`: `behavior.handle` of what lies in the tray. The topic's bytes come first, then the kind's, then the
//!   body's. The number that it gives: in the lowest three bits the case of what handles the next message, with 6 for an error; and
//!   for what has a text, its length in bits 3 to 31 and its place in the upper half.
//!
//! - `greenroom-answered-1`, which one that asks has beside them: `replies.answered` of the message in the tray, without a topic,
//!   that answers the question of this number; with the same result.
//!
//! A module without them, or with others of their names, is called by way of the contract; and so is any for what its tray
//! does not hold.

use super::entries::{self, Entries, TrayEntry};
use super::heap::Handed;
use super::layout::no_such_case;
use crate::contract::v0_1::bindings::greenroom::actor::types::Next;
use crate::guest::Seat;
use greenroom_core::{Address, Envelope, Message, Request};
use wasmtime::{Instance, Memory, Result, Store, TypedFunc, bail};

/// A module's tray, and its function that looks into it.
pub(super) struct Tray {
    at: usize,
    size: usize,
    handle: TypedFunc<Slip, u64>,
    answered: Option<TypedFunc<Answer, u64>>,
}

/// The question, and the lengths of the kind and the body of what answers it.
type Answer = (u64, u32, u32);

/// The sender and the question, each with whether there is one, whether there is a topic, and the three lengths.
type Slip = (u32, u64, u64, u32, u64, u32, u32, u32, u32);

impl Tray {
    /// A module's, if it has one.
    pub(super) fn of(store: &mut Store<Seat>, entries: &Entries, instance: &Instance) -> Result<Option<Self>> {
        let Some(TrayEntry { tray, handle, answered, place }) = &entries.tray else { return Ok(None) };
        let Ok(handle) = entries::function(store, instance, handle)?.typed::<Slip, u64>(&*store) else {
            return Ok(None);
        };
        let place = match place.get() {
            Some(place) => *place,
            None => {
                let Ok(tray) = entries::function(store, instance, tray)?.typed::<(), u64>(&*store) else {
                    return Ok(None);
                };
                let said = tray.call(&mut *store, ())?;
                *place.get_or_init(|| said)
            }
        };
        let answered = match answered {
            Some(answered) => entries::function(store, instance, answered)?.typed(&*store).ok(),
            None => None,
        };
        let (at, size) = (place & u64::from(u32::MAX), place >> 32);
        // No more than 32 bits each, and so is an address here.
        Ok(Some(Self { at: at as usize, size: size as usize, handle, answered }))
    }

    /// Whether a message is to be put into it.
    pub(super) fn holds(&self, envelope: &Envelope) -> bool {
        let Envelope { topic, message, .. } = envelope;
        let topic = topic.as_ref().map_or(0, |topic| topic.as_str().len());
        topic + length(message) <= self.size
    }

    /// Whether an answer is to be put into it.
    pub(super) fn holds_answer(&self, answer: &Message) -> bool {
        self.answered.is_some() && length(answer) <= self.size
    }

    /// Puts something into it.
    fn put(&self, store: &mut Store<Seat>, memory: Memory, parts: &[&[u8]]) -> Result<()> {
        let Some(mut tray) = memory.data_mut(&mut *store).get_mut(self.at..) else {
            bail!("the tray is out of bounds of memory")
        };
        for part in parts {
            let Some((place, rest)) = tray.split_at_mut_checked(part.len()) else {
                bail!("the tray is out of bounds of memory")
            };
            place.copy_from_slice(part);
            tray = rest;
        }
        Ok(())
    }

    /// Hands over an answer that it holds.
    pub(super) fn answered(
        &self,
        store: &mut Store<Seat>,
        memory: Memory,
        Request(request): Request,
        answer: &Message,
    ) -> Result<Result<Next, String>> {
        let Some(answered) = &self.answered else { bail!("it takes no answers") };
        let (kind, body) = (answer.kind.as_bytes(), &*answer.body);
        self.put(store, memory, &[kind, body])?;
        // Each fits: the tray has no more than 32 bits of bytes.
        let result = answered.call(&mut *store, (request, kind.len() as u32, body.len() as u32))?;
        told(store, memory, result)
    }

    /// Hands over a message that it holds.
    pub(super) fn handle(
        &self,
        store: &mut Store<Seat>,
        memory: Memory,
        envelope: &Envelope,
    ) -> Result<Result<Next, String>> {
        let Envelope { sender, request, topic, message } = envelope;
        let (kind, body) = (message.kind.as_bytes(), &*message.body);
        let topic_length = match topic {
            // Most have none.
            None => {
                self.put(store, memory, &[kind, body])?;
                0
            }
            Some(topic) => {
                self.put(store, memory, &[topic.as_str().as_bytes(), kind, body])?;
                topic.as_str().len()
            }
        };
        let Address { node, key } = sender.unwrap_or(Address { node: 0, key: 0 });
        let Request(number) = request.unwrap_or(Request(0));
        let slip = (
            sender.is_some().into(),
            node,
            key,
            request.is_some().into(),
            number,
            topic.is_some().into(),
            // Each fits: the tray has no more than 32 bits of bytes.
            topic_length as u32,
            kind.len() as u32,
            body.len() as u32,
        );
        let result = self.handle.call(&mut *store, slip)?;
        told(store, memory, result)
    }
}

fn length(message: &Message) -> usize {
    message.kind.as_bytes().len() + message.body.len()
}

/// What a number that came of a turn says.
fn told(store: &Store<Seat>, memory: Memory, result: u64) -> Result<Result<Next, String>> {
    let text = || {
        let (at, length) = ((result >> 32) as u32, (result as u32) >> 3);
        Handed(memory.data(store)).text(at, length).map(str::to_owned)
    };
    Ok(match (result as u32) & 0b111 {
        0 => Ok(Next::Same),
        1 => Ok(Next::Changed),
        2 => Ok(Next::Defer),
        3 => Ok(Next::Unhandled(text()?)),
        4 => Ok(Next::Become(text()?)),
        5 => Ok(Next::Stop),
        6 => Err(text()?),
        case => return no_such_case(case),
    })
}
