//! What a component imports and exports, and whether that is what an actor may.

use super::ComponentError;
use crate::contract::v0_1;
use crate::contract::v0_1::exports::Exported;
use greenroom_core::Grant;
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
    /// The functions of the contract that it imports: interface and name.
    #[serde(skip)]
    functions: Vec<(String, String)>,
}

/// Says in plain words what bytes are that are no component.
pub(super) fn is_component(path: &Path, bytes: &[u8]) -> Result<(), ComponentError> {
    let why = match bytes {
        [] => "the file is empty",
        [0, b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => return Ok(()),
        [0, b'a', b's', b'm', 1, 0, 0, 0, ..] => "it is a core module; `greenroom build` makes a component of it",
        [0, b'a', b's', b'm', ..] => "it is WebAssembly of a version that this host does not know",
        // Text: wasmtime parses it, and says where it is wrong.
        [b'(' | b';' | b' ' | b'\n', ..] => return Ok(()),
        _ => "it does not begin as WebAssembly does",
    };
    Err(ComponentError::NotComponent { path: path.to_owned(), why: why.to_owned() })
}

impl Inspection {
    pub(super) fn of(
        engine: &Engine,
        path: &Path,
        component: &Component,
        direct: bool,
    ) -> Result<Self, ComponentError> {
        let kind = component.component_type();
        let mut functions = Vec::new();
        let mut imports = Vec::new();
        for (name, item) in kind.imports(engine) {
            if !is_offered(name) {
                return Err(ComponentError::UnknownImport { component: path.to_owned(), import: name.to_owned() });
            }
            if let ComponentItem::ComponentInstance(interface) = item.ty {
                let called =
                    interface.exports(engine).filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)));
                functions.extend(called.map(|(function, _)| (name.to_owned(), function.to_owned())));
            }
            imports.push(name.to_owned());
        }
        let exports: Vec<_> = kind.exports(engine).map(|(name, _)| name.to_owned()).collect();
        let behavior = "greenroom:actor/behavior@0.1.0";
        if !exports.iter().any(|export| export == behavior) {
            return Err(ComponentError::NoExport { component: path.to_owned(), export: behavior.to_owned() });
        }
        Ok(Self { imports, exports, direct, functions })
    }

    /// Whether it has `save` and `restore`.
    pub(super) fn has_state(&self) -> bool {
        self.exports.iter().any(|export| export == v0_1::exports::STATE)
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
    match import.strip_prefix("greenroom:actor/") {
        Some(rest) => rest.strip_suffix("@0.1.0").is_some_and(|interface| ours.contains(&interface)),
        None => import.starts_with("wasi:") && import.contains("@0.2."),
    }
}
