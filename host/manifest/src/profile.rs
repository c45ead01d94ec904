//! Profiles: laid over the manifest before it is read, so that what runs is checked as it runs.
//! Before it: `tree`. After it: the readers of the single tables, which know nothing of profiles.

use crate::device::{INHERITED, SORTS};
use crate::fault::{Code, Fault, Sink};
use crate::names::{self, Role};
use crate::near::hint;
use crate::table::Table;
use crate::tree::{Entry, Item, Value};

pub(crate) const PROFILE: &[&str] = &["host", "device", "actor"];
pub(crate) const PROFILE_ACTOR: &[&str] = &["config"];

/// The names of the profiles.
pub(crate) fn list<'t>(root: &'t Value, sink: &Sink<'_>) -> Vec<&'t str> {
    names::section(root, "profile", sink).iter().map(|entry| entry.key.as_str()).collect()
}

/// Says that there is no such profile, and which there are.
pub(crate) fn unknown(root: &Value, profile: &str, sink: &Sink<'_>) {
    let known = list(root, sink);
    let mut fault = Fault::new(Code::UnknownProfile, format!("there is no profile `{}`", profile.escape_debug()));
    if let Some(entry) = root.entries().iter().find(|entry| entry.key == "profile") {
        fault = fault.at(entry.at.clone(), "the profiles");
    }
    sink.add(match hint(profile, known) {
        Some(help) => fault.help(help),
        None => fault.help(format!("the manifest has no profiles: leave `--profile` out, or add [profile.{profile}]")),
    });
}

/// The manifest with a profile laid over it.
pub(crate) fn apply(root: &Value, profile: &str, sink: &Sink<'_>) -> Value {
    let mut merged = root.clone();
    let profiles = root.get("profile").map(Value::entries).unwrap_or_default();
    let Some(entry) = profiles.iter().find(|entry| entry.key == profile) else { return merged };
    let title = format!("[profile.{profile}]");
    let Some(table) = Table::open(&entry.value, entry.at.clone(), title.as_str(), PROFILE, sink) else { return merged };
    let Item::Table(whole) = &mut merged.item else { return merged };
    if let Some(host) = table.entry("host").filter(|host| is_table(host, &title, sink))
        && let Some(ours) = inner(whole, host)
    {
        lay_over(ours, host.value.entries());
    }
    if let Some(devices) = table.entry("device").filter(|devices| is_table(devices, &title, sink)) {
        for device in devices.value.entries() {
            match find(whole, &["device", &device.key]) {
                Some(replaced) => replace(replaced, device),
                None => sink.add(nobody(root, device, "device", Code::UnknownDevice, &title)),
            }
        }
    }
    if let Some(actors) = table.entry("actor").filter(|actors| is_table(actors, &title, sink)) {
        for actor in actors.value.entries() {
            let title = format!("[profile.{profile}.actor.{}]", actor.key);
            let table = Table::open(&actor.value, actor.at.clone(), title.as_str(), PROFILE_ACTOR, sink);
            let Some(ours) = find(whole, &["actor", &actor.key]) else {
                sink.add(nobody(root, actor, "actor", Code::UnknownActor, &title));
                continue;
            };
            if let Some(config) = table.and_then(|table| table.entry("config"))
                && is_table(config, &title, sink)
                && let Item::Table(ours) = &mut ours.value.item
                && let Some(ours) = inner(ours, config)
            {
                lay_over(ours, config.value.entries());
            }
        }
    }
    merged
}

/// A device is replaced as a whole; but an output stays as safe as it was, unless the profile says otherwise.
fn replace(replaced: &mut Entry, with: &Entry) {
    let mut with = with.clone();
    let kind = with.value.get("kind").and_then(Value::text);
    let output = SORTS.iter().any(|sort| sort.role == Role::Output && kind == Some(sort.word));
    if let Item::Table(entries) = &mut with.value.item
        && output
    {
        for kept in replaced.value.entries().iter().filter(|entry| INHERITED.contains(&entry.key.as_str())) {
            if !entries.iter().any(|entry| entry.key == kept.key) {
                entries.push(kept.clone());
            }
        }
    }
    *replaced = with;
}

/// Sets each key, in place of the one that is there.
fn lay_over(table: &mut Vec<Entry>, entries: &[Entry]) {
    for entry in entries {
        match table.iter_mut().find(|other| other.key == entry.key) {
            Some(other) => *other = entry.clone(),
            None => table.push(entry.clone()),
        }
    }
}

/// The table within a table that has the key of `like`; made if there is none. None if it is something else, which is a
/// mistake of its own.
fn inner<'v>(table: &'v mut Vec<Entry>, like: &Entry) -> Option<&'v mut Vec<Entry>> {
    let place = table.iter().position(|entry| entry.key == like.key).unwrap_or_else(|| {
        table.push(Entry { value: Value { item: Item::Table(Vec::new()), ..like.value.clone() }, ..like.clone() });
        table.len() - 1
    });
    match &mut table.get_mut(place)?.value.item {
        Item::Table(entries) => Some(entries),
        _ => None,
    }
}

fn find<'v>(table: &'v mut [Entry], path: &[&str]) -> Option<&'v mut Entry> {
    let (first, rest) = path.split_first()?;
    let entry = table.iter_mut().find(|entry| entry.key == *first)?;
    if rest.is_empty() {
        return Some(entry);
    }
    match &mut entry.value.item {
        Item::Table(entries) => find(entries, rest),
        _ => None,
    }
}

fn is_table(entry: &Entry, title: &str, sink: &Sink<'_>) -> bool {
    let is = matches!(entry.value.item, Item::Table(_));
    if !is {
        sink.add(
            Fault::new(Code::WrongType, format!("`{}` of {title} must be a table", entry.key))
                .at(entry.value.span.clone(), format!("this is {}", entry.value.item.is()))
                .help("write its keys under a header of their own, or in braces"),
        );
    }
    is
}

fn nobody(root: &Value, entry: &Entry, section: &str, code: Code, title: &str) -> Fault {
    let what = if section == "device" { "a device" } else { "an actor" };
    let known = root.get(section).map(Value::entries).unwrap_or_default();
    let fault = Fault::new(code, format!("{title} changes {what} that does not exist"))
        .at(entry.at.clone(), format!("no [{section}.{}]", entry.key));
    match hint(&entry.key, known.iter().map(|entry| entry.key.as_str())) {
        Some(help) => fault.help(help),
        None => fault.help(format!("a profile changes what is there: define [{section}.{}] as well", entry.key)),
    }
}
