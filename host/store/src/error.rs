//! What can go wrong, each with what to do about it.

use crate::{Digest, LARGEST};
use std::path::PathBuf;

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text says what its fields are")]
pub enum Error {
    /// Another live host has the folder.
    #[error("{folder} is in use by another host; stop that one, or give this one a folder of its own", folder = folder.display())]
    InUse { folder: PathBuf },
    /// The folder cannot be made, or not be read.
    #[error("{path} cannot be used: {why}; make it a folder that this user may read and write", path = path.display())]
    Folder { path: PathBuf, why: String },
    /// A later greenroom has written it.
    #[error("{path} is of a newer greenroom (format {found}, this one knows {known}); run that one, or move the file away", path = path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// These bytes are not kept, or not any more.
    #[error("the bytes of {} are not kept", digest.short())]
    NotKept { digest: Digest },
    /// These bytes are not what they were. The file is gone now.
    #[error("{path} is damaged and was removed: its content is not what its name says", path = path.display())]
    Damaged { path: PathBuf },
    /// A component's file cannot be read or written.
    #[error("{path}: {why}", path = path.display())]
    File { path: PathBuf, why: String },
    /// A state is larger than [`LARGEST`].
    #[error("the state of `{actor}` has {bytes} bytes; at most {LARGEST} are kept")]
    TooLarge { actor: String, bytes: usize },
    /// What was asked for is true in memory, and not on disk yet. It is tried again.
    #[error("it could not be written: {why}")]
    NotWritten { why: String },
    /// A text that is no digest.
    #[error("`{text}` is no SHA-256 in 64 hexadecimal digits")]
    NoDigest { text: String },
}
