//! What is told of every incarnation: that it runs, and that it has ended. Where actors come and go all the time, most of what is
//! told is this; so it is written at one go.

use super::{kind, phrase, topics};
use crate::cell::Cell;
use crate::shared::Shared;
use greenroom_core::{Address, Reason};
use serde::{Serialize, Serializer};
use std::fmt::{Arguments, Display};
use std::sync::atomic::Ordering;

/// What is shown as a text.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

#[derive(Serialize)]
struct Started<'a> {
    actor: &'a str,
    address: Text<Address>,
    incarnation: u64,
    text: Text<Arguments<'a>>,
}

#[derive(Serialize)]
struct Ended<'a> {
    actor: &'a str,
    address: Text<Address>,
    detail: Option<&'a str>,
    incarnation: u64,
    reason: &'a str,
    text: Text<Arguments<'a>>,
}

fn publish(shared: &Shared, word: &str, event: &impl Serialize) {
    // Texts and numbers have a form in any case.
    let body = serde_json::to_vec(event).unwrap_or_default();
    shared.hub.publish(&topics().events, &kind(word), body.into());
}

/// An incarnation runs.
pub(super) fn started(shared: &Shared, cell: &Cell) {
    let incarnation = cell.stats.incarnation.load(Ordering::Relaxed);
    let (actor, address) = (&*cell.name, Text(cell.address));
    let text = Text(format_args!("{actor} runs, incarnation {incarnation}"));
    publish(shared, "started", &Started { actor, address, incarnation, text });
}

/// An incarnation is over.
pub(crate) fn ended(shared: &Shared, cell: &Cell, incarnation: u64, why: &Reason) {
    let (actor, address) = (&*cell.name, Text(cell.address));
    let (detail, reason) = (why.detail(), why.word());
    let text = Text(format_args!("{actor} ended: {}", phrase(why)));
    publish(shared, "ended", &Ended { actor, address, detail, incarnation, reason, text });
}
