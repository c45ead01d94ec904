//! What a component imports and exports, and whether that is what an actor may.

use super::ComponentError;
use super::size::{Size, words};
use crate::contract::v0_1;
use crate::contract::v0_1::exports::Exported;
use crate::machine;
use greenroom_core::Grant;
use greenroom_encode::contract::{PACKAGE, VERSION};
use greenroom_manifest::Behavior;
use std::path::Path;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// What a component needs and has.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Inspection {
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    /// The interfaces that it exports.
    pub exports: Vec<String>,
    /// Whether its module is entered directly, which is quicker than by way of the component model.
    pub direct: bool,
    /// How large it is.
    pub size: Size,
    /// The functions of the contract that it imports: interface and name.
    #[serde(skip)]
    functions: Vec<(String, String)>,
}

impl Inspection {
    pub(super) fn of(
        engine: &Engine,
        path: &Path,
        component: &Component,
        direct: bool,
        size: Size,
    ) -> Result<Self, ComponentError> {
        let kind = component.component_type();
        let exports: Vec<_> = kind.exports(engine).map(|(name, _)| name.to_owned()).collect();
        // Before anything that it lacks or has too much of follows from it.
        let names = kind.imports(engine).map(|(name, _)| name).chain(exports.iter().map(String::as_str));
        let versions = names.filter_map(|name| name.strip_prefix(PACKAGE)?.split_once('@'));
        if let Some((_, version)) = versions.into_iter().find(|(_, version)| *version != VERSION) {
            return Err(ComponentError::OtherContract { component: path.to_owned(), version: version.to_owned() });
        }
        let mut functions = Vec::new();
        let mut imports = Vec::new();
        for (name, item) in kind.imports(engine) {
            if !is_offered(name) {
                let (component, import) = (path.to_owned(), name.to_owned());
                return Err(ComponentError::UnknownImport { component, import, hint: hint(name) });
            }
            if let ComponentItem::ComponentInstance(interface) = item.ty {
                let called =
                    interface.exports(engine).filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
                functions.extend(called.map(|(function, _)| (name.to_owned(), function.to_owned())));
            }
            imports.push(name.to_owned());
        }
        let behavior = "greenroom:actor/behavior@0.1.0";
        if !exports.iter().any(|export| export == behavior) {
            if exports.iter().any(|export| export.starts_with("wasi:cli/run@")) {
                return Err(ComponentError::Program { component: path.to_owned() });
            }
            return Err(ComponentError::NoExport { component: path.to_owned(), export: behavior.to_owned() });
        }
        Ok(Self { imports, exports, direct, size, functions })
    }

    /// Whether it has `save` and `restore`.
    pub(super) fn has_state(&self) -> bool {
        self.exports.iter().any(|export| export == v0_1::exports::STATE)
    }

    /// Refuses a component that begins with more memory than a behaviour may have.
    pub(super) fn check_memory(&self, path: &Path, behavior: &Behavior) -> Result<(), ComponentError> {
        let needs = self.size.memory;
        if needs <= behavior.memory {
            return Ok(());
        }
        // In steps that people would write.
        let steps = needs.next_power_of_two().max(1 << 20) >> 20;
        Err(ComponentError::TooMuchMemory {
            component: path.to_owned(),
            behavior: behavior.name.to_string(),
            needs: words(needs),
            limit: words(behavior.memory),
            enough: format!("{steps}MiB"),
        })
    }

    /// What this machine may not be able to give to so many actors that run it: numbers, and what to do.
    pub fn doubts(&self, actors: usize) -> Vec<String> {
        self.size.doubts(actors, machine::memory())
    }

    /// Refuses a component that imports what is of no use to it without a grant that it does not have.
    ///
    /// Some languages' bindings import every function of an interface. Such an import says nothing about what the
    /// component does, so it is let pass, and each call is checked as it is made.
    pub(super) fn check_grants(&self, path: &Path, name: &str, grants: &[Grant]) -> Result<(), ComponentError> {
        for (interface, function) in &self.functions {
            let needed = v0_1::GRANTED.iter().find(|(of, named, ..)| of == interface && named == function);
            let Some((_, _, whole, grant)) = needed else { continue };
            let imported = self.functions.iter().filter(|(of, _)| of == interface).count();
            if imported >= *whole || grants.iter().any(|granted| v0_1::serves(granted, grant)) {
                continue;
            }
            return Err(ComponentError::NotGranted {
                component: path.to_owned(),
                behavior: name.to_owned(),
                import: format!("{interface}#{function}"),
                grant: (*grant).to_owned(),
            });
        }
        Ok(())
    }
}

/// Whether the functions that a component exports are of the contract's types: found out by an instance, so that it is
/// wasmtime that says so. Nothing of it is run but what begins it.
pub(super) fn exports(engine: &Engine, path: &Path, hollow: &Component) -> Result<(), ComponentError> {
    let failed = |error: wasmtime::Error| ComponentError::Start { why: format!("{error:#}") };
    let mut linker = Linker::<()>::new(engine);
    linker.define_unknown_imports_as_traps(hollow).map_err(failed)?;
    let mut store = Store::new(engine, ());
    // No turn that could take too long: there is nothing in it.
    store.set_epoch_deadline(u64::from(u32::MAX));
    let instance = linker.instantiate(&mut store, hollow).map_err(failed)?;
    Exported::new(&mut store, &instance, path, false).map(drop)
}

/// What there is of WASI 0.2.
const WASI: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];

fn is_offered(import: &str) -> bool {
    let ours = [
        "types",
        "messaging",
        "asking",
        "actors",
        "names",
        "clock",
        "timers",
        "topics",
        "routes",
        "devices",
        "log",
        "config",
    ];
    match import.strip_prefix(PACKAGE) {
        Some(rest) => rest.split('@').next().is_some_and(|interface| ours.contains(&interface)),
        None => import.strip_prefix("wasi:").is_some_and(|rest| {
            let offered = rest.split('/').next().is_some_and(|package| WASI.contains(&package));
            offered && rest.contains("@0.2.")
        }),
    }
}

/// What to do about an import that there is not, where that is known.
fn hint(import: &str) -> &'static str {
    match import {
        _ if import.starts_with("wasi:http/") => {
            " without `wasi:http`: a runtime of JavaScript is built without it (`disableFeatures: ['http', 'fetch-event']`)"
        }
        _ if import.starts_with("wasi:") && import.contains("@0.3.") => ": build it for WASI 0.2 (`wasip2`)",
        _ => "",
    }
}
