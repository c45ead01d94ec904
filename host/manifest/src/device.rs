//! `[device.NAME]`.

use crate::fault::{Code, Fault, Sink};
use crate::line::LineError;
use crate::names::{Names, Role, name, section};
use crate::near::hint;
use crate::plan::{Device, DeviceKind, Input, Line, Output};
use crate::table::Table;
use crate::tree::{Entry, Item, Span, Value};
use crate::{input, near};
use std::path::Path;
use std::time::Duration;

/// A kind of device: its word, whether it is driven, its keys, its unit.
pub(crate) struct Sort {
    pub(crate) word: &'static str,
    pub(crate) role: Role,
    pub(crate) keys: &'static [&'static str],
    unit: &'static str,
}

const fn sort(word: &'static str, role: Role, unit: &'static str, keys: &'static [&'static str]) -> Sort {
    Sort { word, role, keys, unit }
}

/// All kinds.
pub(crate) const SORTS: [Sort; 11] = [
    sort("w1-thermometer", Role::Input, "celsius", &["kind", "unit", "every", "id", "sysfs"]),
    sort("gpio-input", Role::Input, "", &["kind", "unit", "every", "line", "active-low", "bias", "debounce"]),
    sort(
        "sim-kettle",
        Role::Input,
        "celsius",
        &[
            "kind",
            "unit",
            "every",
            "heater",
            "start-celsius",
            "litres",
            "power-watts",
            "efficiency",
            "loss-watts-per-kelvin",
        ],
    ),
    sort("scripted", Role::Input, "", &["kind", "unit", "every", "steps"]),
    sort("sine", Role::Input, "", &["kind", "unit", "every", "mean", "amplitude", "period"]),
    sort("machine-load", Role::Input, "load", &["kind", "unit", "every"]),
    sort("machine-memory", Role::Input, "percent", &["kind", "unit", "every"]),
    sort("machine-cpu", Role::Input, "percent", &["kind", "unit", "every"]),
    sort("machine-temperature", Role::Input, "celsius", &["kind", "unit", "every", "sensor"]),
    sort("gpio-output", Role::Output, "", &["kind", "unit", "safe", "max-on", "line", "active-low"]),
    sort("sim-relay", Role::Output, "", &["kind", "unit", "safe", "max-on"]),
];

/// What an output's replacement in a profile inherits.
pub(crate) const INHERITED: [&str; 2] = ["safe", "max-on"];

pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);
const LINE: &str =
    "write \"GPIO17\", \"J8:11\" for a pin of the Pi's header, \"CHIP:17\" for an offset, or the line's own name";
pub(crate) const LEVELS: [(&str, bool); 2] = [("off", false), ("on", true)];

/// What a device is, by its kind alone.
pub(crate) fn role(table: &Value) -> Role {
    sort_of(table).map_or(Role::Device, |sort| sort.role)
}

fn sort_of(table: &Value) -> Option<&'static Sort> {
    let kind = table.get("kind")?.text()?;
    SORTS.iter().find(|sort| sort.word == kind)
}

impl DeviceKind {
    /// The word that the manifest has for it, as `kind`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Input { input, .. } => match input {
                Input::W1Thermometer { .. } => "w1-thermometer",
                Input::Gpio { .. } => "gpio-input",
                Input::SimKettle { .. } => "sim-kettle",
                Input::Scripted { .. } => "scripted",
                Input::Sine { .. } => "sine",
                Input::MachineLoad => "machine-load",
                Input::MachineMemory => "machine-memory",
                Input::MachineCpu => "machine-cpu",
                Input::MachineTemperature { .. } => "machine-temperature",
            },
            Self::Output { output: Output::Gpio { .. }, .. } => "gpio-output",
            Self::Output { output: Output::SimRelay, .. } => "sim-relay",
        }
    }
}

/// `[device.…]`.
pub(crate) fn devices(root: &Value, names: &Names<'_>, dir: &Path, sink: &Sink<'_>) -> Vec<Device> {
    let mut lines = Vec::new();
    section(root, "device", sink).iter().filter_map(|entry| device(entry, names, dir, sink, &mut lines)).collect()
}

/// A line, whose it is, and where that is written.
struct Taken {
    line: Line,
    device: String,
    at: Span,
}

fn device(entry: &Entry, names: &Names<'_>, dir: &Path, sink: &Sink<'_>, taken: &mut Vec<Taken>) -> Option<Device> {
    let name = name(entry, sink);
    let title = format!("[device.{}]", entry.key);
    let Some(sort) = sort_of(&entry.value) else {
        sink.add(without_kind(entry, &title));
        return None;
    };
    let table = Table::open(&entry.value, entry.at.clone(), title, sort.keys, sink)?;
    let unit = match table.text("unit") {
        Some((unit, span)) if unit.chars().count() > 32 || unit.chars().any(char::is_control) => {
            sink.add(
                Fault::new(Code::BadName, "`unit` is no word")
                    .at(span, "more than 32 characters, or control characters")
                    .help("write a word, as in \"celsius\""),
            );
            sort.unit
        }
        Some((unit, _)) => unit,
        None => sort.unit,
    };
    let kind = match sort.role {
        Role::Output => {
            let safe = table.word("safe", &LEVELS);
            if table.entry("safe").is_none() {
                sink.add(
                    Fault::new(Code::MissingSafe, format!("output `{}` has no safe level", entry.key))
                        .at(table.at(), "no `safe` here")
                        .help("add safe = \"off\" (or \"on\"): the level whenever no actor drives it"),
                );
            }
            let max_on = table.time("max-on", Duration::from_millis(1)..=YEAR);
            let output = match sort.word {
                "gpio-output" => {
                    let active_low = table.flag("active-low").unwrap_or(false);
                    line(&table, &entry.key, taken).map(|line| Output::Gpio { line, active_low })
                }
                _ => Some(Output::SimRelay),
            };
            DeviceKind::Output { safe: safe?, max_on, output: output? }
        }
        _ => {
            let every = table.time("every", Duration::from_millis(10)..=Duration::from_secs(86_400));
            let input = match sort.word {
                "gpio-input" => {
                    let line = line(&table, &entry.key, taken);
                    input::gpio(&table, line)
                }
                word => input::read(word, &table, names, dir),
            };
            DeviceKind::Input { every: every.unwrap_or(Duration::from_secs(1)), input: input? }
        }
    };
    Some(Device { name: name?, unit: unit.to_owned(), kind })
}

fn without_kind(entry: &Entry, title: &str) -> Fault {
    let words = || SORTS.iter().map(|sort| sort.word);
    let all = hint("", words()).unwrap_or_default();
    match entry.value.get("kind") {
        _ if !matches!(entry.value.item, Item::Table(_)) => {
            Fault::new(Code::WrongType, format!("{title} must be a table"))
                .at(entry.value.span.clone(), format!("this is {}", entry.value.item.is()))
                .help("write [device.NAME] above its keys")
        }
        None => Fault::new(Code::MissingKey, format!("{title} needs `kind`"))
            .at(entry.at.clone(), "no `kind` here")
            .help(all),
        Some(Value { span, item: Item::Text(word) }) => {
            Fault::new(Code::UnknownKind, format!("{title} is of a kind that does not exist"))
                .at(span.clone(), format!("no kind \"{}\"", word.escape_debug()))
                .help(match near::nearest(word, words()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => all,
                })
        }
        Some(Value { span, item }) => Fault::new(Code::WrongType, "`kind` must be a text in quotes")
            .at(span.clone(), format!("this is {}", item.is()))
            .help(all),
    }
}

/// `line`, which no other device may have.
fn line(table: &Table<'_>, device: &str, taken: &mut Vec<Taken>) -> Option<Line> {
    let sink = table.sink();
    if let Some(Value { item: Item::Whole(_), span }) = table.value("line") {
        let why = LineError::Bare;
        sink.add(
            Fault::new(Code::BadLine, "`line` must be a text in quotes").at(span.clone(), why.to_string()).help(LINE),
        );
        return None;
    }
    if table.entry("line").is_none() {
        table.missing("line", "\"GPIO17\", or \"J8:11\" for a pin of the header, or \"CHIP:OFFSET\"");
    }
    let (line, span) = table.parsed::<Line>("line", Code::BadLine, LINE)?;
    if let Some(other) = taken.iter().find(|other| other.line.same(&line)) {
        sink.add(
            Fault::new(Code::LineTaken, format!("`{}` and `{device}` are on the same line", other.device))
                .at(span.clone(), format!("{line}, which has a device already"))
                .at(other.at.clone(), format!("`{}` is on it", other.device))
                .help("a line has one device: give one of them another"),
        );
    }
    taken.push(Taken { line: line.clone(), device: device.to_owned(), at: span });
    Some(line)
}
