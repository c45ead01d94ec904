//! Editors, by the way in which they save.

use super::*;

/// The build that comes of changing the note of the first one.
fn edited() -> Vec<u8> {
    build("two")
}

/// Saves with vim. `how` are settings of the user's.
async fn vim(how: &str) {
    // As bytes: no line's end is added, and none is taken for Latin.
    let script = format!("vim -Nu NONE -es -b -c 'set noeol {how}' -c '%s/noteone/notetwo/' -c 'wq' a.wasm");
    Bench::new().await.once(&["vim"], &script, &edited()).await;
}

#[tokio::test]
async fn vim_by_itself() {
    vim("").await;
}

/// What is written is a new file, the old one being renamed.
#[tokio::test]
async fn vim_that_renames() {
    vim("backup writebackup backupcopy=no").await;
}

/// The old file is copied, and then written to.
#[tokio::test]
async fn vim_that_copies() {
    vim("writebackup backupcopy=yes").await;
}

#[tokio::test]
async fn vim_without_a_net() {
    vim("nowritebackup nobackup nofsync").await;
}

#[tokio::test]
async fn sed() {
    Bench::new().await.once(&["sed"], "sed -i 's/noteone/notetwo/' a.wasm", &edited()).await;
}

#[tokio::test]
async fn sed_with_a_backup() {
    Bench::new().await.once(&["sed"], "sed -i.bak 's/noteone/notetwo/' a.wasm", &edited()).await;
}

#[tokio::test]
async fn perl() {
    Bench::new().await.once(&["perl"], "perl -pi -e 's/noteone/notetwo/' a.wasm", &edited()).await;
}

/// Visual Studio Code truncates and writes, and then sets the dates; its atomic way writes beside it and renames
/// (`files.experimental…`). Both are calls of the system that any tool makes.
#[tokio::test]
async fn as_visual_studio_code_does() {
    use std::io::Write;
    let mut bench = Bench::new().await;
    let mut file = std::fs::File::options().write(true).truncate(true).open(bench.path("a.wasm")).unwrap();
    file.write_all(&edited()).unwrap();
    file.sync_all().unwrap();
    file.set_modified(std::time::SystemTime::now()).unwrap();
    drop(file);
    bench.swaps_to(&edited()).await;
    bench.once(&["mv"], "cp three a.wasm.vsctmp; mv a.wasm.vsctmp a.wasm", &build("three")).await;
}

/// The manifest, too, is saved by editors: what it brings is told once.
#[tokio::test]
async fn a_manifest() {
    let mut bench = Bench::new().await;
    bench.put("edit.vim", b"set backup\ncall append(line('$'), ['[actor.c]', 'source = \"b.wasm\"'])\nwq\n");
    bench.run(&["vim"], "vim -Nu NONE -es -S edit.vim greenroom.toml");
    let applied = bench.stage.event_where("manifest-applied", |_| true).await;
    assert_eq!(applied["added"], json!(["c"]));
    bench.and_no_more().await;
    let applied = bench.stage.history().into_iter().filter(|line| line.starts_with("manifest-")).count();
    assert_eq!(applied, 1);
}
