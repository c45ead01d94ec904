//! A module's exported functions: arguments are put into its memory and flattened, and what it gives is taken out again.

use super::entries::{self, Call, Entries, StateEntries};
use super::heap::{Heap, Lowering};
use super::tray::Tray;
use crate::contract::v0_1::bindings::greenroom::actor::types::{AskError, Next, Reason as Told};
use crate::contract::v0_1::convert;
use crate::contract::v0_1::exports::{Occasion, Started};
use crate::guest::Seat;
use greenroom_core::{Address, Envelope, Message, Reason, Request};
use std::sync::Arc;
use wasmtime::{AsContextMut, Instance, Memory, Result, Store, bail};

/// The functions of a module that was taken out of its wrapping.
pub(crate) struct Calls {
    entries: Arc<Entries>,
    instance: Instance,
    memory: Memory,
    init: Call<(u32, u32)>,
    handle: Call<Flat>,
    tray: Option<Tray>,
    state: State,
    signals: Signals,
    answered: Call<Answer>,
}

/// An envelope: the sender, the question and the topic, each with whether there is one, the kind, the body.
type Flat = (u32, u64, u64, u32, u64, u32, u32, u32, u32, u32, u32, u32);

/// A question, whether its answer failed, and the answer: a kind and a body, or an error's case and what that holds.
type Answer = (u64, u32, u32, u32, u32, u32);

#[derive(Default)]
struct State {
    version: Call<()>,
    accepts: Call<()>,
    save: Call<()>,
    restore: Call<(u32, u32, u32, u32, u32, u32)>,
}

#[derive(Default)]
struct Signals {
    exited: Call<(u64, u64, u32, u32, u32)>,
    down: Call<(u64, u64, u64, u32, u32, u32)>,
    stopping: Call<(u32, u32, u32), ()>,
}

type Turned = Result<Result<Next, String>>;

impl Calls {
    /// Has the module begin. Its memory is known to the store from now on.
    pub(crate) fn new(store: &mut Store<Seat>, entries: &Arc<Entries>, instance: Instance) -> Result<Self> {
        let heap = Heap::of(store, entries, &instance)?;
        store.data_mut().heap = Some(heap);
        let memory = store.data().memory()?;
        initialize(store, entries, &instance)?;
        let tray = Tray::of(store, entries, &instance)?;
        Ok(Self {
            entries: entries.clone(),
            instance,
            memory,
            init: Call::default(),
            handle: Call::default(),
            tray,
            state: State::default(),
            signals: Signals::default(),
            answered: Call::default(),
        })
    }

    /// Has an instance that was made new begin.
    pub(crate) fn begin(&self, store: &mut Store<Seat>) -> Result<()> {
        initialize(store, &self.entries, &self.instance)
    }

    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    pub(crate) fn has_state(&self) -> bool {
        self.entries.state.is_some()
    }

    pub(crate) fn init(&self, store: &mut Store<Seat>, config: &str) -> Result<Result<Started, String>> {
        let config = self.put(store, config)?;
        self.init.of(store, &self.instance, self.entries.init)?.go(store, self.memory, config)
    }

    pub(crate) fn handle(&self, store: &mut Store<Seat>, envelope: &Envelope) -> Turned {
        if let Some(tray) = self.tray.as_ref().filter(|tray| tray.holds(envelope)) {
            return tray.handle(store, self.memory, envelope);
        }
        let topic = envelope.topic.as_ref().map(|topic| self.put(store, topic.as_str())).transpose()?;
        let (kind, kind_length) = self.put(store, envelope.message.kind.as_str())?;
        let (body, body_length) = self.put(store, &*envelope.message.body)?;
        let sender = envelope.sender.unwrap_or(Address { node: 0, key: 0 });
        let request = envelope.request.unwrap_or(Request(0));
        let (topic_at, topic_length) = topic.unwrap_or_default();
        let (has_sender, has_request) = (envelope.sender.is_some().into(), envelope.request.is_some().into());
        let flat = (
            has_sender,
            sender.node,
            sender.key,
            has_request,
            request.0,
            topic.is_some().into(),
            topic_at,
            topic_length,
            kind,
            kind_length,
            body,
            body_length,
        );
        self.handle.of(store, &self.instance, self.entries.handle)?.go(store, self.memory, flat)
    }

    pub(crate) fn answered(
        &self,
        store: &mut Store<Seat>,
        request: Request,
        answer: Result<&Message, AskError>,
    ) -> Option<Turned> {
        let entry = self.entries.answered?;
        if let (Ok(message), Some(tray)) = (&answer, &self.tray)
            && tray.holds_answer(message)
        {
            return Some(tray.answered(store, self.memory, request, message));
        }
        Some(self.answer(store, answer).and_then(|(case, a, b, c, d)| {
            let answered = self.answered.of(store, &self.instance, entry)?;
            answered.go(store, self.memory, (request.0, case, a, b, c, d))
        }))
    }

    /// An answer, flattened: a message, or why there is none, which is a case with a number, a text, or a reason.
    fn answer(&self, store: &mut Store<Seat>, answer: Result<&Message, AskError>) -> Result<(u32, u32, u32, u32, u32)> {
        let error = match answer {
            Ok(message) => {
                let (kind, kind_length) = self.put(store, message.kind.as_str())?;
                let (body, body_length) = self.put(store, &*message.body)?;
                return Ok((0, kind, kind_length, body, body_length));
            }
            Err(error) => error,
        };
        let mut text = |case, text: &str| self.put(store, text).map(|(at, length)| (1, case, at, length, 0));
        match error {
            AskError::NoActor => Ok((1, 0, 0, 0, 0)),
            AskError::MailboxFull => Ok((1, 1, 0, 0, 0)),
            AskError::TooLarge(limit) => Ok((1, 2, limit, 0, 0)),
            AskError::Invalid(why) => text(3, &why),
            AskError::NotGranted(why) => text(4, &why),
            AskError::TimedOut => Ok((1, 5, 0, 0, 0)),
            AskError::Restarting => Ok((1, 6, 0, 0, 0)),
            AskError::WouldDeadlock(why) => text(7, &why),
            AskError::Refused(why) => text(8, &why),
            AskError::Ended(why) => self.reason(store, &why).map(|(case, at, length)| (1, 9, case, at, length)),
            AskError::Unreachable => Ok((1, 10, 0, 0, 0)),
            AskError::Other(why) => text(11, &why),
        }
    }

    pub(crate) fn exited(&self, store: &mut Store<Seat>, who: Address, why: &Reason) -> Option<Turned> {
        let entry = self.entries.signals.as_ref()?.exited;
        Some(self.reason(store, &convert::reason(why)).and_then(|(case, at, length)| {
            let exited = self.signals.exited.of(store, &self.instance, entry)?;
            exited.go(store, self.memory, (who.node, who.key, case, at, length))
        }))
    }

    pub(crate) fn down(&self, store: &mut Store<Seat>, monitor: u64, who: Address, why: &Reason) -> Option<Turned> {
        let entry = self.entries.signals.as_ref()?.down;
        Some(self.reason(store, &convert::reason(why)).and_then(|(case, at, length)| {
            let down = self.signals.down.of(store, &self.instance, entry)?;
            down.go(store, self.memory, (monitor, who.node, who.key, case, at, length))
        }))
    }

    pub(crate) fn stopping(&self, store: &mut Store<Seat>, why: &Reason) -> Result<()> {
        let Some(signals) = &self.entries.signals else { return Ok(()) };
        let why = self.reason(store, &convert::reason(why))?;
        let stopping = self.signals.stopping.of(store, &self.instance, signals.stopping)?;
        stopping.enter(store, why)?;
        stopping.over(store, ())
    }

    pub(crate) fn version(&self, store: &mut Store<Seat>) -> Result<u32> {
        let version = self.state.version.of(store, &self.instance, self.state()?.version)?;
        let number = version.enter(store, ())?;
        version.over(store, number)?;
        Ok(number)
    }

    pub(crate) fn accepts(&self, store: &mut Store<Seat>) -> Result<Vec<u32>> {
        let accepts = self.state.accepts.of(store, &self.instance, self.state()?.accepts)?;
        accepts.go(store, self.memory, ())
    }

    pub(crate) fn save(&self, store: &mut Store<Seat>) -> Result<Result<Vec<u8>, String>> {
        self.state.save.of(store, &self.instance, self.state()?.save)?.go(store, self.memory, ())
    }

    pub(crate) fn restore(
        &self,
        store: &mut Store<Seat>,
        occasion: Occasion,
        config: &str,
        version: u32,
        bytes: &[u8],
    ) -> Result<Result<(), String>> {
        let (config, config_length) = self.put(store, config)?;
        let (bytes, bytes_length) = self.put(store, bytes)?;
        let flat = (occasion as u32, config, config_length, version, bytes, bytes_length);
        self.state.restore.of(store, &self.instance, self.state()?.restore)?.go(store, self.memory, flat)
    }

    fn state(&self) -> Result<&StateEntries> {
        match &self.entries.state {
            Some(state) => Ok(state),
            None => bail!("it has no state"),
        }
    }

    fn put(&self, store: &mut Store<Seat>, bytes: impl AsRef<[u8]>) -> Result<(u32, u32)> {
        Lowering::new(store.as_context_mut(), self.memory).bytes(bytes.as_ref())
    }

    /// A reason, flattened: its case and its text.
    fn reason(&self, store: &mut Store<Seat>, reason: &Told) -> Result<(u32, u32, u32)> {
        let mut text = |case, text: &str| self.put(store, text).map(|(at, length)| (case, at, length));
        match reason {
            Told::Normal => Ok((0, 0, 0)),
            Told::Shutdown => Ok((1, 0, 0)),
            Told::Killed => Ok((2, 0, 0)),
            Told::Failed(why) => text(3, why),
            Told::Trapped(why) => text(4, why),
            Told::OutOfTime => Ok((5, 0, 0)),
            Told::OutOfMemory => Ok((6, 0, 0)),
            Told::NoActor => Ok((7, 0, 0)),
            Told::Unreachable => Ok((8, 0, 0)),
            Told::Other(why) => text(9, why),
        }
    }
}

/// Calls what runs before anything else, in a module that has it.
fn initialize(store: &mut Store<Seat>, entries: &Entries, instance: &Instance) -> Result<()> {
    match &entries.initialize {
        Some(initialize) => {
            entries::function(store, instance, initialize)?.typed::<(), ()>(&*store)?.call(&mut *store, ())
        }
        None => Ok(()),
    }
}
