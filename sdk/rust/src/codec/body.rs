//! A body: JSON, or nothing at all, which is no fields.

use super::misfit::Misfit;
use crate::json::Reader;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// A body, or a configuration.
#[derive(Clone, Copy)]
pub(super) struct Body<'a>(pub(super) &'a [u8]);

impl<'a> Body<'a> {
    /// Reads the JSON to its end. An empty body reads as `empty`.
    fn json<T>(
        self,
        empty: &'static str,
        read: impl FnOnce(&mut Reader<'a>) -> Result<T, Misfit>,
    ) -> Result<T, Misfit> {
        let mut reader = Reader::new(if self.0.is_empty() { empty.as_bytes() } else { self.0 });
        let value = read(&mut reader).map_err(Misfit::of_body)?;
        reader.end()?;
        Ok(value)
    }

    /// No fields.
    #[inline(always)]
    pub(super) fn nothing(self) -> Result<(), Misfit> {
        if self.0.is_empty() { Ok(()) } else { self.ignored() }
    }

    /// Fields that nobody asks for are no fault, as in a struct.
    fn ignored(self) -> Result<(), Misfit> {
        struct Nothing;
        impl<'a> Visitor<'a> for Nothing {
            type Value = ();
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("no fields")
            }
            fn visit_unit<E>(self) -> Result<(), E> {
                Ok(())
            }
            fn visit_map<M: MapAccess<'a>>(self, mut map: M) -> Result<(), M::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(())
            }
        }
        self.json("null", |json| json.deserialize_any(Nothing))
    }
}

macro_rules! by_json {
    ($empty:literal: $($method:ident($($argument:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'a>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Misfit> {
            self.json($empty, |json| json.$method($($argument,)* visitor))
        }
    )*};
}

impl<'a> Deserializer<'a> for Body<'a> {
    type Error = Misfit;

    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.nothing()?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    by_json! { "{}":
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    by_json! { "null":
        deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64() deserialize_i128() deserialize_u128()
        deserialize_f32() deserialize_f64() deserialize_char() deserialize_str() deserialize_string()
        deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_seq()
        deserialize_tuple(length: usize) deserialize_tuple_struct(name: &'static str, length: usize)
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier() deserialize_ignored_any()
    }
}
