//! Where the system does not notify: files are looked at once a second, and that is said.
//!
//! Limits and file systems are those of a user's namespace that the test starts itself in (`unshare`).

use super::*;

/// Runs this very test in namespaces of its own, after a script. False inside of them.
fn elsewhere(test: &str, namespaces: &str, script: &str) -> bool {
    const INSIDE: &str = "GREENROOM_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return false;
    }
    require("unshare");
    let mut shell = Command::new("unshare");
    shell.args([namespaces, "sh", "-euc", &format!("{script}\nexec \"$0\" \"$@\"")]);
    shell.arg(std::env::current_exe().unwrap()).args([test, "--exact", "--nocapture"]).env(INSIDE, "1");
    let output = shell.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(
        output.status.success(),
        "{text}\nIf it is `unshare` that failed: this user may make no namespaces (sysctl kernel.unprivileged_userns_clone)"
    );
    assert!(text.contains("1 passed"), "{text}");
    true
}

/// A rename, a write in place and a touch are found.
async fn found(mut bench: Bench, why: &str) {
    let polled = bench.stage.event_where("watch-polled", |_| true).await;
    let said = polled["why"].as_str().unwrap();
    assert!(said.contains(why), "{said}");
    bench.run(&["mv"], "mv two a.wasm");
    bench.swaps_to(&build("two")).await;
    bench.run(&["touch", "cp"], "touch a.wasm; cp three a.wasm");
    bench.swaps_to(&build("three")).await;
    bench.and_no_more().await;
    let told = bench.stage.history().into_iter().filter(|line| line.starts_with("watch-polled")).count();
    assert_eq!(told, 1, "once for the folder");
}

#[tokio::test]
async fn no_watch_is_left() {
    let limit = "echo 0 > /proc/sys/user/max_inotify_watches";
    if !elsewhere("poll::no_watch_is_left", "-Ur", limit) {
        found(Bench::new().await, "fs.inotify.max_user_watches").await;
    }
}

/// Some places are watched, and others are not.
#[tokio::test]
async fn one_watch_is_left() {
    let limit = "echo 1 > /proc/sys/user/max_inotify_watches";
    if !elsewhere("poll::one_watch_is_left", "-Ur", limit) {
        found(Bench::new().await, "fs.inotify.max_user_watches").await;
    }
}

#[tokio::test]
async fn no_instance_is_left() {
    let limit = "echo 0 > /proc/sys/user/max_inotify_instances";
    if !elsewhere("poll::no_instance_is_left", "-Ur", limit) {
        found(Bench::new().await, "fs.inotify.max_user_instances").await;
    }
}

/// What is changed below an overlay is not notified of. It stands for every file system whose files others change.
#[tokio::test]
async fn changed_by_others() {
    if elsewhere("poll::changed_by_others", "-Urm", "true") {
        return;
    }
    let mut bench = Bench::with(&MANIFEST.replace("a.wasm", "all/a.wasm"), |root| {
        std::fs::write(root.join("one"), build("one")).unwrap();
        let script = "mkdir lower upper work all; cp one lower/a.wasm; mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work all";
        let output = Command::new("sh").args(["-euc", script]).current_dir(root).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    })
    .await;
    let polled = bench.stage.event_where("watch-polled", |_| true).await;
    assert_eq!(polled["why"], "overlayfs does not notify of changes that others make");
    bench.run(&["cp"], "cp two lower/a.wasm");
    bench.swaps_to(&build("two")).await;
    bench.run(&["cp"], "cp three lower/a.wasm");
    bench.swaps_to(&build("three")).await;
    bench.run(&["umount"], "umount -l all");
}
