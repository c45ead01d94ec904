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
    /// What it opens with.
    pub(super) open: u8,
    /// What comes before the next item: that, or a comma.
    pub(super) lead: u8,
    /// Whether there is the object of a variant around it.
    pub(super) wrapped: bool,
}

impl Parts<'_> {
    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), Misfit> {
        self.writer.name(std::mem::replace(&mut self.lead, b','), name);
        value.serialize(&mut *self.writer)
    }

    pub(super) fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        self.lead();
        value.serialize(&mut *self.writer)
    }

    fn lead(&mut self) {
        self.writer.text.push(std::mem::replace(&mut self.lead, b','));
    }

    #[inline(never)]
    pub(super) fn close(self) {
        let text = &mut self.writer.text;
        if self.lead != b',' {
            text.push(self.open);
        }
        // Two more in ASCII: `[` and `]`, `{` and `}`.
        text.push(self.open + 2);
        if self.wrapped {
            text.push(b'}');
        }
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

            #[inline]
            fn end(self) -> Result<(), Misfit> {
                self.close();
                Ok(())
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

            #[inline]
            fn end(self) -> Result<(), Misfit> {
                self.close();
                Ok(())
            }
        }
    )*};
}
objects! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = Misfit;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Misfit> {
        self.lead();
        let from = self.writer.text.len();
        key.serialize(&mut *self.writer)?;
        match self.writer.text.get(from) {
            Some(b'"') => {}
            // Numbers and booleans are names when they are quoted.
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => {
                self.writer.text.insert(from, b'"');
                self.writer.text.push(b'"');
            }
            _ => return Err(Misfit::new("the keys of a map have to be strings, numbers or booleans")),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Misfit> {
        self.writer.text.push(b':');
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Misfit> {
        self.close();
        Ok(())
    }
}
