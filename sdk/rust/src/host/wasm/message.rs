//! The imports that take a message: called with its parts, wherever they lie, since the generated functions want them in
//! places of their own. What is declared here is as in `bindings`.

use crate::bindings::imports::greenroom::actor as imports;
use crate::message::KEPT;
use crate::{Address, AskError, Message, SendError, TopicError};
use std::cell::Cell;
use std::mem::MaybeUninit;

#[link(wasm_import_module = "greenroom:actor/messaging@0.1.0")]
unsafe extern "C" {
    #[link_name = "send"]
    fn import_send(
        node: i64,
        key: i64,
        kind: *const u8,
        kind_length: usize,
        body: *const u8,
        length: usize,
        to: *mut u8,
    );
    #[link_name = "reply"]
    fn import_reply(
        request: i64,
        case: i32,
        text: *const u8,
        text_length: usize,
        body: *const u8,
        length: usize,
        to: *mut u8,
    );
}

#[link(wasm_import_module = "greenroom:actor/topics@0.1.0")]
unsafe extern "C" {
    #[link_name = "publish"]
    fn import_publish(
        topic: *const u8,
        topic_length: usize,
        kind: *const u8,
        kind_length: usize,
        body: *const u8,
        length: usize,
        to: *mut u8,
    );
}

/// What these answer, as the canonical ABI lays it out: nothing, or an error.
#[repr(C)]
struct Answer {
    failed: MaybeUninit<u8>,
    failure: MaybeUninit<Failure>,
}

/// An error, whose case has no more than a text or a number, which is then in place of the text.
#[repr(C)]
struct Failure {
    case: u8,
    text: MaybeUninit<*mut u8>,
    length: MaybeUninit<usize>,
}

impl Answer {
    /// Has an import answer.
    #[inline]
    fn of(call: impl FnOnce(*mut u8)) -> Result<(), Failure> {
        let mut answer = Self { failed: MaybeUninit::uninit(), failure: MaybeUninit::uninit() };
        call((&raw mut answer).cast());
        // SAFETY: it is told in any case whether there is an error, and what belongs to that if there is one.
        unsafe { if answer.failed.assume_init() == 0 { Ok(()) } else { Err(answer.failure.assume_init()) } }
    }
}

impl Failure {
    /// # Safety
    /// Its case has a text.
    unsafe fn text(self) -> String {
        // SAFETY: the host has asked this component for as much memory, and put a text there.
        unsafe {
            let length = self.length.assume_init();
            String::from_utf8_unchecked(Vec::from_raw_parts(self.text.assume_init(), length, length))
        }
    }

    /// # Safety
    /// Its case has a number.
    unsafe fn number(self) -> u32 {
        // SAFETY: the caller's.
        unsafe { self.text.assume_init() as u32 }
    }
}

// The cases are numbered as in `wit/`.

impl From<Failure> for SendError {
    #[cold]
    #[inline(never)]
    fn from(failure: Failure) -> Self {
        // SAFETY: each has what its case has.
        unsafe {
            match failure.case {
                0 => Self::NoActor,
                1 => Self::MailboxFull,
                2 => Self::TooLarge(failure.number()),
                3 => Self::Invalid(failure.text()),
                4 => Self::NotGranted(failure.text()),
                _ => Self::Other(failure.text()),
            }
        }
    }
}

impl From<Failure> for TopicError {
    #[cold]
    #[inline(never)]
    fn from(failure: Failure) -> Self {
        // SAFETY: each has what its case has.
        unsafe {
            match failure.case {
                0 => Self::Invalid(failure.text()),
                1 => Self::NotGranted(failure.text()),
                2 => Self::TooLarge(failure.number()),
                3 => Self::NoRegistry,
                _ => Self::Other(failure.text()),
            }
        }
    }
}

#[inline]
pub(crate) fn send(to: Address, kind: &str, body: &[u8]) -> Result<(), SendError> {
    let (node, key) = (to.node.cast_signed(), to.key.cast_signed());
    Ok(Answer::of(|answer| {
        // SAFETY: as the contract has it.
        unsafe { import_send(node, key, kind.as_ptr(), kind.len(), body.as_ptr(), body.len(), answer) }
    })?)
}

pub(crate) fn reply(request: u64, kind: &str, body: &[u8]) -> Result<(), SendError> {
    Ok(answer(request, 0, kind.as_bytes(), body)?)
}

pub(crate) fn refuse(request: u64, why: &str) -> Result<(), SendError> {
    Ok(answer(request, 1, why.as_bytes(), &[])?)
}

fn answer(request: u64, case: i32, text: &[u8], body: &[u8]) -> Result<(), Failure> {
    Answer::of(|answer| {
        // SAFETY: as the contract has it.
        unsafe {
            import_reply(request.cast_signed(), case, text.as_ptr(), text.len(), body.as_ptr(), body.len(), answer);
        }
    })
}

pub(crate) fn publish(topic: &str, kind: &str, body: &[u8]) -> Result<(), TopicError> {
    Ok(Answer::of(|answer| {
        // SAFETY: as the contract has it.
        unsafe {
            import_publish(topic.as_ptr(), topic.len(), kind.as_ptr(), kind.len(), body.as_ptr(), body.len(), answer);
        }
    })?)
}

thread_local! {
    /// The last question. To ask is so much more than to send that its error is the generated function's to read.
    static QUESTION: Cell<Message> = const { Cell::new(Message { kind: String::new(), body: Vec::new() }) };
}

pub(crate) fn start_ask(to: Address, kind: &str, body: &[u8], timeout: u64) -> Result<u64, AskError> {
    let Message { kind: mut named, body: mut written } = QUESTION.replace(Message::new("", []));
    named.clear();
    named.push_str(kind);
    written.clear();
    written.extend_from_slice(body);
    let question = Message { kind: named, body: written };
    let asked = imports::messaging::start_ask(to, &question, timeout);
    if question.body.capacity() <= KEPT {
        QUESTION.set(question);
    }
    asked
}
