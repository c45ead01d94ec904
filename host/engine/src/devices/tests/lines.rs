//! GPIO: which line is meant, what is said when it cannot be had, and changes from outside.

use super::board::Bench;
use super::stage::{Stage, input, machine, pin, writer};
use crate::devices::OpenError;
use greenroom_manifest::{Bias, Device, Input, Line};
use rustix::io::Errno;
use std::fs;
use std::path::Path;
use std::time::Duration;

fn open(bench: &Bench, plan: &[Device]) -> Result<Stage, OpenError> {
    Stage::open(plan, &machine(bench, Path::new("/nowhere")))
}

fn button(line: &str, active_low: bool) -> Device {
    let (bias, debounce) = (Some(Bias::PullUp), Duration::from_millis(20));
    input("button", 1000, Input::Gpio { line: line.parse().unwrap(), active_low, bias, debounce })
}

/// Opens an output on this line. Gives the chip and offset that were driven.
fn driven(bench: &Bench, line: &str) -> Result<u32, String> {
    let stage = open(bench, &[pin("heater", line.parse().unwrap(), true, None)]);
    let stage = stage.map_err(|error| error.to_string())?;
    let mut all = (0..64).filter(|offset| bench.asked(*offset).is_some());
    let offset = all.next().ok_or("no line of gpiochip0")?;
    assert_eq!(all.next(), None);
    // Off is high on an active-low line, from the request on.
    assert_eq!(bench.past(offset), [true]);
    drop(stage);
    Ok(offset)
}

#[test]
fn lines_are_found() {
    let check = |bench: &Bench, line: &str, expect: Result<u32, &str>| {
        let expect = expect.map_err(|why| format!("output `heater`: {why}"));
        assert_eq!(driven(bench, line), expect, "{line}");
    };
    check(&Bench::pi(), "GPIO17", Ok(17));
    check(&Bench::pi(), "J8:11", Ok(17));
    check(&Bench::pi(), "J8:40", Ok(21));
    // Its name is another.
    check(&Bench::pi(), "GPIO4", Ok(4));
    check(&Bench::pi(), "GPIO_GCLK", Ok(4));
    check(&Bench::pi(), "gpiochip0:27", Ok(27));
    check(&Bench::pi(), "pinctrl-bcm2711:27", Ok(27));
    check(&Bench::pi(), "gpiochip0:54", Err("gpiochip0 (pinctrl-bcm2711) has lines 0 to 53, not 54"));
    check(
        &Bench::pi(),
        "LED9",
        Err("of the machine's GPIO chips none has a line `LED9`; there are gpiochip0 (pinctrl-bcm2711)"),
    );
    check(
        &Bench::pi(),
        "pinctrl-rp1:4",
        Err("of the machine's GPIO chips none is called `pinctrl-rp1`; there are gpiochip0 (pinctrl-bcm2711)"),
    );
    check(&Bench::default(), "GPIO17", Err("GPIO17 cannot be had, as this machine has no /dev/gpiochip*"));
}

#[test]
fn chips_go_by_their_labels() {
    // A Pi 5 whose header is not on the first chip.
    for label in ["pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"] {
        let bench = Bench::default();
        bench.chip("gpiochip10", "gpio-brcmstb@107d508500", 32);
        bench.chip("gpiochip0", label, 54);
        assert_eq!(driven(&bench, "GPIO17"), Ok(17), "{label}");
    }
    // Another board: by the line's name.
    let other = |chips: &[(&str, u32)]| {
        let bench = Bench::default();
        for (chip, offset) in chips {
            bench.chip(chip, "some-soc", 32);
            bench.name(chip, *offset, "GPIO17");
        }
        bench
    };
    assert_eq!(driven(&other(&[("gpiochip0", 5)]), "GPIO17"), Ok(5));
    // Two of a name, or of a label.
    let two = other(&[("gpiochip0", 5), ("gpiochip1", 6)]);
    let error = driven(&two, "GPIO17").unwrap_err();
    assert!(error.ends_with("two lines are called `GPIO17`: write \"gpiochip0:5\" or \"gpiochip1:6\""), "{error}");
    let error = driven(&two, "some-soc:7").unwrap_err();
    assert!(error.ends_with("two chips are called `some-soc`: write \"gpiochip0:7\" or \"gpiochip1:7\""), "{error}");
    assert_eq!(driven(&two, "gpiochip0:7"), Ok(7));
}

#[test]
fn what_the_kernel_refuses_says_what_to_do() {
    let check = |bench: &Bench, line: &str, part: &str| {
        let error = driven(bench, line).unwrap_err();
        assert!(error.contains(part), "{line}: {error}");
    };
    let bench = Bench::pi();
    bench.occupy(17, "lighthouse");
    check(&bench, "J8:11", "J8:11 (gpiochip0:17) is in use by `lighthouse`: end that, or take another line");
    for (errno, part) in [
        (Errno::INVAL, "cannot do what the manifest asks of it"),
        (Errno::NODEV, "is gone with its chip: connect it again"),
        (Errno::NOTTY, "Linux 5.10"),
        (Errno::IO, "GPIO17 (gpiochip0:17) cannot be had: Input/output error"),
    ] {
        let bench = Bench::pi();
        bench.break_all(Some(errno));
        check(&bench, "GPIO17", part);
    }
    let shut = |errno, group| {
        let bench = Bench::default();
        bench.shut("gpiochip0", errno, group);
        bench
    };
    check(
        &shut(Errno::ACCESS, Some("gpio")),
        "GPIO17",
        "no permission to open /dev/gpiochip0: add yourself to its group with `sudo usermod -aG gpio $USER`, and log in",
    );
    check(&shut(Errno::ACCESS, Some("dialout")), "LED9", "usermod -aG dialout");
    check(
        &shut(Errno::PERM, None),
        "gpiochip0:1",
        "belongs to root alone: give it to a group `gpio` with the udev rule",
    );
    check(&shut(Errno::NODEV, None), "GPIO17", "/dev/gpiochip0 is not there any more");
    check(&shut(Errno::MFILE, None), "GPIO17", "/dev/gpiochip0 cannot be opened: Too many open files");
}

#[test]
fn all_outputs_are_made_safe_though_one_cannot_be_opened() {
    let bench = Bench::pi();
    // As a killed host left them.
    for offset in [17, 22, 27] {
        bench.change(offset, true, 0);
    }
    bench.occupy(22, "lighthouse");
    let line = |offset| Line::Bcm(offset);
    let plan = [
        pin("pump", line(22), false, None),
        pin("heater", line(17), false, None),
        pin("valve", line(54), false, None),
        pin("lamp", line(27), false, None),
    ];
    let error = open(&bench, &plan).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "output `pump`: GPIO22 (gpiochip0:22) is in use by `lighthouse`: end that, or take another line; \
         output `valve`: gpiochip0 (pinctrl-bcm2711) has lines 0 to 53, not 54"
    );
    assert_eq!([17, 22, 27].map(|offset| bench.high(offset)), [false, true, false]);
}

#[test]
fn a_line_reports_its_changes() {
    let bench = Bench::pi();
    let stage = open(&bench, &[button("GPIO22", true)]).unwrap();
    let check = |millis, expect: &str| {
        stage.to(millis);
        assert_eq!(stage.words(), expect, "at {millis} ms");
    };
    check(0, "button is 1 at 0");
    assert_eq!(bench.asked(22), Some(("greenroom button".into(), Some(Bias::PullUp), Duration::from_millis(20))));
    bench.change(22, true, 0);
    bench.change(22, false, 0);
    bench.change(22, true, 0);
    check(1000, "button is 0 at 1000; button is 1 at 1000; button is 0 at 1000");
    // A level holds until it changes: it does not grow stale.
    check(100_000_000, "");
    assert_eq!(stage.devices.read("button").map(|reading| reading.value), Ok(0.0));
    bench.unplug(true);
    check(100_001_000, "button missing: GPIO22 (gpiochip0:22) is gone with its chip: connect it again");
    check(100_003_000, "");
    bench.unplug(false);
    bench.change(22, false, 0);
    check(100_004_000, "button back; button is 1 at 100004000");
}

#[test]
fn a_line_that_is_not_there_is_no_start_error() {
    let bench = Bench::pi();
    bench.occupy(22, "lighthouse");
    let stage = open(&bench, &[button("GPIO22", false), pin("heater", Line::Bcm(17), false, None)]).unwrap();
    stage.to(500);
    assert_eq!(
        stage.words(),
        "button missing: GPIO22 (gpiochip0:22) is in use by `lighthouse`: end that, or take another line"
    );
    bench.occupy(22, "");
    stage.to(1000);
    assert_eq!(stage.words(), "button back; button is 0 at 1000");
}

#[test]
fn a_long_name_is_cut_for_the_kernel() {
    let (bench, name) = (Bench::pi(), "h".repeat(64));
    let stage = open(&bench, &[pin(&name, Line::Bcm(17), false, None)]).unwrap();
    assert_eq!(bench.asked(17).map(|(consumer, ..)| consumer.len()), Some(31));
    assert_eq!(stage.devices.claim(&name, writer("a"), 1.0), Ok(()));
}

#[test]
fn owners_are_warned() {
    let root = tempfile::tempdir().unwrap();
    let parameters = root.path().join("sys/module/pinctrl_bcm2835/parameters");
    fs::create_dir_all(&parameters).unwrap();
    let warned = |persist: &str, plan: &[Device]| -> Vec<String> {
        fs::write(parameters.join("persist_gpio_outputs"), persist).unwrap();
        let stage = Stage::open(plan, &machine(&Bench::pi(), root.path())).unwrap();
        stage.devices.warnings().iter().map(|(device, warning)| format!("{device}: {warning}")).collect()
    };
    let check = |persist, plan: &[Device], parts: &[&str]| {
        let warnings = warned(persist, plan);
        assert_eq!(warnings.len(), parts.len(), "{warnings:?}");
        for (warning, part) in warnings.iter().zip(parts) {
            assert!(warning.contains(part), "{warning}");
        }
    };
    let out = |line: &str| pin("heater", line.parse().unwrap(), false, None);
    check("N\n", &[out("GPIO17")], &[]);
    check("Y\n", &[out("GPIO17")], &["heater: this kernel keeps an output"]);
    check("Y\n", &[button("GPIO17", false)], &[]);
    check("N\n", &[button("J8:3", false)], &["button: GPIO2 is also for I2C"]);
    for (line, part) in [
        ("GPIO0", "EEPROM"),
        ("gpiochip0:3", "I2C"),
        ("GPIO7", "SPI"),
        ("GPIO11", "SPI"),
        ("GPIO14", "serial console"),
        ("SCL1", "GPIO3 is also for I2C"),
    ] {
        check("N\n", &[out(line)], &[part]);
    }
    for line in ["GPIO4", "GPIO6", "GPIO12", "GPIO13", "GPIO16"] {
        check("N\n", &[out(line)], &[]);
    }
}
