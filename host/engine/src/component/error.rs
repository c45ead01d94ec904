//! Why a component cannot be run.

use greenroom_encode::contract::VERSION;
use std::path::PathBuf;

/// Why a component cannot be run. Each names the file and says what to do.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text says what its fields are")]
pub enum ComponentError {
    /// The file cannot be read.
    #[error("{path}: {why}; build it with `greenroom build`, or correct `source` in the manifest", path = path.display())]
    Unreadable { path: PathBuf, why: String },
    /// The bytes are something else.
    #[error("{path} is no component: {why}", path = path.display())]
    NotComponent { path: PathBuf, why: String },
    /// It is a component for something else.
    #[error("{component} is no actor of this contract: it does not export `{export}`; build it with the world `greenroom:actor/actor@0.1.0`", component = component.display())]
    NoExport { component: PathBuf, export: String },
    /// It is made for a contract that this host does not have.
    #[error("{component} is made for greenroom:actor@{version}; this host has {VERSION}: use a host that has {version}, or build it with this host's `wit/`", component = component.display())]
    OtherContract { component: PathBuf, version: String },
    /// It is a program.
    #[error("{component} is a program, which runs once and ends (it exports `wasi:cli/run`), and no actor: build a library with the world `greenroom:actor/actor@0.1.0`", component = component.display())]
    Program { component: PathBuf },
    /// It begins with more memory than it may have.
    #[error("{component} begins with {needs} of memory, and `{behavior}` may have {limit}: write `memory = \"{enough}\"` or more in the manifest", component = component.display())]
    TooMuchMemory { component: PathBuf, behavior: String, needs: String, limit: String, enough: String },
    /// It begins with more than any actor may have.
    #[error("{component} begins with {needs}, and an actor has {most} at most: build it with less", component = component.display())]
    TooLarge { component: PathBuf, needs: String, most: String },
    /// An export has another type.
    #[error("{component}: the export `{export}` has another type than the contract says: {why}; build it with this host's `wit/`", component = component.display())]
    WrongType { component: PathBuf, export: String, why: String },
    /// It imports what there is not.
    #[error("{component} imports `{import}`, which this host does not offer; there are greenroom:actor@0.1.0 and WASI 0.2{hint}", component = component.display())]
    UnknownImport { component: PathBuf, import: String, hint: &'static str },
    /// It imports what the manifest does not allow.
    #[error("{component} imports `{import}`, but `{behavior}` may not: add \"{grant}\" to its `grant` in the manifest", component = component.display())]
    NotGranted { component: PathBuf, behavior: String, import: String, grant: String },
    /// An import has another type.
    #[error("{component} does not fit this host: {why}", component = component.display())]
    DoesNotLink { component: PathBuf, why: String },
    /// It has no state to wake with, and the manifest has it sleep.
    #[error("{component} has no state: `{behavior}` cannot sleep without one; export `state` from it (`save` and `restore`), or remove `sleep-after` from the manifest", component = component.display())]
    NoState { component: PathBuf, behavior: String },
    /// As many instances live as there is room for.
    #[error(
        "this host has room for {most} actors at a time, and it is taken: end some first, or let those sleep that are idle (`sleep-after` in the manifest)"
    )]
    NoRoom { most: usize },
    /// No instance of it could be made.
    #[error("it could not be instantiated: {why}")]
    Start { why: String },
}

impl ComponentError {
    /// At which step of a swap it failed.
    pub(crate) fn stage(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "read",
            Self::NotComponent { .. } => "compile",
            Self::NoExport { .. }
            | Self::OtherContract { .. }
            | Self::Program { .. }
            | Self::WrongType { .. }
            | Self::UnknownImport { .. }
            | Self::DoesNotLink { .. } => "world",
            Self::TooMuchMemory { .. } | Self::TooLarge { .. } => "memory",
            Self::NotGranted { .. } => "grants",
            Self::NoState { .. } => "state",
            Self::NoRoom { .. } | Self::Start { .. } => "start",
        }
    }

    /// Whether there would be room if another actor were put away.
    pub(crate) fn is_no_room(&self) -> bool {
        matches!(self, Self::NoRoom { .. })
    }
}
