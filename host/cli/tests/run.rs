//! `greenroom run` and `greenroom check` from outside: a real host on a real manifest, told by signals and over HTTP.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

mod outside;

use outside::{Running, command, ran};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use tempfile::TempDir;

/// A host without actors: what can be said of it needs no component.
const DEVICES: &str = r#"
[host]
name = "brewhouse"
[device.mash-probe]
kind = "sim-kettle"
heater = "heater"
every = "10ms"
[device.heater]
kind = "sim-relay"
safe = "off"
[supervisor.brewery]
children = []
[profile.cold]
device.mash-probe = { kind = "sim-kettle", heater = "heater", start-celsius = 5 }
"#;

fn folder(manifest: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("greenroom.toml"), manifest).unwrap();
    folder
}

#[test]
fn a_host_runs_and_is_talked_to_and_stops() {
    let folder = folder(DEVICES);
    let host = Running::start(folder.path(), &["--listen", "127.0.0.1:0", "--profile", "cold"]);
    assert_eq!(host.started["name"], "brewhouse");
    assert_eq!(host.started["profile"], "cold");
    assert!(host.started["token-file"].is_null());
    let talk = |words: &[&str]| ran(folder.path(), &[&["--host", host.url()], words].concat());

    let (code, out, err) = talk(&["tree"]);
    assert_eq!(code, 0, "{err}");
    for says in ["brewhouse", "profile cold", "brewery", "mash-probe", "celsius", "heater"] {
        assert!(out.contains(says), "{out}");
    }
    let (code, out, _) = talk(&["--format", "json", "tail", "greenroom/tree", "--limit", "1"]);
    let message: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &message["topic"]), (0, &"greenroom/tree".into()));
    assert_eq!(message["body"]["host"]["name"], "brewhouse");
    for words in [&["tell", "nobody", "x"][..], &["ask", "nobody", "x"], &["restart", "nobody"], &["logs", "nobody"]] {
        let (code, _, err) = talk(words);
        assert_eq!(code, 6, "{words:?}: {err}");
        assert!(err.starts_with("error: there is no actor `nobody`") && err.lines().count() == 1, "{err}");
    }
    let (code, out, err) = talk(&["events", "--limit", "1"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{err}");

    let (code, kinds) = host.end(libc::SIGTERM);
    assert_eq!(code, 0);
    assert!(kinds.iter().any(|kind| kind == "host-stopping"), "{kinds:?}");
}

/// Probes, and a supervisor that allows one restart.
const ACTORS: &str = r#"
[device.lamp]
kind = "sim-relay"
safe = "off"
[actor.echo]
source = "echo.wasm"
grant = ["publish:echo/**", "write:lamp"]
[actor.forget]
source = "forget.wasm"
[supervisor.strict]
intensity = { restarts = 1, within = "1m" }
children = ["trap"]
[actor.trap]
source = "trap.wasm"
"#;

/// A folder with a manifest and the components of probes.
fn probes(manifest: &str, names: &[&str]) -> TempDir {
    let folder = folder(manifest);
    for name in names {
        std::fs::write(folder.path().join(format!("{name}.wasm")), greenroom_testkit::guest(name)).unwrap();
    }
    folder
}

#[test]
fn actors_are_talked_to() {
    let folder = probes(ACTORS, &["echo", "forget", "trap"]);
    let (code, out, err) = ran(folder.path(), &["check"]);
    assert_eq!((code, out.as_str()), (0, "greenroom.toml is right: 3 actors, 1 supervisor, 1 device\n"), "{err}");
    let host = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let talk = |words: &[&str]| ran(folder.path(), &[&["--host", host.url()], words].concat());

    let said = r#"{"text":"66.0 °C"}"#;
    assert_eq!(talk(&["tell", "echo", "echo", said]), (0, String::new(), String::new()));
    let (code, out, err) = talk(&["ask", "echo", "echo", said]);
    assert_eq!((code, out.contains("66.0 °C")), (0, true), "{out}{err}");
    assert_eq!(talk(&["ask", "echo", "count"]).1, "2\n");

    let (code, _, err) = talk(&["ask", "forget", "go", "--timeout", "20ms"]);
    assert_eq!(code, 7, "{err}");
    let (code, _, err) = talk(&["ask", "trap", "go"]);
    assert_eq!(code, 8, "{err}");
    let (code, _, err) = talk(&["ask", "echo", "nonsense"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("nonsense"), "{err}");
    let (code, _, err) = talk(&["ask", "strict", "x"]);
    assert_eq!((code, err.contains("count-children")), (1, true), "{err}");
    let (code, out, err) = talk(&["ask", "strict", "count-children"]);
    assert_eq!((code, out.contains("\"workers\":")), (0, true), "{out}{err}");

    let (code, out, err) = talk(&["supervise", "strict", "list"]);
    assert_eq!((code, out.contains("running")), (0, true), "{out}{err}");
    let (code, _, err) = talk(&["supervise", "strict", "restart", "nobody"]);
    assert_eq!((code, err.contains("not-found")), (1, true), "{err}");
    let (code, out, err) = talk(&["apply"]);
    assert_eq!((code, out.as_str()), (0, "nothing has changed\n"), "{err}");
    let (code, out, err) = talk(&["kill", "forget"]);
    assert_eq!((code, out.as_str()), (0, "killed forget\n"), "{err}");
    let (code, _, err) = talk(&["kill", "nobody"]);
    assert_eq!(code, 6, "{err}");

    let (code, out, err) = talk(&["reload", "echo"]);
    assert_eq!((code, out.contains("runs already")), (0, true), "{out}{err}");
    let (code, out, err) = talk(&["shadow", "echo"]);
    assert_eq!((code, out.as_str()), (6, ""), "{err}");
    let (code, out, err) = talk(&["reload", "echo", "--shadow", "1s"]);
    assert_eq!((code, out.contains("echo  the same")), (0, true), "{out}{err}");
    let (code, out, err) = talk(&["shadow", "echo", "--drop"]);
    assert_eq!((code, out.contains("its time is up")), (0, true), "{out}{err}");
    std::fs::write(folder.path().join("echo.wasm"), greenroom_testkit::guest("state_v9")).unwrap();
    let (code, _, err) = talk(&["reload", "echo"]);
    assert_eq!(code, 4, "{err}");
    assert!(err.contains("the old one runs on"), "{err}");
    assert_eq!(talk(&["ask", "echo", "count"]).1, "2\n");
    let (code, out, err) = talk(&["restart", "echo"]);
    assert_eq!((code, out.as_str()), (0, "restarted echo\n"), "{err}");
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn a_root_supervisor_that_gives_up_is_9() {
    // The root makes five restarts of `strict`, which makes one of `trap` in each.
    let folder = probes(ACTORS, &["echo", "forget", "trap"]);
    let mut host = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let url = host.url().to_owned();
    loop {
        let (code, _, err) = ran(folder.path(), &["--host", &url, "ask", "trap", "go"]);
        // It ended, is being restarted, or the host has ended with it.
        assert!(matches!(code, 1 | 5 | 8), "{code}: {err}");
        if let Some(status) = host.child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(9));
            break;
        }
    }
    let mut err = String::new();
    host.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(err.contains("gave up") && err.contains("safe levels"), "{err}");
    let kinds: Vec<Value> = host.out.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(kinds.iter().any(|line| line["kind"] == "gave-up"), "{kinds:?}");
}

#[test]
fn a_tree_that_does_not_start_is_9() {
    let folder = probes("[actor.a]\nsource = \"fail_at_start.wasm\"\n", &["fail_at_start"]);
    let (code, _, err) = ran(folder.path(), &["run", "--listen", "127.0.0.1:0"]);
    assert_eq!((code, err.lines().count()), (9, 1), "{err}");
    assert!(err.starts_with("error: the tree did not start: "), "{err}");
}

#[test]
fn an_interrupt_is_130() {
    let folder = folder(DEVICES);
    let host = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert_eq!(host.end(libc::SIGINT).0, 130);
}

#[test]
fn a_client_that_is_interrupted_is_130() {
    let folder = folder(DEVICES);
    let host = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    let mut tail = command(folder.path(), &["--host", host.url(), "tail", "greenroom/tree"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(tail.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("greenroom/tree"), "{line}");
    let pid = libc::pid_t::try_from(tail.id()).unwrap();
    // SAFETY: a plain system call, with the id of a child that was not waited for.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGINT) }, 0);
    assert_eq!(tail.wait().unwrap().code(), Some(130));
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn beyond_this_machine_a_token_is_asked_for() {
    let folder = folder(DEVICES);
    let host = Running::start(folder.path(), &["--listen", "0.0.0.0:0"]);
    let file = host.started["token-file"].as_str().unwrap();
    let token = std::fs::read_to_string(file).unwrap();
    let talk = |words: &[&str]| ran(folder.path(), &[&["--host", host.url()], words].concat());
    assert_eq!(talk(&["tree"]).0, 0);
    let (code, _, err) = talk(&["restart", "brewery"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("GREENROOM_TOKEN"), "{err}");
    let (code, _, err) = talk(&["--token", token.trim(), "restart", "brewery"]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(host.end(libc::SIGTERM).0, 0);
}

#[test]
fn an_address_in_use_is_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, out, err) = ran(folder(DEVICES).path(), &["run", "--listen", &address]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.starts_with(&format!("error: {address} is in use")) && err.lines().count() == 1, "{err}");
}

#[test]
fn a_manifest_with_mistakes_is_3_before_anything_starts() {
    let folder = folder("[host]\nlistne = \"x\"\n[actor.a]\n");
    for verb in ["check", "run"] {
        let (code, out, err) = ran(folder.path(), &[verb]);
        assert_eq!((code, out.as_str()), (3, ""));
        for says in
            ["greenroom::manifest::unknown-key", "did you mean `listen`?", "greenroom.toml:2:1", "has 2 mistakes"]
        {
            assert!(err.contains(says), "{err}");
        }
        let (code, out, err) = ran(folder.path(), &["--format", "json", verb]);
        let faults: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((code, err.as_str()), (3, ""));
        assert_eq!(faults["faults"].as_array().unwrap().len(), 2);
        assert_eq!(faults["faults"][0]["labels"][0]["line"], 2);

        let (code, _, err) = ran(folder.path(), &[verb, "nowhere.toml"]);
        assert_eq!((code, err.lines().count()), (3, 1), "{err}");
        assert!(err.contains("there is no nowhere.toml"), "{err}");
    }
}

#[test]
fn a_component_that_is_not_right_is_4() {
    let folder =
        folder("[actor.a]\nsource = \"a.wasm\"\nbuild = { package = \"a\" }\n[actor.b]\nsource = \"b.wasm\"\n");
    for verb in ["check", "run"] {
        let (code, _, err) = ran(folder.path(), &[verb]);
        assert_eq!(code, 4, "{err}");
        for says in
            ["actor `a`: a.wasm does not exist", "`greenroom build a` makes it", "actor `b`: b.wasm does not exist"]
        {
            assert!(err.contains(says), "{err}");
        }
    }
    for file in ["a.wasm", "b.wasm"] {
        std::fs::write(folder.path().join(file), "nonsense").unwrap();
    }
    for words in [&["check"][..], &["run", "--listen", "127.0.0.1:0"]] {
        let (code, _, err) = ran(folder.path(), words);
        assert_eq!(code, 4, "{err}");
        for says in ["greenroom::component::not-a-component", "actor `a`: a.wasm", "actor `b`: b.wasm"] {
            assert!(err.contains(says), "{err}");
        }
    }
}

#[test]
fn what_is_right_is_said() {
    let folder = folder(DEVICES);
    let (code, out, err) = ran(folder.path(), &["check"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert_eq!(out, "greenroom.toml is right: 1 supervisor, 2 devices\n");
    let (code, out, _) = ran(folder.path(), &["--format", "json", "check", "--profile", "cold"]);
    assert_eq!((code, out.as_str()), (0, "{\"doubts\":[],\"faults\":[],\"file\":\"greenroom.toml\"}\n"));
    let (code, _, err) = ran(folder.path(), &["check", "--profile", "cald"]);
    assert_eq!(code, 3);
    assert!(err.contains("did you mean `cold`?"), "{err}");
}

/// With less address space than one fast actor needs, all are dense, and that is said.
#[test]
fn a_host_that_may_have_little_address_space_runs_all_the_same() {
    let folder = probes(ACTORS, &["echo", "forget", "trap"]);
    let words = ["--format", "json", "run", "--listen", "127.0.0.1:0"];
    // 3 GiB: `ulimit -v` counts in KiB.
    let mut limited = outside::of(folder.path(), "sh");
    limited.args(["-c", "ulimit -v 3145728; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_greenroom")]).args(words);
    let host = Running::of(limited);
    let talk = |words: &[&str]| ran(folder.path(), &[&["--host", host.url()], words].concat());
    let (code, out, err) = talk(&["ask", "echo", "echo", r#"{"text":"here"}"#]);
    assert_eq!((code, out.contains("here")), (0, true), "{out}{err}");
    let (code, kinds) = host.end(libc::SIGTERM);
    assert_eq!(code, 0);
    assert!(kinds.iter().any(|kind| kind == "memory-class"), "{kinds:?}");
}

/// An actor in text that begins with as much memory as there may be.
const LARGE: &str = r#"(module
    (memory (export "memory") 1024)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
    (func (export "greenroom:actor/behavior@0.1.0#init") (param i32 i32) (result i32) i32.const 16)
    (func (export "greenroom:actor/behavior@0.1.0#handle")
        (param i32 i64 i64 i32 i64 i32 i32 i32 i32 i32 i32 i32) (result i32) i32.const 16))"#;

#[test]
fn what_is_too_big_for_the_machine_is_told_and_is_no_mistake() {
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap();
    let kibibytes: u64 = total.split_whitespace().next().unwrap().parse().unwrap();
    // One more than fit into half of it, at 64 MiB each.
    let many = kibibytes / 2 / (64 << 10) + 1;
    let actor = |number: u64| format!("[actor.a{number}]\nsource = \"large.wat\"\nmemory = \"64MiB\"\n");
    let check = |many: u64, format: &str| {
        let folder = folder(&(0..many).map(actor).collect::<String>());
        std::fs::write(folder.path().join("large.wat"), LARGE).unwrap();
        ran(folder.path(), &["--format", format, "check"])
    };
    let (code, out, err) = check(many, "text");
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("is right"), "{out}");
    assert!(err.contains(&format!("large.wat: {many} actors begin with 64.0 MiB each")), "{err}");
    assert_eq!(err.matches("large.wat").count(), 1, "once for all of them: {err}");
    let (code, out, _) = check(many, "json");
    let said: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, said["doubts"].as_array().unwrap().len()), (0, 1), "{out}");
    let (code, out, err) = check(1, "text");
    assert!(code == 0 && out.contains("1 actor") && err.is_empty(), "{err}");
}

/// What was compiled ahead is found by the host: it compiles nothing, and writes nothing.
#[test]
fn what_is_compiled_ahead_is_found_at_the_start() {
    let folder = probes(
        "[host]\ndata-dir = \"data\"\n[actor.trap]\nsource = \"trap.wasm\"\n[behavior.tally]\nsource = \"tally.wasm\"\ngrant = [\"publish:**\"]",
        &["trap", "tally"],
    );
    let compiled = || {
        let files = std::fs::read_dir(folder.path().join("data/artefacts")).unwrap();
        let mut files: Vec<_> = files.map(|file| file.unwrap()).collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        files.iter().map(|file| (file.file_name(), file.metadata().unwrap().modified().unwrap())).collect::<Vec<_>>()
    };
    let (code, _, said) = ran(folder.path(), &["build", "--precompile"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("trap.wasm") && said.contains("tally.wasm"), "{said}");
    let ahead = compiled();
    assert!(ahead.len() >= 2, "{ahead:?}");
    let host = Running::start(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert_eq!(compiled(), ahead);
    drop(host);
}
