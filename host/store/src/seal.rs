//! A check sum over a row, since SQLite has none: a flipped bit is not what an actor saved.

use crate::State;
use crate::record::Record;
use sha2::{Digest as _, Sha256};

/// The first 8 bytes of a SHA-256.
pub(crate) type Seal = [u8; 8];

struct Sealing(Sha256);

impl Sealing {
    fn add(&mut self, field: &[u8]) {
        self.0.update((field.len() as u64).to_le_bytes());
        self.0.update(field);
    }

    fn end(self) -> Seal {
        let mut seal = Seal::default();
        seal.copy_from_slice(&self.0.finalize()[..8]);
        seal
    }
}

/// Over a state and whose it is.
pub(crate) fn state(actor: &str, trial: bool, state: &State) -> Seal {
    let mut seal = Sealing(Sha256::new());
    seal.add(actor.as_bytes());
    seal.add(&[u8::from(trial)]);
    seal.add(state.digest.as_bytes());
    seal.add(&state.version.to_le_bytes());
    seal.add(&state.bytes);
    seal.end()
}

/// Over all that is recorded of a source.
pub(crate) fn record(source: &str, record: &Record) -> Seal {
    let mut seal = Sealing(Sha256::new());
    seal.add(source.as_bytes());
    seal.add(record.file.as_ref().map_or(&[][..], |file| file.as_bytes()));
    for version in &record.versions {
        let (status, why) = version.status.text();
        seal.add(version.digest.as_bytes());
        seal.add(&version.bytes.to_le_bytes());
        seal.add(version.origin.text().as_bytes());
        seal.add(&version.activated.to_le_bytes());
        seal.add(status.as_bytes());
        seal.add(why.unwrap_or_default().as_bytes());
        seal.add(&[u8::from(version.active)]);
    }
    seal.end()
}
