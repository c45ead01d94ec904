use super::*;
use greenroom::test::Test;

/// A timer, and two who have it ring.
fn timer() -> (Test<Timer>, Address, Address) {
    let mut timer = Test::<Timer>::start(());
    let (cook, baker) = (timer.stranger("cook"), timer.stranger("baker"));
    (timer, cook, baker)
}

fn once(after: Duration) -> Order {
    Order::Once { after, note: "eggs".into() }
}

fn every(every: Duration) -> Order {
    Order::Every { every, note: "stir".into() }
}

/// What somebody has heard: the notes.
fn heard(timer: &mut Test<Timer>, who: Address) -> Vec<String> {
    let note = |envelope: greenroom::Envelope| match envelope.message.read().unwrap() {
        Order::Rang { note, .. } => note,
        _ => panic!("{envelope:?}"),
    };
    timer.received(who).into_iter().map(note).collect()
}

fn count(timer: &mut Test<Timer>) -> usize {
    timer.ask(Order::Count).unwrap()
}

#[test]
fn it_rings_once_or_again_and_again() {
    let (mut timer, cook, baker) = timer();
    timer.tell_by(cook, once(3.s()));
    timer.tell_by(baker, every(2.s()));
    timer.advance(7.s());
    assert_eq!(heard(&mut timer, cook), ["eggs"]);
    assert_eq!(heard(&mut timer, baker), ["stir", "stir", "stir"]);
    assert_eq!(count(&mut timer), 1, "what has rung is forgotten");
}

#[test]
fn only_its_owner_cancels_it() {
    let (mut timer, cook, baker) = timer();
    timer.tell_by(cook, every(2.s()));
    timer.tell_by(baker, Order::Cancel { timer: 1 });
    timer.advance(2.s());
    assert_eq!(heard(&mut timer, cook), ["stir"]);
    timer.tell_by(cook, Order::Cancel { timer: 1 });
    timer.advance(10.s());
    assert_eq!((heard(&mut timer, cook).len(), count(&mut timer)), (0, 0));
}

#[test]
fn it_ends_with_its_owner() {
    let (mut timer, cook, baker) = timer();
    timer.tell_by(cook, every(2.s()));
    timer.tell_by(cook, once(3.s()));
    timer.tell_by(baker, every(2.s()));
    timer.end(cook, Reason::Killed);
    assert_eq!(count(&mut timer), 1);
    timer.advance(2.s());
    assert_eq!(heard(&mut timer, baker), ["stir"]);
    assert_eq!(timer.dead_letters().count(), 0, "nothing was sent to who has ended");
}

#[test]
fn new_code_keeps_what_is_set_and_a_restart_does_not() {
    let (mut timer, cook, _) = timer();
    timer.tell_by(cook, once(3.s()));
    timer.tell_by(cook, every(2.s()));
    timer.advance(1.s());
    let mut timer = timer.swap::<Timer>();
    timer.advance(2.s());
    assert_eq!(heard(&mut timer, cook), ["stir", "eggs"]);
    timer.restart();
    assert_eq!(count(&mut timer), 0);
    timer.advance(10.s());
    assert_eq!(heard(&mut timer, cook).len(), 0);
}

#[test]
fn what_cannot_be_is_refused() {
    let (mut timer, cook, _) = timer();
    let refused = timer.ask::<u64>(once(3.s()));
    assert!(matches!(&refused, Err(AskError::Refused(why)) if why.contains("only an actor")), "{refused:?}");
    timer.tell_by(cook, every(Duration::ZERO));
    timer.tell_by(cook, Order::Due { timer: 1 });
    assert_eq!(count(&mut timer), 0);
}
