//! Which components' actors are fast, and which dense.

use super::*;

/// One actor or behaviour a line, `actor FILE CLASS` with `-` for none; and what comes of it, by file.
fn check(lines: &[&str], room: u32, expect: &[(&str, MemoryClass)]) {
    let mut manifest = String::from("[supervisor.all]\nchildren = [");
    let (mut children, mut tables) = (Vec::new(), String::new());
    for (number, line) in lines.iter().enumerate() {
        let [what, file, class] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        tables.push_str(&format!("[{what}.n{number}]\nsource = \"{file}\"\n"));
        if class != "-" {
            tables.push_str(&format!("memory-class = \"{class}\"\n"));
        }
        if what == "actor" {
            children.push(format!("\"n{number}\""));
        }
    }
    manifest.push_str(&format!("{}]\n{tables}", children.join(", ")));
    let plan = greenroom_manifest::parse(&manifest, Path::new("/m.toml"), None).expect("the manifest is right");
    let chosen = choose(&Roster::of(&plan), || room);
    let expect: HashMap<_, _> = expect.iter().map(|(file, class)| (Path::new("/").join(file), *class)).collect();
    assert_eq!(chosen, expect, "{lines:?}");
}

use MemoryClass::{Dense, Fast};

#[test]
fn few_that_are_named_are_fast_and_what_can_be_many_is_dense() {
    check(&["actor a -", "actor b -", "behavior c -"], 100, &[("a", Fast), ("b", Fast), ("c", Dense)]);
    // Spawned as well as named: one code serves both.
    check(&["actor a -", "behavior a -"], 100, &[("a", Dense)]);
    check(&["actor a -"; 32], 1000, &[("a", Fast)]);
    check(&["actor a -"; 33], 1000, &[("a", Dense)]);
}

#[test]
fn the_manifest_may_say_it() {
    check(&["actor a dense", "behavior b fast"], 100, &[("a", Dense), ("b", Fast)]);
    check(&["actor a fast", "actor a dense"], 100, &[("a", Dense)]);
}

#[test]
fn what_does_not_fit_is_dense() {
    check(&["actor a -", "actor a -", "actor b -"], 8, &[("a", Dense), ("b", Fast)]);
    check(&["actor a fast", "actor a fast", "actor b -"], 8, &[("a", Fast), ("b", Dense)]);
    check(&["actor a fast", "behavior b fast"], 0, &[("a", Dense), ("b", Dense)]);
}

#[test]
fn nobody_asks_for_room_that_is_not_needed() {
    let plan =
        greenroom_manifest::parse("[behavior.b]\nsource = \"b\"", Path::new("/m.toml"), None).expect("it is right");
    let chosen = choose(&Roster::of(&plan), || panic!("an engine would be made for nothing"));
    assert_eq!(chosen.len(), 1);
}
