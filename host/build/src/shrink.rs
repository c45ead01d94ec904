//! A component as it comes out of the encoder → the same, smaller: what runs stays, and so do the functions' names.
//!
//! Owns what is left out, and how numbers are written: the linker leaves five bytes for each that it fills in.
//! Neighbours: [`component`](crate::component) before it; [`name`] says what a function is called.

use crate::name;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{Component, ComponentSectionId, ImportSection, Module, NameMap, NameSection, RawSection};
use wasmparser::{BinaryReader, BinaryReaderError, CustomSectionReader, Imports, Parser, Payload, TypeRef, Validator};

/// How long the preamble of a component is. Source: the component model's binary format.
const PREAMBLE: usize = 8;

/// The section of a custom kind, which begins with its name.
const CUSTOM: u8 = 0;

/// The custom sections that no runtime reads: who made it, for which processors, and what a debugger would call the
/// parts of a component.
const LEFT_OUT: [&str; 3] = ["component-name", "producers", "target_features"];

/// How the sections with places in the source begin. They count the code's bytes, so that nothing may move.
const DEBUG: &str = ".debug_";

/// Why a component cannot be made smaller.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ShrinkError {
    /// It is not whole, or what was made of it is not valid. The text says where.
    #[error("{0}")]
    Broken(#[from] BinaryReaderError),
    /// A module in it has something that is not known here.
    #[error("{0}")]
    Unknown(#[from] Error),
}

/// The same component without what only takes room.
pub(crate) fn shrink(component: &[u8]) -> Result<Vec<u8>, ShrinkError> {
    let mut smaller = Component::new();
    let mut reader = BinaryReader::new(component, 0);
    reader.read_bytes(PREAMBLE)?;
    while !reader.eof() {
        let id = reader.read_u8()?;
        let length = reader.read_var_u32()? as usize;
        let data = reader.read_bytes(length)?;
        if id == CUSTOM && LEFT_OUT.contains(&BinaryReader::new(data, 0).read_string()?) {
            continue;
        }
        if id == ComponentSectionId::CoreModule as u8 && !has_places(data)? {
            smaller.section(&RawSection { id, data: &module(data)? });
        } else {
            smaller.section(&RawSection { id, data });
        }
    }
    let smaller = smaller.finish();
    Validator::new().validate_all(&smaller)?;
    Ok(smaller)
}

/// Whether a module has places in the source.
fn has_places(module: &[u8]) -> Result<bool, BinaryReaderError> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(custom) = payload?
            && custom.name().starts_with(DEBUG)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A module without its places in the source, for a language whose library's own would be nine tenths of it.
pub(crate) fn without_places(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    let mut reader = BinaryReader::new(module, 0);
    let mut kept = reader.read_bytes(PREAMBLE)?.to_vec();
    while !reader.eof() {
        let begin = reader.original_position();
        let id = reader.read_u8()?;
        let length = reader.read_var_u32()? as usize;
        let data = reader.read_bytes(length)?;
        if id != CUSTOM || !BinaryReader::new(data, 0).read_string()?.starts_with(DEBUG) {
            kept.extend_from_slice(&module[begin..reader.original_position()]);
        }
    }
    Ok(kept)
}

fn module(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut smaller = Module::new();
    Shorter { imported: 0 }.parse_core_module(&mut smaller, Parser::new(0), module)?;
    Ok(smaller.finish())
}

/// Writes a module anew.
struct Shorter {
    /// How many functions it imports: their numbers come first.
    imported: u32,
}

impl Reencode for Shorter {
    type Error = Infallible;

    fn parse_imports(&mut self, section: &mut ImportSection, imports: Imports<'_>) -> Result<(), Error> {
        for import in imports.clone() {
            self.imported += u32::from(matches!(import?.1.ty, TypeRef::Func(_)));
        }
        utils::parse_imports(self, section, imports)
    }

    fn parse_custom_section(&mut self, module: &mut Module, section: CustomSectionReader<'_>) -> Result<(), Error> {
        if LEFT_OUT.contains(&section.name()) {
            return Ok(());
        }
        utils::parse_custom_section(self, module, section)
    }

    fn parse_custom_name_subsection(
        &mut self,
        section: &mut NameSection,
        names: wasmparser::Name<'_>,
    ) -> Result<(), Error> {
        // Of locals, globals and segments, no report speaks.
        if let wasmparser::Name::Function(names) = names {
            let mut short = NameMap::new();
            for naming in names {
                let naming = naming?;
                // What is imported traps in the host.
                if naming.index >= self.imported {
                    short.append(naming.index, &name::short(naming.name));
                }
            }
            section.functions(&short);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component with a name of its own, and a module: a function with a local, an import, and a custom section.
    fn component(custom: &str) -> Vec<u8> {
        let text = format!(
            r#"(component $Whole (core module
                (import "host" "log" (func $imported))
                (func $_ZN4trap6divide17h0123456789abcdefE (local $amount i32) call $imported unreachable)
                (@custom "{custom}" "custom content")))"#
        );
        wat::parse_str(text).unwrap()
    }

    fn holds(component: &[u8], text: &str) -> bool {
        component.windows(text.len()).any(|part| part == text.as_bytes())
    }

    #[test]
    fn places_go_and_all_else_stays() {
        let text =
            |custom: &str| format!("(module (func $named unreachable) (@custom \"{custom}\" \"custom content\"))");
        let check = |custom: &str, there: bool| {
            let module = wat::parse_str(text(custom)).unwrap();
            let kept = without_places(&module).unwrap();
            assert_eq!(holds(&kept, "custom content"), there, "{custom}");
            assert!(holds(&kept, "named"), "{custom}");
            assert_eq!(kept == module, there, "{custom}");
        };
        check(".debug_line", false);
        check("other", true);
        assert!(without_places(b"\0asm\x01\0\0\0\0\x7f").is_err());
    }

    #[test]
    fn what_runs_and_the_names_of_functions_stay() {
        let check = |custom: &str, there: &[&str], gone: &[&str]| {
            let whole = component(custom);
            assert!(gone.iter().all(|text| holds(&whole, text)), "{custom}");
            let smaller = shrink(&whole).unwrap();
            there.iter().for_each(|text| assert!(holds(&smaller, text), "{custom}: {text} is gone"));
            gone.iter().for_each(|text| assert!(!holds(&smaller, text), "{custom}: {text} is there"));
        };
        let left_out = ["Whole", "component-name", "imported", "amount", "17h0123456789abcdef"];
        check("producers", &["host", "log", "trap::divide"], &[&left_out[..], &["custom content"]].concat());
        check("target_features", &["host", "log", "trap::divide"], &[&left_out[..], &["custom content"]].concat());
        check("other", &["trap::divide", "custom content"], &left_out);
        // What counts bytes of the code finds them where they were.
        check(".debug_line", &["17h0123456789abcdef", "amount", "custom content"], &["Whole"]);
    }

    #[test]
    fn what_is_not_whole_is_refused() {
        let whole = component("other");
        let check = |length: usize| assert!(shrink(&whole[..length]).is_err(), "{length}");
        check(0);
        check(PREAMBLE - 1);
        check(PREAMBLE + 1);
        check(whole.len() / 2);
        check(whole.len() - 1);
    }
}
