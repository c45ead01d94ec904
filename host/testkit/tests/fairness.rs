//! Actors in endless loops do not keep a worker from the others: a helper is there before anybody has to wait, stays while
//! it is needed, and leaves; and no more of them run than there are workers. What is looked at is who is in which turn and
//! which threads there are, never a time.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_testkit::{PATIENCE, Stage};
use serde_json::{Value, json};

const LOOPING: [&str; 4] = ["one", "two", "three", "four"];
const QUESTIONS: usize = 100;

fn manifest() -> String {
    let looping = LOOPING
        .map(|name| format!("[actor.{name}]\nsource = \"spin.wasm\"\ndeadline = \"1h\"\nrestart = \"temporary\"\n"));
    format!(
        "[host]\nworkers = 2\n[supervisor.s]\nchildren = [\"one\", \"two\", \"three\", \"four\", \"bystander\"]\n\
         [actor.bystander]\nsource = \"trap.wasm\"\n{}",
        looping.concat()
    )
}

/// Something of each of the host's workers, helpers included: a line of the kernel's about its thread.
fn workers(file: &str) -> Vec<String> {
    // A thread may end while it is looked at.
    let read = |task: &std::fs::DirEntry, file| std::fs::read_to_string(task.path().join(file)).unwrap_or_default();
    let tasks = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks.filter(|task| read(task, "comm").starts_with("turns-")).map(|task| read(&task, file)).collect()
}

/// The threads that help.
fn helpers() -> usize {
    workers("comm").iter().filter(|name| name.trim() == "turns-spare").count()
}

/// Workers that wait for something, be it a message or that they may go on (proc(5), `stat`: the state comes after the
/// name).
fn sleeping() -> usize {
    workers("stat").iter().filter(|stat| stat.contains(") S ")).count()
}

/// Asks the bystander again and again until something is so.
async fn until(stage: &Stage, what: &str, so: impl Fn() -> bool) {
    let asking = async {
        while !so() {
            ask(stage).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("never: {what}"));
}

async fn ask(stage: &Stage) {
    assert_eq!(stage.ask("bystander", "ping", Value::Null).await, Ok(json!("pong")));
}

// The only test of its process: it looks at the process's threads.
#[tokio::test]
async fn endless_loops_keep_nobody_from_the_others() {
    let stage = Stage::new(&manifest()).await;
    let handling = |name: &str| stage.handle().show(name).unwrap().actor.unwrap().handling;
    for name in LOOPING {
        stage.tell(name, "go", Value::Null);
    }
    let all_loop = || LOOPING.iter().all(|name| handling(name).as_deref() == Some("go"));
    until(&stage, "all are in their turn", all_loop).await;
    // Two of them hold the two workers, two hold helpers, and one helper is there for who comes.
    until(&stage, "there are three helpers", || helpers() == 3).await;
    for _ in 0..QUESTIONS {
        ask(&stage).await;
        // Looked at again, because a list of threads may miss one while another ends.
        assert!((0..3).any(|_| helpers() >= 3), "it stays, for the next one who comes");
    }
    assert!(all_loop(), "they still are");
    // The helper that is there for the next one, and two of those that loop.
    until(&stage, "two of four loops run, and two wait until they may", || sleeping() == 3).await;
    for name in LOOPING {
        // The others go on: that one of them waits until it may run does not keep it from its end.
        stage.handle().kill(name).await.unwrap();
        until(&stage, "it has ended", || stage.handle().show(name).is_err()).await;
    }
    until(&stage, "the helpers have left", || helpers() == 0).await;
    assert_eq!(stage.handle().show("bystander").unwrap().actor.unwrap().incarnation, 1);
}
