//! The folder itself: made, and locked against other hosts.

use crate::Error;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// A folder that no other host has, as long as this lives.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    /// None if it is read-only and nobody ever had it.
    lock: Option<File>,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let wrong = |error: io::Error| Error::Folder { path: path.to_owned(), why: error.to_string() };
        match make(path) {
            Ok(()) => {}
            // A card that has become read-only can still be read.
            Err(_) if path.is_dir() => {}
            Err(error) => return Err(wrong(error)),
        }
        let lock = path.join("lock");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&lock);
        let file = match file.or_else(|error| File::open(&lock).map_err(|_| error)) {
            Ok(file) => file,
            Err(_) if path.join(crate::database::NAME).is_file() => {
                return Ok(Self { path: path.to_owned(), lock: None });
            }
            Err(error) => return Err(wrong(error)),
        };
        match file.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), lock: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { folder: path.to_owned() }),
            // There are file systems without locks.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                Ok(Self { path: path.to_owned(), lock: None })
            }
            Err(TryLockError::Error(error)) => Err(wrong(error)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that is being forked off right now has it open, too.
        if let Some(lock) = &self.lock {
            drop(lock.unlock());
        }
    }
}

/// Makes a folder that only this user may look into, with its name safe on disk.
pub(crate) fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    sync(path.parent().unwrap_or(path))
}

/// Has what the folder lists safe on disk: a rename is not before.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
