//! Writing: from a typed message to its kind and its body.

use super::misfit::Misfit;
use crate::json::Writer;
use crate::message::Message;
use serde::Serialize;

/// The kind of what is no enum: an answer that is a plain struct, mostly.
const PLAIN: &str = "answer";

/// Writes a message, its body in place of what `body` was, and says its kind: an enum's variant is the kind, its fields are
/// the body. Anything else is the body of a message of kind `answer`.
///
/// # Errors
/// It has no form in JSON, such as a map whose keys are no strings.
#[inline]
pub fn write_into<M: Serialize + ?Sized>(message: &M, body: &mut Vec<u8>) -> Result<&'static str, Misfit> {
    let mut writer = Writer::message(std::mem::take(body));
    message.serialize(&mut writer)?;
    let (kind, written) = writer.parts();
    // What is there now is empty, and freeing it would be a call.
    std::mem::forget(std::mem::replace(body, written));
    Ok(kind.unwrap_or(PLAIN))
}

/// As [`write_into`], in a message of its own.
///
/// # Errors
/// As [`write_into`].
pub fn write<M: Serialize + ?Sized>(message: &M) -> Result<Message, Misfit> {
    let mut body = Vec::new();
    let kind = write_into(message, &mut body)?;
    Ok(Message { kind: kind.into(), body })
}
