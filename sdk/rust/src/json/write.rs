//! Writing: a serde serializer into a string. At the top it can take an enum's variant as a message's kind.

use super::parts::Parts;
use crate::codec::Misfit;
use serde::ser::{Serialize, Serializer};

/// JSON in the making.
pub(crate) struct Writer {
    pub(super) text: String,
    /// Whether the next thing is a message, whose variant is its kind and no part of the text.
    message: bool,
    kind: Option<&'static str>,
}

/// Bytes that most messages have at most: so many are there from the beginning.
const USUAL: usize = 64;

impl Writer {
    pub(crate) fn new() -> Self {
        Self { text: String::with_capacity(USUAL), message: false, kind: None }
    }

    /// For a message, whose body is written behind `text`.
    pub(crate) fn message(mut text: String) -> Self {
        text.reserve(USUAL);
        Self { text, message: true, kind: None }
    }

    /// The JSON.
    pub(crate) fn text(self) -> String {
        self.text
    }

    /// The message's kind, if it is an enum, and the JSON.
    pub(crate) fn parts(self) -> (Option<&'static str>, String) {
        (self.kind, self.text)
    }

    #[inline(never)]
    pub(super) fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    #[inline(never)]
    fn raw(&mut self, text: &str) -> Result<(), Misfit> {
        self.message = false;
        self.put(text);
        Ok(())
    }

    #[inline(never)]
    pub(super) fn string(&mut self, text: &str) {
        self.message = false;
        self.put("\"");
        // What is escaped is one byte long, so that the text can be cut before and after it.
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if matches!(byte, b'"' | b'\\' | 0..b' ') {
                self.put(text.get(from..at).unwrap_or_default());
                self.escape(byte);
                from = at + 1;
            }
        }
        self.put(text.get(from..).unwrap_or_default());
        self.put("\"");
    }

    fn escape(&mut self, byte: u8) {
        match byte {
            b'"' => self.put("\\\""),
            b'\\' => self.put("\\\\"),
            b'\n' => self.put("\\n"),
            b'\r' => self.put("\\r"),
            b'\t' => self.put("\\t"),
            control => {
                self.put(if control < 16 { "\\u000" } else { "\\u001" });
                self.text.push(char::from(b"0123456789abcdef"[usize::from(control % 16)]));
            }
        }
    }

    fn whole(&mut self, value: u64, negative: bool) -> Result<(), Misfit> {
        self.message = false;
        self.unsigned(value, negative);
        Ok(())
    }

    pub(super) fn unsigned(&mut self, mut value: u64, negative: bool) {
        // As many as the largest number has, and the sign.
        let mut digits = [b'-'; 21];
        let mut from = digits.len();
        loop {
            from -= 1;
            digits[from] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        from -= usize::from(negative);
        self.put(std::str::from_utf8(&digits[from..]).unwrap_or_default());
    }

    /// Opens a list or an object; with the variant around it, unless that is a message's kind.
    #[inline(never)]
    fn open(&mut self, variant: Option<&'static str>, open: &str) -> Parts<'_> {
        let mut wrapped = false;
        if let Some(variant) = variant {
            wrapped = !self.variant(variant);
        }
        self.message = false;
        self.put(open);
        Parts { writer: self, first: true, wrapped, close: if open == "[" { "]" } else { "}" } }
    }

    /// Whether the variant was taken as a message's kind; if not, an object is open around what follows.
    #[inline(never)]
    fn variant(&mut self, variant: &'static str) -> bool {
        if std::mem::take(&mut self.message) {
            self.kind = Some(variant);
            return true;
        }
        self.put("{");
        self.string(variant);
        self.put(":");
        false
    }
}

macro_rules! whole {
    ($($method:ident $type:ty)*) => {$(
        fn $method(self, value: $type) -> Result<(), Misfit> {
            // Exact: this is for types that are no wider.
            self.whole(i64::from(value).unsigned_abs(), value < 0)
        }
    )*};
}

impl<'w> Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Misfit;
    type SerializeSeq = Parts<'w>;
    type SerializeTuple = Parts<'w>;
    type SerializeTupleStruct = Parts<'w>;
    type SerializeTupleVariant = Parts<'w>;
    type SerializeMap = Parts<'w>;
    type SerializeStruct = Parts<'w>;
    type SerializeStructVariant = Parts<'w>;

    whole! { serialize_i8 i8 serialize_i16 i16 serialize_i32 i32 serialize_i64 i64 }

    fn serialize_u8(self, value: u8) -> Result<(), Misfit> {
        self.whole(value.into(), false)
    }

    fn serialize_u16(self, value: u16) -> Result<(), Misfit> {
        self.whole(value.into(), false)
    }

    fn serialize_u32(self, value: u32) -> Result<(), Misfit> {
        self.whole(value.into(), false)
    }

    fn serialize_u64(self, value: u64) -> Result<(), Misfit> {
        self.whole(value, false)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Misfit> {
        self.raw(if value { "true" } else { "false" })
    }

    fn serialize_f32(self, value: f32) -> Result<(), Misfit> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Misfit> {
        if !value.is_finite() {
            return self.raw("null");
        }
        self.message = false;
        self.float(value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Misfit> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Misfit> {
        self.string(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Misfit> {
        let mut parts = self.open(None, "[");
        value.iter().try_for_each(|byte| parts.item(byte))?;
        parts.close()
    }

    fn serialize_none(self) -> Result<(), Misfit> {
        self.raw("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Misfit> {
        self.message = false;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Misfit> {
        self.raw("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Misfit> {
        self.raw("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Misfit> {
        if std::mem::take(&mut self.message) {
            self.kind = Some(variant);
        } else {
            self.string(variant);
        }
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Misfit> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Misfit> {
        let wrapped = !self.variant(variant);
        value.serialize(&mut *self)?;
        if wrapped {
            self.put("}");
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, "["))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, "["))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, "["))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(Some(variant), "["))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, "{"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, "{"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(Some(variant), "{"))
    }
}
