//! Asking: with an answer that comes as a message, over swaps too; waiting in a turn; answering later.

use greenroom::prelude::*;
use greenroom::test::{Host, Test};

/// Asks whom it is told to, and keeps what it hears.
struct Asker {
    heard: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Ask { to: Address },
    AskWrongly { to: Address },
    Wait { to: Address },
    Price(Result<u32, AskError>),
    Heard,
}

impl Actor for Asker {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        let price = Message::new("price", []);
        match message {
            Order::Ask { to } => {
                if let Err(why) = ctx.ask(to, &price, 1.s(), Order::Price) {
                    self.heard.push(format!("at once: {why}"));
                }
            }
            Order::AskWrongly { to } => {
                let asked = ctx.ask(to, &price, 1.s(), |_: Result<u32, AskError>| Order::Heard);
                self.heard.push(format!("{asked:?}"));
            }
            Order::Wait { to } => {
                let answer: Result<u32, AskError> = ctx.ask_wait(to, &price, 1.s());
                self.heard.push(format!("waited: {answer:?}"));
                return ctx.reply(&self.heard.len());
            }
            Order::Price(answer) => self.heard.push(format!("{answer:?}")),
            Order::Heard => return ctx.reply(&self.heard),
        }
        Ok(Next::Same)
    }
}

impl State for Asker {
    type Kept = Vec<String>;

    fn keep(&self) -> &Vec<String> {
        &self.heard
    }

    fn resume(heard: Vec<String>, _: (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard })
    }
}

fn heard(asker: &mut Test<Asker>) -> Vec<String> {
    asker.ask(Order::Heard).expect("it answers")
}

#[test]
fn each_outcome_comes_as_the_message_that_was_named() {
    type React = fn(&mut Test<Asker>, Address);
    let check = |react: React, expect: &str| {
        let mut host = Host::new();
        let shop = host.stranger("shop");
        let mut asker = Test::<Asker>::on(host, ());
        asker.tell(Order::Ask { to: shop });
        react(&mut asker, shop);
        assert_eq!(heard(&mut asker), [expect]);
    };
    fn answer(asker: &mut Test<Asker>, shop: Address, answer: Result<&str, AskError>) {
        let question = asker.received(shop).remove(0);
        let answer = answer.map(|body| Message::new("answer", body));
        asker.answer(&question, answer.as_ref().map_err(Clone::clone));
    }
    check(|asker, shop| answer(asker, shop, Ok("3")), "Ok(3)");
    check(|asker, shop| answer(asker, shop, Err(AskError::Refused("shut".into()))), r#"Err(Refused("shut"))"#);
    let unfit = r#"Err(Other("the answer does not fit: expected u32, not a string"))"#;
    check(|asker, shop| answer(asker, shop, Ok(r#""three""#)), unfit);
    check(|asker, _| asker.advance(1.s()), "Err(TimedOut)");
    check(|asker, shop| asker.end(shop, Reason::Killed), "Err(Ended(Killed))");
}

#[test]
fn who_is_not_there_is_known_at_once() {
    let mut asker = Test::<Asker>::start(());
    asker.tell(Order::Ask { to: Address { node: 9, key: 9 } });
    assert_eq!(heard(&mut asker), ["at once: there is no such actor"]);
}

#[test]
fn a_message_that_takes_no_answer_is_found_when_it_is_named() {
    let mut host = Host::new();
    let shop = host.stranger("shop");
    let mut asker = Test::<Asker>::on(host, ());
    let why = r#"Err(Invalid("`heard` takes no answer: it needs one unnamed field, a `Result`"))"#;
    // Each time, also after one that takes an answer.
    asker.tell(Order::AskWrongly { to: shop });
    asker.tell(Order::AskWrongly { to: shop });
    assert!(asker.received(shop).is_empty());
    asker.tell(Order::Ask { to: shop });
    asker.tell(Order::Ask { to: shop });
    assert_eq!(asker.received(shop).len(), 2);
    asker.tell(Order::AskWrongly { to: shop });
    assert!(asker.received(shop).is_empty());
    assert_eq!(heard(&mut asker), [why; 3]);
}

#[test]
fn a_late_answer_is_never_delivered() {
    let mut host = Host::new();
    let shop = host.stranger("shop");
    let mut asker = Test::<Asker>::on(host, ());
    asker.tell(Order::Ask { to: shop });
    let question = asker.received(shop).remove(0);
    asker.advance(2.s());
    asker.answer(&question, Ok(&3));
    assert_eq!(heard(&mut asker), ["Err(TimedOut)"]);
}

#[test]
fn an_answer_finds_its_way_after_a_swap_and_not_after_a_restart() {
    let check = |again: fn(Test<Asker>) -> Test<Asker>, expect: &[&str]| {
        let mut host = Host::new();
        let shop = host.stranger("shop");
        let mut asker = Test::<Asker>::on(host, ());
        asker.tell(Order::Ask { to: shop });
        let mut asker = again(asker);
        let question = asker.received(shop).remove(0);
        asker.answer(&question, Ok(&3));
        assert_eq!(heard(&mut asker), expect);
    };
    check(|asker| asker.swap::<Asker>(), &["Ok(3)"]);
    let restart = |mut asker: Test<Asker>| {
        asker.restart();
        asker
    };
    check(restart, &[]);
}

/// Takes questions over, and answers them when it is told to.
struct Shop {
    questions: Vec<Request>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Trade {
    Price,
    Tell,
    Shut,
}

impl Actor for Shop {
    type Config = ();
    type Message = Trade;

    fn init(_: (), ctx: &mut Context<Self>) -> Result<Self> {
        ctx.send_after(300.ms(), &Trade::Tell)?;
        Ok(Self { questions: Vec::new() })
    }

    fn handle(&mut self, message: Trade, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Trade::Price => {
                assert!(ctx.is_asked());
                self.questions.extend(ctx.request());
                assert!(!ctx.is_asked() && ctx.request().is_none());
            }
            Trade::Tell => {
                for question in self.questions.drain(..) {
                    ctx.reply_to(question, &7)?;
                }
            }
            Trade::Shut => {
                for question in self.questions.drain(..) {
                    ctx.refuse_to(question, "shut")?;
                }
            }
        }
        Ok(Next::Same)
    }
}

#[test]
fn a_question_that_was_taken_over_is_answered_later() {
    let mut shop = Test::<Shop>::start(());
    assert_eq!(shop.ask::<u32>(Trade::Price), Ok(7));
    assert_eq!(shop.now().as_nanos(), 300.ms().as_nanos());
}

#[test]
fn waiting_in_a_turn_is_two_turns() {
    let mut host = Host::new();
    let shop = host.start::<Shop>("shop", &()).unwrap();
    let mut asker = Test::<Asker>::on(host, ());
    assert_eq!(asker.ask::<usize>(Order::Wait { to: shop }), Ok(1));
    assert_eq!(heard(&mut asker), ["waited: Ok(7)"]);
    // Nobody answers, and nobody could.
    assert_eq!(asker.ask::<usize>(Order::Wait { to: shop }), Ok(2));
    let own = asker.address();
    assert_eq!(asker.ask::<usize>(Order::Wait { to: own }), Ok(3));
    let heard = heard(&mut asker);
    assert_eq!(heard[1], "waited: Err(TimedOut)");
    assert_eq!(heard[2], r#"waited: Err(WouldDeadlock("under-test waits for under-test"))"#);
}
