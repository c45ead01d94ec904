//! A component as the usual encoders make it → the one core module that does its work, and the component without it.
//!
//! Such a component is a core module in a wrapping: what it imports and exports is named as the canonical ABI has it, and
//! the wrapping only connects the two sides. So the module can be run without the wrapping, by a host that lifts and lowers
//! itself (`contract/v0_1/direct`), which costs a fraction. The component with a hollow module in its place says
//! what it imports and exports, and costs next to nothing to compile. Whatever is built differently is left as it is.

use std::ops::Range;
use wasm_encoder::{
    CodeSection, Component, ExportKind, ExportSection, Function, FunctionSection, Instruction, Module, RawSection,
    SectionId,
};
use wasmparser::{
    BinaryReader, BinaryReaderError, CanonicalFunction, CanonicalOption, ComponentAlias, CompositeInnerType,
    ExternalKind, Instance, Parser, Payload, TypeRef,
};

/// How long the preamble of a component is. Source: the component model's binary format.
const PREAMBLE: usize = 8;
/// The names by which the canonical ABI knows a module's memory and its allocation function. Source: the encoder's
/// (`wit-component`) documentation.
pub(crate) const MEMORY: &str = "memory";
pub(crate) const REALLOC: &str = "cabi_realloc";
/// What runs before anything else, in modules that have it.
pub(crate) const INITIALIZE: &str = "_initialize";
/// Before the name of the function that follows a call.
pub(crate) const POST: &str = "cabi_post_";

/// A component, in two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// Where the module is in the component.
    pub(super) module: Range<usize>,
    /// The component with a module that does nothing in its place, but for the same imports and exports.
    pub(super) hollow: Vec<u8>,
}

/// Takes a component apart. None: it is built in another way, or imports what `offered` does not have.
pub(super) fn split(component: &[u8], offered: impl Fn(&str) -> bool) -> Option<Split> {
    // What cannot be read is wasmtime's to say.
    let module = Wrapping::read(component).ok()??.module(offered)?;
    let hollow = put(component, &module, &hollow(&component[module.clone()])?)?;
    Some(Split { module, hollow })
}

/// What is of interest in a component's sections.
#[derive(Default)]
struct Wrapping<'a> {
    modules: Vec<Inner<'a>>,
    /// Of each core instance, which module it is of.
    instances: Vec<Option<u32>>,
    /// Of each core function and memory, the instance and the name that it is an export of, if it is one.
    functions: Vec<Option<(u32, &'a str)>>,
    memories: Vec<Option<(u32, &'a str)>>,
    /// The functions that are exported, with their options, and the options of those that are imported.
    lifted: Vec<(u32, Box<[CanonicalOption]>)>,
    lowered: Vec<Box<[CanonicalOption]>>,
}

/// A core module in it.
struct Inner<'a> {
    range: Range<usize>,
    memories: u64,
    /// Whether each of its own memories is one of 32 bits that nobody shares, and nothing of it runs as it is made.
    plain: bool,
    /// The modules' names of what it imports, and whether that is a function.
    imports: Vec<(&'a str, bool)>,
}

impl<'a> Wrapping<'a> {
    fn read(component: &'a [u8]) -> Result<Option<Self>, BinaryReaderError> {
        let mut this = Self::default();
        // Of what encloses the payload: whether it is one of the component's own modules.
        let mut depth: Vec<bool> = Vec::new();
        for payload in Parser::new(0).parse_all(component) {
            let payload = payload?;
            match &payload {
                Payload::ModuleSection { unchecked_range, .. } => {
                    if !depth.is_empty() {
                        return Ok(None);
                    }
                    let range = unchecked_range.clone();
                    this.modules.push(Inner { range, memories: 0, plain: true, imports: Vec::new() });
                    depth.push(true);
                    continue;
                }
                Payload::ComponentSection { .. } => {
                    depth.push(false);
                    continue;
                }
                Payload::End(_) => {
                    depth.pop();
                    continue;
                }
                _ => {}
            }
            match depth.last() {
                Some(true) => this.inside(payload)?,
                // Only renames what the component has.
                Some(false) => {}
                None if !this.section(payload)? => return Ok(None),
                None => {}
            }
        }
        Ok(Some(this))
    }

    /// A section of the newest module.
    fn inside(&mut self, payload: Payload<'a>) -> Result<(), BinaryReaderError> {
        let Some(module) = self.modules.last_mut() else { return Ok(()) };
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if let TypeRef::Memory(_) = import.ty {
                        module.memories += 1;
                    }
                    module.imports.push((import.module, matches!(import.ty, TypeRef::Func(_))));
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    let memory = memory?;
                    module.memories += 1;
                    module.plain &= !memory.memory64 && !memory.shared && memory.page_size_log2.is_none();
                }
            }
            Payload::StartSection { .. } => module.plain = false,
            _ => {}
        }
        Ok(())
    }

    /// A section of the component itself. False: there is something in it that is of no wrapping.
    fn section(&mut self, payload: Payload<'a>) -> Result<bool, BinaryReaderError> {
        match payload {
            Payload::InstanceSection(instances) => {
                for instance in instances {
                    self.instances.push(match instance? {
                        Instance::Instantiate { module_index, .. } => Some(module_index),
                        Instance::FromExports(_) => None,
                    });
                }
            }
            Payload::ComponentAliasSection(aliases) => {
                for alias in aliases {
                    if let ComponentAlias::CoreInstanceExport { kind, instance_index, name } = alias? {
                        match kind {
                            ExternalKind::Func => self.functions.push(Some((instance_index, name))),
                            ExternalKind::Memory => self.memories.push(Some((instance_index, name))),
                            _ => {}
                        }
                    }
                }
            }
            Payload::ComponentCanonicalSection(canonicals) => {
                for canonical in canonicals {
                    match canonical? {
                        CanonicalFunction::Lift { core_func_index, options, .. } => {
                            self.lifted.push((core_func_index, options));
                        }
                        CanonicalFunction::Lower { options, .. } => {
                            self.functions.push(None);
                            self.lowered.push(options);
                        }
                        // Resources, tasks and threads: the contract has none of them.
                        _ => return Ok(false),
                    }
                }
            }
            Payload::ComponentStartSection { .. } => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    /// The module that does the work, if all the others only connect it.
    fn module(&self, offered: impl Fn(&str) -> bool) -> Option<Range<usize>> {
        let mut with_memory = (0u32..).zip(&self.modules).filter(|(_, module)| module.memories > 0);
        let (number, main) = with_memory.next()?;
        let plain = main.memories == 1 && main.plain && with_memory.next().is_none();
        let known = main.imports.iter().all(|(module, function)| *function && offered(module));
        let mut of_it = (0u32..).zip(&self.instances).filter(|(_, module)| **module == Some(number));
        let instance = of_it.next()?.0;
        if !plain || !known || of_it.next().is_some() {
            return None;
        }
        let usual = self.lifted.iter().all(|(function, options)| {
            let name = self.name(*function, instance);
            name.is_some_and(|name| self.are_usual(options, instance, Some(name)))
        }) && self.lowered.iter().all(|options| self.are_usual(options, instance, None));
        usual.then(|| main.range.clone())
    }

    /// What a core function is called in the instance, if it is an export of that.
    fn name(&self, function: u32, instance: u32) -> Option<&'a str> {
        let (of, name) = (*self.functions.get(function as usize)?)?;
        (of == instance).then_some(name)
    }

    /// Whether a function is lifted or lowered as usual, with the instance's own memory and allocation function. `name` is
    /// that of one that is lifted.
    fn are_usual(&self, options: &[CanonicalOption], instance: u32, name: Option<&str>) -> bool {
        options.iter().all(|option| match option {
            CanonicalOption::UTF8 => true,
            CanonicalOption::Memory(memory) => self.memories.get(*memory as usize) == Some(&Some((instance, MEMORY))),
            CanonicalOption::Realloc(function) => self.name(*function, instance) == Some(REALLOC),
            CanonicalOption::PostReturn(function) => {
                let post = self.name(*function, instance).and_then(|post| post.strip_prefix(POST));
                post.is_some() && post == name
            }
            _ => false,
        })
    }
}

/// A module with the same imports, memory and exported functions, that does nothing.
fn hollow(module: &[u8]) -> Option<Vec<u8>> {
    let mut hollow = Module::new();
    // Of each function, its type; and of each type, whether it takes and gives nothing.
    let (mut functions, mut idle): (Vec<u32>, Vec<bool>) = Default::default();
    let (mut imported, mut memory, mut exported) = (0, None, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::TypeSection(section) => {
                hollow.section(&RawSection { id: SectionId::Type as u8, data: module.get(section.range())? });
                for group in section {
                    idle.extend(group.ok()?.into_types().map(|kind| match kind.composite_type.inner {
                        CompositeInnerType::Func(function) => {
                            function.params().is_empty() && function.results().is_empty()
                        }
                        _ => false,
                    }));
                }
            }
            Payload::ImportSection(section) => {
                hollow.section(&RawSection { id: SectionId::Import as u8, data: module.get(section.range())? });
                for import in section.into_imports() {
                    let TypeRef::Func(kind) = import.ok()?.ty else { return None };
                    functions.push(kind);
                    imported += 1;
                }
            }
            Payload::FunctionSection(section) => functions.extend(section.into_iter().flatten()),
            Payload::MemorySection(section) => memory = Some(module.get(section.range())?),
            Payload::ExportSection(section) => exported.extend(section.into_iter().flatten()),
            _ => {}
        }
    }
    let (mut kinds, mut exports, mut code) = (FunctionSection::new(), ExportSection::new(), CodeSection::new());
    for export in exported {
        match export.kind {
            ExternalKind::Func => {
                let kind = *functions.get(export.index as usize)?;
                kinds.function(kind);
                exports.export(export.name, ExportKind::Func, imported + code.len());
                let mut body = Function::new([]);
                // One that the wrapping calls first has to come to its end.
                if !*idle.get(kind as usize)? {
                    body.instruction(&Instruction::Unreachable);
                }
                code.function(body.instruction(&Instruction::End));
            }
            ExternalKind::Memory => _ = exports.export(export.name, ExportKind::Memory, export.index),
            _ => {}
        }
    }
    hollow.section(&kinds).section(&RawSection { id: SectionId::Memory as u8, data: memory? });
    hollow.section(&exports).section(&code);
    Some(hollow.finish())
}

/// The component with another module in the place of one.
fn put(component: &[u8], place: &Range<usize>, module: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Component::new();
    let mut reader = BinaryReader::new(component, 0);
    reader.read_bytes(PREAMBLE).ok()?;
    while !reader.eof() {
        let id = reader.read_u8().ok()?;
        let length = reader.read_var_u32().ok()? as usize;
        let here = reader.original_position();
        let data = reader.read_bytes(length).ok()?;
        let data = if here == place.start { module } else { data };
        whole.section(&RawSection { id, data });
    }
    Some(whole.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component as an encoder makes it: a module with a memory, what connects it, and an interface that is exported.
    fn component(module: &str, lift: &str) -> Vec<u8> {
        let text = format!(
            r#"(component
                (import "it" (instance $it (export "tell" (func (param "text" string)))))
                (core module $main
                    (import "it" "tell" (func $tell (param i32 i32)))
                    (memory (export "memory") 1)
                    (func (export "go") (param i32 i32) (result i32) (call $tell (local.get 0) (local.get 1)) (i32.const 7))
                    (func (export "cabi_post_go") (param i32))
                    (func (export "other") (param i32 i32) (result i32) unreachable)
                    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
                    {module})
                (core module $shim (table (export "t") 1 1 funcref)
                    (type $tell (func (param i32 i32)))
                    (func (export "0") (param i32 i32) (call_indirect (type $tell) (local.get 0) (local.get 1) (i32.const 0))))
                (core instance $shim (instantiate $shim))
                (core instance $main (instantiate $main (with "it" (instance (export "tell" (func $shim "0"))))))
                (alias core export $main "memory" (core memory $memory))
                (core func $realloc (alias core export $main "cabi_realloc"))
                (core func $lowered (canon lower (func $it "tell") (memory $memory) string-encoding=utf8))
                (func (export "go") (param "text" string) (result string)
                    (canon lift {lift})))"#
        );
        wat::parse_str(text).unwrap()
    }

    const USUAL: &str =
        r#"(core func $main "go") (memory $memory) (realloc $realloc) (post-return (core func $main "cabi_post_go"))"#;

    fn splits(component: &[u8]) -> Option<Split> {
        split(component, |import| import == "it")
    }

    #[test]
    fn a_component_of_the_usual_build_is_taken_apart() {
        let whole = component("", USUAL);
        let Split { module, hollow } = splits(&whole).unwrap();
        let mut imports = Vec::new();
        for payload in Parser::new(0).parse_all(&whole[module.clone()]) {
            if let Payload::ImportSection(section) = payload.unwrap() {
                imports.extend(section.into_imports().map(|import| import.unwrap().name.to_owned()));
            }
        }
        assert_eq!(imports, ["tell"], "it is the module that does the work");
        wasmparser::Validator::new().validate_all(&hollow).unwrap();
        assert!(hollow.len() < whole.len());
        assert_eq!(splits(&hollow).unwrap().hollow, hollow, "and nothing is left to take out");
    }

    #[test]
    fn what_is_built_in_another_way_is_left_as_it_is() {
        let check = |why: &str, module: &str, lift: &str| assert_eq!(splits(&component(module, lift)), None, "{why}");
        check("something of it runs as it is made", "(func $begin) (start $begin)", USUAL);
        check(
            "the function that follows is another's",
            r#"(func (export "cabi_post_other") (param i32))"#,
            r#"(core func $main "go") (memory $memory) (realloc $realloc) (post-return (core func $main "cabi_post_other"))"#,
        );
        check(
            "texts are in UTF-16",
            "",
            r#"(core func $main "go") string-encoding=utf16 (memory $memory) (realloc $realloc)"#,
        );
        assert_eq!(split(&component("", USUAL), |_| false), None, "it imports something else");
        assert_eq!(splits(b"\0asm\x0d\0\x01\0"), None, "there is nothing in it");
        assert_eq!(splits(&component("", USUAL)[..200]), None, "half of it is missing");
    }
}
