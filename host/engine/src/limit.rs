//! How many actors there may be, and what is said when that is not enough.

use crate::component::{FAST, Loader};
use crate::machine::{self, Memory};
use crate::shared::Shared;
use greenroom_manifest::{Behavior, MemoryClass, Plan};

/// Memory that an actor is reckoned to take with all that belongs to it, in bytes. ARCHITECTURE.md has what they take.
const AN_ACTOR: u64 = 32 << 10;
/// Actors at most, where the manifest says nothing.
const USUAL: usize = 1_000_000;
/// Mappings of an instance of the class `fast`, and of the host itself: its libraries, threads and compiled code.
const MAPPINGS: u64 = 4;
const MAPPINGS_OF_THE_HOST: u64 = 1000;

/// How many actors a host has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    actors: usize,
    /// Whether the manifest says so, and not the machine's memory.
    said: bool,
}

impl Limit {
    /// What the manifest says, or what half of this memory holds.
    pub(crate) fn new(said: Option<usize>, memory: Option<Memory>) -> Self {
        let fits = memory.map_or(USUAL, |memory| usize::try_from(memory.total / 2 / AN_ACTOR).unwrap_or(USUAL));
        Self { actors: said.unwrap_or(fits.clamp(1, USUAL)), said: said.is_some() }
    }

    /// How many there may be.
    pub(crate) fn actors(self) -> usize {
        self.actors
    }

    /// Whether one more fits beside those that live.
    ///
    /// # Errors
    /// The number, and what to do.
    pub(crate) fn has_room(self, live: usize) -> Result<(), String> {
        if live < self.actors {
            return Ok(());
        }
        let why = if self.said { "`actors` in [host]" } else { "half of the machine's memory" };
        Err(format!(
            "{live} actors live, and this host has room for {}, as {why} says: end some first, let those sleep that are idle \
             (`sleep-after`), or raise `actors` in [host]",
            self.actors
        ))
    }

    /// Refuses a manifest that names more actors than there may be, before any starts.
    ///
    /// # Errors
    /// The numbers, and what to do.
    pub(crate) fn check(self, plan: &Plan) -> Result<(), String> {
        let named = plan.actors.len();
        if named <= self.actors {
            return Ok(());
        }
        Err(format!(
            "the manifest names {named} actors, and this host has room for {}: raise `actors` in [host]",
            self.actors
        ))
    }

    /// What the machine will not be able to give.
    pub(crate) fn doubts(self, memory: Option<Memory>, mappings: Option<(u64, u64)>, fast: bool) -> Vec<String> {
        let mut doubts = Vec::new();
        let wanted = self.actors as u64 * AN_ACTOR;
        if let Some(memory) = memory.filter(|memory| memory.total < wanted) {
            doubts.push(format!(
                "`actors` in [host] is {}, which may take {} MiB, and the machine has {}: lower it to {}, or give it more",
                self.actors,
                wanted >> 20,
                memory.total >> 20,
                memory.total / 2 / AN_ACTOR,
            ));
        }
        let needed = MAPPINGS_OF_THE_HOST + MAPPINGS * u64::from(FAST);
        if let Some((_, most)) = mappings.filter(|(_, most)| fast && *most < needed) {
            doubts.push(format!(
                "`vm.max_map_count` is {most}, and actors of the memory class fast may need {needed}: raise it with \
                 `sysctl -w vm.max_map_count={needed}`, or write `memory-class = \"dense\"`"
            ));
        }
        doubts
    }
}

impl Loader {
    /// Tells what the machine will not be able to give, when it is asked for trouble.
    pub(crate) fn look_at_limits(&self) {
        let fast = self.is_fast_used();
        for doubt in self.limit().doubts(machine::memory(), machine::mappings(), fast) {
            self.warn("limit", doubt);
        }
    }
}

impl Shared {
    /// Whether there is room for one more actor that runs this component.
    ///
    /// # Errors
    /// The number, and what to do.
    pub(crate) fn has_room(&self, behavior: &Behavior) -> Result<(), String> {
        let actors = self.cells.count();
        self.sleep.has_memory(actors, self.loader.limit().actors())?;
        // Who may be put away makes room when that is needed.
        let able = self.sleep.able();
        self.loader.limit().has_room(actors.saturating_sub(able))?;
        match self.loader.room(&behavior.source) {
            Some((live, room)) if live >= room && able == 0 => Err(format!(
                "{live} instances of the memory class {} live, and there is room for {room}: end some first, or write \
                 `memory-class = \"dense\"` for what there are many of",
                MemoryClass::Fast.as_str()
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(mebibytes: u64) -> Option<Memory> {
        Some(Memory { total: mebibytes << 20, available: mebibytes << 20 })
    }

    #[test]
    fn the_manifest_says_it_or_the_memory_does() {
        assert_eq!(Limit::new(Some(7), machine(1024)).actors, 7);
        assert_eq!(Limit::new(None, machine(1024)).actors, 16_384);
        assert_eq!(Limit::new(None, machine(1 << 20)).actors, USUAL);
        assert_eq!(Limit::new(None, None).actors, USUAL);
        assert_eq!(Limit::new(None, Some(Memory { total: 0, available: 0 })).actors, 1);
    }

    #[test]
    fn one_too_many_is_told_with_number_and_remedy() {
        let limit = Limit::new(Some(2), None);
        assert_eq!(limit.has_room(1), Ok(()));
        let why = limit.has_room(2).expect_err("it is full");
        assert!(why.contains("2 actors live") && why.contains("raise `actors` in [host]"), "{why}");
    }

    #[test]
    fn what_the_machine_has_not_is_told_at_the_start() {
        let check = |limit: Limit, memory, mappings, fast, expect: &[&str]| {
            let doubts = limit.doubts(memory, mappings, fast);
            assert_eq!(doubts.len(), expect.len(), "{doubts:?}");
            for (doubt, part) in doubts.iter().zip(expect) {
                assert!(doubt.contains(part), "{doubt}");
            }
        };
        let many = Limit::new(Some(1_000_000), machine(1024));
        check(many, machine(1024), None, true, &["lower it to 16384"]);
        check(many, machine(64 << 10), Some((100, 65_530)), true, &[]);
        check(many, None, Some((100, 2000)), true, &["`vm.max_map_count` is 2000"]);
        check(many, None, Some((100, 2000)), false, &[]);
        check(Limit::new(None, machine(1024)), machine(1024), Some((100, 65_530)), true, &[]);
    }
}
