//! A version of a component, as it is told.

use crate::Digest;

/// One content of a component that has been activated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its content.
    pub digest: Digest,
    /// The length of its content, in bytes; 0 if it was never kept.
    pub bytes: u64,
    /// Where its last activation came from.
    pub origin: Origin,
    /// When it was activated first, in milliseconds since 1970.
    pub activated: u64,
    /// What became of it since its last activation.
    pub status: Status,
    /// Whether it is the one that runs. Of each source at most one is.
    pub active: bool,
}

/// Where an activation came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The source's file.
    File,
    /// An upload.
    Upload,
    /// Somebody who asked for a version from before.
    Rollback,
}

/// What became of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// It is under watch; or the host was killed while it was.
    Trying,
    /// The host stopped in good order while it was under watch.
    Interrupted,
    /// It was watched to the end and nothing happened.
    Passed,
    /// It failed, for this reason.
    Failed(String),
}

impl Origin {
    /// Its word: `file`, `upload` or `rollback`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Upload => "upload",
            Self::Rollback => "rollback",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::File, Self::Upload, Self::Rollback].into_iter().find(|origin| origin.text() == text)
    }
}

impl Status {
    /// Its name, and the reason of a failure.
    pub(crate) fn text(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Trying => ("trying", None),
            Self::Interrupted => ("interrupted", None),
            Self::Passed => ("passed", None),
            Self::Failed(why) => ("failed", Some(why)),
        }
    }

    pub(crate) fn read(name: &str, why: Option<String>) -> Option<Self> {
        Some(match name {
            "trying" => Self::Trying,
            "interrupted" => Self::Interrupted,
            "passed" => Self::Passed,
            "failed" => Self::Failed(why?),
            _ => return None,
        })
    }
}
