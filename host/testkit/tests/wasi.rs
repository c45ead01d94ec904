//! A component that imports WASI preview 2, as most languages' do: it runs with nothing granted, and what it prints is in
//! its log. Written by hand, so that it needs no other compiler.

use greenroom_engine::hub::{From, Item};
use greenroom_testkit::Stage;
use serde_json::{Value, json};
use std::path::Path;
use wasi_preview1_component_adapter_provider as preview1;
use wit_component::{ComponentEncoder, StringEncoding};

/// Prints a line when it is started, and looks for a directory that it was given, of which there is none.
const MODULE: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (memory (export "memory") 8)
  (global $top (mut i32) (i32.const 65536))
  (data (i32.const 16) "printed by a guest\n")
  (data (i32.const 64) "it was given a directory")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (local.get $at))
  (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32)
    ;; the line, as one buffer
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 19))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    ;; the first directory that it was given, if any: an error is what is right
    (if (i32.eqz (call $prestat (i32.const 3) (i32.const 128)))
      (then
        (i32.store8 (i32.const 200) (i32.const 1))
        (i32.store (i32.const 204) (i32.const 64))
        (i32.store (i32.const 208) (i32.const 24))
        (return (i32.const 200))))
    ;; ok(ready)
    (i32.store8 (i32.const 200) (i32.const 0))
    (i32.store8 (i32.const 204) (i32.const 0))
    (i32.const 200))
  (func (export "greenroom:actor/behavior@0.1.0#handle")
    (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32)
    ;; ok(same)
    (i32.store8 (i32.const 300) (i32.const 0))
    (i32.store8 (i32.const 304) (i32.const 0))
    (i32.const 300)))
"#;

fn component() -> Vec<u8> {
    let mut module = wat::parse_str(MODULE).expect("the module is well-formed");
    let mut resolve = wit_parser::Resolve::default();
    let contract = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    let (package, _) = resolve.push_dir(&contract).expect("the contract is well-formed");
    let world = resolve.select_world(&[package], Some("with-behavior")).expect("the world is there");
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)
        .expect("it is embedded");
    let encoder = ComponentEncoder::default().validate(true).module(&module).expect("it is a module of that world");
    let name = preview1::WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME;
    let adapter = preview1::WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER;
    encoder.adapter(name, adapter).and_then(|mut encoder| encoder.encode()).expect("it is a component")
}

#[tokio::test]
async fn what_a_guest_prints_is_in_its_log() {
    let manifest = "[actor.printer]\nsource = \"printer.wasm\"";
    let stage = Stage::with_bytes(manifest, &[("printer.wasm", &component())]).await;
    assert_eq!(stage.handle().healthy(), Ok(()), "and it was given no directory");
    let logs = "greenroom/logs".parse().expect("a pattern");
    let mut cursor = stage.handle().hub().open(vec![logs], From::Earliest);
    let Some(Item::Message(line)) = cursor.try_next() else { panic!("it logged nothing") };
    let body: Value = serde_json::from_slice(&line.body).expect("JSON");
    assert_eq!(
        (line.kind.as_str(), &body["actor"], &body["text"]),
        ("info", &json!("printer"), &json!("printed by a guest"))
    );
}
