//! The host's own folders: compiled components and the token, and what is kept of the actors.

use crate::exit::{Exit, Failure};
use greenroom_manifest::Host;
use greenroom_store::Digest;
use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes of a new token.
const TOKEN: usize = 32;

/// The folder: the manifest's, or one in the user's cache. None: there is no home either.
pub(crate) fn folder(host: &Host) -> Option<PathBuf> {
    host.data_dir.clone().or_else(greenroom_build::cache)
}

/// Where versions of components and kept states are: in the manifest's folder, or one of this manifest's own in the user's
/// state. None: there is no home either.
pub(crate) fn kept(host: &Host, manifest: &Path) -> Option<PathBuf> {
    if let Some(folder) = &host.data_dir {
        return Some(folder.join("kept"));
    }
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_STATE_HOME").or_else(|| Some(set("HOME")?.join(".local/state")))?;
    let path = manifest.canonicalize().unwrap_or_else(|_| manifest.to_owned());
    let own = Digest::of(path.as_os_str().as_bytes()).to_string();
    let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
    let name: String = host.name.chars().map(plain).collect();
    Some(base.join("greenroom").join(format!("{name}-{}", &own[..8])))
}

/// Makes the folder, for its owner alone: what is compiled in it is run, and the token is secret.
pub(crate) fn make(folder: &Path) -> Result<(), Failure> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| unusable(folder, &error))
}

/// The token in the folder, which is made if there is none.
pub(crate) fn token(folder: &Path) -> Result<String, Failure> {
    let file = folder.join("token");
    let token = match std::fs::read_to_string(&file) {
        Ok(text) => text.trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(folder)?;
            let token = random()?;
            let mut out = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&file)
                .map_err(|error| unusable(&file, &error))?;
            writeln!(out, "{token}").and_then(|()| out.sync_all()).map_err(|error| unusable(&file, &error))?;
            token
        }
        Err(error) => return Err(unusable(&file, &error)),
    };
    if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail =
            format!("{} holds no token of 16 characters or more: remove it, and a new one is made", file.display());
        return Err(Failure::new(Exit::Unexpected, detail));
    }
    Ok(token)
}

/// A new token.
pub(crate) fn random() -> Result<String, Failure> {
    let mut bytes = [0; TOKEN];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the machine gives no random numbers: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    let detail = format!("{} cannot be used: {error}; `data-dir` under [host] names another folder", path.display());
    Failure::new(Exit::Unexpected, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_token_is_made_once_and_for_its_owner_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("deep/data");
        let first = token(&folder).unwrap();
        assert_eq!(first.len(), 2 * TOKEN);
        assert_eq!(token(&folder).unwrap(), first);
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&folder.join("token"))), (0o700, 0o600));
        assert_ne!(random().unwrap(), first);
    }

    #[test]
    fn what_is_no_token_is_not_used() {
        let root = tempfile::tempdir().unwrap();
        for text in ["", "short", "white space in the middle of it", "\u{7}bell-bell-bell-bell"] {
            std::fs::write(root.path().join("token"), text).unwrap();
            let failure = token(root.path()).unwrap_err();
            assert!(failure.detail.contains("remove it"), "{text:?}: {}", failure.detail);
        }
        std::fs::write(root.path().join("token"), "one-of-my-own-choice\n").unwrap();
        assert_eq!(token(root.path()).unwrap(), "one-of-my-own-choice");
    }

    #[test]
    fn a_folder_that_cannot_be_is_one_sentence() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("file");
        std::fs::write(&file, "").unwrap();
        let failure = token(&file.join("data")).unwrap_err();
        assert!(failure.detail.contains("data-dir"), "{}", failure.detail);
    }
}
