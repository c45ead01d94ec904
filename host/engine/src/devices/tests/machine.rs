//! The machine's own figures, from trees as the kernel's and from this machine.

use super::board::Bench;
use super::stage::{Stage, impatient, input, machine};
use crate::clock::Clock;
use crate::devices::{Devices, ReadError};
use greenroom_core::Instant;
use greenroom_manifest::{Device, Input};
use std::fs;
use std::path::Path;

struct Tree(tempfile::TempDir);

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|(path, text)| tree.write(path, text));
        tree
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn stage(&self, sensor: Input) -> Stage {
        let stage = Stage::open(&[figure(sensor)], &machine(&Bench::default(), self.0.path())).unwrap();
        stage.to(0);
        stage
    }

    /// What a sample gives: a value, or a part of why not.
    fn check(&self, sensor: Input, expect: Result<f64, &str>) {
        sampled(&self.stage(sensor), expect);
    }
}

fn figure(sensor: Input) -> Device {
    input("figure", 1000, sensor)
}

fn sampled(stage: &Stage, expect: Result<f64, &str>) {
    match (stage.devices.read("figure"), expect) {
        (Ok(reading), Ok(expect)) => assert!((reading.value - expect).abs() < 1e-9, "{} and {expect}", reading.value),
        (Err(ReadError::Failed(why)), Err(part)) => assert!(why.contains(part), "{why}"),
        (got, expect) => panic!("{got:?}, not {expect:?}"),
    }
}

#[test]
fn load() {
    let check = |text: &str, expect| Tree::new(&[("proc/loadavg", text)]).check(Input::MachineLoad, expect);
    check("0.35 0.45 0.53 1/91 11829\n", Ok(0.35));
    check("12.00 0.45 0.53 1/91 11829\n", Ok(12.0));
    check("", Err("loadavg has no load average"));
    check("high\n", Err("loadavg has no load average"));
    check("NaN 0 0\n", Err("read as NaN"));
    Tree::new(&[]).check(Input::MachineLoad, Err("loadavg cannot be read: No such file"));
}

#[test]
fn memory() {
    let check = |text: &str, expect| Tree::new(&[("proc/meminfo", text)]).check(Input::MachineMemory, expect);
    check("MemTotal: 400 kB\nMemFree: 10 kB\nMemAvailable:    100 kB\nBuffers: 1 kB\n", Ok(75.0));
    check("MemTotal: 400 kB\nMemAvailable: 400 kB\n", Ok(0.0));
    check("MemTotal: 400 kB\nMemAvailable: 500 kB\n", Ok(0.0));
    check("MemTotal: 400 kB\nMemFree: 10 kB\n", Err("meminfo has no MemAvailable"));
    check("MemTotal: 0 kB\nMemAvailable: 0 kB\n", Err("meminfo has no memory"));
    check("MemTotalHuge: 1 kB\nMemAvailable: 0 kB\n", Err("meminfo has no MemTotal"));
}

#[test]
fn cpu() {
    let tree = Tree::new(&[("proc/stat", "cpu  10 0 10 70 10 0 0 0 5 0\ncpu0 1 2 3 4 5\n")]);
    let stage = tree.stage(Input::MachineCpu);
    // Since the machine's start.
    sampled(&stage, Ok(20.0));
    let mut millis = 0;
    let mut check = |line: &str, expect| {
        tree.write("proc/stat", line);
        millis += 1000;
        stage.to(millis);
        sampled(&stage, expect);
    };
    // Since the sample before: user 30, nice 10, system 10, idle 40, iowait 10; the guests' time is in user's already.
    check("cpu  40 10 20 110 20 0 0 0 35 0\n", Ok(50.0));
    // No tick later.
    check("cpu  40 10 20 110 20 0 0 0 35 0\n", Ok(50.0));
    check("cpu  40 10 20 110 20 5 10 15 35 0\n", Ok(100.0));
    check("cpu  40 10 20 120 20 5 10 15 35 0\n", Ok(0.0));
    // iowait went back, as it may.
    check("cpu  50 10 20 120 10 5 10 15 35 0\n", Ok(0.0));
    check("cpu  60 10 20 130 10 5 10 15 35 0\n", Ok(50.0));
    // So may a user's time.
    check("cpu  55 10 20 140 10 5 10 15 35 0\n", Ok(0.0));
    check("cpu  65 10 20 150 10 5 10 15 35 0\n", Ok(50.0));
    check("cpu  x 10\n", Err("stat has no CPU times"));
    check("cpu  1 2 3\n", Err("stat has no CPU times"));
    check("", Err("stat has no CPU times"));
    check("cpu  75 10 20 160 10 5 10 15 35 0\n", Ok(50.0));
}

#[test]
fn temperature() {
    let sensor = |name: &str| Input::MachineTemperature { sensor: Some(name.into()) };
    let first = || Input::MachineTemperature { sensor: None };
    let chip = ("sys/class/hwmon/hwmon10/name", "coretemp\n");
    let chip_value = ("sys/class/hwmon/hwmon10/temp2_input", "51000\n");
    let wire = ("sys/class/hwmon/hwmon2/name", "w1_slave_temp\n");
    let wire_value = ("sys/class/hwmon/hwmon2/temp1_input", "21500\n");
    let fan = ("sys/class/hwmon/hwmon3/name", "fan\n");
    let zone = ("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    let zone_value = ("sys/class/thermal/thermal_zone0/temp", "-2500\n");

    let all = Tree::new(&[chip, chip_value, wire, wire_value, fan, zone, zone_value]);
    all.check(first(), Ok(51.0));
    all.check(sensor("coretemp"), Ok(51.0));
    all.check(sensor("cpu-thermal"), Ok(-2.5));
    all.check(sensor("w1_slave_temp"), Ok(21.5));
    let only = "no temperature sensor `k10temp`, only `w1_slave_temp`, `coretemp`, `cpu-thermal`";
    all.check(sensor("k10temp"), Err(only));
    // A chip that does not answer is passed over, unless it is the one that was asked for.
    all.write(chip_value.0, "");
    all.check(first(), Ok(-2.5));
    all.check(sensor("coretemp"), Err("temp2_input has no temperature"));

    Tree::new(&[zone, zone_value]).check(first(), Ok(-2.5));
    Tree::new(&[wire, wire_value]).check(first(), Err("this machine has no temperature sensor"));
    Tree::new(&[]).check(first(), Err("this machine has no temperature sensor"));
    Tree::new(&[]).check(sensor("coretemp"), Err("this machine has no temperature sensor"));
    // The first number of a chip, not of a text.
    Tree::new(&[chip, ("sys/class/hwmon/hwmon10/temp10_input", "1000"), chip_value]).check(first(), Ok(51.0));
}

#[test]
fn a_sensor_that_hangs_is_missing() {
    let tree = Tree::new(&[("sys/class/hwmon/hwmon0/name", "slow\n")]);
    let path = tree.0.path().join("sys/class/hwmon/hwmon0/temp1_input");
    let rights = rustix::fs::Mode::RUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rights, 0).unwrap();
    let plan = [figure(Input::MachineTemperature { sensor: None })];
    let stage = Stage::open(&plan, &impatient(tree.0.path())).unwrap();
    stage.to(0);
    sampled(&stage, Err("temp1_input does not answer"));
}

#[test]
fn this_machine_has_figures() {
    let of = |name: &str, sensor| input(name, 1000, sensor);
    let plan = [of("load", Input::MachineLoad), of("memory", Input::MachineMemory), of("cpu", Input::MachineCpu)];
    let devices = Devices::open(&plan, Clock::virtual_at_origin(), Box::new(|_| ())).unwrap();
    devices.poll(Instant::ORIGIN);
    let value = |device| devices.read(device).unwrap().value;
    assert!(value("load") >= 0.0);
    assert!((1.0..100.0).contains(&value("memory")), "{}", value("memory"));
    assert!((0.0..=100.0).contains(&value("cpu")), "{}", value("cpu"));
    assert!(Path::new("/proc/stat").exists());
}
