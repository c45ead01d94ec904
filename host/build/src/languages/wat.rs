//! WebAssembly text: `NAME.wat`, a core module with the exports of the canonical ABI, or a component.

use super::{Made, main_file};
use crate::job::{BuildError, Job};
use std::fs;

/// Reads the text. What is wrong with it is said with its line.
pub(super) fn make(job: &Job) -> Result<Made, BuildError> {
    let path = main_file(job, "wat");
    let text = fs::read(&path).map_err(|source| BuildError::File { path: path.clone(), source })?;
    let bytes = ::wat::Parser::new().parse_bytes(Some(&path), &text);
    let bytes =
        bytes.map_err(|error| BuildError::Compile { package: job.package.clone(), output: error.to_string() })?;
    Ok(Made::of(bytes.into_owned()))
}
