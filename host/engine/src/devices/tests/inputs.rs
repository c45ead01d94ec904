//! Inputs: values over time, missing ones, stale ones.

use super::stage::{Stage, input, relay, writer};
use crate::clock::Clock;
use crate::devices::{Devices, Notice, ReadError, Reading, lock};
use greenroom_core::Instant;
use greenroom_manifest::{Device, Input};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(super) fn constant(name: &str, value: f64) -> Device {
    input(name, 1000, Input::Scripted { steps: vec![(Duration::ZERO, Some(value))] })
}

fn kettle(heater: &str) -> Device {
    let kettle = Input::SimKettle {
        heater: heater.parse().unwrap(),
        start_celsius: 20.0,
        litres: 17.0,
        power_watts: 2000.0,
        efficiency: 0.8,
        loss_watts_per_kelvin: 10.0,
    };
    input("mash", 2000, kettle)
}

#[test]
fn a_script_is_followed() {
    let steps = [(1, Some(20.0)), (3, None), (4, None), (5, Some(21.5))];
    let steps = steps.map(|(second, value)| (Duration::from_secs(second), value)).to_vec();
    let stage = Stage::simulated(&[input("probe", 1000, Input::Scripted { steps })]);
    let check = |millis, expect: &str| {
        stage.to(millis);
        assert_eq!(stage.words(), expect, "at {millis} ms");
    };
    assert_eq!(
        stage.devices.read("probe"),
        Err(ReadError::Failed("no value yet: it is being read for the first time".into()))
    );
    check(0, "probe missing: its script has not begun");
    check(999, "");
    check(1000, "probe back; probe is 20 at 1000");
    check(2000, "probe is 20 at 2000");
    check(2500, "");
    assert_eq!(stage.devices.read("probe"), Ok(Reading { at: Instant::from_nanos(2_000_000_000), value: 20.0 }));
    // Missing is told once.
    check(3000, "probe missing: missing, as the script says");
    check(4000, "");
    assert_eq!(stage.devices.read("probe"), Err(ReadError::Failed("missing, as the script says".into())));
    check(6000, "probe back; probe is 21.5 at 5000; probe is 21.5 at 6000");
}

#[test]
fn a_sine_is_a_sine() {
    let sine = Input::Sine { mean: 10.0, amplitude: 2.0, period: Duration::from_secs(4) };
    let stage = Stage::simulated(&[input("wave", 1000, sine)]);
    for (second, expect) in [(0, 10.0), (1, 12.0), (2, 10.0), (3, 8.0), (4, 10.0), (31_536_001, 12.0)] {
        stage.clock.advance_to(Instant::ORIGIN + Duration::from_secs(second));
        stage.devices.poll(stage.clock.now());
        let value = stage.devices.read("wave").unwrap().value;
        assert!((value - expect).abs() < 1e-9, "at {second} s: {value}");
    }
}

#[test]
fn a_value_grows_stale() {
    for (every, fresh) in [(10, 3000), (1000, 3000), (2000, 6000)] {
        let steps = vec![(Duration::ZERO, Some(20.0))];
        let stage = Stage::simulated(&[input("probe", every, Input::Scripted { steps })]);
        stage.to(0);
        // Nobody samples it while this time passes.
        let read = |millis: u64| {
            stage.clock.advance_to(Instant::from_nanos(millis * 1_000_000));
            stage.devices.read("probe").map(|reading| reading.value)
        };
        assert_eq!(read(fresh), Ok(20.0), "{every}");
        assert_eq!(read(fresh + 1), Err(ReadError::Stale(Duration::from_millis(fresh + 1))), "{every}");
        let view = &stage.devices.views()[0];
        assert_eq!((view.value, view.age_seconds), (Some(20.0), Some((fresh + 1) as f64 / 1000.0)));
        assert!(view.missing.as_ref().is_some_and(|why| why.contains("s old")), "{view:?}");
    }
}

#[test]
fn a_stall_makes_no_burst_and_no_drift() {
    let stage = Stage::simulated(&[constant("probe", 20.0)]);
    stage.to(0);
    stage.heard();
    // Polled late: once, and then in step with the start again.
    stage.devices.poll(Instant::from_nanos(7_300_000_000));
    assert_eq!(stage.words(), "probe is 20 at 7300");
    stage.to(9000);
    assert_eq!(stage.words(), "probe is 20 at 8000; probe is 20 at 9000");
}

#[test]
fn the_longest_due_is_sampled_first() {
    let steps = vec![(Duration::ZERO, Some(1.0))];
    let rare = input("rare", 3000, Input::Scripted { steps });
    let stage = Stage::simulated(&[rare, constant("often", 2.0)]);
    stage.to(0);
    stage.heard();
    stage.devices.poll(Instant::from_nanos(3_500_000_000));
    assert_eq!(stage.words(), "often is 2 at 3500; rare is 1 at 3500");
}

#[test]
fn the_kettle_is_heated_by_its_relay() {
    let stage = Stage::simulated(&[kettle("heater"), relay("heater", false, None)]);
    let celsius = || stage.devices.read("mash").unwrap().value;
    stage.to(0);
    assert_eq!(celsius(), 20.0);
    stage.devices.claim("heater", writer("a"), 1.0).unwrap();
    stage.devices.write("heater", &writer("a"), 1.0).unwrap();
    // 1600 W into 17 l for 44.5 s are 1 K; what is lost meanwhile is far below a step.
    stage.to(44_500);
    stage.devices.release(writer("a").address, "it trapped");
    stage.to(46_000);
    assert_eq!(celsius(), 21.0);
    // The volume's time constant is 7116 s.
    stage.to(46_000 + 7_116_000);
    assert_eq!(celsius(), 20.375);
}

#[test]
fn views_are_in_order_and_whole() {
    let stage = Stage::simulated(&[constant("probe", 20.0), relay("heater", false, None), constant("other", 1.0)]);
    stage.to(1500);
    stage.devices.claim("heater", writer("controller"), 1.0).unwrap();
    stage.devices.write("heater", &writer("controller"), 1.0).unwrap();
    let view = |index: usize| {
        let view = stage.devices.views().swap_remove(index);
        (view.name, view.kind, view.output, view.value, view.age_seconds, view.writer)
    };
    assert_eq!(view(0), ("probe".into(), "scripted", false, Some(20.0), Some(0.5), None));
    assert_eq!(view(1), ("heater".into(), "sim-relay", true, Some(1.0), Some(0.0), Some("controller".into())));
    assert_eq!(view(2).0, "other");
}

#[test]
fn who_hears_a_notice_may_call_back() {
    let (clock, heard) = (Clock::virtual_at_origin(), Arc::new(Mutex::new(Vec::new())));
    let slot: Arc<Mutex<Option<Arc<Devices>>>> = Arc::default();
    let (ear, devices) = (Arc::clone(&heard), Arc::clone(&slot));
    let notices = Box::new(move |notice: Notice| {
        let devices = lock(&devices).clone().unwrap();
        // What the notice says holds already, and whatever is called here does not wait for itself.
        let heater = devices.read("heater").unwrap().value;
        let due = devices.next_due();
        if let Notice::Reading { .. } = notice {
            devices.claim("heater", writer("a"), 1.0).unwrap();
            devices.write("heater", &writer("a"), 1.0).unwrap();
        }
        if let Notice::Set { .. } = notice {
            devices.release(writer("a").address, "it trapped");
        }
        lock(&ear).push((super::stage::words(&notice), heater, due.is_some()));
    });
    let plan = [constant("probe", 20.0), relay("heater", false, None)];
    let devices = Arc::new(Devices::open(&plan, clock, notices).unwrap());
    *lock(&slot) = Some(Arc::clone(&devices));
    devices.poll(Instant::ORIGIN);
    let expect = [
        ("heater on by a".to_owned(), 1.0, true),
        ("heater safe, it trapped, from a, 0 ms".to_owned(), 0.0, true),
        ("probe is 20 at 0".to_owned(), 0.0, true),
    ];
    assert_eq!(*lock(&heard), expect);
    *lock(&slot) = None;
}
