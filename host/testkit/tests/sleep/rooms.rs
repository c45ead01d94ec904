//! More actors than a host has room for at a time: those that are idle make room for the others.

use super::*;
use greenroom_engine::CallError;

/// Instances that a host has room for.
const ROOM: usize = 200;

fn pool(child: &str) -> String {
    format!(
        r#"
        [host]
        actors = 200

        [supervisor.pool]
        strategy = "dynamic"
        template = {{ behavior = "child", restart = "temporary" }}

        [behavior.child]
        source = "state_v1.wasm"
        {child}
        "#
    )
}

async fn start(stage: &Stage) -> Result<String, CallError> {
    let started = stage.ask("pool", "start-child", json!({})).await?;
    Ok(started["address"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn who_is_idle_makes_room_for_who_starts_and_who_is_woken() {
    let stage = Stage::in_virtual_time(&pool("sleep-after = \"1h\""), None).await;
    let mut children = Vec::new();
    for _ in 0..ROOM + 100 {
        let child = start(&stage).await.unwrap();
        stage.tell(&child, "add", NONE);
        children.push(child);
    }
    advance(&stage, 0).await;
    let (asleep, ..) = counts(&stage);
    assert!(asleep >= 100, "{asleep} are asleep");
    // All are there, those that were put away and those that are put away for them.
    for child in &children {
        assert_eq!(stage.ask(child, "which", NONE).await.unwrap()["count"], 1, "{child}");
    }
    let (_, sleeps, wakes) = counts(&stage);
    assert!(wakes >= 100 && sleeps >= wakes, "{sleeps}, {wakes}");
}

#[tokio::test]
async fn who_is_not_idle_is_waited_for() {
    let stage = Stage::in_virtual_time(&pool("sleep-after = \"1h\""), None).await;
    let mut children = Vec::new();
    for _ in 0..ROOM {
        children.push(start(&stage).await.unwrap());
    }
    advance(&stage, 3_600_000).await;
    assert_eq!(counts(&stage).0, ROOM as u64);
    // All are called at once, and each has its turn.
    let one_more = start(&stage).await.unwrap();
    for child in children.iter().chain([&one_more]) {
        stage.tell(child, "add", NONE);
    }
    advance(&stage, 1_000).await;
    for child in children.iter().chain([&one_more]) {
        assert_eq!(stage.ask(child, "which", NONE).await.unwrap()["count"], 1, "{child}");
    }
}

#[tokio::test]
async fn who_never_sleeps_takes_the_room() {
    let stage = Stage::in_virtual_time(&pool(""), None).await;
    let mut started = 0;
    let refused = loop {
        match start(&stage).await {
            Ok(_) => started += 1,
            Err(refused) => break refused.to_string(),
        }
    };
    assert_eq!(started, ROOM);
    assert!(refused.contains("room for 200") && refused.contains("sleep-after"), "{refused}");
}

#[tokio::test]
async fn who_finds_no_room_is_told_how_much_there_is() {
    let grant = GRANT.replace("spawn:kid", "spawn:child");
    let pool = pool(&format!("sleep-after = \"1h\"\n{grant}")).replace("state_v1.wasm", "swapper.wasm");
    let pool = format!("{pool}\n[device.relay]\nkind = \"sim-relay\"\nsafe = \"off\"");
    // None of them can be put away.
    let stage = stage_of(&pool, &build(1, "save 0 error")).await;
    let mut started = 0;
    let refused = loop {
        let (start, ()) = tokio::join!(start(&stage), async {
            if started >= ROOM - 1 {
                advance(&stage, 60_000).await;
            }
        });
        match start {
            Ok(_) => started += 1,
            Err(refused) => break refused.to_string(),
        }
    };
    assert!(refused.contains("room for 200 actors at a time"), "{refused}");
    assert!(started >= ROOM - 1, "{started}");
    assert_eq!(counts(&stage).0, 0);
    // The others are as they were.
    stage.handle().healthy().unwrap();
}
