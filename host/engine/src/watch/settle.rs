//! When a file is quiet, whole and new: decided from what is heard of it, what it holds when it is looked at, and the
//! time, which is always an argument. Pure.
//!
//! A rename, or the end of a write, brings a file that is meant to be whole: it is looked at almost at once. One that is
//! written to and not closed, or whose bytes stop short, is waited for. Each content is taken once, whatever comes of it:
//! so a build that failed is not tried again, and nothing goes round in a loop.

use super::whole::Form;
use crate::component::Digest;
use greenroom_core::Instant;
use std::time::Duration;

/// After a rename or a link. What is renamed is whole already; this is for an editor that renames twice.
const PLACED: Duration = Duration::from_millis(2);
/// After the end of a write: some tools open a file again at once, for its dates or its last bytes.
const CLOSED: Duration = Duration::from_millis(5);
/// After the end of a write that follows on a content that was just taken: a burst with longer pauses.
const AGAIN: Duration = Duration::from_millis(60);
/// How long after a content was taken a write belongs to the same burst.
const BURST: Duration = Duration::from_millis(100);
/// After a change of a text that nothing but reading it tells to be whole: the manifest.
const TEXT: Duration = Duration::from_millis(60);
/// After a write whose end was not heard of. Some tools keep a file open for good; a copy may pause.
const OPEN: Duration = Duration::from_secs(2);
/// After a change that was found by looking, once a second: it has to be the same the next time.
const POLLED: Duration = Duration::from_millis(1250);
/// How long a file may be incomplete or unreadable before people are told.
const PATIENCE: Duration = Duration::from_secs(5);
/// When a file that could not be read is tried again: after this, and twice as long each time, up to the longest.
const RETRY: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_secs(30);

/// What was heard of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// Something that was there before came to be here: by a rename.
    Placed,
    /// It was made: to be written to next, or as another link to a file that is whole.
    Created,
    /// It was written to.
    Written,
    /// One that wrote to it is through.
    Closed,
    /// Something else: its rights, its dates, that it went, or what leads to it.
    Touched,
    /// Found to be another by looking.
    Polled,
}

/// What a look at a file has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// There is none.
    Nothing,
    /// It changed while it was read.
    Changing,
    /// It cannot be read. Why.
    Unreadable(String),
    Bytes(Digest, Form),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Nothing,
    /// It is new and whole.
    Take,
    /// People should know that it has been incomplete for a while. Why it counts as that.
    Incomplete(String),
    /// People should know that it has not been readable for a while. Why.
    Unreadable(String),
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Component,
    Manifest,
}

/// What is known of one file.
#[derive(Debug)]
pub(super) struct Settle {
    content: Content,
    /// What was last taken, or tried.
    known: Option<Digest>,
    taken: Option<Instant>,
    pending: Option<Pending>,
}

/// From the first that is heard until it is taken, or turns out to be nothing new.
#[derive(Debug)]
struct Pending {
    last: Instant,
    /// Renamed to here, and not written to since.
    placed: bool,
    /// Written to, and not closed since.
    open: bool,
    /// Begun so soon after a content was taken that it is of the same burst.
    again: bool,
    /// When to look, if not only when more is heard.
    look: Option<Instant>,
    tries: u32,
    told: bool,
}

impl Settle {
    pub(super) fn new(content: Content, known: Option<Digest>) -> Self {
        Self { content, known, taken: None, pending: None }
    }

    /// Something was heard of it.
    pub(super) fn hint(&mut self, at: Instant, hint: Hint) {
        let again = self.taken.is_some_and(|taken| at.since(taken) < BURST);
        let new = Pending { last: at, placed: false, open: false, again, look: None, tries: 0, told: false };
        let pending = self.pending.get_or_insert(new);
        pending.last = at;
        pending.tries = 0;
        (pending.placed, pending.open) = match hint {
            Hint::Placed => (true, false),
            Hint::Created => (false, false),
            Hint::Written => (false, true),
            Hint::Closed => (pending.placed, false),
            Hint::Touched | Hint::Polled => (pending.placed, pending.open),
        };
        let quiet = match (hint, self.content) {
            (Hint::Polled, _) => POLLED,
            _ if pending.open => OPEN,
            (_, Content::Manifest) => TEXT,
            _ if pending.placed => PLACED,
            _ if pending.again => AGAIN,
            _ => CLOSED,
        };
        pending.look = Some(at + quiet);
    }

    /// When it wants to be looked at.
    pub(super) fn due(&self) -> Option<Instant> {
        self.pending.as_ref()?.look
    }

    /// Whether to look at it now. What is heard from here on makes the look worthless.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        match &mut self.pending {
            Some(pending) if pending.look.is_some_and(|look| look <= now) => {
                pending.look = None;
                true
            }
            _ => false,
        }
    }

    /// A look has shown this.
    pub(super) fn found(&mut self, now: Instant, found: Found) -> Verdict {
        let Some(pending) = &mut self.pending else { return Verdict::Nothing };
        if pending.look.is_some() {
            return Verdict::Nothing;
        }
        match found {
            // What runs is left alone. If it comes back, that is heard.
            Found::Nothing => self.pending = None,
            Found::Changing => pending.look = Some(now + CLOSED),
            Found::Unreadable(why) => {
                let wait = RETRY.saturating_mul(1 << pending.tries.min(20)).min(LONGEST);
                pending.tries += 1;
                pending.look = Some(now + wait);
                return pending.tell(now, || Verdict::Unreadable(why));
            }
            Found::Bytes(digest, _) if self.known == Some(digest) => self.pending = None,
            Found::Bytes(_, Form::Empty) => return pending.wait(now, "it is empty".into()),
            Found::Bytes(_, Form::Cut(why)) if !pending.placed => return pending.wait(now, why),
            Found::Bytes(digest, form) => {
                let patient = pending.open || (form == Form::Bare && !pending.placed);
                if patient && now < pending.last + OPEN {
                    pending.look = Some(pending.last + OPEN);
                    return Verdict::Nothing;
                }
                (self.known, self.taken, self.pending) = (Some(digest), Some(now), None);
                return Verdict::Take;
            }
        }
        Verdict::Nothing
    }
}

impl Pending {
    /// Waits for more to come, and tells once if nothing does.
    fn wait(&mut self, now: Instant, why: String) -> Verdict {
        self.look = (!self.told && now < self.last + PATIENCE).then_some(self.last + PATIENCE);
        self.tell(now, || Verdict::Incomplete(why))
    }

    fn tell(&mut self, now: Instant, verdict: impl FnOnce() -> Verdict) -> Verdict {
        if self.told || now < self.last + PATIENCE {
            return Verdict::Nothing;
        }
        self.told = true;
        verdict()
    }
}

#[cfg(test)]
mod tests;
