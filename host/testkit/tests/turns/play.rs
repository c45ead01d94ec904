//! One case: what there was is set up, a turn is had, and everything is looked at that it could have changed.

use greenroom_engine::{CallError, hub};
use greenroom_testkit::{Stage, guest, message};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// A call of the probe.
pub(crate) struct Call {
    /// The contract's function; without a dot it is a further use of one: an order to a supervisor.
    pub(crate) name: &'static str,
    /// What it is about: an actor, whose address is given, or what is given as it is.
    about: About,
    /// Whether its effect ends with the incarnation that asked for it: then nobody sees it after a turn that failed.
    own: bool,
}

enum About {
    Actor(&'static str),
    Text(&'static str),
}

const fn call(name: &'static str, about: About) -> Call {
    Call { name, about, own: false }
}

const fn own(name: &'static str, about: About) -> Call {
    Call { name, about, own: true }
}

use About::{Actor, Text};

/// Every call, in some order.
pub(crate) const CALLS: [Call; 25] = [
    call("messaging.send", Actor("sink")),
    call("messaging.start-ask", Actor("sink")),
    call("messaging.reply", Text("")),
    call("order-sent", Actor("pool")),
    call("order-asked", Actor("pool")),
    call("actors.spawn", Text("kid")),
    call("actors.link", Actor("victim")),
    call("actors.unlink", Actor("linked")),
    own("actors.monitor", Actor("watched-too")),
    own("actors.demonitor", Text("")),
    own("actors.trap-exits", Text("off")),
    call("actors.exit", Actor("doomed")),
    own("names.register", Text("new")),
    own("names.unregister", Text("old")),
    call("asking.ask", Actor("sink")),
    own("timers.send-after", Actor("sink")),
    own("timers.send-every", Actor("sink")),
    own("timers.cancel", Text("")),
    call("topics.publish", Text("trap/it")),
    call("topics.subscribe", Text("trap/**")),
    call("topics.unsubscribe", Text("trap/**")),
    call("routes.set", Actor("sink")),
    own("devices.write", Text("lamp")),
    own("devices.watch", Text("sensor")),
    call("log.write", Text("a line")),
];

const GRANTS: &str = r#""write:lamp", "write:pump", "read:sensor", "publish:trap/**", "subscribe:trap/**",
    "register:new", "register:old", "register:kid", "spawn:kid", "supervise:pool", "routes""#;

/// A way to fail.
#[derive(Debug, Clone, Copy)]
pub(crate) enum How {
    Trap,
    Loop,
    Grow,
    Error,
}

impl How {
    fn word(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Loop => "loop",
            Self::Grow => "grow",
            Self::Error => "error",
        }
    }

    /// What the actor's end is called.
    fn reason(self) -> &'static str {
        match self {
            Self::Trap => "trapped: wasm trap: wasm `unreachable` instruction executed",
            Self::Loop => "out-of-time",
            Self::Grow => "out-of-memory",
            Self::Error => "failed: told to fail",
        }
    }
}

/// Which turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// One that handles a message.
    Turn,
    /// The first one of a new build that takes over the state.
    Build,
}

/// A turn.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub(crate) order: &'a [&'static str],
    /// After how many calls it fails, and how.
    pub(crate) fail: Option<(usize, How)>,
    pub(crate) host: Host,
}

impl Case<'_> {
    /// The calls that have an effect that can be seen.
    fn expect(&self) -> BTreeSet<&'static str> {
        let asked = self.order.iter().position(|name| *name == "asking.ask");
        let (took, ended) = match (self.fail, self.host, asked) {
            (None, ..) => (self.order, false),
            // Asking and waiting ends one turn and begins another.
            (Some((after, _)), Host::Turn, Some(asked)) if asked < after => (&self.order[..=asked], true),
            (Some(_), Host::Turn, _) => (&self.order[..0], true),
            (Some(_), Host::Build, _) => (&self.order[..0], false),
        };
        let seen = |name: &&&str| {
            let call = CALLS.iter().find(|call| call.name == **name).unwrap();
            // A build that may take over must not ask and wait; lines are looked at by themselves.
            !(ended && call.own) && **name != "log.write" && (self.host, **name) != (Host::Build, "asking.ask")
        };
        took.iter().filter(seen).copied().collect()
    }

    /// Lines that it logs: at once, whatever comes of the turn.
    fn lines(&self) -> usize {
        let made = self.fail.map_or(self.order.len(), |(after, _)| after);
        self.order[..made].iter().filter(|name| **name == "log.write").count()
    }

    /// Whether the actor's incarnation ends with it.
    fn ends(&self) -> bool {
        self.fail.is_some() && self.host == Host::Turn
    }
}

/// A host with the probe, and those around it.
pub(crate) struct Theatre {
    stage: Stage,
    /// The same component with another digest.
    build: Vec<u8>,
}

const NONE: Value = Value::Null;

impl Theatre {
    pub(crate) async fn new(asking: bool) -> Self {
        let probe = if asking { "trap_at_asking" } else { "trap_at" };
        let manifest = include_str!("house.toml").replace("PROBE.wasm", "probe.wasm").replace("GRANTS", GRANTS);
        // The probe's file is its own, so that a new build is of nobody else.
        let stage = Stage::with_in_virtual_time(&manifest, &[("probe.wasm", probe)]).await;
        // An empty custom section, named `build`.
        let mut build = guest(probe);
        build.extend(b"\0\x06\x05build");
        Self { stage, build }
    }

    /// Has a turn, and looks at what it did.
    pub(crate) async fn play(&mut self, case: &Case<'_>) {
        let incarnations = |stage: &Stage| ["probe", "victim", "doomed"].map(|name| incarnation(stage, name));
        let stage = &self.stage;
        let prepared = ["sink", "watched", "linked"].map(|name| (name.to_owned(), Value::from(address(stage, name))));
        self.ask("linked", "traps-exits").await;
        stage.ask("probe", "prepare", Value::Object(prepared.into_iter().collect())).await.unwrap();
        let handle = stage.handle().clone();
        let question =
            tokio::spawn(
                async move { handle.ask("probe", message("question", &NONE), Duration::from_secs(600)).await },
            );
        // It asks now, before anything is counted.
        tokio::task::yield_now().await;
        self.settle().await;
        for name in ["sink", "registry", "linked", "probe"] {
            self.ask(name, "heard").await;
        }
        let (before, counted, lines) = (incarnations(stage), stage.handle().counters(), self.lines());

        let failed = self.turn(case).await;
        assert_eq!(failed.as_deref(), case.fail.map(|(_, how)| how.reason()), "{case:?}");
        let after = stage.handle().counters();
        let now = incarnations(stage);
        assert_eq!(now[0] - before[0], u64::from(case.ends()), "{case:?}: the probe's incarnation");
        assert_eq!(self.lines() - lines, case.lines(), "{case:?}: lines of the log");
        let expect = case.expect();
        if expect.is_empty() {
            // The message that the turn was for, or the one that planned it, and no other.
            assert_eq!((after.messages - counted.messages, after.actors), (1, counted.actors), "{case:?}");
            assert_eq!(after.dead_letters, counted.dead_letters, "{case:?}");
        }

        let mut seen = BTreeSet::new();
        let mut see = |name, seen_now: bool| {
            if seen_now {
                seen.insert(name);
            }
        };
        let heard = self.heard("sink").await;
        see("messaging.send", heard.contains("sent"));
        see("messaging.start-ask", heard.contains("asked"));
        see("asking.ask", heard.contains("answer-me"));
        see("topics.publish", after.published > counted.published);
        see("order-sent", stage.handle().show("order-sent").is_ok());
        see("order-asked", stage.handle().show("order-asked").is_ok());
        see("actors.spawn", stage.handle().show("kid").is_ok());
        see("actors.exit", now[2] > before[2]);
        let heard = self.heard("registry").await;
        see("topics.subscribe", heard.contains("register"));
        see("topics.unsubscribe", heard.contains("deregister"));
        see("routes.set", self.ask("registry", "routes").await == json!(["routed/**"]));
        see("names.register", stage.handle().show("new").is_ok());
        see("devices.write", stage.device("lamp") == Ok(1.0) || self.writer("lamp").is_some());
        let pump = if case.ends() { (Ok(0.0), None) } else { (Ok(1.0), Some("probe".to_owned())) };
        assert_eq!((stage.device("pump"), self.writer("pump")), pump, "{case:?}: what it drove before");

        // A second later: timers and readings.
        stage.advance(Duration::from_secs(1)).await;
        let heard = self.heard("sink").await;
        see("timers.send-after", heard.contains("after"));
        see("timers.send-every", heard.contains("every"));
        let old_timer = heard.contains("old-timer");
        let old_name = stage.handle().show("old").is_ok();
        for name in ["watched", "watched-too"] {
            stage.handle().kill(name).await.unwrap();
        }
        self.settle().await;
        let heard = self.heard("probe").await;
        see("devices.watch", heard.contains("reading"));
        see("actors.monitor", heard.contains(&format!("down {}", address(stage, "watched-too"))));
        let old_monitor = heard.contains(&format!("down {}", address(stage, "watched")));

        // What a later turn takes back has ended with the incarnation, if that has.
        if !case.ends() {
            stage.tell("probe", "answer", NONE);
            self.go("doomed", &[("exit-failed", Actor("probe"))], None).await;
            see("actors.trap-exits", incarnation(stage, "probe") > now[0]);
            see("timers.cancel", !old_timer);
            see("names.unregister", !old_name);
            see("actors.demonitor", !old_monitor);
        } else {
            assert_eq!((old_timer, old_name, old_monitor), (false, false, false), "{case:?}: what the incarnation had");
        }
        // It ends, if it has not: who is linked notices.
        stage.handle().kill("probe").await.unwrap();
        self.settle().await;
        let exited = format!("exited {}", address(stage, "probe"));
        see("actors.unlink", !self.heard("linked").await.contains(&exited));
        see("actors.link", incarnation(stage, "victim") > before[1]);
        match (question.await.unwrap(), case.ends()) {
            (Ok(answer), _) => see("messaging.reply", answer.kind.as_str() == "replied"),
            (Err(CallError::Ended(who, _)), true) => assert_eq!(who, "probe"),
            (other, _) => panic!("{case:?}: the question: {other:?}"),
        }
        assert_eq!(seen, expect, "{case:?}: calls with an effect");
        self.tidy().await;
    }

    /// The turn that a case is about. Why it failed, if it did.
    async fn turn(&self, case: &Case<'_>) -> Option<String> {
        let calls: Vec<_> =
            case.order.iter().map(|name| CALLS.iter().find(|call| call.name == *name).unwrap()).collect();
        let script = self.script(calls.iter().map(|call| (call.name, &call.about)), case.fail);
        let stage = &self.stage;
        match case.host {
            Host::Turn => {
                let turns = stage.handle().counters().faults;
                stage.tell("probe", "go", script);
                self.settle().await;
                let failed = stage.handle().counters().faults > turns;
                let end = stage.handle().show("probe").unwrap().actor.unwrap().last_end;
                end.filter(|_| failed).map(first_line)
            }
            Host::Build => {
                stage.ask("probe", "plan", script).await.unwrap();
                stage.install("probe.wasm", &self.build);
                let reloaded = stage.handle().reload("probe").await;
                self.settle().await;
                match reloaded {
                    Ok(reloaded) => {
                        assert_eq!(reloaded.state, "kept", "{case:?}");
                        None
                    }
                    Err(CallError::NotSwapped { stage: "state", why }) => Some(first_line(why)),
                    Err(error) => panic!("{case:?}: {error}"),
                }
            }
        }
    }

    fn script<'c>(&self, calls: impl Iterator<Item = (&'c str, &'c About)>, fail: Option<(usize, How)>) -> Value {
        let argument = |about: &About| match about {
            Actor(name) => address(&self.stage, name),
            Text(text) => (*text).to_owned(),
        };
        let calls: Vec<_> = calls.map(|(name, about)| json!([name, argument(about)])).collect();
        json!({ "calls": calls, "fail": fail.map(|(after, how)| json!([after, how.word()])) })
    }

    /// Has somebody make calls in a turn that ends well.
    async fn go(&self, who: &str, calls: &[(&str, About)], fail: Option<(usize, How)>) {
        self.stage.tell(who, "go", self.script(calls.iter().map(|(name, about)| (*name, about)), fail));
        self.settle().await;
    }

    /// Puts away what a turn that took effect has left.
    async fn tidy(&self) {
        for name in ["order-sent", "order-asked"] {
            if self.stage.handle().show(name).is_ok() {
                self.stage.ask("pool", "terminate-child", json!({ "child": name })).await.unwrap();
            }
        }
        if self.stage.handle().show("kid").is_ok() {
            self.stage.handle().kill("kid").await.unwrap();
        }
        self.go("registry", &[("routes.clear", Text(""))], None).await;
    }

    async fn settle(&self) {
        self.stage.advance(Duration::ZERO).await;
    }

    async fn ask(&self, who: &str, kind: &str) -> Value {
        self.stage.ask(who, kind, NONE).await.unwrap_or_else(|error| panic!("{kind}: {error}"))
    }

    async fn heard(&self, who: &str) -> BTreeSet<String> {
        let heard = self.ask(who, "heard").await;
        heard.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    }

    fn writer(&self, device: &str) -> Option<String> {
        self.stage.handle().devices().into_iter().find(|view| view.name == device).unwrap().writer
    }

    /// Lines of the probe's own in the log, so far.
    fn lines(&self) -> usize {
        let topic = "greenroom/logs".parse().unwrap();
        let mut log = self.stage.handle().hub().open(vec![topic], hub::From::Earliest);
        let is_line = |item: &hub::Item| match item {
            hub::Item::Message(entry) => String::from_utf8_lossy(&entry.body).contains("a line"),
            _ => false,
        };
        std::iter::from_fn(|| log.try_next()).filter(is_line).count()
    }
}

fn first_line(text: String) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn address(stage: &Stage, name: &str) -> String {
    stage.handle().show(name).unwrap().address
}

fn incarnation(stage: &Stage, name: &str) -> u64 {
    stage.handle().show(name).unwrap().actor.unwrap().incarnation
}
