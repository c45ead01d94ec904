//! JSON, small: what a component needs of it in a fifth of the code that a general library brings in, which counts where
//! each actor is a component of its own. Its tests hold it against `serde_json`.
//!
//! Owns [`read()`] and [`write()`] of bytes and [`Value`] for JSON of any shape; [`codec`](crate::codec) makes messages of it.

mod ahead;
mod bytes;
mod float;
mod items;
mod number;
mod parts;
mod read;
mod scan;
mod value;
mod word;
mod write;

pub use value::Value;

pub(crate) use number::{Number, number};
pub(crate) use scan::Reader;
pub(crate) use write::Writer;

use crate::codec::Misfit;
use serde::{Deserialize, Serialize};

/// Reads JSON. Borrowed strings are those without escapes. Nests at most 64 deep.
///
/// # Errors
/// It is no JSON, or does not fit `T`.
pub fn read<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, Misfit> {
    let mut reader = Reader::new(json);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Writes JSON, without white space. Numbers that JSON has no form for become null.
///
/// # Errors
/// It has no form in JSON: a map whose keys are neither strings, numbers nor booleans.
pub fn write<T: Serialize + ?Sized>(value: &T) -> Result<String, Misfit> {
    let mut writer = Writer::new();
    value.serialize(&mut writer)?;
    Ok(writer.text())
}

#[cfg(test)]
mod tests;
