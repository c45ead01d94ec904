//! Components are replaced under a running host with the tools that people use, on a real disk and in real time: each
//! change is one swap, to just that content, and none is half a file.
//!
//! That no second swap follows is seen without waiting: another build is put there afterwards, and the very next thing
//! that happens to the actor is the swap to that one, from the build before.

#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_testkit::{Stage, guest};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "tools/editors.rs"]
mod editors;
#[path = "tools/folders.rs"]
mod folders;
#[path = "tools/poll.rs"]
mod poll;
#[path = "tools/slow.rs"]
mod slow;
#[path = "tools/write.rs"]
mod write;

/// An actor whose component is `FOLDER/a.wasm`, and another one's is beside it.
const MANIFEST: &str = "[actor.a]\nsource = \"a.wasm\"\n[actor.b]\nsource = \"b.wasm\"";

/// A build of the same actor with another digest: a section more, with a note that text tools can change.
fn build(note: &str) -> Vec<u8> {
    let content = [&[4], &b"note"[..], note.as_bytes()].concat();
    [guest("pong"), vec![0, u8::try_from(content.len()).unwrap()], content].concat()
}

/// As events have it.
fn digest(bytes: &[u8]) -> String {
    let digits: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    digits[..12].to_owned()
}

/// A host that runs build `one` as the actors `a` and `b`.
struct Bench {
    stage: Stage,
    /// What `a` runs.
    runs: Vec<u8>,
}

impl Bench {
    async fn new() -> Self {
        Self::with(MANIFEST, |_| {}).await
    }

    /// A host with this manifest; `prepare` is called with its folder before it starts.
    async fn with(manifest: &str, prepare: impl FnOnce(&Path)) -> Self {
        let runs = build("one");
        let files: &[(&str, &[u8])] = &[("a.wasm", &runs), ("b.wasm", &runs)];
        let stage = Stage::with_prepared(manifest, files, prepare).await;
        let bench = Self { stage, runs };
        // What is not there yet, or was written just before the start, is of no interest to a test.
        bench.put("two", &build("two"));
        bench.put("three", &build("three"));
        bench
    }

    fn folder(&self) -> &Path {
        self.stage.directory()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Puts a file into the host's folder that is no component of an actor.
    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// Runs a shell's script in the host's folder. Each program that it needs is there, or the test says so.
    fn run(&self, programs: &[&str], script: &str) {
        for program in programs {
            require(program);
        }
        let mut shell = Command::new("sh");
        // Bytes are no text of any language.
        let output = shell.args(["-euc", script]).current_dir(self.folder()).env("LC_ALL", "C").output().unwrap();
        assert!(output.status.success(), "{script}\n{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The next that happens to `a` is a swap to these bytes, from those that it ran.
    async fn swaps_to(&mut self, bytes: &[u8]) {
        let swapped = self.stage.event("swapped", "a").await;
        let from_to = |of: &[u8], to: &[u8]| json!({ "from": digest(of), "to": digest(to) });
        let seen = json!({ "from": swapped["from"], "to": swapped["to"] });
        assert_eq!(seen, from_to(&self.runs, bytes), "{:#?}", self.stage.history());
        self.runs = bytes.to_vec();
    }

    /// Nothing more has come of what was done: another build is the very next that is taken. No swap has failed.
    async fn and_no_more(&mut self) {
        let target = self.path("a.wasm").canonicalize().unwrap();
        let fence = build("fence");
        self.put("fence", &fence);
        std::fs::rename(self.path("fence"), target).unwrap();
        self.swaps_to(&fence).await;
        self.has_no("swap-failed");
    }

    /// There was no event of a kind.
    fn has_no(&self, kind: &str) {
        let events: Vec<_> = self.stage.history().into_iter().filter(|line| line.starts_with(kind)).collect();
        assert!(events.is_empty(), "{events:?}");
    }

    /// What a script in the host's folder makes of `a.wasm` is taken once.
    async fn once(&mut self, programs: &[&str], script: &str, bytes: &[u8]) {
        self.run(programs, script);
        self.swaps_to(bytes).await;
        self.and_no_more().await;
        self.has_no("watch-polled");
    }
}

/// A program that the set-up installs.
fn require(program: &str) {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|folder| folder.join(program).is_file());
    assert!(found, "`{program}` is not there: run `cargo verify --only setup`, or install its Debian package");
}

/// A script that replaces `a.wasm` by build `two`, once.
async fn check(programs: &[&str], script: &str) {
    Bench::new().await.once(programs, script, &build("two")).await;
}
