//! Fails to start, in order.

use greenroom::prelude::*;

/// The probe.
pub struct FailAtStart;

impl Actor for FailAtStart {
    type Config = ();
    type Message = Message;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Err(Error::new("this one never starts"))
    }

    fn handle(&mut self, _: Message, _: &mut Context<Self>) -> Result<Next> {
        Ok(Next::Same)
    }
}

greenroom::export!(FailAtStart);
