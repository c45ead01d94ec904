//! Taking a line: finding it and requesting it anew each time, so that a chip may be unplugged and come back as another.

use super::board::{Board, Driven, Request, Watched};
use super::find::{Found, find};
use super::refusal;
use crate::devices::pin::{Drive, Open};
use greenroom_core::Name;
use greenroom_manifest::{Bias, Line};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// The kernel keeps this many bytes of a consumer's name.
const CONSUMER: usize = 31;

/// A line of the manifest.
#[derive(Clone)]
pub(in crate::devices) struct Wiring {
    pub(in crate::devices) board: Arc<dyn Board>,
    pub(in crate::devices) line: Line,
    pub(in crate::devices) active_low: bool,
    /// The device: what others see as the line's consumer.
    pub(in crate::devices) device: Name,
}

impl Wiring {
    /// Which line it is at present.
    pub(in crate::devices) fn find(&self) -> Result<Found, String> {
        find(&*self.board, &self.line)
    }

    /// Finds it, and requests it.
    fn take<T>(&self, request: impl FnOnce(&Request) -> io::Result<T>) -> Result<(String, T), String> {
        let found = self.find()?;
        let mut consumer = format!("greenroom {}", self.device);
        consumer.truncate(CONSUMER);
        let wanted = Request { chip: found.chip, offset: found.offset, consumer, active_low: self.active_low };
        match request(&wanted) {
            Ok(taken) => Ok((found.shown, taken)),
            Err(error) => {
                let info = self.board.info(&wanted.chip, wanted.offset).unwrap_or_default();
                Err(refusal::line(&found.shown, &info.consumer, &error))
            }
        }
    }

    /// Watches it. Gives its name as well.
    pub(super) fn watch(&self, bias: Option<Bias>, debounce: Duration) -> Result<(String, Box<dyn Watched>), String> {
        self.take(|request| self.board.input(request, bias, debounce))
    }
}

/// How an output on this line is opened.
pub(in crate::devices) fn output(wiring: Wiring) -> Open {
    Box::new(move |on| {
        let (shown, line) = wiring.take(|request| wiring.board.output(request, on))?;
        Ok(Box::new(Output { shown, line }))
    })
}

struct Output {
    shown: String,
    line: Box<dyn Driven>,
}

impl Drive for Output {
    fn can_go(&self) -> bool {
        true
    }

    fn drive(&mut self, on: bool) -> Result<(), String> {
        self.line.set(on).map_err(|error| refusal::lost(&self.shown, &error))
    }

    fn level(&mut self) -> Result<bool, String> {
        self.line.level().map_err(|error| refusal::lost(&self.shown, &error))
    }
}
