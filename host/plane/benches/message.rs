//! What a message costs on its way between two actors, step by step, without what it carries and without the run queue.

use greenroom_measure::{Case, Step, main as measure};
use greenroom_plane::{Actor, Gate, Item, Mailbox, Next, Place, Policy, Schedule};
use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

type Mail = Mailbox<u64, u64, u64>;

/// An actor that is queued by being woken, and nothing else.
struct Cell {
    mailbox: Mail,
    schedule: Schedule,
}

impl Actor for Cell {
    type Message = u64;
    type Answer = u64;
    type Signal = u64;

    fn mailbox(&self) -> &Mail {
        &self.mailbox
    }

    fn replaces(newer: &u64, older: &u64) -> bool {
        newer == older
    }
}

fn cell(limit: usize, policy: Policy) -> Arc<Cell> {
    Arc::new(Cell { mailbox: Mailbox::new(limit, policy), schedule: Schedule::default() })
}

fn send(cell: &Arc<Cell>, message: u64) {
    if let Ok(place) = Place::reserve(cell.clone()) {
        place.fill(message, |_, lost| drop(black_box(lost)), |cell| _ = black_box(cell.schedule.wake()));
    }
}

/// A whole message: a place, filled, the actor woken and run, and the place free again.
fn message(policy: Policy) -> Step {
    let cell = cell(1024, policy);
    Box::new(move |times| {
        for number in 0..times {
            send(&cell, number);
            cell.schedule.begin();
            if let Some(Next::Item(Item::Message(message))) = cell.mailbox.next() {
                black_box(message);
                cell.mailbox.done();
            }
            black_box(cell.schedule.end(false));
        }
    })
}

/// A message to a mailbox that is full and stays so.
fn full(policy: Policy) -> Step {
    let cell = cell(16, policy);
    (0..16).for_each(|number| send(&cell, number));
    Box::new(move |times| (16..16 + times).for_each(|number| send(&cell, number)))
}

const CASES: [Case; 10] = [
    Case::new("a message, and its actor woken and run", || message(Policy::Reject)),
    Case::new("the same, where senders may wait", || message(Policy::Wait)),
    Case::new("the same, where the oldest may be dropped", || message(Policy::DropOldest)),
    Case::new("the same, where it may replace one", || message(Policy::Latest)),
    Case::new("a message that finds no place", || full(Policy::Reject)),
    Case::new("a message for which the oldest goes", || full(Policy::DropOldest)),
    Case::new("a place that is taken and given back", || {
        let cell = cell(1024, Policy::Reject);
        Box::new(move |times| (0..times).for_each(|_| drop(black_box(Place::reserve(cell.clone())))))
    }),
    Case::new("an answer", || {
        let mailbox = Mail::new(1024, Policy::Reject);
        Box::new(move |times| {
            for number in 0..times {
                black_box(mailbox.answer(number));
                black_box(mailbox.next());
            }
        })
    }),
    Case::new("an actor queued, run and idle again", || {
        let schedule = Schedule::default();
        Box::new(move |times| {
            for _ in 0..times {
                black_box(schedule.wake());
                schedule.begin();
                black_box(schedule.end(false));
            }
        })
    }),
    Case::new("a gate with room", || {
        let gate = Gate::new(1);
        Box::new(move |times| {
            for _ in 0..times {
                if gate.enter(|| true) {
                    gate.leave();
                }
            }
        })
    }),
];

fn main() -> ExitCode {
    measure(&CASES)
}
