//! Devices: sensors, and outputs that are at their safe level whenever no living actor drives them.
//!
//! On the path of a message: reads and claims come in from `contract`, writes from `turn` at the commit, an actor's end
//! as [`Devices::release`]; what happens goes out as [`Notice`]s. Everything blocking is on threads of this module, and
//! nothing here knows of tokio or wasmtime. Inside: `output` and its `pin`, `input` and the `lane` that samples it, and a
//! folder for each sort of hardware.

mod error;
mod gpio;
mod input;
mod lane;
mod machine;
mod notice;
mod open;
mod output;
mod pin;
mod sim;
mod slow;
#[cfg(test)]
mod tests;
mod threads;
mod w1;

pub use error::{OpenError, ReadError, WriteError};
pub use notice::{Notice, Reading, Released, Writer};

use crate::clock::Clock;
use crate::view::DeviceView;
use gpio::Watch;
use greenroom_core::{Address, Instant, Name};
use input::Input;
use lane::{Bell, Lane};
use notice::Outbox;
use open::Machine;
use output::Output;
use pin::Context;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All devices of a host.
///
/// Dropping it makes every output safe and ends its threads. A thread whose sensor hangs in the kernel ends when that
/// lets go.
pub struct Devices(Arc<Shared>);

/// What the threads share with [`Devices`].
struct Shared {
    clock: Clock,
    /// In the manifest's order.
    devices: Vec<Device>,
    index: HashMap<Name, usize>,
    lanes: Vec<Lane>,
    /// Lines that report their changes, if there are any.
    watch: Option<Watch>,
    /// Rung when an output's next [`Output::due`] may have changed.
    guard: Bell,
    /// Rung at the end, one a lane.
    ends: Vec<Bell>,
    started: AtomicBool,
    ended: AtomicBool,
    warnings: Vec<(String, String)>,
    /// The last, since fields are dropped in order: who sees that nothing more can be told finds the lines free.
    outbox: Outbox,
}

enum Device {
    Input(Arc<Input>),
    Output(Arc<Output>),
}

impl Device {
    fn name(&self) -> &Name {
        match self {
            Self::Input(input) => &input.name,
            Self::Output(output) => &output.name,
        }
    }
}

impl Devices {
    /// Opens everything. When this returns, every output is at its safe level, without having been at another one in
    /// between. An input that cannot be opened is missing, and tried again each time that it is due.
    ///
    /// `notices` is called from the threads of the devices and from whoever calls a method here. It may call back, and
    /// must not block: it holds up the device that the notice is about.
    ///
    /// # Errors
    /// The outputs that cannot be opened, each with what to do. All others were made safe all the same.
    pub fn open(
        plan: &[greenroom_manifest::Device],
        clock: Clock,
        notices: Box<dyn Fn(Notice) + Send + Sync>,
    ) -> Result<Self, OpenError> {
        Self::open_on(&Machine::this(), plan, clock, notices)
    }

    fn open_on(
        machine: &Machine,
        plan: &[greenroom_manifest::Device],
        clock: Clock,
        notices: Box<dyn Fn(Notice) + Send + Sync>,
    ) -> Result<Self, OpenError> {
        open::open(plan, machine, clock, notices).map(|shared| Self(Arc::new(shared)))
    }

    /// What the owner should know about these devices though they work: a device's name and a sentence each.
    pub fn warnings(&self) -> &[(String, String)] {
        &self.0.warnings
    }

    /// In real time, starts the sampling: quick inputs have a value when this returns. Nothing happens for a virtual
    /// clock, the second time, and after the shutdown.
    pub fn start(self: &Arc<Self>) {
        if self.0.clock.is_machine() && !self.0.started.swap(true, Ordering::AcqRel) {
            threads::start(&self.0);
        }
    }

    /// In virtual time, when [`Devices::poll`] has something to do next. In real time the threads do it: none.
    pub fn next_due(&self) -> Option<Instant> {
        if self.0.clock.is_machine() {
            return None;
        }
        let lines = self.0.watch.as_ref().and_then(Watch::due);
        self.0.lanes.iter().filter_map(Lane::due).chain(lines).chain(self.0.guarded()).min()
    }

    /// In virtual time, does what is due: outputs first, then samples, as the threads would. `now` is what the clock was
    /// advanced to; one that steps from [`Devices::next_due`] to the next sees everything at its time.
    pub fn poll(&self, now: Instant) {
        if self.0.clock.is_machine() {
            return;
        }
        self.0.clock.advance_to(now);
        self.0.watch();
        for lane in &self.0.lanes {
            lane.run(&self.0.clock, &self.0.outbox);
        }
        if let Some(watch) = &self.0.watch {
            watch.run(&self.0.clock, &self.0.outbox);
        }
    }

    /// The latest value. Never waits for the device. An output's is read back from what drives it.
    ///
    /// # Errors
    /// No such device, no value, or one that is too old: more than three sampling periods, and more than 3 s.
    pub fn read(&self, device: &str) -> Result<Reading, ReadError> {
        match self.0.find(device).ok_or(ReadError::NoDevice)? {
            Device::Input(input) => input.read(self.0.clock.now()),
            Device::Output(output) => {
                let reading = output.read(self.0.context());
                if reading.is_err() {
                    self.0.guard.ring();
                }
                self.0.outbox.deliver();
                reading
            }
        }
    }

    /// Checks a write and reserves the output for its writer, without driving it. The claim holds until
    /// [`Devices::release`].
    ///
    /// # Errors
    /// As [`Devices::write`], which checks again: things may have happened in between.
    pub fn claim(&self, device: &str, writer: Writer, value: f64) -> Result<(), WriteError> {
        self.0.output(device)?.claim(writer, value)
    }

    /// What [`Devices::claim`] would say, without claiming anything.
    ///
    /// # Errors
    /// As [`Devices::claim`].
    pub(crate) fn may_claim(&self, device: &str, writer: Address, value: f64) -> Result<(), WriteError> {
        self.0.output(device)?.may_claim(writer, value)
    }

    /// Whether this is the output's writer.
    pub(crate) fn is_held_by(&self, device: &str, writer: Address) -> bool {
        self.0.output(device).is_ok_and(|output| output.is_held_by(writer))
    }

    /// Takes a claim back by which nothing was driven: the output is at its safe level, and free again.
    pub(crate) fn disclaim(&self, device: &str, writer: Address) {
        if let Ok(output) = self.0.output(device) {
            output.disclaim(writer);
        }
    }

    /// Drives an output that this writer has claimed: 0 is off, 1 is on. Writing the level that it has is not an event.
    ///
    /// # Errors
    /// See [`WriteError`]. Where the line cannot be driven, the host has tried to make it safe at once, and goes on.
    pub fn write(&self, device: &str, writer: &Writer, value: f64) -> Result<(), WriteError> {
        let output = self.0.output(device)?;
        let written = output.write(writer, value, self.0.context());
        if output.due().is_some() {
            self.0.guard.ring();
        }
        self.0.outbox.deliver();
        written
    }

    /// Takes each output of this writer to its safe level in this call, and frees it. `why` says what happened to the
    /// writer.
    pub fn release(&self, writer: Address, why: &str) -> Vec<Released> {
        let since = self.0.clock.now();
        let release = |output: &Output| output.release(writer, why, since, self.0.context());
        let released: Vec<_> = self.0.outputs().filter_map(release).collect();
        if released.iter().any(|released| released.failed.is_some()) {
            self.0.guard.ring();
        }
        self.0.outbox.deliver();
        released
    }

    /// Takes every output to its safe level in this call, and frees it.
    pub fn make_all_safe(&self, why: &str) {
        self.0.secure(why, None);
    }

    /// All devices as shown, in the manifest's order.
    pub fn views(&self) -> Vec<DeviceView> {
        let views = self.0.devices.iter().map(|device| match device {
            Device::Input(input) => input.view(self.0.clock.now()),
            Device::Output(output) => output.view(self.0.context()),
        });
        let views: Vec<_> = views.collect();
        if views.iter().any(|view| view.output && view.missing.is_some()) {
            self.0.guard.ring();
        }
        self.0.outbox.deliver();
        views
    }

    /// Takes every output to its safe level in this call, refuses every later claim, and tells the threads to end.
    pub fn shutdown(&self) {
        self.0.end("the host is stopping");
    }
}

impl Drop for Devices {
    fn drop(&mut self) {
        self.0.end("the host is stopping");
    }
}

impl Shared {
    fn context(&self) -> Context<'_> {
        Context { clock: &self.clock, outbox: &self.outbox }
    }

    fn find(&self, device: &str) -> Option<&Device> {
        self.index.get(device).map(|index| &self.devices[*index])
    }

    fn output(&self, device: &str) -> Result<&Output, WriteError> {
        match self.find(device).ok_or(WriteError::NoDevice)? {
            Device::Output(output) => Ok(output),
            Device::Input(_) => Err(WriteError::ReadOnly),
        }
    }

    fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.devices.iter().filter_map(|device| match device {
            Device::Output(output) => Some(&**output),
            Device::Input(_) => None,
        })
    }

    /// When an output next needs [`Shared::watch`].
    fn guarded(&self) -> Option<Instant> {
        self.outputs().filter_map(Output::due).min()
    }

    /// Ends max-ons, opens lost lines, and finds out which are lost.
    fn watch(&self) {
        self.outputs().for_each(|output| output.poll(self.context()));
        self.outbox.deliver();
    }

    fn secure(&self, why: &str, closed: Option<&'static str>) {
        self.outputs().for_each(|output| output.secure(why, closed, self.context()));
        self.guard.ring();
        self.outbox.deliver();
    }

    fn end(&self, why: &'static str) {
        if !self.ended.swap(true, Ordering::AcqRel) {
            self.secure(why, Some(why));
            self.ends.iter().for_each(Bell::ring);
            self.watch.iter().for_each(Watch::ring);
        }
    }
}

/// A panic elsewhere leaves no device half changed, and is no reason to stop making outputs safe.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
