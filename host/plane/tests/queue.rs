//! The run queue, whatever is done with it in whatever order: who is queued is taken once, nobody finds it empty who should
//! not, and nobody waits behind those who came later for longer than is fair.

#![cfg(not(loom))]

use greenroom_plane::{Queue, Worker};
use proptest::prelude::*;
use std::collections::BTreeSet;

const WORKERS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// So many come from outside.
    Push(u16),
    /// A worker's turn wakes so many.
    Own(Worker, u16),
    /// A worker takes so many, one by one.
    Take(Worker, u16),
    /// A worker whose turns wake each other lets the one that has waited longest go first.
    Exchange(Worker),
    /// A tick, at which some are brought to the others.
    Tick,
}

fn worker() -> impl Strategy<Value = Worker> {
    prop_oneof![4 => (0..WORKERS).prop_map(Worker::Ordinary), 1 => Just(Worker::Helper)]
}

fn step() -> impl Strategy<Value = Step> {
    // Now and then more than a worker keeps for itself.
    let many = || prop_oneof![4 => 1..4u16, 1 => 100..400u16];
    prop_oneof![
        2 => many().prop_map(Step::Push),
        3 => (worker(), many()).prop_map(|(worker, many)| Step::Own(worker, many)),
        4 => (worker(), many()).prop_map(|(worker, many)| Step::Take(worker, many)),
        1 => worker().prop_map(Step::Exchange),
        1 => Just(Step::Tick),
    ]
}

proptest! {
    #[test]
    fn each_is_taken_once_and_nobody_is_overlooked(steps in proptest::collection::vec(step(), 1..60)) {
        let queue = Queue::new(WORKERS, || {});
        let (mut queued, mut number, mut now) = (BTreeSet::new(), 0_u64, 0);
        for step in steps {
            let mut new = || {
                number += 1;
                number
            };
            match step {
                Step::Push(many) => (0..many).for_each(|_| {
                    let item = new();
                    queued.insert(item);
                    queue.push(item, now);
                }),
                Step::Own(worker, many) => (0..many).for_each(|_| {
                    let item = new();
                    queued.insert(item);
                    queue.push_own(worker, std::iter::once(item), now);
                }),
                Step::Take(worker, many) => {
                    for _ in 0..many {
                        match queue.take(worker, || now) {
                            Some(item) => prop_assert!(queued.remove(&item), "{item} was taken twice"),
                            None => prop_assert!(queued.is_empty(), "{worker:?} has overlooked {queued:?}"),
                        }
                    }
                }
                Step::Exchange(worker) => {
                    let item = new();
                    queued.insert(item);
                    let other = queue.exchange(worker, item, now);
                    prop_assert!(queued.remove(&other), "{other} was taken twice");
                }
                Step::Tick => {
                    now += 1;
                    queue.rescue(now, 2);
                }
            }
        }
        while let Some(item) = queue.take(Worker::Helper, || now) {
            prop_assert!(queued.remove(&item));
        }
        prop_assert!(queued.is_empty(), "lost: {queued:?}");
    }
}

#[test]
fn who_waits_for_any_worker_has_their_turn_although_one_never_runs_out() {
    let queue = Queue::new(1, || {});
    let worker = Worker::Ordinary(0);
    queue.push_own(worker, std::iter::once(0), 0);
    // One after the other: what one takes along, the next one does not find.
    for outside in 1..20 {
        queue.push(outside, 0);
        let takes = (1..).find(|_| {
            queue.push_own(worker, std::iter::once(0), 0);
            queue.take(worker, || 0) == Some(outside)
        });
        assert!(takes.is_some_and(|takes| takes <= 16), "after {takes:?}");
    }
}

#[test]
fn a_worker_takes_in_the_order_of_their_coming() {
    let queue = Queue::new(2, || {});
    let (first, second) = (Worker::Ordinary(0), Worker::Ordinary(1));
    (1..=4).for_each(|item| queue.push_own(first, std::iter::once(item), 0));
    // The thief has the older half.
    assert_eq!(queue.take(second, || 0), Some(1));
    assert_eq!([first, first, second].map(|worker| queue.take(worker, || 0)), [Some(3), Some(4), Some(2)]);
    assert_eq!(queue.take(first, || 0), None);
}

#[test]
fn whom_a_worker_does_not_come_to_is_for_the_others() {
    let queue = Queue::new(2, || {});
    let (first, second) = (Worker::Ordinary(0), Worker::Ordinary(1));
    queue.push_own(first, std::iter::once(1), 5);
    queue.push_own(second, std::iter::once(2), 5);
    queue.rescue(6, 2);
    assert_eq!(queue.needs_helpers(1, 6, 0, 1), 0, "each is where it was");
    queue.rescue(7, 2);
    assert_eq!(queue.needs_helpers(1, 10, 3, 1), 1, "nobody has come for them since");
    assert_eq!([first, first].map(|worker| queue.take(worker, || 10)), [Some(1), Some(2)]);
}

#[test]
fn a_helper_leaves_although_there_is_work_when_the_others_get_on() {
    let queue = Queue::new(2, || {});
    let helper = Worker::Helper;
    assert_eq!(queue.needs_helpers(0, 1, 3, 1), 1, "both are in turns that take long");
    (1..=3).for_each(|item| queue.push(item, 1));
    let mut now = 1;
    let mut ticks = |free, count| {
        (0..count).for_each(|_| {
            now += 1;
            assert_eq!(queue.needs_helpers(free, now, 1000, 1), 0);
        });
        queue.take(helper, || now)
    };
    assert_eq!(ticks(2, 100), Some(1), "as many are free as there are to be");
    assert_eq!(ticks(3, 49), Some(2), "there may soon be a long turn again");
    assert_eq!(ticks(2, 1), Some(3), "and there was");
    queue.push(4, 1);
    assert_eq!(ticks(3, 50), None, "it is one too many");
    assert_eq!(queue.wait(helper, || 300), None);
    // It counts no more, so that there may be another one.
    assert_eq!(queue.needs_helpers(0, 300, 1000, 1), 1);
    assert_eq!(queue.take(helper, || 300), Some(4));
}

#[test]
fn as_many_helpers_come_as_there_is_work_for() {
    let queue = Queue::new(2, || {});
    let needed = |free| queue.needs_helpers(free, 1, 1000, 7);
    assert_eq!(needed(0), 1, "one is there for the next who comes");
    (1..=3).for_each(|item| queue.push(item, 1));
    assert_eq!(needed(1), 0, "somebody gets on");
    assert_eq!(needed(0), 3);
    (1..=30).for_each(|item| queue.push(item, 1));
    assert_eq!([needed(0), needed(0)], [3, 0], "no more than there may be");
}

#[test]
fn who_is_alone_may_go_on_but_not_with_a_helper() {
    let queue = Queue::new(2, || {});
    let (first, second) = (Worker::Ordinary(0), Worker::Ordinary(1));
    assert_eq!([first, Worker::Helper].map(|worker| queue.has_none(worker)), [true, false]);
    queue.push_own(first, std::iter::once(1), 0);
    assert_eq!([first, second].map(|worker| queue.has_none(worker)), [false, true]);
    queue.push(2, 0);
    assert!(!queue.has_none(second));
}
