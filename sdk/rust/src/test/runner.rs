//! An actor as the virtual host sees it, whatever its type.

use crate::instance::Instance;
use crate::{Actor, Address, AskError, Envelope, Message, Next, Reason};
use std::any::Any;

/// The contract's exports, of an actor of any type.
pub(super) trait Runner: Any {
    fn init(&mut self, config: &str) -> Result<bool, String>;
    fn handle(&mut self, envelope: Envelope) -> Result<Next, String>;
    fn exited(&mut self, who: Address, why: Reason) -> Result<Next, String>;
    fn down(&mut self, monitor: u64, who: Address, why: Reason) -> Result<Next, String>;
    fn stopping(&mut self, why: Reason);
    fn answered(&mut self, request: u64, answer: Result<Message, AskError>) -> Result<Next, String>;
}

impl<A: Actor> Runner for Instance<A> {
    fn init(&mut self, config: &str) -> Result<bool, String> {
        self.init(config)
    }
    fn handle(&mut self, envelope: Envelope) -> Result<Next, String> {
        self.handle(envelope)
    }
    fn exited(&mut self, who: Address, why: Reason) -> Result<Next, String> {
        self.exited(who, why)
    }
    fn down(&mut self, monitor: u64, who: Address, why: Reason) -> Result<Next, String> {
        self.down(monitor, who, why)
    }
    fn stopping(&mut self, why: Reason) {
        self.stopping(why);
    }
    fn answered(&mut self, request: u64, answer: Result<Message, AskError>) -> Result<Next, String> {
        self.answered(request, answer)
    }
}

/// Makes an actor's runner, not yet started.
pub(super) fn fresh<A: Actor>() -> Box<dyn Runner> {
    Box::new(Instance::<A>::new())
}
