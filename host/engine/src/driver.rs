//! The driver: the one task that feeds the core and carries out what it decides, and that looks at what is due.

use crate::host::Exit;
use crate::report;
use crate::scheduler::Busy;
use crate::shared::Shared;
use crate::signal::Signal;
use greenroom_core::system::{Effect, Input};
use greenroom_core::{Instant, Reason};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

/// What the driver is told.
#[derive(Debug)]
pub(crate) enum Control {
    /// Something for the core.
    Input(Input),
    /// Something may be due earlier than the driver thought.
    Look,
}

/// Something for the driver, which keeps the host busy until it is done.
#[derive(Debug)]
pub(crate) struct Order {
    control: Control,
    _busy: Busy,
}

impl Control {
    pub(crate) fn with(self, busy: Busy) -> Order {
        Order { control: self, _busy: busy }
    }
}

/// Drives a host until its tree has ended. Whoever still waits for an answer then hears that there is none.
pub(crate) async fn drive(shared: Arc<Shared>, orders: UnboundedReceiver<Order>, exit: watch::Sender<Option<Exit>>) {
    until_over(&shared, orders, &exit).await;
    // Who asks from now on sees this; who asked before is among the open questions.
    shared.over.store(true, Ordering::SeqCst);
    loop {
        let open = shared.asks().expire(Instant::from_nanos(u64::MAX));
        if open.is_none() {
            return;
        }
    }
}

async fn until_over(shared: &Arc<Shared>, mut orders: UnboundedReceiver<Order>, exit: &watch::Sender<Option<Exit>>) {
    loop {
        let due = next_due(shared);
        shared.wakes_at.store(due.map_or(u64::MAX - 1, Instant::as_nanos), Ordering::SeqCst);
        // Set by a turn since we looked: it has seen us awake or will see when we wake; this closes the gap between.
        if next_due(shared) == due {
            let order = tokio::select! {
                biased;
                order = orders.recv() => Some(order),
                () = sleep_until(shared, due) => None,
            };
            shared.wakes_at.store(u64::MAX, Ordering::SeqCst);
            match order {
                Some(Some(Order { control: Control::Input(input), _busy })) => {
                    feed(shared, |system| system.handle(shared.now(), input), exit);
                }
                Some(Some(_)) | None => {}
                Some(None) => return,
            }
        }
        if exit.borrow().is_some() {
            return;
        }
        if shared.clock.is_machine() {
            look(shared, exit);
        }
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
pub(crate) fn look(shared: &Arc<Shared>, exit: &watch::Sender<Option<Exit>>) {
    let now = shared.now();
    while shared.fire(now) {}
    loop {
        let expired = shared.asks().expire(now);
        let Some((request, ask)) = expired else { break };
        shared.tell_asker(request, ask, Err(crate::ask::Failure::TimedOut));
    }
    shared.pass_due(now);
    shared.end_due_shadows(now);
    shared.look_for_idle(now);
    feed(shared, |system| system.handle_timeout(now), exit);
}

fn feed(shared: &Arc<Shared>, give: impl FnOnce(&mut greenroom_core::System), exit: &watch::Sender<Option<Exit>>) {
    let mut effects = Vec::new();
    {
        let mut system = shared.system.lock().unwrap_or_else(PoisonError::into_inner);
        give(&mut system);
        effects.extend(std::iter::from_fn(|| system.poll_effect()));
    }
    for effect in effects {
        carry_out(shared, effect, exit);
    }
}

fn carry_out(shared: &Arc<Shared>, effect: Effect, exit: &watch::Sender<Option<Exit>>) {
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
        Effect::Forget { address, reason } => signal(address, Signal::Forget { reason }),
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
            exit.send_replace(Some(how));
        }
        Effect::Notice(notice) => report::notice(shared, &notice),
    }
}
