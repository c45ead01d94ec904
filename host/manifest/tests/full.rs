//! A manifest with everything, and one with nothing, read into plans.
#![expect(clippy::unwrap_used, reason = "a test may end at what it did not expect")]

use greenroom_core::{AutoShutdown, BackOff, Flags, GiveUp, Intensity, Name, Restart, Shutdown, Strategy};
use greenroom_manifest::{
    Actor, Behavior, Bias, Build, Config, Device, DeviceKind, Host, HttpRoute, Input, Keep, Line, Mailbox, MemoryClass,
    Output, Plan, Rule, Serve, Supervisor, Template, TopicHistory, WhenFull, parse,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FULL: &str = include_str!("full.toml");

fn plan(text: &str, profile: Option<&str>) -> Plan {
    parse(text, Path::new("house/greenroom.toml"), profile).unwrap_or_else(|faults| panic!("{faults}"))
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn names(texts: &[&str]) -> Vec<Name> {
    texts.iter().map(|text| name(text)).collect()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn device(plan: &Plan, name: &str) -> Device {
    plan.devices.iter().find(|device| device.name.as_str() == name).unwrap().clone()
}

fn input(name: &str, unit: &str, input: Input) -> Device {
    Device { name: self::name(name), unit: unit.into(), kind: DeviceKind::Input { every: seconds(1), input } }
}

fn usual(name: &str, source: &str) -> Behavior {
    Behavior {
        name: self::name(name),
        source: PathBuf::from(source),
        grants: Vec::new(),
        mailbox: Mailbox { limit: 1024, when_full: WhenFull::Reject },
        deadline: Duration::from_millis(50),
        memory: 16 << 20,
        memory_class: None,
        max_message: 1 << 20,
        keep: Keep::Swaps,
        sleep_after: None,
        config: Config::new(),
        build: None,
    }
}

fn grants(texts: &[&str]) -> Vec<greenroom_core::Grant> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn nothing_is_a_host_with_its_defaults() {
    let Plan { host, devices, supervisors, actors, behaviors, topics, routes, root, folder } = plan("", None);
    let expect = Host {
        name: "greenroom".into(),
        listen: "127.0.0.1:8080".parse().unwrap(),
        data_dir: None,
        topics: None,
        workers: None,
        actors: None,
        allow_hosts: vec![],
        watch_time: Duration::from_secs(10),
        watch_turns: 100,
        write_every: Duration::from_secs(5),
    };
    assert_eq!(host, expect);
    assert_eq!((devices, supervisors, actors, behaviors), (vec![], vec![], vec![], vec![]));
    assert_eq!((topics, routes, root), (vec![], vec![], vec![]));
    assert_eq!(folder, Path::new("house"));
}

#[test]
fn the_host_is_read() {
    let expect = Host {
        name: "brewhouse".into(),
        listen: "0.0.0.0:9000".parse().unwrap(),
        data_dir: Some("house/data".into()),
        topics: Some(name("topics")),
        workers: Some(3),
        actors: Some(50_000),
        allow_hosts: ["brewhouse.local", "[::1]", "brew:8443", "[::1]:80"].map(String::from).to_vec(),
        watch_time: Duration::from_secs(30),
        watch_turns: 1000,
        write_every: Duration::from_secs(60),
    };
    assert_eq!(plan(FULL, None).host, expect);
}

#[test]
fn devices_are_read_in_order() {
    let expect = vec![
        Device {
            name: name("mash-probe"),
            unit: "kelvin".into(),
            kind: DeviceKind::Input {
                every: seconds(2),
                input: Input::W1Thermometer { id: "28-000005e2fdc3".into(), sysfs: "house/sys".into() },
            },
        },
        input(
            "button",
            "",
            Input::Gpio {
                line: Line::Header(13),
                active_low: true,
                bias: Some(Bias::PullUp),
                debounce: Duration::from_millis(20),
            },
        ),
        input(
            "sim",
            "celsius",
            Input::SimKettle {
                heater: name("heater"),
                start_celsius: -1.5,
                litres: 20.0,
                power_watts: 3000.0,
                efficiency: 0.9,
                loss_watts_per_kelvin: 8.0,
            },
        ),
        input(
            "script",
            "",
            Input::Scripted {
                steps: vec![
                    (Duration::ZERO, Some(20.0)),
                    (Duration::from_millis(500), None),
                    (seconds(10), Some(-3.0)),
                ],
            },
        ),
        input("wave", "", Input::Sine { mean: 5.0, amplitude: 2.5, period: seconds(10) }),
        input("load", "load", Input::MachineLoad),
        input("memory", "percent", Input::MachineMemory),
        input("cpu", "percent", Input::MachineCpu),
        input("heat", "celsius", Input::MachineTemperature { sensor: Some("cpu_thermal".into()) }),
        Device {
            name: name("heater"),
            unit: String::new(),
            kind: DeviceKind::Output {
                safe: false,
                max_on: Some(seconds(900)),
                output: Output::Gpio { line: Line::Bcm(17), active_low: true },
            },
        },
        Device {
            name: name("fan"),
            unit: "speed".into(),
            kind: DeviceKind::Output { safe: true, max_on: Some(seconds(3600)), output: Output::SimRelay },
        },
    ];
    let plan = plan(FULL, None);
    assert_eq!(plan.devices, expect);
    // The words for kinds are those of the text.
    for device in &plan.devices {
        let header = FULL.find(&format!("[device.{}]\n", device.name)).unwrap();
        let kind = FULL[header..].lines().nth(1).unwrap();
        assert!(kind.ends_with(&format!("\"{}\"", device.kind.word())), "{kind}");
    }
}

#[test]
fn actors_and_behaviors_are_read() {
    let plan = plan(FULL, None);
    let config = serde_json::json!({
        "power-watts": 2000, "efficiency": 0.8, "since": "2026-01-01", "name": "mash", "on": true,
        "steps": [{ "set": 66 }, 72.5],
    });
    let controller = Actor {
        behavior: Behavior {
            grants: grants(&[
                "write:heater",
                "publish:kettle/**",
                "spawn:machine",
                "register:boss",
                "subscribe:kettle/*",
                "supervise:pool",
                "files:recipes",
                "files-write:/srv/log",
                "connect:broker.local:1883",
            ]),
            mailbox: Mailbox { limit: 256, when_full: WhenFull::DropOldest },
            deadline: Duration::from_millis(20),
            memory: 1 << 20,
            memory_class: Some(MemoryClass::Dense),
            max_message: 64 << 10,
            keep: Keep::Restarts,
            sleep_after: Some(seconds(90)),
            config: config.as_object().unwrap().clone(),
            build: Some(Build {
                language: "rust",
                package: "controller".into(),
                workspace: "house/..".into(),
                watch: vec!["house/src".into(), "house/../sdk".into()],
            }),
            ..usual("controller", "house/actors/controller.wasm")
        },
        restart: Restart::Temporary,
        shutdown: Shutdown::Brutal,
        significant: true,
    };
    let topics = Actor {
        behavior: Behavior { grants: grants(&["routes"]), ..usual("topics", "house/actors/topics.wasm") },
        restart: Restart::Permanent,
        shutdown: Shutdown::After(seconds(5)),
        significant: false,
    };
    let sampler = Actor {
        behavior: Behavior {
            grants: grants(&["read:mash-probe", "read:heater", "ask:controller", "tell:boss"]),
            ..usual("sampler", "/actors/sampler.wasm")
        },
        restart: Restart::Permanent,
        shutdown: Shutdown::Infinity,
        significant: false,
    };
    assert_eq!(plan.actors, [topics, controller, sampler]);
    let machine = Behavior {
        mailbox: Mailbox { limit: 1024, when_full: WhenFull::Wait },
        ..usual("machine", "house/actors/machine.wasm")
    };
    assert_eq!(plan.behaviors, [machine]);
}

#[test]
fn the_tree_is_read() {
    let plan = plan(FULL, None);
    let brewery = Supervisor {
        name: name("brewery"),
        rule: Rule::Static(Strategy::RestForOne, names(&["controller", "sampler", "pool"])),
        flags: Flags {
            intensity: Intensity { restarts: 3, within: seconds(90) },
            auto_shutdown: AutoShutdown::All,
            give_up: GiveUp::Quarantine,
            back_off: Some(BackOff {
                first: seconds(1),
                max: seconds(60),
                factor: 3.0,
                jitter: 0.5,
                reset: seconds(300),
            }),
        },
        restart: Restart::Transient,
        shutdown: Shutdown::After(seconds(10)),
        significant: false,
    };
    let template = Template {
        behavior: name("machine"),
        restart: Restart::Transient,
        shutdown: Shutdown::After(seconds(1)),
        significant: true,
    };
    let pool = Supervisor {
        name: name("pool"),
        rule: Rule::Dynamic(template),
        flags: Flags { auto_shutdown: AutoShutdown::Any, ..Flags::default() },
        restart: Restart::Transient,
        shutdown: Shutdown::Infinity,
        significant: true,
    };
    let lone = Supervisor {
        name: name("lone"),
        rule: Rule::Static(Strategy::OneForAll, vec![]),
        flags: Flags::default(),
        restart: Restart::Permanent,
        shutdown: Shutdown::Infinity,
        significant: false,
    };
    assert_eq!(plan.supervisors, [brewery, pool, lone]);
    assert_eq!(plan.root, names(&["topics", "brewery", "lone"]));
}

#[test]
fn topics_and_routes_are_read() {
    let plan = plan(FULL, None);
    let topics = [("kettle/sample", 5400), ("**", 1024)]
        .map(|(pattern, keep)| TopicHistory { pattern: pattern.parse().unwrap(), keep });
    assert_eq!(plan.topics, topics);
    let ask = Serve::Ask { actor: name("controller"), get: Some("show".into()), post: Some("set".into()) };
    let routes = [("/logger", Serve::Stream("kettle/log".parse().unwrap())), ("/controller", ask)]
        .map(|(path, serve)| HttpRoute { path: path.into(), serve });
    assert_eq!(plan.routes, routes);
}

#[test]
fn a_profile_replaces_devices_and_outputs_stay_safe() {
    let base = plan(FULL, None);
    let sim = plan(FULL, Some("sim"));
    let order = |plan: &Plan| plan.devices.iter().map(|device| device.name.clone()).collect::<Vec<_>>();
    assert_eq!(order(&base), order(&sim));
    let relay = |safe, max_on| DeviceKind::Output { safe, max_on: Some(seconds(max_on)), output: Output::SimRelay };
    assert_eq!(device(&sim, "heater").kind, relay(false, 900), "inherited");
    assert_eq!(device(&sim, "fan").kind, relay(false, 7200), "set by the profile");
    assert_eq!(device(&sim, "fan").unit, "", "not inherited");
    assert_eq!(device(&sim, "mash-probe").kind.word(), "sim-kettle");
    assert_eq!(device(&sim, "button"), device(&base, "button"));
}

#[test]
fn a_profile_goes_over_host_and_configuration() {
    let (base, sim) = (plan(FULL, None), plan(FULL, Some("sim")));
    assert_eq!(sim.host, Host { listen: "127.0.0.1:0".parse().unwrap(), ..base.host.clone() });
    let config = |plan: &Plan, name: &str| {
        plan.actors.iter().find(|actor| actor.behavior.name.as_str() == name).unwrap().behavior.config.clone()
    };
    let mut expect = config(&base, "controller");
    expect.insert("efficiency".into(), 0.5.into());
    assert_eq!(config(&sim, "controller"), expect);
    assert_eq!(serde_json::Value::from(config(&sim, "sampler")), serde_json::json!({ "every": "1s" }));
    assert_eq!(plan(FULL, Some("empty")), base);
}

#[test]
fn the_directory_of_the_manifest_is_joined() {
    let check = |file: &str, expect: &str| {
        let plan = parse("[actor.a]\nsource = \"a.wasm\"", Path::new(file), None).unwrap();
        assert_eq!(plan.actors[0].behavior.source, PathBuf::from(expect), "{file}");
    };
    check("greenroom.toml", "a.wasm");
    check("house/greenroom.toml", "house/a.wasm");
    check("/house/greenroom.toml", "/house/a.wasm");
}
