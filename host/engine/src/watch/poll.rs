//! Looking once a second at what nobody notifies of: a `stat` of each file, and no more as long as that is the same.

use super::look::Stamp;
use greenroom_core::Instant;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::time::Duration;

/// How often.
const EVERY: Duration = Duration::from_secs(1);

/// The files that are looked at, and what they were like.
#[derive(Debug, Default)]
pub(super) struct Poll {
    files: HashMap<PathBuf, Option<Stamp>>,
    last: Option<Instant>,
}

impl Poll {
    /// Looks at these files from now on, and at no other. Those that were not looked at before.
    pub(super) fn follow(&mut self, now: Instant, files: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        self.files.retain(|file, _| files.contains(file));
        let new: Vec<_> = files.iter().filter(|file| !self.files.contains_key(*file)).cloned().collect();
        self.files.extend(new.iter().map(|file| (file.clone(), Stamp::of(file))));
        self.last = if self.files.is_empty() { None } else { self.last.or(Some(now)) };
        new
    }

    /// When to look the next time, if there is anything to look at.
    pub(super) fn due(&self) -> Option<Instant> {
        self.last.map(|last| last + EVERY)
    }

    /// Looks, if it is time to. The files that are others than before.
    pub(super) fn look(&mut self, now: Instant) -> Vec<PathBuf> {
        if self.due().is_none_or(|due| now < due) {
            return Vec::new();
        }
        self.last = Some(now);
        let mut changed = Vec::new();
        for (file, before) in &mut self.files {
            let stamp = Stamp::of(file);
            if std::mem::replace(before, stamp) != stamp {
                changed.push(file.clone());
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_a_second_and_only_what_changes() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&a, "1").unwrap();
        let at = |milliseconds| Instant::ORIGIN + Duration::from_millis(milliseconds);
        let mut poll = Poll::default();
        assert_eq!((poll.due(), poll.look(at(0))), (None, vec![]));
        let both: BTreeSet<_> = [a.clone(), b.clone()].into();
        assert_eq!(poll.follow(at(500), &both), [a.clone(), b.clone()]);
        assert_eq!(poll.follow(at(700), &both), [] as [PathBuf; 0]);
        assert_eq!(poll.due(), Some(at(1500)));
        std::fs::write(&b, "2").unwrap();
        assert_eq!(poll.look(at(1499)), [] as [PathBuf; 0], "not yet");
        assert_eq!(poll.look(at(1500)), std::slice::from_ref(&b));
        assert_eq!(poll.look(at(2500)), [] as [PathBuf; 0]);
        std::fs::remove_file(&a).unwrap();
        assert_eq!(poll.look(at(3500)), std::slice::from_ref(&a));
        assert_eq!(poll.follow(at(3600), &BTreeSet::new()), [] as [PathBuf; 0]);
        assert_eq!(poll.due(), None, "there is nothing to wake for");
    }
}
