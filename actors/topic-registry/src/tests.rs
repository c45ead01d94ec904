//! Subscriptions, and what becomes of them.

use crate::{Order, TopicRegistry};
use greenroom::test::{Host, Test};
use greenroom::{Address, AskError, Message, Reason};

fn registry(config: serde_json::Value) -> Test<TopicRegistry> {
    let mut registry = Test::on(Host::new(), config);
    let address = registry.address();
    registry.set_registry(address);
    registry
}

fn open() -> Test<TopicRegistry> {
    registry(serde_json::json!({}))
}

fn register(pattern: &str) -> Order {
    Order::Register { pattern: pattern.into() }
}

fn heard(registry: &mut Test<TopicRegistry>, topic: &str, who: Address) -> usize {
    registry.publish(topic, &Message::new("sample", []));
    registry.received(who).len()
}

#[test]
fn who_registers_hears_and_who_deregisters_does_not() {
    let mut registry = open();
    let (one, two) = (registry.stranger("one"), registry.stranger("two"));
    registry.tell_by(one, register("kettle/*"));
    registry.tell_by(two, register("kettle/sample"));
    registry.tell_by(two, register("kettle/sample"));
    assert_eq!(heard(&mut registry, "kettle/sample", one), 1);
    assert_eq!(registry.received(two).len(), 1, "twice registered is once heard");
    assert_eq!(heard(&mut registry, "kettle/log", two), 0);
    let receivers = registry.ask(Order::WhichReceivers { topic: "kettle/sample".into() });
    assert_eq!(receivers, Ok(vec![one, two]));
    registry.received(one);
    registry.tell_by(one, Order::Deregister { pattern: "kettle/*".into() });
    assert_eq!(heard(&mut registry, "kettle/sample", one), 0);
    assert_eq!(registry.ask(Order::WhichReceivers { topic: "kettle/log".into() }), Ok(Vec::<Address>::new()));
    assert_eq!(registry.routes(), [("kettle/sample".to_string(), vec![two])]);
}

#[test]
fn receivers_that_end_are_forgotten() {
    let mut registry = open();
    let (one, two) = (registry.stranger("one"), registry.stranger("two"));
    for pattern in ["a", "b"] {
        registry.tell_by(one, register(pattern));
    }
    registry.tell_by(two, register("a"));
    registry.end(one, Reason::Trapped("boom".into()));
    assert_eq!(registry.routes(), [("a".to_string(), vec![two])]);
    let left: Result<Vec<Address>, _> = registry.ask(Order::WhichReceivers { topic: "b".into() });
    assert_eq!(left, Ok(vec![]));
}

#[test]
fn a_restart_loses_no_subscription() {
    let mut registry = open();
    let (one, two) = (registry.stranger("one"), registry.stranger("two"));
    registry.tell_by(one, register("a"));
    registry.tell_by(two, register("a"));
    let address = registry.address();
    registry.end(address, Reason::OutOfTime);
    assert_eq!(heard(&mut registry, "a", one), 1, "the host delivers without it");
    // One of them ends while there is no registry to hear of it.
    registry.end(two, Reason::Normal);
    registry.restart_fresh();
    assert_eq!(registry.routes(), [("a".to_string(), vec![one])]);
    assert_eq!(registry.ask(Order::WhichReceivers { topic: "a".into() }), Ok(vec![one]));
    registry.end(one, Reason::Normal);
    assert!(registry.routes().is_empty(), "it watches again those that it read back");
}

#[test]
fn the_rules_say_who_may_hear() {
    let rules = serde_json::json!({ "allow": { "kettle/**": ["logger", "page"], "machine/sample": ["page"] } });
    let mut registry = registry(rules);
    let (logger, page) = (registry.stranger("logger"), registry.stranger("page"));
    let mut check = |who: Address, pattern: &str, allowed: bool| {
        registry.tell_by(who, register(pattern));
        let routed = registry.routes().iter().any(|(there, receivers)| there == pattern && receivers.contains(&who));
        assert_eq!(routed, allowed, "{pattern}");
    };
    check(logger, "kettle/sample", true);
    check(page, "kettle/*", true);
    check(logger, "machine/sample", false);
    check(page, "machine/sample", true);
    check(page, "machine/*", false);
    check(page, "**", false);
    assert!(registry.dead_letters().any(|(_, why)| why.contains("do not let you hear `**`")));
}

#[test]
fn what_is_wrong_is_refused() {
    let mut registry = open();
    let outside: Result<Message, _> = registry.ask(register("a"));
    assert_eq!(outside, Err(AskError::Refused("only an actor can subscribe".into())));
    let one = registry.stranger("one");
    registry.tell_by(one, register("no/TOPIC"));
    assert!(registry.dead_letters().any(|(_, why)| why.contains("`no/TOPIC` is no topic")));
    assert!(registry.routes().is_empty());
    assert_eq!(registry.why_ended(), None);
}
