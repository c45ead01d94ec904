//! ractor, on tokio's runtime of one thread.

use crate::clock::{Clock, warm_up};
use crate::roles::{Library, Message, Role};
use ractor::{Actor, ActorProcessingErr, ActorRef, ActorRuntime, RpcReplyPort, call};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// An actor; its role is its state.
struct One(UnboundedSender<u64>);

enum Told {
    Message(Message<Handle>),
    /// The answer is one more.
    Question(u64, RpcReplyPort<u64>),
}

#[derive(Clone)]
struct Handle(ActorRef<Told>);

impl Actor for One {
    type Msg = Told;
    type State = Role<Handle>;
    type Arguments = Role<Handle>;

    async fn pre_start(&self, _: ActorRef<Told>, role: Role<Handle>) -> Result<Role<Handle>, ActorProcessingErr> {
        Ok(role)
    }

    async fn handle(
        &self,
        own: ActorRef<Told>,
        message: Told,
        role: &mut Role<Handle>,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Told::Message(message) => role.handle(message, &mut Ractor { own, done: &self.0 }),
            Told::Question(number, port) => port.send(number + 1)?,
        }
        Ok(())
    }
}

struct Ractor<'a> {
    own: ActorRef<Told>,
    done: &'a UnboundedSender<u64>,
}

impl Library for Ractor<'_> {
    type Ref = Handle;

    fn own(&self) -> Handle {
        Handle(self.own.clone())
    }

    fn send(&self, to: &Handle, message: Message<Handle>) {
        drop(to.0.send_message(Told::Message(message)));
    }

    fn spawn(&self, role: Role<Handle>) -> Handle {
        Handle(ActorRuntime::spawn_instant(None, One(self.done.clone()), role).expect("an actor").0)
    }

    fn stop(&mut self) {
        self.own.stop(None);
    }

    fn done(&self, messages: u64) {
        _ = self.done.send(messages);
    }
}

pub fn run(pattern: &str, units: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let (done, mut finished) = unbounded_channel();
        let asking = pattern == "asking";
        let role = if asking { Role::Pong } else { Role::of(pattern).expect("a pattern") };
        let (main, _) = One::spawn(None, One(done), role).await.expect("an actor");
        let mut start = async |units: u64| {
            if asking {
                for number in 0..units {
                    let answer = call!(main, |port| Told::Question(number, port)).expect("an answer");
                    assert_eq!(answer, number + 1);
                }
                return 2 * units;
            }
            main.send_message(Told::Message(Message::Start { units })).expect("it is alive");
            finished.recv().await.expect("an end")
        };
        start(warm_up(units)).await;
        let clock = Clock::start();
        let messages = start(units).await;
        clock.stop(messages);
    });
}
