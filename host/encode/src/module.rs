//! A core module → a component.

use crate::EncodeError;
use crate::contract::{PACKAGE, VERSION, World};
use std::borrow::Cow;
use wasi_preview1_component_adapter_provider as preview1;
use wasmparser::{BinaryReaderError, Parser, Payload};
use wit_component::{ComponentEncoder, StringEncoding};
use wit_parser::Resolve;

/// The custom sections in which a module says of which world it is. Source: `wit-component`.
const TYPED: &str = "component-type";
/// What a program exports, which runs once from its beginning to its end. Source: WASI preview 1's application ABI.
const START: &str = "_start";

/// Wraps a module.
pub(crate) fn encode(module: &[u8]) -> Result<Vec<u8>, EncodeError> {
    let about = About::of(module).map_err(|error| EncodeError::Broken(error.to_string()))?;
    let typed = match about.typed {
        true => Cow::Borrowed(module),
        false => Cow::Owned(embed(module, about.world()?).map_err(|why| about.refuse(why))?),
    };
    wrap(&typed, about.imports(preview1::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME)).map_err(|why| about.refuse(why))
}

fn wrap(module: &[u8], adapted: bool) -> Result<Vec<u8>, String> {
    let encode = || {
        let mut encoder = ComponentEncoder::default().module(module)?;
        if adapted {
            let adapter = preview1::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
            encoder = encoder.adapter(preview1::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, adapter)?;
        }
        encoder.encode()
    };
    encode().map_err(|error| format!("{error:#}"))
}

/// The module, saying of which world it is.
fn embed(module: &[u8], world: World) -> Result<Vec<u8>, String> {
    let mut module = module.to_vec();
    let mut resolve = Resolve::default();
    let embedded = resolve.push_str("actor.wit", &world.package()).and_then(|package| {
        let world = resolve.select_world(&[package], Some(&world.name()))?;
        wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
    });
    embedded.map(|()| module).map_err(|error| format!("{error:#}"))
}

/// What a module says of itself.
#[derive(Debug, Default)]
struct About {
    typed: bool,
    imports: Vec<(String, String)>,
    exports: Vec<String>,
}

impl About {
    fn of(module: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut about = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::CustomSection(section) => about.typed |= section.name().starts_with(TYPED),
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        about.imports.push((import.module.to_owned(), import.name.to_owned()));
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

    fn imports(&self, interface: &str) -> bool {
        self.imports.iter().any(|(module, _)| module == interface)
    }

    fn exports(&self, interface: &str) -> bool {
        self.exports.iter().any(|name| name.split('#').next() == Some(interface))
    }

    /// The smallest world that has what it imports and exports.
    fn world(&self) -> Result<World, EncodeError> {
        let name = |interface: &str| format!("{PACKAGE}{interface}@{VERSION}");
        let all = self.imports.iter().map(|(module, _)| module.as_str()).chain(self.exports.iter().map(String::as_str));
        if let Some(version) = all.filter_map(version).find(|version| *version != VERSION) {
            return Err(EncodeError::OtherContract { version: version.to_owned() });
        }
        if !self.exports(&name("behavior")) {
            let start = self.exports.iter().any(|export| export == START);
            let hint = if start { " but `_start`: a program, which runs once" } else { "" };
            return Err(EncodeError::NoBehavior { hint });
        }
        Ok(World {
            asking: self.imports(&name("asking")),
            routes: self.imports(&name("routes")),
            state: self.exports(&name("state")),
            signals: self.exports(&name("signals")),
            replies: self.exports(&name("replies")),
        })
    }

    /// Why it could not be wrapped: in words of ours where they say more than the encoder's.
    fn refuse(&self, why: String) -> EncodeError {
        // Interfaces have a colon in their names, and what the encoder itself connects has a sign.
        let known = |module: &str| {
            module.contains(':')
                || module.starts_with(['$', '['])
                || module == preview1::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME
        };
        let Some((module, name)) = self.imports.iter().find(|(module, _)| !known(module)) else {
            return EncodeError::World(why);
        };
        let hint = match module.as_str() {
            "env" => ": a function that was declared and is in no library that was linked, or Emscripten's",
            "wasi_unstable" => ": it was built for a WASI from before preview 1",
            "wbg" | "__wbindgen_placeholder__" => ": wasm-bindgen's, which is for browsers",
            "gojs" => ": Go's for browsers; build it with `GOOS=wasip1`",
            _ => "",
        };
        EncodeError::UnknownImport { module: module.clone(), name: name.clone(), hint }
    }
}

/// Of which version of the contract an import or export is, if it is of the contract.
fn version(name: &str) -> Option<&str> {
    name.split('#').next()?.strip_prefix(PACKAGE)?.split_once('@').map(|(_, version)| version)
}
