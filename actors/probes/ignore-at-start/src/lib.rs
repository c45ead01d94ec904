//! Has nothing to do, and says so when it is started.

use greenroom::prelude::*;

/// The probe.
pub struct IgnoreAtStart;

impl Actor for IgnoreAtStart {
    type Config = ();
    type Message = Message;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        Err(Error::ignore())
    }

    fn handle(&mut self, _: Message, _: &mut Context<Self>) -> Result<Next> {
        Ok(Next::Same)
    }
}

greenroom::export!(IgnoreAtStart);
