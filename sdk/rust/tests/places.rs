//! Devices, names and topics.

use greenroom::prelude::*;
use greenroom::test::{Host, Test};
use greenroom::{ReadError, WriteError};

/// Does what it is told, and answers how that went.
struct Hand {
    heard: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Read { device: String },
    Write { device: String, value: f64 },
    Watch { device: String },
    Register { name: String },
    Unregister { name: String },
    Lookup { name: String },
    Publish { topic: String },
    Subscribe { pattern: String },
    Unsubscribe { pattern: String },
    Reading { device: String, value: Option<f64>, missing: Option<String> },
    Published,
    Heard,
}

impl Actor for Hand {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { heard: Vec::new() })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        fn done<T: std::fmt::Debug, E: std::fmt::Display>(result: Result<T, E>) -> String {
            result.map_or_else(|why| why.to_string(), |value| format!("{value:?}"))
        }
        let how = match message {
            Order::Read { device } => done(ctx.read(&device).map(|reading| reading.value)),
            Order::Write { device, value } => done(ctx.write(&device, value)),
            Order::Watch { device } => done(ctx.watch(&device)),
            Order::Register { name } => done(ctx.register(&name)),
            Order::Unregister { name } => {
                ctx.unregister(&name);
                "()".into()
            }
            Order::Lookup { name } => done(ctx.lookup(&name).map(|found| found.is_some())),
            Order::Publish { topic } => done(ctx.publish(&topic, &Order::Published)),
            Order::Subscribe { pattern } => done(ctx.subscribe(&pattern)),
            Order::Unsubscribe { pattern } => {
                ctx.unsubscribe(&pattern);
                "()".into()
            }
            Order::Reading { device, value, missing } => {
                self.heard.push(format!("{device} {value:?} {missing:?}"));
                return Ok(Next::Same);
            }
            Order::Published => {
                self.heard.push(ctx.topic().unwrap_or("no topic").to_string());
                return Ok(Next::Same);
            }
            Order::Heard => return ctx.reply(&self.heard),
        };
        ctx.reply(&how)
    }
}

fn heard(hand: &mut Test<Hand>) -> Vec<String> {
    hand.ask(Order::Heard).expect("it answers")
}

#[test]
fn devices_are_read_and_written_or_say_why_not() {
    let mut host = Host::new();
    host.set_input("probe", 64.0);
    host.set_input("old", 64.0);
    host.stale_input("old", 90.s());
    host.lose_input("lost", "CRC mismatch");
    host.add_output("heater");
    host.add_output("fan");
    host.fail_output("fan", Some(WriteError::MaxOn));
    host.deny("read:secret");
    host.deny("write:secret");
    let other = host.start::<Hand>("other", &()).unwrap();
    host.tell(other, &Order::Write { device: "pump".into(), value: 1.0 });
    let mut hand = Test::<Hand>::on(host, ());
    let mut check = |order: Order, expect: &str| assert_eq!(hand.ask::<String>(order).unwrap(), expect);
    let read = |device: &str| Order::Read { device: device.into() };
    let write = |device: &str, value: f64| Order::Write { device: device.into(), value };
    check(read("probe"), "64.0");
    check(read("old"), "the last value is 90s old");
    check(read("lost"), "CRC mismatch");
    check(read("none"), "the manifest has no such device");
    check(read("secret"), "not granted: the manifest has to grant `read:secret`");
    check(read("heater"), "0.0");
    check(write("heater", 1.0), "()");
    check(read("heater"), "1.0");
    check(write("probe", 1.0), "the device is an input");
    check(write("pump", 0.0), "`other` writes it");
    check(write("fan", 1.0), "it was on for longer than its `max-on`: switch it off once");
    check(write("secret", 1.0), "not granted: the manifest has to grant `write:secret`");
    // The writer's end makes its outputs safe, and free.
    hand.end(other, Reason::OutOfTime);
    assert_eq!(hand.output("pump"), 0.0);
    assert_eq!(hand.ask::<String>(write("pump", 1.0)).unwrap(), "()");
    assert_eq!(ReadError::Stale(1_500_000_000).to_string(), "the last value is 1500ms old");
}

#[test]
fn a_watched_device_tells_each_new_value() {
    let mut host = Host::new();
    host.set_input("probe", 64.0);
    let mut hand = Test::<Hand>::on(host, ());
    assert_eq!(hand.ask::<String>(Order::Watch { device: "probe".into() }).unwrap(), "()");
    assert_ne!(hand.ask::<String>(Order::Watch { device: "none".into() }).unwrap(), "()");
    hand.set_input("probe", 64.5);
    hand.lose_input("probe", "unplugged");
    assert_eq!(heard(&mut hand), ["probe Some(64.5) None", r#"probe None Some("unplugged")"#]);
}

#[test]
fn names_are_unique_and_free_again() {
    let mut hand = Test::<Hand>::start(());
    hand.stranger("taken");
    hand.deny("register:secret");
    hand.deny("tell:secret");
    hand.deny("ask:secret");
    let name = |name: &str| name.to_string();
    let mut check = |order: Order, expect: &str| assert_eq!(hand.ask::<String>(order).unwrap(), expect);
    check(Order::Register { name: name("mine") }, "()");
    check(Order::Register { name: name("mine") }, "()");
    check(Order::Lookup { name: name("mine") }, "true");
    check(Order::Register { name: name("taken") }, "another living actor has this name");
    check(Order::Register { name: name("secret") }, "not granted: the manifest has to grant `register:secret`");
    check(Order::Lookup { name: name("secret") }, "not granted: the manifest has to grant `tell:secret`");
    check(Order::Unregister { name: name("mine") }, "()");
    check(Order::Unregister { name: name("taken") }, "()");
    check(Order::Lookup { name: name("mine") }, "false");
    check(Order::Lookup { name: name("taken") }, "true");
}

#[test]
fn who_subscribes_hears() {
    let mut hand = Test::<Hand>::start(());
    hand.deny("publish:secret");
    hand.deny("subscribe:secret");
    let text = |text: &str| text.to_string();
    let mut check = |order: Order, expect: &str| assert_eq!(hand.ask::<String>(order).unwrap(), expect);
    check(Order::Publish { topic: text("a/b") }, "()");
    check(Order::Subscribe { pattern: text("a/*") }, "()");
    check(Order::Publish { topic: text("a/b") }, "()");
    check(Order::Publish { topic: text("a/b/c") }, "()");
    check(Order::Unsubscribe { pattern: text("a/*") }, "()");
    check(Order::Publish { topic: text("a/b") }, "()");
    check(Order::Publish { topic: text("a/*") }, "`a/*` is no topic");
    check(Order::Subscribe { pattern: text("a//b") }, "`a//b` is no topic");
    check(Order::Publish { topic: text("secret") }, "not granted: the manifest has to grant `publish:secret`");
    check(Order::Subscribe { pattern: text("secret") }, "not granted: the manifest has to grant `subscribe:secret`");
    assert_eq!(heard(&mut hand), ["a/b"]);
    assert_eq!(hand.published("a/b").len(), 3);
}
