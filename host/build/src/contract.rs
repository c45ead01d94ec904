//! The contract, as the programs want it that make bindings or components: a folder of WIT, with a world for each actor.
//!
//! An actor exports what it has: without `state` a new build restarts it. So what an actor is made for depends on what
//! is in it, and its world is put together here.

use crate::sysroot::cache;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, io};

/// The version of the contract.
pub const VERSION: &str = "0.1.0";

/// Its files.
const FILES: [(&str, &str); 17] = [
    ("actors.wit", include_str!("../../../wit/actors.wit")),
    ("asking.wit", include_str!("../../../wit/asking.wit")),
    ("behavior.wit", include_str!("../../../wit/behavior.wit")),
    ("clock.wit", include_str!("../../../wit/clock.wit")),
    ("config.wit", include_str!("../../../wit/config.wit")),
    ("devices.wit", include_str!("../../../wit/devices.wit")),
    ("log.wit", include_str!("../../../wit/log.wit")),
    ("messaging.wit", include_str!("../../../wit/messaging.wit")),
    ("names.wit", include_str!("../../../wit/names.wit")),
    ("replies.wit", include_str!("../../../wit/replies.wit")),
    ("routes.wit", include_str!("../../../wit/routes.wit")),
    ("signals.wit", include_str!("../../../wit/signals.wit")),
    ("state.wit", include_str!("../../../wit/state.wit")),
    ("timers.wit", include_str!("../../../wit/timers.wit")),
    ("topics.wit", include_str!("../../../wit/topics.wit")),
    ("types.wit", include_str!("../../../wit/types.wit")),
    ("world.wit", include_str!("../../../wit/world.wit")),
];

/// What one actor is made for, beside what each may import and the export `behavior`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct World {
    /// It may import `asking`, and runs on a fiber if it does.
    pub asking: bool,
    /// It may import `routes`: a topic registry.
    pub routes: bool,
    /// It exports `state`.
    pub state: bool,
    /// It exports `signals`.
    pub signals: bool,
    /// It exports `replies`.
    pub replies: bool,
}

impl World {
    /// All that there is.
    pub const FULL: Self = Self { asking: true, routes: true, state: true, signals: true, replies: true };

    /// The world's name, as in `actor-state-replies`.
    pub fn name(self) -> String {
        self.parts().fold(String::from("actor-made"), |name, (_, part)| name + "-" + part)
    }

    /// What it has beside the smallest: the word before each part, and the part.
    fn parts(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let all = [
            (self.asking, "import", "asking"),
            (self.routes, "import", "routes"),
            (self.state, "export", "state"),
            (self.signals, "export", "signals"),
            (self.replies, "export", "replies"),
        ];
        all.into_iter().filter(|(wanted, ..)| *wanted).map(|(_, word, part)| (word, part))
    }

    /// The world as text.
    fn text(self) -> String {
        let mut text = format!("world {} {{\n  include actor;\n", self.name());
        for (word, part) in self.parts() {
            let _ = writeln!(text, "  {word} {part};");
        }
        text + "}\n"
    }

    /// The contract with this world in it, as one text.
    pub fn package(self) -> String {
        // One file has one line with the package's name; all others go without.
        let mut all = format!("package greenroom:actor@{VERSION};\n");
        for (_, text) in FILES {
            all.extend(text.lines().filter(|line| !line.starts_with("package ")).flat_map(|line| [line, "\n"]));
        }
        all + &self.text()
    }

    /// A folder with the contract and this world, below the user's cache. It is written once.
    ///
    /// # Errors
    /// There is no cache (`HOME` is not set), or it cannot be written.
    pub fn folder(self) -> io::Result<PathBuf> {
        let cache =
            cache().ok_or_else(|| io::Error::other("HOME is not set, so there is no folder for the contract"))?;
        let folder = cache.join("contract").join(self.name());
        let path = folder.join("actor.wit");
        let text = self.package();
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            return Ok(folder);
        }
        fs::create_dir_all(&folder)?;
        // Two builds may do so at once: each writes a file of its own, and either is right.
        let fresh = folder.join(format!(".actor.{}", std::process::id()));
        fs::write(&fresh, text).and_then(|()| fs::rename(&fresh, &path))?;
        Ok(folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_of_the_contract_is_known() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.ends_with(".wit")).collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }

    #[cfg(feature = "component")]
    #[test]
    fn every_world_is_one() {
        for bits in 0..32_u32 {
            let has = |bit: u32| bits & (1 << bit) != 0;
            let world = World { asking: has(0), routes: has(1), state: has(2), signals: has(3), replies: has(4) };
            let mut resolve = wit_parser::Resolve::default();
            let package = resolve.push_str("actor.wit", &world.package()).unwrap();
            let chosen = resolve.select_world(&[package], Some(&world.name())).unwrap();
            let exports = 1 + usize::from(world.state) + usize::from(world.signals) + usize::from(world.replies);
            assert_eq!(resolve.worlds[chosen].exports.len(), exports, "{world:?}");
        }
    }
}
