//! Spawning, links, monitors and exit signals: Erlang's rules.

use greenroom::prelude::*;
use greenroom::test::{Host, Test};
use serde_json::json;

/// Does what it is told, and keeps what it hears.
struct Parent {
    heard: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Spawn { link: bool, monitor: bool },
    Link { to: Address },
    Unlink { to: Address },
    Watch { whom: Address },
    Unwatch { monitor: Monitor },
    Trap,
    Exit { whom: Address, why: Reason },
    Heard,
}

impl Actor for Parent {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Spawn { link, monitor } => {
                let mut spawn = ctx.spawn("child").config(&json!({ "two": 20 }))?.named("child");
                if link {
                    spawn = spawn.linked();
                }
                if monitor {
                    spawn = spawn.monitored();
                }
                return match spawn.start() {
                    Ok(child) => ctx.reply(&child.address),
                    Err(why) => ctx.refuse(why.to_string()),
                };
            }
            Order::Link { to } => ctx.link(to),
            Order::Unlink { to } => ctx.unlink(to),
            Order::Watch { whom } => return ctx.reply(&ctx.monitor(whom)),
            Order::Unwatch { monitor } => ctx.demonitor(monitor),
            Order::Trap => ctx.trap_exits(true),
            Order::Exit { whom, why } => ctx.exit(whom, &why),
            Order::Heard => return ctx.reply(&self.heard),
        }
        Ok(Next::Same)
    }

    fn exited(&mut self, _: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.heard.push(format!("exited {why}"));
        Ok(Next::Same)
    }

    fn down(&mut self, _: Monitor, _: Address, why: Reason, _: &mut Context<Self>) -> Result<Next> {
        self.heard.push(format!("down {why}"));
        Ok(Next::Same)
    }

    fn stopping(&mut self, why: Reason, _: &mut Context<Self>) {
        info!("stopping {why}");
    }
}

/// Ends as it is told; tells its configuration.
struct Child(Config);

#[derive(Serialize, Deserialize)]
struct Config {
    one: u32,
    two: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum End {
    Config,
    Stop,
    Fail,
}

impl Actor for Child {
    type Config = Config;
    type Message = End;

    fn init(config: Config, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self(config))
    }

    fn handle(&mut self, message: End, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            End::Config => ctx.reply(&self.0),
            End::Stop => Ok(Next::Stop),
            End::Fail => Err(Error::new("told to")),
        }
    }
}

fn parent() -> Test<Parent> {
    let mut host = Host::new();
    host.behavior::<Child>("child", &json!({ "one": 1, "two": 2 }));
    Test::on(host, ())
}

fn heard(parent: &mut Test<Parent>) -> Vec<String> {
    parent.ask(Order::Heard).expect("it answers")
}

#[test]
fn a_child_has_its_configuration_and_its_name() {
    let mut parent = parent();
    let child: Address = parent.ask(Order::Spawn { link: false, monitor: false }).unwrap();
    let config: Config = parent.host_ask(child, &End::Config);
    assert_eq!((config.one, config.two), (1, 20));
    assert_eq!(parent.lookup("child"), Some(child));
    let again = parent.ask::<Address>(Order::Spawn { link: false, monitor: false });
    assert_eq!(again, Err(AskError::Refused("an actor of this name is alive".into())));
    parent.tell_to(child, &End::Stop);
    assert_eq!(parent.lookup("child"), None, "the name is free again");
    parent.deny("spawn:child");
    let denied = parent.ask::<Address>(Order::Spawn { link: false, monitor: false });
    assert_eq!(denied, Err(AskError::Refused("not granted: the manifest has to grant `spawn:child`".into())));
}

/// `Test::tell` and `Test::ask` are for the actor under test; these are for others.
trait Others {
    fn tell_to(&mut self, to: Address, end: &End);
    fn host_ask<T: serde::de::DeserializeOwned>(&mut self, to: Address, end: &End) -> T;
}

impl Others for Test<Parent> {
    fn tell_to(&mut self, to: Address, end: &End) {
        Host::tell(self, to, end);
    }
    fn host_ask<T: serde::de::DeserializeOwned>(&mut self, to: Address, end: &End) -> T {
        Host::ask(self, to, end).expect("it answers")
    }
}

#[test]
fn how_a_child_ends_is_told_by_the_rules() {
    let check = |link: bool, monitor: bool, trap: bool, end: End, expect: Result<&[&str], &str>| {
        let mut parent = parent();
        if trap {
            parent.tell(Order::Trap);
        }
        let child = parent.ask(Order::Spawn { link, monitor }).unwrap();
        parent.tell_to(child, &end);
        match (parent.why_ended(), expect) {
            (None, Ok(expect)) => assert_eq!(heard(&mut parent), expect),
            (Some(why), Err(expect)) => assert_eq!(why.to_string(), expect),
            (why, expect) => panic!("{why:?}, not {expect:?}"),
        }
    };
    check(false, false, false, End::Fail, Ok(&[]));
    check(false, true, false, End::Fail, Ok(&["down failed: told to"]));
    check(false, true, false, End::Stop, Ok(&["down normal"]));
    check(true, false, false, End::Fail, Err("failed: told to"));
    check(true, false, false, End::Stop, Ok(&[]));
    check(true, false, true, End::Fail, Ok(&["exited failed: told to"]));
    check(true, true, true, End::Stop, Ok(&["exited normal", "down normal"]));
}

#[test]
fn exit_signals_follow_the_rules() {
    // From the parent to a child that traps exits or does not; how the child ends, and what it hears.
    let check = |why: Reason, trap: bool, ends: bool, expect: &[&str]| {
        let mut parent = parent();
        let other = parent.start::<Parent>("other", &()).unwrap();
        if trap {
            Host::tell(&mut parent, other, &Order::Trap);
        }
        parent.tell(Order::Exit { whom: other, why: why.clone() });
        assert_eq!(parent.ended(other), ends.then_some(why), "{trap}");
        if !ends {
            assert_eq!(Host::ask::<Vec<String>>(&mut parent, other, &Order::Heard).unwrap(), expect);
        }
    };
    check(Reason::Normal, false, false, &[]);
    check(Reason::Normal, true, false, &["exited normal"]);
    check(Reason::Shutdown, false, true, &[]);
    check(Reason::Shutdown, true, false, &["exited shutdown"]);
    check(Reason::Killed, false, true, &[]);
    check(Reason::Killed, true, true, &[]);
}

#[test]
fn links_and_monitors_can_be_taken_back_and_come_too_late() {
    let mut parent = parent();
    parent.tell(Order::Trap);
    let one = parent.stranger("one");
    parent.tell(Order::Link { to: one });
    parent.tell(Order::Unlink { to: one });
    let monitor = parent.ask(Order::Watch { whom: one }).unwrap();
    parent.tell(Order::Unwatch { monitor });
    parent.end(one, Reason::Killed);
    assert_eq!(heard(&mut parent), [""; 0]);
    parent.ask::<Monitor>(Order::Watch { whom: one }).unwrap();
    parent.tell(Order::Link { to: one });
    assert_eq!(heard(&mut parent), ["down no-actor", "exited no-actor"]);
}

#[test]
fn the_last_turn_is_told_why() {
    let mut parent = parent();
    let address = parent.address();
    parent.stop(address);
    assert_eq!(parent.why_ended(), Some(Reason::Shutdown));
    assert!(parent.logged("stopping shutdown"));
}
