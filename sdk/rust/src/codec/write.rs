//! Writing: from a typed message to its kind and its body.

use super::misfit::Misfit;
use crate::json::Writer;
use crate::message::Message;
use serde::Serialize;

/// The kind of what is no enum: an answer that is a plain struct, mostly.
const PLAIN: &str = "answer";

/// Writes a message: an enum's variant is the kind, its fields are the body. Anything else is the body of a message of
/// kind `answer`.
///
/// # Errors
/// It has no form in JSON, such as a map whose keys are no strings.
pub fn write<M: Serialize + ?Sized>(message: &M) -> Result<Message, Misfit> {
    let mut writer = Writer::message();
    message.serialize(&mut writer)?;
    let (kind, body) = writer.parts();
    Ok(Message::new(kind.unwrap_or(PLAIN), body))
}
