//! What the outside may ask of a running host. Neighbours on a message's path: the server and the command line before
//! it, the mailbox behind it.

use crate::amend::Amended;
use crate::ask::{Failure, Waiter};
use crate::cell::Cell;
use crate::hub::Hub;
use crate::mailbox::Place;
use crate::orders::Draft;
use crate::shared::Shared;
use crate::swap;
use crate::versions::{self, Versions};
use crate::view::{Counters, DeadLetters, DeviceView, HostView, Node, Tree};
use greenroom_core::system::{Input, ProcessView};
use greenroom_core::{Address, Envelope, Message, Name, Reason};
use greenroom_manifest::Plan;
use greenroom_plane::NoPlace;
use greenroom_store::Store;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// A running host. Cheap to clone.
#[derive(Clone)]
pub struct Handle {
    pub(crate) shared: Arc<Shared>,
}

/// Why somebody outside was not served. Each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No actor has this name or address.
    #[error("there is no actor `{0}`; GET /api/tree or `greenroom tree` lists those there are")]
    NoActor(String),
    /// It is a supervisor, which has no code.
    #[error("`{0}` is a supervisor: name one of its actors")]
    Supervisor(String),
    /// No supervisor restarts it: an actor spawned it.
    #[error("`{0}` was spawned by an actor and has no supervisor that restarts it")]
    NotSupervised(String),
    /// Its mailbox is full.
    #[error("the mailbox of `{0}` is full ({1} messages): try again later")]
    MailboxFull(String, usize),
    /// The body is too long.
    #[error("the message has {0} bytes, and `{1}` takes at most {2}")]
    TooLarge(usize, String, u32),
    /// No answer came in time.
    #[error("`{0}` did not answer within {1:?}")]
    TimedOut(String, Duration),
    /// It is being restarted.
    #[error("`{0}` is being restarted: try again")]
    Restarting(String),
    /// It refused, and says why.
    #[error("{0}")]
    Refused(String),
    /// It ended before it answered.
    #[error("`{0}` ended before it answered: {1}")]
    Ended(String, Reason),
    /// A new build was not taken; the old one runs on.
    #[error("the new build was not taken, the old one runs on: {stage}: {why}")]
    NotSwapped {
        /// Where it failed: `read`, `compile`, `world`, `grants`, `state`, `start`, or `busy`: an actor did not end its
        /// turn.
        stage: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
    /// The host keeps no versions; this says what to do.
    #[error("{0}")]
    NoVersions(String),
    /// New code was not put beside an actor; the actor goes on without it.
    #[error("there is no shadow of the new code: {stage}: {why}")]
    NotShadowed {
        /// Where it failed: `time`, or as in [`CallError::NotSwapped`].
        stage: &'static str,
        /// What is wrong, and what to do.
        why: String,
    },
    /// It has no shadow, and nothing is known of one before.
    #[error("`{0}` has no shadow: POST /api/actors/{0}/shadow or `greenroom reload {0} --shadow 60s` starts one")]
    NoShadow(String),
    /// The manifest was not taken in; everything is as it was.
    #[error("the manifest was not taken in: {0}")]
    NotApplied(String),
    /// The host is shutting down.
    #[error("the host is shutting down")]
    ShuttingDown,
}

/// What a reload did.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Reloaded {
    /// The digest before.
    pub from: String,
    /// The digest now; the same if there was nothing new.
    pub to: String,
    /// What became of the state: `kept`, `fresh`, or `unchanged` if there was nothing new.
    pub state: &'static str,
    /// How long it took, in milliseconds.
    pub milliseconds: f64,
}

impl From<swap::Failed> for CallError {
    fn from(failed: swap::Failed) -> Self {
        Self::NotSwapped { stage: failed.stage, why: failed.why }
    }
}

impl Reloaded {
    pub(crate) fn unchanged(digest: String) -> Self {
        Self { from: digest.clone(), to: digest, state: "unchanged", milliseconds: 0.0 }
    }
}

impl Handle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// The plan that the host runs.
    pub fn plan(&self) -> &Plan {
        &self.shared.plan
    }

    /// What is published: the streams' source.
    pub fn hub(&self) -> &Arc<Hub> {
        &self.shared.hub
    }

    /// The tree as it is now.
    pub fn tree(&self) -> Tree {
        Tree { host: self.host(), root: self.node(&self.processes()), devices: self.devices() }
    }

    /// The host itself.
    pub fn host(&self) -> HostView {
        let shared = &self.shared;
        HostView {
            name: shared.plan.host.name.clone(),
            version: env!("CARGO_PKG_VERSION"),
            profile: shared.profile.clone(),
            epoch: shared.hub.epoch().to_owned(),
            uptime_seconds: shared.now().as_nanos() as f64 / 1e9,
        }
    }

    /// The actors that the host was started with, without what is beneath them, by their names. That costs the same however
    /// many others there are.
    pub fn named(&self) -> Vec<Node> {
        let addresses =
            self.shared.plan.actors.iter().filter_map(|actor| self.shared.lookup(actor.behavior.name.as_str()));
        let processes: Vec<_> = {
            let system = self.shared.system.lock().unwrap_or_else(PoisonError::into_inner);
            addresses.filter_map(|address| system.show(address)).collect()
        };
        let mut named: Vec<_> = processes.iter().map(|process| self.node(process)).collect();
        named.sort_by(|one, other| one.name.cmp(&other.name));
        named
    }

    /// The devices, in the manifest's order.
    pub fn devices(&self) -> Vec<DeviceView> {
        self.shared.devices.views()
    }

    /// One actor or supervisor, by name or address.
    pub fn show(&self, whom: &str) -> Result<Node, CallError> {
        let address = self.find(whom)?;
        let tree = self.processes();
        let mut walk = vec![&tree];
        while let Some(process) = walk.pop() {
            if process.address == address {
                return Ok(self.node(process));
            }
            walk.extend(&process.children);
        }
        Err(CallError::NoActor(whom.to_owned()))
    }

    /// Sends a message: it is in the mailbox when this returns. To a supervisor it is an order.
    pub fn tell(&self, whom: &str, message: Message) -> Result<(), CallError> {
        self.goes_on()?;
        if let Some((supervisor, name)) = self.supervisor(whom) {
            let draft = self.draft(&name, &message)?;
            self.shared.order(supervisor, self.shared.asks().reserve(), draft);
            return Ok(());
        }
        let place = self.place(whom, &message)?;
        self.shared.deliver(place, Box::new(Envelope { sender: None, request: None, topic: None, message }));
        Ok(())
    }

    /// Asks, and waits for the answer. To a supervisor it is an order: `start-child`, `terminate-child`, `restart-child`,
    /// `delete-child`, `which-children` and `count-children`.
    pub async fn ask(&self, whom: &str, message: Message, timeout: Duration) -> Result<Message, CallError> {
        let shared = &self.shared;
        self.goes_on()?;
        let (open, answer) = match self.supervisor(whom) {
            Some((supervisor, name)) => {
                let draft = self.draft(&name, &message)?;
                let (open, answer) = self.open(supervisor, timeout);
                shared.order(supervisor, open.request, draft);
                (open, answer)
            }
            None => {
                let place = self.place(whom, &message)?;
                if place.actor().is_restarting() {
                    return Err(CallError::Restarting(whom.to_owned()));
                }
                let (open, answer) = self.open(place.actor().address, timeout);
                let request = Some(open.request);
                shared.deliver(place, Box::new(Envelope { sender: None, request, topic: None, message }));
                (open, answer)
            }
        };
        // Over since: then nobody may have seen the question.
        self.goes_on()?;
        let answer = answer.await;
        drop(open);
        match answer {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(Failure::NoActor)) => Err(CallError::NoActor(whom.to_owned())),
            Ok(Err(Failure::TimedOut)) => Err(CallError::TimedOut(whom.to_owned(), timeout)),
            Ok(Err(Failure::Refused(why))) => Err(CallError::Refused(why)),
            Ok(Err(Failure::Ended(reason))) => Err(CallError::Ended(whom.to_owned(), reason)),
            Err(_) => Err(CallError::ShuttingDown),
        }
    }

    /// Whether there is a tree that could do anything.
    fn goes_on(&self) -> Result<(), CallError> {
        if self.shared.over.load(Ordering::SeqCst) { Err(CallError::ShuttingDown) } else { Ok(()) }
    }

    /// Opens a question from outside.
    fn open(&self, target: Address, timeout: Duration) -> (Open, oneshot::Receiver<Result<Message, Failure>>) {
        let shared = &self.shared;
        let (sender, answer) = oneshot::channel();
        let deadline = shared.now() + timeout;
        let request = {
            let mut asks = shared.asks();
            let request = asks.reserve();
            asks.open(request, None, target, deadline, Waiter::Here(sender));
            request
        };
        shared.due(deadline);
        (Open { shared: shared.clone(), request }, answer)
    }

    fn supervisor(&self, whom: &str) -> Option<(Address, Name)> {
        let address = self.find(whom).ok()?;
        self.shared.supervisor(address).map(|name| (address, name))
    }

    fn draft(&self, supervisor: &Name, message: &Message) -> Result<Draft, CallError> {
        self.shared.draft(supervisor, message, |_| Ok(())).map_err(|error| CallError::Refused(error.to_string()))
    }

    /// Ends an actor or supervisor as `shutdown` and starts it again, outside the budget. Returns when that has begun.
    pub async fn restart(&self, whom: &str) -> Result<(), CallError> {
        self.goes_on()?;
        let address = self.find(whom)?;
        if self.shared.cells.get(address).is_some() && !self.is_supervised(address) {
            return Err(CallError::NotSupervised(whom.to_owned()));
        }
        self.shared.control(Input::Cycle(address));
        Ok(())
    }

    /// Kills an actor, as a fault would: its supervisor decides. Returns when that has begun.
    pub async fn kill(&self, whom: &str) -> Result<(), CallError> {
        self.goes_on()?;
        let to = self.find(whom)?;
        self.shared.control(Input::Exit { from: None, to, reason: Reason::Killed });
        Ok(())
    }

    /// Reads an actor's component again and swaps it in, for every actor that runs the same file.
    pub async fn reload(&self, whom: &str) -> Result<Reloaded, CallError> {
        swap::reload(&self.shared, &self.source(whom)?).await.map_err(CallError::from)
    }

    /// Swaps in a component that somebody has sent, for every actor that runs the same file. The file stays as it is; a new
    /// start of the host begins with what was sent, until the file is changed.
    pub async fn upload(&self, whom: &str, bytes: Vec<u8>) -> Result<Reloaded, CallError> {
        let sent = swap::Source::Sent(bytes.into());
        swap::install(&self.shared, &self.source(whom)?, sent).await.map_err(CallError::from)
    }

    /// Goes back to a version from before, for every actor that runs the same file: to the one whose digest begins with these
    /// digits, or the last one that has passed its watch. While new code is watched, that is the code before, with its state.
    pub async fn rollback(&self, whom: &str, digits: Option<&str>) -> Result<Reloaded, CallError> {
        versions::roll_back(&self.shared, &self.source(whom)?, digits).await.map_err(CallError::from)
    }

    /// The versions of an actor's component that are known.
    pub fn versions(&self, whom: &str) -> Result<Versions, CallError> {
        self.shared.versions(&self.source(whom)?).map_err(|failed| CallError::NoVersions(failed.why))
    }

    fn source(&self, whom: &str) -> Result<PathBuf, CallError> {
        let cell = self.cell(whom)?;
        let behavior = cell.seen().behavior.clone();
        behavior.map(|behavior| behavior.source.clone()).ok_or_else(|| CallError::NoActor(whom.to_owned()))
    }

    /// Reads the manifest's file again and changes the tree in place: changed actors at their next restart, new ones when
    /// asked for (`restart-child`), removed ones when they are stopped.
    ///
    /// # Errors
    /// [`CallError::NotApplied`]: it has mistakes, or changes what takes a new start of the host. Nothing is changed then.
    pub async fn apply(&self) -> Result<Amended, CallError> {
        crate::amend::amend(&self.shared).await
    }

    /// The last messages that reached nobody, and how many there were.
    pub fn dead_letters(&self) -> DeadLetters {
        self.shared.letters.view()
    }

    /// Tells what happens outside the engine that everybody should know of, on `greenroom/events`: a build that failed,
    /// for example. `text` is one sentence; `fields` an object with what else there is to say.
    pub fn event(&self, kind: &str, text: &str, fields: serde_json::Value) {
        if kind.parse::<greenroom_core::Kind>().is_ok() {
            crate::report::event(&self.shared, kind, text, fields);
        }
    }

    /// Counters since the start.
    pub fn counters(&self) -> Counters {
        let counts = &self.shared.counts;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (sleeps, wakes) = self.shared.sleep.counts();
        let written = self.shared.store.as_ref().map(Store::written).unwrap_or_default();
        Counters {
            turns: self.shared.tally.turns(),
            messages: self.shared.tally.messages(),
            published: get(&counts.published),
            dead_letters: self.shared.letters.total(),
            lost: get(&counts.lost),
            faults: get(&counts.faults),
            restarts: get(&counts.restarts),
            swaps: get(&counts.swaps),
            swaps_failed: get(&counts.swaps_failed),
            rollbacks: get(&counts.rollbacks),
            kept_writes: written.commits,
            kept_bytes: written.database_bytes + written.component_bytes,
            actors: self.shared.cells.count() as u64,
            actors_asleep: self.shared.sleep.asleep() as u64,
            sleeps,
            wakes,
            turn_nanoseconds: self.shared.tally.turn_nanoseconds(),
        }
    }

    pub(crate) fn processes(&self) -> ProcessView {
        self.shared.system.lock().unwrap_or_else(PoisonError::into_inner).tree()
    }

    fn find(&self, whom: &str) -> Result<Address, CallError> {
        let by_name = self.shared.lookup(whom).or_else(|| whom.parse().ok());
        // One without a name is known by what it is shown as.
        let by_sight = || {
            let cells = self.shared.cells.all();
            cells.iter().find(|cell| cell.name == whom).map(|cell| cell.address)
        };
        by_name.or_else(by_sight).ok_or_else(|| CallError::NoActor(whom.to_owned()))
    }

    pub(crate) fn cell(&self, whom: &str) -> Result<Arc<Cell>, CallError> {
        let address = self.find(whom)?;
        self.shared.cells.get(address).ok_or_else(|| match self.shared.lookup(whom) {
            Some(_) => CallError::Supervisor(whom.to_owned()),
            None => CallError::NoActor(whom.to_owned()),
        })
    }

    fn place(&self, whom: &str, message: &Message) -> Result<Place, CallError> {
        let cell = self.cell(whom)?;
        let limit = cell.max_message();
        if message.body.len() > limit as usize {
            return Err(CallError::TooLarge(message.body.len(), whom.to_owned(), limit));
        }
        Place::reserve(cell.clone()).map_err(|none| match none {
            NoPlace::Full => CallError::MailboxFull(whom.to_owned(), cell.mailbox.limit()),
            NoPlace::Closed => CallError::NoActor(whom.to_owned()),
        })
    }

    fn is_supervised(&self, address: Address) -> bool {
        let tree = self.processes();
        let mut walk = vec![&tree];
        while let Some(process) = walk.pop() {
            if process.supervisor.is_some() && process.children.iter().any(|child| child.address == address) {
                return !process.children.iter().any(|child| child.address == address && child.spawned);
            }
            walk.extend(&process.children);
        }
        false
    }
}

/// A question from outside: closed when nobody waits for its answer any more, or whoever waited went away.
struct Open {
    shared: Arc<Shared>,
    request: greenroom_core::Request,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.shared.asks().close(self.request);
    }
}
