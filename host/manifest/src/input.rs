//! What the kinds of inputs have of their own.

use crate::device::YEAR;
use crate::fault::{Code, Fault};
use crate::names::{Names, Role};
use crate::plan::{Bias, Input, Line};
use crate::table::Table;
use crate::tree::{Item, Value};
use greenroom_core::Name;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(crate) const BIASES: [(&str, Bias); 3] =
    [("pull-up", Bias::PullUp), ("pull-down", Bias::PullDown), ("disabled", Bias::Disabled)];

/// An input other than a line.
pub(crate) fn read(word: &str, table: &Table<'_>, names: &Names<'_>, dir: &Path) -> Option<Input> {
    Some(match word {
        "w1-thermometer" => thermometer(table, dir)?,
        "sim-kettle" => {
            // All of it is read before a mistake in one key ends it.
            let heater = heater(table, names);
            let start_celsius = table.number("start-celsius", -20.0..=110.0).unwrap_or(20.0);
            let litres = table.number("litres", 0.1..=10_000.0).unwrap_or(17.0);
            let power_watts = table.number("power-watts", 0.0..=1_000_000.0).unwrap_or(2000.0);
            let efficiency = table.number("efficiency", 0.0..=1.0).unwrap_or(0.80);
            let loss_watts_per_kelvin = table.number("loss-watts-per-kelvin", 0.0..=10_000.0).unwrap_or(10.0);
            let heater = heater?;
            Input::SimKettle { heater, start_celsius, litres, power_watts, efficiency, loss_watts_per_kelvin }
        }
        "scripted" => Input::Scripted { steps: steps(table)? },
        "sine" => Input::Sine {
            mean: table.number("mean", f64::MIN..=f64::MAX).unwrap_or(0.0),
            amplitude: table.number("amplitude", f64::MIN..=f64::MAX).unwrap_or(1.0),
            period: table.time("period", Duration::from_millis(10)..=YEAR).unwrap_or(Duration::from_secs(60)),
        },
        "machine-load" => Input::MachineLoad,
        "machine-memory" => Input::MachineMemory,
        "machine-cpu" => Input::MachineCpu,
        _ => Input::MachineTemperature { sensor: table.text("sensor").map(|(text, _)| text.to_owned()) },
    })
}

/// A line as an input.
pub(crate) fn gpio(table: &Table<'_>, line: Option<Line>) -> Option<Input> {
    let active_low = table.flag("active-low").unwrap_or(false);
    let bias = table.word("bias", &BIASES);
    let debounce = table.time("debounce", Duration::ZERO..=Duration::from_secs(10)).unwrap_or(Duration::ZERO);
    Some(Input::Gpio { line: line?, active_low, bias, debounce })
}

fn thermometer(table: &Table<'_>, dir: &Path) -> Option<Input> {
    let sysfs = table.text("sysfs").map_or_else(|| PathBuf::from("/sys/bus/w1/devices"), |(text, _)| dir.join(text));
    if table.entry("id").is_none() {
        table.missing("id", "\"28-000005e2fdc3\", the name of its directory under /sys/bus/w1/devices");
    }
    let (id, span) = table.text("id")?;
    // The id becomes part of a path: nothing else may pass. The kernel writes family and serial number in lower case.
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'a'..=b'f'))
    };
    match id.split_once('-') {
        Some((family, serial)) if hex(family, 2) && hex(serial, 12) => {
            Some(Input::W1Thermometer { id: id.into(), sysfs })
        }
        _ => {
            table.sink().add(
                Fault::new(Code::BadSensor, format!("\"{}\" is no id of a 1-wire sensor", id.escape_debug()))
                    .at(span, "not two and twelve hexadecimal digits")
                    .help("write it as `ls /sys/bus/w1/devices` shows it, as in \"28-000005e2fdc3\""),
            );
            None
        }
    }
}

fn heater(table: &Table<'_>, names: &Names<'_>) -> Option<Name> {
    let sink = table.sink();
    if table.entry("heater").is_none() {
        table.missing("heater", "\"NAME\", the output that heats it");
    }
    let (text, span) = table.text("heater")?;
    match names.device(text) {
        Some(device) if device.role == Role::Input => {
            sink.add(
                Fault::new(Code::NotAnOutput, format!("{} is heated by an input", table.title()))
                    .at(span, format!("`{text}` is an input"))
                    .at(device.at.clone(), "defined here")
                    .help("name an output: a device of kind \"sim-relay\" or \"gpio-output\""),
            );
            None
        }
        Some(_) => text.parse().ok(),
        None => {
            let fault =
                Fault::new(Code::UnknownDevice, format!("{} is heated by a device that does not exist", table.title()))
                    .at(span, format!("no [device.{text}]"));
            sink.add(fault.help(names.hint(text, &[Role::Output], sink)));
            None
        }
    }
}

fn steps(table: &Table<'_>) -> Option<Vec<(Duration, Option<f64>)>> {
    let refuse = |value: &Value, why: &str| {
        table.sink().add(
            Fault::new(Code::BadSteps, format!("{} has steps that cannot be", table.title()))
                .at(value.span.clone(), why)
                .help("write [seconds, value] or [seconds, \"missing\"], as in steps = [[0, 20.0], [10, \"missing\"]]"),
        );
    };
    let Some(list) = table.value("steps") else {
        table.missing("steps", "[[0, 20.0], [10, \"missing\"]], seconds and values");
        return None;
    };
    let number = |value: &Value| match value.item {
        Item::Float(number) => Some(number).filter(|number| number.is_finite()),
        Item::Whole(number) => Some(number as f64),
        _ => None,
    };
    let mut steps: Vec<(Duration, Option<f64>)> = Vec::new();
    for step in table.list("steps") {
        let Item::List(pair) = &step.item else {
            refuse(step, "not a pair in brackets");
            continue;
        };
        let [at, value] = pair.as_slice() else {
            refuse(step, "not two things, a time and a value");
            continue;
        };
        let time =
            number(at).and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).filter(|time| *time <= YEAR);
        let Some(time) = time else {
            refuse(at, "not a number of seconds from 0 to a year");
            continue;
        };
        if steps.last().is_some_and(|(before, _)| *before >= time) {
            refuse(at, "not later than the step before");
            continue;
        }
        let value = match (&value.item, number(value)) {
            (_, Some(number)) => Some(number),
            (Item::Text(text), _) if text == "missing" => None,
            _ => {
                refuse(value, "neither a number nor \"missing\"");
                continue;
            }
        };
        steps.push((time, value));
    }
    if steps.is_empty() && matches!(&list.item, Item::List(values) if values.is_empty()) {
        refuse(list, "no step");
    }
    Some(steps)
}
