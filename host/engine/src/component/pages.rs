//! Which pages of a memory were ever touched, as the kernel knows (proc_pid_pagemap(5)): what was not is still zero.

mod scan;

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
pub(super) struct Pages {
    map: Option<File>,
    /// Whether the kernel says it in one call.
    scans: bool,
}

impl Pages {
    pub(super) fn open() -> Self {
        let map = File::open("/proc/self/pagemap").ok();
        // A page of this thread's stack was touched.
        let here = (&raw const map).addr() / size() * size();
        let mut found = false;
        let all = |map| scan::scan(map, here as u64..(here + size()) as u64, |_| found = true);
        let scans = map.as_ref().is_some_and(all) && found;
        Self { map, scans }
    }

    /// As where `/proc` is not there.
    #[cfg(test)]
    pub(super) fn none() -> Self {
        Self { map: None, scans: false }
    }

    /// As where the kernel says less.
    #[cfg(test)]
    pub(super) fn without_scan() -> Self {
        Self { scans: false, ..Self::open() }
    }

    /// Calls `each` with the runs of touched pages of `length` bytes from `base` on, as offsets from there. Both are whole
    /// pages. None: nothing is known, and all may be touched, also those that it was called with.
    pub(super) fn touched(&self, base: usize, length: usize, mut each: impl FnMut(Range<usize>)) -> Option<()> {
        let map = self.map.as_ref()?;
        if self.scans {
            let range = base as u64..(base + length) as u64;
            let offset = |address: u64| address as usize - base;
            return scan::scan(map, range, |run| each(offset(run.start)..offset(run.end))).then_some(());
        }
        read(map, base, length, each)
    }
}

/// The same, from the map itself.
fn read(map: &File, base: usize, length: usize, mut each: impl FnMut(Range<usize>)) -> Option<()> {
    let page = size();
    let mut entries = [0_u8; BATCH * 8];
    let mut run: Option<Range<usize>> = None;
    let pages = length / page;
    for first in (0..pages).step_by(BATCH) {
        let entries = &mut entries[..8 * BATCH.min(pages - first)];
        map.read_exact_at(entries, ((base / page + first) * 8) as u64).ok()?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

    /// A mapping of so many pages, of which some are written to and some are read.
    fn told(pages: &Pages, count: usize, written: &[usize], read: &[usize]) -> Vec<Range<usize>> {
        let length = count * size();
        let (access, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: at an address that the kernel chooses.
        let base = unsafe { mmap_anonymous(std::ptr::null_mut(), length, access, flags) }.expect("there is room");
        let at = |page: &usize| base.cast::<u8>().wrapping_add(page * size());
        // SAFETY: within the mapping.
        written.iter().for_each(|page| unsafe { at(page).write(7) });
        // SAFETY: the same.
        assert!(read.iter().all(|page| unsafe { at(page).read_volatile() } == 0));
        let mut runs = Vec::new();
        pages.touched(base.addr(), length, |run| runs.push(run.start / size()..run.end / size())).expect("it is known");
        // SAFETY: it is our own, and nobody has it any more.
        unsafe { munmap(base, length) }.expect("it was mapped");
        runs
    }

    #[test]
    fn what_was_written_to_is_told_of_however_it_is_asked_for() {
        // More runs than are told of in one call, and more pages than are looked up at once.
        let many: Vec<_> = (0..90).map(|number| number * 2).collect();
        let each: Vec<_> = many.iter().map(|page| *page..page + 1).collect();
        for pages in [Pages::open(), Pages::without_scan()] {
            assert_eq!(told(&pages, 200, &many, &[]), each, "{pages:?}");
            assert_eq!(told(&pages, 200, &[63, 64, 65, 199], &[]), [63..66, 199..200], "{pages:?}");
            assert_eq!(told(&pages, 3, &[], &[]), [], "{pages:?}");
        }
    }

    #[test]
    fn what_was_only_read_is_still_zero() {
        let pages = Pages::open();
        if pages.scans {
            assert_eq!(told(&pages, 9, &[2, 5], &[1, 3, 8]), [2..3, 5..6]);
        }
    }
}
