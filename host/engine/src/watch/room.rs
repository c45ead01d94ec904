//! The files that are watched, each with how its path leads to it and what is known of it.
//!
//! What is here may wait for a disk, or for a network's: it runs where blocking is allowed.

use super::filesystem::deaf;
use super::listen::{Listen, Notice};
use super::look::look;
use super::places::Route;
use super::poll::Poll;
use super::settle::{Content, Found, Hint, Settle, Verdict};
use crate::clock::Clock;
use crate::component::Digest;
use greenroom_core::Instant;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::UnboundedSender;

/// How often paths are followed anew, when they lead elsewhere each time. Past that, notices say what goes on.
const ROUNDS: usize = 8;

struct Entry {
    settle: Settle,
    content: Content,
    route: Route,
}

pub(super) struct Room {
    files: BTreeMap<PathBuf, Entry>,
    clock: Clock,
    listen: Listen,
    poll: Poll,
    /// Paths may lead elsewhere than when they were last followed.
    moved: bool,
    /// Directories that people know of as polled, and why.
    told: BTreeSet<Polled>,
}

/// A directory that is looked at instead of being watched alone, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Polled {
    pub(super) directory: PathBuf,
    pub(super) why: String,
}

/// What one round has brought.
#[derive(Debug, Default)]
pub(super) struct Round {
    pub(super) polled: Vec<Polled>,
    pub(super) looks: Vec<(PathBuf, Found)>,
}

impl Room {
    pub(super) fn new(clock: Clock, tell: UnboundedSender<Notice>) -> Self {
        let listen = Listen::new(clock.clone(), tell);
        let (files, poll, told) = (BTreeMap::new(), Poll::default(), BTreeSet::new());
        Self { files, clock, listen, poll, moved: false, told }
    }

    /// Watches these files and no others: each with its content's kind and digest, where that is known.
    pub(super) fn follow(&mut self, files: impl Iterator<Item = (PathBuf, Content, Option<Digest>)>) {
        let mut before = std::mem::take(&mut self.files);
        for (file, content, known) in files {
            let new = || Entry { settle: Settle::new(content, known), content, route: Route::default() };
            let entry = before.remove(&file).unwrap_or_else(new);
            self.files.insert(file, entry);
        }
        self.moved = true;
    }

    /// When there is something to look at.
    pub(super) fn due(&self) -> Option<Instant> {
        let due = self.files.values().filter_map(|entry| entry.settle.due());
        // What has moved is followed at once.
        let now = self.moved.then_some(Instant::ORIGIN);
        due.chain(self.poll.due()).chain(now).min()
    }

    /// Takes in what was heard, sees to it that the right places are watched, and looks at what is due.
    pub(super) fn round(&mut self, notices: Vec<Notice>) -> Round {
        notices.into_iter().for_each(|notice| self.hear(notice));
        let now = self.clock.now();
        for file in self.poll.look(now) {
            if let Some(entry) = self.files.get_mut(&file) {
                entry.settle.hint(now, Hint::Polled);
            }
            self.moved = true;
        }
        let polled = self.arrange();
        let now = self.clock.now();
        let mut looks = Vec::new();
        for (file, entry) in &mut self.files {
            if entry.settle.begin(now) {
                looks.push((file.clone(), look(file, entry.content)));
            }
        }
        Round { polled, looks }
    }

    /// Whether a notice is about what leads to a file.
    pub(super) fn concerns(&self, notice: &Notice, file: &Path) -> bool {
        match notice {
            Notice::Lost { .. } => true,
            Notice::At { path, .. } => self.files.get(file).is_some_and(|entry| entry.route.names.contains(path)),
        }
    }

    /// What is to be done with a file that was looked at.
    pub(super) fn found(&mut self, file: &Path, found: Found) -> Option<(Content, Verdict)> {
        let now = self.clock.now();
        let entry = self.files.get_mut(file)?;
        Some((entry.content, entry.settle.found(now, found)))
    }

    fn hear(&mut self, notice: Notice) {
        let Notice::At { path, at, hint, moved } = notice else {
            let Notice::Lost { at } = notice else { return };
            self.listen.forget_all();
            self.files.values_mut().for_each(|entry| entry.settle.hint(at, Hint::Touched));
            self.moved = true;
            return;
        };
        if moved {
            self.listen.forget(&path);
        }
        // Other rights may let more be watched.
        self.moved |= moved || hint == Hint::Touched;
        for (file, entry) in &mut self.files {
            if !entry.route.names.contains(&path) {
                continue;
            }
            // Now, since what is heard next may be about where the path leads from here on.
            if moved {
                entry.route = Route::of(file);
            }
            let is_file = entry.route.file.as_ref() == Some(&path);
            // A link or a directory that was renamed says nothing of how far the file behind it is.
            entry.settle.hint(at, if is_file { hint } else { Hint::Touched });
        }
    }

    /// Watches the places that the paths lead over now, and finds out which have to be looked at instead.
    fn arrange(&mut self) -> Vec<Polled> {
        if !std::mem::take(&mut self.moved) {
            return Vec::new();
        }
        let mut failed = HashMap::new();
        for _ in 0..ROUNDS {
            let (mut places, mut names) = (BTreeSet::new(), HashSet::new());
            for (file, entry) in &mut self.files {
                entry.route = Route::of(file);
                places.extend(entry.route.places.iter().cloned());
                names.extend(entry.route.names.iter().cloned());
            }
            let watched = self.listen.follow(&places, names);
            failed = watched.failed.into_iter().collect();
            // What happened there until now was not heard of, not even where the path leads.
            let now = self.clock.now();
            for entry in self.files.values_mut().filter(|entry| !entry.route.places.is_disjoint(&watched.new)) {
                entry.settle.hint(now, Hint::Touched);
            }
            if watched.new.is_empty() {
                break;
            }
        }
        self.poll_what_is_not_heard_of(&failed)
    }

    fn poll_what_is_not_heard_of(&mut self, failed: &HashMap<PathBuf, String>) -> Vec<Polled> {
        let (mut files, mut new) = (BTreeSet::new(), Vec::new());
        for (file, entry) in &self.files {
            let unheard = entry.route.places.iter().find_map(|place| match (failed.get(place), deaf(place)) {
                (Some(why), _) => Some(format!("it cannot be watched: {why}")),
                (None, Some(system)) => Some(format!("{system} does not notify of changes that others make")),
                (None, None) => None,
            });
            let Some(why) = unheard else { continue };
            files.insert(file.clone());
            let directory = entry.route.file.as_deref().unwrap_or(file).parent().unwrap_or(file).to_owned();
            let polled = Polled { directory, why };
            if self.told.insert(polled.clone()) {
                new.push(polled);
            }
        }
        let now = self.clock.now();
        for file in self.poll.follow(now, &files) {
            if let Some(entry) = self.files.get_mut(&file) {
                entry.settle.hint(now, Hint::Touched);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Whatever is heard is thrown away, as by a queue that runs over.
    #[test]
    fn after_lost_notices_everything_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
        for file in [&a, &b] {
            std::fs::write(file, "(component 1)").unwrap();
        }
        let first = Digest::of(b"(component 1)");
        let clock = Clock::virtual_at_origin();
        let (tell, _heard) = tokio::sync::mpsc::unbounded_channel();
        let mut room = Room::new(clock.clone(), tell);
        room.follow([&a, &b].map(|file| (file.clone(), Content::Component, Some(first))).into_iter());
        let round = |room: &mut Room, notices| {
            let looks = room.round(notices).looks;
            clock.advance_to(clock.now() + Duration::from_millis(10));
            let found = |(file, found): (PathBuf, Found)| (file.clone(), room.found(&file, found).unwrap().1);
            looks.into_iter().map(found).collect::<Vec<_>>()
        };
        assert_eq!(round(&mut room, vec![]), [], "the places are watched, and each file is to be looked at");
        let nothing = |file: &PathBuf| (file.clone(), Verdict::Nothing);
        assert_eq!(round(&mut room, vec![]), [nothing(&a), nothing(&b)]);
        assert_eq!(room.due(), None, "an idle host is not woken");
        std::fs::write(&a, "(component 2)").unwrap();
        assert_eq!(round(&mut room, vec![]), []);
        assert_eq!(round(&mut room, vec![Notice::Lost { at: clock.now() }]), []);
        assert_eq!(round(&mut room, vec![]), [(a.clone(), Verdict::Take), nothing(&b)]);
        assert_eq!(room.due(), None);
        // A file that is no longer named is not looked at.
        room.follow([(b.clone(), Content::Component, Some(first))].into_iter());
        round(&mut room, vec![Notice::Lost { at: clock.now() }]);
        assert_eq!(round(&mut room, vec![]), [nothing(&b)]);
    }
}
