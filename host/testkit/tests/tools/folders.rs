//! Folders that come and go, and links to them.

use super::*;

/// The actor's component is in this folder, below the manifest's.
fn manifest(folder: &str) -> String {
    MANIFEST.replace("a.wasm", &format!("{folder}/a.wasm"))
}

/// A host whose component is in a folder that `prepare` makes of what is called `one` there.
async fn bench(folder: &str, prepare: &'static str) -> Bench {
    Bench::with(&manifest(folder), move |root| {
        std::fs::write(root.join("one"), build("one")).unwrap();
        let output = Command::new("sh").args(["-euc", prepare]).current_dir(root).output().unwrap();
        assert!(output.status.success(), "{prepare}\n{}", String::from_utf8_lossy(&output.stderr));
    })
    .await
}

impl Bench {
    /// As [`Bench::and_no_more`], of the component in a folder.
    async fn and_no_more_in(&mut self, folder: &str) {
        let fence = build("fence");
        self.put("fence", &fence);
        std::fs::rename(self.path("fence"), self.path(folder).join("a.wasm")).unwrap();
        self.swaps_to(&fence).await;
        self.has_no("swap-failed");
        self.has_no("watch-polled");
    }

    async fn once_in(&mut self, folder: &str, script: &str, bytes: &[u8]) {
        self.run(&[], script);
        self.swaps_to(bytes).await;
        self.and_no_more_in(folder).await;
    }
}

#[tokio::test]
async fn a_link_to_the_file() {
    let mut bench = Bench::with(MANIFEST, |root| {
        std::fs::write(root.join("a-1.wasm"), build("one")).unwrap();
        symlink("a-1.wasm", root.join("a.wasm")).unwrap();
    })
    .await;
    bench.run(&["ln"], "mkdir builds; cp two builds/2.wasm; ln -sfn builds/2.wasm a.wasm");
    bench.swaps_to(&build("two")).await;
    // What is behind the link is heard of where it is.
    bench.once(&["cp"], "cp three builds/2.wasm", &build("three")).await;
}

#[tokio::test]
async fn a_link_to_the_folder() {
    // There is nothing else to be watched beside the link.
    let prepare = "mkdir -p srv releases/1 releases/2; cp one releases/1/a.wasm; ln -s ../releases/1 srv/current";
    let mut bench = bench("srv/current", prepare).await;
    let turn = "cp two releases/2/a.wasm; ln -sfn ../releases/2 srv/current";
    bench.once_in("releases/2", turn, &build("two")).await;
    // What the link led to before is not heard of: the next swap is to what is behind it now.
    bench.run(&["cp"], "cp three releases/1/a.wasm");
    let turn = "ln -s ../releases/3 srv/next; mkdir releases/3; cp three releases/3/a.wasm; mv -T srv/next srv/current";
    bench.once_in("srv/current", turn, &build("three")).await;
}

/// As Kubernetes mounts a configuration: the file is a link to `..data/a.wasm`, and `..data` one that is turned.
#[tokio::test]
async fn a_link_as_in_kubernetes() {
    let prepare =
        "mkdir -p mount/..1; cp one mount/..1/a.wasm; ln -s ..1 mount/..data; ln -s ..data/a.wasm mount/a.wasm";
    let mut bench = bench("mount", prepare).await;
    let turn = "mkdir mount/..2; cp two mount/..2/a.wasm; ln -s ..2 mount/..data_tmp; mv -T mount/..data_tmp mount/..data; rm -r mount/..1";
    bench.once_in("mount/..data", turn, &build("two")).await;
}

#[tokio::test]
async fn removed_and_made_again() {
    let mut bench = bench("target/guests", "mkdir -p target/guests; cp one target/guests/a.wasm").await;
    bench.run(&[], "rm -r target; mkdir -p target/guests; cp two target/guests/a.wasm");
    bench.swaps_to(&build("two")).await;
    // Again, since the watches of the first ones have ended with them.
    bench
        .once_in(
            "target/guests",
            "rm -r target; mkdir -p target/guests; cp three target/guests/a.wasm",
            &build("three"),
        )
        .await;
}

/// In steps, each of which is heard of before the next.
#[tokio::test]
async fn made_later() {
    let mut bench = bench("target/guests", "mkdir -p target/guests; cp one target/guests/a.wasm").await;
    for (number, step) in
        ["rm -r target", "mkdir target", "mkdir target/guests", "touch target/guests/a.wasm"].iter().enumerate()
    {
        bench.run(&[], step);
        let other = build(&format!("step {number}"));
        bench.stage.install("b.wasm", &other);
        assert_eq!(bench.stage.event("swapped", "b").await["to"], digest(&other));
    }
    bench.once_in("target/guests", "cp two target/guests/a.wasm", &build("two")).await;
}

/// One that is renamed, and another one in its place: nothing happens in either.
#[tokio::test]
async fn renamed() {
    let mut bench = bench("site/actors", "mkdir -p site/actors; cp one site/actors/a.wasm").await;
    bench.run(&[], "mkdir -p new/actors; cp two new/actors/a.wasm; mv site old; mv new site");
    bench.swaps_to(&build("two")).await;
    bench.run(&["cp"], "cp three old/actors/a.wasm");
    bench.once_in("site/actors", "cp three site/actors/a.wasm", &build("three")).await;
}

/// In a folder like `/tmp`, which is not watched for what is there.
#[tokio::test]
async fn renamed_where_everybody_writes() {
    let prepare = "mkdir -p all/site; chmod 1777 all; cp one all/site/a.wasm";
    let mut bench = bench("all/site", prepare).await;
    bench.run(&[], "mkdir new; cp two new/a.wasm; mv all/site all/old; mv new all/site");
    bench.swaps_to(&build("two")).await;
    bench.once_in("all/site", "rm -r all/site; mkdir all/site; cp three all/site/a.wasm", &build("three")).await;
}
