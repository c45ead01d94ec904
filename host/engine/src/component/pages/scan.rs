//! The ioctl that says which pages of a range were touched, in one call (Linux 6.7 and later; Documentation/admin-guide/mm/pagemap.rst,
//! and `struct pm_scan_arg` in include/uapi/linux/fs.h): to read the page map takes a little longer, and does not tell what was only
//! read.

use rustix::ioctl::{Ioctl, IoctlOutput, Opcode, ioctl, opcode};
use std::ffi::c_void;
use std::fs::File;
use std::ops::Range;

/// Regions that are told of in a call.
const REGIONS: usize = 32;
/// A page that is in memory.
const PRESENT: u64 = 1 << 3;
/// One that is swapped out.
const SWAPPED: u64 = 1 << 4;
/// One that was only ever read: it is the kernel's page of zeroes.
const ZERO: u64 = 1 << 5;

/// `struct pm_scan_arg`.
#[repr(C)]
#[derive(Default)]
struct Argument {
    size: u64,
    flags: u64,
    start: u64,
    end: u64,
    walk_end: u64,
    regions: u64,
    regions_length: u64,
    max_pages: u64,
    category_inverted: u64,
    category_mask: u64,
    category_anyof_mask: u64,
    return_mask: u64,
}

/// `struct page_region`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Region {
    start: u64,
    end: u64,
    categories: u64,
}

/// `PAGEMAP_SCAN`.
struct Scan<'a>(&'a mut Argument);

// SAFETY: the kernel reads and writes an argument of this size, and as many regions at the place that it names as it says,
// which is the caller's to see to.
unsafe impl Ioctl for Scan<'_> {
    type Output = usize;

    const IS_MUTATING: bool = true;

    fn opcode(&self) -> Opcode {
        opcode::read_write::<Argument>(b'f', 16)
    }

    fn as_ptr(&mut self) -> *mut c_void {
        std::ptr::from_mut(self.0).cast()
    }

    unsafe fn output_from_ptr(regions: IoctlOutput, _: *mut c_void) -> rustix::io::Result<usize> {
        usize::try_from(regions).map_err(|_| rustix::io::Errno::INVAL)
    }
}

/// Calls `each` with the runs of touched pages between two addresses, which are whole pages. False: this kernel does not say,
/// or has not said of all.
pub(super) fn scan(map: &File, range: Range<u64>, mut each: impl FnMut(Range<u64>)) -> bool {
    let mut regions = [Region::default(); REGIONS];
    let mut start = range.start;
    while start < range.end {
        let mut argument = Argument {
            size: size_of::<Argument>() as u64,
            start,
            end: range.end,
            regions: regions.as_mut_ptr().expose_provenance() as u64,
            regions_length: REGIONS as u64,
            category_inverted: ZERO,
            category_mask: ZERO,
            category_anyof_mask: PRESENT | SWAPPED,
            return_mask: PRESENT | SWAPPED,
            ..Argument::default()
        };
        // SAFETY: there is room for as many regions as it says at the place that it names.
        let Ok(count) = (unsafe { ioctl(map, Scan(&mut argument)) }) else { return false };
        let Some(told) = regions.get(..count).filter(|_| argument.walk_end > start) else { return false };
        told.iter().for_each(|region| each(region.start..region.end));
        start = argument.walk_end;
    }
    true
}
