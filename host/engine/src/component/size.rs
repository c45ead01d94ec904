//! How large a component is: what it needs before it does anything, told from its sections alone.

use super::ComponentError;
use super::class::{MEMORY, TABLE};
use crate::machine::Memory;
use std::path::Path;
use wasmparser::{BinaryReaderError, Parser, Payload};

/// Memory that compiling takes for each byte of code, beside what it takes in any case. Measured with components of 1 to
/// 18 MB on two processors, see ARCHITECTURE.md; more processors take more.
const COMPILING: u64 = 70;
/// Code that is too little to look at, in bytes: compiling it takes no more memory than the host has anyway.
const SMALL: u64 = 1 << 20;
/// One page, if a memory does not say otherwise. Source: WebAssembly's specification.
const PAGE: u32 = 16;

/// What a component needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Size {
    /// Its functions' code, in bytes.
    pub code: u64,
    /// What its largest linear memory begins with, in bytes.
    pub memory: u64,
    /// What its largest table begins with, in elements.
    pub table: u64,
}

impl Size {
    /// The size of a component, with all that is within it.
    pub(super) fn of(component: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut size = Self::default();
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::CodeSectionStart { size: bytes, .. } => size.code += u64::from(bytes),
                Payload::MemorySection(memories) => {
                    for memory in memories {
                        let memory = memory?;
                        let page = memory.page_size_log2.unwrap_or(PAGE);
                        size.memory = size.memory.max(memory.initial.saturating_mul(1 << page));
                    }
                }
                Payload::TableSection(tables) => {
                    for table in tables {
                        size.table = size.table.max(table?.ty.initial);
                    }
                }
                _ => {}
            }
        }
        Ok(size)
    }

    /// Refuses what no actor may have, whatever its limits.
    pub(super) fn check(&self, path: &Path) -> Result<(), ComponentError> {
        let refuse = |needs, most| Err(ComponentError::TooLarge { component: path.to_owned(), needs, most });
        if self.memory > MEMORY {
            return refuse(format!("{} of memory", words(self.memory)), words(MEMORY));
        }
        if self.table > u64::from(TABLE) {
            return refuse(format!("a table of {} elements", self.table), TABLE.to_string());
        }
        Ok(())
    }

    /// What the machine may not be able to give, with numbers and what to do. `actors`: how many are to run it.
    pub(super) fn doubts(&self, actors: usize, memory: Option<Memory>) -> Vec<String> {
        self.compiling(memory).into_iter().chain(self.instances(actors, memory)).collect()
    }

    /// What it takes to compile it, if that may be too much.
    pub(super) fn compiling(&self, memory: Option<Memory>) -> Option<String> {
        let (memory, wanted) = (memory?, self.code.saturating_mul(COMPILING));
        (self.code > SMALL && wanted > memory.available).then(|| {
            format!(
                "compiling its {} of code may take {}, and the machine has {} left: have it compiled where there is \
                 more and the processor is the same, and copy the host's cache from there; or give it more (swap will do)",
                words(self.code),
                words(wanted),
                words(memory.available),
            )
        })
    }

    /// What its instances begin with, if that may be too much.
    pub(super) fn instances(&self, actors: usize, memory: Option<Memory>) -> Option<String> {
        let (memory, wanted) = (memory?, self.memory.saturating_mul(actors as u64));
        (wanted > memory.total / 2).then(|| {
            format!(
                "{actors} actors begin with {} each, {} in all, and the machine has {}: have fewer of them, let those \
                 sleep that are idle (`sleep-after`), or write them in a language that takes less",
                words(self.memory),
                words(wanted),
                words(memory.total),
            )
        })
    }
}

/// Bytes, for people.
pub(super) fn words(bytes: u64) -> String {
    match bytes {
        0..0x400 => format!("{bytes} bytes"),
        0x400..0x10_0000 => format!("{} KiB", bytes.div_ceil(1 << 10)),
        _ => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_of_each_counts_and_all_of_the_code() {
        let text = "(component
            (core module (memory 3) (table 7 funcref) (func (export \"a\")))
            (component (core module (memory 5 9) (table 100 200 funcref) (func) (func))))";
        let size = Size::of(&wat::parse_str(text).expect("it is well-formed")).expect("it is whole");
        assert_eq!((size.memory, size.table), (5 << 16, 100));
        // Each function is three bytes: its length, no locals, the end.
        assert_eq!(size.code, 3 * 3);
        assert_eq!(Size::of(b"\0asm\x0d\0\x01\0").expect("it is whole"), Size::default());
    }

    #[test]
    fn what_is_too_big_is_told_with_numbers() {
        let check = |size: Size, actors: usize, mebibytes: u64, expect: &[&str]| {
            let memory = Memory { total: mebibytes << 20, available: (mebibytes / 2) << 20 };
            let doubts = size.doubts(actors, Some(memory));
            assert_eq!(doubts.len(), expect.len(), "{doubts:?}");
            for (doubt, part) in doubts.iter().zip(expect) {
                assert!(doubt.contains(part), "{doubt}");
            }
        };
        let python = Size { code: 11 << 20, memory: 12 << 20, table: 40_000 };
        check(python, 1, 8192, &[]);
        check(python, 1, 512, &["11.0 MiB of code may take 770.0 MiB, and the machine has 256.0 MiB left"]);
        check(
            python,
            200,
            4096,
            &["200 actors begin with 12.0 MiB each, 2400.0 MiB in all, and the machine has 4096.0"],
        );
        check(Size { code: 30 << 10, memory: 1 << 20, table: 1 }, 10, 512, &[]);
        assert_eq!(python.doubts(1_000_000, None), Vec::<String>::new(), "a machine that says nothing");
    }
}
