//! The programs that are measured: those of the Savina suite, and a few of the host's own. Their actors are in
//! `actors/bench`; the same programs in Erlang are in `host/xtask/peers/erlang`.

use super::Part;

/// A program.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) part: Part,
    /// The actor that is asked to start it, and its name.
    pub(super) name: &'static str,
    /// What it counts in.
    pub(super) per: Per,
    /// Messages for which there is one unit in a round: so that each takes about as long.
    share: u64,
}

/// What the cost is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Per {
    /// A message.
    Message,
    /// An actor that is spawned, handles a message, says so, and ends.
    Actor,
    /// A question and its answer.
    Question,
}

impl Per {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Actor => "actor",
            Self::Question => "question",
        }
    }
}

/// All of them.
pub(super) const ALL: [Pattern; 9] = [
    pattern(Part::PingPong, "ping-pong", Per::Message, 1),
    pattern(Part::Ring, "ring", Per::Message, 1),
    pattern(Part::Counting, "counting", Per::Message, 1),
    pattern(Part::ForkJoin, "fork-join", Per::Message, 1),
    pattern(Part::Creation, "creation", Per::Actor, 50),
    pattern(Part::Spawn, "spawn", Per::Actor, 100),
    pattern(Part::Big, "big", Per::Message, 2),
    pattern(Part::Chameneos, "chameneos", Per::Message, 4),
    pattern(Part::Asking, "asking", Per::Question, 4),
];

const fn pattern(part: Part, name: &'static str, per: Per, share: u64) -> Pattern {
    Pattern { part, name, per, share }
}

impl Pattern {
    /// Units of a round for which about so many messages are wanted.
    pub(super) fn units(&self, messages: u64) -> u64 {
        (messages / self.share).max(1)
    }

    /// What the cost of so many messages is divided by.
    pub(super) fn divisor(&self, messages: u64) -> f64 {
        match self.per {
            Per::Message => messages as f64,
            // There and back.
            Per::Actor | Per::Question => messages as f64 / 2.0,
        }
    }
}
