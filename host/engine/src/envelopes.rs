//! Envelopes that were used, for the next messages. One that an actor's turn fills is emptied by another's, on another thread maybe,
//! and an allocator has to bring it back to where it came from; here each thread keeps some, and those that it has too many of
//! are for all, a batch at a time.

use greenroom_core::Envelope;
use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

/// Envelopes that change hands at once.
const BATCH: usize = 64;
/// Batches that are kept for all.
const BATCHES: usize = 16;

type Batch = Vec<Box<Envelope>>;

thread_local! {
    static SPARE: RefCell<Batch> = const { RefCell::new(Vec::new()) };
}

static COMMON: Mutex<Vec<Batch>> = Mutex::new(Vec::new());

fn common() -> std::sync::MutexGuard<'static, Vec<Batch>> {
    COMMON.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One to be written into; what is in it means nothing.
pub(crate) fn take() -> Box<Envelope> {
    SPARE
        .with_borrow_mut(|spare| {
            if spare.is_empty()
                && let Some(batch) = common().pop()
            {
                *spare = batch;
            }
            spare.pop()
        })
        .unwrap_or_else(|| Box::new(Envelope::EMPTY))
}

/// One that has been read.
pub(crate) fn give(mut envelope: Box<Envelope>) {
    envelope.forget();
    let too_many = SPARE.with_borrow_mut(|spare| {
        spare.push(envelope);
        (spare.len() >= 2 * BATCH).then(|| spare.split_off(BATCH))
    });
    if let Some(batch) = too_many {
        let mut common = common();
        if common.len() < BATCHES {
            common.push(batch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use greenroom_core::{Address, Message};

    #[test]
    fn one_that_is_used_again_has_nothing_of_before() {
        let sender = Address { node: 1, key: 2 };
        let long = "k".repeat(64);
        for (kind, body) in [("set", "{}".to_owned()), (long.as_str(), "x".repeat(1000)), ("a", String::new())] {
            let message = Message::new(kind.parse().unwrap(), body);
            let (request, topic) = (Some(greenroom_core::Request(7)), Some("a/b".parse().unwrap()));
            give(Box::new(Envelope { sender: None, request, topic, message }));
            let mut again = take();
            assert!(again.write_plain(sender, b"next", b"1"));
            let message = Message::new("next".parse().unwrap(), "1");
            assert_eq!(*again, Envelope { sender: Some(sender), request: None, topic: None, message });
        }
    }

    #[test]
    fn who_gives_more_than_he_takes_gives_to_all() {
        let given = std::thread::spawn(|| (0..4 * BATCH).for_each(|_| give(Box::new(Envelope::EMPTY))));
        given.join().unwrap();
        assert!(!common().is_empty());
    }
}
