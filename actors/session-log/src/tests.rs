//! Which samples are sent on.

use crate::SessionLog;
use greenroom::test::{Host, Test};
use greenroom::{Address, Message, Units};

fn config() -> serde_json::Value {
    serde_json::json!({ "subscribe": "kettle/sample", "to": "log", "least-change-celsius": 0.07, "at-least-every": "1m" })
}

fn log() -> (Test<SessionLog>, Address) {
    let mut host = Host::new();
    let topic = host.stranger("log");
    (Test::on(host, config()), topic)
}

fn sample(temperature: Option<f64>, heater: u8, controller: &str) -> Message {
    let body = serde_json::json!({
        "time": 1.5, "temperature": temperature, "heater": heater, "controller": controller, "mash-temperature": 66.0,
    });
    Message::new("sample", body.to_string())
}

#[test]
fn only_what_is_new_is_sent_on() {
    // Samples, two seconds apart, and whether each is sent on.
    let check = |samples: &[(Option<f64>, u8, &str, bool)]| {
        let (mut log, topic) = log();
        for (n, (temperature, heater, controller, expect)) in samples.iter().enumerate() {
            let message = sample(*temperature, *heater, controller);
            log.publish("kettle/sample", &message);
            let sent: Vec<_> = log.received(topic).into_iter().map(|envelope| envelope.message).collect();
            assert_eq!(sent, if *expect { vec![message] } else { vec![] }, "sample {n} of {samples:?}");
            log.advance(2.s());
        }
    };
    let resting = |celsius, expect| (Some(celsius), 0, "resting", expect);
    check(&[resting(65.0, true), resting(65.0, false), resting(65.06, false), resting(65.07, true)]);
    // Since the last one that was sent on, not the one before.
    check(&[resting(65.0, true), resting(65.04, false), resting(65.08, true), resting(65.04, false)]);
    check(&[resting(65.0, true), resting(64.9375, false), resting(64.875, true)]);
    check(&[resting(65.0, true), (Some(65.0), 1, "resting", true), (Some(65.0), 1, "resting", false)]);
    check(&[resting(65.0, true), (Some(65.0), 0, "idle", true), resting(65.0, true)]);
    check(&[resting(65.0, true), (None, 0, "resting", true), (None, 0, "resting", false), resting(65.0, true)]);
}

#[test]
fn one_a_minute_is_sent_on() {
    let (mut log, topic) = log();
    let mut sent = Vec::new();
    for n in 0..100 {
        log.publish("kettle/sample", &sample(Some(65.0), 0, "resting"));
        sent.extend(log.received(topic).iter().map(|_| 2 * n));
        log.advance(2.s());
    }
    assert_eq!(sent, [0, 60, 120, 180]);
}

#[test]
fn one_a_minute_is_sent_on_when_samples_come_at_odd_times() {
    let (mut log, topic) = log();
    let mut sent = Vec::new();
    for n in 0..30 {
        log.publish("kettle/sample", &sample(Some(65.0), 0, "resting"));
        sent.extend(log.received(topic).iter().map(|_| 7 * n));
        log.advance(7.s());
    }
    assert!(sent.windows(2).all(|pair| pair[1] - pair[0] <= 60), "{sent:?}");
    assert_eq!(sent, [0, 56, 112, 168]);
}

#[test]
fn a_swap_forgets_nothing_and_a_restart_subscribes_again() {
    let (mut log, topic) = log();
    log.publish("kettle/sample", &sample(Some(65.0), 0, "resting"));
    let mut log = log.swap::<SessionLog>();
    log.publish("kettle/sample", &sample(Some(65.0), 0, "resting"));
    assert_eq!(log.received(topic).len(), 1);
    log.restart_fresh();
    log.publish("kettle/sample", &sample(Some(65.0), 0, "resting"));
    assert_eq!(log.received(topic).len(), 1, "the first after a start without state");
    log.restart();
    log.publish("kettle/sample", &sample(Some(66.0), 0, "resting"));
    assert_eq!(log.received(topic).len(), 1);
    assert_eq!(log.routes().len(), 1);
}

#[test]
fn what_is_no_sample_and_nobody_to_send_to_do_no_harm() {
    let (mut log, topic) = log();
    log.tell(Message::new("sample", r#"{"temperature":"warm"}"#));
    log.tell(Message::new("other", ""));
    assert_eq!(log.dead_letters().count(), 2);
    log.end(topic, greenroom::Reason::Killed);
    for n in 0..3 {
        log.publish("kettle/sample", &sample(Some(65.0 + f64::from(n)), 0, "resting"));
    }
    assert_eq!(log.logs().count(), 1);
    let topic = log.stranger("log");
    log.publish("kettle/sample", &sample(Some(70.0), 0, "resting"));
    assert_eq!(log.received(topic).len(), 1);
    assert!(log.logged("samples reach `log` again"));
    assert_eq!(log.why_ended(), None);
}
