//! A module, with the memory of an instance of it that has run → a module that starts there.
//!
//! Right for one whose globals are as they were, as those of C are between two calls, and that has one memory and no
//! table that grows. Wizer does so for any module, by running it anew; here it has run already.

use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{ConstExpr, DataSection, ExportSection, MemorySection, MemoryType, Module};
use wasmparser::{DataSectionReader, ExportSectionReader, MemorySectionReader, Parser};

/// How much memory a page is.
const PAGE: usize = 64 << 10;

/// So many zeros are left out: a segment costs about as much.
const GAP: usize = 16;

/// The module with this memory, and of its exports those that `keep` names. The error is a sentence.
pub(super) fn snapshot(module: &[u8], memory: &[u8], keep: &dyn Fn(&str) -> bool) -> Result<Vec<u8>, String> {
    let mut made = Module::new();
    let parsed = Snapshot { memory, keep }.parse_core_module(&mut made, Parser::new(0), module);
    parsed.map_err(|error| format!("the engine is no module: {error}"))?;
    Ok(made.finish())
}

struct Snapshot<'a> {
    memory: &'a [u8],
    keep: &'a dyn Fn(&str) -> bool,
}

impl Reencode for Snapshot<'_> {
    type Error = Infallible;

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        section: MemorySectionReader<'_>,
    ) -> Result<(), Error> {
        for memory in section {
            let minimum = self.memory.len().div_ceil(PAGE) as u64;
            memories.memory(MemoryType { minimum, ..self.memory_type(memory?)? });
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        for export in section {
            let export = export?;
            if (self.keep)(export.name) {
                utils::parse_export(self, exports, export)?;
            }
        }
        Ok(())
    }

    fn data_count(&mut self, _: u32) -> Result<u32, Error> {
        Ok(segments(self.memory).count() as u32)
    }

    fn parse_data_section(&mut self, data: &mut DataSection, _: DataSectionReader<'_>) -> Result<(), Error> {
        for (start, bytes) in segments(self.memory) {
            data.active(0, &ConstExpr::i32_const(start as i32), bytes.iter().copied());
        }
        Ok(())
    }
}

/// The parts of a memory that are not zero, with where each begins.
fn segments(memory: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + memory[at..].iter().position(|byte| *byte != 0)?;
        let mut end = start;
        // To the last byte before a gap.
        while let Some(next) = memory[end..].iter().take(GAP).position(|byte| *byte != 0) {
            end += next + 1;
        }
        at = end;
        Some((start, &memory[start..end]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_taken_apart_at_gaps() {
        let check = |memory: &[u8], expect: &[(usize, &[u8])]| {
            assert_eq!(segments(memory).collect::<Vec<_>>(), expect, "{memory:?}");
        };
        check(&[], &[]);
        check(&[0; 40], &[]);
        check(&[1], &[(0, &[1])]);
        check(&[0, 1, 0, 2, 0], &[(1, &[1, 0, 2])]);
        let far = [&[0, 7][..], &[0; GAP][..], &[8, 0][..]].concat();
        check(&far, &[(1, &[7]), (2 + GAP, &[8])]);
    }

    #[test]
    fn a_module_starts_with_the_memory_and_exports_what_it_is_to() {
        let module = wat::parse_str(
            r#"(module (memory (export "memory") 1) (global (export "stack") i32 (i32.const 0))
                (func (export "handle")) (func (export "prepare")) (data (i32.const 8) "old"))"#,
        );
        let mut memory = vec![0; 2 * PAGE];
        memory[PAGE..PAGE + 3].copy_from_slice(b"new");
        let made = snapshot(&module.unwrap(), &memory, &|name| ["memory", "handle"].contains(&name)).unwrap();
        let text = wat_of(&made);
        assert_eq!(text, ["memory 2", "export memory", "export handle", "data 65536 new"]);
    }

    /// What matters of a module, as words.
    fn wat_of(module: &[u8]) -> Vec<String> {
        use wasmparser::{DataKind, Operator, Payload};
        let mut words = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::MemorySection(section) => {
                    words.extend(section.into_iter().map(|memory| format!("memory {}", memory.unwrap().initial)));
                }
                Payload::ExportSection(section) => {
                    words.extend(section.into_iter().map(|export| format!("export {}", export.unwrap().name)));
                }
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data.unwrap();
                        let DataKind::Active { offset_expr, .. } = data.kind else { panic!("passive") };
                        let Operator::I32Const { value } = offset_expr.get_operators_reader().read().unwrap() else {
                            panic!("an offset that is no number")
                        };
                        words.push(format!("data {value} {}", String::from_utf8_lossy(data.data)));
                    }
                }
                _ => {}
            }
        }
        words
    }
}
