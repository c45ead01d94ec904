//! What is published when.

use crate::Sampler;
use greenroom::test::{Host, Test};
use greenroom::{AskError, Message, Units};

fn kettle() -> serde_json::Value {
    serde_json::json!({
        "every": "2s", "topic": "kettle/sample", "read": { "temperature": "mash-probe", "heater": "heater" },
        "ask": { "actor": "controller", "kind": "which-state" },
    })
}

fn bodies(host: &Host, topic: &str) -> Vec<String> {
    host.published(topic).iter().map(|sample| format!("{sample:?}")).collect()
}

/// Answers what the controller was asked since.
fn answer(sampler: &mut Test<Sampler>, controller: greenroom::Address, answer: Result<&str, AskError>) -> usize {
    let questions = sampler.received(controller);
    for question in &questions {
        assert_eq!(question.message.kind, "which-state");
        let answer = answer.clone().map(|body| Message::new("answer", body));
        sampler.answer(question, answer.as_ref().map_err(Clone::clone));
    }
    questions.len()
}

#[test]
fn the_machine_is_sampled_at_once_and_then_on_each_tick() {
    let mut host = Host::new();
    host.set_input("load", 0.5);
    let config =
        serde_json::json!({ "every": "5s", "topic": "machine/sample", "read": { "load": "load", "cpu": "none" } });
    let mut machine = Test::<Sampler>::on(host, config);
    let expect = |time: f64, load: f64| format!(r#"sample {{"time":{time:?},"cpu":null,"load":{load:?}}}"#);
    assert_eq!(bodies(&machine, "machine/sample"), [expect(1767225600.0, 0.5)]);
    machine.set_input("load", 0.75);
    machine.advance(10.s());
    let second = [expect(1767225605.0, 0.75), expect(1767225610.0, 0.75)];
    assert_eq!(bodies(&machine, "machine/sample")[1..], second);
}

#[test]
fn the_kettle_is_sampled_with_the_controllers_answer() {
    let mut host = Host::new();
    let controller = host.stranger("controller");
    host.set_input("mash-probe", 65.9375);
    host.add_output("heater");
    let mut sampler = Test::<Sampler>::on(host, kettle());
    assert!(bodies(&sampler, "kettle/sample").is_empty(), "it waits for the answer");
    assert_eq!(answer(&mut sampler, controller, Ok(r#"{"controller":"heating","mash-temperature":66.0}"#)), 1);
    let first = r#"sample {"time":1767225600.0,"heater":0.0,"temperature":65.9375,"controller":"heating","mash-temperature":66.0}"#;
    assert_eq!(bodies(&sampler, "kettle/sample"), [first]);
}

#[test]
fn what_is_missing_is_null_and_never_stops_the_stream() {
    let mut host = Host::new();
    let controller = host.stranger("controller");
    host.set_input("mash-probe", 60.0);
    host.add_output("heater");
    let mut sampler = Test::<Sampler>::on(host, kettle());
    answer(&mut sampler, controller, Ok(r#"{"controller":"idle","mash-temperature":66}"#));
    sampler.lose_input("mash-probe", "CRC mismatch");
    sampler.lose_wall_clock();
    let mut check = |expect: &str, react: &dyn Fn(&mut Test<Sampler>)| {
        let before = bodies(&sampler, "kettle/sample").len();
        sampler.advance(1.s());
        sampler.advance(1.s());
        react(&mut sampler);
        let samples = bodies(&sampler, "kettle/sample");
        assert_eq!(samples[before..], [expect]);
    };
    let nulls = r#"sample {"time":null,"heater":0.0,"temperature":null,"controller":null,"mash-temperature":null}"#;
    check(r#"sample {"time":null,"heater":0.0,"temperature":null,"controller":"idle"}"#, &|sampler| {
        answer(sampler, controller, Ok(r#"{"controller":"idle"}"#));
    });
    check(&nulls.replace(r#","mash-temperature":null"#, ""), &|sampler| {
        answer(sampler, controller, Err(AskError::Restarting));
    });
    check(&nulls.replace(r#","mash-temperature":null"#, ""), &|sampler| {
        answer(sampler, controller, Ok("[]"));
    });
    // No answer at all: half a second later, and before the next tick.
    check(&nulls.replace(r#","mash-temperature":null"#, ""), &|sampler| sampler.advance(500.ms()));
    assert!(sampler.logged("`controller` does not answer `which-state`: it is being restarted"));
    assert!(sampler.logged("the answer is no object"));
    assert!(sampler.logged("no answer came in time"));
}

#[test]
fn a_controller_that_is_gone_is_said_once() {
    let mut host = Host::new();
    host.set_input("mash-probe", 60.0);
    let mut sampler = Test::<Sampler>::on(host, kettle());
    sampler.advance(10.s());
    assert_eq!(bodies(&sampler, "kettle/sample").len(), 6);
    assert_eq!(sampler.logs().count(), 1);
    let controller = sampler.stranger("controller");
    sampler.advance(2.s());
    answer(&mut sampler, controller, Ok("{}"));
    assert!(sampler.logged("`controller` answers `which-state` again"));
}

#[test]
fn nobody_else_makes_an_answer_or_a_sample() {
    let mut host = Host::new();
    host.set_input("mash-probe", 60.0);
    let mut sampler = Test::<Sampler>::on(host, kettle());
    let before = bodies(&sampler, "kettle/sample").len();
    for (kind, body) in [("answered", r#"{"Ok":{"controller":"heating"}}"#), ("sample", "{}"), ("sampel", "")] {
        let refused = sampler.ask::<Message>(Message::new(kind, body));
        assert!(matches!(refused, Err(AskError::Refused(_))), "{refused:?}");
    }
    assert_eq!(bodies(&sampler, "kettle/sample").len(), before);
}
