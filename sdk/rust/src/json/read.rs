//! Reading: a serde deserializer over bytes.

use super::number::{Number, number};
use crate::codec::Misfit;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use std::borrow::Cow;

/// How deep JSON may nest: a component's stack is small.
const DEEPEST: u8 = 64;

/// JSON, and how far it has been read.
pub(crate) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u8,
}

/// What a value begins with. Everything that is not about the type it is read as happens before, so that its code is
/// there once.
enum Token<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List,
    Table,
}

impl Token<'_> {
    fn unfit(&self, expected: &dyn Expected) -> Misfit {
        let found = match self {
            Self::Null => Unexpected::Unit,
            Self::Bool(value) => Unexpected::Bool(*value),
            Self::Number(_) => Unexpected::Unsigned(0),
            Self::Text(text) => Unexpected::Str(text),
            Self::List => Unexpected::Seq,
            Self::Table => Unexpected::Map,
        };
        Misfit::invalid_type(found, expected)
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), Misfit> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.wrong("nothing more")),
        }
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn wrong(&self, expected: &str) -> Misfit {
        Misfit::new(format_args!("not JSON: expected {expected} at byte {}", self.at))
    }

    fn expect(&mut self, byte: u8, name: &str) -> Result<(), Misfit> {
        if self.peek() != Some(byte) {
            return Err(self.wrong(name));
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, token: Token<'a>) -> Result<Token<'a>, Misfit> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err(self.wrong(word));
        }
        self.at += word.len();
        Ok(token)
    }

    fn token(&mut self) -> Result<Token<'a>, Misfit> {
        match self.peek() {
            Some(b'n') => self.word("null", Token::Null),
            Some(b't') => self.word("true", Token::Bool(true)),
            Some(b'f') => self.word("false", Token::Bool(false)),
            Some(b'"') => Ok(Token::Text(self.string()?)),
            Some(b'[') => self.enter(Token::List),
            Some(b'{') => self.enter(Token::Table),
            _ => {
                let (number, length) = number(&self.text[self.at..]).ok_or_else(|| self.wrong("a value"))?;
                self.at += length;
                Ok(Token::Number(number))
            }
        }
    }

    fn enter(&mut self, token: Token<'a>) -> Result<Token<'a>, Misfit> {
        if self.depth == DEEPEST {
            return Err(Misfit::new("the JSON nests more than 64 deep"));
        }
        self.depth += 1;
        self.at += 1;
        Ok(token)
    }

    /// After a list or table has been read: its end.
    fn leave(&mut self, close: u8) -> Result<(), Misfit> {
        self.depth -= 1;
        self.expect(close, if close == b']' { "`]`" } else { "`}`" })
    }

    /// Whether there is another item: the first, or one after a comma.
    fn more(&mut self, first: &mut bool, close: u8) -> Result<bool, Misfit> {
        let first = std::mem::take(first);
        match self.peek() {
            Some(byte) if byte == close => Ok(false),
            Some(_) if first => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.wrong("`,` or the end of a list or object")),
        }
    }

    /// The name of the next field, up to its value.
    #[inline(never)]
    fn key(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>, Misfit> {
        if !self.more(first, b'}')? {
            return Ok(None);
        }
        let key = self.string()?;
        self.expect(b':', "`:`")?;
        Ok(Some(key))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Misfit> {
        self.expect(b'"', "a string")?;
        let from = self.at;
        let mut escaped = String::new();
        let mut run = from;
        loop {
            match self.text.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped.push_str(self.text(run)?);
                    self.at += 1;
                    escaped.push(self.escape()?);
                    run = self.at;
                }
                Some(0..0x20) | None => return Err(self.wrong("the end of a string")),
                Some(_) => self.at += 1,
            }
        }
        let rest = self.text(run)?;
        self.at += 1;
        if run == from {
            return Ok(Cow::Borrowed(rest));
        }
        escaped.push_str(rest);
        Ok(Cow::Owned(escaped))
    }

    fn text(&self, from: usize) -> Result<&'a str, Misfit> {
        std::str::from_utf8(&self.text[from..self.at]).map_err(|_| self.wrong("UTF-8"))
    }

    fn escape(&mut self) -> Result<char, Misfit> {
        let byte = self.text.get(self.at).copied();
        self.at += 1;
        Ok(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let mut code = self.hex()?;
                // What does not fit 16 bits is written as two halves.
                if (0xd800..0xdc00).contains(&code) && self.text[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let low = self.hex()?.checked_sub(0xdc00).filter(|low| *low < 0x400);
                    code = 0x10000 + ((code - 0xd800) << 10) + low.ok_or_else(|| self.wrong("a low surrogate"))?;
                }
                char::from_u32(code).ok_or_else(|| self.wrong("a character"))?
            }
            _ => return Err(self.wrong("an escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, Misfit> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.text.get(self.at).and_then(|byte| char::from(*byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.wrong("a hexadecimal digit"))?;
            self.at += 1;
        }
        Ok(code)
    }
}

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
    fn list<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        let value = visitor.visit_seq(Items { reader: self, first: true })?;
        self.leave(b']')?;
        Ok(value)
    }

    fn table<V: Visitor<'a>>(&mut self, visitor: V) -> Result<V::Value, Misfit> {
        let value = visitor.visit_map(Items { reader: self, first: true })?;
        self.leave(b'}')?;
        Ok(value)
    }
}

/// The methods of types that only one kind of token fits.
macro_rules! by_token {
    ($token:pat_param, |$reader:pat_param, $visitor:ident| $read:expr;
        $($method:ident($($argument:ident: $type:ty),*))+) => {$(
        fn $method<V: Visitor<'a>>(self, $(_: $type,)* $visitor: V) -> Result<V::Value, Misfit> {
            match self.token()? {
                $token => {
                    let $reader = self;
                    $read
                }
                other => Err(other.unfit(&$visitor)),
            }
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
            Token::List => self.list(visitor),
            Token::Table => self.table(visitor),
        }
    }

    // Each of these could be `deserialize_any`. It is there once for each type that is read, so it counts that it is
    // small.

    by_token! { Token::Null, |_, visitor| visitor.visit_unit();
        deserialize_unit() deserialize_unit_struct(name: &'static str)
    }

    by_token! { Token::Bool(value), |_, visitor| visitor.visit_bool(value);
        deserialize_bool()
    }

    by_token! { Token::Number(number), |_, visitor| visit_number(number, visitor);
        deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64() deserialize_i128() deserialize_u8()
        deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128() deserialize_f32() deserialize_f64()
    }

    by_token! { Token::Text(text), |_, visitor| visit_text(text, visitor);
        deserialize_char() deserialize_str() deserialize_string() deserialize_identifier()
    }

    by_token! { Token::List, |reader, visitor| reader.list(visitor);
        deserialize_seq() deserialize_tuple(length: usize)
        deserialize_tuple_struct(name: &'static str, length: usize)
    }

    by_token! { Token::Table, |reader, visitor| reader.table(visitor);
        deserialize_map() deserialize_struct(name: &'static str, fields: &'static [&'static str])
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.peek() == Some(b'n') {
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
            Token::Text(name) => visitor.visit_enum(StrDeserializer::new(&name)),
            Token::Table => {
                let value = visitor.visit_enum(Items { reader: self, first: true })?;
                self.leave(b'}')?;
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

/// What is in a list or an object.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
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

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        match self.reader.key(&mut self.first)? {
            Some(key) => seed.deserialize(Key(key)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(&mut *self.reader)
    }
}

impl<'a> EnumAccess<'a> for Items<'_, 'a> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'a>>(mut self, seed: V) -> Result<(V::Value, Self), Misfit> {
        match self.next_key_seed(seed)? {
            Some(variant) => Ok((variant, self)),
            None => Err(self.reader.wrong("the name of a variant")),
        }
    }
}

impl<'a> VariantAccess<'a> for Items<'_, 'a> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        serde::Deserialize::deserialize(self.reader)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'a>>(self, seed: T) -> Result<T::Value, Misfit> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'a>>(self, length: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.reader.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        self.reader.deserialize_struct("", fields, visitor)
    }
}

/// The name of a field: a string, which numbers and booleans are written as too.
struct Key<'a>(Cow<'a, str>);

macro_rules! keys_of {
    ($($method:ident $visit:ident)*) => {$(
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.0.parse() {
                Ok(value) => visitor.$visit(value),
                Err(_) => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'a> Deserializer<'a> for Key<'a> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
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
        let name: &str = &self.0;
        let name: StrDeserializer<'_, Misfit> = name.into_deserializer();
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
