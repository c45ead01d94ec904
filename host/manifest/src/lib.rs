//! The manifest: text to a checked [`Plan`], with a diagnostic for every mistake.
//!
//! The path of a manifest through the files: `tree` (TOML with places) → `profile` (laid over) → `names` (who is there)
//! → `host`, `device`, `input`, `behavior`, `supervisor`, `route` (one table each, read with `table`, `unit`, `line` and
//! `grant`) → `plan`. What is wrong goes to `fault` on the way.

mod behavior;
mod device;
mod fault;
mod grant;
mod host;
mod input;
mod line;
mod names;
mod near;
mod plan;
mod profile;
mod route;
mod supervisor;
mod table;
mod tree;
mod unit;

#[cfg(test)]
mod schema;

pub use fault::{Code, Fault, Faults, Label};
pub use line::LineError;
pub use plan::*;
pub use unit::{UnitError, time};

use fault::Sink;
use names::Names;
use std::path::Path;
use table::Table;
use tree::{Item, Value};

/// The JSON Schema of the manifest, for editors: `#:schema greenroom.schema.json` in its first line.
pub const SCHEMA: &str = include_str!("../schema/greenroom.schema.json");

const ROOT: &[&str] = &["host", "device", "supervisor", "actor", "behavior", "topic", "route", "profile"];

/// Reads a manifest: `text`, which came from `file`, as it is under a profile.
///
/// All of it is checked, the other profiles too. `file` is not opened: it is for messages, and paths in the manifest are
/// joined with its directory. Nothing else is read either: whether a component is there and fits is found out later.
///
/// # Errors
/// All mistakes that there are, from top to bottom.
pub fn parse(text: &str, file: &Path, profile: Option<&str>) -> Result<Plan, Faults> {
    let sink = Sink::new(text);
    let dir = file.parent().unwrap_or(Path::new(""));
    let plan = match tree::read(text, &sink) {
        Some(root) => every(&root, dir, profile, &sink),
        None => plan(&Value { span: 0..0, item: Item::Table(Vec::new()) }, dir, &sink),
    };
    match sink.into_faults(file) {
        Some(faults) => Err(faults),
        None => Ok(plan),
    }
}

/// Checks the manifest without a profile and with each; the plan is that of the profile asked for.
fn every(root: &Value, dir: &Path, wanted: Option<&str>, sink: &Sink<'_>) -> Plan {
    let mut chosen = plan(root, dir, sink);
    let profiles = profile::list(root, sink);
    for name in &profiles {
        let plan = plan(&profile::apply(root, name, sink), dir, sink);
        if wanted == Some(*name) {
            chosen = plan;
        }
    }
    if let Some(wanted) = wanted.filter(|wanted| !profiles.contains(wanted)) {
        profile::unknown(root, wanted, sink);
    }
    chosen
}

fn plan(root: &Value, dir: &Path, sink: &Sink<'_>) -> Plan {
    let whole = Table::open(root, root.span.clone(), "the manifest", ROOT, sink);
    let names = Names::find(root, sink);
    let host = whole
        .as_ref()
        .and_then(|whole| whole.entry("host"))
        .and_then(|entry| Table::open(&entry.value, entry.at.clone(), "[host]", host::HOST, sink));
    let supervisors = supervisor::supervisors(root, &names, sink);
    Plan {
        host: host::host(root, host.as_ref(), &names, dir),
        devices: device::devices(root, &names, dir, sink),
        root: supervisor::root(&names, &supervisors),
        supervisors,
        actors: behavior::actors(root, &names, dir, sink),
        behaviors: behavior::behaviors(root, &names, dir, sink),
        topics: route::topics(root, sink),
        routes: route::routes(root, &names, sink),
        folder: dir.to_owned(),
    }
}
