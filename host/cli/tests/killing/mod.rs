//! `kill -9` in the middle of swaps and of writing states, again and again: each start finds a version that works, and a
//! state that there was. `GREENROOM_KILLS` says how often (5), `GREENROOM_SEED` with which numbers.

use crate::outside::Running;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const MANIFEST: &str = r#"
[host]
data-dir    = "data"
watch-time  = "100ms"
watch-turns = 20
write-every = "100ms"
[supervisor.house]
children = ["counter"]
[actor.counter]
source     = "counter.wasm"
keep-state = "disk"
"#;

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().map_or(usual, |text| text.parse().unwrap())
}

/// A small generator, so that a failure can be had again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// What has been done to the host, over all its lives.
#[derive(Default)]
struct Done {
    counted: AtomicU64,
    builds: AtomicU64,
    /// Digests of good builds.
    good: Mutex<BTreeSet<String>>,
}

fn guest(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/guests/{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask guests`", path.display()))
}

/// The same component with another digest.
fn build(of: &str, number: u64) -> Vec<u8> {
    [&guest(of)[..], b"\0\x0a\x01#", &number.to_le_bytes()].concat()
}

fn post(url: &str, path: &str, body: &Value) -> Option<Value> {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.post(format!("{url}{path}")).header("content-type", "application/json");
    let text = request.send(body.to_string().as_bytes()).ok()?.body_mut().read_to_string().ok()?;
    serde_json::from_str(&text).ok()
}

/// Keeps the host busy until it is no more.
fn keep_busy(url: &str, file: &Path, done: &Done, mut numbers: Numbers) {
    loop {
        if numbers.below(4) > 0 {
            done.counted.fetch_add(1, Ordering::Relaxed);
            if post(url, "/api/actors/counter/messages", &json!({ "kind": "add" })).is_none() {
                return;
            }
            continue;
        }
        let number = done.builds.fetch_add(1, Ordering::Relaxed);
        let bytes = match numbers.below(4) {
            0 => build("trap_in_restore", number),
            1 => {
                let whole = build("state_v1", number);
                whole[..whole.len() / 2].to_vec()
            }
            _ => {
                let bytes = build("state_v1", number);
                done.good.lock().unwrap().insert(greenroom_store::Digest::of(&bytes).short());
                bytes
            }
        };
        // In place and not by renaming: the host may find half a file at its next start.
        std::fs::write(file, bytes).unwrap();
        if post(url, "/api/actors/counter/reload", &Value::Null).is_none() {
            return;
        }
    }
}

#[test]
fn each_start_finds_a_version_that_works_and_a_state_that_there_was() {
    let (kills, seed) = (number("GREENROOM_KILLS", 5), number("GREENROOM_SEED", 1));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("counter.wasm");
    std::fs::write(folder.path().join("greenroom.toml"), MANIFEST).unwrap();
    let first = build("state_v1", u64::MAX);
    std::fs::write(&file, &first).unwrap();
    let done = Arc::new(Done::default());
    done.good.lock().unwrap().insert(greenroom_store::Digest::of(&first).short());
    let mut numbers = Numbers(seed);
    let mut found = 0;
    for kill in 0..=kills {
        let at = format!("after kill {kill}, seed {seed}");
        let mut host = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
        let url = host.url().to_owned();
        let which = post(&url, "/api/actors/counter/ask", &json!({ "kind": "which" })).unwrap();
        let count = which["body"]["count"].as_u64().unwrap_or_else(|| panic!("{at}: {which}"));
        let counted = done.counted.load(Ordering::Relaxed);
        assert!((found..=counted).contains(&count), "{at}: {count}, of {counted}, and {found} the last time");
        found = count;
        let shown: Value = {
            let mut answer = ureq::get(format!("{url}/api/actors/counter")).call().unwrap();
            serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
        };
        let digest = shown["actor"]["digest"].as_str().unwrap().to_owned();
        assert!(done.good.lock().unwrap().contains(&digest), "{at}: {digest} runs, which is none of the good builds");
        let busy = {
            let (done, file, numbers) = (done.clone(), file.clone(), Numbers(numbers.below(u64::MAX)));
            std::thread::spawn(move || keep_busy(&url, &file, &done, numbers))
        };
        // Wherever it is when it has told so much.
        for _ in 0..numbers.below(60) {
            host.until("kind");
        }
        host.child.kill().unwrap();
        host.child.wait().unwrap();
        busy.join().unwrap();
    }
    assert!(found > 0, "nothing was ever kept, of {} builds", done.builds.load(Ordering::Relaxed));
}
