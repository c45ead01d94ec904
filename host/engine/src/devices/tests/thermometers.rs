//! Thermometers on trees as the kernel's: what is missing and comes back, what never answers.

use super::stage::{Stage, impatient, input};
use crate::devices::{Notice, ReadError};
use greenroom_core::Instant;
use greenroom_manifest::{Device, Input};
use rustix::fs::{Mode, OFlags};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

const GOOD: &str = "58 01 4b 46 7f ff 08 10 f9 : crc=f9 YES\n58 01 4b 46 7f ff 08 10 f9 t=21500\n";
const COLD: &str = "5e ff 4b 46 7f ff 02 10 d3 : crc=d3 YES\n5e ff 4b 46 7f ff 02 10 d3 t=-10125\n";

/// A directory of slaves.
struct Bus {
    root: tempfile::TempDir,
}

impl Bus {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("devices")).unwrap();
        Self { root }
    }

    fn sysfs(&self) -> PathBuf {
        self.root.path().join("devices")
    }

    fn file(&self, sensor: &str) -> PathBuf {
        self.sysfs().join(id(sensor)).join("w1_slave")
    }

    fn says(&self, sensor: &str, text: &str) {
        fs::create_dir_all(self.sysfs().join(id(sensor))).unwrap();
        fs::write(self.file(sensor), text).unwrap();
    }

    /// From now on reads of it wait.
    fn hangs(&self, sensor: &str) {
        fs::create_dir_all(self.sysfs().join(id(sensor))).unwrap();
        let _ = fs::remove_file(self.file(sensor));
        let rights = Mode::RUSR | Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, self.file(sensor), rustix::fs::FileType::Fifo, rights, 0).unwrap();
    }

    /// The read that hangs gets this text.
    fn answers(&self, sensor: &str, text: &str) {
        let fifo = rustix::fs::open(self.file(sensor), OFlags::WRONLY, Mode::empty()).unwrap();
        rustix::io::write(fifo, text.as_bytes()).unwrap();
    }

    fn probe(&self, sensor: &str) -> Device {
        let thermometer = Input::W1Thermometer { id: id(sensor), sysfs: self.sysfs() };
        input(sensor, 1000, thermometer)
    }

    fn stage(&self, sensors: &[&str]) -> Stage {
        let plan: Vec<_> = sensors.iter().map(|sensor| self.probe(sensor)).collect();
        Stage::open(&plan, &impatient(Path::new("/nowhere"))).unwrap()
    }
}

fn id(sensor: &str) -> String {
    format!("28-00000000000{sensor}")
}

#[test]
fn a_sensor_comes_and_goes() {
    let bus = Bus::new();
    let stage = bus.stage(&["a"]);
    let check = |millis, expect: &str| {
        stage.to(millis);
        assert_eq!(stage.words(), expect, "at {millis} ms");
    };
    check(0, "a missing: there is no sensor on the 1-wire bus, so not `28-00000000000a`: check the wiring");
    fs::create_dir(bus.sysfs().join("00-800000000000")).unwrap();
    fs::create_dir(bus.sysfs().join("w1_bus_master1")).unwrap();
    check(1000, "");
    let why = |part: &str| {
        let Err(ReadError::Failed(why)) = stage.devices.read("a") else { panic!("it is missing") };
        assert!(why.contains(part), "{why}");
    };
    why("only phantoms");
    bus.says("b", GOOD);
    check(2000, "");
    why("no `28-00000000000a` on the 1-wire bus, only `28-00000000000b`");
    bus.says("a", GOOD);
    check(3000, "a back; a is 21.5 at 3000");
    bus.says("a", COLD);
    check(4000, "a is -10.125 at 4000");
    // Vanishes in mid-run.
    fs::rename(bus.sysfs().join(id("a")), bus.root.path().join("away")).unwrap();
    check(5000, "a missing: there is no `28-00000000000a` on the 1-wire bus, only `28-00000000000b`");
    check(9000, "");
    fs::rename(bus.root.path().join("away"), bus.sysfs().join(id("a"))).unwrap();
    check(10_000, "a back; a is -10.125 at 10000");
    // Every way of a read to fail, one after the other: one event, and no value.
    for (second, (text, part)) in (11..).zip([
        ("", "does not answer"),
        ("5e ff 4b 46 7f ff 02 10 d3 : crc=d3 NO\n5e ff 4b 46 7f ff 02 10 d3 t=-10125\n", "checksum"),
        ("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n", "85 °C"),
        ("00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n", "zeros"),
        ("ff 07 4b 46 7f ff 0c 10 1c : crc=1c YES\nff 07 4b 46 7f ff 0c 10 1c t=127937\n", "too little power"),
        ("ff 07 4b 46 7f ff 10 10 1c : crc=1c YES\nff 07 4b 46 7f ff 10 10 1c t=127937\n", "outside"),
    ]) {
        bus.says("a", text);
        stage.to(second * 1000);
        let missing = stage.heard().iter().filter(|notice| matches!(notice, Notice::Missing { .. })).count();
        assert_eq!(missing, usize::from(second == 11), "{text}");
        why(part);
    }
    // 85 °C that are meant are read twice.
    bus.says("a", "50 05 4b 46 7f ff 10 10 1c : crc=1c YES\n50 05 4b 46 7f ff 10 10 1c t=85000\n");
    check(17_000, "a back; a is 85 at 17000");
    // A directory in its place: open works, read does not.
    fs::remove_file(bus.file("a")).unwrap();
    fs::create_dir(bus.file("a")).unwrap();
    stage.to(18_000);
    why("Is a directory");
    fs::remove_dir_all(bus.sysfs()).unwrap();
    stage.to(19_000);
    why("1-wire is not enabled");
}

#[test]
fn a_sensor_that_never_answers_holds_up_nobody() {
    let bus = Bus::new();
    bus.says("a", GOOD);
    bus.says("b", COLD);
    let stage = bus.stage(&["a", "b"]);
    stage.to(0);
    assert_eq!(stage.words(), "a is 21.5 at 0; b is -10.125 at 0");
    bus.hangs("a");
    stage.to(1000);
    let heard = stage.words();
    assert!(heard.contains("a missing: the 1-wire bus has not answered within 1s"), "{heard}");
    assert!(heard.contains("b is -10.125 at 1000"), "{heard}");
    assert!(matches!(stage.devices.read("a"), Err(ReadError::Failed(why)) if why.contains("not answered")));
    stage.to(6000);
    assert_eq!(
        stage.words(),
        "b is -10.125 at 2000; b is -10.125 at 3000; b is -10.125 at 4000; b is -10.125 at 5000; b is -10.125 at 6000"
    );
    // Three periods of a second would have been enough for one sensor. Two take turns: six.
    assert!(matches!(stage.devices.read("a"), Err(ReadError::Failed(_))));
    stage.to(7000);
    assert_eq!(stage.devices.read("a"), Err(ReadError::Stale(Duration::from_secs(7))));
    assert_eq!(stage.devices.read("b").map(|reading| reading.value), Ok(-10.125));
    stage.heard();
    // What the read gives at last is of nobody knows when. It is not told; the next one is.
    bus.answers("a", COLD);
    bus.says_instead("a", GOOD);
    let mut second = 8;
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        stage.to(second * 1000);
        let of_a: Vec<_> = stage.words().split("; ").filter(|word| word.starts_with('a')).map(str::to_owned).collect();
        if !of_a.is_empty() {
            let at = second * 1000;
            assert_eq!(of_a, ["a back".to_owned(), format!("a is 21.5 at {at}")]);
            return;
        }
        assert!(std::time::Instant::now() < deadline, "the abandoned read has not ended");
        thread::yield_now();
        second += 1;
    }
}

impl Bus {
    fn says_instead(&self, sensor: &str, text: &str) {
        fs::remove_file(self.file(sensor)).unwrap();
        fs::write(self.file(sensor), text).unwrap();
    }
}

#[test]
fn buses_do_not_wait_for_each_other() {
    // As the kernel has it: links to the slaves of two masters.
    let bus = Bus::new();
    for (master, sensor) in [("w1_bus_master1", "a"), ("w1_bus_master2", "b"), ("w1_bus_master2", "c")] {
        let slave = bus.root.path().join(master).join(id(sensor));
        fs::create_dir_all(&slave).unwrap();
        fs::write(slave.join("w1_slave"), GOOD).unwrap();
        symlink(&slave, bus.sysfs().join(id(sensor))).unwrap();
    }
    let stage = bus.stage(&["a", "b", "c", "d"]);
    // The quick lane, a lane for each master, and one for the sensor that is not there.
    assert_eq!(stage.devices.0.lanes.len(), 4);
    stage.to(0);
    for sensor in ["a", "b", "c"] {
        assert_eq!(stage.devices.read(sensor).map(|reading| (reading.at, reading.value)), Ok((Instant::ORIGIN, 21.5)));
    }
}
