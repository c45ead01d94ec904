//! Writing: from a typed message to its kind and its body.

use super::misfit::Misfit;
use crate::message::Message;
use serde::ser::{Impossible, Serialize, SerializeStructVariant, SerializeTupleVariant, Serializer};
use std::fmt;

/// The kind of what is no enum: an answer that is a plain struct, mostly.
const PLAIN: &str = "answer";

/// Writes a message: an enum's variant is the kind, its fields are the body. Anything else is the body of a message of
/// kind `answer`.
///
/// # Errors
/// It has no form in JSON, such as a map whose keys are no strings.
pub fn write<M: Serialize + ?Sized>(message: &M) -> Result<Message, Misfit> {
    match message.serialize(Split) {
        Ok(message) => Ok(message),
        Err(Odd::Plain) => Ok(Message::new(PLAIN, serde_json::to_vec(message)?)),
        Err(Odd::Json(error)) => Err(error.into()),
    }
}

/// What is not an enum's variant.
#[derive(Debug)]
enum Odd {
    Plain,
    Json(serde_json::Error),
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("no enum"),
            Self::Json(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Odd {}

impl From<serde_json::Error> for Odd {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl serde::ser::Error for Odd {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::Json(serde::ser::Error::custom(text))
    }
}

struct Split;

type Nothing = Impossible<Message, Odd>;

macro_rules! plain {
    ($($method:ident($($type:ty),*) -> $ok:ty;)*) => {$(
        fn $method(self, $(_: $type),*) -> Result<$ok, Odd> {
            Err(Odd::Plain)
        }
    )*};
}

impl Serializer for Split {
    type Ok = Message;
    type Error = Odd;
    type SerializeSeq = Nothing;
    type SerializeTuple = Nothing;
    type SerializeTupleStruct = Nothing;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Nothing;
    type SerializeStruct = Nothing;
    type SerializeStructVariant = Parts;

    fn serialize_unit_variant(self, _: &'static str, _: u32, kind: &'static str) -> Result<Message, Odd> {
        Ok(Message::new(kind, []))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        kind: &'static str,
        value: &T,
    ) -> Result<Message, Odd> {
        Ok(Message::new(kind, serde_json::to_vec(value)?))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, kind: &'static str, _: usize) -> Result<Parts, Odd> {
        Ok(Parts { message: Message::new(kind, *b"{") })
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, kind: &'static str, _: usize) -> Result<Parts, Odd> {
        Ok(Parts { message: Message::new(kind, *b"[") })
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Message, Odd> {
        Err(Odd::Plain)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Message, Odd> {
        value.serialize(self)
    }

    plain! {
        serialize_bool(bool) -> Message; serialize_i8(i8) -> Message; serialize_i16(i16) -> Message;
        serialize_i32(i32) -> Message; serialize_i64(i64) -> Message; serialize_i128(i128) -> Message;
        serialize_u8(u8) -> Message; serialize_u16(u16) -> Message; serialize_u32(u32) -> Message;
        serialize_u64(u64) -> Message; serialize_u128(u128) -> Message; serialize_f32(f32) -> Message;
        serialize_f64(f64) -> Message; serialize_char(char) -> Message; serialize_str(&str) -> Message;
        serialize_bytes(&[u8]) -> Message; serialize_none() -> Message; serialize_unit() -> Message;
        serialize_unit_struct(&'static str) -> Message; serialize_seq(Option<usize>) -> Nothing;
        serialize_tuple(usize) -> Nothing; serialize_tuple_struct(&'static str, usize) -> Nothing;
        serialize_map(Option<usize>) -> Nothing; serialize_struct(&'static str, usize) -> Nothing;
    }
}

/// A body in the making.
struct Parts {
    message: Message,
}

impl Parts {
    fn comma(&mut self) {
        if self.message.body.len() > 1 {
            self.message.body.push(b',');
        }
    }

    fn close(mut self, with: u8) -> Message {
        self.message.body.push(with);
        self.message
    }
}

impl SerializeStructVariant for Parts {
    type Ok = Message;
    type Error = Odd;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Odd> {
        self.comma();
        serde_json::to_writer(&mut self.message.body, key)?;
        self.message.body.push(b':');
        Ok(serde_json::to_writer(&mut self.message.body, value)?)
    }

    fn end(self) -> Result<Message, Odd> {
        Ok(self.close(b'}'))
    }
}

impl SerializeTupleVariant for Parts {
    type Ok = Message;
    type Error = Odd;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Odd> {
        self.comma();
        Ok(serde_json::to_writer(&mut self.message.body, value)?)
    }

    fn end(self) -> Result<Message, Odd> {
        Ok(self.close(b']'))
    }
}
