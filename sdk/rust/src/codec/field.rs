//! The one unnamed field of a message: its body as a whole, or the answer to a question.

use super::body::Body;
use super::misfit::Misfit;
use super::whole::{Content, Whole, by_body};
use crate::message::Parts;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, VariantAccess, Visitor};

pub(super) struct Field<'w, 'a>(pub(super) &'w Whole<'a>);

impl<'a> Field<'_, 'a> {
    fn body(self) -> Result<Body<'a>, Misfit> {
        self.0.body()
    }
}

impl<'a> Deserializer<'a> for Field<'_, 'a> {
    type Error = Misfit;

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        // serde's own shape of `Result`. Only the host makes one: a message that anybody can send never passes for an
        // answer.
        let result = name == "Result" && variants == ["Ok", "Err"];
        match self.0.content {
            Content::Answer(_) | Content::Failure(_) if result => visitor.visit_enum(Outcome(self.0)),
            Content::Body(_) if result => Err(Misfit::new("comes only as the answer to a question")),
            _ => self.body()?.deserialize_enum(name, variants, visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.0.fields(fields);
        self.body()?.deserialize_struct(name, fields, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    by_body! {
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_i128() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_unit_struct(name: &'static str) deserialize_seq() deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize) deserialize_map()
        deserialize_identifier() deserialize_ignored_any()
    }
}

/// An answer, as serde's `Result` takes it.
struct Outcome<'w, 'a>(&'w Whole<'a>);

impl<'a> EnumAccess<'a> for Outcome<'_, 'a> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let variant = if matches!(self.0.content, Content::Answer(_)) { "Ok" } else { "Err" };
        let variant: StrDeserializer<'_, Misfit> = variant.into_deserializer();
        Ok((seed.deserialize(variant)?, self))
    }
}

impl<'a> VariantAccess<'a> for Outcome<'_, 'a> {
    type Error = Misfit;

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Misfit> {
        match self.0.content {
            Content::Answer(Parts { kind, body }) => seed.deserialize(&Whole { kind, content: Content::Body(body) }),
            Content::Failure(json) => seed.deserialize(Body(json)),
            _ => Err(Misfit::new("not an answer")),
        }
    }

    fn unit_variant(self) -> Result<(), Misfit> {
        Err(Misfit::new("an answer is a `Result`"))
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::new("an answer is a `Result`"))
    }

    fn struct_variant<V: Visitor<'a>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Misfit> {
        Err(Misfit::new("an answer is a `Result`"))
    }
}
