//! Writing what is in a list or an object.

use super::write::Writer;
use crate::codec::Misfit;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

/// A list or object in the making.
pub(crate) struct Parts<'w> {
    pub(super) writer: &'w mut Writer,
    pub(super) first: bool,
    /// Whether there is the object of a variant around it.
    pub(super) wrapped: bool,
    pub(super) close: &'static str,
}

impl Parts<'_> {
    #[inline(never)]
    fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.writer.put(",");
        }
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.comma();
        self.writer.string(name);
        self.writer.put(":");
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Misfit> {
        self.name(name);
        value.serialize(&mut *self.writer)
    }

    pub(super) fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        self.comma();
        value.serialize(&mut *self.writer)
    }

    #[inline(never)]
    pub(super) fn close(self) -> Result<(), Misfit> {
        self.writer.put(self.close);
        if self.wrapped {
            self.writer.put("}");
        }
        Ok(())
    }
}

macro_rules! lists {
    ($($trait:ident $method:ident)*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Misfit;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
                self.item(value)
            }

            fn end(self) -> Result<(), Misfit> {
                self.close()
            }
        }
    )*};
}
lists! {
    SerializeSeq serialize_element SerializeTuple serialize_element SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

macro_rules! objects {
    ($($trait:ident)*) => {$(
        impl $trait for Parts<'_> {
            type Ok = ();
            type Error = Misfit;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Misfit> {
                self.field(name, value)
            }

            fn end(self) -> Result<(), Misfit> {
                self.close()
            }
        }
    )*};
}
objects! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Misfit> {
        self.comma();
        let from = self.writer.text.len();
        key.serialize(&mut *self.writer)?;
        match self.writer.text.as_bytes().get(from) {
            Some(b'"') => {}
            // Numbers and booleans are names when they are quoted.
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => {
                self.writer.text.insert(from, '"');
                self.writer.put("\"");
            }
            _ => return Err(Misfit::new("the keys of a map have to be strings, numbers or booleans")),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        self.writer.put(":");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Misfit> {
        self.close()
    }
}
