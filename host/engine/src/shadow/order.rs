//! What people may ask of shadows: to start one, to see what it has shown, to promote or drop it.

use super::report::ShadowReport;
use super::{Offer, Over};
use crate::cell::Cell;
use crate::component::{Code, Digest, Loader};
use crate::guest::Guest;
use crate::handle::{CallError, Handle, Reloaded};
use crate::instance::Instance;
use crate::signal::Signal;
use crate::swap::{self, Failed, failed};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// For how long a shadow may be there.
pub const SHADOW_TIME: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(24 * 3600);

impl Handle {
    /// Puts new code beside an actor, for a time of 1 s to 24 h: these bytes, or what its file holds now. It is given what
    /// the actor is given; what it would do is compared with what the actor does, and not done. The actor's own code is
    /// asked for its state, as at a swap.
    ///
    /// # Errors
    /// [`CallError::NotShadowed`]: the code cannot be run, one of the two imports `asking`, the actor does not run or has a
    /// shadow already. The actor goes on without one.
    pub async fn shadow(&self, whom: &str, bytes: Option<Vec<u8>>, time: Duration) -> Result<ShadowReport, CallError> {
        let cell = self.cell(whom)?;
        if !SHADOW_TIME.contains(&time) {
            return Err(failed("time", format!("a shadow is there for 1 s to 24 h, not {time:?}")).into_shadow());
        }
        let _busy = self.shared.scheduler.busy();
        let making = cell.clone();
        let made = self.shared.runtime.spawn_blocking(move || offer(&making, bytes, time)).await;
        let made = made.unwrap_or_else(|error| Err(failed("compile", format!("the compiler ended: {error}"))));
        let (offer, begun) = made.map_err(Failed::into_shadow)?;
        cell.signal(Signal::Shadow(Box::new(offer)));
        match begun.await {
            Ok(begun) => begun.map_err(Failed::into_shadow)?,
            Err(_) => return Err(CallError::NoActor(whom.to_owned())),
        }
        self.shadow_report(whom)
    }

    /// What an actor's shadow has shown so far, or the last one until it was promoted or dropped.
    ///
    /// # Errors
    /// [`CallError::NoShadow`]: there is none.
    pub fn shadow_report(&self, whom: &str) -> Result<ShadowReport, CallError> {
        let cell = self.cell(whom)?;
        let entry = self.shared.shadows.get(cell.address).ok_or_else(|| CallError::NoShadow(whom.to_owned()))?;
        Ok(entry.account.report(&cell.name, self.shared.now()))
    }

    /// Ends an actor's shadow and forgets it: what it has shown.
    ///
    /// # Errors
    /// [`CallError::NoShadow`]: there is none.
    pub async fn drop_shadow(&self, whom: &str) -> Result<ShadowReport, CallError> {
        self.end_shadow(whom, "it was dropped").await?;
        let report = self.shadow_report(whom)?;
        self.shared.shadows.forget(self.cell(whom)?.address);
        Ok(report)
    }

    /// Ends an actor's shadow and swaps its code in, for every actor that runs the same file, as [`Handle::reload`] does:
    /// with the actor's own state, and under watch.
    ///
    /// # Errors
    /// [`CallError::NoShadow`]: there is none; or as [`Handle::reload`]: then what it has shown stays.
    pub async fn promote_shadow(&self, whom: &str) -> Result<Reloaded, CallError> {
        let address = self.end_shadow(whom, "it was promoted").await?;
        let entry = self.shared.shadows.get(address).ok_or_else(|| CallError::NoShadow(whom.to_owned()))?;
        let (source, digest) = (entry.source.clone(), entry.account.to);
        let reading =
            self.shared.runtime.spawn_blocking(move || Loader::read(&source).is_ok_and(|b| Digest::of(&b) == digest));
        let new = match reading.await {
            Ok(true) => swap::Source::File,
            _ => swap::Source::Sent(entry.bytes.clone()),
        };
        let reloaded = swap::install(&self.shared, &entry.source, new).await?;
        self.shared.shadows.forget(address);
        Ok(reloaded)
    }

    async fn end_shadow(&self, whom: &str, why: &'static str) -> Result<greenroom_core::Address, CallError> {
        let cell = self.cell(whom)?;
        if self.shared.shadows.get(cell.address).is_none() {
            return Err(CallError::NoShadow(whom.to_owned()));
        }
        let (done, over) = oneshot::channel();
        cell.signal(Signal::ShadowOver(Box::new(Over { why, in_time: false, done: Some(done) })));
        // An actor that is gone has none any more.
        drop(over.await);
        Ok(cell.address)
    }
}

impl Failed {
    fn into_shadow(self) -> CallError {
        CallError::NotShadowed { stage: self.stage, why: self.why }
    }
}

type Offered = (Offer, oneshot::Receiver<Result<(), Failed>>);

/// Makes an instance that is a shadow, off the threads that run turns.
fn offer(cell: &Arc<Cell>, bytes: Option<Vec<u8>>, time: Duration) -> Result<Offered, Failed> {
    let shared = &cell.shared;
    let Some(behavior) = cell.seen().behavior.clone() else { return Err(failed("start", "the actor does not run")) };
    let source = behavior.source.clone();
    let bytes: Arc<[u8]> = match bytes {
        Some(bytes) => bytes.into(),
        None => Loader::read(&source).map_err(|error| failed(error.stage(), error.to_string()))?.into(),
    };
    let code = shared.loader.compiled(&source, Digest::of(&bytes), &bytes);
    let code = code.map_err(|error| failed(error.stage(), error.to_string()))?;
    let grants = cell.grants();
    let granted = code.check(&behavior, &grants);
    granted.map_err(|error| failed(error.stage(), error.to_string()))?;
    if code.fiber {
        return Err(asks(&source));
    }
    let _running = shared.scheduler.running();
    let guest = Guest::new(cell, behavior, grants, cell.config()).into_shadow();
    let mut instance = made(&code, guest)?;
    let accepts = instance.accepts().map_err(|reason| failed("state", reason.to_string()))?;
    let (done, begun) = oneshot::channel();
    Ok((Offer { instance, accepts, bytes, source, time, done }, begun))
}

fn made(code: &Arc<Code>, guest: Guest) -> Result<Box<Instance>, Failed> {
    Instance::new(code, guest).map_err(|error| failed(error.stage(), error.to_string()))
}

/// Why code that asks and waits can have no shadow, and be none.
pub(super) fn asks(source: &Path) -> Failed {
    let why = format!(
        "{} imports `asking`, or its new code does: asking and waiting ends one turn and begins another, so that two \
         versions cannot be compared turn by turn; `start-ask` does not wait",
        source.display()
    );
    failed("world", why)
}
