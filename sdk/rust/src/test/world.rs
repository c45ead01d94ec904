//! All there is in the virtual host, and the loop that delivers.
//!
//! Neighbours on a message's path: `effect` puts it here when a turn ends well, `turn` hands it to the actor.

use super::host::Spawned;
use super::runner::Runner;
use crate::{Address, AskError, Envelope, Instant, Level, Message, ReadError, Reading, Reason, WriteError};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

#[derive(Default)]
pub(super) struct World {
    pub(super) now: Instant,
    /// The time of day at the origin, in nanoseconds, once the clock is set.
    pub(super) wall: Option<u64>,
    /// The last number given to an actor, a timer, a monitor or a question.
    last: u64,
    pub(super) actors: BTreeMap<Address, Resident>,
    pub(super) names: BTreeMap<String, Address>,
    pub(super) inputs: BTreeMap<String, Result<Reading, ReadError>>,
    pub(super) outputs: BTreeMap<String, Output>,
    pub(super) watches: Vec<(String, Address)>,
    pub(super) routes: Vec<(String, Vec<Address>)>,
    /// The topic registry. Without one, whoever subscribes is routed to.
    pub(super) registry: Option<Address>,
    pub(super) timers: Vec<Pending>,
    pub(super) asks: BTreeMap<u64, Ask>,
    /// Answers for those that wait outside any actor's mailbox: the test, and `ask_wait`.
    pub(super) answers: BTreeMap<u64, Result<Message, AskError>>,
    pub(super) signals: VecDeque<(Address, Signal)>,
    pub(super) mail: VecDeque<(Address, Envelope)>,
    /// `[behavior.NAME]`: what to make, with its configuration.
    pub(super) behaviors: BTreeMap<String, (Maker, serde_json::Value)>,
    pub(super) denied: BTreeSet<String>,
    pub(super) spawned: Vec<Spawned>,
    pub(super) published: Vec<(String, Message)>,
    pub(super) logs: Vec<(Address, Level, String)>,
    pub(super) dead: Vec<(Message, String)>,
}

/// One actor, living or ended.
#[derive(Default)]
pub(super) struct Resident {
    /// None while it is in a turn, and for a stranger.
    pub(super) runner: Option<Box<dyn Runner>>,
    pub(super) config: String,
    pub(super) stranger: bool,
    pub(super) ended: Option<Reason>,
    pub(super) traps_exits: bool,
    pub(super) links: BTreeSet<Address>,
    /// Who watches it, by the numbers of their monitors.
    pub(super) watchers: BTreeMap<u64, Address>,
    pub(super) deferred: VecDeque<Envelope>,
    /// What came while it waited in a turn.
    pub(super) held: VecDeque<Envelope>,
    /// What a stranger was sent.
    pub(super) inbox: Vec<Envelope>,
    /// How its state is saved after each good turn, where the test wants that, and what was saved last.
    pub(super) saver: Option<Saver>,
    pub(super) saved: Option<Vec<u8>>,
}

/// Makes the code of an actor, not yet started.
pub(super) type Maker = fn() -> Box<dyn Runner>;

/// Saves an actor of a type that has state.
pub(super) type Saver = fn(&mut dyn Runner) -> Result<Vec<u8>, String>;

pub(super) struct Output {
    pub(super) value: f64,
    pub(super) writer: Option<Address>,
    pub(super) fault: Option<WriteError>,
    pub(super) changes: Vec<(Instant, f64)>,
}

impl Output {
    pub(super) const SAFE: f64 = 0.0;

    pub(super) fn new() -> Self {
        Self { value: Self::SAFE, writer: None, fault: None, changes: Vec::new() }
    }

    pub(super) fn set(&mut self, at: Instant, value: f64) {
        if self.value.to_bits() != value.to_bits() {
            self.value = value;
            self.changes.push((at, value));
        }
    }
}

/// A timer that has not fired for the last time.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) id: u64,
    pub(super) owner: Address,
    pub(super) to: Address,
    pub(super) message: Message,
    pub(super) due: Instant,
    pub(super) every: Option<u64>,
}

/// A question without an answer yet.
pub(super) struct Ask {
    /// Who is told. None: it is kept in `answers`.
    pub(super) asker: Option<Address>,
    pub(super) to: Address,
    pub(super) due: Instant,
}

/// What does not wait behind messages.
pub(super) enum Signal {
    Start,
    Exited(Address, Reason),
    Down(u64, Address, Reason),
    Answered(u64, Result<Message, AskError>),
}

impl World {
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn address(&mut self) -> Address {
        Address { node: 1, key: self.number() }
    }

    pub(super) fn is_alive(&self, who: Address) -> bool {
        self.actors.get(&who).is_some_and(|actor| actor.ended.is_none())
    }

    pub(super) fn name_of(&self, who: Address) -> String {
        let name = self.names.iter().find(|(_, address)| **address == who);
        name.map_or_else(|| who.to_string(), |(name, _)| name.clone())
    }

    /// Delivers until nothing is left to deliver.
    pub(super) fn run(&mut self) {
        loop {
            if let Some((to, signal)) = self.signals.pop_front() {
                self.signal(to, signal);
            } else if let Some((to, envelope)) = self.mail.pop_front() {
                self.deliver(to, envelope);
            } else {
                break;
            }
        }
    }

    fn deliver(&mut self, to: Address, envelope: Envelope) {
        match self.actors.get_mut(&to) {
            Some(actor) if actor.ended.is_some() => self.dead_letter(envelope, "the actor has ended"),
            Some(actor) if actor.stranger => actor.inbox.push(envelope),
            Some(actor) if actor.runner.is_none() => actor.held.push_back(envelope),
            Some(_) => self.message(to, envelope),
            None => self.dead_letter(envelope, "there is no such actor"),
        }
    }

    pub(super) fn dead_letter(&mut self, envelope: Envelope, why: &str) {
        if let Some(request) = envelope.request {
            self.answer(request, Err(AskError::Refused(why.into())));
        }
        self.dead.push((envelope.message, why.into()));
    }

    /// The first answer counts.
    pub(super) fn answer(&mut self, request: u64, answer: Result<Message, AskError>) {
        let Some(ask) = self.asks.remove(&request) else { return };
        match ask.asker {
            Some(asker) => self.signals.push_back((asker, Signal::Answered(request, answer))),
            None => drop(self.answers.insert(request, answer)),
        }
    }

    pub(super) fn ask(&mut self, asker: Option<Address>, to: Address, timeout: u64, envelope: Envelope) {
        let Some(request) = envelope.request else { return };
        self.asks.insert(request, Ask { asker, to, due: self.now + crate::Duration::from_nanos(timeout) });
        self.mail.push_back((to, envelope));
    }

    pub(super) fn publish(&mut self, sender: Option<Address>, topic: &str, message: Message) {
        let mut receivers = Vec::new();
        for (pattern, addresses) in &self.routes {
            if matches(pattern, topic) {
                receivers.extend(
                    addresses.iter().filter(|address| !receivers.contains(*address)).copied().collect::<Vec<_>>(),
                );
            }
        }
        for to in receivers {
            let topic = Some(topic.to_string());
            self.mail.push_back((to, Envelope { sender, request: None, topic, message: message.clone() }));
        }
        self.published.push((topic.into(), message));
    }
}

/// Whether a topic is one of a pattern's, as the contract's `topics` has it.
pub(super) fn matches(pattern: &str, topic: &str) -> bool {
    let mut topic = topic.split('/');
    for segment in pattern.split('/') {
        match (segment, topic.next()) {
            ("**", _) => return true,
            (_, None) => return false,
            ("*", _) => {}
            (ours, Some(theirs)) if ours == theirs => {}
            _ => return false,
        }
    }
    topic.next().is_none()
}
