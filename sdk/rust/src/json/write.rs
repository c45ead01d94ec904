//! Writing: a serde serializer into a string. At the top it can take an enum's variant as a message's kind.

use super::bytes::{append, append_between, append_first};
use super::parts::Parts;
use super::word::{characters, digits, needs_no_escape};
use crate::codec::Misfit;
use serde::ser::{Serialize, Serializer};

/// JSON in the making.
pub(crate) struct Writer {
    /// UTF-8, always.
    pub(super) text: Vec<u8>,
    /// Whether the next thing is a message, whose variant is its kind and no part of the text.
    message: bool,
    kind: Option<&'static str>,
}

/// Bytes that most messages have at most: so many are there from the beginning.
const USUAL: usize = 64;

/// The least number of more than eight digits.
const EIGHT: u64 = 100_000_000;

impl Writer {
    pub(crate) fn new() -> Self {
        Self { text: Vec::with_capacity(USUAL), message: false, kind: None }
    }

    /// For a message, whose body is written into `place`.
    #[inline]
    pub(crate) fn message(mut place: Vec<u8>) -> Self {
        place.clear();
        Self { text: place, message: true, kind: None }
    }

    /// The JSON.
    pub(crate) fn text(self) -> String {
        // SAFETY: what is written are texts, and whole characters.
        unsafe { String::from_utf8_unchecked(self.text) }
    }

    /// The message's kind, if it is an enum, and the JSON.
    #[inline]
    pub(crate) fn parts(self) -> (Option<&'static str>, Vec<u8>) {
        (self.kind, self.text)
    }

    #[inline(never)]
    pub(super) fn put(&mut self, text: &str) {
        append(text.as_bytes(), &mut self.text);
    }

    #[inline(never)]
    fn raw(&mut self, text: &str) -> Result<(), Misfit> {
        self.put(text);
        Ok(())
    }

    /// The name of a field or a variant, with what comes before it.
    #[inline(never)]
    pub(super) fn name(&mut self, lead: u8, name: &str) {
        if needs_no_escape(name.as_bytes()) {
            return append_between([lead, b'"'], name.as_bytes(), *b"\":", &mut self.text);
        }
        self.text.push(lead);
        self.escaped(name.as_bytes());
        self.text.push(b':');
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        if needs_no_escape(text.as_bytes()) {
            return append_between([b'"'], text.as_bytes(), [b'"'], &mut self.text);
        }
        self.escaped(text.as_bytes());
    }

    #[cold]
    #[inline(never)]
    fn escaped(&mut self, text: &[u8]) {
        self.text.push(b'"');
        // What is escaped is one byte long, so that the text can be cut before and after it.
        for run in text.split_inclusive(|byte| matches!(byte, b'"' | b'\\' | 0..b' ')) {
            match run {
                [plain @ .., byte @ (b'"' | b'\\' | 0..b' ')] => {
                    self.text.extend_from_slice(plain);
                    self.escape(*byte);
                }
                plain => self.text.extend_from_slice(plain),
            }
        }
        self.text.push(b'"');
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
                self.text.push(b"0123456789abcdef"[usize::from(control % 16)]);
            }
        }
    }

    /// Writes a whole number.
    #[inline(never)]
    pub(super) fn whole(&mut self, value: u64, negative: bool) {
        if negative {
            self.text.push(b'-');
        }
        if value >= EIGHT {
            return self.long(value);
        }
        let (digits, zeros) = digits(value as u32);
        let zeros = zeros.min(7);
        append_first(8 - zeros, characters(digits >> (8 * zeros)), &mut self.text);
    }

    #[inline(never)]
    fn long(&mut self, value: u64) {
        self.whole(value / EIGHT, false);
        append_first(8, characters(digits((value % EIGHT) as u32).0), &mut self.text);
    }

    /// Opens a list or an object; with the variant around it, unless that is a message's kind.
    #[inline]
    fn open(&mut self, variant: Option<&'static str>, open: u8) -> Parts<'_> {
        let mut wrapped = false;
        if let Some(variant) = variant {
            wrapped = !self.variant(variant);
        }
        self.message = false;
        Parts { writer: self, lead: open, open, wrapped }
    }

    /// Whether the variant was taken as a message's kind; if not, an object is open around what follows.
    #[inline]
    fn variant(&mut self, variant: &'static str) -> bool {
        if std::mem::take(&mut self.message) {
            self.kind = Some(variant);
            return true;
        }
        self.name(b'{', variant);
        false
    }
}

macro_rules! whole {
    ($($method:ident $type:ty)*) => {$(
        fn $method(self, value: $type) -> Result<(), Misfit> {
            // Exact: this is for types that are no wider.
            self.whole(i64::from(value).unsigned_abs(), value < 0);
            Ok(())
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
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Misfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Misfit> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Misfit> {
        self.whole(value, false);
        Ok(())
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
        let mut parts = self.open(None, b'[');
        value.iter().try_for_each(|byte| parts.item(byte))?;
        parts.close();
        Ok(())
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
            self.text.push(b'}');
        }
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, b'['))
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, b'['))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, b'['))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(Some(variant), b'['))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, b'{'))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(None, b'{'))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'w>, Misfit> {
        Ok(self.open(Some(variant), b'{'))
    }
}
