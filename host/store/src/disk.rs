//! What the writer has on disk: writes what differs, and finds a way when that fails.

use crate::database::{Broken, Content, Database, NAME};
use crate::files::Files;
use crate::memory::{Changes, Memory};
use crate::{Error, Loaded, Written, aside};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The disk, as the writer knows it.
pub(crate) struct Disk {
    path: PathBuf,
    /// None if it could not be opened, and after most failures: then it is opened again, and written anew.
    database: Option<Database>,
    states: BTreeMap<String, Loaded>,
    pub(crate) written: Written,
}

impl Disk {
    /// Opens what is there. A database that is damaged is put aside; one that cannot be written is read. Gives what it
    /// holds, and what people should be told.
    pub(crate) fn open(folder: &Path, files: &Files) -> Result<(Self, Content, Vec<String>), Error> {
        let path = folder.join(NAME);
        let mut trouble = Vec::new();
        if !path.exists() && files.any() {
            trouble.push(format!(
                "{} is gone, although components are kept beside it; it begins anew, so actors begin without the states that were kept",
                path.display()
            ));
        }
        let refused = |why| Error::Folder { path: path.clone(), why };
        let (database, mut content) = match Self::reopen(&path, &mut trouble) {
            Ok((database, content)) => (Some(database), content),
            Err(Broken::Newer(found)) => return Err(Error::newer(&path, found)),
            Err(Broken::Damaged(why)) => return Err(refused(why)),
            Err(Broken::Refused(why) | Broken::Full(why)) => match Database::peek(&path) {
                Ok(content) => {
                    trouble.push(format!(
                        "{} can be read and not written ({why}): what is kept from now on is lost with the host; see to the disk, or the folder's rights",
                        path.display()
                    ));
                    (None, content)
                }
                Err(Broken::Newer(found)) => return Err(Error::newer(&path, found)),
                Err(_) => return Err(refused(why)),
            },
        };
        for what in std::mem::take(&mut content.damaged) {
            trouble.push(format!("{} is damaged in part: {what} is lost; see to the disk", path.display()));
        }
        let states = content.states.clone();
        Ok((Self { path, database, states, written: Written::default() }, content, trouble))
    }

    /// Opens the database; a damaged one is put aside, which is told.
    fn reopen(path: &Path, trouble: &mut Vec<String>) -> Result<(Database, Content), Broken> {
        match Database::open(path) {
            Err(Broken::Damaged(why)) => {
                let aside = aside::put(path).map_err(|error| {
                    Broken::Refused(format!("it is damaged ({why}) and cannot be put aside: {error}"))
                })?;
                trouble.push(format!(
                    "{} was damaged ({why}) and is now {}; a new one was begun. See to the disk, and remove it when you don't need it any more",
                    path.display(),
                    aside.display()
                ));
                Database::open(path)
            }
            opened => opened,
        }
    }

    /// Whether all has to be written, because what is on disk is not known.
    pub(crate) fn is_unknown(&self) -> bool {
        self.database.is_none()
    }

    /// Writes changes; all there is, if it [is unknown](Self::is_unknown) what is on disk. They are safe when this returns.
    pub(crate) fn write(&mut self, changes: &Changes, trouble: &mut Vec<String>) -> Result<(), Error> {
        let anew = self.is_unknown();
        if anew {
            self.states.clear();
        }
        let none = Loaded::default();
        let differ = |(actor, kept): &(&String, &Loaded)| self.states.get(*actor).unwrap_or(&none) != *kept;
        let states: BTreeMap<_, _> =
            changes.states.iter().filter(differ).map(|(actor, kept)| (actor.clone(), kept.clone())).collect();
        if states.is_empty() && changes.records.is_empty() && !anew {
            return Ok(());
        }
        let differing = Changes { records: changes.records.clone(), states };
        match self.commit(&differing, anew, trouble) {
            Ok(()) => {
                self.count(differing.states);
                Ok(())
            }
            Err(Broken::Newer(found)) => Err(Error::newer(&self.path, found)),
            Err(Broken::Damaged(why) | Broken::Refused(why) | Broken::Full(why)) => {
                Err(Error::NotWritten { why: format!("{}: {why}", self.path.display()) })
            }
        }
    }

    fn commit(&mut self, changes: &Changes, anew: bool, trouble: &mut Vec<String>) -> Result<(), Broken> {
        let mut database = match self.database.take() {
            Some(database) => database,
            None => Self::reopen(&self.path, trouble)?.0,
        };
        // Where it fails the connection goes: what it believes of the disk may be wrong. A full disk is nobody's mistake, and
        // there may be no room to write everything anew.
        let wrote = database.write(changes, anew, &mut self.written);
        if matches!(wrote, Ok(()) | Err(Broken::Full(_))) && !(anew && wrote.is_err()) {
            self.database = Some(database);
        }
        wrote
    }

    fn count(&mut self, states: BTreeMap<String, Loaded>) {
        for (actor, kept) in states {
            let before = self.states.remove(&actor).unwrap_or_default();
            let pairs = [(&before.good, &kept.good), (&before.trial, &kept.trial)];
            for state in pairs.into_iter().filter(|(before, now)| before != now).filter_map(|(_, now)| now.as_ref()) {
                self.written.states += 1;
                self.written.state_bytes += state.bytes.len() as u64;
            }
            if !kept.is_empty() {
                self.states.insert(actor, kept);
            }
        }
    }

    /// Removes components that nothing on disk and nothing in memory refers to.
    pub(crate) fn sweep(&self, files: &Files, memory: impl FnOnce() -> std::collections::HashSet<crate::Digest>) {
        files.sweep(|| {
            let mut needed = self.database.as_ref()?.needed().ok()?;
            needed.extend(memory());
            Some(needed)
        });
    }

    /// Closes it in good order.
    pub(crate) fn close(&mut self) -> Result<(), Error> {
        let Some(database) = self.database.take() else { return Ok(()) };
        database.close(&mut self.written).map_err(|broken| Error::NotWritten { why: format!("{broken:?}") })
    }
}

/// Everything that is true, for a disk that is not known.
pub(crate) fn changes(memory: &mut Memory, unknown: bool) -> Changes {
    let changes = memory.take();
    if unknown { memory.all() } else { changes }
}

impl Error {
    fn newer(path: &Path, found: i64) -> Self {
        Self::Newer { path: path.to_owned(), found, known: crate::database::FORMAT }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;
    use crate::{Digest, Origin};

    /// Memory is ahead of the disk: a version that is needed no more is, until that is on disk as well.
    #[test]
    fn what_the_disk_refers_to_stays_until_it_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let (mut disk, ..) = Disk::open(folder.path(), &files).unwrap();
        let digest = Digest::of(b"needed");
        files.add(digest, b"needed", || {}).unwrap();
        let mut record = Record::default();
        record.begin(digest, 6, Origin::File, None, 0);
        for (record, there) in [(record, true), (Record::default(), false)] {
            let records = [("a.wasm".into(), record)].into();
            disk.write(&Changes { records, states: BTreeMap::new() }, &mut Vec::new()).unwrap();
            disk.sweep(&files, Default::default);
            assert_eq!(files.read(digest).is_ok(), there);
        }
    }
}
