//! A message's kind is the variant, its JSON body the fields; what does not fit says what would.

use greenroom::test::Test;
use greenroom::{Actor, AskError, Context, Message, Next, Result, Sendable, codec};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
enum Order {
    WhichState,
    Set { mash_celsius: f64, note: Option<String> },
    Whole(Fields),
    Pair(u8, bool),
    Text(String),
    Maybe(Option<u8>),
    Answered(std::result::Result<u8, AskError>),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Fields {
    one: u8,
    #[serde(default)]
    two: u8,
}

fn set(mash_celsius: f64) -> Order {
    Order::Set { mash_celsius, note: None }
}

#[test]
fn messages_are_written_and_read_back() {
    let check = |order: Order, kind: &str, body: &str| {
        let message = order.message().unwrap();
        assert_eq!((message.kind.as_str(), String::from_utf8_lossy(&message.body).as_ref()), (kind, body));
        assert_eq!(message.read::<Order>().unwrap(), order);
    };
    check(Order::WhichState, "which-state", "");
    check(set(66.0), "set", r#"{"mash-celsius":66.0,"note":null}"#);
    check(Order::Whole(Fields { one: 1, two: 2 }), "whole", r#"{"one":1,"two":2}"#);
    check(Order::Pair(1, true), "pair", "[1,true]");
    check(Order::Text("a\"b".into()), "text", r#""a\"b""#);
    check(Order::Maybe(None), "maybe", "null");
}

#[test]
fn what_is_no_enum_is_an_answer() {
    let check = |message: Message, body: &str| assert_eq!(message, Message::new("answer", body));
    check(Fields { one: 1, two: 2 }.message().unwrap(), r#"{"one":1,"two":2}"#);
    check(3.message().unwrap(), "3");
    check("text".message().unwrap(), r#""text""#);
    check([1, 2].message().unwrap(), "[1,2]");
    check(Some(Order::Text("inner".into())).message().unwrap(), r#"{"text":"inner"}"#);
    assert_eq!(codec::read::<Fields>(&Message::new("anything", r#"{"one":1}"#)), Ok(Fields { one: 1, two: 0 }));
    let raw = Message::new("raw", [0xff]);
    assert_eq!(raw.message().unwrap(), raw);
}

#[test]
fn bodies_may_be_looser_than_what_is_written() {
    let check = |kind: &str, body: &str, order: Order| {
        assert_eq!(codec::read::<Order>(&Message::new(kind, body)), Ok(order), "{kind} {body}");
    };
    check("which-state", "{}", Order::WhichState);
    check("which-state", "null", Order::WhichState);
    check("which-state", r#"{"since":[1,{"a":2}]}"#, Order::WhichState);
    check("set", r#" { "mash-celsius" : 66 , "more" : {} } "#, set(66.0));
    check("whole", r#"{"one":1}"#, Order::Whole(Fields { one: 1, two: 0 }));
    check("maybe", "", Order::Maybe(None));
}

#[test]
fn what_does_not_fit_says_what_would() {
    let check = |kind: &str, body: &str, expect: &str| {
        let why = codec::read::<Order>(&Message::new(kind, body)).unwrap_err().to_string();
        assert_eq!(why, expect, "{kind} {body}");
    };
    let kinds = "`sett` is not understood: expected which-state or set {mash-celsius, note} or whole {one, two} or \
                 pair or text or maybe or answered";
    check("sett", "", kinds);
    check("set", "", "`set {mash-celsius, note}`: missing field `mash-celsius`");
    check("set", r#"{"mash-celsius":"66"}"#, "`set {mash-celsius, note}`: `mash-celsius`: expected f64, not a string");
    check("set", "66", "`set {mash-celsius, note}`: expected an object, not a number");
    check("set", "{", "`set {mash-celsius, note}`: not JSON: expected `,` or the end of a list or object at byte 1");
    check("set", "{} {}", "`set {mash-celsius, note}`: missing field `mash-celsius`");
    check("which-state", "[]", "`which-state`: expected no fields, not a list");
    check("whole", "", "`whole {one, two}`: missing field `one`");
    check("whole", r#"{"one":256}"#, "`whole {one, two}`: `one`: expected u8");
    check("pair", "[1]", "`pair`: invalid length 1, expected tuple variant Order::Pair with 2 elements");
    check("answered", r#"{"Ok":1}"#, "`answered`: comes only as the answer to a question");
    check("answered", r#"{"Err":"timed-out"}"#, "`answered`: comes only as the answer to a question");
}

/// Counts what it understands.
struct Counter(u64);

impl Actor for Counter {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self(0))
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        self.0 += 1;
        match message {
            Order::Text(_) => Ok(Next::Same),
            _ => ctx.reply(&self.0),
        }
    }
}

#[test]
fn what_an_actor_does_not_understand_never_reaches_it() {
    let mut counter = Test::<Counter>::start(());
    counter.tell(Message::new("sett", []));
    counter.tell(Message::new("set", "66"));
    let refused = counter.ask::<u64>(Message::new("sett", []));
    assert!(
        matches!(&refused, Err(AskError::Refused(why)) if why.contains("expected which-state or set")),
        "{refused:?}"
    );
    let letters: Vec<_> = counter.dead_letters().map(|(message, _)| message.kind.clone()).collect();
    assert_eq!(letters, ["sett", "set", "sett"]);
    assert_eq!(counter.ask::<u64>(Order::WhichState), Ok(1));
}

#[test]
fn nobody_waits_for_an_answer_that_never_comes() {
    let mut counter = Test::<Counter>::start(());
    let refused = counter.ask::<u64>(Order::Text("a".into()));
    assert_eq!(refused, Err(AskError::Refused("`text` was handled, and has no answer".into())));
    assert_eq!(counter.now(), greenroom::Instant::default(), "at once");
    let unfit = counter.ask::<String>(Order::WhichState);
    assert_eq!(
        unfit,
        Err(AskError::Other("the answer does not fit: `answer`: expected a string, not a number".into()))
    );
}
