//! From the plan to the devices: outputs first, all of them, and then the inputs.

use super::error::OpenError;
use super::input::{Input, Missing, Sensor};
use super::lane::{Bell, Lane};
use super::notice::{Notice, Outbox};
use super::output::Output;
use super::pin::{Open, Pin};
use super::sim::{Kettle, Plant, Relay, Scripted, Sine};
use super::{Device, Shared};
use crate::clock::Clock;
use greenroom_core::{Instant, Name};
use greenroom_manifest as plan;
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// See [`Devices::open`](super::Devices::open).
pub(super) fn open(
    devices: &[plan::Device],
    clock: Clock,
    notices: Box<dyn Fn(Notice) + Send + Sync>,
) -> Result<Shared, OpenError> {
    let outputs = outputs(devices)?;
    let now = clock.now();
    let mut lanes = Lanes { now, quick: Lane::new("devices".into()) };
    let opened = devices.iter().map(|device| match (&device.kind, outputs.get(&device.name)) {
        (_, Some(output)) => Some(Device::Output(Arc::clone(output))),
        (plan::DeviceKind::Input { every, input }, None) => {
            Some(Device::Input(lanes.input(device, *every, input, &outputs)))
        }
        // Two outputs of one name, which no checked plan has.
        (plan::DeviceKind::Output { .. }, None) => None,
    });
    let opened: Vec<_> = opened.flatten().collect();
    let lanes = vec![lanes.quick];
    Ok(Shared {
        clock,
        outbox: Outbox::new(notices),
        index: opened.iter().enumerate().map(|(index, device)| (device.name().clone(), index)).collect(),
        devices: opened,
        ends: lanes.iter().map(|_| Bell::default()).collect(),
        lanes,
        guard: Bell::default(),
        started: AtomicBool::new(false),
        ended: AtomicBool::new(false),
        warnings: Vec::new(),
    })
}

/// Opens every output, also those after one that cannot be: a relay that a killed host left on goes off in any case.
fn outputs(devices: &[plan::Device]) -> Result<HashMap<Name, Arc<Output>>, OpenError> {
    let (mut opened, mut failed) = (HashMap::new(), Vec::new());
    for device in devices {
        let plan::DeviceKind::Output { safe, max_on, output } = &device.kind else { continue };
        let (kind, open): (_, Open) = match output {
            plan::Output::SimRelay => ("sim-relay", Box::new(|on| Ok(Box::new(Relay::new(on))))),
            plan::Output::Gpio { .. } => ("gpio-output", Box::new(|_| Err("not built yet".into()))),
        };
        match Pin::open(&device.name, *safe, open) {
            Ok(pin) => {
                let output = Output::new((&device.name, kind, &device.unit), *max_on, pin);
                opened.insert(device.name.clone(), Arc::new(output));
            }
            Err(why) => failed.push((device.name.to_string(), why)),
        }
    }
    if failed.is_empty() { Ok(opened) } else { Err(OpenError(failed)) }
}

/// The lanes, while inputs are put on them.
struct Lanes {
    now: Instant,
    quick: Lane,
}

impl Lanes {
    fn input(
        &mut self,
        device: &plan::Device,
        every: Duration,
        input: &plan::Input,
        outputs: &HashMap<Name, Arc<Output>>,
    ) -> Arc<Input> {
        let (kind, sensor): (_, Box<dyn Sensor>) = match input {
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
                let plant = Arc::new(Mutex::new(plant));
                if let Some(output) = outputs.get(heater) {
                    output.heats(&plant, self.now);
                }
                ("sim-kettle", Box::new(Kettle(plant)))
            }
            plan::Input::Scripted { steps } => ("scripted", Box::new(Scripted::new(steps.clone()))),
            plan::Input::Sine { mean, amplitude, period } => {
                ("sine", Box::new(Sine { mean: *mean, amplitude: *amplitude, period: *period }))
            }
            _ => ("unknown", Box::new(Absent("not built yet".into()))),
        };
        let input = Arc::new(Input::new((&device.name, kind, &device.unit), Some(every)));
        self.quick.add(Arc::clone(&input), sensor, every, self.now);
        input
    }
}

struct Absent(String);
impl Sensor for Absent {
    fn sample(&mut self, _: Instant) -> Result<f64, Missing> {
        Err(Missing::Failed(self.0.clone()))
    }
}
