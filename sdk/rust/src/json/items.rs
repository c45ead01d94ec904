//! Reading what is in a list or an object.

use super::ahead::Field;
use super::scan::{Reader, Stand};
use crate::codec::Misfit;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use std::borrow::Cow;

/// What is in a list or an object.
pub(super) struct Items<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    /// Of a list.
    pub(super) first: bool,
    /// Where the name of the field begins whose value is read next: what does not fit is told with it.
    pub(super) key_at: usize,
}

impl<'a> SeqAccess<'a> for Items<'_, 'a> {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        match self.reader.more(&mut self.first, b']')? {
            true => seed.deserialize(&mut *self.reader).map(Some),
            false => Ok(None),
        }
    }
}

impl<'a> MapAccess<'a> for Items<'_, 'a> {
    type Error = Misfit;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        if self.reader.stand == Stand::Closed {
            return Ok(None);
        }
        let key = match self.reader.field()? {
            Field::Plain(name) => Key { name, lasts: Some(name) },
            Field::Escaped => Key { name: self.reader.escaped.as_deref().unwrap_or_default(), lasts: None },
            Field::End => return Ok(None),
        };
        self.key_at = self.reader.key_at;
        seed.deserialize(key).map(Some)
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(&mut *self.reader).map_err(|misfit| self.reader.within(self.key_at, misfit))
    }
}

/// An enum's value: the name of its variant, and the fields that follow it where it is in an object. One type for both,
/// so that an enum's own code is there once.
pub(super) struct Variant<'r, 'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) fields: Option<&'r mut Reader<'a>>,
}

impl<'r, 'a> Variant<'r, 'a> {
    fn fields(self, expected: &str) -> Result<&'r mut Reader<'a>, Misfit> {
        self.fields.ok_or_else(|| Misfit::invalid_type(Unexpected::UnitVariant, &expected))
    }
}

impl<'r, 'a> EnumAccess<'a> for Variant<'r, 'a> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        let name = seed.deserialize(StrDeserializer::<Misfit>::new(&self.name))?;
        Ok((name, self))
    }
}

impl<'a> VariantAccess<'a> for Variant<'_, 'a> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        self.fields.map_or(Ok(()), serde::Deserialize::deserialize)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(self.fields("newtype variant")?)
    }

    fn tuple_variant<V: Visitor<'a>>(self, length: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.fields("tuple variant")?.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        self.fields("struct variant")?.deserialize_struct("", fields, visitor)
    }
}

/// The name of a field: a string, which numbers and booleans are written as too.
struct Key<'k, 'a> {
    name: &'k str,
    /// The same, where it is a part of what is read.
    lasts: Option<&'a str>,
}

macro_rules! keys_of {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.name.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'a> Deserializer<'a> for Key<'_, 'a> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.lasts {
            Some(name) => visitor.visit_borrowed_str(name),
            None => visitor.visit_str(self.name),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        let name: StrDeserializer<'_, Misfit> = self.name.into_deserializer();
        visitor.visit_enum(name)
    }

    keys_of! {
        deserialize_bool visit_bool deserialize_i8 visit_i8 deserialize_i16 visit_i16 deserialize_i32 visit_i32
        deserialize_i64 visit_i64 deserialize_u8 visit_u8 deserialize_u16 visit_u16 deserialize_u32 visit_u32
        deserialize_u64 visit_u64
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        i128 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
