//! What is handed over as an actor → the component that the host runs.
//!
//! Taken is a component; a core module that says of which world it is, as bindings have it do (a custom section
//! `component-type…`); one that does not, whose world follows from the names of what it imports and exports; any of these
//! with imports of WASI preview 1, which are served by wasmtime's adapter; and each of them as text. Neighbours: the
//! engine, which takes them from files and uploads, and `greenroom-build`, which makes files of what compilers leave.

pub mod contract;
#[cfg(test)]
mod frozen;
mod module;

use std::borrow::Cow;

/// How WebAssembly begins, and then what is of it. Source: the component model's binary format.
const MAGIC: &[u8] = b"\0asm";
const COMPONENT: &[u8] = b"\x0d\0\x01\0";
const MODULE: &[u8] = b"\x01\0\0\0";

/// Why bytes are no actor. Each is a fragment that follows the file's name and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Nothing at all.
    #[error("the file is empty")]
    Empty,
    /// Something else.
    #[error("it does not begin as WebAssembly does{0}")]
    NotWebAssembly(&'static str),
    /// WebAssembly of another time.
    #[error("it is WebAssembly of a version that this host does not know")]
    Version,
    /// Text with a mistake: what, and where.
    #[error("its text is not WebAssembly's: {0}")]
    Text(String),
    /// A module that is cut off, or malformed.
    #[error("it is a core module that cannot be read: {0}")]
    Broken(String),
    /// A module that is no actor.
    #[error(
        "it is a core module that does not export `greenroom:actor/behavior@0.1.0#handle`{hint}: build it for the world \
         `greenroom:actor/actor@0.1.0`"
    )]
    NoBehavior {
        /// What it is instead, if that shows.
        hint: &'static str,
    },
    /// Made for a contract that is not this one.
    #[error(
        "it is made for greenroom:actor@{version}; this host has {here}: use a host that has {version}, or build it with \
         this host's `wit/`", here = contract::VERSION
    )]
    OtherContract {
        /// What it was made for.
        version: String,
    },
    /// It imports what is no interface.
    #[error("it imports `{module}#{name}`, which is neither of greenroom:actor@0.1.0 nor of WASI preview 1 or 2{hint}")]
    UnknownImport {
        /// The import's first name.
        module: String,
        /// The import's second name.
        name: String,
        /// Where it comes from, if that shows.
        hint: &'static str,
    },
    /// It does not fit the world that it says it is of.
    #[error("it is a core module that does not fit its world: {0}")]
    World(String),
}

/// The component that bytes are, or are made one of. A component is given back as it is, unchecked; what is made is not
/// validated either: who compiles it, or makes it smaller, does so.
///
/// # Errors
/// Why the bytes are no actor.
pub fn component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, EncodeError> {
    let binary = match bytes {
        [] => return Err(EncodeError::Empty),
        _ if bytes.starts_with(MAGIC) => Cow::Borrowed(bytes),
        [b'(' | b';' | b' ' | b'\t' | b'\r' | b'\n', ..] => {
            wat::parse_bytes(bytes).map_err(|error| EncodeError::Text(error.to_string()))?
        }
        _ => return Err(EncodeError::NotWebAssembly(looks_like(bytes))),
    };
    match &binary[MAGIC.len()..] {
        rest if rest.starts_with(COMPONENT) => Ok(binary),
        rest if rest.starts_with(MODULE) => module::encode(&binary).map(Cow::Owned),
        _ => Err(EncodeError::Version),
    }
}

/// What the bytes of another format are, for who has taken the wrong file.
fn looks_like(bytes: &[u8]) -> &'static str {
    match bytes {
        [0x7f, b'E', b'L', b'F', ..] => ": it is a program of a machine, built without `--target`",
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] => ": it is compressed",
        _ => "",
    }
}

#[cfg(test)]
mod tests;
