//! The promise against a model: whatever is published, read, cut off and resumed, what a cursor gives strictly
//! increases, and nothing is missing from it that it has not said is missing.

use super::{Seen, history, hub, patterns, publish, read, topic};
use crate::hub::{Cursor, From, limits::Limits};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeSet;

const TOPICS: [&str; 4] = ["a/one", "a/two", "b", "greenroom/events"];
const PATTERNS: [&[&str]; 5] = [&["**"], &["a/*"], &["a/two", "b"], &["a/one"], &["c"]];
const KEEPS: [usize; 4] = [3, 1, 5, 2];

#[derive(Debug, Clone)]
enum Step {
    Publish {
        topic: usize,
        bytes: usize,
    },
    Open {
        patterns: usize,
        from: Start,
    },
    Read {
        reader: usize,
        items: usize,
    },
    /// Disconnects, and comes back with the last id that it saw.
    Resume {
        reader: usize,
    },
    Leave {
        reader: usize,
    },
}

#[derive(Debug, Clone, Copy)]
enum Start {
    Now,
    Earliest,
    After(u64),
    Lost,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let start =
        prop_oneof![Just(Start::Now), Just(Start::Earliest), (0..60u64).prop_map(Start::After), Just(Start::Lost)];
    let step = prop_oneof![
        6 => (0..TOPICS.len(), 0..400usize).prop_map(|(topic, bytes)| Step::Publish { topic, bytes }),
        1 => (0..PATTERNS.len(), start).prop_map(|(patterns, from)| Step::Open { patterns, from }),
        3 => (0..4usize, 1..4usize).prop_map(|(reader, items)| Step::Read { reader, items }),
        1 => (0..4usize).prop_map(|reader| Step::Resume { reader }),
        1 => (0..4usize).prop_map(|reader| Step::Leave { reader }),
    ];
    vec(step, 1..160)
}

/// The whole truth, kept the slow way: every message ever published, and whether it is still held.
#[derive(Default)]
struct Log {
    published: Vec<usize>,
}

impl Log {
    fn last(&self) -> u64 {
        self.published.len() as u64
    }

    fn of(&self, patterns: usize) -> BTreeSet<u64> {
        let patterns = super::patterns(PATTERNS[patterns]);
        let hears = |at: &usize| patterns.iter().any(|pattern| pattern.matches(&topic(TOPICS[*at])));
        (1..).zip(&self.published).filter(|(_, at)| hears(at)).map(|(seq, _)| seq).collect()
    }

    fn held(&self) -> BTreeSet<u64> {
        let held = |at: usize| {
            let of: Vec<u64> = (1..).zip(&self.published).filter(|(_, a)| **a == at).map(|(seq, _)| seq).collect();
            of[of.len().saturating_sub(KEEPS[at])..].to_vec()
        };
        (0..TOPICS.len()).flat_map(held).collect()
    }
}

/// What a cursor has to give, by the log alone.
struct Expect {
    patterns: usize,
    position: u64,
    seen: Option<u64>,
    /// Missing at the start, so nobody counted them.
    gone: BTreeSet<u64>,
    /// The start itself is a gap.
    lost: bool,
    told: BTreeSet<u64>,
}

impl Expect {
    fn open(log: &Log, patterns: usize, from: Start) -> Self {
        let last = log.last();
        let gone: BTreeSet<u64> = log.of(patterns).difference(&log.held()).copied().collect();
        let told = if matches!(from, Start::Earliest) { gone.clone() } else { BTreeSet::new() };
        let (position, seen, lost) = match from {
            Start::Now => (last, Some(last), false),
            Start::Earliest => (0, None, false),
            Start::After(seq) if seq <= last => (seq, Some(seq), false),
            Start::After(_) | Start::Lost => (0, None, true),
        };
        Self { patterns, position, seen, gone, lost, told }
    }

    fn next(&mut self, log: &Log) -> Option<Seen> {
        let (mine, held) = (log.of(self.patterns), log.held());
        let ahead = |seq: &&u64| **seq > self.position;
        let missing: Vec<u64> = mine.iter().filter(ahead).filter(|s| !held.contains(s)).copied().collect();
        let missing: Vec<u64> = missing.into_iter().filter(|seq| !self.told.contains(seq)).collect();
        if self.lost || !missing.is_empty() {
            let counted = !self.lost && missing.iter().all(|seq| !self.gone.contains(seq));
            let lag =
                Seen::Lag(self.seen, missing.last().copied().unwrap_or(0), counted.then_some(missing.len() as u64));
            self.told.extend(missing);
            self.lost = false;
            return Some(lag);
        }
        let next = *mine.iter().filter(ahead).find(|seq| held.contains(seq))?;
        (self.position, self.seen) = (next, Some(next));
        Some(Seen::Message(next))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// With room for all that the rings keep: every item is the one that the log demands, to the digit.
    #[test]
    fn a_cursor_gives_what_is_kept_and_says_what_is_not(steps in steps()) {
        let histories = TOPICS.iter().zip(KEEPS).map(|(topic, keep)| history(topic, keep)).collect();
        let hub = hub(histories, Limits::default());
        let mut log = Log::default();
        let mut readers: Vec<(Cursor, Expect)> = Vec::new();
        for step in steps {
            match step {
                Step::Publish { topic, bytes } => {
                    log.published.push(topic);
                    prop_assert_eq!(publish(&hub, TOPICS[topic], bytes), log.last());
                }
                Step::Open { patterns: at, from } => {
                    let cursor = hub.open(patterns(PATTERNS[at]), match from {
                        Start::Now => From::Now,
                        Start::Earliest => From::Earliest,
                        Start::After(seq) => From::After(seq),
                        Start::Lost => From::Lost,
                    });
                    readers.push((cursor, Expect::open(&log, at, from)));
                }
                Step::Read { reader, items } => {
                    let count = readers.len().max(1);
                    let Some((cursor, expect)) = readers.get_mut(reader % count) else { continue };
                    for _ in 0..items {
                        prop_assert_eq!(read(cursor), expect.next(&log));
                    }
                }
                Step::Resume { reader } => {
                    let count = readers.len().max(1);
                    let Some((cursor, expect)) = readers.get_mut(reader % count) else { continue };
                    let Some(seen) = cursor.seen() else { continue };
                    prop_assert_eq!(Some(seen), expect.seen);
                    *cursor = hub.open(patterns(PATTERNS[expect.patterns]), From::After(seen));
                    *expect = Expect::open(&log, expect.patterns, Start::After(seen));
                }
                Step::Leave { .. } if readers.is_empty() => {}
                Step::Leave { reader } => drop(readers.remove(reader % readers.len())),
            }
            let held = log.held().len();
            let counts = hub.counts();
            prop_assert_eq!((counts.held, counts.cursors), (held, readers.len()));
            prop_assert_eq!(counts.dropped as usize, log.published.len() - held);
        }
        for (cursor, expect) in &mut readers {
            while let Some(item) = expect.next(&log) {
                prop_assert_eq!(read(cursor), Some(item));
            }
            prop_assert_eq!(read(cursor), None);
        }
    }

    /// With far too little room, what goes is the hub's choice. What it may not do is keep quiet.
    #[test]
    fn a_flood_leaves_no_silent_gap(steps in steps(), bytes in 600..4000usize, topics in 1..5usize) {
        let limits = Limits { bytes, topics };
        let hub = hub(vec![history("**", 4)], limits);
        let mut log = Log::default();
        let mut readers: Vec<(Cursor, Witness)> = Vec::new();
        for step in steps {
            match step {
                Step::Publish { topic, bytes } => {
                    log.published.push(topic);
                    publish(&hub, TOPICS[topic], bytes);
                }
                Step::Open { patterns: at, from: Start::After(seq) } => {
                    let from = seq.min(log.last());
                    readers.push((hub.open(patterns(PATTERNS[at]), From::After(from)), Witness::new(at, from)));
                }
                Step::Open { patterns: at, .. } => {
                    readers.push((hub.open(patterns(PATTERNS[at]), From::Now), Witness::new(at, log.last())));
                }
                Step::Read { reader, items } => {
                    let count = readers.len().max(1);
                    let Some((cursor, witness)) = readers.get_mut(reader % count) else { continue };
                    for _ in 0..items {
                        witness.hear(&log, read(cursor))?;
                    }
                }
                Step::Resume { reader } => {
                    let count = readers.len().max(1);
                    let Some((cursor, witness)) = readers.get_mut(reader % count) else { continue };
                    *cursor = hub.open(patterns(PATTERNS[witness.patterns]), From::After(witness.last));
                }
                Step::Leave { .. } if readers.is_empty() => {}
                Step::Leave { reader } => drop(readers.remove(reader % readers.len())),
            }
            let counts = hub.counts();
            prop_assert!(counts.bytes <= limits.bytes, "{counts:?}");
            // The host's own topic is never forgotten, so with room for one only there may be two.
            prop_assert!(counts.topics <= limits.topics.max(2), "{counts:?}");
        }
        for (cursor, witness) in &mut readers {
            while let Some(item) = read(cursor) {
                witness.hear(&log, Some(item))?;
            }
            witness.hear(&log, None)?;
        }
    }
}

/// A client that holds the hub to its word, and knows nothing of what it keeps.
struct Witness {
    patterns: usize,
    last: u64,
    /// Everything up to here was announced as perhaps missing.
    excused: u64,
}

impl Witness {
    fn new(patterns: usize, last: u64) -> Self {
        Self { patterns, last, excused: 0 }
    }

    fn missing(&self, log: &Log, before: u64) -> Vec<u64> {
        log.of(self.patterns).into_iter().filter(|seq| *seq > self.last && *seq < before).collect()
    }

    fn hear(&mut self, log: &Log, item: Option<Seen>) -> Result<(), TestCaseError> {
        match item {
            Some(Seen::Message(seq)) => {
                prop_assert!(seq > self.last && log.of(self.patterns).contains(&seq));
                let silent: Vec<u64> = self.missing(log, seq).into_iter().filter(|seq| *seq > self.excused).collect();
                prop_assert!(silent.is_empty(), "{silent:?} are missing before {seq}, and nobody said so");
                self.last = seq;
            }
            Some(Seen::Lag(from, to, dropped)) => {
                prop_assert_eq!(from, Some(self.last));
                prop_assert!(to > self.last && to <= log.last());
                // More than were ever published in between cannot be missing.
                prop_assert!(dropped.unwrap_or(1) as usize <= self.missing(log, to + 1).len().max(1));
                self.excused = self.excused.max(to);
            }
            Some(Seen::Bye) => prop_assert!(false, "nobody closed the hub"),
            None => {
                let silent = self.missing(log, u64::MAX).into_iter().filter(|seq| *seq > self.excused);
                prop_assert_eq!(silent.collect::<Vec<_>>(), Vec::<u64>::new());
            }
        }
        Ok(())
    }
}
