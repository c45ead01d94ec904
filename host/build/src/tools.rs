//! The programs that builds need beside what a machine has: found, or installed on request, each by a pinned version.
//!
//! A file a program. Nothing is installed unasked: a build that lacks one says what would install it.

pub mod go;
pub mod javascript;
mod npm;
mod pip;
pub mod python;
pub mod quickjs;
pub mod zig;

use crate::sysroot::cache;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// Whether what is missing is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Install {
    /// A build without its tools fails, and says what to do.
    #[default]
    Never,
    /// They are installed into the user's cache.
    Missing,
}

/// A program that there is not.
#[derive(Debug)]
pub struct ToolError {
    /// What is missing, as in "Zig 0.17.1".
    pub tool: String,
    /// What it is for, as in "compiles C".
    pub purpose: &'static str,
    /// Why it is not here.
    pub why: Why,
}

/// Why a program is not here.
#[derive(Debug)]
pub enum Why {
    /// Nobody has installed it.
    Missing {
        /// What else would do: a sentence.
        otherwise: &'static str,
    },
    /// It could not be installed: what was said.
    Failed(String),
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tool, purpose, why } = self;
        match why {
            Why::Missing { otherwise } => write!(
                f,
                "{tool}, which {purpose}, is not here: `greenroom build --install` fetches it into your cache; {otherwise}"
            ),
            Why::Failed(said) => write!(f, "{tool}, which {purpose}, could not be installed: {said}"),
        }
    }
}

impl std::error::Error for ToolError {}

/// A folder of a tool's own, in the user's cache: `name` has the version.
fn folder(name: &str) -> io::Result<PathBuf> {
    let cache = cache().ok_or_else(|| io::Error::other("HOME is not set, so there is no folder for tools"))?;
    Ok(cache.join("tools").join(name))
}
