//! Behaviours as values, messages put aside, and other behaviours of the manifest.

use greenroom::prelude::*;
use greenroom::test::{Host, Test};

/// A door: what is shut puts `pass` aside.
struct Door(Current<Self>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Open,
    Shut,
    Pass { who: String },
    Wall,
    Burn,
}

struct Shut;

struct Open {
    passed: u64,
}

impl Behavior<Door> for Shut {
    fn handle(&mut self, message: Order, _: &mut Context<Door>) -> Result<Then<Door>> {
        Ok(match message {
            Order::Open => Then::to(Open { passed: 0 }),
            Order::Shut => Then::SAME,
            Order::Pass { .. } => Then::DEFER,
            Order::Wall => Then::Next(Next::to("wall")),
            Order::Burn => Then::STOP,
        })
    }
}

impl Behavior<Door> for Open {
    fn handle(&mut self, message: Order, ctx: &mut Context<Door>) -> Result<Then<Door>> {
        match message {
            Order::Shut => Ok(Then::to(Shut)),
            Order::Pass { who } => {
                self.passed += 1;
                info!("{who}");
                ctx.reply(&self.passed).map(Then::Next)
            }
            _ => Ok(Then::Next(Next::unhandled("it is open"))),
        }
    }
}

impl Actor for Door {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self(Current::new(Shut)))
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        self.0.handle(message, ctx)
    }
}

fn pass(who: &str) -> Order {
    Order::Pass { who: who.into() }
}

/// What a door can become.
struct Wall;

impl Actor for Wall {
    type Config = ();
    type Message = Message;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self)
    }

    fn handle(&mut self, message: Message, _: &mut Context<Self>) -> Result<Next> {
        info!("wall: {message:?}");
        Ok(Next::Same)
    }
}

#[test]
fn what_was_put_aside_comes_back_in_order_when_it_can_be_handled() {
    let mut door = Test::<Door>::start(());
    for who in ["one", "two", "three"] {
        door.tell(pass(who));
    }
    assert_eq!(door.logs().count(), 0);
    door.tell(Order::Open);
    let logs: Vec<_> = door.logs().map(|(_, _, text)| text.to_string()).collect();
    assert_eq!(logs, ["one", "two", "three"]);
    assert_eq!(door.ask::<u64>(pass("four")), Ok(4));
    door.tell(Order::Shut);
    // A question that is put aside waits with its message.
    let late = door.ask::<u64>(pass("late"));
    assert_eq!(late, Err(AskError::TimedOut));
    door.tell(Order::Open);
    assert_eq!(door.ask::<u64>(pass("late")), Ok(2));
}

#[test]
fn what_is_not_understood_is_refused_with_the_behaviours_own_words() {
    let mut door = Test::<Door>::start(());
    door.tell(Order::Open);
    assert_eq!(door.ask::<u64>(Order::Wall), Err(AskError::Refused("it is open".into())));
    assert_eq!(door.dead_letters().map(|(_, why)| why.to_string()).collect::<Vec<_>>(), ["it is open"]);
}

#[test]
fn an_actor_becomes_another_at_the_same_address() {
    let mut host = Host::new();
    host.behavior::<Wall>("wall", &());
    let mut door = Test::<Door>::on(host, ());
    door.tell(pass("late"));
    door.tell(Order::Wall);
    door.tell(Order::Open);
    let logs: Vec<_> = door.logs().map(|(_, _, text)| text.to_string()).collect();
    assert_eq!(logs, [r#"wall: pass {"who":"late"}"#, "wall: open "]);
}

#[test]
fn an_actor_stops_as_planned() {
    let mut door = Test::<Door>::start(());
    let asked = door.ask::<u64>(Order::Burn);
    assert_eq!(asked, Err(AskError::Ended(Reason::Normal)));
    assert_eq!(door.why_ended(), Some(Reason::Normal));
}
