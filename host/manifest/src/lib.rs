//! The manifest: text to a checked [`Plan`], with a diagnostic for every mistake.

mod plan;
pub use plan::*;
