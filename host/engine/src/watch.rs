//! Watching the components' files: directories are watched, content decides.
//!
//! Editors and build tools write in place, or write another file and rename it, or delete and create: each way is seen as
//! a change of the directory. After the last change things have to be quiet for a moment, so that a burst is one and half
//! a file is none; then the file's content says whether there is something new.

use crate::component::{Digest, Loader};
use crate::report;
use crate::shared::Shared;
use crate::swap;
use notify::{Event, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc;

/// How long a file has to be left alone.
const QUIET: Duration = Duration::from_millis(60);
/// How often files are looked at where the system does not notify.
const POLL: Duration = Duration::from_secs(1);

/// Watches as long as it lives.
pub(crate) struct Watch {
    _watchers: Vec<Box<dyn Watcher + Send>>,
}

impl Watch {
    pub(crate) fn start(shared: &Arc<Shared>) -> Self {
        let (sender, changes) = mpsc::unbounded_channel();
        let mut watchers: Vec<Box<dyn Watcher + Send>> = Vec::new();
        let tell = move |event: notify::Result<Event>| {
            if event.map_or(true, |event| !event.kind.is_access()) {
                // Nobody listens when the host is over.
                _ = sender.send(());
            }
        };
        let mut notified = notify::recommended_watcher(tell.clone()).ok();
        let mut polled: Option<PollWatcher> = None;
        for directory in directories(shared) {
            let watched = notified.as_mut().is_some_and(|watcher: &mut RecommendedWatcher| {
                watcher.watch(&directory, RecursiveMode::NonRecursive).is_ok()
            });
            if watched {
                continue;
            }
            let text = format!(
                "{} cannot be watched (it is not there, or the system's limit is reached: fs.inotify.max_user_watches): \
                 it is looked at once a second instead",
                directory.display()
            );
            report::event(shared, "watch-polled", &text, json!({ "directory": directory }));
            let polling = notify::Config::default().with_poll_interval(POLL).with_compare_contents(true);
            if polled.is_none() {
                polled = PollWatcher::new(tell.clone(), polling).ok();
            }
            if let Some(watcher) = &mut polled {
                drop(watcher.watch(&directory, RecursiveMode::NonRecursive));
            }
        }
        watchers.extend(notified.map(|watcher| Box::new(watcher) as _));
        watchers.extend(polled.map(|watcher| Box::new(watcher) as _));
        tokio::spawn(reload_changed(Arc::downgrade(shared), changes));
        Self { _watchers: watchers }
    }
}

fn sources(shared: &Shared) -> BTreeSet<PathBuf> {
    let plan = &shared.plan;
    let behaviors = plan.actors.iter().map(|actor| &actor.behavior).chain(&plan.behaviors);
    behaviors.map(|behavior| behavior.source.clone()).collect()
}

/// The directories that the components are in. A link's target is watched where it is, too.
fn directories(shared: &Shared) -> BTreeSet<PathBuf> {
    let mut directories = BTreeSet::new();
    for source in sources(shared) {
        let parent = |path: &Path| path.parent().map(Path::to_owned).filter(|parent| parent != Path::new(""));
        directories.insert(parent(&source).unwrap_or_else(|| PathBuf::from(".")));
        directories.extend(source.canonicalize().ok().and_then(|target| parent(&target)));
    }
    directories
}

async fn reload_changed(shared: Weak<Shared>, mut changes: mpsc::UnboundedReceiver<()>) {
    // What each file held when it was last looked at: a build that was not taken is tried again when it changes.
    let mut seen: HashMap<PathBuf, Digest> = HashMap::new();
    if let Some(shared) = shared.upgrade() {
        for source in sources(&shared) {
            seen.extend(shared.code(&source).map(|code| (source, code.digest)));
        }
    }
    while changes.recv().await.is_some() {
        loop {
            match tokio::time::timeout(QUIET, changes.recv()).await {
                Ok(Some(())) => {}
                Ok(None) => return,
                Err(_) => break,
            }
        }
        let Some(shared) = shared.upgrade() else { return };
        for source in sources(&shared) {
            let reading = source.clone();
            // A file that is gone leaves the running code alone.
            let Ok(Ok(bytes)) = tokio::task::spawn_blocking(move || Loader::read(&reading)).await else { continue };
            let digest = Digest::of(&bytes);
            if bytes.is_empty() || seen.insert(source.clone(), digest) == Some(digest) {
                continue;
            }
            reload_all(&shared, &source).await;
        }
    }
}

/// Has every actor that runs a file take it over.
async fn reload_all(shared: &Arc<Shared>, source: &Path) {
    for cell in shared.cells.all() {
        let runs_it = cell.seen().behavior.as_ref().is_some_and(|behavior| behavior.source == source);
        if runs_it {
            // Told by events.
            drop(swap::reload(&cell).await);
        }
    }
}
