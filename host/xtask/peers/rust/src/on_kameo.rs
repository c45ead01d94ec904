//! kameo, with unbounded mailboxes, on tokio's runtime of one thread.

use crate::clock::{Clock, warm_up};
use crate::roles::{Library, Message, Role};
use kameo::actor::{ActorRef, Spawn};
use kameo::message::Context;
use kameo::{Actor, mailbox};
use std::convert::Infallible;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// An actor.
struct One {
    role: Role<Handle>,
    done: UnboundedSender<u64>,
}

#[derive(Clone)]
struct Handle(ActorRef<One>);

impl Actor for One {
    type Args = Self;
    type Error = Infallible;

    async fn on_start(args: Self, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(args)
    }
}

impl kameo::message::Message<Message<Handle>> for One {
    type Reply = ();

    async fn handle(&mut self, message: Message<Handle>, ctx: &mut Context<Self, ()>) {
        let own = ctx.actor_ref().clone();
        let mut library = Kameo { own, done: &self.done, stop: false };
        self.role.handle(message, &mut library);
        if library.stop {
            ctx.stop();
        }
    }
}

/// A question: the answer is one more.
struct Question(u64);

impl kameo::message::Message<Question> for One {
    type Reply = u64;

    async fn handle(&mut self, Question(number): Question, _: &mut Context<Self, u64>) -> u64 {
        number + 1
    }
}

struct Kameo<'a> {
    own: ActorRef<One>,
    done: &'a UnboundedSender<u64>,
    stop: bool,
}

impl Library for Kameo<'_> {
    type Ref = Handle;

    fn own(&self) -> Handle {
        Handle(self.own.clone())
    }

    fn send(&self, to: &Handle, message: Message<Handle>) {
        drop(to.0.tell(message).try_send());
    }

    fn spawn(&self, role: Role<Handle>) -> Handle {
        let one = One { role, done: self.done.clone() };
        Handle(One::spawn_with_mailbox(one, mailbox::unbounded()))
    }

    fn stop(&mut self) {
        self.stop = true;
    }

    fn done(&self, messages: u64) {
        _ = self.done.send(messages);
    }
}

pub fn run(pattern: &str, units: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (done, mut finished) = unbounded_channel();
        let asking = pattern == "asking";
        let role = if asking { Role::Pong } else { Role::of(pattern).expect("a pattern") };
        let main = One::spawn_with_mailbox(One { role, done }, mailbox::unbounded());
        let mut start = async |units: u64| {
            if asking {
                for number in 0..units {
                    let answer = main.ask(Question(number)).await.expect("an answer");
                    assert_eq!(answer, number + 1);
                }
                return 2 * units;
            }
            drop(main.tell(Message::Start { units }).try_send());
            finished.recv().await.expect("an end")
        };
        start(warm_up(units)).await;
        let clock = Clock::start();
        let messages = start(units).await;
        clock.stop(messages);
    });
}
