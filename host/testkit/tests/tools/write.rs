//! Copying, moving, linking.

use super::*;

#[tokio::test]
async fn cp() {
    check(&["cp"], "cp two a.wasm").await;
}

#[tokio::test]
async fn cp_that_removes_first() {
    check(&["cp"], "cp --remove-destination two a.wasm").await;
}

#[tokio::test]
async fn cp_of_a_reference() {
    // Shares blocks where the file system can, and copies where it can't.
    check(&["cp"], "cp --reflink=auto --preserve=all two a.wasm").await;
}

#[tokio::test]
async fn install() {
    check(&["install"], "install -m 644 two a.wasm").await;
}

#[tokio::test]
async fn mv() {
    check(&["mv"], "mv two a.wasm").await;
}

#[tokio::test]
async fn mv_with_a_backup() {
    check(&["mv"], "mv --backup=simple two a.wasm").await;
}

#[tokio::test]
async fn rsync() {
    check(&["rsync"], "rsync --checksum two a.wasm").await;
}

#[tokio::test]
async fn rsync_in_place() {
    check(&["rsync"], "rsync --checksum --inplace --no-whole-file two a.wasm").await;
}

#[tokio::test]
async fn rsync_of_a_folder() {
    check(&["rsync"], "mkdir new; cp two new/a.wasm; rsync --archive --checksum --delay-updates new/ .").await;
}

/// Cargo itself, which links what the linker wrote among the dependencies to where builds are found. The linker is one
/// that always makes the build `next`.
#[tokio::test]
async fn cargo() {
    const BUILT: &str = "target/debug/liba.so";
    let manifest = MANIFEST.replace("a.wasm", BUILT);
    let mut bench = Bench::with(&manifest, |root| {
        let write = |name: &str, text: &[u8]| std::fs::write(root.join(name), text).unwrap();
        std::fs::create_dir(root.join("src")).unwrap();
        write("src/lib.rs", b"// 1");
        write(
            "Cargo.toml",
            b"[package]\nname = \"a\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n[workspace]\n",
        );
        write("linker", b"#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\nexec cp next \"$2\"\n");
        write("next", &build("one"));
        assert_eq!(make(root), "");
    })
    .await;
    for note in ["two", "three"] {
        bench.put("next", &build(note));
        bench.put("src/lib.rs", format!("// {note}").as_bytes());
        assert_eq!(make(bench.folder()), "");
        bench.swaps_to(&build(note)).await;
    }
    bench.put("fence", &build("fence"));
    bench.run(&["mv"], &format!("mv fence {BUILT}"));
    bench.swaps_to(&build("fence")).await;
    bench.has_no("swap-failed");
}

/// Builds the folder's crate. What is wrong.
fn make(folder: &Path) -> String {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let linker = format!("-Clinker={}", folder.join("linker").display());
    cargo.args(["build", "--quiet", "--offline"]).current_dir(folder);
    for given in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
        cargo.env_remove(given);
    }
    let script = "chmod +x linker";
    assert!(Command::new("sh").args(["-c", script]).current_dir(folder).status().unwrap().success());
    let output = cargo.env("RUSTFLAGS", linker).output().unwrap();
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The same by hand.
#[tokio::test]
async fn another_link() {
    check(&["ln"], "mkdir deps; cp two deps/a-0123.wasm; rm a.wasm; ln deps/a-0123.wasm a.wasm").await;
}

/// A file with two names, written to by the other one.
#[tokio::test]
async fn by_another_name() {
    let mut bench = Bench::new().await;
    bench.run(&["ln"], "cp two other; mkdir deps; cp two deps/a.wasm; ln -f deps/a.wasm a.wasm");
    bench.swaps_to(&build("two")).await;
    bench.once(&["cp"], "cp three deps/a.wasm", &build("three")).await;
}

#[tokio::test]
async fn tar() {
    check(&["tar"], "mkdir new; cp two new/a.wasm; tar -cf new.tar -C new a.wasm; tar -xf new.tar").await;
}

#[tokio::test]
async fn removed_and_copied() {
    check(&["cp"], "rm a.wasm; cp two a.wasm").await;
}

#[tokio::test]
async fn removed_and_later_there_again() {
    let mut bench = Bench::new().await;
    bench.run(&[], "mv a.wasm old; mv b.wasm old-b; cp two new-b; mv new-b b.wasm");
    // The other one's swap says that the removal was heard of.
    bench.stage.event("swapped", "b").await;
    // The same as before is no swap.
    bench.run(&[], "mv old a.wasm; cp three new-b; mv new-b b.wasm");
    bench.stage.event("swapped", "b").await;
    bench.and_no_more().await;
}

#[tokio::test]
async fn truncated_and_written() {
    check(&["truncate"], "truncate -s 0 a.wasm; cat two >> a.wasm").await;
}

#[tokio::test]
async fn touched() {
    let mut bench = Bench::new().await;
    bench.run(&["touch"], "touch a.wasm; chmod 600 a.wasm; cp -p a.wasm same; cat same > a.wasm; mv same a.wasm");
    bench.and_no_more().await;
}

#[tokio::test]
async fn two_files_at_once() {
    let mut bench = Bench::new().await;
    bench.run(&["cp"], "cp two a.wasm & cp three b.wasm; wait");
    bench.swaps_to(&build("two")).await;
    let swapped = bench.stage.event("swapped", "b").await;
    assert_eq!(swapped["to"], digest(&build("three")));
    bench.and_no_more().await;
    assert_eq!(bench.stage.history().iter().filter(|line| line.starts_with("swapped: b ")).count(), 1);
}

/// A bad build is told of once, and tried again when its file has another content.
#[tokio::test]
async fn a_bad_build_is_tried_once() {
    let mut bench = Bench::new().await;
    bench.put("bad", b"nonsense");
    bench.run(&["cp"], "cp bad a.wasm");
    let failed = bench.stage.event("swap-failed", "a").await;
    assert_eq!(failed["stage"], "compile");
    bench.run(&["touch"], "touch a.wasm; mv bad a.wasm; cp two a.wasm");
    bench.swaps_to(&build("two")).await;
    bench.run(&["mv"], "mv three a.wasm");
    bench.swaps_to(&build("three")).await;
    let failures = bench.stage.history().into_iter().filter(|line| line.starts_with("swap-failed")).count();
    assert_eq!(failures, 1);
}

/// A file that may not be read until its rights are set.
#[tokio::test]
async fn rights_that_come_later() {
    check(&["chmod"], "cp two new; chmod 000 new; mv new a.wasm; chmod 644 a.wasm").await;
}
