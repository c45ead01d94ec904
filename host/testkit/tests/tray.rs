//! The tray of a component that has one: small messages go through it, others by way of the contract, and a component that
//! says what is not so of it harms nobody but itself. Written by hand, since the SDK's says nothing wrong.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_core::Message;
use greenroom_testkit::Stage;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use wit_component::{ComponentEncoder, StringEncoding};

/// Traps at any message that comes by way of the contract. What comes through the tray has to be the message `note` with
/// the body `{}`, from outside.
const MODULE: &str = r#"
(module
  (memory (export "memory") 1)
  (data (i32.const 512) "the text")
  (data (i32.const 600) "\ff\ff")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32) (i32.const 0))
  (func $by-contract (export "greenroom:actor/behavior@0.1.0#handle")
    (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32) unreachable)
  (func (export "greenroom-tray-1") (result i64) (i64.or (i64.shl (i64.const SIZE) (i64.const 32)) (i64.const AT)))
  (func (export "greenroom-handle-1") (param i32 i64 i64 i32 i64 i32 i32 i32 i32) (result RESULT)
    (if (i32.or (local.get 0) (i32.or (local.get 3) (i32.or (local.get 5) (local.get 6)))) (then unreachable))
    (if (i32.ne (local.get 7) (i32.const 4)) (then unreachable))
    (if (i32.ne (local.get 8) (i32.const 2)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 4096)) (i32.const 0x65746f6e)) (then unreachable))
    (if (i32.ne (i32.load16_u (i32.const 4100)) (i32.const 0x7d7b)) (then unreachable))
    (RESULT.const ANSWER)))
"#;

/// A component with a tray of `size` bytes at `at`, whose function answers with `answer` of a type.
fn component(at: u32, size: u32, result: &str, answer: u64) -> Vec<u8> {
    let text = MODULE.replace("AT)", &format!("{at})")).replace("SIZE", &size.to_string());
    let text = text.replace("RESULT", result).replace("ANSWER", &answer.to_string());
    let mut module = wat::parse_str(text).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit")).unwrap();
    let world = resolve.select_world(&[package], Some("with-behavior")).unwrap();
    wit_component::embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().validate(true).module(&module).unwrap().encode().unwrap()
}

async fn stage(component: &[u8]) -> Stage {
    Stage::with_bytes("[actor.subject]\nsource = \"subject.wasm\"", &[("subject.wasm", component)]).await
}

fn tell(stage: &Stage, body: &str) {
    stage.handle().tell("subject", Message::new("note".parse().unwrap(), body.as_bytes().to_vec())).unwrap();
}

/// Where a text is that an answer has, how long it is, and the answer's case.
fn text(at: u64, length: u64, case: u64) -> u64 {
    at << 32 | length << 3 | case
}

async fn fault(component: &[u8], body: &str) -> Value {
    let mut stage = stage(component).await;
    tell(&stage, body);
    stage.event("fault", "subject").await
}

#[tokio::test]
async fn a_small_message_goes_through_the_tray() {
    let component = component(4096, 6, "i64", text(512, 8, 3));
    let manifest = "[actor.subject]\nsource = \"subject.wasm\"";
    let stage = Stage::with_bytes_in_virtual_time(manifest, &[("subject.wasm", &component)]).await;
    tell(&stage, "{}");
    stage.advance(Duration::from_millis(1)).await;
    let letters = stage.handle().dead_letters().letters;
    assert_eq!(letters.last().map(|letter| letter.why.as_str()), Some("the text"));
}

#[tokio::test]
async fn a_message_that_the_tray_does_not_hold_goes_by_way_of_the_contract() {
    let fault = fault(&component(4096, 6, "i64", 0), "{ }").await;
    assert!(fault["detail"].as_str().unwrap().contains("by-contract"), "{fault}");
}

#[tokio::test]
async fn functions_of_other_types_are_none_of_the_tray() {
    let fault = fault(&component(4096, 6, "i32", 0), "{}").await;
    assert!(fault["detail"].as_str().unwrap().contains("by-contract"), "{fault}");
}

#[tokio::test]
async fn an_error_is_told_with_its_text() {
    let fault = fault(&component(4096, 64, "i64", text(512, 8, 6)), "{}").await;
    assert_eq!((&fault["reason"], &fault["detail"]), (&"failed".into(), &"the text".into()));
}

#[tokio::test]
async fn what_is_not_so_harms_nobody_else() {
    let page = 64 * 1024;
    for (component, why) in [
        (component(page - 4, 64, "i64", 0), "tray is out of bounds"),
        (component(u32::MAX, u32::MAX, "i64", 0), "tray is out of bounds"),
        (component(4096, 64, "i64", text(512, page.into(), 6)), "out of bounds"),
        (component(4096, 64, "i64", text(u32::MAX.into(), 8, 3)), "out of bounds"),
        (component(4096, 64, "i64", text(600, 2, 4)), "utf-8"),
        (component(4096, 64, "i64", 7), "discriminant"),
    ] {
        let fault = fault(&component, "{}").await;
        assert_eq!(fault["reason"], "trapped", "{why}: {fault}");
        assert!(fault["detail"].as_str().unwrap().contains(why), "{why}: {fault}");
    }
}
