//! An instance that its actor has left is made as it was when it was new, for the next one: that takes a fraction of making
//! another.
//!
//! Of a module's instance there can change its memory, its globals, its tables, and which of its segments it still has. So
//! before a module is compiled it is looked at whether its tables and segments stay as they are, as those of all the usual
//! compilers do, and its globals are exported ([`shown`]); and then what is made new is all that there is ([`Fresh`]).

use super::pages::Pages;
use std::sync::Arc;
use wasm_encoder::{Encode, ExportKind, Module as Encoder, RawSection, SectionId};
use wasmparser::{BinaryReader, DataKind, Global, Operator, Parser, Payload};
use wasmtime::{Extern, Instance, Module, ModuleExport, Store, Val};

/// The name by which such a module's memory is exported once more; and, with numbers behind it, its globals. A module that has
/// it of its own accord misleads itself.
const SIGN: &str = "greenroom-renewable";
/// How long a module's preamble is. Source: the binary format.
const PREAMBLE: usize = 8;
/// Bytes of data that are kept to begin with, at most.
const IMAGE: usize = 4 << 20;
/// Bytes that an actor may have touched of its memory, at most: what was grown or used much is better given back.
const TOUCHED: usize = 128 << 10;

/// The module with what can change of it exported. None: more can change than that.
pub(super) fn shown(module: &[u8]) -> Option<Vec<u8>> {
    let globals = changing(module)?;
    let mut whole = Encoder::new();
    let mut reader = BinaryReader::new(module, 0);
    reader.read_bytes(PREAMBLE).ok()?;
    while !reader.eof() {
        let id = reader.read_u8().ok()?;
        let length = reader.read_var_u32().ok()? as usize;
        let data = reader.read_bytes(length).ok()?;
        match id == SectionId::Export as u8 {
            true => whole.section(&RawSection { id, data: &with_globals(data, &globals)? }),
            false => whole.section(&RawSection { id, data }),
        };
    }
    Some(whole.finish())
}

/// A section of exports with the sign and the globals behind them.
fn with_globals(exports: &[u8], globals: &[u32]) -> Option<Vec<u8>> {
    let mut reader = BinaryReader::new(exports, 0);
    let count = reader.read_var_u32().ok()?;
    let mut section = Vec::new();
    (count + 1 + u32::try_from(globals.len()).ok()?).encode(&mut section);
    section.extend_from_slice(exports.get(reader.original_position()..)?);
    let mut export = |name: &str, kind: ExportKind, index: u32| {
        name.encode(&mut section);
        kind.encode(&mut section);
        index.encode(&mut section);
    };
    export(SIGN, ExportKind::Memory, 0);
    for (number, global) in globals.iter().enumerate() {
        export(&numbered(number), ExportKind::Global, *global);
    }
    Some(section)
}

fn numbered(global: usize) -> String {
    format!("{SIGN}-{global}")
}

/// The globals that can change. None: something else can as well, or what they begin with is no plain number.
fn changing(module: &[u8]) -> Option<Vec<u32>> {
    let mut globals = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload.ok()? {
            Payload::GlobalSection(section) => {
                for (number, global) in (0..).zip(section) {
                    let global = global.ok()?;
                    if global.ty.mutable {
                        number_of(&global)?;
                        globals.push(number);
                    }
                }
            }
            Payload::ExportSection(section) => {
                let mut names = section.into_iter().flatten().map(|export| export.name);
                names.all(|name| !name.starts_with(SIGN)).then_some(())?;
            }
            Payload::CodeSectionEntry(body) => {
                for operator in body.get_operators_reader().ok()? {
                    if let Operator::TableSet { .. }
                    | Operator::TableGrow { .. }
                    | Operator::TableFill { .. }
                    | Operator::TableCopy { .. }
                    | Operator::TableInit { .. }
                    | Operator::ElemDrop { .. }
                    | Operator::DataDrop { .. } = operator.ok()?
                    {
                        return None;
                    }
                }
            }
            _ => {}
        }
    }
    Some(globals)
}

/// What a global begins with, if that is a plain number.
fn number_of(global: &Global<'_>) -> Option<Val> {
    let mut operators = global.init_expr.get_operators_reader();
    let value = match operators.read().ok()? {
        Operator::I32Const { value } => Val::I32(value),
        Operator::I64Const { value } => Val::I64(value),
        Operator::F32Const { value } => Val::F32(value.bits()),
        Operator::F64Const { value } => Val::F64(value.bits()),
        _ => return None,
    };
    matches!(operators.read(), Ok(Operator::End)).then_some(value)
}

/// What a module's instances are when they are new.
pub(super) struct Fresh {
    memory: ModuleExport,
    /// Its size, in bytes.
    pub(super) size: usize,
    globals: Box<[(ModuleExport, Val)]>,
    /// The data that is not zero, and where it begins.
    image: Box<[u8]>,
    at: usize,
    pages: Arc<Pages>,
}

impl Fresh {
    /// Of a module that was compiled as it is [`shown`]. None: it was not.
    pub(super) fn of(bytes: &[u8], module: &Module, pages: &Arc<Pages>) -> Option<Self> {
        let memory = module.get_export_index(SIGN)?;
        let (mut numbers, mut data, mut size) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.ok()? {
                Payload::MemorySection(section) => {
                    size = usize::try_from(section.into_iter().next()?.ok()?.initial).ok()? << 16;
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        let global = global.ok()?;
                        if global.ty.mutable {
                            numbers.push(number_of(&global)?);
                        }
                    }
                }
                Payload::DataSection(section) => {
                    for segment in section {
                        let segment = segment.ok()?;
                        let DataKind::Active { offset_expr, .. } = segment.kind else { continue };
                        let Operator::I32Const { value } = offset_expr.get_operators_reader().read().ok()? else {
                            return None;
                        };
                        data.push((value.cast_unsigned() as usize, segment.data));
                    }
                }
                _ => {}
            }
        }
        let at = data.iter().map(|(at, _)| *at).min().unwrap_or(0);
        let end = data.iter().map(|(at, data)| at + data.len()).max().unwrap_or(0);
        if end > size || end - at > IMAGE {
            return None;
        }
        let mut image = vec![0; end - at].into_boxed_slice();
        for (from, data) in data {
            image[from - at..][..data.len()].copy_from_slice(data);
        }
        let export = |(number, value)| Some((module.get_export_index(&numbered(number))?, value));
        let globals = numbers.into_iter().enumerate().map(export).collect::<Option<_>>()?;
        Some(Self { memory, size, globals, image, at, pages: pages.clone() })
    }

    /// Makes an instance as it was when it was new. False: it cannot be, or it is not worth its while.
    pub(super) fn restore<T>(&self, store: &mut Store<T>, instance: &Instance) -> bool {
        let Some(Extern::Memory(memory)) = instance.get_module_export(&mut *store, &self.memory) else { return false };
        self.restore_memory(memory.data_mut(&mut *store)).is_some()
            && self.globals.iter().all(|(export, value)| match instance.get_module_export(&mut *store, export) {
                Some(Extern::Global(global)) => global.set(&mut *store, *value).is_ok(),
                _ => false,
            })
    }

    fn restore_memory(&self, memory: &mut [u8]) -> Option<()> {
        if memory.len() != self.size {
            return None;
        }
        let (mut runs, mut touched) = (Vec::new(), 0);
        self.pages.touched(memory.as_ptr().addr(), memory.len(), |run| {
            touched += run.len();
            runs.push(run);
        })?;
        if touched > TOUCHED {
            return None;
        }
        for run in runs {
            let both = run.start.max(self.at)..run.end.min(self.at + self.image.len());
            if both.is_empty() {
                memory[run].fill(0);
                continue;
            }
            memory[run.start..both.start].fill(0);
            memory[both.end..run.end].fill(0);
            memory[both.clone()].copy_from_slice(&self.image[both.start - self.at..both.end - self.at]);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests;
