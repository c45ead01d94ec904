//! `wasi:random`: the machine's random numbers, and in virtual time the same ones in each run.

use crate::guest::Guest;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::Ordering;
use wasmtime_wasi::p2::bindings::random::{insecure, insecure_seed, random};

/// Where random numbers come from.
pub(super) enum Random {
    Machine,
    /// A sequence of each incarnation's own: the state of SplitMix64 (Steele, Lea and Flood, 2014).
    Sequence(u64),
}

impl Random {
    pub(super) fn new(guest: &Guest) -> Self {
        if guest.shared.clock.is_machine() {
            return Self::Machine;
        }
        let mut hasher = DefaultHasher::new();
        (&guest.cell.name, guest.cell.stats.incarnation.load(Ordering::Relaxed)).hash(&mut hasher);
        Self::Sequence(hasher.finish())
    }

    fn number(&mut self) -> wasmtime::Result<u64> {
        match self {
            Self::Machine => getrandom::u64().map_err(missing),
            Self::Sequence(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = *state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                Ok(mixed ^ (mixed >> 31))
            }
        }
    }

    fn bytes(&mut self, length: usize) -> wasmtime::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        match self {
            Self::Machine => getrandom::fill(&mut bytes).map_err(missing)?,
            Self::Sequence(_) => {
                for part in bytes.chunks_mut(8) {
                    part.copy_from_slice(&self.number()?.to_le_bytes()[..part.len()]);
                }
            }
        }
        Ok(bytes)
    }
}

fn missing(error: getrandom::Error) -> wasmtime::Error {
    wasmtime::format_err!("the machine gives no random numbers: {error}")
}

impl Guest {
    /// So many bytes, if they fit into its memory: they are made before it is looked where they go.
    fn random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        if length > self.behavior.memory {
            return Err(wasmtime::format_err!("{length} random bytes are more than its memory holds"));
        }
        self.wasi().random.bytes(usize::try_from(length)?)
    }
}

impl random::Host for Guest {
    fn get_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(length)
    }

    fn get_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.wasi().random.number()
    }
}

impl insecure::Host for Guest {
    fn get_insecure_random_bytes(&mut self, length: u64) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(length)
    }

    fn get_insecure_random_u64(&mut self) -> wasmtime::Result<u64> {
        self.wasi().random.number()
    }
}

impl insecure_seed::Host for Guest {
    fn insecure_seed(&mut self) -> wasmtime::Result<(u64, u64)> {
        let random = &mut self.wasi().random;
        Ok((random.number()?, random.number()?))
    }
}
