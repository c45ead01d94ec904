//! The virtual host, as a test describes and observes it.

use super::runner::fresh;
use super::world::{Output, Resident, Signal, World};
use crate::{Actor, Address, AskError, Duration, Envelope, Instant, Level, Message, ReadError, Reading, Reason, Units};
use crate::{Sendable, WriteError, codec};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A virtual host: actors, devices, names, topics, and a clock that only [`Host::advance`] moves.
///
/// What a test does here happens at once and completely: each method delivers until nothing is left to deliver.
#[derive(Default)]
pub struct Host {
    pub(super) world: World,
}

/// An actor that another one spawned.
#[derive(Debug, Clone, PartialEq)]
pub struct Spawned {
    /// The behaviour's name in the manifest.
    pub behavior: String,
    /// The name that it was registered under.
    pub name: Option<String>,
    /// Its configuration: what the spawner gave, over the behaviour's own.
    pub config: serde_json::Value,
    /// Its address.
    pub address: Address,
}

/// How long the test waits for an answer, in virtual time.
const PATIENCE: u64 = 5;

#[track_caller]
pub(super) fn written<M: Sendable + ?Sized>(message: &M) -> Message {
    match message.message() {
        Ok(message) => message,
        Err(error) => panic!("the message has no form in JSON: {error}"),
    }
}

#[track_caller]
fn json<C: Serialize + ?Sized>(config: &C) -> serde_json::Value {
    match serde_json::to_value(config) {
        // `()` is no configuration at all.
        Ok(serde_json::Value::Null) => serde_json::json!({}),
        Ok(value) => value,
        Err(error) => panic!("the configuration has no form in JSON: {error}"),
    }
}

impl Host {
    /// One with nothing in it. Its clock stands at the origin, and it is 2026-01-01 00:00 UTC.
    pub fn new() -> Self {
        let mut host = Self::default();
        host.world.wall = Some(1_767_225_600_000_000_000);
        host
    }

    /// Starts an actor under a name.
    ///
    /// # Errors
    /// It ended in its first turn: why. [`Reason::Normal`] when it is to be ignored.
    pub fn start<A: Actor>(&mut self, name: &str, config: &(impl Serialize + ?Sized)) -> Result<Address, Reason> {
        let address = self.world.address();
        let config = json(config).to_string();
        let resident = Resident { runner: Some(fresh::<A>()), config, ..Resident::default() };
        self.world.actors.insert(address, resident);
        self.world.names.insert(name.into(), address);
        self.world.signals.push_back((address, Signal::Start));
        self.world.run();
        self.ended(address).map_or(Ok(address), Err)
    }

    /// Changes an actor's configuration, as a manifest that was edited: what counts from its next start on.
    #[track_caller]
    pub fn set_config(&mut self, whom: Address, config: &(impl Serialize + ?Sized)) {
        if let Some(actor) = self.world.actors.get_mut(&whom) {
            actor.config = json(config).to_string();
        }
    }

    /// A behaviour of the manifest, which actors can then spawn or become. One that was not described here is spawned as
    /// a stranger.
    pub fn behavior<A: Actor>(&mut self, name: &str, config: &(impl Serialize + ?Sized)) -> &mut Self {
        self.world.behaviors.insert(name.into(), (fresh::<A>, json(config)));
        self
    }

    /// An actor that does nothing but record what it is sent, registered under a name.
    pub fn stranger(&mut self, name: &str) -> Address {
        let address = self.world.address();
        self.world.actors.insert(address, Resident { stranger: true, ..Resident::default() });
        self.world.names.insert(name.into(), address);
        address
    }

    /// What a stranger was sent since the last call, oldest first.
    pub fn received(&mut self, stranger: Address) -> Vec<Envelope> {
        self.world.actors.get_mut(&stranger).map(|actor| std::mem::take(&mut actor.inbox)).unwrap_or_default()
    }

    /// Answers a question that a stranger received.
    #[track_caller]
    pub fn answer<M: Sendable + ?Sized>(&mut self, question: &Envelope, answer: Result<&M, AskError>) {
        let Some(request) = question.request else { panic!("nobody asked: {question:?}") };
        self.world.answer(request, answer.map(written));
        self.world.run();
    }

    /// Sends a message from outside.
    #[track_caller]
    pub fn tell(&mut self, to: Address, message: &(impl Sendable + ?Sized)) {
        self.send(None, to, message);
    }

    /// Sends a message from an actor.
    #[track_caller]
    pub fn tell_from(&mut self, sender: Address, to: Address, message: &(impl Sendable + ?Sized)) {
        self.send(Some(sender), to, message);
    }

    #[track_caller]
    fn send(&mut self, sender: Option<Address>, to: Address, message: &(impl Sendable + ?Sized)) {
        self.assert_alive(to);
        let message = written(message);
        self.world.mail.push_back((to, Envelope { sender, request: None, topic: None, message }));
        self.world.run();
    }

    /// Asks from outside, and lets time pass until the answer is there: at most 5 s. `T` is what the answer is read as:
    /// [`Message`] for one as it is.
    ///
    /// # Errors
    /// [`AskError`]; [`AskError::Other`] when the answer does not fit `T`.
    #[track_caller]
    pub fn ask<T: DeserializeOwned>(&mut self, to: Address, message: &(impl Sendable + ?Sized)) -> Result<T, AskError> {
        self.assert_alive(to);
        let request = self.world.number();
        let envelope = Envelope { sender: None, request: Some(request), topic: None, message: written(message) };
        self.world.ask(None, to, PATIENCE.s().as_nanos(), envelope);
        let answer = self.world.wait(request)?;
        codec::read(&answer).map_err(|misfit| AskError::Other(format!("the answer does not fit: {misfit}")))
    }

    /// Publishes a message, as another actor would.
    #[track_caller]
    pub fn publish(&mut self, topic: &str, message: &(impl Sendable + ?Sized)) {
        self.world.publish(None, topic, written(message));
        self.world.run();
    }

    /// What has been published on a topic, oldest first.
    pub fn published(&self, topic: &str) -> Vec<Message> {
        let on_topic = self.world.published.iter().filter(|(published, _)| published == topic);
        on_topic.map(|(_, message)| message.clone()).collect()
    }

    /// Makes an actor the topic registry: subscriptions go to it. Without one, whoever subscribes is routed to.
    pub fn set_registry(&mut self, registry: Address) {
        self.world.registry = Some(registry);
    }

    /// Who receives what, by pattern.
    pub fn routes(&self) -> &[(String, Vec<Address>)] {
        &self.world.routes
    }

    /// Lets time pass, with everything that is due on the way.
    pub fn advance(&mut self, by: impl Into<Duration>) {
        self.world.advance(self.world.now + by.into());
    }

    /// The time on the monotonic clock.
    pub fn now(&self) -> Instant {
        self.world.now
    }

    /// Forgets the time of day, as a machine whose clock has not been set.
    pub fn lose_wall_clock(&mut self) {
        self.world.wall = None;
    }

    /// A sensor has a value, from now on.
    pub fn set_input(&mut self, device: &str, value: f64) {
        self.input(device, Ok(Reading { at: self.world.now, value }));
    }

    /// A sensor fails, from now on.
    pub fn lose_input(&mut self, device: &str, why: &str) {
        self.input(device, Err(ReadError::Failed(why.into())));
    }

    /// A sensor's last value is too old, from now on.
    pub fn stale_input(&mut self, device: &str, age: Duration) {
        self.input(device, Err(ReadError::Stale(age.as_nanos())));
    }

    fn input(&mut self, device: &str, reading: Result<Reading, ReadError>) {
        let at = self.world.now;
        let body = match &reading {
            Ok(reading) => serde_json::json!({ "device": device, "at": at, "value": reading.value }),
            Err(why) => serde_json::json!({ "device": device, "at": at, "missing": why.to_string() }),
        };
        self.world.inputs.insert(device.into(), reading);
        let watchers: Vec<Address> = self.world.watches.iter().filter(|(d, _)| d == device).map(|(_, a)| *a).collect();
        for to in watchers {
            let message = Message::new("reading", body.to_string());
            self.world.mail.push_back((to, Envelope { sender: None, request: None, topic: None, message }));
        }
        self.world.run();
    }

    /// There is an output of this name, off. One that an actor writes is there without this.
    pub fn add_output(&mut self, device: &str) {
        self.world.outputs.entry(device.into()).or_insert_with(Output::new);
    }

    /// An output can't be written from now on, and why; or it can be again.
    pub fn fail_output(&mut self, device: &str, fault: Option<WriteError>) {
        self.world.outputs.entry(device.into()).or_insert_with(Output::new).fault = fault;
    }

    /// What an output is at; 0 when nobody has written it.
    pub fn output(&self, device: &str) -> f64 {
        self.world.outputs.get(device).map_or(Output::SAFE, |output| output.value)
    }

    /// When an output changed, and to what.
    pub fn changes(&self, device: &str) -> &[(Instant, f64)] {
        self.world.outputs.get(device).map_or(&[], |output| &output.changes)
    }

    /// Denies a grant from now on, as the manifest writes it: `write:heater`. Everything else is granted.
    pub fn deny(&mut self, grant: &str) {
        self.world.denied.insert(grant.into());
    }

    /// Every line that an actor has logged, oldest first.
    pub fn logs(&self) -> impl Iterator<Item = (Address, Level, &str)> {
        self.world.logs.iter().map(|(who, level, text)| (*who, *level, text.as_str()))
    }

    /// Whether a line with this text in it has been logged.
    pub fn logged(&self, text: &str) -> bool {
        self.logs().any(|(_, _, line)| line.contains(text))
    }

    /// Messages that reached nobody or were not understood, with the reason, oldest first.
    pub fn dead_letters(&self) -> impl Iterator<Item = (&Message, &str)> {
        self.world.dead.iter().map(|(message, why)| (message, why.as_str()))
    }

    /// Every actor that has been spawned by another one, oldest first.
    pub fn spawned(&self) -> &[Spawned] {
        &self.world.spawned
    }

    /// Who has a name.
    pub fn lookup(&self, name: &str) -> Option<Address> {
        self.world.names.get(name).copied()
    }

    /// Why an actor has ended, if it has.
    pub fn ended(&self, who: Address) -> Option<Reason> {
        self.world.actors.get(&who).and_then(|actor| actor.ended.clone())
    }

    /// Ends an actor from outside, without asking it: a kill, a trap, whatever the reason says.
    pub fn end(&mut self, who: Address, why: Reason) {
        self.world.end(who, why);
        self.world.run();
    }

    /// Has an actor end in order, as its supervisor would: it gets its last turn.
    pub fn stop(&mut self, who: Address) {
        let last = self.world.between(who, |runner| {
            runner.stopping(Reason::Shutdown);
            Ok(())
        });
        self.end(who, last.map_or_else(Reason::Trapped, |()| Reason::Shutdown));
    }

    #[track_caller]
    pub(super) fn assert_alive(&self, who: Address) {
        if let Some(why) = self.ended(who) {
            panic!("the actor has ended: {why}");
        }
    }
}
