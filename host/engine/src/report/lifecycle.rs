//! What is told of every incarnation: that it runs, and that it has ended. Where actors come and go all the time, most of what is
//! told is this; so it is written at one go.

use super::{phrase, topics};
use crate::cell::Cell;
use crate::shared::Shared;
use greenroom_core::{Kind, Reason};
use serde::Serialize;
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

#[derive(Serialize)]
struct Started<'a> {
    actor: &'a str,
    address: &'a str,
    incarnation: u64,
    text: &'a str,
}

#[derive(Serialize)]
struct Ended<'a> {
    actor: &'a str,
    address: &'a str,
    detail: Option<&'a str>,
    incarnation: u64,
    reason: &'a str,
    text: &'a str,
}

/// The kind of one of these events.
type Word = OnceLock<Kind>;

fn publish(shared: &Shared, known: &Word, word: &str, event: &impl Serialize) {
    let mut body = Vec::with_capacity(256);
    // Texts and numbers have a form in any case.
    drop(serde_json::to_writer(&mut body, event));
    shared.hub.publish(&topics().events, known.get_or_init(|| super::kind(word)), body.into());
}

/// An incarnation runs.
pub(super) fn started(shared: &Shared, cell: &Cell) {
    static WORD: Word = OnceLock::new();
    let incarnation = cell.stats.incarnation.load(Ordering::Relaxed);
    let (actor, address) = (&*cell.name, &*cell.address.to_string());
    let text = &*[actor, " runs, incarnation ", &incarnation.to_string()].concat();
    publish(shared, &WORD, "started", &Started { actor, address, incarnation, text });
}

/// An incarnation is over.
pub(crate) fn ended(shared: &Shared, cell: &Cell, incarnation: u64, why: &Reason) {
    static WORD: Word = OnceLock::new();
    let (actor, address) = (&*cell.name, &*cell.address.to_string());
    let (detail, reason) = (why.detail(), why.word());
    let text = &*[actor, " ended: ", &phrase(why)].concat();
    publish(shared, &WORD, "ended", &Ended { actor, address, detail, incarnation, reason, text });
}
