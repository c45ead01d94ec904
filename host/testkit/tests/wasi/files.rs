//! Files, by grant.

use super::{NO_ENTRY, NOT_PERMITTED, denials, logs, says, stage};
use serde_json::json;
use std::fs;
use std::path::Path;

const GRANTS: &str = r#"grant = ["files:in", "files-write:in/out"]"#;

fn prepare(folder: &Path) {
    fs::create_dir_all(folder.join("in/out")).unwrap();
    fs::write(folder.join("in/recipe"), "malt").unwrap();
    fs::write(folder.join("secret"), "hops").unwrap();
    std::os::unix::fs::symlink("../secret", folder.join("in/link")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(folder.join("in/pipe")).status().unwrap();
    assert!(made.success());
}

/// It is given three folders: `/in/out` as 3, `/in` as 4, and `/`, which has nothing in it, as 5.
#[tokio::test]
async fn files_are_there_as_far_as_they_are_granted() {
    let stage = stage(GRANTS, prepare).await;
    let mut logs = logs(&stage);
    assert_eq!(says(&stage, &mut logs, "r", "4recipe").await, "malt");
    assert_eq!(says(&stage, &mut logs, "r", "4out/none").await, NO_ENTRY);
    // What is written prints nothing; the line after it says that it is done.
    super::tell(&stage, "w", "3note");
    assert_eq!(says(&stage, &mut logs, "r", "3note").await, "written");
    assert_eq!(fs::read_to_string(stage.directory().join("in/out/note")).unwrap(), "written");
    super::tell(&stage, "m", "3deep");
    assert_eq!(says(&stage, &mut logs, "r", "4out/note").await, "written");
    assert!(stage.directory().join("in/out/deep").is_dir());
    assert_eq!(denials(&stage), []);
}

#[tokio::test]
async fn what_is_not_granted_is_denied_and_seen() {
    let stage = stage(GRANTS, prepare).await;
    let mut logs = logs(&stage);
    for _ in 0..2 {
        assert_eq!(says(&stage, &mut logs, "w", "4note").await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "m", "4folder").await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "r", "5etc/passwd").await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "r", "4../secret").await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "r", "4link").await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "r", "4pipe").await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "l", "5etc/hosts").await, NO_ENTRY);
    }
    assert!(!stage.directory().join("in/note").exists() && !stage.directory().join("in/folder").exists());
    let told = denials(&stage);
    let expect = [
        ("/in/note", json!("files-write:in")),
        ("/in/folder", json!("files-write:in")),
        ("/etc/passwd", json!("files:/etc")),
        ("/secret", json!("files:/")),
        ("/in/link", json!(null)),
        ("/in/pipe", json!(null)),
        ("/etc/hosts", json!("files:/etc")),
    ];
    let short: Vec<_> = told.iter().map(|(what, grant, _)| (what.as_str(), grant.clone())).collect();
    assert_eq!(short, expect, "each once");
    assert_eq!(
        told[2].2,
        "guest tried `wasi:filesystem/types#open-at` of /etc/passwd, which only the grant \"files:/etc\" allows"
    );
    assert!(told[5].2.contains("no pipes"), "{}", told[5].2);
}

#[tokio::test]
async fn without_a_grant_there_is_nothing_and_it_is_not_told_for_ever() {
    let stage = stage("", |_| {}).await;
    let mut logs = logs(&stage);
    for number in 0..30 {
        assert_eq!(says(&stage, &mut logs, "r", &format!("3file-{number}")).await, NOT_PERMITTED);
        assert_eq!(says(&stage, &mut logs, "l", &format!("3{number}")).await, NO_ENTRY);
    }
    let told = denials(&stage);
    assert_eq!(told.len(), 16 + 4);
    assert!(told.iter().any(|(what, _, text)| what == "/file-15" && text.ends_with("further ones are not told")));
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let stage = stage(r#"grant = ["files:/nowhere/at/all"]"#, |_| {}).await;
    let mut logs = logs(&stage);
    super::tell(&stage, "p", "x");
    let (level, text) = super::line(&mut logs).await;
    assert_eq!(level, "error");
    assert!(text.contains("the folder /nowhere/at/all that it was granted cannot be opened"), "{text}");
}
