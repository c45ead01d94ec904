//! A turn is a transaction: what the component asks for is collected here, takes effect in [`Turn::commit`] when the turn
//! ends well, and is dropped otherwise.
//! On a message's path: the contract's imports before it; mailboxes, hub, devices and the control plane behind it.

use crate::ask::{Failure, Waiter};
use crate::cell::Cell;
use crate::mailbox::{Answer, Place};
use crate::orders::Draft;
use crate::report;
use crate::shared::{Shared, Tick};
use greenroom_core::system::Input;
use greenroom_core::{Address, Content, Envelope, Instant, Kind, Message, Pattern, Reason, Request, TimerId, Topic};
use greenroom_plane::{Item, Lost, NoPlace};
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What a turn has asked for, in order.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// What most turns ask for, if for anything: that one message is sent. It comes first.
    first: Option<(Place, Box<Envelope>)>,
    more: Vec<Effect>,
}

/// One thing that a turn has asked for.
#[derive(Debug)]
pub(crate) enum Effect {
    Send {
        place: Place,
        envelope: Box<Envelope>,
    },
    /// A message whose sender waits for the answer.
    Ask {
        place: Place,
        request: Request,
        envelope: Box<Envelope>,
        timeout: Duration,
    },
    /// An order to a supervisor; without a time, nobody waits for the answer.
    Order {
        supervisor: Address,
        request: Request,
        draft: Box<Draft>,
        timeout: Option<Duration>,
    },
    Reply(Answer),
    Publish {
        topic: Topic,
        message: Box<Message>,
    },
    Route {
        pattern: Pattern,
        receivers: Vec<Address>,
    },
    Write {
        device: String,
        value: f64,
        /// Whether this claimed the device: a turn that fails gives it back.
        first: bool,
    },
    Watch {
        device: String,
    },
    SetTimer(Box<Alarm>),
    CancelTimer(TimerId),
    /// A new actor, whose cell is there already so that it can be sent to in the same turn.
    Spawn(Box<Input>),
    Control(Box<Input>),
}

/// A timer that is to be set.
#[derive(Debug)]
pub(crate) struct Alarm {
    pub(crate) id: TimerId,
    pub(crate) delay: Duration,
    pub(crate) every: Option<Duration>,
    pub(crate) to: Address,
    pub(crate) message: Message,
}

thread_local! {
    /// A list that a turn before on this thread has left empty, for the next one that asks for several things.
    static SPARE: RefCell<Vec<Effect>> = const { RefCell::new(Vec::new()) };
}

/// Of a turn that asks for so many things, whom it sends to is woken when all of it is there.
const MANY: usize = 8;
/// A list with room for more than so many is not kept.
const KEPT: usize = 64;

impl Turn {
    /// Asks for a message to be sent.
    pub(crate) fn send(&mut self, place: Place, envelope: Box<Envelope>) {
        if self.first.is_none() && self.more.is_empty() {
            self.first = Some((place, envelope));
        } else {
            self.push(Effect::Send { place, envelope });
        }
    }

    /// Asks for something.
    pub(crate) fn push(&mut self, effect: Effect) {
        if self.more.capacity() == 0 {
            self.more = SPARE.with_borrow_mut(std::mem::take);
        }
        self.more.push(effect);
    }

    /// Things asked for so far.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.more.len()
    }

    /// Asks for nothing any more.
    pub(crate) fn clear(&mut self) {
        self.first = None;
        self.more.clear();
    }

    /// Places in an actor's mailbox that it holds.
    pub(crate) fn places_at(&self, cell: &Arc<Cell>) -> usize {
        let places = self.more.iter().filter_map(|effect| match effect {
            Effect::Send { place, .. } | Effect::Ask { place, .. } => Some(place),
            _ => None,
        });
        self.first.iter().map(|(place, _)| place).chain(places).filter(|place| place.is_at(cell)).count()
    }

    /// Makes everything happen.
    pub(crate) fn commit(&mut self, shared: &Arc<Shared>, cell: &Arc<Cell>) {
        if let Some((place, envelope)) = self.first.take() {
            shared.deliver(place, envelope);
        }
        if self.more.is_empty() {
            return;
        }
        let mut more = std::mem::take(&mut self.more);
        let held = (more.len() >= MANY).then(|| shared.scheduler.hold());
        for effect in more.drain(..) {
            effect.happen(shared, cell);
        }
        drop(held);
        if more.capacity() <= KEPT {
            SPARE.with_borrow_mut(|spare| *spare = more);
        }
    }

    /// Claims the outputs that it sets once more, after those of the code before it were released.
    pub(crate) fn claim_again(&self, shared: &Arc<Shared>, cell: &Arc<Cell>) {
        for effect in &self.more {
            if let Effect::Write { device, value, .. } = effect {
                let writer = crate::devices::Writer { address: cell.address, name: cell.name.clone() };
                // One that somebody else was quicker to claim fails as the turn is committed, and is told there.
                drop(shared.devices.claim(device, writer, *value));
            }
        }
    }

    /// Drops everything: the places in mailboxes are free again by themselves, actors that were to be spawned never were,
    /// and devices that it claimed are nobody's. An actor whose new build fails lives on, with what it held before.
    pub(crate) fn abort(&mut self, shared: &Arc<Shared>, cell: &Cell) {
        self.first = None;
        for effect in self.more.drain(..) {
            match effect {
                Effect::Spawn(input) => {
                    if let Input::Spawn { address, .. } = *input
                        && let Some(cell) = shared.cells.remove(address)
                    {
                        shared.drain(&cell, "it was never spawned: the turn that asked for it failed");
                    }
                }
                Effect::Write { device, first: true, .. } => shared.devices.disclaim(&device, cell.address),
                _ => {}
            }
        }
    }
}

impl Effect {
    /// Makes it happen.
    fn happen(self, shared: &Arc<Shared>, cell: &Arc<Cell>) {
        let sender = Some(cell.address);
        match self {
            Self::Send { place, envelope } => shared.deliver(place, envelope),
            Self::Ask { place, request, mut envelope, timeout } => {
                let waiter = Waiter::Actor { address: cell.address, generation: cell.generation() };
                let deadline = shared.now() + timeout;
                shared.asks().open(request, sender, place.actor().address, deadline, waiter);
                envelope.request = Some(request);
                shared.deliver(place, envelope);
                shared.due(deadline);
            }
            Self::Order { supervisor, request, draft, timeout } => {
                if let Some(timeout) = timeout {
                    let waiter = Waiter::Actor { address: cell.address, generation: cell.generation() };
                    let deadline = shared.now() + timeout;
                    shared.asks().open(request, sender, supervisor, deadline, waiter);
                    shared.due(deadline);
                }
                shared.order(supervisor, request, *draft);
            }
            Self::Reply(answer) => shared.hand_back(answer),
            Self::Publish { topic, message } => shared.publish(sender, &topic, &message),
            Self::Route { pattern, receivers } => {
                let mut routes = shared.routes.write().unwrap_or_else(std::sync::PoisonError::into_inner);
                routes.set(pattern, receivers);
            }
            Self::Write { device, value, .. } => shared.drive(cell, &device, value),
            Self::Watch { device } => shared.watch(cell, device),
            Self::SetTimer(alarm) => {
                let Alarm { id, delay, every, to, mut message } = *alarm;
                let owner = (cell.address, cell.generation());
                // By that the messages of this timer are known again.
                message.body = Content::shared(&message.body);
                let envelope = Envelope { sender, request: None, topic: None, message };
                let due = shared.now() + delay;
                shared.timers().set(id, owner, due, every, Tick { to, envelope });
                shared.due(due);
            }
            Self::CancelTimer(id) => shared.timers().cancel((cell.address, cell.generation()), id),
            Self::Spawn(input) | Self::Control(input) => {
                // Before the control plane hears of it, and may already tell.
                cell.watches.follow(&input);
                shared.control(*input);
            }
        }
    }
}

impl Shared {
    /// Puts a message into the mailbox where its place is. What got lost by it goes to the dead letters.
    pub(crate) fn deliver(self: &Arc<Self>, place: Place, envelope: Box<Envelope>) {
        let lost = |cell: &Cell, lost: Result<Lost<Box<Envelope>>, Lost<Box<Envelope>>>| {
            let (Ok(Lost { message, why }) | Err(Lost { message, why })) = lost;
            cell.stats.dropped.fetch_add(1, Ordering::Relaxed);
            self.lose(&cell.name, &message, &why.to_string());
        };
        place.fill(envelope, lost, |cell| {
            self.tally.message();
            cell.wake_by(&self.scheduler);
        });
    }

    /// A message from the host or a topic found no place.
    fn refuse(self: &Arc<Self>, cell: &Cell, envelope: &Envelope, why: NoPlace) {
        cell.stats.dropped.fetch_add(1, Ordering::Relaxed);
        let why = match why {
            NoPlace::Full => "the mailbox is full",
            NoPlace::Closed => "the actor has ended",
        };
        self.lose(&cell.name, envelope, why);
    }

    /// A message reached nobody: it is kept for people to look at, and who asked is told.
    pub(crate) fn lose(self: &Arc<Self>, to: &str, envelope: &Envelope, why: &str) {
        self.dead_letter(to, envelope, why);
        if let Some(request) = envelope.request {
            self.answer(request, Err(Failure::NoActor));
        }
    }

    /// Publishes: for the streams, and for each receiver that the registry has routed the topic to.
    pub(crate) fn publish(self: &Arc<Self>, sender: Option<Address>, topic: &Topic, message: &Message) {
        self.counts.published.fetch_add(1, Ordering::Relaxed);
        self.hub.publish(topic, &message.kind, message.body.clone());
        let receivers = self.routes.read().unwrap_or_else(std::sync::PoisonError::into_inner).receivers(topic);
        for receiver in receivers {
            let envelope = Envelope { sender, request: None, topic: Some(topic.clone()), message: message.clone() };
            match self.cells.get(receiver) {
                Some(cell) => match Place::reserve(cell.clone()) {
                    Ok(place) => self.deliver(place, Box::new(envelope)),
                    Err(why) => self.refuse(&cell, &envelope, why),
                },
                // The registry has not heard of its end yet.
                None => self.dead_letter(&receiver.to_string(), &envelope, "the actor has ended"),
            }
        }
    }

    /// Sets an output for an actor whose turn has ended well.
    fn drive(self: &Arc<Self>, cell: &Arc<Cell>, device: &str, value: f64) {
        let writer = crate::devices::Writer { address: cell.address, name: cell.name.clone() };
        // Written by the claim of the import: one that was killed since has lost it, and drives nothing any more.
        if let Err(error) = self.devices.write(device, &writer, value) {
            report::write_failed(self, cell, device, &error.to_string());
        }
    }

    fn watch(&self, cell: &Arc<Cell>, device: String) {
        let owner = (cell.address, cell.generation());
        let mut watchers = self.watchers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let watchers = watchers.entry(device).or_default();
        if !watchers.contains(&owner) {
            watchers.push(owner);
        }
    }

    /// Sends from the host itself, if there is room.
    pub(crate) fn send_from_host(self: &Arc<Self>, to: Address, kind: &Kind, body: Content) {
        let message = Message { kind: kind.clone(), body };
        let envelope = Envelope { sender: None, request: None, topic: None, message };
        self.send(to, envelope);
    }

    /// Sends an envelope that nobody waits to hear about, if there is room.
    pub(crate) fn send(self: &Arc<Self>, to: Address, envelope: Envelope) {
        match self.cells.get(to) {
            Some(cell) => match Place::reserve(cell.clone()) {
                Ok(place) => self.deliver(place, Box::new(envelope)),
                Err(why) => self.refuse(&cell, &envelope, why),
            },
            None => self.lose(&to.to_string(), &envelope, "the actor has ended"),
        }
    }

    /// Lets the timer that is due first fire. False: none is due.
    pub(crate) fn fire(self: &Arc<Self>, now: Instant) -> bool {
        // Held until the message is sent: after a turn that cancels a timer, or an end, nothing of it comes any more.
        let mut timers = self.timers();
        let Some((owner, tick)) = timers.pop(now) else { return false };
        // Between its end and the cancelling of its timers, an actor's timer may still be here.
        if self.cells.get(owner.0).is_some_and(|cell| cell.generation() == owner.1) {
            self.send(tick.to, tick.envelope);
        }
        drop(timers);
        true
    }

    /// There is no more of an actor: it has ended for good.
    pub(crate) fn forget(self: &Arc<Self>, address: Address, reason: &Reason) {
        if let Some(cell) = self.cells.remove(address) {
            self.shadows.forget(address);
            self.drain(&cell, &format!("the actor has ended: {reason}"));
        }
    }

    /// Empties the mailbox of an actor that is no more.
    pub(crate) fn drain(self: &Arc<Self>, cell: &Arc<Cell>, why: &str) {
        for item in cell.mailbox.close() {
            if let Item::Message(envelope) = item {
                self.lose(&cell.name, &envelope, why);
            }
        }
    }

    /// Something is due at this time: the driver is told if it would sleep longer.
    pub(crate) fn due(self: &Arc<Self>, due: Instant) {
        if due.as_nanos() < self.wakes_at.load(Ordering::SeqCst) {
            self.desk.ring();
        }
    }
}
