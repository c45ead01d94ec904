//! The run queue: nobody who is queued is overlooked, doubled or lost, whoever wakes, steals, searches or leaves meanwhile.
//! Who is never told of somebody that waits for them is a deadlock for loom.

use super::model;
use greenroom_plane::{Queue, Stand, Worker};
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

const FIRST: Worker = Worker::Ordinary(0);
const SECOND: Worker = Worker::Ordinary(1);
const THIRD: Worker = Worker::Ordinary(2);

fn queue(workers: usize) -> Arc<Queue<u8>> {
    Arc::new(Queue::new(workers, || {}))
}

/// As a worker does: who is there is taken, and only else it waits.
fn next(queue: &Queue<u8>, worker: Worker) -> Option<u8> {
    queue.take(worker, || 0).or_else(|| queue.wait(worker, || 0))
}

#[test]
fn whom_a_worker_keeps_for_itself_others_find() {
    model(3, || {
        let queue = queue(2);
        // It puts two there, and then is in a turn that does not end.
        let busy = thread::spawn({
            let queue = queue.clone();
            move || (1..=2).for_each(|item| queue.push_own(FIRST, std::iter::once(item), 0))
        });
        let mut got = [0, 1].map(|_| next(&queue, SECOND).unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        busy.join().unwrap();
    });
}

/// Two wait, one call is enough for both: who is woken wakes the next one.
#[test]
fn who_has_found_somebody_wakes_the_next_one_for_the_others() {
    model(2, || {
        let queue = queue(3);
        let got = [SECOND, THIRD].map(|worker| {
            let queue = queue.clone();
            // Each takes one alone, and comes back for no more.
            thread::spawn(move || next(&queue, worker).unwrap())
        });
        queue.push_own(FIRST, 1..=2, 0);
        let mut got = got.map(|worker| worker.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
    });
}

/// The same of the shared queue, whose parts go into the own queues of those that take.
#[test]
fn whom_a_worker_takes_along_from_the_shared_queue_others_find() {
    model(2, || {
        let queue = queue(2);
        (1..=3).for_each(|item| queue.push(item, 0));
        let first = thread::spawn({
            let queue = queue.clone();
            move || next(&queue, FIRST).unwrap()
        });
        let second = [0, 1].map(|_| next(&queue, SECOND).unwrap());
        let mut got = [first.join().unwrap(), second[0], second[1]];
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3]);
    });
}

/// Owner and thief, a full queue that overflows, and one that exchanges.
#[test]
fn each_is_taken_exactly_once() {
    model(2, || {
        let queue = queue(2);
        let thief = thread::spawn({
            let queue = queue.clone();
            move || std::iter::from_fn(|| queue.take(SECOND, || 0)).take(2).collect::<Vec<_>>()
        });
        // One more than it may have, under loom.
        queue.push_own(FIRST, 1..=3, 0);
        let mut got = vec![queue.exchange(FIRST, 4, 0)];
        got.extend(std::iter::from_fn(|| queue.take(FIRST, || 0)));
        got.extend(thief.join().unwrap());
        got.extend(std::iter::from_fn(|| queue.take(FIRST, || 0)));
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3, 4]);
    });
}

/// A worker is in a long turn, another one never runs out of work of its own: the tick brings who waits behind the first.
#[test]
fn who_waits_behind_a_long_turn_is_brought_to_the_others() {
    model(3, || {
        let queue = queue(2);
        queue.push_own(FIRST, std::iter::once(1), 0);
        let tick = thread::spawn({
            let queue = queue.clone();
            move || queue.rescue(2, 2)
        });
        // Its own queue is never empty, so it does not steal; who waits behind another one would never come.
        let look = || {
            queue.push_own(SECOND, std::iter::once(7), 0);
            queue.take(SECOND, || 0) == Some(1)
        };
        let found = look() | look();
        tick.join().unwrap();
        // By now it is in the shared queue, which is looked at each second time, under loom.
        assert!(found | look() | look(), "it was left there");
    });
}

#[test]
fn a_worker_that_stands_still_leaves_those_behind_it_to_a_helper() {
    model(3, || {
        let queue = queue(1);
        queue.push_own(FIRST, std::iter::once(1), 0);
        assert_eq!(queue.stand(FIRST, 0, 1), Stand::WithHelper);
        let helper = thread::spawn({
            let queue = queue.clone();
            move || {
                let got: Vec<_> = std::iter::from_fn(|| next(&queue, Worker::Helper)).collect();
                // It leaves when its worker waits again.
                queue.close();
                got
            }
        });
        queue.go_on();
        let mut got: Vec<_> = std::iter::from_fn(|| next(&queue, FIRST)).collect();
        got.extend(helper.join().unwrap());
        assert_eq!(got, [1]);
    });
}

/// Who is run may have others run: as long as any of them is left, all is not quiet; and then it is, and is told.
#[test]
fn it_is_quiet_when_all_have_run_and_not_before() {
    model(2, || {
        let (left, told) = (Arc::new(AtomicUsize::new(3)), Arc::new(AtomicBool::new(false)));
        let queue = Arc::new(Queue::new(2, {
            let (left, told) = (left.clone(), told.clone());
            move || {
                assert_eq!(left.load(Ordering::Acquire), 0, "there is more to do");
                told.store(true, Ordering::Release);
            }
        }));
        // From outside, while all is quiet or as good as.
        queue.push(1, 0);
        let workers = [FIRST, SECOND].map(|worker| {
            let (queue, left) = (queue.clone(), left.clone());
            thread::spawn(move || {
                while let Some(item) = next(&queue, worker) {
                    match item {
                        1 => queue.push_own(worker, std::iter::once(2), 0),
                        2 => queue.push(3, 0),
                        _ => {}
                    }
                    if left.fetch_sub(1, Ordering::AcqRel) == 1 {
                        queue.close();
                    }
                }
            })
        });
        workers.into_iter().for_each(|worker| worker.join().unwrap());
        assert!(told.load(Ordering::Acquire) && queue.activity().is_quiet());
    });
}

/// What is queued while it is closed, or afterwards, is dropped: nobody has it, and nobody holds it.
#[test]
fn a_queue_that_is_closed_holds_nobody() {
    model(3, || {
        let queue = Arc::new(Queue::new(1, || {}));
        let item = Arc::new(());
        let pushing = thread::spawn({
            let (queue, item) = (queue.clone(), item.clone());
            move || {
                queue.push_own(FIRST, std::iter::once(item.clone()), 0);
                queue.push(item.clone(), 0);
                queue.push_own(FIRST, std::iter::once(item), 0);
            }
        });
        queue.close();
        pushing.join().unwrap();
        assert_eq!(Arc::strong_count(&item), 1);
        assert!(next_of(&queue).is_none());
        assert!(queue.activity().is_quiet());
    });

    fn next_of(queue: &Queue<Arc<()>>) -> Option<Arc<()>> {
        queue.take(FIRST, || 0).or_else(|| queue.wait(FIRST, || 0))
    }
}

/// A helper leaves, and somebody is queued at the same moment: another one who waits is told.
#[test]
fn who_is_queued_while_a_helper_leaves_is_found() {
    model(3, || {
        let queue = queue(2);
        assert_eq!(queue.needs_helpers(0, 0, 1, 1), 1);
        let waits = thread::spawn({
            let queue = queue.clone();
            move || next(&queue, SECOND)
        });
        let got = Arc::new(Mutex::new(None));
        let helper = thread::spawn({
            let (queue, got) = (queue.clone(), got.clone());
            move || {
                while let Some(item) = next(&queue, Worker::Helper) {
                    *got.lock().unwrap() = Some(item);
                    // It has found them, and the worker that waits has to be let go.
                    queue.close();
                }
            }
        });
        queue.push_own(FIRST, std::iter::once(1), 0);
        let found = waits.join().unwrap();
        queue.close();
        helper.join().unwrap();
        assert!(found.is_some() != got.lock().unwrap().is_some());
    });
}

/// The same, of a helper that is told to leave while others get on.
#[test]
fn who_is_queued_while_a_helper_is_dismissed_is_found() {
    model(3, || {
        let queue = queue(1);
        assert_eq!(queue.needs_helpers(0, 0, 1, 1), 1);
        let helper = thread::spawn({
            let queue = queue.clone();
            move || {
                let got: Vec<_> = std::iter::from_fn(|| next(&queue, Worker::Helper)).collect();
                if !got.is_empty() {
                    // It has found them before it left, and the worker that waits has to be let go.
                    queue.close();
                }
                got.len()
            }
        });
        assert_eq!(queue.needs_helpers(2, 50, 1, 1), 0);
        queue.push(1, 50);
        let found = next(&queue, FIRST);
        queue.close();
        assert_eq!(helper.join().unwrap() + usize::from(found.is_some()), 1);
    });
}
