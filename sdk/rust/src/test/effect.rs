//! What a turn asks for, and how it takes effect when the turn ends well.

use super::host::Spawned;
use super::world::{Output, Pending, Resident, Signal, World};
use crate::context::Options;
use crate::{Address, AskError, Envelope, Message, Reason};

pub(super) enum Effect {
    Send { to: Address, message: Message },
    Ask { request: u64, to: Address, message: Message, timeout: u64 },
    Reply { request: u64, answer: Result<Message, String> },
    Spawn { address: Address, behavior: String, config: String, options: Options, monitor: Option<u64> },
    Link(Address),
    Unlink(Address),
    Monitor { monitor: u64, whom: Address },
    Demonitor(u64),
    TrapExits(bool),
    Exit { whom: Address, why: Reason },
    Register(String),
    Unregister(String),
    Timer(Pending),
    Cancel(u64),
    Publish { topic: String, message: Message },
    Subscribe(String),
    Unsubscribe(String),
    Route { pattern: String, receivers: Vec<Address> },
    Write { device: String, value: f64 },
    Watch(String),
}

impl World {
    /// What the turn of `me` asked for takes effect, in the order in which it was asked.
    pub(super) fn commit(&mut self, me: Address, effects: Vec<Effect>) {
        for effect in effects {
            self.apply(me, effect);
        }
    }

    fn apply(&mut self, me: Address, effect: Effect) {
        let from_me = |request, message| Envelope { sender: Some(me), request, topic: None, message };
        match effect {
            Effect::Send { to, message } => self.mail.push_back((to, from_me(None, message))),
            Effect::Ask { request, to, message, timeout } => {
                self.ask(Some(me), to, timeout, from_me(Some(request), message));
            }
            Effect::Reply { request, answer } => self.answer(request, answer.map_err(AskError::Refused)),
            Effect::Spawn { address, behavior, config, options, monitor } => {
                self.spawn(me, address, &behavior, &config, options, monitor);
            }
            Effect::Link(to) => self.link(me, to),
            Effect::Unlink(to) => self.unlink(me, to),
            Effect::Monitor { monitor, whom } => match self.actors.get_mut(&whom) {
                Some(actor) if actor.ended.is_none() => drop(actor.watchers.insert(monitor, me)),
                _ => self.signals.push_back((me, Signal::Down(monitor, whom, Reason::NoActor))),
            },
            Effect::Demonitor(monitor) => {
                for actor in self.actors.values_mut() {
                    actor.watchers.remove(&monitor);
                }
                // One that has fired in this very turn is taken back too.
                self.signals.retain(|(_, signal)| !matches!(signal, Signal::Down(id, ..) if *id == monitor));
            }
            Effect::TrapExits(on) => {
                if let Some(actor) = self.actors.get_mut(&me) {
                    actor.traps_exits = on;
                }
            }
            Effect::Exit { whom, why } => self.exit(me, whom, why),
            Effect::Register(name) => drop(self.names.insert(name, me)),
            Effect::Unregister(name) => {
                if self.names.get(&name) == Some(&me) {
                    self.names.remove(&name);
                }
            }
            Effect::Timer(timer) => self.timers.push(timer),
            Effect::Cancel(id) => self.timers.retain(|timer| timer.id != id || timer.owner != me),
            Effect::Publish { topic, message } => self.publish(Some(me), &topic, message),
            Effect::Subscribe(pattern) => self.subscription(me, "register", pattern),
            Effect::Unsubscribe(pattern) => self.subscription(me, "deregister", pattern),
            Effect::Route { pattern, receivers } => self.route(pattern, receivers),
            Effect::Write { device, value } => {
                let now = self.now;
                let output = self.outputs.entry(device).or_insert_with(Output::new);
                output.writer = Some(me);
                output.set(now, value);
            }
            Effect::Watch(device) => {
                if !self.watches.contains(&(device.clone(), me)) {
                    self.watches.push((device, me));
                }
            }
        }
    }

    fn spawn(
        &mut self,
        parent: Address,
        address: Address,
        behavior: &str,
        config: &str,
        options: Options,
        monitor: Option<u64>,
    ) {
        let given: serde_json::Value = serde_json::from_str(config).unwrap_or_default();
        let mut child = Resident::default();
        // What the test has not described is a stranger, which records what it is sent.
        let config = match self.behaviors.get(behavior) {
            Some((make, own)) => {
                child.runner = Some(make());
                merged(own.clone(), &given)
            }
            None => {
                child.stranger = true;
                given
            }
        };
        child.config = config.to_string();
        self.spawned.push(Spawned { behavior: behavior.into(), name: options.name.clone(), config, address });
        self.actors.insert(address, child);
        if let Some(name) = options.name {
            self.names.insert(name, address);
        }
        if options.link {
            self.link(parent, address);
        }
        if let (Some(monitor), Some(child)) = (monitor, self.actors.get_mut(&address)) {
            child.watchers.insert(monitor, parent);
        }
        self.signals.push_back((address, Signal::Start));
    }

    /// As the real host: a subscription is a message to the topic registry.
    fn subscription(&mut self, me: Address, kind: &str, pattern: String) {
        if let Some(registry) = self.registry {
            let body = serde_json::json!({ "pattern": pattern }).to_string();
            let message = Message::new(kind, body);
            let envelope = Envelope { sender: Some(me), request: None, topic: None, message };
            return self.mail.push_back((registry, envelope));
        }
        let mut receivers = self.routes.iter().find(|(p, _)| *p == pattern).map(|(_, r)| r.clone()).unwrap_or_default();
        receivers.retain(|receiver| *receiver != me);
        if kind == "register" {
            receivers.push(me);
        }
        self.route(pattern, receivers);
    }

    fn route(&mut self, pattern: String, receivers: Vec<Address>) {
        let at = self.routes.iter().position(|(p, _)| *p == pattern);
        match at {
            Some(at) if receivers.is_empty() => drop(self.routes.remove(at)),
            Some(at) => self.routes[at].1 = receivers,
            None if receivers.is_empty() => {}
            None => self.routes.push((pattern, receivers)),
        }
    }
}

/// The behaviour's own configuration, with what the spawner gave over it.
fn merged(mut own: serde_json::Value, given: &serde_json::Value) -> serde_json::Value {
    if let (Some(own), Some(given)) = (own.as_object_mut(), given.as_object()) {
        own.extend(given.clone());
    }
    own
}
