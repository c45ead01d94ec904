//! What to start with: a function of the record and of what the source's file holds. Pure.

use crate::record::Record;
use crate::{Digest, Origin, Status, Version};

/// What to start a source's actors with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The content.
    pub digest: Digest,
    /// Where its bytes are.
    pub from: From,
    /// What to take if it fails: the last version that passed its watch, with its bytes kept. None if this is one, or
    /// there is none.
    pub fallback: Option<Digest>,
    /// What people should be told, if it is not what the file holds, or not what they might expect.
    pub why: Option<String>,
    /// Whether it has to be watched, since it never passed.
    pub trying: bool,
}

/// Where the bytes of a choice are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// In the source's file.
    File,
    /// Kept: [`Store::bytes`](crate::Store::bytes) has them.
    Kept,
}

/// What to start with. `file` is what the file holds, none if there is no file; `whole` says whether kept bytes are there
/// and undamaged. None if there is nothing.
pub(crate) fn choose(
    source: &str,
    record: &Record,
    file: Option<Digest>,
    whole: &mut dyn FnMut(Digest) -> bool,
) -> Option<Choice> {
    // The file's content needs no copy.
    let can = &mut |digest| file == Some(digest) || whole(digest);
    let active = record.active();
    if let Some(digest) = file.filter(|_| record.file != file) {
        let trying = active.is_none_or(|active| active.digest != digest || active.status != Status::Passed);
        let fallback = if trying { fallback(record, digest, can) } else { None };
        return Some(Choice { digest, from: From::File, fallback, why: None, trying });
    }
    let mut why = Vec::new();
    // From the best to the last resort; the same one may come twice.
    let preferred = active.filter(|active| match &active.status {
        Status::Passed | Status::Interrupted => true,
        Status::Trying => {
            why.push(format!("{} was never watched to its end", active.digest.short()));
            false
        }
        Status::Failed(reason) => {
            why.push(format!("{} failed ({reason})", active.digest.short()));
            false
        }
    });
    let unfinished = record.versions.iter().filter(|version| !matches!(version.status, Status::Failed(_)));
    let mut all = preferred.into_iter().chain(record.passed()).chain(unfinished);
    let mut damaged = Vec::new();
    let usable = &mut |version: &&Version| {
        let can = can(version.digest);
        if !can && !damaged.contains(&version.digest) {
            damaged.push(version.digest);
            why.push(format!("the bytes of {} are missing or damaged", version.digest.short()));
        }
        can
    };
    // What failed is the last resort, after what the file holds.
    let known = all.find(&mut *usable).or_else(|| match file {
        Some(file) => record.versions.iter().find(|version| version.digest == file),
        None => record.versions.iter().find(usable),
    });
    let digest = known.map(|version| version.digest).or(file)?;
    let passed = known.is_some_and(|version| version.status == Status::Passed);
    let again = active.is_some_and(|active| active.digest == digest);
    match (file, active) {
        (None, _) => why.insert(0, format!("{source} is missing")),
        // The one that runs is not what the file holds: who reads this may have just saved the file.
        (Some(file), Some(active)) if again && file != digest => why.push(differs(source, record, file, active)),
        _ => {}
    }
    if !why.is_empty() {
        why.push(told(digest, known, file, active));
    }
    Some(Choice {
        digest,
        from: if file == Some(digest) { From::File } else { From::Kept },
        fallback: if passed { None } else { fallback(record, digest, can) },
        why: (!why.is_empty()).then(|| why.join("; ")),
        trying: !passed,
    })
}

/// The last version that passed, if it is another one.
fn fallback(record: &Record, digest: Digest, can: &mut dyn FnMut(Digest) -> bool) -> Option<Digest> {
    record.passed().map(|version| version.digest).find(|&passed| passed != digest && can(passed))
}

/// Why the file's content is not what runs.
fn differs(source: &str, record: &Record, file: Digest, active: &Version) -> String {
    let short = file.short();
    match record.versions.iter().find(|version| version.digest == file).map(|version| &version.status) {
        Some(Status::Failed(reason)) => format!("{source} holds {short}, which failed ({reason})"),
        _ => match active.origin {
            Origin::File => format!("{source} holds {short}, which did not take over"),
            Origin::Upload => format!("{source} holds {short}, and another one was uploaded"),
            Origin::Rollback => format!("{source} holds {short}, and an older one was asked for"),
        },
    }
}

/// What is done. Who reloads tries what the file holds.
fn told(digest: Digest, known: Option<&Version>, file: Option<Digest>, active: Option<&Version>) -> String {
    let short = digest.short();
    match known.map(|version| &version.status) {
        Some(Status::Passed) => {}
        Some(Status::Interrupted) => {
            return format!("{short} is watched anew, since the host stopped during its watch");
        }
        _ => return format!("{short} is tried, as nothing better is kept"),
    }
    match active.filter(|active| active.digest != digest && file == Some(active.digest)) {
        Some(tried) => format!(
            "{short} runs, the last one that passed its watch; `greenroom reload` tries {} again",
            tried.digest.short()
        ),
        None => format!("{short} runs, which passed its watch"),
    }
}

#[cfg(test)]
mod tests;
