//! Builds actors: finds a compiler for their language, calls it, and wraps what comes out as a component.
//!
//! Owns nothing that runs: no engine. What it touches is compilers, what installs them when it is asked to, and files. Its
//! neighbours are `greenroom build` and `greenroom run --dev` (components), and `cargo xtask setup` (compilers alone).
//!
//! The way of an actor: `job` → for Rust `cargo`, with the compiler of `toolchain`; for others its file in `languages/`, with
//! programs of `tools/` and the `contract` → `component` wraps it.

#[cfg(feature = "component")]
mod cargo;
#[cfg(feature = "component")]
mod component;
#[cfg(feature = "component")]
pub mod contract;
#[cfg(feature = "component")]
mod job;
mod language;
#[cfg(feature = "component")]
mod languages;
#[cfg(feature = "component")]
mod name;
#[cfg(feature = "component")]
pub mod sdk;
#[cfg(feature = "component")]
mod shrink;
#[cfg(feature = "component")]
mod sources;
mod sysroot;
mod toolchain;
pub mod tools;
#[cfg(feature = "watch")]
mod watch;

#[cfg(feature = "component")]
pub use cargo::packages;
#[cfg(feature = "component")]
pub use component::imports;
#[cfg(feature = "component")]
pub use job::{BuildError, Built, Job, Place, build, componentize};
pub use language::{Language, UnknownLanguage};
#[cfg(feature = "component")]
pub use languages::{javascript_sdk, python_sdk};
#[cfg(feature = "watch")]
pub use sources::{Sources, SourcesError, Target};
pub use sysroot::{PACKAGES, SetupError, cache};
pub use toolchain::{Missing, TARGET, Toolchain};
pub use tools::{Install, ToolError};
#[cfg(feature = "watch")]
pub use watch::{Event, Watch, WatchError};
