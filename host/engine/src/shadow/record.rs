//! What a turn did, call by call. While an actor has a shadow, its own turns are watched: each call is put into words, and
//! what it was answered is kept. The shadow's turn then hears the same answers to the same calls, numbers and addresses
//! included, so that equal code does the same and nothing needs to be translated. Nothing that a shadow calls reaches the
//! world.

use crate::guest::Guest;
use greenroom_core::Address;
use std::any::Any;
use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{Hash, Hasher};

/// Bytes of one line that are kept.
pub(super) const LINE: usize = 1024;
/// Bytes of a turn's lines that are kept. Those beyond are compared, and not shown.
const TURN: usize = 64 << 10;
/// Calls of one turn that are compared: one and the same may be refused more often than a turn may ask for things.
const CALLS: usize = 200_000;
/// The first of the numbers that only a shadow knows: the host counts from 1.
const OWN: u64 = 1 << 63;
/// The node of the addresses that only a shadow knows.
const NOWHERE: u64 = u64::MAX;

/// What a turn did, in words.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    all: Vec<(u64, Option<Box<str>>)>,
    bytes: usize,
}

impl Lines {
    pub(crate) fn push(&mut self, line: &str) {
        let mut hasher = DefaultHasher::new();
        line.hash(&mut hasher);
        let cut = &line[..line.floor_char_boundary(LINE.min(line.len()))];
        let kept = self.bytes < TURN;
        self.bytes += if kept { cut.len() } else { 0 };
        self.all.push((hasher.finish(), kept.then(|| cut.into())));
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    /// How many lines at the beginning are the same. None: all are.
    pub(super) fn differs(&self, other: &Self) -> Option<usize> {
        let same = self.all.iter().zip(&other.all).take_while(|(a, b)| a.0 == b.0).count();
        (same < self.all.len().max(other.all.len())).then_some(same)
    }

    /// At most `most` lines, from the `first` on where not all fit.
    pub(super) fn show(&self, first: usize, most: usize) -> Vec<String> {
        let from = if self.all.len() <= most { 0 } else { first };
        let shown = self.all.iter().skip(from).take(most);
        let mut lines: Vec<_> =
            shown.map(|(_, text)| text.as_deref().unwrap_or("(too long to be kept)").to_owned()).collect();
        let beyond = self.all.len().saturating_sub(from + lines.len());
        if beyond > 0 {
            lines.push(format!("… and {beyond} more"));
        }
        if from > 0 {
            lines.insert(0, format!("{from} more …"));
        }
        lines
    }
}

/// Which call it is: the function, and what it is about. Calls that are about the same are alike in their order.
pub(crate) type Key = (&'static str, String);

/// What a turn did, and what it was answered.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) lines: Lines,
    answers: HashMap<Key, VecDeque<Box<dyn Any + Send>>>,
    kept: usize,
    /// Whether there were too many to be kept.
    pub(super) overflows: bool,
}

impl Record {
    /// A call was answered.
    pub(crate) fn answered<T: Any + Send>(&mut self, key: Key, answer: T) {
        if self.kept < CALLS {
            self.kept += 1;
            self.answers.entry(key).or_default().push_back(Box::new(answer));
        } else {
            self.overflows = true;
        }
    }

    /// What is left: answers to calls that the shadow did not make.
    pub(super) fn left(self) -> impl Iterator<Item = (&'static str, Box<dyn Any + Send>)> {
        self.answers
            .into_iter()
            .flat_map(|((function, _), answers)| answers.into_iter().map(move |one| (function, one)))
    }
}

/// How an instance's calls are looked at. None: not at all.
#[derive(Debug)]
pub(crate) enum Mirror {
    /// It is the actor, and has a shadow: what it does is noted down.
    Watched(Record),
    /// It is a shadow: what it does is noted down, and not done.
    Shadow(Replay),
}

/// How an instance's next call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Alone,
    Watched,
    Shadow,
}

/// What a shadow's turn is answered.
#[derive(Debug, Default)]
pub(crate) struct Replay {
    lines: Lines,
    /// What the actor's own turn did.
    actor: Record,
    /// Numbers and addresses that it was given without a partner.
    given: u64,
    /// Actors that it alone has spawned.
    spawned: HashSet<Address>,
}

impl Replay {
    /// A turn begins, after the actor's own.
    pub(super) fn begin(&mut self, actor: Record) {
        (self.actor, self.lines) = (actor, Lines::default());
    }

    /// A turn is over: what it did, and what the actor's own did.
    pub(super) fn end(&mut self) -> (Lines, Record) {
        (std::mem::take(&mut self.lines), std::mem::take(&mut self.actor))
    }

    /// The answer that the actor's own turn had to this call, each once.
    fn partner<T: Any>(&mut self, key: &Key) -> Option<T> {
        let answers = self.actor.answers.get_mut(key)?;
        let answer = answers.pop_front()?.downcast::<T>().ok()?;
        Some(*answer)
    }

    /// As [`Replay::partner`], and the last one again and again: for what only tells something.
    fn last<T: Any + Clone>(&mut self, key: &Key) -> Option<T> {
        let answers = self.actor.answers.get_mut(key)?;
        match answers.len() {
            0 | 1 => answers.front()?.downcast_ref::<T>().cloned(),
            _ => answers.pop_front()?.downcast::<T>().ok().map(|answer| *answer),
        }
    }

    pub(super) fn spawned(&self) -> usize {
        self.spawned.len()
    }
}

impl Guest {
    /// How its next call is made. What tells something only, and may not act, is not looked at in the actor itself.
    pub(crate) fn role(&self) -> Role {
        match self.mirror.as_deref() {
            None => Role::Alone,
            Some(Mirror::Watched(_)) if self.is_silent() => Role::Alone,
            Some(Mirror::Watched(_)) => Role::Watched,
            Some(Mirror::Shadow(_)) => Role::Shadow,
        }
    }

    pub(crate) fn is_shadow(&self) -> bool {
        matches!(self.mirror.as_deref(), Some(Mirror::Shadow(_)))
    }

    /// Notes down what it does.
    pub(crate) fn note(&mut self, line: &str) {
        let silent = self.is_silent();
        match self.mirror.as_deref_mut() {
            Some(Mirror::Watched(record)) if !silent && record.lines.len() < CALLS => record.lines.push(line),
            Some(Mirror::Watched(record)) if !silent => record.overflows = true,
            Some(Mirror::Shadow(replay)) if !silent => {
                replay.lines.push(line);
                if replay.lines.len() > CALLS {
                    self.is_too_much();
                }
            }
            _ => {}
        }
    }

    /// Notes down what the actor itself was answered.
    pub(crate) fn answered<T: Any + Send>(&mut self, key: Key, answer: T) {
        if let Some(Mirror::Watched(record)) = self.mirror.as_deref_mut() {
            record.answered(key, answer);
        }
    }

    /// What the actor's own turn was answered to the same call, for its shadow.
    pub(crate) fn partner<T: Any>(&mut self, key: &Key) -> Option<T> {
        self.replay()?.partner(key)
    }

    /// What the actor's own turn was told, for its shadow, which may want to know it more often.
    pub(crate) fn told<T: Any + Clone>(&mut self, key: &Key) -> Option<T> {
        self.replay()?.last(key)
    }

    /// A number that means nothing to anybody but the shadow.
    pub(crate) fn own_number(&mut self) -> u64 {
        self.replay().map_or(OWN, |replay| {
            replay.given += 1;
            OWN + replay.given
        })
    }

    /// The address of an actor that only the shadow has spawned.
    pub(crate) fn own_child(&mut self) -> Address {
        let address = Address { node: NOWHERE, key: self.own_number() };
        if let Some(replay) = self.replay() {
            replay.spawned.insert(address);
        }
        address
    }

    pub(crate) fn is_own_child(&mut self, address: Address) -> bool {
        self.replay().is_some_and(|replay| replay.spawned.contains(&address))
    }

    pub(super) fn replay(&mut self) -> Option<&mut Replay> {
        match self.mirror.as_deref_mut() {
            Some(Mirror::Shadow(replay)) => Some(replay),
            _ => None,
        }
    }
}
