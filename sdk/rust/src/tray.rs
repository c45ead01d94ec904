//! How a host that knows this SDK hands over small messages: through a tray that is always there, in place of memory that is
//! allocated, and freed, for each of them.
//!
//! Functions of the module, beside those of the contract, which a host without this calls as ever. What they mean:
//!
//! - `greenroom-tray-1`: where the tray is, and in the upper half of the number how many bytes it has.
//! - `greenroom-handle-1`: `behavior.handle` of what lies in the tray. The topic's bytes come first, then the kind's, then the
//!   body's. The number that it gives: in the lowest three bits what handles the next message, and for what has a text, the
//!   text's length in bits 3 to 31 and its place in the upper half. The text stays until the next call.
//!
//! - `greenroom-answered-1`: `replies.answered` of what lies in the tray, a kind and a body; with the same result.
//!
//! The owner of what they mean is `host/engine/src/contract/v0_1/direct/tray.rs`.

use crate::message::Parts;
use crate::{Actor, Address, Instance, Next};
use std::cell::{Cell, UnsafeCell};

/// More than most messages take, and little beside the stack.
const SIZE: usize = 1024;

/// The tray. Written by the host alone, and never while this component runs.
pub struct Tray(UnsafeCell<[u8; SIZE]>);

// SAFETY: a component has one thread.
unsafe impl Sync for Tray {}

static TRAY: Tray = Tray(UnsafeCell::new([0; SIZE]));

thread_local! {
    /// The text of the last result that had one.
    static TEXT: Cell<String> = const { Cell::new(String::new()) };
}

/// `greenroom-tray-1`.
pub fn tray() -> u64 {
    (SIZE as u64) << 32 | TRAY.0.get() as u64
}

/// What is said of what lies in the tray.
#[derive(Debug, Clone, Copy)]
pub struct Slip {
    /// Who sent it.
    pub sender: Option<Address>,
    /// The question.
    pub request: Option<u64>,
    /// The topic's length, if there is a topic.
    pub topic: Option<usize>,
    /// The kind's length.
    pub kind: usize,
    /// The body's length.
    pub body: usize,
}

/// `greenroom-handle-1`.
#[inline]
pub fn handle<A: Actor>(instance: &mut Instance<A>, slip: Slip) -> u64 {
    let topic_length = slip.topic.unwrap_or(0);
    // SAFETY: the host writes before it calls, and not until this call is over.
    let all: &[u8; SIZE] = unsafe { &*TRAY.0.get() };
    let (topic, rest) = all.split_at(topic_length.min(SIZE));
    let (kind, rest) = rest.split_at(slip.kind.min(rest.len()));
    let body = &rest[..slip.body.min(rest.len())];
    // SAFETY: the host's texts are texts.
    let (topic, kind) = unsafe { (str::from_utf8_unchecked(topic), str::from_utf8_unchecked(kind)) };
    instance.begin(slip.sender, slip.request, slip.topic.map(|_| topic));
    said(instance.receive(kind, body))
}

/// `greenroom-answered-1`, of a kind and a body that are so long.
pub fn answered<A: Actor>(instance: &mut Instance<A>, request: u64, kind: usize, body: usize) -> u64 {
    // SAFETY: the host writes before it calls, and not until this call is over.
    let all: &[u8; SIZE] = unsafe { &*TRAY.0.get() };
    let (kind, rest) = all.split_at(kind.min(SIZE));
    // SAFETY: the host's texts are texts.
    let kind = unsafe { str::from_utf8_unchecked(kind) };
    said(instance.take_answer(request, Ok(Parts { kind, body: &rest[..body.min(rest.len())] })))
}

/// What came of a turn, as a number.
#[inline(always)]
fn said(next: Result<Next, String>) -> u64 {
    let (case, text) = match next {
        Ok(Next::Same) => return 0,
        Ok(Next::Changed) => return 1,
        Ok(Next::Defer) => return 2,
        Ok(Next::Unhandled(why)) => (3, why),
        Ok(Next::Become(behavior)) => (4, behavior),
        Ok(Next::Stop) => return 5,
        Err(why) => (6, why),
    };
    let number = (text.as_ptr() as u64) << 32 | (text.len() as u64) << 3 | case;
    TEXT.set(text);
    number
}
