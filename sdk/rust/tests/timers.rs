//! Timers in virtual time.

use greenroom::prelude::*;
use greenroom::test::{Host, Test};

/// Sets timers as it is told, and keeps when they fired.
struct Clock {
    fired: Vec<(String, u64)>,
    last: Option<Timer>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Order {
    Once { after: Duration },
    Every { every: Duration },
    Cancel,
    Fire { note: String },
    Fired,
}

impl Actor for Clock {
    type Config = ();
    type Message = Order;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { fired: Vec::new(), last: None })
    }

    fn handle(&mut self, message: Order, ctx: &mut Context<Self>) -> Result<Next> {
        match message {
            Order::Once { after } => match ctx.send_after(after, &Order::Fire { note: format!("once {after}") }) {
                Ok(timer) => self.last = Some(timer),
                Err(why) => return ctx.refuse(why.to_string()),
            },
            Order::Every { every } => match ctx.send_every(every, &Order::Fire { note: format!("every {every}") }) {
                Ok(timer) => self.last = Some(timer),
                Err(why) => return ctx.refuse(why.to_string()),
            },
            Order::Cancel => {
                if let Some(timer) = self.last.take() {
                    ctx.cancel(timer);
                }
            }
            Order::Fire { note } => {
                assert_eq!(ctx.sender(), Some(ctx.address()));
                self.fired.push((note, ctx.now().as_nanos() / 1_000_000));
            }
            Order::Fired => return ctx.reply(&self.fired),
        }
        Ok(Next::Same)
    }
}

impl State for Clock {
    type Kept = Vec<(String, u64)>;

    fn keep(&self) -> &Self::Kept {
        &self.fired
    }

    fn resume(fired: Self::Kept, _: (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
        Ok(Self { fired, last: None })
    }
}

fn fired(clock: &mut Test<Clock>) -> Vec<(String, u64)> {
    clock.ask(Order::Fired).expect("it answers")
}

fn times(clock: &mut Test<Clock>) -> Vec<u64> {
    fired(clock).into_iter().map(|(_, at)| at).collect()
}

#[test]
fn timers_fire_when_they_are_due_and_in_order() {
    let mut clock = Test::<Clock>::start(());
    clock.tell(Order::Every { every: 300.ms() });
    clock.tell(Order::Once { after: 500.ms() });
    clock.tell(Order::Once { after: Duration::ZERO });
    clock.advance(1.s());
    let expect =
        [("once 0s", 0), ("every 300ms", 300), ("once 500ms", 500), ("every 300ms", 600), ("every 300ms", 900)];
    assert_eq!(fired(&mut clock), expect.map(|(note, at)| (note.to_string(), at)));
}

#[test]
fn a_timer_that_is_cancelled_never_fires() {
    let mut clock = Test::<Clock>::start(());
    clock.tell(Order::Every { every: 1.s() });
    clock.advance(2.s());
    clock.tell(Order::Cancel);
    clock.advance(1.minutes());
    assert_eq!(times(&mut clock), [1000, 2000]);
}

#[test]
fn timers_carry_over_a_swap_and_end_with_a_restart() {
    let mut clock = Test::<Clock>::start(());
    clock.tell(Order::Every { every: 1.s() });
    clock.advance(1500.ms());
    let mut clock = clock.swap::<Clock>();
    clock.advance(1.s());
    assert_eq!(times(&mut clock), [1000, 2000]);
    clock.restart();
    clock.advance(10.s());
    assert_eq!(times(&mut clock), [1000, 2000]);
}

#[test]
fn times_out_of_range_are_refused() {
    let mut clock = Test::<Clock>::start(());
    for order in [Order::Every { every: Duration::ZERO }, Order::Once { after: (367 * 24).hours() }] {
        let refused = clock.ask::<()>(order);
        assert!(matches!(&refused, Err(AskError::Refused(why)) if why.contains("366 days")), "{refused:?}");
    }
}

#[test]
fn the_time_of_day_is_there_or_not() {
    struct Wall;
    impl Actor for Wall {
        type Config = ();
        type Message = Message;
        fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
            Ok(Self)
        }
        fn handle(&mut self, _: Message, ctx: &mut Context<Self>) -> Result<Next> {
            ctx.reply(&ctx.wall().map(greenroom::Wall::unix_seconds))
        }
    }
    let mut host = Host::new();
    host.advance(1500.ms());
    let mut wall = Test::<Wall>::on(host, ());
    assert_eq!(wall.ask::<Option<f64>>(Message::new("what", [])), Ok(Some(1_767_225_601.5)));
    wall.lose_wall_clock();
    assert_eq!(wall.ask::<Option<f64>>(Message::new("what", [])), Ok(None));
}
