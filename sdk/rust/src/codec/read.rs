//! Reading: from a message to its type.

use super::body::Body;
use super::misfit::{Misfit, list};
use super::whole::{Content, Whole};
use crate::message::{Message, Parts};
use crate::{AskError, Error, json};
use serde::de::DeserializeOwned;
use std::cell::RefCell;

/// Reads a message as `M`: an enum by its kind, anything else by its body alone.
///
/// # Errors
/// The kind is none of `M`'s, or the body does not fit it. The text has the shape that would.
pub fn read<M: DeserializeOwned>(message: &Message) -> Result<M, Misfit> {
    read_parts(&message.kind, &message.body)
}

/// As [`read`], of a message in its parts. A part of who calls it: its arguments are more than go in registers.
#[inline(always)]
pub(crate) fn read_parts<M: DeserializeOwned>(kind: &str, body: &[u8]) -> Result<M, Misfit> {
    M::deserialize(&Whole { kind, content: Content::Body(body) }).map_err(|misfit| explain::<M>(kind, &misfit))
}

/// Reads a configuration, a JSON object.
///
/// # Errors
/// It does not fit `C`: what is missing or wrong.
pub fn config<C: DeserializeOwned>(json: &str) -> Result<C, Error> {
    C::deserialize(Body(json.as_bytes())).map_err(|misfit| Error::new(format_args!("configuration: {misfit}")))
}

/// Reads the answer to a question as the message of `kind` whose one unnamed field is the `Result` of it.
pub(crate) fn answer<M: DeserializeOwned>(kind: &str, answer: Result<Parts<'_>, AskError>) -> Result<M, Misfit> {
    let failed = |why: AskError| -> Result<M, Misfit> {
        let json = json::write(&why)?;
        M::deserialize(&Whole { kind, content: Content::Failure(json.as_bytes()) })
    };
    match answer {
        Ok(parts) => M::deserialize(&Whole { kind, content: Content::Answer(parts) })
            // An answer of another shape is an answer that failed, and the actor's to handle.
            .or_else(|misfit| failed(AskError::Other(format!("the answer does not fit: {misfit}")))),
        Err(why) => failed(why),
    }
}

/// Adds the shape that would have fitted.
#[cold]
#[inline(never)]
fn explain<M: DeserializeOwned>(kind: &str, misfit: &Misfit) -> Misfit {
    let shape = |kind: &str| {
        let fields = RefCell::new(Vec::new());
        // It fails, and has left the names of the fields behind.
        let _ = M::deserialize(&Whole { kind, content: Content::Question(&fields) });
        match fields.into_inner() {
            fields if fields.is_empty() => kind.to_string(),
            fields => format!("{kind} {{{}}}", list(&fields, ", ")),
        }
    };
    match misfit.expected() {
        None => Misfit::new(format_args!("`{}`: {misfit}", shape(kind))),
        Some([]) => Misfit::new(format_args!("`{kind}` is not understood: nothing is")),
        Some(kinds) => {
            let shapes: Vec<_> = kinds.iter().map(|kind| shape(kind)).collect();
            Misfit::new(format_args!("`{kind}` is not understood: expected {}", list(&shapes, " or ")))
        }
    }
}
