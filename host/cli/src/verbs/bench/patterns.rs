//! Messages between actors, as the programs of [`pattern`](super::pattern) send them. Each round of ours is followed by one
//! of the same program in Erlang, where there is an Erlang.

use super::erlang::Erlang;
use super::figure::{Figure, Unit};
use super::pattern::{self, Pattern};
use super::{Folder, PATIENCE, Part, call, cpu_time, message, read, unexpected};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_engine::{Handle, Host, Options};
use greenroom_manifest::Plan;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Instant;

/// The actors of all programs, as the repository has them.
const MANIFEST: &str = include_str!("../../../../../actors/bench/greenroom.toml");
/// Of a round's units, what is done beforehand, so that each actor runs and each page is there.
const WARM_UP: u64 = 20;

/// What one round took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    pub(super) messages: u64,
    /// CPU time of the whole process, in nanoseconds.
    pub(super) cpu: f64,
    pub(super) wall: f64,
}

/// How it is measured.
#[derive(Debug, Clone, Copy)]
pub(super) struct How<'a> {
    pub(super) guests: &'a Path,
    pub(super) rounds: usize,
    pub(super) messages: u64,
    pub(super) workers: usize,
    pub(super) erlang: Option<&'a Erlang>,
}

/// CPU and wall time of a program, ours and Erlang's.
pub(super) async fn measure(pattern: &Pattern, how: How<'_>, print: &Print) -> Result<Vec<Figure>, Failure> {
    let How { guests, rounds, messages, workers, erlang } = how;
    let units = pattern.units(messages);
    let per = pattern.per.word();
    let figure = |who: Option<&str>, time: &str| {
        let of = who.map_or(String::new(), |who| format!(" in {who}"));
        let about = json!({
            "pattern": pattern.name,
            "runs-on": who.unwrap_or("greenroom"),
            "time": time,
            "per": per,
            "units": units,
            "workers": workers,
        });
        let time = if time == "cpu" { "CPU" } else { "wall time" };
        Figure::new(format!("{}{of}, {time} per {per}", pattern.name), Unit::Nanoseconds).about(about)
    };
    let mut ours = [figure(None, "cpu"), figure(None, "wall")];
    let mut theirs = [figure(Some("Erlang"), "cpu"), figure(Some("Erlang"), "wall")];
    let note = |figures: &mut [Figure; 2], took: Took| {
        let divisor = pattern.divisor(took.messages);
        figures[0].add(took.cpu / divisor);
        figures[1].add(took.wall / divisor);
    };
    let stage = Stage::new(guests, pattern, workers).await?;
    for round in 1..=rounds {
        print.note(&format!("{} {round} of {rounds}", pattern.name));
        note(&mut ours, stage.run(units).await?);
        if let Some(erlang) = erlang {
            note(&mut theirs, erlang.run(pattern.name, units, workers)?);
        }
    }
    stage.end().await;
    Ok(ours.into_iter().chain(theirs.into_iter().filter(|_| erlang.is_some())).collect())
}

/// Two workers against one, in the programs with work for both: messages a second, and round by round how many times as many.
pub(super) async fn scaling(
    guests: &Path,
    rounds: usize,
    messages: u64,
    print: &Print,
) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for pattern in pattern::ALL.iter().filter(|pattern| matches!(pattern.part, Part::Big | Part::ForkJoin)) {
        let name = pattern.name;
        let units = pattern.units(messages);
        let mut one = Figure::new(format!("{name}, messages a second on one worker"), Unit::Number);
        let mut two = Figure::new(format!("{name}, messages a second on two workers"), Unit::Number);
        let mut times = Figure::new(format!("{name}, two workers against one"), Unit::Times);
        let stages = (Stage::new(guests, pattern, 1).await?, Stage::new(guests, pattern, 2).await?);
        for round in 1..=rounds {
            print.note(&format!("{name} on one worker and on two, {round} of {rounds}"));
            let rate = |took: Took| took.messages as f64 / took.wall * 1e9;
            let (slow, fast) = (rate(stages.0.run(units).await?), rate(stages.1.run(units).await?));
            one.add(slow);
            two.add(fast);
            times.add(fast / slow);
        }
        stages.0.end().await;
        stages.1.end().await;
        figures.extend([one, two, times]);
    }
    Ok(figures)
}

/// A host with the actors of one program.
pub(super) struct Stage {
    host: Host,
    handle: Handle,
    actor: &'static str,
    _directory: Folder,
}

impl Stage {
    /// Starts the host, and runs the program once.
    pub(super) async fn new(guests: &Path, pattern: &Pattern, workers: usize) -> Result<Self, Failure> {
        let directory = Folder::new(&format!("{}-{workers}", pattern.name))?;
        let mut plan = greenroom_manifest::parse(MANIFEST, &directory.0.join("greenroom.toml"), None)
            .map_err(|faults| unexpected(format!("{faults:?}")))?;
        plan.host.workers = Some(workers);
        // The other programs' actors are none of this one's affair.
        let actor = if pattern.name == "ping-pong" { "ping" } else { pattern.name };
        plan.supervisors.clear();
        plan.actors
            .retain(|other| other.behavior.name.as_str() == actor || pattern.name == "ping-pong" && is_pong(other));
        plan.root = plan.actors.iter().map(|actor| actor.behavior.name.clone()).collect();
        sources(&mut plan, guests, &directory)?;
        let options = Options { artefacts: Some(directory.0.join("artefacts")), ..Options::default() };
        let host = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
        let stage = Self { handle: host.handle(), host, actor, _directory: directory };
        stage.run(WARM_UP).await?;
        Ok(stage)
    }

    /// Runs the program once.
    pub(super) async fn run(&self, units: u64) -> Result<Took, Failure> {
        let body = match self.actor {
            "ping" => json!({ "to": self.handle.show("pong").map_err(call)?.address, "messages": units }),
            _ => json!({ "units": units }),
        };
        let start = message("start", &body).map_err(call)?;
        let (began, cpu) = (Instant::now(), cpu_time());
        let answer = self.handle.ask(self.actor, start, PATIENCE).await.map_err(call)?;
        let (cpu, wall) = (cpu_time() - cpu, began.elapsed());
        let done: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let Some(messages) = done["messages"].as_u64() else {
            return Err(unexpected(format!("`{}` did not say how many messages there were: {done}", self.actor)));
        };
        Ok(Took { messages, cpu: cpu.as_nanos() as f64, wall: wall.as_nanos() as f64 })
    }

    pub(super) async fn end(self) {
        self.host.shutdown().await;
    }
}

fn is_pong(actor: &greenroom_manifest::Actor) -> bool {
    actor.behavior.name.as_str() == "pong"
}

/// Has components found where they were built, each once, in a folder where nobody builds meanwhile.
fn sources(plan: &mut Plan, guests: &Path, directory: &Folder) -> Result<(), Failure> {
    let mut copied = BTreeSet::new();
    for behavior in plan.actors.iter_mut().map(|actor| &mut actor.behavior).chain(&mut plan.behaviors) {
        let name = behavior.source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if copied.insert(name.clone()) {
            directory.put(&name, &read(guests, name.trim_end_matches(".wasm"))?)?;
        }
        behavior.source = directory.0.join(name);
    }
    Ok(())
}
