//! A mailbox against a model of it that is too simple to be wrong: whatever is done in whatever order, both say the same,
//! and each message is handled, lost, or still there, exactly once.

#![cfg(not(loom))]

use greenroom_plane::{Actor, Item, Lost, Mailbox, Next, NoPlace, Place, Policy, Why};
use proptest::prelude::*;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Its kind, and a number that no other has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Note {
    kind: u8,
    number: usize,
}

struct Cell {
    mailbox: Mailbox<Note, (), usize>,
    woken: AtomicUsize,
}

impl Actor for Cell {
    type Message = Note;
    type Answer = ();
    type Signal = usize;

    fn mailbox(&self) -> &Mailbox<Note, (), usize> {
        &self.mailbox
    }

    fn replaces(newer: &Note, older: &Note) -> bool {
        newer.kind == older.kind
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Take a place.
    Reserve,
    /// Fill the place that was taken first with a message of this kind.
    Fill(u8),
    /// Let the place that was taken first go.
    Cancel,
    /// Handle what is next, or set it aside.
    Next { aside: bool },
    /// Take up again what was set aside.
    PutBack,
    /// Tell it something.
    Signal,
    /// End.
    Close,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Reserve),
        6 => (0..3_u8).prop_map(Step::Fill),
        1 => Just(Step::Cancel),
        3 => proptest::bool::weighted(0.3).prop_map(|aside| Step::Next { aside }),
        1 => Just(Step::PutBack),
        1 => Just(Step::Signal),
        1 => Just(Step::Close),
    ]
}

/// What a mailbox is supposed to be.
struct Model {
    policy: Policy,
    limit: usize,
    promised: usize,
    waiting: VecDeque<Note>,
    aside: Vec<Note>,
    signals: VecDeque<usize>,
    closed: bool,
}

impl Model {
    fn holds(&self) -> bool {
        matches!(self.policy, Policy::Reject | Policy::Wait)
    }

    fn taken(&self) -> usize {
        let promised = if self.holds() { self.promised } else { 0 };
        promised + self.waiting.len() + self.aside.len()
    }

    fn reserve(&mut self) -> Result<(), NoPlace> {
        if self.closed {
            return Err(NoPlace::Closed);
        }
        if self.holds() && self.taken() >= self.limit {
            return Err(NoPlace::Full);
        }
        self.promised += 1;
        Ok(())
    }

    /// What is lost, and why.
    fn fill(&mut self, note: Note) -> Option<(Note, Why)> {
        self.promised -= 1;
        if self.closed {
            return Some((note, Why::Ended));
        }
        let full = !self.holds() && self.taken() >= self.limit;
        let same = self.waiting.iter().position(|older| older.kind == note.kind);
        let lost = match (self.policy, same) {
            (Policy::DropNewest, _) if full => return Some((note, Why::Newest)),
            (Policy::Latest, Some(at)) => self.waiting.remove(at).map(|older| (older, Why::Replaced)),
            (Policy::DropOldest | Policy::Latest, _) if full => match self.waiting.pop_front() {
                Some(older) => Some((older, Why::Oldest)),
                None if self.taken() > self.limit => return Some((note, Why::Aside)),
                None => None,
            },
            _ => None,
        };
        self.waiting.push_back(note);
        lost
    }
}

fn check(policy: Policy, limit: usize, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let cell = Arc::new(Cell { mailbox: Mailbox::new(limit, policy), woken: AtomicUsize::new(0) });
    let mut places = VecDeque::new();
    let (waiting, aside, signals) = (VecDeque::new(), Vec::new(), VecDeque::new());
    let mut model = Model { policy, limit, promised: 0, waiting, aside, signals, closed: false };
    let (mut sent, mut handled, mut lost) = (0, 0, 0);
    for step in steps {
        match step {
            Step::Reserve => {
                let place = Place::reserve(cell.clone());
                prop_assert_eq!(place.as_ref().map(drop).map_err(|why| *why), model.reserve());
                places.extend(place);
            }
            Step::Fill(kind) => {
                let Some(place) = places.pop_front() else { continue };
                let note = Note { kind, number: sent };
                sent += 1;
                let woken = cell.woken.load(Ordering::Relaxed);
                let mut told = None;
                let hear = |_: &Cell, lost: Result<_, _>| {
                    let taken = lost.is_ok();
                    let (Ok(Lost { message, why }) | Err(Lost { message, why })) = lost;
                    told = Some((message, why, taken));
                };
                place.fill(note, hear, |cell| _ = cell.woken.fetch_add(1, Ordering::Relaxed));
                let taken = told.is_none_or(|(.., taken)| taken);
                prop_assert_eq!(told.map(|(message, why, _)| (message, why)), model.fill(note));
                prop_assert_eq!(taken, model.waiting.back() == Some(&note), "taken in, as it says");
                prop_assert_eq!(cell.woken.load(Ordering::Relaxed) - woken, usize::from(taken), "woken for it");
                lost += usize::from(told.is_some());
            }
            Step::Cancel => {
                if places.pop_front().is_some() {
                    model.promised -= 1;
                }
            }
            Step::Next { aside } => match cell.mailbox.next() {
                Some(Next::Signal(signal)) => prop_assert_eq!(Some(signal), model.signals.pop_front()),
                Some(Next::Item(Item::Message(note))) => {
                    prop_assert!(model.signals.is_empty(), "signals go first");
                    prop_assert_eq!(Some(note), model.waiting.pop_front());
                    if aside {
                        model.aside.push(note);
                    } else {
                        cell.mailbox.done();
                        handled += 1;
                    }
                }
                Some(Next::Item(Item::Answer(()))) => prop_assert!(false, "nobody was asked"),
                None => prop_assert!(model.waiting.is_empty() && model.signals.is_empty()),
            },
            // An actor that has ended takes nothing up again.
            Step::PutBack if model.closed => {}
            Step::PutBack => {
                cell.mailbox.put_back(model.aside.iter().copied());
                for note in model.aside.drain(..).rev() {
                    model.waiting.push_front(note);
                }
            }
            Step::Signal => {
                cell.mailbox.signal(sent);
                model.signals.push_back(sent);
            }
            Step::Close => {
                model.closed = true;
                let left: Vec<_> = model.waiting.drain(..).map(Item::Message).collect();
                lost += left.len();
                prop_assert_eq!(cell.mailbox.close(), left);
            }
        }
        prop_assert_eq!(cell.mailbox.taken(), model.taken());
        prop_assert_eq!(cell.mailbox.waiting(), model.waiting.len());
        // One more than there are, when the newest gets in although none waits that could go.
        let most = limit + usize::from(matches!(policy, Policy::DropOldest | Policy::Latest));
        prop_assert!(cell.mailbox.taken() <= most, "{} places", cell.mailbox.taken());
        prop_assert_eq!(sent, handled + lost + model.waiting.len() + model.aside.len(), "each exactly once");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_mailbox_is_as_its_model(
        policy in proptest::sample::select(
            vec![Policy::Reject, Policy::Wait, Policy::DropOldest, Policy::DropNewest, Policy::Latest],
        ),
        limit in 1..5_usize,
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        check(policy, limit, steps)?;
    }
}
