//! Builds actors: finds a compiler for the sandbox's target, calls Cargo, and wraps what comes out as a component.
//!
//! Owns nothing that runs: no engine, no network. What it touches is Cargo, the compiler, and files. Its neighbours are
//! `greenroom build` and `greenroom run --dev` (components), and `cargo xtask setup` (the compiler alone).

#[cfg(feature = "component")]
mod cargo;
#[cfg(feature = "component")]
mod component;
#[cfg(feature = "component")]
mod job;
#[cfg(feature = "component")]
mod name;
#[cfg(feature = "component")]
mod shrink;
#[cfg(feature = "watch")]
mod sources;
mod sysroot;
mod toolchain;
#[cfg(feature = "watch")]
mod watch;

#[cfg(feature = "component")]
pub use cargo::packages;
#[cfg(feature = "component")]
pub use component::imports;
#[cfg(feature = "component")]
pub use job::{BuildError, Built, Job, Place, build, componentize};
#[cfg(feature = "watch")]
pub use sources::{Sources, SourcesError, Target};
pub use sysroot::{PACKAGES, SetupError, cache};
pub use toolchain::{Missing, TARGET, Toolchain};
#[cfg(feature = "watch")]
pub use watch::{Event, Watch, WatchError};
