//! What the host keeps beside each component's instance: whose it is, what its turn has asked for, and its limits.

use crate::cell::Cell;
use crate::component::TABLE;
use crate::contract::v0_1::direct::Heap;
use crate::mailbox::Place;
use crate::shadow::record::Mirror;
use crate::shared::Shared;
use crate::turn::{Effect, Turn};
use crate::wasi::Wasi;
use greenroom_core::{Envelope, Grant, Reason};
use greenroom_manifest::Behavior;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use wasmtime::{ResourceLimiter, UpdateDeadline};

/// Things that one turn may ask for.
const EFFECTS: usize = 100_000;

/// The data of a store: whose instance it holds. Nobody's, while it waits for the next.
pub(crate) struct Seat {
    guest: Option<Guest>,
    /// Meanwhile, what the next one is given with it.
    heap: Option<Heap>,
}

impl Seat {
    pub(crate) fn new(guest: Guest) -> Self {
        Self { guest: Some(guest), heap: None }
    }

    /// It is nobody's any more. Whose it was.
    pub(crate) fn leave(&mut self) -> Option<Guest> {
        let mut guest = self.guest.take();
        self.heap = guest.as_mut().and_then(|guest| guest.heap.take());
        guest
    }

    /// It is this one's from now on.
    pub(crate) fn take(&mut self, guest: Guest) {
        let heap = self.heap.take();
        self.guest = Some(Guest { heap, ..guest });
    }
}

impl Deref for Seat {
    type Target = Guest;

    fn deref(&self) -> &Guest {
        match &self.guest {
            Some(guest) => guest,
            None => unreachable!("an instance that is nobody's is not entered"),
        }
    }
}

impl DerefMut for Seat {
    fn deref_mut(&mut self) -> &mut Guest {
        match &mut self.guest {
            Some(guest) => guest,
            None => unreachable!("an instance that is nobody's is not entered"),
        }
    }
}

/// What the host keeps beside an actor's instance.
pub(crate) struct Guest {
    pub(crate) shared: Arc<Shared>,
    pub(crate) cell: Arc<Cell>,
    pub(crate) behavior: Arc<Behavior>,
    pub(crate) grants: Arc<[Grant]>,
    /// The configuration, as JSON.
    pub(crate) config: Arc<str>,
    turn: Turn,
    /// Whether it is the actor, and not beside it, to take over maybe.
    pub(crate) live: bool,
    /// Set while nothing may be asked for: `save` and its like, and before its first turn, when a component that is being
    /// instantiated may run code of its own.
    silent: bool,
    /// CPU time of the thread when the turn was first seen at a tick.
    began: Option<Duration>,
    /// How long the turn has stood still for want of a place.
    waited: Duration,
    /// What ended the turn, when it was the host that did.
    verdict: Option<Verdict>,
    /// What it last logged as an error in this turn.
    said: Option<String>,
    pub(crate) wasi: Option<Box<Wasi>>,
    /// The memory of an instance that is entered directly.
    pub(crate) heap: Option<Heap>,
    /// Set while such an instance may not call the host: it gives out room in its memory, or frees some.
    pub(crate) closed: bool,
    /// Set while its calls are compared with those of other code, and for good in a shadow.
    pub(crate) mirror: Option<Box<Mirror>>,
}

/// Why the host ended a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    OutOfTime,
    OutOfMemory,
    Killed,
    TooMuch,
}

impl Verdict {
    pub(crate) fn reason(self) -> Reason {
        match self {
            Self::OutOfTime => Reason::OutOfTime,
            Self::OutOfMemory => Reason::OutOfMemory,
            Self::Killed => Reason::Killed,
            Self::TooMuch => Reason::Failed(format!("one turn asked for more than {EFFECTS} things")),
        }
    }
}

impl Guest {
    pub(crate) fn new(cell: &Arc<Cell>, behavior: Arc<Behavior>, grants: Arc<[Grant]>, config: Arc<str>) -> Self {
        Self {
            shared: cell.shared.clone(),
            cell: cell.clone(),
            behavior,
            grants,
            config,
            turn: Turn::default(),
            live: false,
            silent: true,
            began: None,
            waited: Duration::ZERO,
            verdict: None,
            said: None,
            wasi: None,
            heap: None,
            closed: false,
            mirror: None,
        }
    }

    /// The memory that its instance has from now on, in bytes, for people to see.
    pub(crate) fn has_memory(&self, bytes: usize) {
        if !self.is_shadow() {
            self.cell.stats.memory.store(bytes as u64, Ordering::Relaxed);
        }
    }

    /// A turn begins. In a silent one, nothing can be asked for, and what the turn before it has asked for stays.
    pub(crate) fn begin(&mut self, silent: bool) {
        if !silent {
            self.turn.clear();
        }
        self.silent = silent;
        self.began = None;
        self.waited = Duration::ZERO;
        self.verdict = None;
        self.said = None;
    }

    /// It logged an error: if the turn traps, that says why.
    pub(crate) fn say(&mut self, error: String) {
        self.said = Some(error);
    }

    pub(crate) fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// Goes on in a turn of its own, with a fresh deadline, and what was asked for so far: for `ask`.
    pub(crate) fn split(&mut self) -> Turn {
        self.began = None;
        self.waited = Duration::ZERO;
        std::mem::take(&mut self.turn)
    }

    /// The turn is over: what it asked for is somebody else's affair.
    pub(crate) fn take_turn(&mut self) -> Turn {
        std::mem::take(&mut self.turn)
    }

    /// What the turn has asked for.
    pub(crate) fn turn(&mut self) -> &mut Turn {
        &mut self.turn
    }

    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// Asks for something, when the turn ends well. Whether it is part of the turn: otherwise nothing may be left of it.
    pub(crate) fn effect(&mut self, effect: Effect) -> bool {
        let may = self.may_ask();
        if may {
            self.turn.push(effect);
        }
        may
    }

    /// Asks for a message to be sent, as [`Guest::effect`].
    pub(crate) fn letter(&mut self, place: Place, envelope: Box<Envelope>) -> bool {
        let may = self.may_ask();
        if may {
            self.turn.send(place, envelope);
        }
        may
    }

    /// Whether something more may be asked for.
    fn may_ask(&mut self) -> bool {
        // Nothing that a shadow asks for comes here; if it did, it would be one thing too many.
        if self.silent || self.is_shadow() {
            return false;
        }
        let may = self.turn.len() < EFFECTS;
        if !may {
            self.is_too_much();
        }
        may
    }

    /// It asks for too much in one turn, which ends it.
    pub(crate) fn is_too_much(&mut self) {
        self.verdict = Some(Verdict::TooMuch);
    }

    /// The host ends the turn.
    pub(crate) fn end(&mut self, verdict: Verdict) {
        self.verdict = Some(verdict);
    }

    /// Whether what it does outside of the host takes effect: it is the actor, in a turn of its own.
    pub(crate) fn acts(&self) -> bool {
        self.live && !self.silent && !self.is_shadow()
    }

    /// Whether nothing may be asked for: it only tells something.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent
    }

    /// Whether the manifest allows something; if not, the grant that would.
    pub(crate) fn granted(&self, wanted: Grant) -> Result<(), String> {
        if self.grants.iter().any(|grant| grant.covers(&wanted)) {
            return Ok(());
        }
        let grant = wanted.to_string();
        if !self.is_shadow() {
            crate::report::not_granted(&self.shared, &self.cell, &grant);
        }
        Err(grant)
    }

    /// What is left of the turn's deadline after what it has run and waited. Nothing in a silent one.
    pub(crate) fn left(&self) -> Duration {
        if self.silent { Duration::ZERO } else { self.rest() }
    }

    /// The same, in any turn.
    pub(crate) fn rest(&self) -> Duration {
        let ran = self.began.map_or(Duration::ZERO, |began| thread_cpu_time().saturating_sub(began));
        self.behavior.deadline.saturating_sub(ran + self.waited)
    }

    /// It has stood still for so long.
    pub(crate) fn waited(&mut self, time: Duration) {
        self.waited += time;
    }

    /// Whether it is to end. If so it does not end well, however soon it ends.
    pub(crate) fn is_killed(&mut self) -> bool {
        let killed = self.cell.is_interrupted();
        if killed {
            self.verdict = Some(Verdict::Killed);
        }
        killed
    }

    /// Places in an actor's mailbox that this turn holds.
    pub(crate) fn places_at(&self, cell: &Arc<Cell>) -> usize {
        self.turn.places_at(cell)
    }

    /// Looked at at every tick of the epoch while the component runs. Its deadline is of its own execution: a turn that
    /// the operating system kept from running is not out of time.
    pub(crate) fn tick(&mut self) -> UpdateDeadline {
        let cpu = thread_cpu_time();
        let ran = cpu.saturating_sub(*self.began.get_or_insert(cpu));
        // Code that is not the actor yet is not killed with it: a new build says nothing of who was killed.
        let live = self.live;
        if self.verdict != Some(Verdict::TooMuch) && !(live && self.is_killed()) {
            if ran >= self.behavior.deadline {
                self.verdict = Some(Verdict::OutOfTime);
            } else {
                self.shared.scheduler.offer(ran, || !self.cell.is_interrupted());
                if live {
                    // Perhaps while it waited.
                    self.is_killed();
                }
            }
        }
        match self.verdict {
            Some(_) => UpdateDeadline::Interrupt,
            None => UpdateDeadline::Continue(1),
        }
    }
}

/// CPU time that this thread has used.
fn thread_cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The component wanted more memory than its limit.
#[derive(Debug, thiserror::Error)]
#[error("more memory than its limit")]
struct OutOfMemory;

impl ResourceLimiter for Guest {
    fn memory_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired as u64 > self.behavior.memory {
            self.verdict = Some(Verdict::OutOfMemory);
            return Err(OutOfMemory.into());
        }
        self.has_memory(desired);
        Ok(true)
    }

    fn table_growing(&mut self, _current: usize, desired: usize, _maximum: Option<usize>) -> wasmtime::Result<bool> {
        if desired > TABLE as usize {
            self.verdict = Some(Verdict::OutOfMemory);
            return Err(OutOfMemory.into());
        }
        Ok(true)
    }
}
