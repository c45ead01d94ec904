//! What the host loads as an actor: components and core modules, binary and text, with and without a word of their world;
//! and how what it does not load is refused.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_engine::hub::{From, Item};
use greenroom_engine::{CallError, Clock};
use greenroom_testkit::Stage;
use serde_json::Value;
use std::path::Path;
use wit_component::{ComponentEncoder, StringEncoding};

/// A module that logs a line when it starts, with more in it.
fn module(line: &str, memory: &str, inside: &str) -> String {
    let length = line.len();
    format!(
        r#"(module
          (import "greenroom:actor/log@0.1.0" "write" (func $log (param i32 i32 i32)))
          {inside}
          (memory (export "memory") {memory})
          (data (i32.const 1024) {line:?})
          (global $top (mut i32) (i32.const 4096))
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
            (global.set $top (i32.add (global.get $top) (i32.const 1024)))
            (global.get $top))
          (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32)
            (call $log (i32.const 2) (i32.const 1024) (i32.const {length}))
            (i32.const 16))
          (func (export "greenroom:actor/behavior@0.1.0#handle")
            (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32) (i32.const 16)))"#
    )
}

fn plain(line: &str) -> String {
    module(line, "1", "")
}

/// As bindings have it: it says that it is of the contract's world `actor`.
fn typed(text: &str) -> Vec<u8> {
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
    let world = resolve.select_world(&[package], Some("actor")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

fn component(text: &str) -> Vec<u8> {
    ComponentEncoder::default().validate(true).module(&typed(text)).unwrap().encode().unwrap()
}

const MANIFEST: &str = "[actor.it]\nsource = \"it.wasm\"";

fn logged(stage: &Stage) -> Vec<String> {
    let mut logs = stage.handle().hub().open(vec!["greenroom/logs".parse().unwrap()], From::Earliest);
    let mut lines = Vec::new();
    while let Some(Item::Message(entry)) = logs.try_next() {
        let body: Value = serde_json::from_slice(&entry.body).unwrap();
        lines.push(body["text"].as_str().unwrap().to_owned());
    }
    lines
}

#[tokio::test]
async fn an_actor_is_a_component_or_a_module_binary_or_text() {
    let binary = component(&plain("a component"));
    let text = in_text(&component(&plain("a component's text")));
    let imports = r#"(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))"#;
    let forms: [(&str, Vec<u8>); 6] = [
        ("a component", binary),
        ("a component's text", text.into_bytes()),
        ("a module with a word of its world", typed(&plain("a module with a word of its world"))),
        ("a module without", wat::parse_str(plain("a module without")).unwrap()),
        ("a module's text", plain("a module's text").into_bytes()),
        ("a module of preview 1", module("a module of preview 1", "1", imports).into_bytes()),
    ];
    for (line, bytes) in &forms {
        let stage = Stage::with_bytes(MANIFEST, &[("it.wasm", bytes)]).await;
        assert_eq!(logged(&stage), [*line]);
        assert_eq!(stage.handle().healthy(), Ok(()));
    }
    // And everywhere else that code is taken: a file that changes, an upload, a shadow.
    let mut stage = Stage::with_bytes(MANIFEST, &[("it.wasm", &forms[0].1)]).await;
    stage.install("it.wasm", &forms[3].1);
    stage.event("swapped", "it").await;
    stage.handle().upload("it", forms[4].1.clone()).await.unwrap();
    stage.handle().shadow("it", Some(forms[5].1.clone()), std::time::Duration::from_secs(60)).await.unwrap();
    assert_eq!(logged(&stage), ["a component", "a module without", "a module's text"]);
}

/// A component as text: its bytes, as text may have them.
fn in_text(component: &[u8]) -> String {
    let bytes: String = component.iter().map(|byte| format!("\\{byte:02x}")).collect();
    format!("(component binary \"{bytes}\")")
}

/// Why a file is not loaded.
async fn refusal(bytes: &[u8], keys: &str) -> String {
    let manifest = format!("{MANIFEST}\n{keys}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("greenroom.toml");
    std::fs::write(folder.path().join("it.wasm"), bytes).unwrap();
    let plan = greenroom_manifest::parse(&manifest, &file, None).unwrap();
    let options = greenroom_engine::Options { clock: Clock::virtual_at_origin(), ..Default::default() };
    match greenroom_engine::Host::start(plan, options).await {
        Ok(_) => panic!("it was loaded"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn what_is_no_actor_of_this_host_is_refused_with_the_reason() {
    let check = async |bytes: &[u8], expect: &[&str]| {
        let why = refusal(bytes, "").await;
        for part in expect.iter().chain(&["it.wasm"]) {
            assert!(why.contains(part), "{part}: {why}");
        }
    };
    check(b"(module)", &["does not export `greenroom:actor/behavior@0.1.0#handle`"]).await;
    check(b"(component)", &["does not export `greenroom:actor/behavior@0.1.0`", "greenroom:actor/actor@0.1.0"]).await;
    // Another world, and one that is a program's.
    check(
        br#"(component (component $c) (instance $i (instantiate $c)) (export "wasi:cli/run@0.2.0" (instance $i)))"#,
        &["is a program, which runs once", "`wasi:cli/run`"],
    )
    .await;
    let import = |name: &str| format!(r#"(component (import "{name}" (instance)))"#).into_bytes();
    // A newer contract, by what is imported, exported, or named in a module.
    let newer = "made for greenroom:actor@0.2.0; this host has 0.1.0";
    check(&import("greenroom:actor/clock@0.2.0"), &[newer]).await;
    check(
        br#"(component (component $c) (instance $i (instantiate $c)) (export "greenroom:actor/behavior@0.2.0" (instance $i)))"#,
        &[newer],
    )
    .await;
    check(plain("").replace("@0.1.0", "@0.2.0").as_bytes(), &[newer]).await;
    // What there is not.
    check(
        &import("greenroom:actor/weather@0.1.0"),
        &["imports `greenroom:actor/weather@0.1.0`, which this host does not"],
    )
    .await;
    check(&import("wasi:http/types@0.2.3"), &["imports `wasi:http/types@0.2.3`", "without `wasi:http`"]).await;
    check(&import("wasi:cli/environment@0.3.0"), &["build it for WASI 0.2"]).await;
    check(&import("acme:things/all"), &["imports `acme:things/all`"]).await;
    check(module("", "1", r#"(import "env" "puts" (func))"#).as_bytes(), &["imports `env#puts`"]).await;
}

#[tokio::test]
async fn what_is_imported_without_a_grant_is_refused_with_the_grant() {
    let import = r#"(import "greenroom:actor/topics@0.1.0" "publish" (func (param i32 i32 i32 i32 i32 i32 i32)))"#;
    let why = refusal(module("", "1", import).as_bytes(), "").await;
    assert!(why.contains("imports `greenroom:actor/topics@0.1.0#publish`, but `it` may not"), "{why}");
    assert!(why.contains("add \"publish:PATTERN\""), "{why}");
}

#[tokio::test]
async fn a_module_beyond_its_memory_is_refused_with_the_numbers() {
    // 300 pages of 64 KiB.
    let large = module("large", "300", "");
    let why = refusal(large.as_bytes(), "").await;
    assert!(why.contains("begins with 18.8 MiB of memory, and `it` may have 16.0 MiB"), "{why}");
    assert!(why.contains("write `memory = \"32MiB\"` or more"), "{why}");
    let why = refusal(module("", "1025", "").as_bytes(), "memory = \"64MiB\"").await;
    assert!(why.contains("begins with 64.1 MiB of memory, and an actor has 64.0 MiB at most"), "{why}");
    let why = refusal(module("", "1", "(table 100001 funcref)").as_bytes(), "").await;
    assert!(why.contains("a table of 100001 elements"), "{why}");
    let stage = Stage::with_bytes(&format!("{MANIFEST}\nmemory = \"32MiB\""), &[("it.wasm", large.as_bytes())]).await;
    assert_eq!(logged(&stage), ["large"]);
    // A swap to it is refused as well, by the limit of whoever runs it.
    let stage = Stage::with_bytes(MANIFEST, &[("it.wasm", plain("small").as_bytes())]).await;
    let refused = stage.handle().upload("it", large.into_bytes()).await.unwrap_err();
    let CallError::NotSwapped { stage, .. } = &refused else { panic!("{refused:?}") };
    assert_eq!(*stage, "memory");
}

/// It is tried all the same: what an actor does not touch takes no memory.
#[tokio::test]
async fn what_is_too_big_for_the_machine_is_told_and_tried() {
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap();
    let kibibytes: usize = total.split_whitespace().next().unwrap().parse().unwrap();
    // One more than fit into half of it, at 64 MiB each.
    let many = kibibytes / 2 / (64 << 10) + 1;
    let actor =
        |number| format!("[actor.a{number}]\nsource = \"it.wasm\"\nmemory = \"64MiB\"\nmemory-class = \"dense\"\n");
    let manifest: String = (0..many).map(actor).collect();
    let mut stage = Stage::with_bytes(&manifest, &[("it.wasm", module("", "1024", "").as_bytes())]).await;
    let told = stage.event_where("too-big", |_| true).await;
    let text = told["text"].as_str().unwrap();
    assert!(text.contains(&format!("{many} actors begin with 64.0 MiB each")), "{text}");
    assert_eq!(stage.handle().healthy(), Ok(()));
    let few = Stage::with_bytes(MANIFEST, &[("it.wasm", plain("").as_bytes())]).await;
    assert!(!few.history().iter().any(|event| event.starts_with("too-big")), "{:?}", few.history());
}

/// As runtimes of JavaScript and Python begin: megabytes of memory, tables of 45,000 elements, dozens of modules.
#[tokio::test]
async fn large_runtimes_run_with_the_defaults_in_both_memory_classes() {
    let imports = r#"(import "wasi_snapshot_preview1" "sched_yield" (func (result i32)))"#;
    let large = module("large", "202", &format!("{imports} (table 45000 funcref)"));
    let whole = greenroom_encode::component(large.as_bytes()).unwrap().into_owned();
    for class in ["fast", "dense"] {
        let manifest = format!("{MANIFEST}\nmemory-class = \"{class}\"");
        for bytes in [large.as_bytes(), &with_modules(&whole, 40)] {
            let stage = Stage::with_bytes(&manifest, &[("it.wasm", bytes)]).await;
            assert_eq!(logged(&stage), ["large"], "{class}");
        }
    }
}

/// The component with so many instances of an empty module beside what it has. The sections' form is that of the component
/// model's `Binary.md`.
fn with_modules(component: &[u8], many: u8) -> Vec<u8> {
    let is_module = |payload: &wasmparser::Payload<'_>| matches!(payload, wasmparser::Payload::ModuleSection { .. });
    let modules = wasmparser::Parser::new(0).parse_all(component).filter(|it| is_module(it.as_ref().unwrap())).count();
    let empty = b"\0asm\x01\0\0\0";
    let mut all = component.to_vec();
    all.extend([1, empty.len().try_into().unwrap()]);
    all.extend(empty);
    let instances = [0, modules.try_into().unwrap(), 0].repeat(many.into());
    all.extend([2, u8::try_from(instances.len() + 1).unwrap(), many]);
    // A section's length takes two bytes from 128 on: 40 instances are 121.
    all.extend(instances);
    all
}
