//! A module's memory, from outside: what it hands over is looked at with suspicion, what it is handed is put where its own
//! allocation function says.

use super::entries::{self, Entries};
use super::layout::{self, Layout};
use crate::component::split::REALLOC;
use crate::guest::{Guest, Seat};
use wasmtime::{Extern, Instance, Memory, Result, Store, StoreContextMut, TypedFunc, bail};

/// An instance's memory, and its function that gives out room in it.
pub(crate) struct Heap {
    memory: Memory,
    /// Away while it runs.
    realloc: Option<TypedFunc<(u32, u32, u32, u32), u32>>,
}

impl Heap {
    /// Of a module that was taken out of its wrapping.
    pub(super) fn of(store: &mut Store<Seat>, entries: &Entries, instance: &Instance) -> Result<Self> {
        let Some(Extern::Memory(memory)) = instance.get_module_export(&mut *store, &entries.memory) else {
            bail!("it exports no memory")
        };
        let realloc = match &entries.realloc {
            Some(realloc) => Some(entries::function(store, instance, realloc)?.typed(&*store)?),
            None => None,
        };
        Ok(Self { memory, realloc })
    }
}

impl Guest {
    /// The memory of the module that calls, which is told if it may not.
    pub(super) fn memory(&self) -> Result<Memory> {
        if self.closed {
            bail!("cannot leave component instance");
        }
        match &self.heap {
            Some(heap) => Ok(heap.memory),
            None => bail!("it calls the host while it is being made"),
        }
    }
}

/// What the module that calls has handed over.
pub(super) struct Handed<'a>(pub(super) &'a [u8]);

impl<'a> Handed<'a> {
    fn part(&self, what: &str, at: u32, length: u32, size: u32, align: u32) -> Result<&'a [u8]> {
        if !at.is_multiple_of(align) {
            bail!("{what} pointer is not aligned");
        }
        let end = u64::from(length) * u64::from(size) + u64::from(at);
        let part = usize::try_from(end).ok().and_then(|end| self.0.get(at as usize..end));
        match part {
            Some(part) => Ok(part),
            None => bail!("{what} pointer/length out of bounds of memory"),
        }
    }

    /// A text.
    pub(super) fn text(&self, at: u32, length: u32) -> Result<&'a str> {
        Ok(std::str::from_utf8(self.letters(at, length)?)?)
    }

    /// What should be a text.
    pub(super) fn letters(&self, at: u32, length: u32) -> Result<&'a [u8]> {
        self.part("string", at, length, 1, 1)
    }

    /// Bytes.
    pub(super) fn bytes(&self, at: u32, length: u32) -> Result<&'a [u8]> {
        self.part("list", at, length, 1, 1)
    }

    /// The places and bytes of a list's elements.
    pub(super) fn list(&self, at: u32, length: u32, size: u32, align: u32) -> Result<impl Iterator<Item = &'a [u8]>> {
        Ok(self.part("list", at, length, size, align)?.chunks_exact(size as usize))
    }

    /// What a function has left behind of a type.
    pub(super) fn result<T: Layout>(&self, at: u32) -> Result<&'a [u8]> {
        self.part("return", at, 1, T::SIZE, T::ALIGN)
    }
}

/// A number of four bytes at a place in a part of memory.
pub(super) fn word(part: &[u8], at: usize) -> u32 {
    part.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}

/// A number of eight bytes at a place in a part of memory.
pub(super) fn double(part: &[u8], at: usize) -> u64 {
    part.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u64::from_le_bytes)
}

/// Puts things into a module's memory.
pub(super) struct Lowering<'a> {
    store: StoreContextMut<'a, Seat>,
    memory: Memory,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(store: impl Into<StoreContextMut<'a, Seat>>, memory: Memory) -> Self {
        Self { store: store.into(), memory }
    }

    /// Refuses a place that is not within the memory as a whole: within it, no place of a part is beyond what a number holds.
    fn is_within(&self, at: u32, size: u32) -> Result<()> {
        let end = u64::from(at) + u64::from(size);
        if end > self.memory.data_size(&self.store) as u64 {
            bail!("pointer out of bounds of memory");
        }
        Ok(())
    }

    /// Writes bytes at a place.
    pub(super) fn write(&mut self, at: u32, bytes: &[u8]) -> Result<()> {
        let memory = self.memory.data_mut(&mut self.store);
        let place = (at as usize).checked_add(bytes.len()).and_then(|end| memory.get_mut(at as usize..end));
        match place {
            Some(place) => place.copy_from_slice(bytes),
            None => bail!("pointer out of bounds of memory"),
        }
        Ok(())
    }

    /// Room that the module gives for something.
    pub(super) fn room(&mut self, size: u32, align: u32) -> Result<u32> {
        if size == 0 {
            return Ok(align);
        }
        let guest = self.store.data_mut();
        let Some(realloc) = guest.heap.as_mut().and_then(|heap| heap.realloc.take()) else {
            bail!("it exports no `{REALLOC}`, and so takes nothing")
        };
        // What it asks for meanwhile is of no turn.
        guest.closed = true;
        let called = realloc.call(&mut self.store, (0, 0, align, size));
        let guest = self.store.data_mut();
        // Also after a trap: made new, the instance is the next one's.
        if let Some(heap) = &mut guest.heap {
            heap.realloc = Some(realloc);
        }
        let at = called?;
        guest.closed = false;
        if !at.is_multiple_of(align) {
            bail!("realloc return: result not aligned");
        }
        self.is_within(at, size)?;
        Ok(at)
    }

    /// Puts bytes where the module gives room for them.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(u32, u32)> {
        let Ok(length) = u32::try_from(bytes.len()) else { bail!("more than a component's memory can hold") };
        let at = self.room(length, 1)?;
        self.write(at, bytes)?;
        Ok((at, length))
    }

    /// Writes an answer where the caller wants it.
    pub(super) fn answer<T: layout::Store>(&mut self, at: u32, answer: &T) -> Result<()> {
        if !at.is_multiple_of(T::ALIGN) {
            bail!("return pointer is not aligned");
        }
        self.is_within(at, T::SIZE)?;
        answer.store(self, at)
    }
}
