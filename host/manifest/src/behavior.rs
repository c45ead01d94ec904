//! `[actor.NAME]` and `[behavior.NAME]`.

use crate::fault::{Code, Fault, Sink};
use crate::names::{Names, name};
use crate::plan::{Actor, Behavior, Build, Config, Keep, LANGUAGES, Mailbox, MemoryClass, WhenFull};
use crate::supervisor::{RESTARTS, shutdown};
use crate::table::Table;
use crate::tree::{Entry, Item, Value};
use crate::{grant, names};
use greenroom_core::{Restart, Shutdown};
use serde_json::Value as Json;
use std::path::Path;
use std::time::Duration;

pub(crate) const ACTOR: &[&str] = &[
    "source",
    "grant",
    "mailbox",
    "deadline",
    "memory",
    "memory-class",
    "max-message",
    "keep-state",
    "sleep-after",
    "config",
    "build",
    "restart",
    "shutdown",
    "significant",
];
pub(crate) const BEHAVIOR: &[&str] = &[
    "source",
    "grant",
    "mailbox",
    "deadline",
    "memory",
    "memory-class",
    "max-message",
    "keep-state",
    "sleep-after",
    "config",
    "build",
];
pub(crate) const MAILBOX: &[&str] = &["limit", "when-full"];
pub(crate) const BUILD: &[&str] = &["language", "package", "workspace", "watch"];

pub(crate) const WHEN_FULL: [(&str, WhenFull); 5] = [
    ("reject", WhenFull::Reject),
    ("wait", WhenFull::Wait),
    ("drop-oldest", WhenFull::DropOldest),
    ("drop-newest", WhenFull::DropNewest),
    ("latest", WhenFull::Latest),
];
pub(crate) const MEMORY_CLASSES: [(&str, MemoryClass); 2] =
    [("fast", MemoryClass::Fast), ("dense", MemoryClass::Dense)];
pub(crate) const KEEP: [(&str, Keep); 3] = [("swaps", Keep::Swaps), ("restarts", Keep::Restarts), ("disk", Keep::Disk)];
/// What an actor has spawned has no name under which it could be found after a new start of the host.
pub(crate) const KEEP_SPAWNED: [(&str, Keep); 2] = [("swaps", Keep::Swaps), ("restarts", Keep::Restarts)];

/// `[actor.…]`.
pub(crate) fn actors(root: &Value, names: &Names<'_>, dir: &Path, sink: &Sink<'_>) -> Vec<Actor> {
    let actor = |entry: &Entry| {
        let name = name(entry, sink);
        let table = Table::open(&entry.value, entry.at.clone(), format!("[actor.{}]", entry.key), ACTOR, sink)?;
        let restart = table.word("restart", &RESTARTS).unwrap_or(Restart::Permanent);
        let shutdown = shutdown(&table).unwrap_or(Shutdown::WORKER);
        let significant = table.flag("significant").unwrap_or(false);
        let keep = table.word("keep-state", &KEEP);
        Some(Actor { behavior: behavior(name, &table, names, dir, keep)?, restart, shutdown, significant })
    };
    names::section(root, "actor", sink).iter().filter_map(actor).collect()
}

/// `[behavior.…]`.
pub(crate) fn behaviors(root: &Value, names: &Names<'_>, dir: &Path, sink: &Sink<'_>) -> Vec<Behavior> {
    let one = |entry: &Entry| {
        let name = name(entry, sink);
        let table = Table::open(&entry.value, entry.at.clone(), format!("[behavior.{}]", entry.key), BEHAVIOR, sink)?;
        let keep = table.word("keep-state", &KEEP_SPAWNED);
        behavior(name, &table, names, dir, keep)
    };
    names::section(root, "behavior", sink).iter().filter_map(one).collect()
}

fn behavior(
    name: Option<greenroom_core::Name>,
    table: &Table<'_>,
    names: &Names<'_>,
    dir: &Path,
    keep: Option<Keep>,
) -> Option<Behavior> {
    const HOUR: Duration = Duration::from_secs(3600);
    const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);
    let source = match table.text("source") {
        Some(("", span)) => {
            table.sink().add(
                Fault::new(Code::MissingKey, format!("{} needs a component", table.title()))
                    .at(span, "empty")
                    .help("write the component's file, as in \"actors/controller.wasm\""),
            );
            None
        }
        Some((text, _)) => Some(dir.join(text)),
        None => {
            if table.entry("source").is_none() {
                table.missing("source", "\"actors/NAME.wasm\", the component's file");
            }
            None
        }
    };
    let grants = grant::read(table, names);
    let mailbox = table.table("mailbox", MAILBOX);
    let mailbox = Mailbox {
        limit: mailbox.as_ref().and_then(|table| table.whole("limit", 1..=1_000_000_u32)).unwrap_or(1024) as usize,
        when_full: mailbox.as_ref().and_then(|table| table.word("when-full", &WHEN_FULL)).unwrap_or(WhenFull::Reject),
    };
    let deadline = table.time("deadline", Duration::from_millis(1)..=HOUR).unwrap_or(Duration::from_millis(50));
    let memory = table.size("memory", 64 << 10..=64 << 20).unwrap_or(16 << 20);
    let memory_class = table.word("memory-class", &MEMORY_CLASSES);
    let max_message = table.size("max-message", 1 << 10..=16 << 20).unwrap_or(1 << 20);
    let sleep_after = table.time("sleep-after", Duration::from_millis(100)..=MONTH);
    let config = config(table);
    let build = table.table("build", BUILD).and_then(|table| build(&table, dir));
    Some(Behavior {
        name: name?,
        source: source?,
        grants,
        mailbox,
        deadline,
        memory,
        memory_class,
        // In range, so it fits.
        max_message: u32::try_from(max_message).unwrap_or(u32::MAX),
        keep: keep.unwrap_or(Keep::Swaps),
        sleep_after,
        config,
        build,
    })
}

fn build(table: &Table<'_>, dir: &Path) -> Option<Build> {
    let language = table.word("language", &LANGUAGES.map(|language| (language, language))).unwrap_or("rust");
    let (called, fix) = match language {
        "rust" => ("a Cargo package", "write the `name` of the package's Cargo.toml"),
        _ => ("an actor's source", "write the main file's name, without its ending"),
    };
    let package = match table.text("package") {
        Some((text, span)) => {
            let known = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
            if text.is_empty() || !text.chars().all(known) {
                table.sink().add(
                    Fault::new(Code::BadName, format!("\"{}\" is no name of {called}", text.escape_debug()))
                        .at(span, "letters, digits, `-` and `_`")
                        .help(fix),
                );
            }
            Some(text.to_owned())
        }
        None => {
            if table.entry("package").is_none() {
                table.missing("package", "\"NAME\", the Cargo package that makes the component");
            }
            None
        }
    };
    let workspace = table.text("workspace").map_or_else(|| dir.to_owned(), |(text, _)| dir.join(text));
    let watch = table.texts("watch").into_iter().map(|(text, _)| dir.join(text)).collect();
    Some(Build { language, package: package?, workspace, watch })
}

fn config(table: &Table<'_>) -> Config {
    let Some(value) = table.value("config") else { return Config::new() };
    match (&value.item, json(value, table.sink())) {
        (Item::Table(_), Json::Object(config)) => config,
        _ => {
            table.sink().add(
                Fault::new(Code::WrongType, "`config` must be a table")
                    .at(value.span.clone(), format!("this is {}", value.item.is()))
                    .help("write its keys under a header that ends in `.config]`"),
            );
            Config::new()
        }
    }
}

/// As JSON, which has no dates (they become texts), no infinities and no NaN.
fn json(value: &Value, sink: &Sink<'_>) -> Json {
    let refuse = |why: &str| {
        sink.add(
            Fault::new(Code::BadConfig, "the configuration cannot be handed over as JSON")
                .at(value.span.clone(), why)
                .help("write a number that JSON has, or a text"),
        );
        Json::Null
    };
    match &value.item {
        Item::Text(text) | Item::Date(text) => Json::from(text.as_str()),
        Item::Flag(flag) => Json::from(*flag),
        Item::Whole(number) => match (i64::try_from(*number), u64::try_from(*number)) {
            (Ok(number), _) => Json::from(number),
            (_, Ok(number)) => Json::from(number),
            _ => refuse("more than 64 bits"),
        },
        Item::Float(number) => match serde_json::Number::from_f64(*number) {
            Some(number) => Json::Number(number),
            None => refuse("JSON has no such number"),
        },
        Item::List(values) => values.iter().map(|value| json(value, sink)).collect(),
        Item::Table(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json(&entry.value, sink))).collect::<Config>().into()
        }
    }
}
