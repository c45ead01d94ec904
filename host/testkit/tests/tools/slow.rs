//! Files that grow in parts, with pauses: they are taken when they are whole.

use super::*;
use std::fs::File;
use std::io::Write;

/// Lets the watcher look at what there is now: a change of the other actor that was heard of later is seen through.
async fn meanwhile(bench: &mut Bench, number: usize) {
    let other = build(&format!("meanwhile {number}"));
    bench.stage.install("b.wasm", &other);
    let swapped = bench.stage.event("swapped", "b").await;
    assert_eq!(swapped["to"], digest(&other));
}

/// One that opens the file for each part. While it is incomplete, others are swapped and it is not tried.
#[tokio::test]
async fn in_parts() {
    let mut bench = Bench::new().await;
    bench.run(&["dd"], "rm a.wasm");
    for part in 0..4 {
        let script = format!("dd if=two of=a.wasm bs=8192 count=1 seek={part} skip={part} conv=notrunc status=none");
        bench.run(&["dd"], &script);
        meanwhile(&mut bench, part).await;
    }
    bench.once(&["dd"], "dd if=two of=a.wasm bs=8192 seek=4 skip=4 conv=notrunc status=none", &build("two")).await;
}

/// One that keeps it open: what it has written so far is not even looked at.
#[tokio::test]
async fn kept_open() {
    let mut bench = Bench::new().await;
    let bytes = build("two");
    let mut file = File::create(bench.path("a.wasm")).unwrap();
    for (number, part) in bytes.chunks(20_000).enumerate() {
        file.write_all(part).unwrap();
        meanwhile(&mut bench, number).await;
    }
    drop(file);
    bench.swaps_to(&bytes).await;
    bench.and_no_more().await;
}

/// Several builds in a burst, written one upon the other: the last one counts.
#[tokio::test]
async fn in_a_burst() {
    let mut bench = Bench::new().await;
    let mut file = File::options().append(true).open(bench.path("a.wasm")).unwrap();
    for note in ["two", "three", "four", "five"] {
        file.set_len(0).unwrap();
        file.write_all(&build(note)).unwrap();
    }
    drop(file);
    bench.swaps_to(&build("five")).await;
    bench.and_no_more().await;
}

/// One that makes room for it all first, and fills it from the front.
#[tokio::test]
async fn with_room_made_first() {
    let mut bench = Bench::new().await;
    bench.run(&["truncate", "dd"], "truncate -s 0 a.wasm; truncate -s $(stat -c %s two) a.wasm");
    meanwhile(&mut bench, 0).await;
    bench.run(&["dd"], "dd if=two of=a.wasm bs=8192 count=3 conv=notrunc status=none");
    meanwhile(&mut bench, 1).await;
    bench.once(&["dd"], "dd if=two of=a.wasm bs=8192 seek=3 skip=3 conv=notrunc status=none", &build("two")).await;
}

/// One that is never finished is told of, once; and what comes after that is taken.
#[tokio::test]
async fn given_up() {
    let mut bench = Bench::new().await;
    bench.run(&["dd"], "dd if=two of=a.wasm bs=8192 count=3 status=none");
    let told = bench.stage.event_where("watch-incomplete", |_| true).await;
    assert!(told["file"].as_str().unwrap().ends_with("/a.wasm"), "{told}");
    assert!(told["why"].as_str().unwrap().starts_with("its last section lacks "), "{told}");
    bench.once(&["cp"], "cp two a.wasm", &build("two")).await;
}
