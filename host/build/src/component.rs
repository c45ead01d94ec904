//! A core module as compilers make it → a component as the host loads it.

use crate::contract::{VERSION, World as Contract};
use crate::shrink::shrink;
use wasmparser::{Parser, Payload};
use wit_component::{ComponentEncoder, DecodedWasm, StringEncoding};
use wit_parser::Resolve;

/// What an actor has to export: the interface by which the host calls it.
const BEHAVIOR: &str = "greenroom:actor/behavior";

/// The custom sections in which a module says of which world it is. Source: `wit-component`.
const TYPED: &str = "component-type";

/// How a component's file begins. Source: the component model's binary format.
pub(crate) const PREAMBLE: &[u8] = b"\0asm\x0d\0\x01\0";

/// Wraps a core module as a component and validates it. One that does not say of which world it is, as bindings have it do
/// by themselves, is of the smallest that has its exports. The error is a sentence.
pub(crate) fn encode(mut module: Vec<u8>) -> Result<Vec<u8>, String> {
    if module.starts_with(PREAMBLE) {
        return Err("it is a component already, and no module to make one of".into());
    }
    let about = About::of(&module).map_err(|error| error.to_string())?;
    if !about.typed {
        embed(&mut module, about.world()?)?;
    }
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|error| format!("{error:#}"))?;
    let component = checked(component)?;
    shrink(&component).map_err(|error| format!("it cannot be made smaller: {error}"))
}

/// A component, if it is an actor. The error is a sentence.
pub(crate) fn checked(component: Vec<u8>) -> Result<Vec<u8>, String> {
    let world = World::of(&component)?;
    match world.exports.iter().any(|name| name.starts_with(BEHAVIOR)) {
        true => Ok(component),
        false => Err(no_behavior()),
    }
}

fn no_behavior() -> String {
    format!("it does not export `{BEHAVIOR}`: has it a `greenroom::export!(…)`, or its like?")
}

/// Says in a core module of which world it is.
fn embed(module: &mut Vec<u8>, world: Contract) -> Result<(), String> {
    let mut resolve = Resolve::default();
    let embedded = resolve.push_str("actor.wit", &world.package()).and_then(|package| {
        let world = resolve.select_world(&[package], Some(&world.name()))?;
        wit_component::embed_component_metadata(module, &resolve, world, StringEncoding::UTF8)
    });
    embedded.map_err(|error| format!("{error:#}"))
}

/// What a core module says of itself.
#[derive(Default)]
struct About {
    typed: bool,
    imports: Vec<String>,
    exports: Vec<String>,
}

impl About {
    fn of(module: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut about = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::CustomSection(section) => about.typed |= section.name().starts_with(TYPED),
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        about.imports.push(import?.module.to_owned());
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        about.exports.push(export?.name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(about)
    }

    /// The smallest world that has what it exports.
    fn world(&self) -> Result<Contract, String> {
        let exports = |interface: &str| {
            let start = format!("greenroom:actor/{interface}@{VERSION}#");
            self.exports.iter().any(|name| name.starts_with(&start))
        };
        let imports = |interface: &str| {
            let name = format!("greenroom:actor/{interface}@{VERSION}");
            self.imports.contains(&name)
        };
        if !exports("behavior") {
            return Err(no_behavior());
        }
        Ok(Contract {
            asking: imports("asking"),
            routes: imports("routes"),
            state: exports("state"),
            signals: exports("signals"),
            replies: exports("replies"),
        })
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
            let why = encode(module.to_vec()).unwrap_err();
            assert!(why.contains(expect), "{why}");
        };
        check(MODULE, "does not export `greenroom:actor/behavior`");
        check(PREAMBLE, "a component already");
        check(b"text", "magic");
    }

    #[test]
    fn a_module_is_of_the_world_that_it_exports() {
        let wat = |text: &str| wat::parse_str(text).unwrap();
        let behavior = "greenroom:actor/behavior@0.1.0#init";
        let module = wat(&format!("(module (func (export {behavior:?})))"));
        // It is known now what it lacks.
        let why = encode(module).unwrap_err();
        assert!(why.contains("greenroom:actor/behavior@0.1.0"), "{why}");

        let state = "greenroom:actor/state@0.1.0#save";
        let text = format!(
            r#"(module (import "greenroom:actor/routes@0.1.0" "set" (func)) (func (export {behavior:?})) (func (export {state:?})))"#
        );
        let world = About::of(&wat(&text)).unwrap().world().unwrap();
        assert_eq!(world, Contract { routes: true, state: true, ..Contract::default() });
    }

    // A component's preamble alone is a whole component.
    #[test]
    fn an_empty_component_imports_nothing() {
        assert_eq!(imports(PREAMBLE).unwrap(), Vec::<String>::new());
        assert!(imports(MODULE).is_err());
    }
}
