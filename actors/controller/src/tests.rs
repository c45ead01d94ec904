//! The controller with a real mash beneath it, in virtual time.

use crate::{Controller, Order, Shown, Status, Switch, Temperature};
use greenroom::test::{Host, Test};
use greenroom::{AskError, Message, Reason, Units};
use mash::Mash;

fn config(on: bool) -> serde_json::Value {
    serde_json::json!({
        "power-watts": 2000, "efficiency": 0.8, "volume-litres": 17, "set-celsius": 66, "lowest-celsius": 20,
        "highest-celsius": 80, "on-at-start": on, "tick": "2s", "probe": "mash-probe", "heater": "heater",
    })
}

fn host() -> Host {
    let mut host = Host::new();
    host.set_input("mash-probe", 64.0);
    host.behavior::<Mash>("mash", &());
    host
}

fn controller(on: bool) -> Test<Controller> {
    Test::<Controller>::on(host(), config(on)).keeping_state()
}

/// What it answers, as HTTP shows it.
fn ask(controller: &mut Test<Controller>, kind: &str, body: &str) -> String {
    match controller.ask::<Message>(Message::new(kind, body)) {
        Ok(answer) => String::from_utf8(answer.body).unwrap(),
        Err(why) => why.to_string(),
    }
}

#[test]
fn each_question_has_its_answer() {
    let mut controller = controller(true);
    let mut check =
        |kind: &str, body: &str, answer: &str| assert_eq!(ask(&mut controller, kind, body), answer, "{kind}");
    check("get-controller", "", r#"{"set":"on","state":"heating"}"#);
    check("get-temperature", "", r#"{"set":66.0,"temperature":64.0}"#);
    check("set-temperature", r#"{"set":67}"#, r#"{"set":67.0,"temperature":64.0}"#);
    check("which-state", "", r#"{"controller":"heating","mash-temperature":67.0}"#);
    check("set-controller", r#"{"set":"off"}"#, r#"{"set":"off","state":"idle"}"#);
    check("which-state", "{}", r#"{"controller":"idle","mash-temperature":67.0}"#);
    check("set-controller", r#"{"set":"on"}"#, r#"{"set":"on","state":"resting"}"#);
    check("get-controller", "null", r#"{"set":"on","state":"heating"}"#);
}

#[test]
fn what_is_wrong_is_refused_with_what_would_be_right() {
    let mut controller = controller(true);
    let mut check = |kind: &str, body: &str, expect: &str| {
        let answer = ask(&mut controller, kind, body);
        assert!(answer.contains(expect), "{kind} {body}: {answer}");
    };
    check("set-temperature", r#"{"set":200}"#, "a set-point is 20 to 80 °C, not 200");
    check("set-temperature", r#"{"set":-5}"#, "a set-point is 20 to 80 °C, not -5");
    check("set-temperature", r#"{"set":1e999}"#, "a set-point is 20 to 80 °C");
    check("set-temperature", r#"{"set":"66"}"#, "`set-temperature {set}`: `set`: expected f64, not a string");
    check("set-temperature", "", "missing field `set`");
    check("set-temperature", "66", "expected");
    check("set-controller", r#"{"set":"maybe"}"#, "unknown variant `maybe`, expected one of on, off");
    check("set-controler", "", "expected get-controller or set-controller {set} or get-temperature or set-temperature");
    check("mash-state", r#"{"state":"heating"}"#, "only the mash says what it is at");
    check("get-temperature", "", r#"{"set":66.0,"temperature":64.0}"#);
    assert_eq!(controller.why_ended(), None);
}

#[test]
fn off_is_off_at_once() {
    let mut controller = controller(true);
    controller.advance(11.s());
    assert_eq!(controller.output("heater"), 1.0);
    let mash = controller.spawned()[0].address;
    // Between two ticks.
    controller.tell(Order::SetController { set: Switch::Off });
    assert_eq!(controller.output("heater"), 0.0);
    assert_eq!(controller.ended(mash), Some(Reason::Shutdown));
    assert_eq!(controller.why_ended(), None);
    controller.tell(Order::SetController { set: Switch::Off });
    assert_eq!(controller.spawned().len(), 1);
}

#[test]
fn on_twice_is_on_once() {
    let mut controller = controller(false);
    assert_eq!(controller.output("heater"), 0.0);
    controller.tell(Order::SetController { set: Switch::On });
    controller.tell(Order::SetController { set: Switch::On });
    assert_eq!(controller.spawned().len(), 1);
    assert_eq!(controller.output("heater"), 1.0);
}

#[test]
fn a_new_set_point_does_not_restart_the_machine() {
    let mut controller = controller(true);
    controller.advance(40.s());
    controller.tell(Order::SetTemperature { set: 67.0 });
    controller.advance(100.s());
    assert_eq!(controller.spawned().len(), 1);
    let off = controller.changes("heater").last().map(|(at, _)| at.as_nanos());
    assert_eq!(off, Some(134.s().as_nanos()), "three kelvin from the beginning of the burst");
}

#[test]
fn set_point_and_switch_outlive_restarts_and_swaps() {
    let check = |on: Switch, again: fn(Test<Controller>) -> Test<Controller>, says: &str| {
        let mut controller = controller(false);
        controller.tell(Order::SetTemperature { set: 67.5 });
        controller.tell(Order::SetController { set: on });
        let mut controller = again(controller);
        let answer = controller.ask(Order::GetTemperature);
        assert_eq!(answer, Ok(Temperature { set: 67.5, temperature: Some(64.0) }));
        let status = controller.ask::<Status>(Order::GetController).unwrap();
        assert_eq!(status.set, on);
        assert!(controller.logged(says), "{:?}", controller.logs().collect::<Vec<_>>());
        assert_eq!(controller.output("heater"), if on == Switch::On { 1.0 } else { 0.0 });
    };
    let swap = |controller: Test<Controller>| controller.swap::<Controller>();
    let restart = |mut controller: Test<Controller>| {
        controller.restart();
        controller
    };
    check(Switch::On, swap, "swapped with what was set before: on, 67.5 °C");
    check(Switch::Off, swap, "swapped with what was set before: off, 67.5 °C");
    check(Switch::On, restart, "restarted with what was set before: on, 67.5 °C");
    check(Switch::Off, restart, "restarted with what was set before: off, 67.5 °C");
}

#[test]
fn a_swap_leaves_the_mash_alone() {
    let mut controller = controller(true);
    controller.advance(50.s());
    let mut controller = controller.swap::<Controller>();
    controller.advance(70.s());
    assert_eq!(controller.spawned().len(), 1);
    let shown = controller.ask::<Shown>(Order::WhichState).unwrap();
    assert_eq!(shown, Shown { controller: "heating".into(), mash_temperature: 66.0 });
    let changes: Vec<_> = controller.changes("heater").iter().map(|(at, _)| at.as_nanos() / 1_000_000_000).collect();
    assert_eq!(changes, [0, 90, 114]);
}

#[test]
fn when_the_mash_ends_badly_so_does_the_controller() {
    let mut controller = controller(true);
    let mash = controller.spawned()[0].address;
    controller.end(mash, Reason::Trapped("out of bounds".into()));
    assert_eq!(controller.why_ended(), Some(Reason::Trapped("out of bounds".into())));
    assert_eq!(controller.output("heater"), 0.0);
    // Its supervisor brings both back.
    controller.restart();
    assert_eq!(controller.output("heater"), 1.0);
}

#[test]
fn when_the_controller_ends_so_does_the_mash() {
    let mut controller = controller(true);
    let (address, mash) = (controller.address(), controller.spawned()[0].address);
    controller.end(address, Reason::OutOfTime);
    assert_eq!(controller.ended(mash), Some(Reason::OutOfTime));
    assert_eq!(controller.output("heater"), 0.0);
}

#[test]
fn a_set_point_that_the_manifest_no_longer_allows_is_given_up() {
    let mut controller = controller(true);
    controller.tell(Order::SetTemperature { set: 79.0 });
    let mut narrow = config(true);
    narrow["highest-celsius"] = 70.into();
    let address = controller.address();
    controller.set_config(address, &narrow);
    controller.restart();
    assert!(controller.logged("a set-point is 20 to 70 °C, not 79"));
    let answer: Result<Temperature, AskError> = controller.ask(Order::GetTemperature);
    assert_eq!(answer.unwrap().set, 66.0);
}

#[test]
fn without_a_thermometer_the_temperature_is_null() {
    let mut controller = controller(true);
    controller.lose_input("mash-probe", "unplugged");
    assert_eq!(ask(&mut controller, "get-temperature", ""), r#"{"set":66.0,"temperature":null}"#);
}

#[test]
fn a_configuration_that_makes_no_sense_is_a_failed_start() {
    let check = |key: &str, value: serde_json::Value, expect: &str| {
        let mut config = config(true);
        config[key] = value;
        let why = Test::<Controller>::try_on(host(), config).err().unwrap().to_string();
        assert!(why.contains(expect), "{why}");
    };
    check("power-watts", 0.into(), "`power-watts` is more than 0, and 1000000 at most, not 0");
    check("efficiency", 80.into(), "`efficiency` is more than 0, and 1 at most, not 80");
    check("volume-litres", (-1).into(), "`volume-litres` is more than 0");
    check("set-celsius", 100.into(), "a set-point is 20 to 80 °C, not 100");
    check("lowest-celsius", 90.into(), "`lowest-celsius` (90) is above `highest-celsius` (80)");
    check("tick", "1ms".into(), "`tick` is 10ms to 60s, not 1ms");
    check("volume", 17.into(), "unknown field `volume`");
}
