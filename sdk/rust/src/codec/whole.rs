//! A whole message as a serde deserializer: the kind is the enum's variant.

use super::body::Body;
use super::field::Field;
use super::misfit::Misfit;
use crate::message::{Parts, RAW};
use serde::de::value::{BytesDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor};
use std::cell::RefCell;

/// A whole message.
pub(super) struct Whole<'a> {
    pub(super) kind: &'a str,
    pub(super) content: Content<'a>,
}

/// What a message carries.
#[derive(Clone, Copy)]
pub(super) enum Content<'a> {
    /// A JSON body, or nothing.
    Body(&'a [u8]),
    /// The answer to a question.
    Answer(Parts<'a>),
    /// Why there is none: an `AskError` in JSON.
    Failure(&'a [u8]),
    /// Nothing: somebody wants to know the names of the fields.
    Question(&'a RefCell<Vec<&'static str>>),
}

impl<'a> Whole<'a> {
    /// The body, where there is one.
    #[inline(always)]
    pub(super) fn body(&self) -> Result<Body<'a>, Misfit> {
        match self.content {
            Content::Body(body) => Ok(Body(body)),
            _ => Err(self.none()),
        }
    }

    #[cold]
    #[inline(never)]
    fn none(&self) -> Misfit {
        match self.content {
            Content::Question(_) => Misfit::new("only a question"),
            _ => Misfit::new(format_args!("`{}` takes no answer: it needs one unnamed field, a `Result`", self.kind)),
        }
    }

    /// Tells the names of the fields to whoever asked for them.
    #[inline(always)]
    pub(super) fn fields(&self, fields: &'static [&'static str]) {
        if let Content::Question(found) = self.content {
            tell(fields, found);
        }
    }
}

#[cold]
#[inline(never)]
fn tell(fields: &'static [&'static str], to: &RefCell<Vec<&'static str>>) {
    to.borrow_mut().extend(fields);
}

macro_rules! by_body {
    ($($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'a>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Misfit> {
            self.body()?.$method($($argument,)* visitor)
        }
    )*};
}
pub(super) use by_body;

impl<'a> Deserializer<'a> for &Whole<'a> {
    type Error = Misfit;

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, name: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        match self.content {
            Content::Body(body) if name == RAW => {
                let parts = [self.kind.as_bytes(), body].map(BytesDeserializer::new);
                visitor.visit_seq(SeqDeserializer::new(parts.into_iter()))
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    by_body! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_i128() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_seq() deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize) deserialize_map()
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }
}

impl<'a> EnumAccess<'a> for &Whole<'a> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let kind: StrDeserializer<'a, Misfit> = self.kind.into_deserializer();
        Ok((seed.deserialize(kind)?, self))
    }
}

impl<'a> VariantAccess<'a> for &Whole<'a> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        self.body()?.nothing()
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(Field(self))
    }

    fn tuple_variant<V: Visitor<'a>>(self, length: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.body()?.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        self.fields(fields);
        self.body()?.deserialize_struct("", fields, visitor)
    }
}
