//! A new build, made ready off the threads that run turns: compiled, checked, and instantiated once for each actor.

use super::round::{Part, Round};
use super::switch::{Swap, not_taken};
use super::{Failed, New, failed};
use crate::cell::Cell;
use crate::component::Code;
use crate::guest::Guest;
use crate::instance::Instance;
use crate::report;
use crate::shared::Shared;
use crate::signal::Signal;
use crate::versions;
use greenroom_core::Grant;
use greenroom_manifest::Behavior;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A new build of a component's file.
#[derive(Clone)]
pub(super) struct Build {
    pub(super) shared: Arc<Shared>,
    pub(super) source: PathBuf,
    new: Arc<New>,
    /// When it was first looked at.
    pub(super) began: std::time::Instant,
}

impl Build {
    pub(super) fn of(shared: &Arc<Shared>, source: &Path, new: New, began: std::time::Instant) -> Self {
        Self { shared: shared.clone(), source: source.to_owned(), new: Arc::new(new), began }
    }

    /// Compiles it, and checks its world. Its bytes are kept, to go back to.
    pub(super) async fn code(&self) -> Result<Arc<Code>, Failed> {
        let build = self.clone();
        self.off_the_workers(move || {
            let (began, digest) = (std::time::Instant::now(), build.new.digest);
            let code = build.shared.loader.compiled(&build.source, digest, &build.new.bytes);
            let code = code.map_err(|error| failed(error.stage(), error.to_string()))?;
            report::step(&build.shared, &build.source, "compiled", digest, began.elapsed());
            let cells = build.shared.cells.all();
            let actors = cells.iter().filter(|cell| cell.runs(&build.source)).count();
            build.shared.loader.look_at_size(&code, actors);
            versions::keep_bytes(&build.shared, &build.new.bytes);
            Ok(code)
        })
        .await
    }

    /// It takes over now.
    pub(super) fn record(&self, code: &Code, watched: bool) {
        self.shared.record_begin(&self.source, code, self.new.origin, self.new.file, watched);
    }

    /// Makes an instance for each actor, beside the one that runs, checks its grants, and hands it over.
    pub(super) async fn instances(&self, round: &Arc<Round>, members: &[Arc<Cell>]) -> Result<(), Failed> {
        let (build, members, making) = (self.clone(), members.to_vec(), round.clone());
        self.off_the_workers(move || {
            let began = std::time::Instant::now();
            let mut swaps = Vec::with_capacity(members.len());
            for cell in members {
                let part = Part::new(&making, cell.address);
                // It may have become another one since it was counted in, which this is none of the business of.
                let runs = cell.seen().behavior.clone().filter(|behavior| behavior.source == build.source);
                let Some(behavior) = runs else { continue };
                let swap = build.swap(&cell, behavior, &making.code).inspect_err(|failed| {
                    making.give_up(failed.clone());
                })?;
                swaps.push((cell, swap, part));
            }
            report::step(&build.shared, &build.source, "validated", making.code.digest, began.elapsed());
            making.begin();
            for (cell, mut swap, part) in swaps {
                swap.part = Some(part);
                cell.signal(Signal::Swap(Box::new(swap)));
            }
            Ok(())
        })
        .await
    }

    /// Refuses the code if it could not take over the states of those that sleep. They are all asked for their grants, and
    /// one instance for the versions that the code takes.
    pub(super) async fn takes_sleepers(&self, code: &Arc<Code>, sleepers: Vec<Arc<Cell>>) -> Result<(), Failed> {
        let Some(first) = sleepers.first().cloned() else { return Ok(()) };
        let (build, code) = (self.clone(), code.clone());
        self.off_the_workers(move || {
            let Some(behavior) = first.seen().behavior.clone() else { return Ok(()) };
            let accepts = build.swap(&first, behavior, &code)?.accepts;
            // Many have the same grants.
            let mut granted = None;
            for cell in &sleepers {
                let (behavior, version) = {
                    let seen = cell.seen();
                    (seen.behavior.clone(), seen.asleep())
                };
                // Awake since: then it is asked itself.
                let (Some(behavior), Some(version)) = (behavior, version) else { continue };
                if !accepts.contains(&version) {
                    return Err(not_taken("a sleeping actor's", version, &accepts));
                }
                let grants = cell.grants();
                if !granted.as_ref().is_some_and(|known| Arc::ptr_eq(known, &grants)) {
                    code.check(&behavior, &grants).map_err(|error| failed(error.stage(), error.to_string()))?;
                    granted = Some(grants);
                }
            }
            Ok(())
        })
        .await
    }

    fn swap(&self, cell: &Arc<Cell>, behavior: Arc<Behavior>, code: &Arc<Code>) -> Result<Swap, Failed> {
        let (grants, config) = (cell.grants(), cell.config());
        let granted = code.check(&behavior, &grants);
        granted.map_err(|error| failed(error.stage(), error.to_string()))?;
        instantiate(cell, code, behavior, grants, config)
    }

    async fn off_the_workers<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Failed> + Send + 'static,
    ) -> Result<T, Failed> {
        let done = self.shared.runtime.spawn_blocking(work).await;
        done.map_err(|error| failed("compile", format!("the compiler ended: {error}")))?
    }
}

/// Makes an instance beside the one that runs, and asks it which states it takes.
pub(super) fn instantiate(
    cell: &Arc<Cell>,
    code: &Arc<Code>,
    behavior: Arc<Behavior>,
    grants: Arc<[Grant]>,
    config: Arc<str>,
) -> Result<Swap, Failed> {
    let _running = cell.shared.scheduler.running();
    let guest = Guest::new(cell, behavior.clone(), grants, config.clone());
    let mut instance = Instance::new(code, guest).map_err(|error| failed(error.stage(), error.to_string()))?;
    let accepts = instance.accepts().map_err(|reason| failed("state", reason.to_string()))?;
    Ok(Swap { instance, accepts, behavior, config, part: None })
}
