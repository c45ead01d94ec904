//! A turn is a transaction: one that ends badly leaves nothing but its log.

use greenroom::prelude::*;
use greenroom::test::{Host, Test};

/// Does all that a turn can do, and then what it is told.
struct Doer;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Do { how: How, to: Address },
    Late,
    Ping,
    Answered(Result<String, AskError>),
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum How {
    Well,
    Error,
    Panic,
}

impl Actor for Doer {
    type Config = How;
    type Message = Order;

    fn init(how: How, ctx: &mut Context<Self>) -> Result<Self> {
        ctx.register("doer")?;
        ctx.switch("relay", true)?;
        match how {
            How::Well => Ok(Self),
            How::Error => Err(Error::new("told to")),
            How::Panic => panic!("told to"),
        }
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        let Order::Do { how, to } = message else { return ctx.reply("pong") };
        info!("{how:?}");
        ctx.tell(to, &Order::Ping)?;
        ctx.ask(to, &Order::Ping, 1.s(), Order::Answered)?;
        ctx.publish("a/b", &Order::Ping)?;
        ctx.subscribe("c/*")?;
        ctx.set_route("d", &[to])?;
        ctx.switch("heater", true)?;
        ctx.send_after(1.s(), &Order::Late)?;
        ctx.send_every_to(1.s(), to, &Order::Late)?;
        let child = ctx.spawn("child").named("heir").linked().start()?;
        // Good at once, although it is not there yet.
        ctx.tell(child.address, &Order::Ping)?;
        ctx.reply("done")?;
        match how {
            How::Well => Ok(Next::Same),
            How::Error => Err(Error::new("told to")),
            How::Panic => panic!("told to"),
        }
    }
}

/// How a turn went, and how many effects are left of it.
fn effects(how: How) -> (Option<Reason>, usize) {
    let mut host = Host::new();
    let to = host.stranger("stranger");
    let mut doer = Test::<Doer>::on(host, How::Well);
    let answer = doer.ask::<String>(Order::Do { how, to });
    doer.advance(500.ms());
    let heard = doer.received(to).len();
    let heir = doer.lookup("heir").map_or(0, |heir| doer.received(heir).len());
    let seen = [
        usize::from(answer == Ok("done".into())),
        heard,
        heir,
        doer.published("a/b").len(),
        doer.routes().len(),
        usize::from(doer.output("heater") == 1.0),
        doer.spawned().len(),
    ];
    doer.advance(2.s());
    let later = doer.received(to).len();
    assert!(doer.logged(&format!("{how:?}")), "the log is kept");
    (doer.why_ended(), seen.iter().sum::<usize>() + later)
}

#[test]
fn a_turn_that_ends_badly_leaves_nothing() {
    assert_eq!(effects(How::Well), (None, 1 + 2 + 1 + 1 + 2 + 1 + 1 + 2));
    assert_eq!(effects(How::Error), (Some(Reason::Failed("told to".into())), 0));
    assert_eq!(effects(How::Panic), (Some(Reason::Trapped("told to".into())), 0));
}

#[test]
fn a_start_is_a_turn_too() {
    let check = |how: How, expect: Option<Reason>| {
        let mut host = Host::new();
        host.add_output("relay");
        let started = host.start::<Doer>("it", &how);
        assert_eq!(started.as_ref().err(), expect.as_ref());
        assert_eq!(host.output("relay"), if expect.is_none() { 1.0 } else { 0.0 });
        assert_eq!(host.lookup("doer").is_some(), expect.is_none(), "a start that failed leaves no name");
    };
    check(How::Well, None);
    check(How::Error, Some(Reason::Failed("told to".into())));
    check(How::Panic, Some(Reason::Trapped("told to".into())));
    let unfit = Host::new().start::<Doer>("it", &serde_json::json!("Badly"));
    let why = "configuration: unknown variant `Badly`, expected one of Well, Error, Panic";
    assert_eq!(unfit, Err(Reason::Failed(why.into())));
}

/// Nothing to do.
struct Ignored;

impl Actor for Ignored {
    type Config = ();
    type Message = Message;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Err(Error::ignore())
    }

    fn handle(&mut self, _: Message, _: &mut Context<Self>) -> Result<Next> {
        Ok(Next::Same)
    }
}

#[test]
fn a_start_may_have_nothing_to_do() {
    assert_eq!(Host::new().start::<Ignored>("it", &()), Err(Reason::Normal));
}

/// Says what each turn is about.
struct Told;

impl Actor for Told {
    type Config = ();
    type Message = Message;

    fn init(_: (), ctx: &mut Context<Self>) -> Result<Self> {
        ctx.trap_exits(true);
        ctx.subscribe("**")?;
        Ok(Self)
    }

    fn handle(&mut self, message: Message, ctx: &mut Context<Self>) -> Result<Next> {
        self.tell(&message.kind, ctx);
        Ok(match &*message.kind {
            "link" => {
                ctx.link(ctx.sender().ok_or(Error::new("nobody"))?);
                Next::Same
            }
            "defer" => Next::Defer,
            "unhandled" => Next::unhandled("no"),
            _ => Next::Same,
        })
    }

    fn exited(&mut self, _: Address, _: Reason, ctx: &mut Context<Self>) -> Result<Next> {
        self.tell("exited", ctx);
        Ok(Next::Same)
    }
}

impl Told {
    fn tell(&self, what: &str, ctx: &Context<Self>) {
        info!("{what}: {} {} {:?}", ctx.sender().is_some(), ctx.is_asked(), ctx.topic());
    }
}

#[test]
fn a_turn_is_about_its_own_message_alone() {
    for before in ["defer", "unhandled", "same", "published"] {
        let mut host = Host::new();
        let other = host.stranger("other");
        let mut told = Test::<Told>::on(host, ());
        told.tell_by(other, Message::new("link", []));
        told.publish("a/longer/topic", &Message::new("published", []));
        told.publish("b", &Message::new("published", []));
        match before {
            "published" => told.publish("c", &Message::new(before, [])),
            _ => drop(told.ask::<u64>(Message::new(before, []))),
        }
        told.end(other, Reason::Killed);
        told.tell(Message::new("told", []));
        let lines: Vec<_> = told.logs().map(|(_, _, line)| line.to_owned()).collect();
        let expect = [
            "link: true false None",
            "published: false false Some(\"a/longer/topic\")",
            "published: false false Some(\"b\")",
            match before {
                "published" => "published: false false Some(\"c\")",
                _ => &format!("{before}: false true None"),
            },
            "exited: false false None",
            "told: false false None",
        ];
        assert_eq!(lines, expect);
    }
}
