//! From an actor's source to a module or a component, in each language but Rust.
//!
//! A file a language. What it gets is a [`Job`]: `workspace` is the folder of the source, `package` the actor's name. What
//! it gives is wrapped, checked and written by `job`.

mod c;
mod call;
mod go;
mod javascript;
mod python;
mod snapshot;
mod wat;
mod zig;

pub use javascript::sdk as javascript_sdk;
pub use python::sdk as python_sdk;

use crate::component;
use crate::job::{BuildError, Job};
use crate::language::Language;
use crate::tools::Install;
use std::path::PathBuf;

/// What a language's tools make.
pub(crate) enum Made {
    /// A core module. One that does not say of which world it is, is of the smallest that has its exports.
    Module(Vec<u8>),
    /// A whole component.
    Component(Vec<u8>),
}

impl Made {
    /// What some bytes of WebAssembly are.
    fn of(bytes: Vec<u8>) -> Self {
        match bytes.starts_with(component::PREAMBLE) {
            true => Self::Component(bytes),
            false => Self::Module(bytes),
        }
    }
}

/// An actor's main file: its name with an ending, where dashes may be underscores.
fn main_file(job: &Job, ending: &str) -> PathBuf {
    let path = job.workspace.join(format!("{}.{ending}", job.package));
    let other = path.with_file_name(format!("{}.{ending}", job.package.replace('-', "_")));
    if !path.is_file() && other.is_file() { other } else { path }
}

/// Builds an actor. `line` hears what the tools say, line by line.
pub(crate) fn make(job: &Job, install: Install, line: &mut dyn FnMut(&str)) -> Result<Made, BuildError> {
    match job.language {
        // Cargo builds all of a workspace's in one go: see `job`.
        Language::Rust => Err(BuildError::NoModule { package: job.package.clone() }),
        Language::C | Language::Cpp => c::make(job, install, line),
        Language::Go => go::make(job, install, line),
        Language::JavaScript | Language::TypeScript => javascript::make(job, install, line),
        Language::Python => python::make(job, install, line),
        Language::Wat => wat::make(job),
        Language::Zig => zig::make(job, install, line),
    }
}
