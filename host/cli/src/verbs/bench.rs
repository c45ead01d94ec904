//! `greenroom bench`: what things cost here, against a peer in the same run. Nothing in it asserts a time.
//!
//! Actors are real SDK actors under their normal deadlines and limits, from the directory of built components. `patterns`
//! measures messages, with the programs of `pattern` and their like in `erlang`; `outside` what somebody who asks waits for;
//! `host`, `memory` and `streams` whole hosts as processes; `neighbours`, `supervision` and `swaps` what their names say.
//! `figure` is what is reported.

mod classes;
mod erlang;
mod figure;
mod host;
mod languages;
mod memory;
mod neighbours;
mod outside;
mod pattern;
mod patterns;
mod sleeping;
mod streams;
mod supervision;
mod swaps;

use crate::exit::{Exit, Failure};
use crate::print::Print;
use erlang::Erlang;
use figure::Figure;
use greenroom_core::Message;
use greenroom_engine::CallError;
use patterns::How;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Measure what things cost on this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the built actors are: `cargo xtask guests` makes them.
    #[arg(long, value_name = "DIR", default_value = "target/guests")]
    guests: PathBuf,
    /// The application whose memory and start-up are measured.
    #[arg(long, value_name = "FILE", default_value = "examples/kettle/greenroom.toml")]
    application: PathBuf,
    /// How often each is measured.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Messages of one round of a pattern, about.
    #[arg(long, value_name = "N", default_value_t = 400_000)]
    messages: u64,
    /// Threads that run turns, for the patterns; Erlang gets as many schedulers.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    /// Leave Erlang out.
    #[arg(long)]
    alone: bool,
    /// Actors of the part `sleeping`.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    actors: usize,
    /// Measure this part alone.
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
}

/// A part of what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Two actors that bounce a ball.
    PingPong,
    /// A token that goes round among 100 actors.
    Ring,
    /// One that sends as fast as it may, and one that counts.
    Counting,
    /// One that gives jobs out to 60.
    ForkJoin,
    /// Actors that are made for one job each, 500 at a time.
    Creation,
    /// The same, one after the other.
    Spawn,
    /// 120 actors that ping each other at random.
    Big,
    /// 100 creatures that meet in a mall.
    Chameneos,
    /// One that asks another, again and again.
    Asking,
    /// All of the above.
    Patterns,
    /// Questions from outside, and restarts.
    Outside,
    /// Two workers against one, where there is work for both.
    Scaling,
    /// What live actors weigh, and how many a host lets live.
    Memory,
    /// Event streams from one host to many readers.
    Streams,
    /// How long a bystander's answer takes while others work.
    Neighbours,
    /// New builds that take over: how soon, and for how long messages wait.
    Swaps,
    /// Actors that are put away while they are idle: memory, and how soon they are there. Takes minutes, and is no part of
    /// the whole.
    Sleeping,
    /// Restarts in the core, and children that are started and stopped.
    Supervision,
    /// The memory classes: what an actor of each weighs, how soon it is there, and how fast it computes.
    Classes,
    /// The application: its start, and its memory.
    Host,
    /// The same counter in each language: a table, and no part of the whole.
    Languages,
}

/// What is measured when nothing else is asked for.
const ALL: [Part; 10] = [
    Part::Patterns,
    Part::Scaling,
    Part::Outside,
    Part::Neighbours,
    Part::Supervision,
    Part::Swaps,
    Part::Classes,
    Part::Memory,
    Part::Streams,
    Part::Host,
];

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures.
pub(crate) fn run(args: &Args, print: &Print) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| unexpected(format!("the machine gives no threads: {error}")))?;
    if args.only == Some(Part::Languages) {
        print.answer(&runtime.block_on(languages::measure(&args.guests, args.rounds, print))?)?;
        return Ok(Exit::Done);
    }
    let mut figures = Vec::new();
    for part in args.only.as_ref().map_or(&ALL[..], std::slice::from_ref) {
        figures.extend(runtime.block_on(measure(*part, args, print))?);
    }
    if print.json() {
        let list: Vec<_> = figures.iter().map(Figure::json).collect();
        print.answer(&json!({ "version": env!("CARGO_PKG_VERSION"), "figures": list }).to_string())?;
    } else {
        print.answer(&figure::table(&figures))?;
    }
    Ok(Exit::Done)
}

async fn measure(part: Part, args: &Args, print: &Print) -> Result<Vec<Figure>, Failure> {
    let (guests, rounds) = (&args.guests, args.rounds);
    match part {
        Part::Outside => outside::measure(guests, rounds, print).await,
        Part::Scaling => patterns::scaling(guests, rounds, args.messages, print).await,
        Part::Memory => memory::measure(guests, rounds, print),
        Part::Streams => streams::measure(guests, rounds, print).await,
        Part::Neighbours => neighbours::measure(guests, rounds, print).await,
        Part::Swaps => swaps::measure(guests, rounds, print).await,
        Part::Sleeping => sleeping::measure(guests, args.actors, print).await,
        Part::Supervision => {
            let mut figures = supervision::restarts(rounds)?;
            figures.extend(supervision::children(guests, rounds, print).await?);
            Ok(figures)
        }
        Part::Classes => classes::measure(guests, rounds, print).await,
        Part::Host => host::measure(&args.application, rounds, print),
        // A table of its own, and no figures.
        Part::Languages => Ok(Vec::new()),
        pattern => {
            let erlang = if args.alone { None } else { Erlang::find()? };
            let workers = usize::from(args.workers);
            let how = How { guests, rounds, messages: args.messages, workers, erlang: erlang.as_ref() };
            let mut figures = Vec::new();
            for one in pattern::ALL.iter().filter(|one| pattern == Part::Patterns || one.part == pattern) {
                figures.extend(patterns::measure(one, how, print).await?);
            }
            Ok(figures)
        }
    }
}

fn unexpected(why: impl Into<String>) -> Failure {
    Failure::new(Exit::Unexpected, why)
}

/// A directory that goes when it is dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new(what: &str) -> Result<Self, Failure> {
        let folder = Self(std::env::temp_dir().join(format!("greenroom-bench-{what}-{}", std::process::id())));
        std::fs::create_dir_all(&folder.0).map_err(|error| unexpected(format!("{}: {error}", folder.0.display())))?;
        Ok(folder)
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).map_err(|error| unexpected(format!("{}: {error}", path.display())))
    }
}

/// A built probe's bytes.
fn read(guests: &Path, name: &str) -> Result<Vec<u8>, Failure> {
    let path = guests.join(format!("{name}.wasm"));
    std::fs::read(&path)
        .map_err(|error| unexpected(format!("{}: {error}; `cargo xtask guests` builds it", path.display())))
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn call(error: CallError) -> Failure {
    unexpected(error.to_string())
}

fn message(kind: &str, body: &Value) -> Result<Message, CallError> {
    let kind = kind.parse().map_err(|error: greenroom_core::KindError| CallError::Refused(error.to_string()))?;
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Ok(Message::new(kind, body))
}

/// A component with a custom section more: the same code with another digest.
fn with_note(component: &[u8], note: &str) -> Vec<u8> {
    let mut bytes = component.to_vec();
    let name = b"note";
    bytes.extend([0, (1 + name.len() + note.len()) as u8, name.len() as u8]);
    bytes.extend(name);
    bytes.extend(note.as_bytes());
    bytes
}

/// CPU time of this process so far, in user and system mode.
fn cpu_time() -> Duration {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: `getrusage` fills in the structure that it is given, and zeroes are a valid one.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let time = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    time(usage.ru_utime) + time(usage.ru_stime)
}
