//! A component's instance, and how each of its exports is called.
//! On a message's path: the actor's body before it, the component behind it.

use crate::component::{Code, ComponentError};
use crate::contract::v0_1::bindings::greenroom::actor::types as wit;
use crate::contract::v0_1::calls::Calls;
use crate::contract::v0_1::convert;
use crate::contract::v0_1::exports::{Occasion, Started};
use crate::guest::{Guest, Seat, Verdict};
use crate::mailbox::Answer;
use crate::turn::Turn;
use greenroom_core::system::Monitor;
use greenroom_core::{Address, Envelope, Reason};
use std::future::Future;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use wasmtime::Store;

/// An instance with its store. One that has trapped is never entered again, unless it was made new.
pub(crate) struct Instance {
    pub(crate) store: Store<Seat>,
    calls: Calls,
    pub(crate) code: Arc<Code>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Instance of {}", self.code.digest)
    }
}

/// What an instance is to do in a turn.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    Init,
    Restore(Occasion, Saved),
    Handle(Box<Envelope>),
    Answered(Answer),
    Exited(Address, Reason),
    Down(Monitor, Address, Reason),
    Stopping(Reason),
}

/// A saved state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) version: u32,
    pub(crate) bytes: Vec<u8>,
}

/// What came of a turn that ended well.
#[derive(Debug)]
pub(crate) enum Outcome {
    Ready,
    Ignore,
    Next(Next),
    Done,
}

/// What handles the next message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    Same,
    Changed,
    Defer,
    Unhandled(String),
    Become(String),
    Stop,
}

impl Instance {
    /// Makes an instance for an actor, beside the one that it may have.
    pub(crate) fn new(code: &Arc<Code>, guest: Guest) -> Result<Box<Self>, ComponentError> {
        let (store, calls) = code.instance(guest)?;
        Ok(Box::new(Self { store, calls, code: code.clone() }))
    }

    /// Its actor has left it, whatever it has done: what it was is gone.
    pub(crate) fn leave(self) {
        let Self { store, calls, code } = self;
        code.take_back(store, calls);
    }

    /// Has the instance do something, in one turn. What it asked for is in its turn afterwards.
    pub(crate) async fn perform(&mut self, job: &Job) -> Result<Outcome, Reason> {
        self.begin(false);
        let result = self.enter(job).await;
        self.over(result)
    }

    /// As [`Instance::perform`], of one that does not run on a fiber, and so never waits.
    pub(crate) fn perform_at_once(&mut self, job: &Job) -> Result<Outcome, Reason> {
        poll_once(self.perform(job)).unwrap_or_else(|| Err(Reason::Failed("it waited without a fiber".into())))
    }

    /// Has the instance handle a message, in one turn, if it is one that is entered directly.
    pub(crate) fn handle(&mut self, envelope: &Envelope) -> Option<Result<Outcome, Reason>> {
        self.begin(false);
        let Calls::Direct(calls) = &self.calls else { return None };
        let result = calls.handle(&mut self.store, envelope);
        Some(self.plainly_over(result))
    }

    /// The same, of the answer to a question.
    pub(crate) fn answered(&mut self, answer: &Answer) -> Option<Result<Outcome, Reason>> {
        self.begin(false);
        let Calls::Direct(calls) = &self.calls else { return None };
        match calls.answered(&mut self.store, answer.0, answer.1.as_ref().map_err(convert::ask_error)) {
            Some(result) => Some(self.plainly_over(result)),
            None => Some(self.over(Ok(Ok(Outcome::Done)))),
        }
    }

    fn plainly_over(&self, result: wasmtime::Result<Result<wit::Next, String>>) -> Result<Outcome, Reason> {
        match (&result, self.store.data().verdict()) {
            (Ok(Ok(wit::Next::Same)), None) => Ok(Outcome::Next(Next::Same)),
            _ => self.over(result.map(turned)),
        }
    }

    fn over(&self, result: wasmtime::Result<Result<Outcome, Reason>>) -> Result<Outcome, Reason> {
        match (result, self.store.data().verdict()) {
            // Ended before the next tick would have ended it.
            (Ok(_), Some(verdict)) => Err(verdict.reason()),
            (Ok(result), None) => result,
            (Err(error), _) => Err(self.fault(&error)),
        }
    }

    fn begin(&mut self, silent: bool) {
        self.store.data_mut().begin(silent);
        self.store.set_epoch_deadline(1);
    }

    async fn enter(&mut self, job: &Job) -> wasmtime::Result<Result<Outcome, Reason>> {
        let (store, calls) = (&mut self.store, &self.calls);
        let next = match job {
            Job::Init => {
                let config = store.data().config.clone();
                return Ok(match calls.init(store, &config).await? {
                    Ok(Started::Ready) => Ok(Outcome::Ready),
                    Ok(Started::Ignore) => Ok(Outcome::Ignore),
                    Err(why) => Err(Reason::Failed(why)),
                });
            }
            Job::Restore(occasion, saved) => {
                let config = store.data().config.clone();
                let restored = calls.restore(store, *occasion, &config, saved.version, &saved.bytes).await?;
                return Ok(restored.map(|()| Outcome::Ready).map_err(Reason::Failed));
            }
            Job::Stopping(why) => {
                calls.stopping(store, why).await?;
                return Ok(Ok(Outcome::Done));
            }
            Job::Handle(envelope) => Some(calls.handle(store, envelope).await),
            Job::Answered(answer) => calls.answered(store, answer.0, &answer.1).await,
            Job::Exited(who, why) => calls.exited(store, *who, why).await,
            Job::Down(monitor, who, why) => calls.down(store, monitor.0, *who, why).await,
        };
        Ok(next.transpose()?.map_or(Ok(Outcome::Done), turned))
    }

    /// What the turn has asked for.
    pub(crate) fn turn(&mut self) -> &mut Turn {
        self.store.data_mut().turn()
    }

    /// The same, as somebody else's affair.
    pub(crate) fn take_turn(&mut self) -> Turn {
        self.store.data_mut().take_turn()
    }

    /// Whether it has state to hand over.
    pub(crate) fn has_state(&self) -> bool {
        self.calls.has_state()
    }

    /// The versions of state that it can take.
    pub(crate) fn accepts(&mut self) -> Result<Vec<u32>, Reason> {
        match self.has_state() {
            true => self.query(async |calls, store| calls.accepts(store).await),
            false => Ok(Vec::new()),
        }
    }

    /// Its state. None: it has none. A trap is an end of the actor as any other.
    pub(crate) fn save(&mut self) -> Result<Option<Result<Saved, String>>, Reason> {
        if !self.has_state() {
            return Ok(None);
        }
        let version = self.query(async |calls, store| calls.version(store).await)?;
        let saved = self.query(async |calls, store| calls.save(store).await)?;
        Ok(Some(saved.map(|bytes| Saved { version, bytes })))
    }

    /// Calls an export that only tells something, and may not act.
    fn query<T>(
        &mut self,
        call: impl AsyncFnOnce(&Calls, &mut Store<Seat>) -> wasmtime::Result<T>,
    ) -> Result<T, Reason> {
        self.begin(true);
        let told = poll_once(call(&self.calls, &mut self.store))
            .unwrap_or_else(|| Err(wasmtime::Error::msg("it asks where it may not wait")));
        told.map_err(|error| self.fault(&error))
    }

    /// From now on it is the actor: if it fails, the actor's outputs are made safe.
    pub(crate) fn go_live(&mut self) {
        self.store.data_mut().live = true;
    }

    /// What a failed call means. The actor's outputs are safe before it is put into words, which takes its time.
    fn fault(&self, error: &wasmtime::Error) -> Reason {
        let guest = self.store.data();
        let verdict = guest.verdict().map(Verdict::reason);
        if guest.live {
            let why = verdict.as_ref().map_or_else(|| "its code trapped".into(), Reason::to_string);
            guest.shared.devices.release(guest.cell.address, &why);
        }
        verdict.unwrap_or_else(|| Reason::Trapped(explain(error, guest.said())))
    }
}

/// What an export has said of the turn.
fn turned<T: Into<Next>>(said: Result<T, String>) -> Result<Outcome, Reason> {
    match said {
        Ok(next) => Ok(Outcome::Next(next.into())),
        Err(why) => Err(Reason::Failed(why)),
    }
}

/// A trap in words: what happened, and in which functions, innermost first. `said` is what the component logged as an
/// error in the same turn: a panic's message, usually.
fn explain(error: &wasmtime::Error, said: Option<&str>) -> String {
    // A panic's place and its message on one line: the first is what a list shows.
    let mut text = said.map_or_else(|| error.root_cause().to_string(), |said| said.replacen(":\n", ": ", 1));
    // A language that has told its frames knows them better than the machine code does.
    if text.contains(FRAME) {
        return text;
    }
    let Some(trace) = error.downcast_ref::<wasmtime::WasmBacktrace>() else { return text };
    let frames = trace.frames().iter().map(|frame| {
        let place = frame.symbols().iter().find_map(|symbol| Some((symbol.file()?, symbol.line()?)));
        let name = frame.func_name().map_or_else(|| format!("function {}", frame.func_index()), demangle);
        (name, place)
    });
    for (name, place) in frames.skip_while(|(name, _)| is_panic(name)).take(FRAMES) {
        text.push_str(FRAME);
        text.push_str(&name);
        if let Some((file, line)) = place {
            text.push_str(&format!(" ({file}:{line})"));
        }
    }
    text
}

/// How a frame of a trap begins.
const FRAME: &str = "\n  at ";

/// Frames of a trap that are shown.
const FRAMES: usize = 8;

/// Whether a function is a part of a language's panicking, which says nothing about the panic.
fn is_panic(name: &str) -> bool {
    let machinery = [
        "__rustc::",
        "std::panicking",
        "core::panicking",
        "std::sys::",
        "core::result::unwrap_failed",
        "core::option::unwrap_failed",
        "core::option::expect_failed",
        "gr_panic",
    ];
    machinery.iter().any(|prefix| name.starts_with(prefix))
}

/// A Rust function's name without its hash, as people know it.
fn demangle(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// Polls a future once: for what never waits.
pub(crate) fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}
