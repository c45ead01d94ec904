//! Loops for ever when it is started.

use greenroom::prelude::*;

/// The probe.
pub struct SpinAtStart;

impl Actor for SpinAtStart {
    type Config = ();
    type Message = Message;

    fn init(_: (), _: &mut Context<Self>) -> Result<Self> {
        loop {
            std::hint::black_box(());
        }
    }

    fn handle(&mut self, _: Message, _: &mut Context<Self>) -> Result<Next> {
        Ok(Next::Same)
    }
}

greenroom::export!(SpinAtStart);
