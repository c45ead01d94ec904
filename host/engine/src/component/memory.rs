//! The linear memories of the class `dense`: blocks of a few sizes, cut from mappings that are made as they are needed.
//!
//! The pool of wasmtime has one size for all, makes accessible what each memory has, and so cuts its mapping in two for
//! each actor, of which the kernel allows 65,530. Here all of a mapping is accessible from the beginning, and the code
//! itself checks each access: a hundred thousand actors have a few hundred mappings. What grows out of its block moves to
//! a larger one.

use super::class::MEMORY;
use super::pages::{self, Pages};
use crate::machine;
use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

/// The sizes of blocks, in bytes. After those that are copied quickly comes the one that never has to grow.
const SIZES: [usize; 6] = [64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, MEMORY as usize];
/// What is mapped at once, in bytes, if that is more than one block. Less where there is no room for that.
const CHUNK: usize = 16 << 20;
/// Bytes that free blocks keep for the next instances, and those that each may keep: to give a page back, and have the kernel
/// find another one, takes longer than to make it zero.
const WARM: usize = 32 << 20;
const KEPT: usize = 128 << 10;

/// The blocks.
#[derive(Debug)]
pub(crate) struct Memories {
    sizes: [Mutex<Blocks>; SIZES.len()],
    mapped: Mutex<Vec<(Block, usize)>>,
    /// Bytes that free blocks keep.
    warm: AtomicUsize,
    live: AtomicUsize,
    pages: Arc<Pages>,
}

/// The free blocks of one size. All of them are zero throughout.
#[derive(Debug, Default)]
struct Blocks {
    /// With pages, of so many bytes, so that an instance need not have the kernel find them: the next one that starts takes
    /// one of these.
    warm: Vec<(Block, usize)>,
    /// Without.
    cold: Vec<Block>,
}

/// A block's first byte.
#[derive(Debug, Clone, Copy)]
struct Block(NonNull<u8>);

// SAFETY: it is a place in a private mapping that lives as long as the `Memories`, and belongs to one owner at a time.
unsafe impl Send for Block {}
// SAFETY: as above; nothing is reached through a shared reference.
unsafe impl Sync for Block {}

impl Memories {
    pub(crate) fn new(pages: &Arc<Pages>) -> Arc<Self> {
        Arc::new(Self {
            sizes: Default::default(),
            mapped: Mutex::default(),
            warm: AtomicUsize::new(0),
            live: AtomicUsize::new(0),
            pages: pages.clone(),
        })
    }

    /// Memories that are in use.
    pub(crate) fn live(&self) -> usize {
        self.live.load(Ordering::Relaxed)
    }

    fn blocks(&self, size: usize) -> MutexGuard<'_, Blocks> {
        self.sizes[size].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block for at least so many bytes, and which size it has.
    fn take(&self, bytes: usize) -> Result<(Block, usize), String> {
        let Some(size) = SIZES.iter().position(|size| bytes <= *size) else {
            return Err(format!("{bytes} bytes are more than the {} MiB that an actor can have", MEMORY >> 20));
        };
        let mut blocks = self.blocks(size);
        if let Some((block, kept)) = blocks.warm.pop() {
            self.warm.fetch_sub(kept, Ordering::Relaxed);
            return Ok((block, size));
        }
        let block = match blocks.cold.pop() {
            Some(block) => block,
            None => {
                self.map(size, &mut blocks)?;
                blocks.cold.pop().ok_or("a mapping has no block")?
            }
        };
        Ok((block, size))
    }

    /// Maps further blocks of a size.
    fn map(&self, size: usize, blocks: &mut Blocks) -> Result<(), String> {
        machine::has_memory()?;
        let size = SIZES[size];
        let mut length = CHUNK.max(size);
        let chunk = loop {
            let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
            // SAFETY: at an address that the kernel chooses, so that nothing that is in use is mapped over.
            match unsafe { mmap_anonymous(std::ptr::null_mut(), length, ProtFlags::READ | ProtFlags::WRITE, flags) } {
                Ok(chunk) => break chunk,
                Err(_) if length > size => length /= 2,
                Err(error) => return Err(machine::no_mapping(length, &error.into())),
            }
        };
        // SAFETY: the mapping is our own, and whole. If it fails, an actor may be given huge pages: it costs memory alone.
        let _ = unsafe { madvise(chunk, length, Advice::LinuxNoHugepage) };
        let first = NonNull::new(chunk.cast()).ok_or("a mapping at no address")?;
        self.mapped.lock().unwrap_or_else(PoisonError::into_inner).push((Block(first), length));
        // SAFETY: within the mapping, whose length is a multiple of the size.
        let cut = (0..length / size).rev().map(|number| Block(unsafe { first.add(number * size) }));
        blocks.cold.extend(cut);
        Ok(())
    }

    /// Takes a block back, of which the first `used` bytes may be other than zero.
    fn give_back(&self, block: Block, size: usize, used: usize) {
        let (start, mut touched, mut zeroes) = (block.0.as_ptr(), 0, Vec::new());
        let used = used.next_multiple_of(pages::size());
        let known = self.pages.touched(start.addr(), used, |run| {
            touched += run.len();
            zeroes.push(run);
        });
        // Two at once may go a little over it.
        let warm = known.is_some() && touched <= KEPT && self.warm.load(Ordering::Relaxed) + touched <= WARM;
        if warm {
            self.warm.fetch_add(touched, Ordering::Relaxed);
            for run in zeroes {
                // SAFETY: within the block, which nobody else has.
                unsafe { start.add(run.start).write_bytes(0, run.len()) };
            }
            return self.blocks(size).warm.push((block, touched));
        }
        // SAFETY: whole pages of a private anonymous mapping of our own, which nobody uses: they are zero from now on.
        let cleared = unsafe { madvise(start.cast(), used, Advice::LinuxDontNeed) };
        // A block that could not be cleared is given to nobody.
        if cleared.is_ok() {
            self.blocks(size).cold.push(block);
        }
    }

    /// Copies what there is in `used` bytes of a block to one that is zero.
    fn copy(&self, from: Block, to: Block, used: usize) {
        let copy = |range: std::ops::Range<usize>| {
            // SAFETY: within both blocks, which don't overlap and are the caller's.
            unsafe {
                from.0.as_ptr().add(range.start).copy_to_nonoverlapping(to.0.as_ptr().add(range.start), range.len());
            }
        };
        // Pages that were never touched stay so in the copy.
        if self.pages.touched(from.0.as_ptr().addr(), used, copy).is_none() {
            copy(0..used);
        }
    }
}

impl Drop for Memories {
    fn drop(&mut self) {
        for (chunk, length) in self.mapped.get_mut().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // SAFETY: mapped by us with this length, and each memory in it holds us.
            let _ = unsafe { munmap(chunk.0.as_ptr().cast(), length) };
        }
    }
}

/// What an engine is given.
#[derive(Debug)]
pub(super) struct Creator(pub(super) Arc<Memories>);

// SAFETY: each memory is a block of its own, zero throughout, at least as large as it says, and cleared before it is
// another's. No guard is promised, which the engine's configuration says as well.
unsafe impl MemoryCreator for Creator {
    fn new_memory(
        &self,
        _: MemoryType,
        minimum: usize,
        _: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        if guard > 0 || reserved.is_some_and(|reserved| reserved > 0) {
            return Err("this engine is to check each access".into());
        }
        let (block, size) = self.0.take(minimum)?;
        self.0.live.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(Linear { memories: self.0.clone(), block, size, bytes: minimum }))
    }
}

/// One instance's memory.
#[derive(Debug)]
struct Linear {
    memories: Arc<Memories>,
    block: Block,
    /// Which of the sizes.
    size: usize,
    bytes: usize,
}

// SAFETY: the block is accessible throughout and its owner's alone, and it only moves when it grows beyond its capacity.
unsafe impl LinearMemory for Linear {
    fn byte_size(&self) -> usize {
        self.bytes
    }

    fn byte_capacity(&self) -> usize {
        SIZES[self.size]
    }

    fn grow_to(&mut self, bytes: usize) -> wasmtime::Result<()> {
        if bytes > self.byte_capacity() {
            let (block, size) = self.memories.take(bytes).map_err(wasmtime::Error::msg)?;
            self.memories.copy(self.block, block, self.bytes.next_multiple_of(pages::size()));
            self.memories.give_back(self.block, self.size, self.bytes);
            (self.block, self.size) = (block, size);
        }
        self.bytes = bytes;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.block.0.as_ptr()
    }
}

impl Drop for Linear {
    fn drop(&mut self) {
        self.memories.give_back(self.block, self.size, self.bytes);
        self.memories.live.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
