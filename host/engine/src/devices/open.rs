//! From the plan to the devices: outputs first, all of them, and then the inputs.

use super::error::OpenError;
use super::gpio::{self, Board, Kernel, Watch, Wiring};
use super::input::{Input, Sensor};
use super::lane::{Bell, Lane};
use super::machine::{Cpu, Load, Memory, Temperature};
use super::notice::{Notice, Outbox};
use super::output::Output;
use super::pin::{Open, Pin};
use super::sim::{Kettle, Plant, Relay, Scripted, Sine};
use super::w1::{self, Thermometer};
use super::{Device, Shared};
use crate::clock::Clock;
use greenroom_core::{Instant, Name};
use greenroom_manifest as plan;
use std::collections::{BTreeMap, HashMap};
use std::iter;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A DS18B20's conversion, with what the bus adds to it.
const CONVERSION: Duration = Duration::from_secs(1);

/// What the devices are devices of.
pub(super) struct Machine {
    pub(super) proc: PathBuf,
    pub(super) sys: PathBuf,
    pub(super) board: Arc<dyn Board>,
    /// How long a sensor may take to answer.
    pub(super) patience: Duration,
}

impl Machine {
    /// The one that this runs on.
    pub(super) fn this() -> Self {
        let patience = Duration::from_secs(3);
        Self { proc: "/proc".into(), sys: "/sys".into(), board: Arc::new(Kernel), patience }
    }
}

/// See [`Devices::open`](super::Devices::open).
pub(super) fn open(
    devices: &[plan::Device],
    machine: &Machine,
    clock: Clock,
    notices: Box<dyn Fn(Notice) + Send + Sync>,
) -> Result<Shared, OpenError> {
    let outputs = outputs(devices, machine)?;
    let mut inputs = Inputs::new(devices, machine, &outputs, clock.now())?;
    let opened = devices.iter().map(|device| match (&device.kind, outputs.get(&device.name)) {
        (_, Some(output)) => Some(Device::Output(Arc::clone(output))),
        (plan::DeviceKind::Input { every, input }, None) => Some(Device::Input(inputs.add(device, *every, input))),
        // Opening an output without keeping it cannot be.
        (plan::DeviceKind::Output { .. }, None) => None,
    });
    let opened: Vec<_> = opened.flatten().collect();
    let Inputs { quick, temperature, buses, watch, .. } = inputs;
    // The quick lane is the first, and the only one that is there without inputs.
    let slow = buses.into_values().chain([temperature]).filter(|lane| !lane.is_empty());
    let lanes: Vec<_> = iter::once(quick).chain(slow).collect();
    Ok(Shared {
        clock,
        outbox: Outbox::new(notices),
        index: opened.iter().enumerate().map(|(index, device)| (device.name().clone(), index)).collect(),
        devices: opened,
        ends: lanes.iter().map(|_| Bell::default()).collect(),
        lanes,
        watch,
        guard: Bell::default(),
        started: AtomicBool::new(false),
        ended: AtomicBool::new(false),
        warnings: warnings(devices, machine),
    })
}

/// Opens every output, also those after one that cannot be: a relay that a killed host left on goes off in any case.
fn outputs(devices: &[plan::Device], machine: &Machine) -> Result<HashMap<Name, Arc<Output>>, OpenError> {
    let (mut opened, mut failed) = (HashMap::new(), Vec::new());
    for device in devices {
        let plan::DeviceKind::Output { safe, max_on, output } = &device.kind else { continue };
        let open: Open = match output {
            plan::Output::SimRelay => Box::new(|on| Ok(Box::new(Relay::new(on)))),
            plan::Output::Gpio { line, active_low } => gpio::output(wiring(device, machine, line, *active_low)),
        };
        match Pin::open(&device.name, *safe, open) {
            Ok(pin) => {
                let output = Output::new((&device.name, device.kind.word(), &device.unit), *max_on, pin);
                opened.insert(device.name.clone(), Arc::new(output));
            }
            Err(why) => failed.push((device.name.to_string(), why)),
        }
    }
    if failed.is_empty() { Ok(opened) } else { Err(OpenError(failed)) }
}

fn wiring(device: &plan::Device, machine: &Machine, line: &plan::Line, active_low: bool) -> Wiring {
    Wiring { board: Arc::clone(&machine.board), line: line.clone(), active_low, device: device.name.clone() }
}

/// What the owners of these lines should know.
fn warnings(devices: &[plan::Device], machine: &Machine) -> Vec<(String, String)> {
    let mut warnings = Vec::new();
    for device in devices {
        let (line, driven) = match &device.kind {
            plan::DeviceKind::Input { input: plan::Input::Gpio { line, .. }, .. } => (line, false),
            plan::DeviceKind::Output { output: plan::Output::Gpio { line, .. }, .. } => (line, true),
            _ => continue,
        };
        // A line that is not found says so when it is opened.
        if let Ok(found) = wiring(device, machine, line, false).find() {
            let said = gpio::warnings(&found, driven, &machine.sys);
            warnings.extend(said.into_iter().map(|warning| (device.name.to_string(), warning)));
        }
    }
    warnings
}

/// The inputs' threads, while inputs are given to them.
struct Inputs<'a> {
    machine: &'a Machine,
    outputs: &'a HashMap<Name, Arc<Output>>,
    now: Instant,
    /// All that answers at once.
    quick: Lane,
    temperature: Lane,
    /// By what [`w1::bus`] says.
    buses: BTreeMap<PathBuf, Lane>,
    /// How many sensors there are on all buses.
    thermometers: u32,
    watch: Option<Watch>,
}

impl<'a> Inputs<'a> {
    fn new(
        devices: &[plan::Device],
        machine: &'a Machine,
        outputs: &'a HashMap<Name, Arc<Output>>,
        now: Instant,
    ) -> Result<Self, OpenError> {
        let inputs = devices.iter().filter_map(|device| match &device.kind {
            plan::DeviceKind::Input { input, .. } => Some((device, input)),
            plan::DeviceKind::Output { .. } => None,
        });
        let (mut thermometers, mut watch) = (0, None);
        for (device, input) in inputs {
            match input {
                plan::Input::W1Thermometer { .. } => thermometers += 1,
                plan::Input::Gpio { .. } if watch.is_none() => {
                    watch = Some(Watch::new(Arc::clone(&machine.board)).map_err(|error| {
                        OpenError(vec![(device.name.to_string(), format!("its line cannot be watched: {error}"))])
                    })?);
                }
                _ => {}
            }
        }
        Ok(Self {
            machine,
            outputs,
            now,
            quick: Lane::new("devices".into()),
            temperature: Lane::new("temperature".into()),
            buses: BTreeMap::new(),
            thermometers,
            watch,
        })
    }

    fn add(&mut self, device: &plan::Device, every: Duration, input: &plan::Input) -> Arc<Input> {
        let machine = self.machine;
        let new = |period| Arc::new(Input::new((&device.name, device.kind.word(), &device.unit), period));
        let mut period = every;
        let (lane, sensor): (_, Box<dyn Sensor>) = match input {
            plan::Input::Gpio { line, active_low, bias, debounce } => {
                // It reports its changes: its value does not grow old.
                let input = new(None);
                if let Some(watch) = &self.watch {
                    let wiring = wiring(device, machine, line, *active_low);
                    watch.add(Arc::clone(&input), wiring, (*bias, *debounce), every);
                }
                return input;
            }
            plan::Input::W1Thermometer { id, sysfs } => {
                // Sensors of a bus take turns.
                period = every.max(CONVERSION * self.thermometers);
                let name = format!("1-wire {}", self.buses.len());
                let lane = self.buses.entry(w1::bus(sysfs, id)).or_insert_with(|| Lane::new(name));
                (lane, Box::new(Thermometer::new(sysfs, id, machine.patience)))
            }
            plan::Input::MachineTemperature { sensor } => {
                let sensor = Temperature::new(&machine.sys, sensor.clone(), machine.patience);
                (&mut self.temperature, Box::new(sensor))
            }
            plan::Input::SimKettle {
                heater,
                start_celsius,
                litres,
                power_watts,
                efficiency,
                loss_watts_per_kelvin,
            } => {
                let watts = power_watts * efficiency;
                let plant = Plant::new(*start_celsius, *litres, watts, *loss_watts_per_kelvin, self.now);
                let kettle = self.kettle(heater, plant);
                (&mut self.quick, Box::new(kettle))
            }
            plan::Input::Scripted { steps } => (&mut self.quick, Box::new(Scripted::new(steps.clone()))),
            plan::Input::Sine { mean, amplitude, period } => {
                (&mut self.quick, Box::new(Sine { mean: *mean, amplitude: *amplitude, period: *period }))
            }
            plan::Input::MachineLoad => (&mut self.quick, Box::new(Load::new(&machine.proc))),
            plan::Input::MachineMemory => (&mut self.quick, Box::new(Memory::new(&machine.proc))),
            plan::Input::MachineCpu => (&mut self.quick, Box::new(Cpu::new(&machine.proc))),
        };
        let input = new(Some(period));
        lane.add(Arc::clone(&input), sensor, every, self.now);
        input
    }

    fn kettle(&self, heater: &Name, plant: Plant) -> Kettle {
        let plant = Arc::new(Mutex::new(plant));
        // A plan's heater is one of its outputs. Without it the kettle would stay cold.
        if let Some(output) = self.outputs.get(heater) {
            output.heats(&plant, self.now);
        }
        Kettle(plant)
    }
}
