//! Looking at a file: its content, and the few numbers that say whether it is worth reading again.

use super::settle::{Content, Found};
use super::whole::Form;
use crate::component::Digest;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What changes when a file does: which one it is, its size, and when its content and its rights last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    file: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    /// Of what a path leads to. None if there is nothing, or if it cannot be told.
    pub(super) fn of(path: &Path) -> Option<Self> {
        path.metadata().ok().map(|metadata| Self::from(&metadata))
    }
}

impl From<&Metadata> for Stamp {
    fn from(metadata: &Metadata) -> Self {
        Self {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// Reads a file, and sees to it that it was not changed or replaced meanwhile.
pub(super) fn look(path: &Path, content: Content) -> Found {
    match read(path) {
        Ok(Some(bytes)) => {
            let form = match content {
                Content::Component => Form::of(&bytes),
                Content::Manifest if bytes.is_empty() => Form::Empty,
                Content::Manifest => Form::Whole,
            };
            Found::Bytes(Digest::of(&bytes), form)
        }
        Ok(None) => Found::Changing,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Found::Nothing,
        Err(error) => Found::Unreadable(error.to_string()),
    }
}

fn read(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    // Opening a pipe would wait for somebody to write to it.
    if !path.metadata()?.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    let mut file = File::open(path)?;
    let before = Stamp::from(&file.metadata()?);
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok((Stamp::of(path) == Some(before)).then_some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let check = |name: &str, expect| assert_eq!(look(&path(name), Content::Component), expect, "{name}");
        std::fs::write(path("build"), "(component)").unwrap();
        std::fs::write(path("half"), "(component").unwrap();
        std::fs::write(path("empty"), "").unwrap();
        check("build", Found::Bytes(Digest::of(b"(component)"), Form::Whole));
        let cut = Form::Cut("1 of its parentheses are not closed".into());
        check("half", Found::Bytes(Digest::of(b"(component"), cut));
        assert_eq!(look(&path("half"), Content::Manifest), Found::Bytes(Digest::of(b"(component"), Form::Whole));
        assert_eq!(look(&path("empty"), Content::Manifest), Found::Bytes(Digest::of(b""), Form::Empty));
        check("missing", Found::Nothing);
        check("build/below", Found::Nothing);
        check("", Found::Unreadable("it is not a regular file".into()));
        std::os::unix::fs::symlink("loop", path("loop")).unwrap();
        let Found::Unreadable(_) = look(&path("loop"), Content::Component) else { panic!("it leads nowhere") };
    }

    #[test]
    fn a_stamp_is_of_one_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        assert_eq!(Stamp::of(&path), None);
        std::fs::write(&path, "1").unwrap();
        let first = Stamp::of(&path);
        assert_eq!(Stamp::of(&path), first);
        // Of the same size and time, but another file.
        let other = folder.path().join("b");
        std::fs::write(&other, "2").unwrap();
        let time = path.metadata().unwrap().modified().unwrap();
        File::options().write(true).open(&other).unwrap().set_modified(time).unwrap();
        std::fs::rename(&other, &path).unwrap();
        assert_ne!(Stamp::of(&path), first);
    }
}
