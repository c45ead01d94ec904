//! The actor: what the heater does when, and what happens when devices fail.

use super::{LITRES, config, mash, state, switched, tick};
use crate::{Celsius, Mash, Order};
use greenroom::test::{Host, Test};
use greenroom::{Level, Units, WriteError};

#[test]
fn the_heater_follows_the_table() {
    // A temperature each tick, the last one from then on; for how long; when the heater changed.
    let check = |temperatures: &[f64], seconds: u64, expect: &[(f64, bool)]| {
        let mut mash = mash(temperatures[0]);
        for n in 1..=seconds / 2 {
            let celsius = temperatures.get(n as usize).or(temperatures.last());
            mash.set_input("mash-probe", *celsius.unwrap());
            tick(&mut mash);
        }
        assert_eq!(switched(&mash), expect, "{temperatures:?}");
    };
    check(&[64.0], 120, &[(0.0, true), (90.0, false), (114.0, true)]);
    check(&[65.8], 70, &[(0.0, true), (20.0, false), (44.0, true), (64.0, false)]);
    check(&[65.9, 65.9, 65.89], 10, &[(4.0, true)]);
    check(&[70.0, 70.0, 66.0, 65.95, 65.0], 10, &[(8.0, true)]);
    check(&[60.0, 60.0, 60.0, 60.0, 60.0, 90.0], 300, &[(0.0, true), (10.0, false)]);
}

#[test]
fn the_phases_follow_the_table() {
    let mut mash = mash(64.0);
    let check = |mash: &mut Test<Mash>, seconds: u64, expect: &str| {
        let now = mash.now().as_nanos();
        mash.advance(greenroom::Duration::from_nanos(seconds.s().as_nanos() - now));
        assert_eq!(state(mash), expect, "at {seconds} s");
    };
    check(&mut mash, 88, "heating");
    check(&mut mash, 90, "slacking");
    check(&mut mash, 110, "slacking");
    check(&mut mash, 112, "resting");
    check(&mut mash, 114, "heating");
}

#[test]
fn a_new_set_point_goes_on_from_where_it_is() {
    let mut mash = mash(64.0);
    mash.advance(40.s());
    mash.tell(Order::Set { celsius: Celsius(67.0) });
    mash.advance(90.s());
    // Three kelvin take 133 s from the beginning of the burst, not from the new set-point.
    assert_eq!(switched(&mash), [(0.0, true)]);
    mash.advance(6.s());
    assert_eq!(switched(&mash), [(0.0, true), (134.0, false)]);
    mash.tell(Order::Set { celsius: Celsius(20.0) });
    mash.advance(60.s());
    assert_eq!(state(&mut mash), "resting");
}

#[test]
fn each_change_is_told() {
    let mut host = Host::new();
    host.set_input("mash-probe", 64.0);
    let controller = host.stranger("controller");
    let mut config = config(66.0, LITRES);
    config["report-to"] = controller.to_string().into();
    let mut mash = Test::<Mash>::on(host, config);
    mash.advance(114.s());
    let told: Vec<String> = mash.received(controller).iter().map(|told| format!("{:?}", told.message)).collect();
    let states = ["resting", "heating", "slacking", "resting", "heating"];
    assert_eq!(told, states.map(|state| format!(r#"mash-state {{"state":"{state}"}}"#)));
}

#[test]
fn without_a_temperature_the_heater_is_off_and_the_mash_goes_on_after() {
    type Fail = fn(&mut Test<Mash>);
    let check = |fail: Fail| {
        let mut mash = mash(60.0);
        mash.advance(10.s());
        assert_eq!(mash.output("heater"), 1.0);
        fail(&mut mash);
        mash.advance(20.s());
        assert_eq!(switched(&mash), [(0.0, true), (12.0, false)]);
        let warnings = mash.logs().filter(|(_, level, _)| *level == Level::Warn).count();
        assert_eq!(warnings, 1, "said once");
        mash.set_input("mash-probe", 61.0);
        tick(&mut mash);
        assert_eq!(switched(&mash), [(0.0, true), (12.0, false), (32.0, true)]);
        assert!(mash.logged("there is a temperature again: 61 °C"));
        assert_eq!(mash.why_ended(), None);
    };
    check(|mash| mash.lose_input("mash-probe", "CRC mismatch"));
    check(|mash| mash.stale_input("mash-probe", 10.s()));
}

#[test]
fn a_start_without_a_temperature_waits_for_one() {
    let mut host = Host::new();
    host.lose_input("mash-probe", "unplugged");
    let mut mash = Test::<Mash>::on(host, config(66.0, LITRES));
    mash.advance(10.s());
    assert_eq!(mash.output("heater"), 0.0);
    mash.set_input("mash-probe", 60.0);
    tick(&mut mash);
    assert_eq!(mash.output("heater"), 1.0);
}

#[test]
fn what_the_host_switches_off_is_the_end_of_a_burst() {
    let mut mash = mash(20.0);
    mash.advance(900.s());
    // As the host does when `max-on` has passed: off, and errors until it is written off once.
    mash.fail_output("heater", Some(WriteError::MaxOn));
    tick(&mut mash);
    assert_eq!(state(&mut mash), "slacking");
    mash.fail_output("heater", None);
    mash.advance(24.s());
    assert_eq!(state(&mut mash), "heating");
    assert!(mash.logged("on for as long as it may be"));
}

#[test]
fn a_heater_that_cannot_be_switched_is_said_once() {
    let mut mash = mash(60.0);
    mash.fail_output("heater", Some(WriteError::Failed("no such line".into())));
    mash.advance(20.s());
    mash.fail_output("heater", None);
    mash.advance(2.s());
    let logs: Vec<_> = mash.logs().map(|(_, _, text)| text.to_owned()).collect();
    assert_eq!(logs, ["the heater can't be switched: no such line", "the heater can be switched again"]);
}

#[test]
fn a_swap_in_mid_burst_carries_on() {
    let mut mash = mash(64.0);
    mash.advance(50.s());
    let mut mash = mash.swap::<Mash>();
    mash.advance(64.s());
    assert_eq!(switched(&mash), [(0.0, true), (90.0, false), (114.0, true)]);
    mash.tell(Order::Set { celsius: Celsius(70.0) });
    let mut mash = mash.swap::<Mash>();
    mash.advance(88.s());
    assert_eq!(mash.output("heater"), 1.0, "the set-point is kept too");
}

#[test]
fn its_end_leaves_the_heater_safe() {
    let mut mash = mash(60.0);
    assert_eq!(mash.output("heater"), 1.0);
    let address = mash.address();
    mash.end(address, greenroom::Reason::OutOfTime);
    assert_eq!(mash.output("heater"), 0.0);
    assert_eq!(mash.why_ended(), Some(greenroom::Reason::OutOfTime));
}

#[test]
fn a_configuration_that_makes_no_sense_is_a_failed_start() {
    let check = |key: &str, value: serde_json::Value, expect: &str| {
        let mut config = config(66.0, LITRES);
        config[key] = value;
        let why = Test::<Mash>::try_on(Host::new(), config).err().unwrap().to_string();
        assert!(why.contains(expect), "{why}");
    };
    check("power-watts", 0.into(), "`power-watts` is more than 0");
    check("efficiency", 80.into(), "`efficiency` is more than 0, and 1 at most");
    check("tick", 2.into(), "as in \"2s\"");
    check("tick", "0s".into(), "every 1 ms at least");
    check("heter", "x".into(), "unknown field `heter`");
}
