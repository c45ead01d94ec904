//! An instance that was left is made new for the next incarnation, which finds nothing in it of the one before: whatever that
//! has done to its memory and its globals, and whether it has trapped or was killed.

use greenroom_testkit::Stage;
use serde_json::Value;
use std::time::Duration;

/// It looks around when it starts, and gives up if anything is not as it should be. Each message has it change all of that, and
/// trap if the message's kind has four letters.
const MODULE: &str = r#"(module
  (memory (export "memory") 2)
  (data (i32.const 1024) "as it was")
  (global $top (mut i32) (i32.const 4096))
  (global $mark (mut i64) (i64.const 7))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $top (i32.add (global.get $top) (i32.const 1024)))
    (global.get $top))
  (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32)
    (if (i64.ne (global.get $mark) (i64.const 7)) (then (unreachable)))
    (if (i32.ne (global.get $top) (i32.const 5120)) (then (unreachable)))
    (if (i32.ne (i32.load (i32.const 1024)) (i32.const 0x69207361)) (then (unreachable)))
    (if (i32.load (i32.const 100000)) (then (unreachable)))
    (i32.const 16))
  (func (export "greenroom:actor/behavior@0.1.0#handle")
    (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (global.set $mark (i64.const -1))
    (i32.store (i32.const 1024) (i32.const -1))
    (i32.store (i32.const 100000) (i32.const -1))
    (if (i32.eq (local.get 9) (i32.const 4)) (then (unreachable)))
    (i32.const 16)))"#;

#[tokio::test]
async fn an_incarnation_finds_nothing_of_the_one_before() {
    for class in ["fast", "dense"] {
        let manifest = format!(
            "[supervisor.s]\nchildren = [\"it\"]\n\
             [actor.it]\nsource = \"it.wasm\"\nmemory-class = \"{class}\"\nconfig = {{ some = \"thing\" }}"
        );
        let mut stage = Stage::with_bytes_in_virtual_time(&manifest, &[("it.wasm", MODULE.as_bytes())]).await;
        for round in 0..10 {
            stage.tell("it", "change", Value::Null);
            stage.advance(Duration::from_secs(60)).await;
            match round % 2 {
                0 => stage.tell("it", "trap", Value::Null),
                _ => stage.handle().kill("it").await.unwrap(),
            }
            stage.event_where("started", |body| body["actor"] == "it" && body["incarnation"] == round + 2).await;
            stage.advance(Duration::from_secs(60)).await;
        }
        // None of them but by what they were told.
        let after = stage.handle().counters();
        assert_eq!((after.restarts, after.faults), (10, 5), "{class}");
    }
}
