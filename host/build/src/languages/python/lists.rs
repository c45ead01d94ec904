//! Frees what `componentize-py` forgets: the copy that it makes of each list of bytes on its way to the host.
//!
//! Of 0.25.1 and those before it, the runtime's `maybe_pop_list` allocates that copy and leaves it: each message's body and
//! each saved state, until the actor is out of memory. The part of a component that is made for its world has calls of
//! `wit_dylib_pop_list` for it, and the runtime frees what it is told with `wit_dylib_dealloc_bytes` at a call's end, as for
//! all other lists. So this has a function of its own called, which calls the one and then the other.
//!
//! Only for the pinned version: one that frees the copy itself would do so twice.

use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, Component, ComponentSectionId, Function, FunctionSection, MemArg, Module, RawSection,
    ValType,
};
use wasmparser::{BinaryReader, CodeSectionReader, FunctionSectionReader, Imports, Parser, TypeRef, Validator};

/// How long the preamble of a component is. Source: the component model's binary format.
const PREAMBLE: usize = 8;

/// Gives the bytes of a list that is written next, with how many there are; no bytes when it is one of something else.
/// Source: `wit-dylib-ffi`.
const POP: &str = "wit_dylib_pop_list";

/// Frees bytes of a size and an alignment, at once or at the call's end. Source: `wit-dylib-ffi`.
const FREE: &str = "wit_dylib_dealloc_bytes";

/// The component with the copies freed. The error is a sentence.
pub(super) fn freed(component: &[u8]) -> Result<Vec<u8>, String> {
    let failed =
        |error: &dyn std::fmt::Display| format!("the component is none that its lists can be freed in: {error}");
    let mut fixed = Component::new();
    let mut found = 0;
    let mut reader = BinaryReader::new(component, 0);
    let mut copy = || -> Result<(), Error> {
        reader.read_bytes(PREAMBLE)?;
        while !reader.eof() {
            let id = reader.read_u8()?;
            let length = reader.read_var_u32()? as usize;
            let data = reader.read_bytes(length)?;
            match id == ComponentSectionId::CoreModule as u8 && holds(data, POP) && holds(data, FREE) {
                true => match module(data)? {
                    Some(module) => {
                        found += 1;
                        fixed.section(&RawSection { id, data: &module });
                    }
                    None => drop(fixed.section(&RawSection { id, data })),
                },
                false => drop(fixed.section(&RawSection { id, data })),
            }
        }
        Ok(())
    };
    copy().map_err(|error| failed(&error))?;
    let fixed = fixed.finish();
    match found {
        1 => {}
        other => return Err(failed(&format!("{other} modules call `{POP}`, and one should"))),
    }
    Validator::new().validate_all(&fixed).map_err(|error| failed(&error))?;
    Ok(fixed)
}

fn holds(module: &[u8], text: &str) -> bool {
    module.windows(text.len()).any(|part| part == text.as_bytes())
}

/// The module, if it imports both functions.
fn module(module: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let mut freeing = Freeing::default();
    let mut fixed = Module::new();
    freeing.parse_core_module(&mut fixed, Parser::new(0), module)?;
    Ok(freeing.both().is_some().then(|| fixed.finish()))
}

/// Writes a module anew.
#[derive(Default)]
struct Freeing {
    /// How many functions it has, imported ones and own.
    functions: u32,
    pop: Option<(u32, u32)>,
    free: Option<u32>,
    /// The number of the function that is called in place of `pop`.
    own: Option<u32>,
}

impl Freeing {
    /// The numbers of `pop`, of its type, and of `free`.
    fn both(&self) -> Option<(u32, u32, u32)> {
        let (pop, its_type) = self.pop?;
        Some((pop, its_type, self.free?))
    }
}

impl Reencode for Freeing {
    type Error = Infallible;

    fn parse_imports(&mut self, section: &mut wasm_encoder::ImportSection, imports: Imports<'_>) -> Result<(), Error> {
        for import in imports.clone() {
            let import = import?.1;
            if let TypeRef::Func(its_type) = import.ty {
                match import.name {
                    POP => self.pop = Some((self.functions, its_type)),
                    FREE => self.free = Some(self.functions),
                    _ => {}
                }
                self.functions += 1;
            }
        }
        utils::parse_imports(self, section, imports)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        self.functions += section.count();
        utils::parse_function_section(self, functions, section)?;
        if let Some((_, its_type, _)) = self.both() {
            functions.function(its_type);
            self.own = Some(self.functions);
        }
        Ok(())
    }

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        Ok(match (self.own, self.both()) {
            (Some(own), Some((pop, ..))) if function == pop => own,
            _ => function,
        })
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        utils::parse_code_section(self, code, section)?;
        if let Some((pop, _, free)) = self.both() {
            code.function(&freeing(pop, free));
        }
        Ok(())
    }
}

/// `pop(call, type, at) → length`, and if it gave bytes, they are freed at the call's end.
fn freeing(pop: u32, free: u32) -> Function {
    const CALL: u32 = 0;
    const TYPE: u32 = 1;
    const AT: u32 = 2;
    const LENGTH: u32 = 3;
    const BYTES: u32 = 4;
    let mut function = Function::new([(2, ValType::I32)]);
    let mut code = function.instructions();
    code.local_get(CALL).local_get(TYPE).local_get(AT).call(pop).local_set(LENGTH);
    code.local_get(AT).i32_load(MemArg { offset: 0, align: 2, memory_index: 0 }).local_set(BYTES);
    // Bytes of the type `u8` or `s8`, aligned to 1: also for no bytes at all, there is an allocation.
    code.local_get(BYTES).if_(BlockType::Empty);
    code.local_get(CALL).local_get(BYTES).local_get(LENGTH).i32_const(1).i32_const(1).call(free);
    code.end().local_get(LENGTH).end();
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(imports: &str) -> Vec<u8> {
        let text = format!(
            r#"(component (core module
                (import "env" "memory" (memory 1))
                {imports}
                (func (export "write") (param i32 i32) (result i32)
                    local.get 0 i32.const 7 local.get 1 call 0)))"#
        );
        wat::parse_str(text).unwrap()
    }

    const BOTH: &str = r#"(import "env" "wit_dylib_pop_list" (func (param i32 i32 i32) (result i32)))
        (import "env" "wit_dylib_dealloc_bytes" (func (param i32 i32 i32 i32 i32)))"#;

    #[test]
    fn who_takes_a_list_has_it_freed() {
        let fixed = freed(&component(BOTH)).unwrap();
        let mut calls = Vec::new();
        for payload in Parser::new(0).parse_all(&fixed) {
            if let wasmparser::Payload::CodeSectionEntry(body) = payload.unwrap() {
                let called = body.get_operators_reader().unwrap().into_iter().filter_map(|one| match one.unwrap() {
                    wasmparser::Operator::Call { function_index } => Some(function_index),
                    _ => None,
                });
                calls.push(called.collect::<Vec<_>>());
            }
        }
        // The function that was there calls the new one, number 3; that calls both imports.
        assert_eq!(calls, [vec![3], vec![0, 1]]);
    }

    #[test]
    fn what_takes_no_lists_is_told() {
        let other = r#"(import "env" "other" (func (param i32 i32 i32) (result i32)))"#;
        let why = freed(&component(other)).unwrap_err();
        assert!(why.contains("0 modules call `wit_dylib_pop_list`"), "{why}");
        assert!(freed(&component(BOTH)[..20]).is_err());
    }
}
