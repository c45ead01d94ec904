//! Real time: the same devices on their threads. Waits for what is to happen, never for a time.

use super::board::Bench;
use super::inputs::constant;
use super::stage::{impatient, input, machine, pin, relay, words, writer};
use crate::clock::Clock;
use crate::devices::open::Machine;
use crate::devices::{Devices, Notice};
use greenroom_core::Instant;
use greenroom_manifest::{Device, Input, Line};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const DEADLINE: Duration = Duration::from_secs(30);

fn start(plan: &[Device], bench: &Bench) -> (Arc<Devices>, Receiver<Notice>) {
    start_on(&machine(bench, Path::new("/nowhere")), plan)
}

fn start_on(machine: &Machine, plan: &[Device]) -> (Arc<Devices>, Receiver<Notice>) {
    let (said, heard) = channel();
    let notices = Box::new(move |notice| drop(said.send(notice)));
    let devices = Arc::new(Devices::open_on(machine, plan, Clock::machine(), notices).unwrap());
    devices.start();
    (devices, heard)
}

/// The next of these that is heard; readings of other inputs go on meanwhile.
fn wait(heard: &Receiver<Notice>, wanted: impl Fn(&Notice) -> bool) -> Notice {
    let deadline = std::time::Instant::now() + DEADLINE;
    loop {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        let notice = heard.recv_timeout(left).expect("nothing was heard");
        if wanted(&notice) {
            return notice;
        }
    }
}

/// `Devices` are shared by all threads of a host.
const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Devices>();
};

#[test]
fn values_are_there_from_the_start_and_go_on() {
    let (devices, _heard) = start(&[constant("probe", 20.0)], &Bench::default());
    assert_eq!(devices.read("probe").map(|reading| reading.value), Ok(20.0));
    let fast = Input::Sine { mean: 1.0, amplitude: 0.0, period: Duration::from_secs(1) };
    let (devices, heard) = start(&[input("wave", 10, fast)], &Bench::default());
    let mut last = None;
    for _ in 0..5 {
        let Notice::Reading { at, value, .. } = wait(&heard, |_| true) else { panic!("a reading") };
        assert!(value == 1.0 && last < Some(at), "{value} at {at:?} after {last:?}");
        last = Some(at);
    }
    // Virtual time's methods do nothing here.
    assert_eq!(devices.next_due(), None);
}

#[test]
fn max_on_is_ended_by_the_host() {
    let (devices, heard) = start(&[relay("heater", false, Some(20))], &Bench::default());
    devices.claim("heater", writer("a"), 1.0).unwrap();
    devices.write("heater", &writer("a"), 1.0).unwrap();
    wait(&heard, |notice| matches!(notice, Notice::Set { on: true, .. }));
    wait(&heard, |notice| matches!(notice, Notice::MaxOn { .. }));
    wait(&heard, |notice| matches!(notice, Notice::Safe { .. }));
    assert_eq!(devices.read("heater").map(|reading| reading.value), Ok(0.0));
}

#[test]
fn a_sensor_that_hangs_does_not_keep_max_on_waiting() {
    let root = tempfile::tempdir().unwrap();
    let (id, fifo) = ("28-00000000000a", root.path().join("28-00000000000a/w1_slave"));
    std::fs::create_dir(root.path().join(id)).unwrap();
    let rights = rustix::fs::Mode::RUSR;
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, rights, 0).unwrap();
    let probe = Input::W1Thermometer { id: id.into(), sysfs: root.path().into() };
    let plan = [input("probe", 10, probe), relay("heater", false, Some(20))];
    let (devices, heard) = start_on(&impatient(Path::new("/nowhere")), &plan);
    wait(&heard, |notice| matches!(notice, Notice::Missing { .. }));
    devices.claim("heater", writer("a"), 1.0).unwrap();
    devices.write("heater", &writer("a"), 1.0).unwrap();
    wait(&heard, |notice| matches!(notice, Notice::Safe { .. }));
}

#[test]
fn a_lost_output_is_opened_again() {
    let bench = Bench::pi();
    let (devices, heard) = start(&[pin("heater", Line::Bcm(17), false, None)], &bench);
    devices.claim("heater", writer("a"), 1.0).unwrap();
    devices.write("heater", &writer("a"), 1.0).unwrap();
    bench.unplug(true);
    let released = devices.release(writer("a").address, "it trapped");
    assert!(released[0].failed.is_some(), "{released:?}");
    bench.unplug(false);
    let back = wait(&heard, |notice| matches!(notice, Notice::Safe { .. }));
    // The look at it once a second may have been the first to notice.
    let noticed = ["heater safe, it trapped, from a", "heater safe, it could not be read back, from a"];
    assert!(noticed.iter().any(|start| words(&back).starts_with(start)), "{back:?}");
    assert!(!bench.high(17));
}

#[test]
fn an_output_that_nobody_uses_is_missed_when_it_goes() {
    let bench = Bench::pi();
    let (_devices, heard) = start(&[pin("heater", Line::Bcm(17), false, None)], &bench);
    bench.unplug(true);
    wait(&heard, |notice| matches!(notice, Notice::Failed { .. }));
    bench.unplug(false);
    wait(&heard, |notice| matches!(notice, Notice::Safe { .. }));
    assert!(!bench.high(17));
}

#[test]
fn changes_are_told_as_they_happen() {
    let bench = Bench::pi();
    let line = Input::Gpio { line: Line::Bcm(22), active_low: false, bias: None, debounce: Duration::ZERO };
    // Nobody looks at it again within a day.
    let (devices, heard) = start(&[input("button", 86_400_000, line)], &bench);
    let next = || match wait(&heard, |_| true) {
        Notice::Reading { value, at, .. } => (value, at),
        other => panic!("{other:?}"),
    };
    let (value, opened) = next();
    assert_eq!(value, 0.0);
    bench.change(22, true, 0);
    let (value, at) = next();
    assert!(value == 1.0 && at >= opened, "{at:?}, opened {opened:?}");
    // The time is the kernel's, of the change and not of the look. This one was before our own clock began.
    bench.change(22, false, 900);
    assert_eq!(next(), (0.0, Instant::ORIGIN));
    bench.unplug(true);
    wait(&heard, |notice| matches!(notice, Notice::Missing { .. }));
    bench.unplug(false);
    wait(&heard, |notice| matches!(notice, Notice::Back { .. }));
    drop(devices);
}

#[test]
fn all_threads_end() {
    let bench = Bench::pi();
    let line = Input::Gpio { line: Line::Bcm(22), active_low: false, bias: None, debounce: Duration::ZERO };
    let probe = Input::W1Thermometer { id: "28-00000000000a".into(), sysfs: "/nowhere".into() };
    let temperature = Input::MachineTemperature { sensor: None };
    let day = 86_400_000;
    let plan = [
        input("button", day, line),
        input("probe", day, probe),
        input("temperature", day, temperature),
        constant("script", 1.0),
        pin("heater", Line::Bcm(17), false, Some(day)),
    ];
    for shut in [true, false] {
        let (devices, heard) = start(&plan, &bench);
        devices.claim("heater", writer("a"), 1.0).unwrap();
        devices.write("heater", &writer("a"), 1.0).unwrap();
        assert!(bench.high(17));
        // Each thread has had its first turn, and waits for a day.
        let mut first = vec!["button", "probe", "temperature"];
        while !first.is_empty() {
            let notice = wait(&heard, |notice| matches!(notice, Notice::Reading { .. } | Notice::Missing { .. }));
            let (Notice::Reading { device, .. } | Notice::Missing { device, .. }) = notice else { continue };
            first.retain(|name| *name != device.as_str());
        }
        if shut {
            devices.shutdown();
            assert!(!bench.high(17), "safe when the call returns");
        }
        drop(devices);
        assert!(!bench.high(17));
        // The last thread drops what sends.
        let deadline = std::time::Instant::now() + DEADLINE;
        while heard.recv_timeout(deadline.saturating_duration_since(std::time::Instant::now())).is_ok() {}
        assert_eq!(heard.try_recv(), Err(std::sync::mpsc::TryRecvError::Disconnected));
    }
}
