//! The record of one source: which versions there were, which is active, and what became of each. Pure.

use crate::{Digest, Origin, Status, Version};

/// Versions of a source that are kept beside the active one and the last one that passed its watch.
pub const KEPT: usize = 5;

/// Bytes of a failure's reason that are kept; a component may have written it.
const REASON: usize = 2000;

/// What is known of a source's versions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Record {
    /// The newest activation first.
    pub(crate) versions: Vec<Version>,
    /// What the source's file held at the last activation.
    pub(crate) file: Option<Digest>,
}

impl Record {
    /// This version is active from now on and under watch. `bytes` and `now` count if it was not known.
    pub(crate) fn begin(&mut self, digest: Digest, bytes: u64, origin: Origin, file: Option<Digest>, now: u64) {
        let known =
            self.versions.iter().position(|version| version.digest == digest).map(|at| self.versions.remove(at));
        let (bytes, activated) = known.map_or((bytes, now), |version| (version.bytes.max(bytes), version.activated));
        let version = Version { digest, bytes, origin, activated, status: Status::Trying, active: true };
        self.versions.iter_mut().for_each(|version| version.active = false);
        self.versions.insert(0, version);
        self.file = file;
        self.prune();
    }

    /// Sets what became of a version. Whether it is known.
    pub(crate) fn settle(&mut self, digest: Digest, mut status: Status) -> bool {
        if let Status::Failed(why) = &mut status {
            why.truncate(why.floor_char_boundary(REASON));
        }
        let version = self.versions.iter_mut().find(|version| version.digest == digest);
        // What has been decided stays so when the host stops.
        let settled = version.filter(|version| status != Status::Interrupted || version.status == Status::Trying);
        settled.map(|version| version.status = status).is_some()
    }

    /// Makes a version active that is known. It was active before, so it is no activation.
    pub(crate) fn back_to(&mut self, digest: Digest) {
        if self.versions.iter().any(|version| version.digest == digest) {
            self.versions.iter_mut().for_each(|version| version.active = version.digest == digest);
        }
    }

    pub(crate) fn active(&self) -> Option<&Version> {
        self.versions.iter().find(|version| version.active)
    }

    /// Those that passed their watch, the last one first.
    pub(crate) fn passed(&self) -> impl Iterator<Item = &Version> {
        self.versions.iter().filter(|version| version.status == Status::Passed)
    }

    fn prune(&mut self) {
        let passed = self.passed().next().map(|version| version.digest);
        let mut others = 0;
        self.versions.retain(|version| {
            let needed = version.active || Some(version.digest) == passed;
            others += usize::from(!needed);
            needed || others <= KEPT
        });
    }
}
