//! The hub: what is published, kept in one ring per topic under one counter for the whole host.
//! On a message's path: a turn's commit and the host's own events before it, the server's streams behind it. It owns
//! all that is kept; a reader is a [`Cursor`], a position in it, so that a slow one costs nothing and cannot hold up
//! anybody.

mod cursor;
mod limits;
mod listener;
mod ring;
#[cfg(test)]
mod tests;

pub use cursor::{Cursor, Item};

use crate::clock::Clock;
use greenroom_core::{Content, Kind, Pattern, Topic};
use greenroom_manifest::TopicHistory;
use limits::Limits;
use listener::{Listener, Lost};
use ring::Ring;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Messages that a topic keeps when the manifest does not say.
const KEEP: usize = 1024;

/// What the host's own topics keep; only a pattern that begins with `greenroom/` changes it.
const RESERVED: [(&str, usize); 3] = [("greenroom/events", 4096), ("greenroom/logs", 4096), ("greenroom/tree", 1)];

/// One published message.
#[derive(Debug)]
pub struct Entry {
    /// Its number, over all topics of this start of the host: the first is 1.
    pub seq: u64,
    /// Seconds since 1970.
    pub time: f64,
    /// Where it was published.
    pub topic: Topic,
    /// The message's kind.
    pub kind: Kind,
    /// The message's body, by convention JSON; empty means no fields.
    pub body: Content,
}

/// Where a cursor begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// With the next message.
    Now,
    /// With the oldest that is kept. What was dropped before is not announced: nobody was promised it.
    Earliest,
    /// After the message of this number. What was dropped since is announced. A number that was not given out yet is
    /// [`From::Lost`].
    After(u64),
    /// With the oldest that is kept, after a [`Item::Lag`] that says that its reader's place is lost: an id of another
    /// start of the host, or none at all.
    Lost,
}

/// What the hub holds and has dropped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages published.
    pub published: u64,
    /// Messages dropped from a ring, to make room for newer ones.
    pub dropped: u64,
    /// Topics forgotten, because there were too many.
    pub forgotten: u64,
    /// Messages held.
    pub held: usize,
    /// What they take, in bytes, bookkeeping included.
    pub bytes: usize,
    /// Topics held.
    pub topics: usize,
    /// Cursors open.
    pub cursors: usize,
}

/// What is published, by topic. Any number of threads publish; any number of cursors read.
#[derive(Debug)]
pub struct Hub {
    epoch: String,
    histories: Vec<TopicHistory>,
    clock: Clock,
    limits: Limits,
    state: Mutex<State>,
}

/// Everything that moves, under one lock: a number is given out and its message stored in one step, so that no reader
/// ever sees a number before all the smaller ones.
#[derive(Debug, Default)]
struct State {
    last: u64,
    rings: HashMap<Topic, Ring>,
    /// All that the rings hold, by number: what cursors walk along.
    order: BTreeMap<u64, Arc<Entry>>,
    listeners: Vec<Arc<Listener>>,
    bytes: usize,
    dropped: u64,
    forgotten: u64,
    /// The highest number that was in a forgotten ring. Nobody remembers whose it was, so whoever resumes from before
    /// it is told of a gap.
    forgotten_to: u64,
    /// The last number that cursors still deliver, once the hub is closed.
    closed_at: Option<u64>,
}

impl Hub {
    /// An empty hub.
    ///
    /// `epoch` names this start of the host. Of `histories` the first that matches a topic says how many messages it
    /// keeps; the default is 1024. For the host's own topics only patterns that begin with `greenroom/` count.
    pub fn new(epoch: String, histories: Vec<TopicHistory>, clock: Clock) -> Self {
        Self::with_limits(epoch, histories, clock, Limits::default())
    }

    fn with_limits(epoch: String, histories: Vec<TopicHistory>, clock: Clock, limits: Limits) -> Self {
        Self { epoch, histories, clock, limits, state: Mutex::default() }
    }

    /// The name of this start of the host: the first part of every event id.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Stores a message and gives its number. From any thread; never waits for a reader.
    pub fn publish(&self, topic: &Topic, kind: &Kind, body: Content) -> u64 {
        let mut state = self.lock();
        let seq = state.last + 1;
        state.last = seq;
        let time = self.clock.wall().as_secs_f64();
        let entry = Arc::new(Entry { seq, time, topic: topic.clone(), kind: kind.clone(), body });
        if !state.rings.contains_key(topic) {
            state.make_room_for_topic(&self.limits);
            let listeners = state.listeners.iter().filter(|listener| listener.hears(topic)).cloned().collect();
            state.rings.insert(topic.clone(), Ring::new(self.keep(topic), listeners));
        }
        let listeners = state.store(entry);
        state.make_room_for_bytes(&self.limits);
        drop(state);
        // Woken outside the lock: they take it first of all.
        for listener in listeners.iter() {
            listener.wake();
        }
        seq
    }

    /// The last message of a topic; none if it has none, or none that is still held.
    pub fn latest(&self, topic: &Topic) -> Option<Arc<Entry>> {
        self.lock().rings.get(topic).and_then(Ring::latest).cloned()
    }

    /// The last messages of a topic that are wanted, the oldest first: at most `most`, of the last `among`.
    pub(crate) fn last(
        &self,
        topic: &Topic,
        among: usize,
        most: usize,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Vec<Arc<Entry>> {
        let state = self.lock();
        let newest = state.rings.get(topic).into_iter().flat_map(|ring| ring.newest(among));
        let mut last: Vec<_> = newest.filter(|entry| wanted(entry)).take(most).cloned().collect();
        drop(state);
        last.reverse();
        last
    }

    /// Every topic that holds a message, with its last one, in alphabetical order.
    pub fn topics(&self) -> Vec<(Topic, Arc<Entry>)> {
        let mut topics = self.lock().latest(|_| true);
        topics.sort_by(|a, b| a.0.cmp(&b.0));
        topics
    }

    /// A reader of the topics that match any of the patterns.
    pub fn open(self: &Arc<Self>, patterns: Vec<Pattern>, from: From) -> Cursor {
        let mut state = self.lock();
        self.attach(&mut state, patterns, from)
    }

    /// The last message of each topic that matches, in alphabetical order of topics, and a reader of what comes right
    /// after: both as of one moment, so that nothing is in neither or in both.
    pub fn join(self: &Arc<Self>, patterns: Vec<Pattern>) -> (Vec<Arc<Entry>>, Cursor) {
        let mut state = self.lock();
        let mut latest = state.latest(|topic| patterns.iter().any(|pattern| pattern.matches(topic)));
        let cursor = self.attach(&mut state, patterns, From::Now);
        drop(state);
        latest.sort_by(|a, b| a.0.cmp(&b.0));
        (latest.into_iter().map(|(_, entry)| entry).collect(), cursor)
    }

    /// How many cursors hear a topic: what is only worth publishing when somebody does asks here first.
    pub fn listeners(&self, topic: &Topic) -> usize {
        self.lock().listeners.iter().filter(|listener| listener.hears(topic)).count()
    }

    /// What is held and was dropped.
    pub fn counts(&self) -> Counts {
        let state = self.lock();
        Counts {
            published: state.last,
            dropped: state.dropped,
            forgotten: state.forgotten,
            held: state.order.len(),
            bytes: state.bytes,
            topics: state.rings.len(),
            cursors: state.listeners.len(),
        }
    }

    /// Ends every cursor: each delivers what was published until now, then [`Item::Bye`]. What is published later is
    /// kept, but reaches no cursor.
    pub fn close(&self) {
        let mut state = self.lock();
        let last = state.last;
        state.closed_at.get_or_insert(last);
        let listeners = state.listeners.clone();
        drop(state);
        for listener in listeners {
            listener.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, topic: &Topic) -> usize {
        let reserved = topic.as_str().starts_with("greenroom/");
        let chosen = self.histories.iter().find(|history| {
            history.pattern.matches(topic) && (!reserved || history.pattern.as_str().starts_with("greenroom/"))
        });
        let own = RESERVED.iter().find(|(name, _)| *name == topic.as_str());
        chosen.map(|history| history.keep).or(own.map(|(_, keep)| *keep)).unwrap_or(KEEP).max(1)
    }

    fn attach(self: &Arc<Self>, state: &mut State, patterns: Vec<Pattern>, from: From) -> Cursor {
        let from = match from {
            From::After(seq) if seq > state.last => From::Lost,
            other => other,
        };
        let hears = |topic: &Topic| patterns.iter().any(|pattern| pattern.matches(topic));
        let gone = || {
            let rings = state.rings.iter().filter(|(topic, _)| hears(topic));
            rings.map(|(_, ring)| ring.dropped_to()).max().unwrap_or(0).max(state.forgotten_to)
        };
        let (position, seen, lost) = match from {
            From::Now => (state.last, Some(state.last), None),
            From::Earliest => (0, None, None),
            From::After(seq) => (seq, Some(seq), Some(gone()).filter(|to| *to > seq)),
            From::Lost => (0, None, Some(gone())),
        };
        let listener = Arc::new(Listener::new(patterns, position, lost.map(Lost::uncounted)));
        for (_, ring) in state.rings.iter_mut().filter(|(topic, _)| listener.hears(topic)) {
            ring.attach(&listener);
        }
        state.listeners.push(listener.clone());
        Cursor::new(self.clone(), listener, seen)
    }
}

impl State {
    fn latest(&self, of: impl Fn(&Topic) -> bool) -> Vec<(Topic, Arc<Entry>)> {
        let rings = self.rings.iter().filter(|(topic, _)| of(topic));
        rings.filter_map(|(topic, ring)| Some((topic.clone(), ring.latest()?.clone()))).collect()
    }

    fn detach(&mut self, listener: &Arc<Listener>) {
        self.listeners.retain(|other| !Arc::ptr_eq(other, listener));
        for (_, ring) in self.rings.iter_mut().filter(|(topic, _)| listener.hears(topic)) {
            ring.detach(listener);
        }
    }

    /// Puts a message into its topic's ring, drops what that pushes out, and says who is to be woken.
    fn store(&mut self, entry: Arc<Entry>) -> Arc<[Arc<Listener>]> {
        let Some(ring) = self.rings.get_mut(&entry.topic) else { return Arc::default() };
        self.order.insert(entry.seq, entry.clone());
        self.bytes += ring::size(&entry);
        ring.push(entry);
        while ring.is_over() {
            let Some(old) = ring.drop_oldest() else { break };
            self.order.remove(&old.seq);
            self.bytes -= ring::size(&old);
            self.dropped += 1;
        }
        ring.listeners()
    }
}
