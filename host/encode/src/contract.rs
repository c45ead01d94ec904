//! The contract, for modules that say nothing of their world: it is put together from what they import and export.

use std::fmt::Write as _;

/// The version of the contract.
pub const VERSION: &str = "0.1.0";

/// The contract's package.
pub const PACKAGE: &str = "greenroom:actor/";

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

    /// The world's name, as in `actor-made-state-replies`.
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

    /// The contract with this world in it, as one text.
    pub fn package(self) -> String {
        // One file has one line with the package's name; all others go without.
        let mut all = format!("package greenroom:actor@{VERSION};\n");
        for (_, text) in FILES {
            all.extend(text.lines().filter(|line| !line.starts_with("package ")).flat_map(|line| [line, "\n"]));
        }
        let _ = writeln!(all, "world {} {{\n  include actor;", self.name());
        for (word, part) in self.parts() {
            let _ = writeln!(all, "  {word} {part};");
        }
        all + "}\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_of_the_contract_is_known() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.filter(|name| name.ends_with(".wit")).collect();
        names.sort();
        assert_eq!(names, FILES.map(|(name, _)| name));
    }

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
