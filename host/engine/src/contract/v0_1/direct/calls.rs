//! A module's exported functions: arguments are put into its memory and flattened, and what it gives is taken out again.

use super::heap::{Handed, Heap, Lowering};
use super::layout::Load;
use super::tray::Tray;
use crate::component::split::{INITIALIZE, POST};
use crate::contract::v0_1::bindings::greenroom::actor::types::{AskError, Next, Reason as Told};
use crate::contract::v0_1::convert;
use crate::contract::v0_1::exports::{BEHAVIOR, Occasion, REPLIES, SIGNALS, STATE, Started};
use crate::guest::Guest;
use greenroom_core::{Address, Envelope, Message, Reason, Request};
use wasmtime::{AsContext, AsContextMut, Instance, Memory, Result, Store, TypedFunc, WasmParams, WasmResults, bail};

/// The functions of a module that was taken out of its wrapping.
pub(crate) struct Calls {
    memory: Memory,
    init: Call<(u32, u32)>,
    handle: Call<Flat>,
    tray: Option<Tray>,
    state: Option<State>,
    signals: Option<Signals>,
    answered: Option<Call<Answer>>,
}

/// An envelope: the sender, the question and the topic, each with whether there is one, the kind, the body.
type Flat = (u32, u64, u64, u32, u64, u32, u32, u32, u32, u32, u32, u32);

/// A question, whether its answer failed, and the answer: a kind and a body, or an error's case and what that holds.
type Answer = (u64, u32, u32, u32, u32, u32);

struct State {
    version: Call<()>,
    accepts: Call<()>,
    save: Call<()>,
    restore: Call<(u32, u32, u32, u32, u32, u32)>,
}

struct Signals {
    exited: Call<(u64, u64, u32, u32, u32)>,
    down: Call<(u64, u64, u64, u32, u32, u32)>,
    stopping: Call<(u32, u32, u32), ()>,
}

/// A function, and what it wants to be called afterwards, to free what it gave.
struct Call<P, R = u32> {
    function: TypedFunc<P, R>,
    post: Option<TypedFunc<R, ()>>,
}

type Turned = Result<Result<Next, String>>;

impl Calls {
    /// Finds the functions, and has the module begin. Its memory is known to the store from now on.
    pub(crate) fn new(store: &mut Store<Guest>, instance: &Instance) -> Result<Self> {
        let heap = Heap::of(&mut *store, instance)?;
        store.data_mut().heap = Some(heap);
        let memory = store.data().memory()?;
        if let Some(initialize) = instance.get_func(&mut *store, INITIALIZE) {
            initialize.typed::<(), ()>(&store)?.call(&mut *store, ())?;
        }
        let tray = Tray::of(store, instance)?;
        let mut exports = Exports { store, instance };
        Ok(Self {
            memory,
            init: exports.function(BEHAVIOR, "init")?,
            handle: exports.function(BEHAVIOR, "handle")?,
            tray,
            state: match exports.has(STATE, "save") {
                true => Some(State {
                    version: exports.function(STATE, "version")?,
                    accepts: exports.function(STATE, "accepts")?,
                    save: exports.function(STATE, "save")?,
                    restore: exports.function(STATE, "restore")?,
                }),
                false => None,
            },
            signals: match exports.has(SIGNALS, "exited") {
                true => Some(Signals {
                    exited: exports.function(SIGNALS, "exited")?,
                    down: exports.function(SIGNALS, "down")?,
                    stopping: exports.function(SIGNALS, "stopping")?,
                }),
                false => None,
            },
            answered: match exports.has(REPLIES, "answered") {
                true => Some(exports.function(REPLIES, "answered")?),
                false => None,
            },
        })
    }

    pub(crate) fn has_state(&self) -> bool {
        self.state.is_some()
    }

    pub(crate) fn init(&self, store: &mut Store<Guest>, config: &str) -> Result<Result<Started, String>> {
        let config = self.put(store, config)?;
        self.init.go(store, self.memory, config)
    }

    pub(crate) fn handle(&self, store: &mut Store<Guest>, envelope: &Envelope) -> Turned {
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
        self.handle.go(store, self.memory, flat)
    }

    pub(crate) fn answered(
        &self,
        store: &mut Store<Guest>,
        request: Request,
        answer: Result<&Message, AskError>,
    ) -> Option<Turned> {
        let answered = self.answered.as_ref()?;
        Some(
            self.answer(store, answer)
                .and_then(|(case, a, b, c, d)| answered.go(store, self.memory, (request.0, case, a, b, c, d))),
        )
    }

    /// An answer, flattened: a message, or why there is none, which is a case with a number, a text, or a reason.
    fn answer(
        &self,
        store: &mut Store<Guest>,
        answer: Result<&Message, AskError>,
    ) -> Result<(u32, u32, u32, u32, u32)> {
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

    pub(crate) fn exited(&self, store: &mut Store<Guest>, who: Address, why: &Reason) -> Option<Turned> {
        let signals = self.signals.as_ref()?;
        Some(self.reason(store, &convert::reason(why)).and_then(|(case, at, length)| {
            signals.exited.go(store, self.memory, (who.node, who.key, case, at, length))
        }))
    }

    pub(crate) fn down(&self, store: &mut Store<Guest>, monitor: u64, who: Address, why: &Reason) -> Option<Turned> {
        let signals = self.signals.as_ref()?;
        Some(self.reason(store, &convert::reason(why)).and_then(|(case, at, length)| {
            signals.down.go(store, self.memory, (monitor, who.node, who.key, case, at, length))
        }))
    }

    pub(crate) fn stopping(&self, store: &mut Store<Guest>, why: &Reason) -> Result<()> {
        let Some(signals) = &self.signals else { return Ok(()) };
        let why = self.reason(store, &convert::reason(why))?;
        signals.stopping.enter(store, why)?;
        signals.stopping.over(store, ())
    }

    pub(crate) fn version(&self, store: &mut Store<Guest>) -> Result<u32> {
        let version = &self.state()?.version;
        let number = version.enter(store, ())?;
        version.over(store, number)?;
        Ok(number)
    }

    pub(crate) fn accepts(&self, store: &mut Store<Guest>) -> Result<Vec<u32>> {
        self.state()?.accepts.go(store, self.memory, ())
    }

    pub(crate) fn save(&self, store: &mut Store<Guest>) -> Result<Result<Vec<u8>, String>> {
        self.state()?.save.go(store, self.memory, ())
    }

    pub(crate) fn restore(
        &self,
        store: &mut Store<Guest>,
        occasion: Occasion,
        config: &str,
        version: u32,
        bytes: &[u8],
    ) -> Result<Result<(), String>> {
        let (config, config_length) = self.put(store, config)?;
        let (bytes, bytes_length) = self.put(store, bytes)?;
        let flat = (occasion as u32, config, config_length, version, bytes, bytes_length);
        self.state()?.restore.go(store, self.memory, flat)
    }

    fn state(&self) -> Result<&State> {
        match &self.state {
            Some(state) => Ok(state),
            None => bail!("it has no state"),
        }
    }

    fn put(&self, store: &mut Store<Guest>, bytes: impl AsRef<[u8]>) -> Result<(u32, u32)> {
        Lowering::new(store.as_context_mut(), self.memory).bytes(bytes.as_ref())
    }

    /// A reason, flattened: its case and its text.
    fn reason(&self, store: &mut Store<Guest>, reason: &Told) -> Result<(u32, u32, u32)> {
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

impl<P: WasmParams, R: WasmResults + WasmParams + Copy> Call<P, R> {
    fn enter(&self, store: &mut Store<Guest>, params: P) -> Result<R> {
        self.function.call(store, params)
    }

    /// The function's result has been taken.
    fn over(&self, store: &mut Store<Guest>, result: R) -> Result<()> {
        let Some(post) = &self.post else { return Ok(()) };
        store.data_mut().closed = true;
        post.call(&mut *store, result)?;
        store.data_mut().closed = false;
        Ok(())
    }
}

impl<P: WasmParams> Call<P> {
    /// Calls it, and takes what it gives out of its memory.
    fn go<T: Load>(&self, store: &mut Store<Guest>, memory: Memory, params: P) -> Result<T> {
        let at = self.enter(store, params)?;
        let handed = Handed(memory.data(&*store));
        let result = T::load(&handed, handed.result::<T>(at)?)?;
        self.over(store, at)?;
        Ok(result)
    }
}

struct Exports<'a> {
    store: &'a mut Store<Guest>,
    instance: &'a Instance,
}

impl Exports<'_> {
    fn has(&mut self, interface: &str, name: &str) -> bool {
        self.instance.get_func(&mut *self.store, &format!("{interface}#{name}")).is_some()
    }

    fn function<P: WasmParams, R: WasmResults + WasmParams>(
        &mut self,
        interface: &str,
        name: &str,
    ) -> Result<Call<P, R>> {
        let name = format!("{interface}#{name}");
        let function = self.instance.get_typed_func(&mut *self.store, &name)?;
        let post = match self.instance.get_func(&mut *self.store, &format!("{POST}{name}")) {
            Some(post) => Some(post.typed(self.store.as_context())?),
            None => None,
        };
        Ok(Call { function, post })
    }
}
