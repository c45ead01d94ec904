//! A core module as compilers make it → a component as the host loads it.

use crate::shrink::shrink;
use wit_component::DecodedWasm;

/// What an actor has to export: the interface by which the host calls it.
const BEHAVIOR: &str = "greenroom:actor/behavior";

/// How a component's file begins. Source: the component model's binary format.
pub(crate) const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// Wraps a core module as a component, as the host would, and validates it. The error is a sentence.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>, String> {
    if module.starts_with(PREAMBLE) {
        return Err("it is a component already, and no module to make one of".into());
    }
    let component = greenroom_encode::component(module).map_err(|error| error.to_string())?;
    let component = checked(component.into_owned())?;
    shrink(&component).map_err(|error| format!("it cannot be made smaller: {error}"))
}

/// A component, if it is an actor. The error is a sentence.
pub(crate) fn checked(component: Vec<u8>) -> Result<Vec<u8>, String> {
    let world = World::of(&component)?;
    match world.exports.iter().any(|name| name.starts_with(BEHAVIOR)) {
        true => Ok(component),
        false => Err(format!("it does not export `{BEHAVIOR}`: has it a `greenroom::export!(…)`, or its like?")),
    }
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
        check(MODULE, "does not export `greenroom:actor/behavior@0.1.0#handle`");
        check(PREAMBLE, "a component already");
        check(b"text", "does not begin as WebAssembly does");
    }

    /// Bindings say nothing of what is missing; the encoder does.
    #[test]
    fn a_module_that_lacks_a_function_is_told_which() {
        let text = r#"(module (func (export "greenroom:actor/behavior@0.1.0#init")))"#;
        let why = encode(&wat::parse_str(text).unwrap()).unwrap_err();
        assert!(why.contains("greenroom:actor/behavior@0.1.0"), "{why}");
    }

    // A component's preamble alone is a whole component.
    #[test]
    fn an_empty_component_imports_nothing() {
        assert_eq!(imports(PREAMBLE).unwrap(), Vec::<String>::new());
        assert!(imports(MODULE).is_err());
    }
}
