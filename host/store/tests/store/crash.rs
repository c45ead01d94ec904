//! A host that is killed at any moment: what was acknowledged is there, what is there is one moment's truth, and what it says
//! to start with can be started.

use crate::steps::{Model, Step, digest, seen, source, step};
use greenroom_store::{From, Options, Store};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ROUNDS: u8 = 40;
const FOLDER: &str = "STORE_CRASH_FOLDER";
const SEED: &str = "STORE_CRASH_SEED";

/// The steps of one life: the same in the process that takes them and in the one that checks.
fn steps(seed: u8) -> impl Iterator<Item = Step> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    std::iter::from_fn(move || Some(step().new_tree(&mut runner).unwrap().current()))
}

fn open(folder: &Path, seed: u8) -> Store {
    // Some write all the time, others only when they are asked.
    let interval = [Duration::ZERO, Duration::from_micros(500), Duration::from_secs(3600)][usize::from(seed % 3)];
    let opened = Store::open(folder, Options { interval, ..Options::default() }).unwrap();
    assert!(opened.trouble.is_empty(), "{:?}", opened.trouble);
    opened.store
}

/// The one that is killed. It says which step it takes, and which is on disk.
#[test]
#[ignore = "it is what the next one starts and kills"]
fn child() {
    let (Ok(folder), Ok(seed)) = (std::env::var(FOLDER), std::env::var(SEED)) else { return };
    let seed = seed.parse().unwrap();
    let store = open(Path::new(&folder), seed);
    let mut out = std::io::stdout();
    for (number, step) in steps(seed).enumerate() {
        writeln!(out, "\nstep {number}").unwrap();
        if step.ask(&store) {
            writeln!(out, "\nsafe {number}").unwrap();
        }
    }
}

/// Starts it, and kills it after that many lines. The last step that is known to be safe and the last one begun, as counts.
fn live(folder: &Path, seed: u8, lines: usize) -> (usize, usize) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture"])
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    for _ in 0..lines {
        assert_ne!(out.read_line(&mut said).unwrap(), 0, "it ended by itself: {said}");
    }
    child.kill().unwrap();
    out.read_to_string(&mut said).unwrap();
    child.wait().unwrap();
    let last = |word: &str| {
        let numbers = said.lines().filter_map(|line| line.strip_prefix(word)?.trim().parse::<usize>().ok());
        numbers.max().map_or(0, |number| number + 1)
    };
    (last("safe"), last("step"))
}

#[test]
fn a_host_that_is_killed_loses_nothing_that_was_safe() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::default();
    let (mut later, mut total) = (0, 0);
    for seed in 0..ROUNDS {
        // Sometimes while it opens, sometimes after hundreds of steps.
        let lines = usize::from(seed).pow(2) * 37 % 400;
        let (safe, begun) = live(folder.path(), seed, lines);
        let store = open(folder.path(), seed);
        let found = seen(&store);
        let mut matching = None;
        let mut now = model.clone();
        for (taken, step) in (0..=begun).zip(steps(seed)) {
            if taken >= safe && found == now.seen() {
                matching = Some((taken, now.clone()));
                break;
            }
            now.step(&step);
        }
        let (taken, then) = matching.unwrap_or_else(|| {
            panic!("round {seed}: killed after {lines} lines, {safe} safe, {begun} begun: what is there was never true: {found:?}")
        });
        later += usize::from(taken > safe);
        total += begun;
        model = then;
        model.end();
        for number in 0..3 {
            let known = model.source(number);
            for &version in known.versions.keys() {
                store.bytes(digest(version)).unwrap();
            }
            let choice = store.choose(&source(number), known.file.map(digest));
            if let Some(choice) = choice.filter(|choice| choice.from == From::Kept) {
                store.bytes(choice.digest).unwrap();
            }
        }
    }
    println!("{total} steps in {ROUNDS} lives, of which {later} left more than they knew to be safe");
    assert!(total > 1000, "it was never killed in the middle of anything");
}
