//! The desk: every order is carried out once, in the order of its thread, by one at a time; and none is left behind when those
//! who have put them there are gone.

use super::model;
use greenroom_plane::{Clerk, Desk};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

/// Writes down what it carries out. Two at a time would be seen by loom at the list.
struct Scribe<'a> {
    list: &'a UnsafeCell<Vec<u8>>,
    open: &'a AtomicBool,
}

impl Clerk<u8, u8> for Scribe<'_> {
    fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    fn label(&self, order: &u8) -> Option<u8> {
        Some(*order)
    }

    fn carry_out(&mut self, order: u8) {
        // SAFETY: the desk's promise is what is tested: loom fails the test if another thread is here as well.
        self.list.with_mut(|list| unsafe { (*list).push(order) });
    }
}

struct Office {
    desk: Desk<u8, u8>,
    list: UnsafeCell<Vec<u8>>,
    open: AtomicBool,
}

// SAFETY: the list is only touched by who is at the desk.
unsafe impl Sync for Office {}
// SAFETY: as above.
unsafe impl Send for Office {}

impl Office {
    fn new() -> Arc<Self> {
        Arc::new(Self { desk: Desk::default(), list: UnsafeCell::new(Vec::new()), open: AtomicBool::new(true) })
    }

    fn work(&self) {
        self.desk.work(&mut Scribe { list: &self.list, open: &self.open });
    }

    /// What was carried out, when all others are over.
    fn list(&self) -> Vec<u8> {
        // SAFETY: nobody is at the desk any more.
        self.list.with(|list| unsafe { (*list).clone() })
    }
}

#[test]
fn no_order_is_left_behind() {
    model(3, || {
        let office = Office::new();
        let other = thread::spawn({
            let office = office.clone();
            move || {
                for order in [1, 2] {
                    assert_eq!(office.desk.put(order), None);
                    office.work();
                }
            }
        });
        assert_eq!(office.desk.put(11), None);
        office.work();
        other.join().unwrap();
        let list = office.list();
        let own: Vec<_> = list.iter().filter(|order| **order < 10).collect();
        assert_eq!(own, [&1, &2], "{list:?}");
        assert!(list.contains(&11) && list.len() == 3, "{list:?}");
    });
}

#[test]
fn a_label_is_found_until_its_order_is_carried_out() {
    model(3, || {
        let office = Office::new();
        assert_eq!(office.desk.put(1), None);
        let other = thread::spawn({
            let office = office.clone();
            move || office.work()
        });
        let found = office.desk.find(|order| Some(*order), |label| (label == 1).then_some(()));
        // Who does not find it finds what came of it.
        if found.is_none() {
            // SAFETY: nobody is at the desk any more, or loom fails the test.
            assert_eq!(office.list.with(|list| unsafe { (*list).clone() }), [1]);
        }
        other.join().unwrap();
    });
}

#[test]
fn a_closed_desk_gives_back_what_it_has_not_carried_out() {
    model(3, || {
        let office = Office::new();
        let other = thread::spawn({
            let office = office.clone();
            move || {
                let refused = office.desk.put(1);
                office.work();
                refused
            }
        });
        let left = office.desk.close();
        let refused = other.join().unwrap();
        let done = office.list();
        let all: Vec<u8> = left.into_iter().chain(refused).chain(done).collect();
        assert_eq!(all, [1]);
        assert_eq!(office.desk.put(2), Some(2));
    });
}
