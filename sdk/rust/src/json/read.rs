//! Reading: a serde deserializer over what `scan` finds.

use super::items::{Items, Variant};
use super::number::Number;
use super::scan::{Ahead, Reader, Token};
use crate::codec::Misfit;
use serde::de::{Deserializer, Visitor};
use std::borrow::Cow;

fn visit_number<'a, V: Visitor<'a>>(number: Number, visitor: V) -> Result<V::Value, Misfit> {
    match number {
        Number::Unsigned(value) => visitor.visit_u64(value),
        Number::Negative(value) => visitor.visit_i64(value),
        Number::Float(value) => visitor.visit_f64(value),
    }
}

fn visit_text<'a, V: Visitor<'a>>(text: Cow<'a, str>, visitor: V) -> Result<V::Value, Misfit> {
    match text {
        Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
        Cow::Owned(text) => visitor.visit_string(text),
    }
}

impl<'a> Reader<'a> {
    /// What is not read ahead, or something else. Not where the rest is, which is there once for each field.
    #[inline(never)]
    fn any_number<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        visit_number(self.number(&visitor)?, visitor)
    }

    #[inline(never)]
    fn any_text<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        visit_text(self.text(&visitor)?, visitor)
    }

    /// What was read ahead is taken.
    #[inline(always)]
    fn taken<T>(&mut self, value: T) -> T {
        self.ahead = Ahead::Nothing;
        value
    }

    fn items<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        let value = visitor.visit_seq(Items { reader: self, first: true, key_at: 0 })?;
        self.leave(b']')?;
        Ok(value)
    }

    fn fields<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        let value = visitor.visit_map(Items { reader: self, first: false, key_at: 0 })?;
        self.leave_table()?;
        Ok(value)
    }
}

/// The methods of types that only one kind of token fits.
macro_rules! by_token {
    (|$reader:ident, $visitor:ident| $read:expr; $($method:ident($($argument:ident: $type:ty),*))+) => {$(
        #[inline]
        fn $method<V: Visitor<'a>>(self, $(_: $type,)* $visitor: V) -> Result<V::Value, Misfit> {
            let $reader = self;
            $read
        }
    )+};
}

impl<'a> Deserializer<'a> for &mut Reader<'a> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.token()? {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Number(number) => visit_number(number, visitor),
            Token::Text(text) => visit_text(text, visitor),
            Token::List => self.items(visitor),
            Token::Table => self.fields(visitor),
        }
    }

    // Each of these could be `deserialize_any`. It is there once for each type that is read, so it counts that it is
    // small.

    by_token! { |reader, visitor| reader.null(&visitor).and_then(|()| visitor.visit_unit());
        deserialize_unit() deserialize_unit_struct(name: &'static str)
    }

    by_token! { |reader, visitor| reader.bool(&visitor).and_then(|value| visitor.visit_bool(value));
        deserialize_bool()
    }

    by_token! { |reader, visitor| match reader.ahead {
            Ahead::Number(Number::Unsigned(value)) => visitor.visit_u64(reader.taken(value)),
            _ => reader.any_number(visitor),
        };
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128() deserialize_u8()
        deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
    }

    by_token! { |reader, visitor| match reader.ahead {
            Ahead::Number(Number::Float(value)) => visitor.visit_f64(reader.taken(value)),
            _ => reader.any_number(visitor),
        };
        deserialize_f32() deserialize_f64()
    }

    by_token! { |reader, visitor| match reader.ahead {
            Ahead::Text(text) => visitor.visit_borrowed_str(reader.taken(text)),
            _ => reader.any_text(visitor),
        };
        deserialize_char() deserialize_str() deserialize_string() deserialize_identifier()
    }

    by_token! { |reader, visitor| reader.list(&visitor).and_then(|()| reader.items(visitor));
        deserialize_seq() deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
    }

    by_token! { |reader, visitor| reader.table(&"an object").and_then(|()| reader.fields(visitor));
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let none = match self.ahead {
            Ahead::Nothing => self.peek() == Some(b'n'),
            Ahead::Null => true,
            _ => false,
        };
        if none {
            self.token()?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    /// `"variant"`, or `{"variant": fields}`.
    fn deserialize_enum<V: Visitor<'a>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.token()? {
            Token::Text(name) => visitor.visit_enum(Variant { name, fields: None }),
            Token::Table => {
                let name = self.key()?.ok_or_else(|| self.wrong("the name of a variant"))?;
                let value = visitor.visit_enum(Variant { name, fields: Some(self) })?;
                self.leave_table()?;
                Ok(value)
            }
            _ => Err(Misfit::new("expected the name of a variant, or an object with one")),
        }
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bytes byte_buf ignored_any
    }
}
