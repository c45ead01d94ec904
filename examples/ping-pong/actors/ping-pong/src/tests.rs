use super::*;
use greenroom::test::Test;

#[derive(Serialize)]
struct Table {
    flight: Duration,
}

fn ping_pong() -> Test<PingPong> {
    Test::start(Table { flight: 500.ms() })
}

fn state(actor: &mut Test<PingPong>) -> String {
    actor.ask(Play::WhichState).unwrap()
}

#[test]
fn the_ball_goes_to_and_fro() {
    let check = |hits: u32, expect: &str| {
        let mut actor = ping_pong();
        assert_eq!(actor.ask(Play::Serve { hits }), Ok(expect.to_string()), "{hits}");
        assert_eq!(actor.now().as_nanos(), u64::from(hits) * 500_000_000);
        assert_eq!(state(&mut actor), "ready");
    };
    check(1, "ping");
    check(2, "pong");
    check(9, "ping");
}

#[test]
fn each_hit_is_another_behaviour() {
    let mut actor = ping_pong();
    actor.tell(Play::Serve { hits: 3 });
    for expect in ["ping", "pong", "ping", "ready"] {
        assert_eq!(state(&mut actor), expect);
        actor.advance(500.ms());
    }
}

#[test]
fn what_comes_during_a_rally_waits_for_its_end() {
    let mut actor = ping_pong();
    actor.tell(Play::Serve { hits: 2 });
    actor.tell(Play::Serve { hits: 1 });
    actor.tell(Play::Stop);
    // A ball from outside is none of this rally's.
    assert!(matches!(actor.ask::<()>(Play::Ball { left: 9 }), Err(AskError::Refused(_))));
    actor.advance(1.s());
    assert_eq!(state(&mut actor), "ping", "the second rally");
    assert_eq!(actor.why_ended(), None);
    actor.advance(500.ms());
    assert_eq!(actor.why_ended(), Some(Reason::Normal));
}

#[test]
fn a_rally_without_hits_is_refused() {
    let mut actor = ping_pong();
    assert!(matches!(actor.ask::<()>(Play::Serve { hits: 0 }), Err(AskError::Refused(_))));
    assert!(matches!(actor.ask::<()>(Play::Ball { left: 0 }), Err(AskError::Refused(_))));
}
