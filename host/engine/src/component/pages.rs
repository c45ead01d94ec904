//! Which pages of a memory were ever touched, as the kernel knows (proc_pid_pagemap(5)): what was not is still zero.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// The page that the kernel counts in, in bytes. It is asked for, since not all machines have 4 KiB.
pub(super) fn size() -> usize {
    rustix::param::page_size()
}

/// Pages that are looked up at once.
const BATCH: usize = 64;
/// A page that is in memory, or swapped out: it may hold something.
const TOUCHED: u64 = 1 << 63 | 1 << 62;

/// This process's page map. Without one, all pages count as touched.
#[derive(Debug)]
pub(super) struct Pages(Option<File>);

impl Pages {
    pub(super) fn open() -> Self {
        Self(File::open("/proc/self/pagemap").ok())
    }

    /// As where `/proc` is not there.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// Calls `each` with the runs of touched pages of `length` bytes from `base` on, as offsets from there. Both are whole
    /// pages. None: nothing is known, and all may be touched.
    pub(super) fn touched(&self, base: usize, length: usize, mut each: impl FnMut(Range<usize>)) -> Option<()> {
        let (file, page) = (self.0.as_ref()?, size());
        let mut entries = [0_u8; BATCH * 8];
        let mut run: Option<Range<usize>> = None;
        let pages = length / page;
        for first in (0..pages).step_by(BATCH) {
            let entries = &mut entries[..8 * BATCH.min(pages - first)];
            file.read_exact_at(entries, ((base / page + first) * 8) as u64).ok()?;
            for (number, entry) in entries.as_chunks::<8>().0.iter().enumerate() {
                let at = (first + number) * page;
                match (u64::from_ne_bytes(*entry) & TOUCHED != 0, &mut run) {
                    (true, Some(run)) => run.end = at + page,
                    (true, None) => run = Some(at..at + page),
                    (false, _) => run.take().into_iter().for_each(&mut each),
                }
            }
        }
        run.into_iter().for_each(each);
        Some(())
    }
}
