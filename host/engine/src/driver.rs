//! The driver feeds the core and carries out what it decides: on the thread of the turn that has something for it, once that
//! turn is over, and otherwise in a task that also looks at what is due.
//!
//! So what a turn leads to, a restart above all, waits for no other thread. One drives at a time, and the core has what it
//! is told in the order in which it was told.

use crate::host::Exit;
use crate::report;
use crate::scheduler::Busy;
use crate::shared::Shared;
use crate::signal::Signal;
use greenroom_core::system::{Effect, Input};
use greenroom_core::{Address, Instant, Name, Reason};
use greenroom_plane::Clerk;
use std::cell::Cell;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use tokio::sync::{Notify, watch};

/// What the core is to be told, and who tells it.
#[derive(Debug)]
pub(crate) struct Desk {
    orders: greenroom_plane::Desk<Order, Naming>,
    /// Wakes the driver's task.
    bell: Notify,
    exit: watch::Sender<Option<Exit>>,
}

/// A name that the core is to be told of, and whose it is going to be.
type Naming = (Name, Address);

/// Something for the core, which keeps the host busy until it is done.
#[derive(Debug)]
struct Order {
    what: What,
    busy: Busy,
}

#[derive(Debug)]
enum What {
    /// It is told of something.
    Tell(Input),
    /// It is to look at what is due by now.
    Due(Instant),
}

impl Order {
    /// The name that an actor is to have, and who.
    fn naming(&self) -> Option<Naming> {
        match &self.what {
            What::Tell(Input::Register(address, name)) => Some((name.clone(), *address)),
            What::Tell(Input::Spawn { address, name: Some(name), .. }) => Some((name.clone(), *address)),
            _ => None,
        }
    }
}

thread_local! {
    /// Whether this thread is in an actor's run, and has something for the core.
    static RUN: Cell<Run> = const { Cell::new(Run::None) };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    None,
    Nothing,
    /// That its actor runs for the first time, which seldom concerns another one.
    Begun,
    Waiting,
}

/// An actor's run on this thread, which drives after each turn.
pub(crate) struct Driving(());

impl Driving {
    pub(crate) fn begin() -> Self {
        RUN.set(Run::Nothing);
        Self(())
    }

    /// Tells the core what the turn that is over has for it. Whether that may concern another actor.
    pub(crate) fn drive(&self, shared: &Arc<Shared>) -> bool {
        let what = RUN.replace(Run::Nothing);
        if what == Run::Nothing {
            return false;
        }
        let concerns = drive_all(shared) || what == Run::Waiting;
        // What the core waits for may be sooner than what the task sleeps until.
        let due = shared.system.lock().unwrap_or_else(PoisonError::into_inner).poll_timeout();
        due.into_iter().for_each(|due| shared.due(due));
        concerns
    }
}

impl Drop for Driving {
    fn drop(&mut self) {
        RUN.set(Run::None);
    }
}

impl Desk {
    pub(crate) fn new(exit: watch::Sender<Option<Exit>>) -> Self {
        Self { orders: greenroom_plane::Desk::default(), bell: Notify::new(), exit }
    }

    /// Something may be due earlier than the driver's task thought, or the host is over.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }
}

impl Shared {
    /// Who is going to have a name, which the core has not been told yet.
    pub(crate) fn awaits(&self, name: &str) -> Option<Address> {
        let whose = |(known, address): Naming| (known.as_str() == name).then_some(address);
        self.desk.orders.find(Order::naming, whose)
    }

    /// Has something for the core.
    pub(crate) fn control(&self, input: Input) {
        let begun = matches!(input, Input::Started { incarnation: 1, .. });
        let order = Order { what: What::Tell(input), busy: self.scheduler.busy() };
        // Without a driver the host is over, and nothing is left to decide.
        if self.desk.orders.put(order).is_some() {
            return;
        }
        match RUN.get() {
            Run::None => self.desk.ring(),
            Run::Nothing if begun => RUN.set(Run::Begun),
            _ => RUN.set(Run::Waiting),
        }
    }
}

/// Drives a host until its tree has ended. Whoever still waits for an answer then hears that there is none.
pub(crate) async fn drive(shared: Arc<Shared>) {
    until_over(&shared).await;
    // Who asks from now on sees this; who asked before is among the open questions.
    shared.over.store(true, Ordering::SeqCst);
    drop(shared.desk.orders.close());
    loop {
        let open = shared.asks().expire(Instant::from_nanos(u64::MAX));
        if open.is_none() {
            return;
        }
    }
}

async fn until_over(shared: &Arc<Shared>) {
    loop {
        let due = next_due(shared);
        shared.wakes_at.store(due.map_or(u64::MAX - 1, Instant::as_nanos), Ordering::SeqCst);
        // Set by a turn since we looked: it has seen us awake or will see when we wake; this closes the gap between.
        if next_due(shared) == due {
            tokio::select! {
                biased;
                () = shared.desk.bell.notified() => {}
                () = sleep_until(shared, due) => {}
            }
            shared.wakes_at.store(u64::MAX, Ordering::SeqCst);
            drive_all(shared);
        }
        if shared.desk.exit.borrow().is_some() {
            return;
        }
        if shared.clock.is_machine() {
            look(shared);
        }
    }
}

/// Tells the core all that waits, unless somebody else does. Whether what it has decided on may concern an actor.
fn drive_all(shared: &Arc<Shared>) -> bool {
    let mut driver = Driver { shared, concerns: false };
    shared.desk.orders.work(&mut driver);
    driver.concerns
}

/// Tells the core, while there is a tree.
struct Driver<'a> {
    shared: &'a Arc<Shared>,
    /// Whether an actor was told something.
    concerns: bool,
}

impl Clerk<Order, Naming> for Driver<'_> {
    fn is_open(&self) -> bool {
        self.shared.desk.exit.borrow().is_none()
    }

    fn label(&self, order: &Order) -> Option<Naming> {
        order.naming()
    }

    /// Effects are carried out in the order in which the core has decided on them.
    fn carry_out(&mut self, Order { what, busy }: Order) {
        let shared = self.shared;
        let mut effects = Vec::new();
        {
            let mut system = shared.system.lock().unwrap_or_else(PoisonError::into_inner);
            match what {
                What::Tell(input) => system.handle(shared.now(), input),
                What::Due(now) => system.handle_timeout(now),
            }
            effects.extend(std::iter::from_fn(|| system.poll_effect()));
        }
        for effect in effects {
            self.concerns |= !matches!(effect, Effect::Notice(_) | Effect::Forget { .. } | Effect::Unbind { .. });
            carry_out(shared, effect);
        }
        drop(busy);
    }
}

/// When the driver has to look next.
pub(crate) fn next_due(shared: &Shared) -> Option<Instant> {
    let system = shared.system.lock().unwrap_or_else(PoisonError::into_inner).poll_timeout();
    let watch = shared.codes.next_due().into_iter().chain(shared.shadows.next_due()).min();
    let idle = shared.sleep.next_due();
    [system, shared.timers().next_due(), shared.asks().next_deadline(), watch, idle].into_iter().flatten().min()
}

async fn sleep_until(shared: &Shared, due: Option<Instant>) {
    match due {
        Some(due) if shared.clock.is_machine() => tokio::time::sleep(due.since(shared.now())).await,
        _ => std::future::pending().await,
    }
}

/// Does what is due.
pub(crate) fn look(shared: &Arc<Shared>) {
    let now = shared.now();
    while shared.fire(now) {}
    loop {
        let expired = shared.asks().expire(now);
        let Some((request, ask)) = expired else { break };
        shared.tell_asker(ask, Box::new((request, Err(crate::ask::Failure::TimedOut))));
    }
    shared.pass_due(now);
    shared.end_due_shadows(now);
    shared.look_for_idle(now);
    // It is over when nobody takes it any more.
    drop(shared.desk.orders.put(Order { what: What::Due(now), busy: shared.scheduler.busy() }));
    drive_all(shared);
}

fn carry_out(shared: &Arc<Shared>, effect: Effect) {
    let signal = |address, signal| {
        if let Some(cell) = shared.cells.get(address) {
            cell.signal(signal);
        }
    };
    match effect {
        Effect::Start { address, incarnation } => signal(address, Signal::Start { incarnation }),
        Effect::Stop { address, incarnation, reason } => signal(address, Signal::Stop { incarnation, reason }),
        Effect::Kill { address, incarnation, reason } => {
            // Its outputs are safe now, even if its turn is one that takes a while to interrupt.
            shared.devices.release(address, &reason.to_string());
            if let Some(cell) = shared.cells.get(address) {
                cell.signal(Signal::Kill { incarnation, reason });
                cell.interrupt();
            }
        }
        Effect::Create { address, name, blueprint } => shared.create(address, name, blueprint),
        Effect::Answer { caller, answer } => shared.ordered(caller, answer),
        Effect::Exited { to, who, why } => signal(to, Signal::Exited { who, why }),
        Effect::Down { to, monitor, who, why } => signal(to, Signal::Down { monitor, who, why }),
        Effect::Forget { address, reason } => shared.forget(address, &reason),
        Effect::Bind { name, address } => {
            shared.names.write().unwrap_or_else(PoisonError::into_inner).insert(name, address);
        }
        Effect::Unbind { name } => {
            shared.names.write().unwrap_or_else(PoisonError::into_inner).remove(&name);
        }
        Effect::Halt { reason } => {
            shared.devices.make_all_safe("the host ends");
            let how = if reason == Reason::Shutdown && shared.stopping.load(Ordering::Acquire) {
                Exit::Asked
            } else {
                Exit::GaveUp { reason }
            };
            shared.settle();
            shared.desk.exit.send_replace(Some(how));
            shared.desk.ring();
        }
        Effect::Notice(notice) => report::notice(shared, &notice),
    }
}
