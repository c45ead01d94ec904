//! Outputs: claims, writes, releases, max-on, and drives that fail.

use super::board::Bench;
use super::stage::{Stage, machine, pin, relay, words, writer};
use crate::devices::{ReadError, Released, WriteError};
use greenroom_manifest::{Device, Line};
use rustix::io::Errno;
use std::path::Path;

/// Each step is a command and what comes of it: the answer, and then what was heard.
fn check(plan: &[Device], bench: &Bench, steps: &[(&str, &str)]) {
    let stage = Stage::open(plan, &machine(bench, Path::new("/nowhere"))).unwrap();
    for (step, (command, expect)) in steps.iter().enumerate() {
        let parts: Vec<&str> = command.split(' ').collect();
        let answer = match *parts.as_slice() {
            ["claim", device, who, value] => told(stage.devices.claim(device, writer(who), value.parse().unwrap())),
            ["write", device, who, value] => told(stage.devices.write(device, &writer(who), value.parse().unwrap())),
            // As a turn that goes well.
            ["set", device, who, value] => {
                let value = value.parse().unwrap();
                let claimed = stage.devices.claim(device, writer(who), value);
                told(claimed.and_then(|()| stage.devices.write(device, &writer(who), value)))
            }
            ["release", who] => released(&stage.devices.release(writer(who).address, "it trapped")),
            ["read", device] => match stage.devices.read(device) {
                Ok(reading) => reading.value.to_string(),
                Err(ReadError::Failed(why)) => why,
                Err(other) => format!("{other:?}"),
            },
            ["to", millis] => {
                stage.to(millis.parse().unwrap());
                String::new()
            }
            ["all", "safe"] => {
                stage.devices.make_all_safe("the root gave up");
                String::new()
            }
            ["shutdown"] => {
                stage.devices.shutdown();
                String::new()
            }
            ["break", what] => {
                bench.break_all(if what == "io" { Some(Errno::IO) } else { None });
                String::new()
            }
            ["unplug"] => {
                bench.unplug(true);
                String::new()
            }
            ["plug"] => {
                bench.unplug(false);
                String::new()
            }
            ["pin", offset] => if bench.high(offset.parse().unwrap()) { "high" } else { "low" }.into(),
            _ => panic!("no such command: {command}"),
        };
        let heard = stage.heard().iter().map(words).collect::<Vec<_>>().join("; ");
        let got = [answer, heard].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ");
        assert_eq!(got, *expect, "step {step}: {command}");
    }
}

fn told(result: Result<(), WriteError>) -> String {
    match result {
        Ok(()) => "ok".into(),
        Err(WriteError::Busy(holder)) => format!("busy: {holder}"),
        Err(WriteError::OutOfRange(why) | WriteError::Failed(why)) => why,
        Err(other) => format!("{other:?}"),
    }
}

fn released(released: &[Released]) -> String {
    let one = |one: &Released| match &one.failed {
        None => one.device.to_string(),
        Some(why) => format!("{} not: {why}", one.device),
    };
    format!("released {}", released.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn simulated(plan: &[Device], steps: &[(&str, &str)]) {
    check(plan, &Bench::default(), steps);
}

#[test]
fn one_writer_at_a_time() {
    simulated(
        &[relay("heater", false, None), relay("pump", false, None)],
        &[
            ("read heater", "0"),
            ("claim heater a 1", "ok"),
            // A claim has no effect on the pin.
            ("read heater", "0"),
            ("write heater a 1", "ok | heater on by a"),
            ("read heater", "1"),
            // Again is no event.
            ("write heater a 1", "ok"),
            ("claim heater b 1", "busy: a"),
            ("claim heater b 0", "busy: a"),
            ("write heater b 0", "busy: a"),
            ("read heater", "1"),
            ("set pump b 1", "ok | pump on by b"),
            ("write heater a 0", "ok | heater off by a"),
            // Off is not free.
            ("claim heater b 1", "busy: a"),
            ("release a", "released heater"),
            ("release a", "released "),
            ("set heater b 1", "ok | heater on by b"),
            (
                "release b",
                "released heater, pump | heater safe, it trapped, from b, 0 ms; pump safe, it trapped, from b, 0 ms",
            ),
            ("read heater", "0"),
            ("read pump", "0"),
        ],
    );
}

#[test]
fn nobody_drives_after_a_release() {
    simulated(
        &[relay("heater", false, None)],
        &[
            ("write heater a 1", "Unclaimed"),
            ("claim heater a 1", "ok"),
            ("release a", "released heater"),
            // The commit of a turn whose actor was killed.
            ("write heater a 1", "Unclaimed"),
            ("read heater", "0"),
            ("claim heater b 1", "ok"),
            ("write heater a 1", "busy: b"),
            ("read heater", "0"),
        ],
    );
}

#[test]
fn only_what_there_is_and_only_its_values() {
    let plan = [relay("heater", false, None), super::inputs::constant("probe", 20.0)];
    let range = |value: &str| format!("`heater` is a switch: 0 is off and 1 is on, and {value} is neither");
    simulated(
        &plan,
        &[
            ("claim oven a 1", "NoDevice"),
            ("claim probe a 1", "ReadOnly"),
            ("write oven a 1", "NoDevice"),
            ("write probe a 1", "ReadOnly"),
            ("read oven", "NoDevice"),
            ("claim heater a 0.5", &range("0.5")),
            ("claim heater a 2", &range("2")),
            ("claim heater a -1", &range("-1")),
            ("claim heater a NaN", &range("NaN")),
            ("claim heater a inf", &range("inf")),
            // None of these reserved it.
            ("set heater b -0", "ok"),
            ("write heater b 1.5", &range("1.5")),
        ],
    );
}

#[test]
fn max_on_ends_and_latches() {
    simulated(
        &[relay("heater", false, Some(900_000))],
        &[
            ("to 5000", ""),
            ("set heater a 1", "ok | heater on by a"),
            // Writing the same again does not make it longer.
            ("to 500000", ""),
            ("set heater a 1", "ok"),
            ("to 904999", ""),
            ("read heater", "1"),
            ("to 905000", "heater max-on; heater safe, it was on for its max-on of 900s, from a, 0 ms"),
            ("read heater", "0"),
            ("claim heater a 1", "MaxOn"),
            ("write heater a 1", "MaxOn"),
            ("to 9000000", ""),
            // A new writer cannot do what the last one may not.
            ("release a", "released heater"),
            ("claim heater b 1", "MaxOn"),
            // A claim is no write.
            ("claim heater b 0", "ok"),
            ("claim heater b 1", "MaxOn"),
            ("write heater b 0", "ok"),
            ("set heater b 1", "ok | heater on by b"),
            ("to 9900000", "heater max-on; heater safe, it was on for its max-on of 900s, from b, 0 ms"),
        ],
    );
}

#[test]
fn max_on_starts_anew_after_the_safe_level() {
    simulated(
        &[relay("heater", false, Some(10_000))],
        &[
            ("set heater a 1", "ok | heater on by a"),
            ("to 9999", ""),
            ("set heater a 0", "ok | heater off by a"),
            ("set heater a 1", "ok | heater on by a"),
            ("to 19998", ""),
            ("read heater", "1"),
            ("release a", "released heater | heater safe, it trapped, from a, 0 ms"),
            ("to 100000", ""),
            ("set heater b 1", "ok | heater on by b"),
            ("to 109999", ""),
            ("to 110000", "heater max-on; heater safe, it was on for its max-on of 10s, from b, 0 ms"),
        ],
    );
}

#[test]
fn safe_may_be_on() {
    simulated(
        &[relay("cooler", true, Some(10_000))],
        &[
            ("read cooler", "1"),
            ("set cooler a 1", "ok"),
            ("to 100000", ""),
            ("set cooler a 0", "ok | cooler off by a"),
            ("to 110000", "cooler max-on; cooler safe, it was on for its max-on of 10s, from a, 0 ms"),
            ("claim cooler a 0", "MaxOn"),
            ("set cooler a 1", "ok"),
            ("set cooler a 0", "ok | cooler off by a"),
            ("release a", "released cooler | cooler safe, it trapped, from a, 0 ms"),
            ("read cooler", "1"),
        ],
    );
}

#[test]
fn all_safe_frees_and_shutdown_closes() {
    simulated(
        &[relay("heater", false, None), relay("pump", false, None)],
        &[
            ("set heater a 1", "ok | heater on by a"),
            ("claim pump b 1", "ok"),
            ("all safe", "heater safe, the root gave up, from a, 0 ms"),
            ("write heater a 1", "Unclaimed"),
            ("write pump b 1", "Unclaimed"),
            ("set heater b 1", "ok | heater on by b"),
            ("shutdown", "heater safe, the host is stopping, from b, 0 ms"),
            ("claim heater b 1", "the host is stopping"),
            ("write heater b 1", "Unclaimed"),
            ("read heater", "0"),
            ("shutdown", ""),
        ],
    );
}

const IO: &str = "GPIO17 (gpiochip0:17) does not answer: Input/output error (os error 5)";
const GONE: &str = "GPIO17 (gpiochip0:17) is gone with its chip: connect it again";
const NONE: &str = "GPIO17 cannot be had, as this machine has no /dev/gpiochip*";
const TAKEN: &str = "GPIO17 (gpiochip0:17) cannot be had: Input/output error (os error 5)";

#[test]
fn a_drive_that_fails_is_made_safe_and_told() {
    check(
        &[pin("heater", Line::Bcm(17), false, None)],
        &Bench::pi(),
        &[
            ("set heater a 1", "ok | heater on by a"),
            ("break io", ""),
            ("set heater a 0", &format!("{IO} | heater failed: {IO}")),
            // The latest attempt is what counts.
            ("claim heater a 1", IO),
            ("read heater", TAKEN),
            ("to 999", ""),
            ("to 1000", ""),
            ("pin 17", "high"),
            ("break none", ""),
            ("to 1999", ""),
            ("pin 17", "high"),
            ("to 2000", "heater back; heater safe, it could not be driven, from a, 2000 ms"),
            ("pin 17", "low"),
            ("read heater", "0"),
            // The writer is told once more: its level was not kept.
            ("claim heater a 1", IO),
            ("set heater a 1", "ok | heater on by a"),
            ("pin 17", "high"),
            // What happened first is what is told at last.
            ("break io", ""),
            ("set heater a 1", &format!("{IO} | heater failed: {IO}")),
            ("release a", &format!("released heater not: {TAKEN}")),
            ("break none", ""),
            ("to 3000", "heater back; heater safe, it could not be driven, from a, 1000 ms"),
            ("set heater b 1", "ok | heater on by b"),
        ],
    );
}

#[test]
fn a_chip_that_comes_back_is_safe_at_once() {
    check(
        &[pin("heater", Line::Bcm(17), false, Some(900_000))],
        &Bench::pi(),
        &[
            ("set heater a 1", "ok | heater on by a"),
            ("unplug", ""),
            ("release a", &format!("released heater not: {NONE} | heater failed: {NONE}")),
            ("pin 17", "high"),
            // A new writer finds it broken, and does not wait for it.
            ("claim heater b 1", NONE),
            ("to 500", ""),
            ("plug", ""),
            ("to 1000", "heater back; heater safe, it trapped, from a, 1000 ms"),
            ("pin 17", "low"),
            ("set heater b 1", "ok | heater on by b"),
            ("unplug", ""),
            ("read heater", &format!("{GONE} | heater failed: {GONE}")),
            ("plug", ""),
            ("read heater", NONE),
            ("to 2000", "heater back; heater safe, it could not be read back, from b, 1000 ms"),
            ("claim heater b 1", GONE),
            ("set heater b 0", "ok"),
            // Nobody knows where it was while it was gone, so that it is safe is told.
            ("unplug", ""),
            ("read heater", &format!("{GONE} | heater failed: {GONE}")),
            ("plug", ""),
            ("to 3000", "heater back; heater safe, it could not be read back, from b, 1000 ms"),
        ],
    );
}

#[test]
fn a_chip_that_nobody_looks_at_is_looked_at() {
    check(
        &[pin("heater", Line::Bcm(17), true, None)],
        &Bench::pi(),
        &[
            ("to 10300", ""),
            ("set heater a 1", "ok | heater on by a"),
            ("unplug", ""),
            ("to 11000", &format!("heater failed: {GONE}")),
            ("to 11500", ""),
            ("plug", ""),
            // Off is high.
            ("to 12000", "heater back; heater safe, it could not be read back, from a, 1000 ms"),
            ("pin 17", "high"),
            // Without a writer as well.
            ("release a", "released heater"),
            ("unplug", ""),
            ("to 13000", &format!("heater failed: {GONE}")),
            ("plug", ""),
            ("to 14000", "heater back; heater safe, it could not be read back, from nobody, 1000 ms"),
        ],
    );
}

#[test]
fn max_on_holds_while_it_cannot_be_driven() {
    check(
        &[pin("heater", Line::Bcm(17), true, Some(10_000))],
        &Bench::pi(),
        &[
            ("pin 17", "high"),
            ("set heater a 1", "ok | heater on by a"),
            ("pin 17", "low"),
            ("to 9000", ""),
            ("break io", ""),
            ("to 10000", &format!("heater max-on; heater failed: {TAKEN}")),
            ("claim heater a 0", TAKEN),
            ("to 20000", ""),
            ("break none", ""),
            ("to 21000", "heater back; heater safe, it was on for its max-on of 10s, from a, 11000 ms"),
            ("pin 17", "high"),
            ("claim heater a 1", TAKEN),
            ("claim heater a 1", "MaxOn"),
            ("set heater a 0", "ok"),
            ("set heater a 1", "ok | heater on by a"),
        ],
    );
}
