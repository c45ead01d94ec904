//! Writing: from a typed message to its kind and its body.

use super::misfit::Misfit;
use crate::json::Writer;
use crate::message::Message;
use serde::Serialize;

/// The kind of what is no enum: an answer that is a plain struct, mostly.
const PLAIN: &str = "answer";

/// Writes a message in place of another one: an enum's variant is the kind, its fields are the body. Anything else is the
/// body of a message of kind `answer`.
///
/// # Errors
/// It has no form in JSON, such as a map whose keys are no strings.
pub fn write_into<M: Serialize + ?Sized>(message: &M, into: &mut Message) -> Result<(), Misfit> {
    let mut body = std::mem::take(&mut into.body);
    body.clear();
    // Empty, so that it is a text, and nothing of it has to be looked at.
    let mut writer = Writer::message(String::from_utf8(body).unwrap_or_default());
    message.serialize(&mut writer)?;
    let (kind, body) = writer.parts();
    into.kind.clear();
    into.kind.push_str(kind.unwrap_or(PLAIN));
    into.body = body.into_bytes();
    Ok(())
}

/// As [`write_into`], in a message of its own.
///
/// # Errors
/// As [`write_into`].
pub fn write<M: Serialize + ?Sized>(message: &M) -> Result<Message, Misfit> {
    let mut written = Message::EMPTY;
    write_into(message, &mut written)?;
    Ok(written)
}
