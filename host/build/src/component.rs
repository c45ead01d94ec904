//! A core module as Cargo makes it → a component as the host loads it.

use crate::shrink::shrink;
use std::path::Path;
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding};
use wit_parser::Resolve;

/// What an actor has to export: the interface by which the host calls it.
const BEHAVIOR: &str = "greenroom:actor/behavior";

/// How a component's file begins. Source: the component model's binary format.
const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// Wraps a core module as a component and validates it. The error is a sentence.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{error:#}"))?;
    let world = World::of(&component)?;
    if !world.exports.iter().any(|name| name.starts_with(BEHAVIOR)) {
        return Err(format!("it does not export `{BEHAVIOR}`: has it a `greenroom::export!(…)`?"));
    }
    shrink(&component).map_err(|error| format!("it cannot be made smaller: {error}"))
}

/// Says in a core module of which world it is, as Rust's bindings do by themselves. `wit` is the folder that has the
/// world. The error is a sentence.
pub(crate) fn embed(module: &mut Vec<u8>, wit: &Path, world: &str) -> Result<(), String> {
    let mut resolve = Resolve::default();
    let embedded = resolve.push_dir(wit).and_then(|(package, _)| {
        let world = resolve.select_world(&[package], Some(world))?;
        wit_component::embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
    });
    embedded.map_err(|error| format!("{error:#}"))
}

/// The interfaces that a component imports, as `greenroom:actor/topics@0.1.0`, in its own order. The error is a sentence.
pub fn imports(component: &[u8]) -> Result<Vec<String>, String> {
    Ok(World::of(component)?.imports)
}

struct World {
    imports: Vec<String>,
    exports: Vec<String>,
}

impl World {
    fn of(component: &[u8]) -> Result<World, String> {
        // Asked first, since a core module is decoded too: as the world that it was made for.
        if !component.starts_with(PREAMBLE) {
            return Err("it is no component".into());
        }
        let decoded = wit_component::decode(component).map_err(|error| format!("{error:#}"))?;
        let DecodedWasm::Component(resolve, world) = decoded else {
            return Err("it is a package of interfaces, not a component".into());
        };
        let world = &resolve.worlds[world];
        let names = |items: &mut dyn Iterator<Item = _>| items.map(|key| resolve.name_world_key(key)).collect();
        Ok(World { imports: names(&mut world.imports.keys()), exports: names(&mut world.exports.keys()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty core module: the magic number and the version.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn what_is_no_actor_is_refused_with_the_reason() {
        let check = |module: &[u8], expect: &str| {
            let why = encode(module).unwrap_err();
            assert!(why.contains(expect), "{why}");
        };
        check(MODULE, "does not export `greenroom:actor/behavior`");
        check(PREAMBLE, "component");
        check(b"text", "magic");
    }

    #[test]
    fn a_module_is_of_a_world_that_there_is() {
        let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        let mut module = MODULE.to_vec();
        let why = embed(&mut module, &wit, "nonsense").unwrap_err();
        assert!(why.contains("nonsense"), "{why}");
        assert_eq!(module, MODULE, "and is left alone otherwise");
        embed(&mut module, &wit, "with-behavior").unwrap();
        // It is known now what it lacks.
        let why = encode(&module).unwrap_err();
        assert!(why.contains("greenroom:actor/behavior@0.1.0"), "{why}");
    }

    // A component's preamble alone is a whole component.
    #[test]
    fn an_empty_component_imports_nothing() {
        assert_eq!(imports(PREAMBLE).unwrap(), Vec::<String>::new());
        assert!(imports(MODULE).is_err());
    }
}
