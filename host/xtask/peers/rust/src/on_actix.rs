//! actix, on one arbiter.

use crate::clock::{Clock, warm_up};
use crate::roles::{Library, Message, Role};
use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, System};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// An actor.
struct One {
    role: Role<Handle>,
    done: UnboundedSender<u64>,
}

#[derive(Clone)]
struct Handle(Addr<One>);

impl Actor for One {
    type Context = Context<Self>;
}

impl actix::Message for Message<Handle> {
    type Result = ();
}

impl Handler<Message<Handle>> for One {
    type Result = ();

    fn handle(&mut self, message: Message<Handle>, ctx: &mut Context<Self>) {
        self.role.handle(message, &mut Actix { ctx, done: &self.done });
    }
}

/// A question: the answer is one more.
struct Question(u64);

impl actix::Message for Question {
    type Result = u64;
}

impl Handler<Question> for One {
    type Result = u64;

    fn handle(&mut self, Question(number): Question, _: &mut Context<Self>) -> u64 {
        number + 1
    }
}

struct Actix<'a> {
    ctx: &'a mut Context<One>,
    done: &'a UnboundedSender<u64>,
}

impl Library for Actix<'_> {
    type Ref = Handle;

    fn own(&self) -> Handle {
        Handle(self.ctx.address())
    }

    fn send(&self, to: &Handle, message: Message<Handle>) {
        to.0.do_send(message);
    }

    fn spawn(&self, role: Role<Handle>) -> Handle {
        Handle(One { role, done: self.done.clone() }.start())
    }

    fn stop(&mut self) {
        self.ctx.stop();
    }

    fn done(&self, messages: u64) {
        _ = self.done.send(messages);
    }
}

pub fn run(pattern: &str, units: u64) {
    System::new().block_on(async {
        let (done, mut finished) = unbounded_channel();
        let asking = pattern == "asking";
        let role = if asking { Role::Pong } else { Role::of(pattern).expect("a pattern") };
        let main = One { role, done }.start();
        let mut start = async |units: u64| {
            if asking {
                for number in 0..units {
                    let answer = main.send(Question(number)).await.expect("an answer");
                    assert_eq!(answer, number + 1);
                }
                return 2 * units;
            }
            main.do_send(Message::Start { units });
            finished.recv().await.expect("an end")
        };
        start(warm_up(units)).await;
        let clock = Clock::start();
        let messages = start(units).await;
        clock.stop(messages);
    });
}
