//! Which directories a file depends on, with each link resolved at the step of the path where it is.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

/// Links that are followed, as many as Linux does (`path_resolution(7)`).
const LINKS: usize = 40;

/// How a path leads to its file now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    /// Each name that is looked up on the way, where it really is: of directories, of links, and of the file.
    pub(super) names: BTreeSet<PathBuf>,
    /// What has to be watched for this to stay true: directories, and the file itself, which may be written to by another
    /// name, or be mounted here.
    pub(super) places: BTreeSet<PathBuf>,
    /// Where the file really is, or would be. None if its directory is not there.
    pub(super) file: Option<PathBuf>,
}

impl Route {
    /// Follows a path from the root on. What is not there yet is waited for in the last directory that is.
    pub(super) fn of(path: &Path) -> Self {
        let mut route = Self::default();
        let mut rest = steps(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
        let (mut at, mut links) = (PathBuf::from("/"), 0);
        while let Some(step) = rest.pop_front() {
            let name = match step {
                Step::Root => {
                    at = PathBuf::from("/");
                    continue;
                }
                Step::Up => {
                    at.pop();
                    continue;
                }
                Step::Into(name) => at.join(name),
            };
            route.names.insert(name.clone());
            let metadata = name.symlink_metadata().ok();
            let last = rest.is_empty();
            match metadata {
                Some(metadata) if metadata.is_symlink() => {
                    route.places.insert(at.clone());
                    links += 1;
                    let Ok(target) = name.read_link() else { break };
                    if links > LINKS {
                        break;
                    }
                    for step in steps(&target).into_iter().rev() {
                        rest.push_front(step);
                    }
                }
                Some(_) if last => {
                    route.places.extend([at.clone(), name.clone()]);
                    route.file = Some(name);
                    break;
                }
                Some(_) => {
                    if !is_crowded(&at) {
                        route.places.insert(at);
                    }
                    at = name;
                }
                None => {
                    route.places.insert(at.clone());
                    route.file = last.then_some(name);
                    break;
                }
            }
        }
        route
    }
}

/// Directories where everybody's files come and go, so that watching them wakes an idle host: the root, and those with
/// the sticky bit, like `/tmp`. A directory's own watch says when it goes from there; only then is its return waited for.
fn is_crowded(directory: &Path) -> bool {
    let sticky = |metadata: Metadata| metadata.permissions().mode() & 0o1000 != 0;
    directory == Path::new("/") || directory.metadata().is_ok_and(sticky)
}

#[derive(Debug)]
enum Step {
    Root,
    Up,
    Into(OsString),
}

fn steps(path: &Path) -> VecDeque<Step> {
    let step = |component: Component<'_>| match component {
        Component::RootDir => Some(Step::Root),
        Component::ParentDir => Some(Step::Up),
        Component::Normal(name) => Some(Step::Into(name.to_owned())),
        Component::CurDir | Component::Prefix(_) => None,
    };
    path.components().filter_map(step).collect()
}

/// Which file or directory there really is at a place: a path may come to stand for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64, u64);

impl Identity {
    pub(super) fn of(place: &Path) -> Option<Self> {
        place.symlink_metadata().ok().map(|metadata| Self(metadata.dev(), metadata.ino()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, rename, write};
    use std::os::unix::fs::symlink;
    use tempfile::TempDir;

    /// A folder below one that is not crowded.
    fn folder() -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        (folder, root)
    }

    /// The places of a path in a folder, as paths in it; without those that lead to it.
    fn check(root: &Path, path: &str, places: &[&str], file: Option<&str>) {
        let route = Route::of(&root.join(path));
        let inside = |path: &PathBuf| path.strip_prefix(root).ok().map(|path| path.display().to_string());
        assert_eq!(route.places.iter().filter_map(inside).collect::<Vec<_>>(), places, "{path}");
        assert_eq!(route.file.as_ref().and_then(inside).as_deref(), file, "{path}");
    }

    #[test]
    fn links_and_what_is_not_there() {
        let (_folder, root) = folder();
        create_dir_all(root.join("releases/1/actors")).unwrap();
        write(root.join("releases/1/actors/a.wasm"), "").unwrap();
        check(
            &root,
            "releases/1/actors/a.wasm",
            &["", "releases", "releases/1", "releases/1/actors", "releases/1/actors/a.wasm"],
            Some("releases/1/actors/a.wasm"),
        );
        // A link to a directory, and the way there.
        symlink("releases/1", root.join("current")).unwrap();
        let places = ["", "releases", "releases/1", "releases/1/actors", "releases/1/actors/a.wasm"];
        check(&root, "current/actors/a.wasm", &places, Some("releases/1/actors/a.wasm"));
        assert!(Route::of(&root.join("current/actors/a.wasm")).names.contains(&root.join("current")));
        // A link to a file, by way of a link, and up again.
        create_dir_all(root.join("links")).unwrap();
        symlink("../current/actors/../actors/a.wasm", root.join("links/a.wasm")).unwrap();
        check(
            &root,
            "links/a.wasm",
            &["", "links", "releases", "releases/1", "releases/1/actors", "releases/1/actors/a.wasm"],
            Some("releases/1/actors/a.wasm"),
        );
        symlink(root.join("current/actors/a.wasm"), root.join("absolute.wasm")).unwrap();
        check(&root, "absolute.wasm", &places, Some("releases/1/actors/a.wasm"));
        // What is missing is waited for where the last that is there is.
        check(&root, "releases/2/actors/a.wasm", &["", "releases"], None);
        check(&root, "releases/1/b.wasm", &["", "releases", "releases/1"], Some("releases/1/b.wasm"));
        symlink("releases/9", root.join("next")).unwrap();
        check(&root, "next/a.wasm", &["", "releases"], None);
        // A link to itself ends.
        symlink("loop", root.join("loop")).unwrap();
        check(&root, "loop", &[""], None);
    }

    #[test]
    fn a_crowded_directory_is_watched_for_what_is_missing_alone() {
        let (_folder, root) = folder();
        std::fs::set_permissions(&root, std::fs::Permissions::from_mode(0o1777)).unwrap();
        check(&root, "later/a.wasm", &[""], None);
        create_dir_all(root.join("later")).unwrap();
        check(&root, "later/a.wasm", &["later"], Some("later/a.wasm"));
        check(&root, "a.wasm", &[""], Some("a.wasm"));
        assert!(!Route::of(&root.join("a.wasm")).places.contains(Path::new("/")));
    }

    #[test]
    fn another_directory_at_the_same_place_is_another() {
        let (_folder, root) = folder();
        let (a, b) = (root.join("a"), root.join("b"));
        create_dir_all(&a).unwrap();
        create_dir_all(&b).unwrap();
        let before = Identity::of(&a);
        rename(&a, root.join("c")).unwrap();
        assert_eq!(Identity::of(&a), None);
        rename(&b, &a).unwrap();
        assert!(before.is_some() && Identity::of(&a) != before);
    }
}
