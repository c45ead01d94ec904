//! The state that an actor keeps beyond its incarnation, where the manifest wants it.

use super::{Body, Cause};
use crate::cell::Cell;
use crate::component::Code;
use crate::instance::{Instance, Next, Outcome, Saved};
use crate::report;
use crate::swap::trial::Verdict;
use greenroom_core::Reason;
use greenroom_manifest::Keep;
use std::sync::Arc;

impl Body {
    /// The state that was kept, if this code can take it.
    pub(super) fn kept_for(&self, instance: &mut Instance) -> Result<Option<Saved>, Reason> {
        let Some(kept) = self.kept.as_ref().filter(|_| instance.has_state()) else { return Ok(None) };
        Ok(instance.accepts()?.contains(&kept.version).then(|| kept.clone()))
    }

    /// The state as of a turn that has ended well, where the manifest wants it kept. A turn whose state traps has not.
    pub(crate) fn state_of(
        &self,
        cell: &Arc<Cell>,
        instance: &mut Instance,
        cause: &Cause,
        outcome: &Outcome,
    ) -> Result<Option<Saved>, Reason> {
        let ends = matches!(cause, Cause::Stop(_))
            || matches!(outcome, Outcome::Ignore | Outcome::Next(Next::Stop | Next::Become(_)));
        if ends || self.behavior.keep == Keep::Swaps {
            return Ok(None);
        }
        match instance.save()? {
            Some(Ok(saved)) => Ok(Some(saved)),
            Some(Err(why)) => {
                report::log(&cell.shared, cell, "warn", &format!("the state was not kept: {why}"));
                Ok(None)
            }
            None => Ok(None),
        }
    }

    /// Keeps a state, for the next incarnation or the next start of the host.
    pub(crate) fn keep(&mut self, cell: &Arc<Cell>, instance: &Instance, saved: Saved) {
        if self.behavior.keep == Keep::Disk {
            self.keep_on_disk(cell, &instance.code, &saved);
        }
        self.kept = Some(saved);
    }

    fn keep_on_disk(&self, cell: &Arc<Cell>, code: &Code, saved: &Saved) {
        if self.kept.as_ref() == Some(saved) {
            return;
        }
        let trial = self.past.iter().any(|past| past.trial.verdict() == Verdict::Open);
        if let Err(why) = cell.shared.keep_on_disk(&cell.name, code, saved, trial) {
            report::log(&cell.shared, cell, "warn", &why);
        }
    }
}
