//! One output: its writer, its latch, its `max-on`. Everything that may move the pin goes through here, under one lock,
//! so that "no writer" and "at its safe level" change together.

use super::error::{ReadError, WriteError};
use super::lock;
use super::notice::{Notice, Reading, Released, Writer};
use super::pin::{Context, Order, Pin};
use super::sim::Plant;
use crate::view::DeviceView;
use greenroom_core::{Address, Instant, Name};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An output of the manifest.
pub(super) struct Output {
    pub(super) name: Name,
    kind: &'static str,
    unit: String,
    max_on: Option<Duration>,
    state: Mutex<State>,
}

struct State {
    pin: Pin,
    writer: Option<Writer>,
    /// Set by max-on. Only the safe level may be written, which resets it.
    latched: bool,
    /// What went wrong when the pin was last driven: the next claim is told.
    fault: Option<String>,
    /// Why it takes no writer any more.
    closed: Option<&'static str>,
}

impl State {
    /// Its writer's name.
    fn by(&self) -> Option<String> {
        self.writer.as_ref().map(|writer| writer.name.clone())
    }
}

impl Output {
    /// An output without a writer; its pin is open, and at its safe level.
    pub(super) fn new(device: (&Name, &'static str, &str), max_on: Option<Duration>, pin: Pin) -> Self {
        let (name, kind, unit) = device;
        let state = State { pin, writer: None, latched: false, fault: None, closed: None };
        Self { name: name.clone(), kind, unit: unit.to_owned(), max_on, state: Mutex::new(state) }
    }

    /// The plant is told of this output's level from now on.
    pub(super) fn heats(&self, plant: &Arc<Mutex<Plant>>, now: Instant) {
        lock(&self.state).pin.heats(plant, now);
    }

    /// Reserves it for a writer. Nothing is driven.
    pub(super) fn claim(&self, writer: Writer, value: f64) -> Result<(), WriteError> {
        let on = self.switch(value)?;
        let mut state = lock(&self.state);
        let free = Self::free_for(&state, writer.address, on);
        if state.closed.is_none() && matches!(free, Err(WriteError::Failed(_))) && state.pin.is_open() {
            // Told until the line is back, and once more: the writer has to learn that its level was not kept.
            state.fault = None;
        }
        free?;
        state.writer = Some(writer);
        Ok(())
    }

    /// What a claim would be told now. Nothing is claimed.
    pub(super) fn may_claim(&self, writer: Address, value: f64) -> Result<(), WriteError> {
        let on = self.switch(value)?;
        Self::free_for(&lock(&self.state), writer, on)
    }

    fn free_for(state: &State, writer: Address, on: bool) -> Result<(), WriteError> {
        if let Some(why) = state.closed {
            return Err(WriteError::Failed(why.into()));
        }
        if let Some(holder) = state.writer.as_ref().filter(|holder| holder.address != writer) {
            return Err(WriteError::Busy(holder.name.clone()));
        }
        if let Some(why) = state.fault.clone() {
            return Err(WriteError::Failed(why));
        }
        if state.latched && on != state.pin.safe() {
            return Err(WriteError::MaxOn);
        }
        Ok(())
    }

    pub(super) fn is_held_by(&self, writer: Address) -> bool {
        lock(&self.state).writer.as_ref().is_some_and(|holder| holder.address == writer)
    }

    /// Takes back a claim by which nothing was driven.
    pub(super) fn disclaim(&self, writer: Address) {
        let mut state = lock(&self.state);
        if state.writer.as_ref().is_some_and(|holder| holder.address == writer) {
            state.writer = None;
        }
    }

    /// Drives it, for the writer that claimed it.
    pub(super) fn write(&self, writer: &Writer, value: f64, context: Context<'_>) -> Result<(), WriteError> {
        let on = self.switch(value)?;
        let mut state = lock(&self.state);
        match &state.writer {
            Some(holder) if holder.address == writer.address => {}
            Some(holder) => return Err(WriteError::Busy(holder.name.clone())),
            // The writer has ended since its claim: driving now would leave a level that nobody answers for.
            None => return Err(WriteError::Unclaimed),
        }
        if state.latched && on != state.pin.safe() {
            return Err(WriteError::MaxOn);
        }
        match state.pin.drive(on, &writer.name, context) {
            Ok(()) => {
                state.fault = None;
                state.latched &= on != state.pin.safe();
                Ok(())
            }
            Err(why) => {
                state.fault = Some(why.clone());
                Err(WriteError::Failed(why))
            }
        }
    }

    /// If this is its writer: safe, and free again. `since` is when the writer's end was noticed.
    pub(super) fn release(&self, writer: Address, why: &str, since: Instant, context: Context<'_>) -> Option<Released> {
        let mut state = lock(&self.state);
        (state.writer.as_ref()?.address == writer).then(|| self.free(&mut state, why, since, context))
    }

    /// Safe and free, whoever writes it; for good, if there is a reason for that.
    pub(super) fn secure(&self, why: &str, closed: Option<&'static str>, context: Context<'_>) {
        let mut state = lock(&self.state);
        state.closed = state.closed.or(closed);
        let since = context.clock.now();
        self.free(&mut state, why, since, context);
    }

    fn free(&self, state: &mut State, why: &str, since: Instant, context: Context<'_>) -> Released {
        let made = state.pin.make_safe(Order { why: why.to_owned(), by: state.by(), since }, context);
        state.writer = None;
        // A fault that is over was the last writer's. One that lasts concerns the next as well.
        state.fault = made.err();
        Released { device: self.name.clone(), took: context.clock.now().since(since), failed: state.fault.clone() }
    }

    /// When it next needs [`Output::poll`].
    pub(super) fn due(&self) -> Option<Instant> {
        let state = lock(&self.state);
        let open = || self.overdue(&state).into_iter().chain(state.pin.look()).min();
        state.pin.retry().or_else(open)
    }

    /// When its max-on ends.
    fn overdue(&self, state: &State) -> Option<Instant> {
        state.pin.away().zip(self.max_on).map(|(since, most)| since + most)
    }

    /// Does what is due: ends a max-on, opens a lost line, sees whether the line is still there.
    pub(super) fn poll(&self, context: Context<'_>) {
        let mut state = lock(&self.state);
        state.pin.poll(context);
        if state.pin.is_open() && state.writer.is_none() {
            // Nobody's level was lost.
            state.fault = None;
        }
        if let (true, Some(since)) = (!state.latched, self.overdue(&state))
            && since <= context.clock.now()
        {
            state.latched = true;
            context.outbox.put(Notice::MaxOn { device: self.name.clone() });
            let why = format!("it was on for its max-on of {:?}", self.max_on.unwrap_or_default());
            let order = Order { why, by: state.by(), since };
            state.fault = state.pin.make_safe(order, context).err().or(state.fault.take());
        }
        if state.pin.take_look(context.clock.now()) {
            // A failure is a notice, and the next claim is told.
            let _told = self.observe(&mut state, context);
        }
    }

    /// The level, read back.
    pub(super) fn read(&self, context: Context<'_>) -> Result<Reading, ReadError> {
        let mut state = lock(&self.state);
        self.observe(&mut state, context).map_err(ReadError::Failed)
    }

    /// As shown.
    pub(super) fn view(&self, context: Context<'_>) -> DeviceView {
        let mut state = lock(&self.state);
        let reading = self.observe(&mut state, context);
        DeviceView {
            name: self.name.to_string(),
            kind: self.kind,
            unit: self.unit.clone(),
            output: true,
            value: reading.as_ref().ok().map(|reading| reading.value),
            age_seconds: reading.as_ref().ok().map(|_| 0.0),
            missing: reading.err(),
            writer: state.by(),
        }
    }

    fn observe(&self, state: &mut State, context: Context<'_>) -> Result<Reading, String> {
        let by = state.by();
        match state.pin.observe(by.as_deref(), context) {
            Ok(on) => Ok(Reading { at: context.clock.now(), value: f64::from(u8::from(on)) }),
            Err(why) => {
                if state.writer.is_some() || !state.pin.is_open() {
                    state.fault.get_or_insert_with(|| why.clone());
                }
                Err(why)
            }
        }
    }

    fn switch(&self, value: f64) -> Result<bool, WriteError> {
        match value {
            0.0 => Ok(false),
            1.0 => Ok(true),
            _ => Err(WriteError::OutOfRange(format!(
                "`{}` is a switch: 0 is off and 1 is on, and {value} is neither",
                self.name
            ))),
        }
    }
}
