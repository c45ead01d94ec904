//! What is started with, as a table.

use super::*;
use std::collections::HashMap;

/// One line of the table. Versions are letters, the newest activation first, with their status and `*` for the active one:
/// `b:trying* a:passed`. `-` is nothing.
struct Case {
    record: &'static str,
    /// What the file held at the last activation, and what it holds now.
    was: char,
    file: char,
    /// Bytes that are missing or damaged.
    damaged: &'static str,
    /// The choice: `b file trying fallback a`, with the reason after a bar.
    expect: &'static str,
}

fn version(letter: char) -> Digest {
    Digest::of(letter.to_string().as_bytes())
}

fn record(text: &str, was: char) -> Record {
    let versions = text.split_whitespace().map(|word| {
        let (letter, status) = word.split_once(':').unwrap();
        let (status, active) = status.strip_suffix('*').map_or((status, false), |status| (status, true));
        let (status, origin) = status.split_once('/').unwrap_or((status, "file"));
        Version {
            digest: version(letter.parse().unwrap()),
            bytes: 1,
            origin: Origin::read(origin).unwrap(),
            activated: 0,
            status: Status::read(status, Some("it trapped".into())).unwrap(),
            active,
        }
    });
    Record { versions: versions.collect(), file: (was != '-').then(|| version(was)) }
}

fn check(cases: &[Case]) {
    let letters: HashMap<_, _> = ('a'..='z').map(|letter| (version(letter), letter)).collect();
    for Case { record: text, was, file, damaged, expect } in cases {
        let now = (*file != '-').then(|| version(*file));
        let choice = choose("x.wasm", &record(text, *was), now, &mut |digest| !damaged.contains(letters[&digest]));
        let said = choice.map_or("-".into(), |choice| {
            let from = if choice.from == From::File { "file" } else { "kept" };
            let trying = if choice.trying { " trying" } else { "" };
            let fallback = choice.fallback.map_or(String::new(), |digest| format!(" fallback {}", letters[&digest]));
            let mut why = choice.why.map_or(String::new(), |why| format!(" | {why}"));
            for (digest, letter) in &letters {
                why = why.replace(&digest.short(), &letter.to_string());
            }
            format!("{} {from}{trying}{fallback}{why}", letters[&choice.digest])
        });
        assert_eq!(said, *expect, "record {text}, file {was} then {file}, damaged {damaged}");
    }
}

macro_rules! table {
    ($($record:literal, $was:literal => $file:literal, $damaged:literal : $expect:literal;)*) => {
        check(&[$(Case { record: $record, was: $was, file: $file, damaged: $damaged, expect: $expect }),*])
    };
}

#[test]
fn nothing_recorded() {
    table! {
        "", '-' => 'a', "": "a file trying";
        "", '-' => 'a', "a": "a file trying";
        "", '-' => '-', "": "-";
    }
}

#[test]
fn the_file_was_changed_while_the_host_was_down() {
    table! {
        // It never ran.
        "a:passed*", 'a' => 'b', "": "b file trying fallback a";
        "a:passed*", 'a' => 'b', "a": "b file trying";
        "a:trying*", 'a' => 'b', "": "b file trying";
        "b:trying* a:passed", 'b' => 'c', "": "c file trying fallback a";
        "b:passed* a:passed", 'b' => 'c', "b": "c file trying fallback a";
        // It ran before: whoever changed it wants it now, though it failed then.
        "b:passed* a:passed", 'b' => 'a', "": "a file trying fallback b";
        "b:passed a:passed*", 'c' => 'b', "": "b file trying fallback a";
        "b:failed a:passed*", 'c' => 'b', "": "b file trying fallback a";
        // What was uploaded is in the file now.
        "b:passed/upload* a:passed", 'a' => 'b', "": "b file";
        "b:trying/upload* a:passed", 'a' => 'b', "": "b file trying fallback a";
        // There was no file before.
        "a:passed/upload*", '-' => 'b', "": "b file trying fallback a";
    }
}

#[test]
fn the_file_is_what_it_was() {
    table! {
        "a:passed*", 'a' => 'a', "": "a file";
        "a:passed*", 'a' => 'a', "a": "a file";
        "b:passed* a:passed", 'b' => 'b', "": "b file";
        // Another one runs than the file holds.
        "b:passed/upload* a:passed", 'a' => 'a', "":
            "b kept | x.wasm holds a, and another one was uploaded; b runs, which passed its watch";
        "a:passed/rollback* b:passed", 'b' => 'b', "":
            "a kept | x.wasm holds b, and an older one was asked for; a runs, which passed its watch";
        "b:failed a:passed*", 'b' => 'b', "": "a kept | x.wasm holds b, which failed (it trapped); a runs, which passed its watch";
        // Killed during the watch.
        "b:trying* a:passed", 'b' => 'b', "":
            "a kept | b was never watched to its end; a runs, the last one that passed its watch; `greenroom reload` tries b again";
        "b:trying/upload* a:passed", 'a' => 'a', "":
            "a file | b was never watched to its end; a runs, which passed its watch";
        "a:trying*", 'a' => 'a', "": "a file trying | a was never watched to its end; a is tried, as nothing better is kept";
        "b:trying* a:interrupted", 'b' => 'b', "":
            "b file trying | b was never watched to its end; b is tried, as nothing better is kept";
        // Stopped in good order during the watch.
        "b:interrupted* a:passed", 'b' => 'b', "": "b file trying fallback a";
        "b:interrupted/upload* a:passed", 'a' => 'a', "":
            "b kept trying fallback a | x.wasm holds a, and another one was uploaded; b is watched anew, since the host stopped during its watch";
        // It failed with nothing to go back to.
        "a:failed*", 'a' => 'a', "": "a file trying | a failed (it trapped); a is tried, as nothing better is kept";
        "b:failed* a:passed", 'b' => 'b', "":
            "a kept | b failed (it trapped); a runs, the last one that passed its watch; `greenroom reload` tries b again";
    }
}

#[test]
fn bytes_are_missing_or_damaged() {
    table! {
        "b:passed/upload* a:passed", 'a' => 'a', "b": "a file | the bytes of b are missing or damaged; a runs, which passed its watch";
        "c:passed/upload* b:passed/upload a:passed", 'x' => 'x', "cb":
            "a kept | the bytes of c are missing or damaged; the bytes of b are missing or damaged; a runs, which passed its watch";
        "b:trying* a:passed", 'b' => 'b', "a":
            "b file trying | b was never watched to its end; the bytes of a are missing or damaged; b is tried, as nothing better is kept";
        "b:interrupted/upload* a:passed", 'a' => 'a', "b":
            "a file | the bytes of b are missing or damaged; a runs, which passed its watch";
        "b:passed/upload*", 'x' => 'x', "b": "x file trying | the bytes of b are missing or damaged; x is tried, as nothing better is kept";
        "b:failed/upload* a:passed", 'x' => 'x', "a":
            "x file trying | b failed (it trapped); the bytes of a are missing or damaged; x is tried, as nothing better is kept";
        "b:passed* a:failed", 'b' => '-', "b":
            "a kept trying | x.wasm is missing; the bytes of b are missing or damaged; a is tried, as nothing better is kept";
        "b:passed* a:passed", 'b' => '-', "ab": "-";
    }
}

#[test]
fn the_file_is_missing() {
    table! {
        "a:passed*", 'a' => '-', "": "a kept | x.wasm is missing; a runs, which passed its watch";
        "b:trying* a:passed", 'b' => '-', "":
            "a kept | x.wasm is missing; b was never watched to its end; a runs, which passed its watch";
        "b:interrupted* a:passed", 'b' => '-', "":
            "b kept trying fallback a | x.wasm is missing; b is watched anew, since the host stopped during its watch";
        "b:failed a:passed*", 'b' => '-', "": "a kept | x.wasm is missing; a runs, which passed its watch";
        "a:passed*", '-' => '-', "": "a kept | x.wasm is missing; a runs, which passed its watch";
    }
}
