//! What is denied is seen: an event names the actor, what it called and for what, and the grant that would allow it. The
//! component itself is told with an error code, of which its runtime may make anything.

use crate::cell::Cell;
use crate::report;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Different things that are told of each instance, of those that it wanted, and of those that it only looked for: a
/// language's runtime may look for its own files in a hundred places.
const TOLD: usize = 16;
const LOOKED_FOR: usize = 4;

/// What an instance was denied.
pub(super) struct Denied {
    cell: Arc<Cell>,
    /// Nothing of a shadow is seen.
    silent: bool,
    told: Mutex<HashSet<String>>,
    looked_for: Mutex<HashSet<String>>,
}

/// Why something is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Why {
    /// The manifest does not allow it. This would.
    Grant(String),
    /// No grant allows it, and why.
    Never(&'static str),
    /// The instance is not the actor, or not yet, or is only to tell something: it may read and do nothing else.
    Beside,
}

impl Denied {
    pub(super) fn new(cell: &Arc<Cell>, silent: bool) -> Self {
        Self { cell: cell.clone(), silent, told: Mutex::default(), looked_for: Mutex::default() }
    }

    /// Tells that a function of WASI was denied, and for what.
    pub(super) fn tell(&self, function: &str, what: &str, why: &Why) {
        self.once(&self.told, TOLD, function, what, why);
    }

    /// Tells that it only looked whether something is there.
    pub(super) fn tell_of_a_look(&self, function: &str, what: &str, why: &Why) {
        self.once(&self.looked_for, LOOKED_FOR, function, what, why);
    }

    /// The same thing is told once, and no more than so many.
    fn once(&self, told: &Mutex<HashSet<String>>, most: usize, function: &str, what: &str, why: &Why) {
        let (grant, reason) = match why {
            Why::Grant(grant) => (Some(grant), format!("which only the grant \"{grant}\" allows")),
            Why::Never(why) => (None, format!("which no grant allows: {why}")),
            Why::Beside => {
                (None, "where it may only read: it is not the actor yet, or in no turn of its own".to_owned())
            }
        };
        let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
        if self.silent || told.len() >= most || !told.insert(format!("{what} {reason}")) {
            return;
        }
        let more = if told.len() == most { "; further ones are not told" } else { "" };
        drop(told);
        let text = format!("{} tried `{function}` of {what}, {reason}{more}", self.cell.name);
        report::denied(&self.cell, &text, function, what, grant.map(String::as_str));
    }
}
