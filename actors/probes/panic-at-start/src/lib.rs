//! Panics when it is started.

use greenroom::prelude::*;

/// The probe.
pub struct PanicAtStart;

impl Actor for PanicAtStart {
    type Config = ();
    type Message = Message;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        panic!("at the start")
    }

    fn handle(&mut self, _: Message, _: &mut Context<Self>) -> Result<Next> {
        Ok(Next::Same)
    }
}

greenroom::export!(PanicAtStart);
