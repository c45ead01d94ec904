//! Where a component's memory comes from: an allocator a third as large as the standard library's. What is free is joined
//! with what is free beside it, also over a growth of the memory, so that an actor may live long.
//!
//! It begins with what the memory has behind the component's data, and takes a page of the machine's at a time: what it has not
//! taken it does not write to, and what nobody has written to the host need not have. Only then does the memory grow.

use core::alloc::Layout;
use core::arch::wasm32::{memory_grow, memory_size};
use core::ptr::NonNull;
use talc::base::Talc;
use talc::base::binning::Binning;
use talc::cell::TalcSyncCell;
use talc::source::Source;
use talc::wasm::WasmBinning;

#[global_allocator]
static ALLOCATOR: TalcSyncCell<Room, WasmBinning> = TalcSyncCell::new_wasm(Room { taken: None, end: 0 });

/// What is taken at a time, in bytes: a page of most machines'.
const STEP: usize = 4 << 10;
/// What a memory grows by, in bytes.
const PAGE: usize = 64 << 10;

/// The room that the allocator has.
#[derive(Debug)]
struct Room {
    /// Where what was taken ends.
    taken: Option<NonNull<u8>>,
    /// Where what may be taken without a growth ends.
    end: usize,
}

impl Room {
    /// Where a first heap begins: behind the component's data. With a C library, whose allocator begins there too, it is
    /// behind what the memory has.
    fn start(&mut self) -> usize {
        self.end = memory_size::<0>() * PAGE;
        #[cfg(target_os = "unknown")]
        {
            unsafe extern "C" {
                static __heap_base: u8;
            }
            (&raw const __heap_base).expose_provenance()
        }
        #[cfg(not(target_os = "unknown"))]
        self.end
    }
}

// SAFETY: it allocates nothing. What it gives was nobody's: the linker puts nothing behind `__heap_base`, and memory that has
// grown belongs to whoever had it grow. An extension begins where the last one has ended.
unsafe impl Source for Room {
    fn acquire<B: Binning>(talc: &mut Talc<Self, B>, layout: Layout) -> Result<(), ()> {
        let mut from = match talc.source.taken {
            Some(taken) => taken.as_ptr().addr(),
            None => talc.source.start(),
        };
        // A first heap begins with lists of what is free; a later one with less.
        let needed = layout.size().checked_add(layout.align() + talc::min_first_heap_size::<B>()).ok_or(())?;
        let mut end = from.checked_add(needed).and_then(|end| end.checked_next_multiple_of(STEP)).ok_or(())?;
        if end > talc.source.end {
            let pages = (end - talc.source.end).div_ceil(PAGE);
            let grown = memory_grow::<0>(pages);
            if grown == usize::MAX {
                return Err(());
            }
            if grown * PAGE != talc.source.end {
                // Somebody else has had it grow meanwhile. If this is too little, there is another call.
                from = grown * PAGE;
                talc.source.taken = None;
                end = (from + needed).next_multiple_of(STEP).min(from + pages * PAGE);
            }
            talc.source.end = (grown + pages) * PAGE;
        }
        talc.source.taken = match talc.source.taken {
            // SAFETY: as above.
            Some(taken) => Some(unsafe { talc.extend(taken, core::ptr::with_exposed_provenance_mut(end)) }),
            // SAFETY: as above.
            None => unsafe { talc.claim(core::ptr::with_exposed_provenance_mut(from), end - from) },
        };
        talc.source.taken.map(|_| ()).ok_or(())
    }
}
