//! What a component imports and exports, function by function, and what `wit/` declares.

use std::collections::BTreeSet;
use std::path::Path;
use wit_component::DecodedWasm;
use wit_parser::{Resolve, Type, TypeDefKind, WorldId, WorldItem, WorldKey};

/// Functions, as `messaging.start-ask`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Surface {
    pub(crate) imports: BTreeSet<String>,
    pub(crate) exports: BTreeSet<String>,
    /// What else there is: functions that are the world's own, and interfaces of somebody else.
    strange: BTreeSet<String>,
}

fn contract() -> Resolve {
    let mut resolve = Resolve::default();
    resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).expect("the contract is well-formed");
    resolve
}

impl Surface {
    /// All that any world of the contract has: what no world has, is not found by anybody.
    pub(crate) fn declared() -> Self {
        let resolve = contract();
        let mut surface = Self::default();
        for (world, _) in resolve.worlds.iter() {
            surface.add(&resolve, world);
        }
        let known: usize = resolve.interfaces.iter().map(|(_, interface)| interface.functions.len()).sum();
        assert_eq!(surface.imports.len() + surface.exports.len(), known, "each interface is of a world");
        surface
    }

    /// What a component has.
    pub(crate) fn of(component: &[u8]) -> Self {
        let decoded = wit_component::decode(component).expect("it is a component");
        let DecodedWasm::Component(resolve, world) = decoded else { panic!("it is no component") };
        let mut surface = Self::default();
        surface.add(&resolve, world);
        surface
    }

    /// Without what a language's runtime imports beside: `wasi:…`, with functions that no other interface declares.
    pub(crate) fn of_the_contract(mut self, declared: &Self) -> Self {
        // By `exports`, Python's components were filled as they were made.
        self.strange.retain(|name| !name.starts_with("wasi:") && name != "exports");
        self.imports.retain(|function| declared.imports.contains(function));
        self
    }

    fn add(&mut self, resolve: &Resolve, world: WorldId) {
        let world = &resolve.worlds[world];
        for (items, into) in [(&world.imports, &mut self.imports), (&world.exports, &mut self.exports)] {
            for (key, item) in items {
                let WorldItem::Interface { id, .. } = item else {
                    self.strange.insert(resolve.name_world_key(key));
                    continue;
                };
                let interface = &resolve.interfaces[*id];
                let (WorldKey::Interface(_), Some(name)) = (key, &interface.name) else {
                    self.strange.insert(resolve.name_world_key(key));
                    continue;
                };
                if !resolve.name_world_key(key).starts_with("greenroom:actor/") {
                    self.strange.insert(resolve.name_world_key(key));
                }
                into.extend(interface.functions.keys().map(|function| format!("{name}.{function}")));
            }
        }
    }

    /// The cases of each type of error, and of `reason`: `send-error.too-large`.
    pub(crate) fn errors() -> BTreeSet<String> {
        let resolve = contract();
        let mut errors = BTreeSet::new();
        for (_, def) in resolve.types.iter() {
            let (TypeDefKind::Variant(variant), Some(name)) = (&def.kind, &def.name) else { continue };
            if name.ends_with("-error") || name == "reason" {
                errors.extend(variant.cases.iter().map(|case| format!("{name}.{}", case.name)));
            }
        }
        errors
    }

    /// The type of error of a function, `send-error` for `messaging.send`; none where it is a text, or there is none.
    pub(crate) fn error_of(function: &str) -> Option<String> {
        let resolve = contract();
        let (interface, function) = function.split_once('.')?;
        let (_, interface) = resolve.interfaces.iter().find(|(_, known)| known.name.as_deref() == Some(interface))?;
        let Some(Type::Id(result)) = interface.functions.get(function)?.result else { return None };
        let TypeDefKind::Result(result) = &resolve.types[result].kind else { return None };
        let Some(Type::Id(error)) = result.err else { return None };
        // Through `use`, to where it is defined.
        let mut error = &resolve.types[error];
        while let TypeDefKind::Type(Type::Id(original)) = error.kind {
            error = &resolve.types[original];
        }
        error.name.clone()
    }
}
