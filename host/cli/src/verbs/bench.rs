//! `greenroom bench`: what things cost here, against a peer in the same run. Nothing in it asserts a time.
//!
//! Actors are real SDK actors under their normal deadlines and limits, from the directory of built probes. `erlang` is the
//! peer, `host` measures whole hosts as processes, `neighbours`, `supervision` and `swaps` measure what their
//! names say, `figure` is
//! what is reported.

mod classes;
mod erlang;
mod figure;
mod host;
mod neighbours;
mod sleeping;
mod supervision;
mod swaps;

use crate::exit::{Exit, Failure};
use crate::print::Print;
use figure::{Figure, Unit};
use greenroom_core::Message;
use greenroom_engine::{CallError, Handle, Host, Options};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Measure what things cost on this machine.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where the built probes are: `cargo xtask guests` makes them.
    #[arg(long, value_name = "DIR", default_value = "target/guests")]
    guests: PathBuf,
    /// The application whose memory and start-up are measured.
    #[arg(long, value_name = "FILE", default_value = "examples/kettle/greenroom.toml")]
    application: PathBuf,
    /// How often each is measured.
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Messages of one round of ping-pong.
    #[arg(long, value_name = "N", default_value_t = 400_000)]
    messages: u64,
    /// Actors of the part `sleeping`.
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    actors: usize,
    /// Measure this part alone.
    #[arg(long, value_name = "PART")]
    only: Option<Part>,
}

/// A part of what is measured.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Part {
    /// Ping-pong, questions and restarts.
    Messages,
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
}

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Restarts, and questions, of one round.
const RESTARTS: usize = 200;
const QUESTIONS: u32 = 5_000;

/// Measures.
pub(crate) fn run(args: &Args, print: &Print) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| unexpected(format!("the machine gives no threads: {error}")))?;
    let figures = match args.only {
        Some(Part::Neighbours) => runtime.block_on(neighbours::measure(&args.guests, args.rounds, print))?,
        Some(Part::Swaps) => runtime.block_on(swaps::measure(&args.guests, args.rounds, print))?,
        Some(Part::Sleeping) => runtime.block_on(sleeping::measure(&args.guests, args.actors, print))?,
        Some(Part::Supervision) => {
            let mut figures = supervision::restarts(args.rounds)?;
            figures.extend(runtime.block_on(supervision::children(&args.guests, args.rounds, print))?);
            figures
        }
        Some(Part::Classes) => runtime.block_on(classes::measure(&args.guests, args.rounds, print))?,
        Some(Part::Messages) => runtime.block_on(inside(args, print))?,
        None => all(args, &runtime, print)?,
    };
    if print.json() {
        let list: Vec<_> = figures.iter().map(Figure::json).collect();
        print.answer(&json!({ "version": env!("CARGO_PKG_VERSION"), "figures": list }).to_string())?;
    } else {
        print.answer(&figure::table(&figures))?;
    }
    Ok(Exit::Done)
}

fn all(args: &Args, runtime: &tokio::runtime::Runtime, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut figures = runtime.block_on(inside(args, print))?;
    figures.extend(runtime.block_on(neighbours::measure(&args.guests, args.rounds, print))?);
    figures.extend(supervision::restarts(args.rounds)?);
    figures.extend(runtime.block_on(supervision::children(&args.guests, args.rounds, print))?);
    figures.extend(runtime.block_on(classes::measure(&args.guests, args.rounds, print))?);
    figures.extend(runtime.block_on(swaps::measure(&args.guests, args.rounds, print))?);
    figures.extend(host::measure(&args.application, args.rounds, print)?);
    Ok(figures)
}

fn unexpected(why: impl Into<String>) -> Failure {
    Failure::new(Exit::Unexpected, why)
}

/// What is measured within this process.
async fn inside(args: &Args, print: &Print) -> Result<Vec<Figure>, Failure> {
    let stage = Stage::new(&args.guests).await?;
    let mut ours = Figure::new("ping-pong, CPU per message", Unit::Nanoseconds);
    let mut wall = Figure::new("ping-pong, wall time per message", Unit::Nanoseconds);
    let mut theirs = Figure::new("ping-pong in Erlang (erl +S 1), CPU per message", Unit::Nanoseconds);
    let mut ask = Figure::new("ask round trip from outside, wall time", Unit::Microseconds);
    let mut restart = Figure::new("trap to first answer of the next incarnation", Unit::Microseconds);
    for round in 1..=args.rounds {
        print.note(&format!("round {round} of {}", args.rounds));
        let (cpu, elapsed) = stage.ping_pong(args.messages).await?;
        ours.add(cpu);
        wall.add(elapsed);
        if let Some(nanoseconds) = erlang::ping_pong(args.messages)? {
            theirs.add(nanoseconds);
        }
        stage.questions(&mut ask).await?;
        stage.restarts(&mut restart).await?;
    }
    stage.host.shutdown().await;
    Ok(vec![ours, wall, theirs, ask, restart])
}

/// A host with what is measured on it.
struct Stage {
    host: Host,
    handle: Handle,
    _directory: Folder,
}

/// A directory that goes when it is dropped.
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

const MANIFEST: &str = r#"
[host]
workers = 1
[supervisor.bench]
intensity = { restarts = 1000000, within = "1s" }
children  = ["ping", "pong", "trap"]
[actor.ping]
source = "ping.wasm"
[actor.pong]
source = "pong.wasm"
[actor.trap]
source = "trap.wasm"
"#;

impl Stage {
    async fn new(guests: &Path) -> Result<Self, Failure> {
        let directory = Folder::new("messages")?;
        for name in ["ping", "pong", "trap"] {
            directory.put(&format!("{name}.wasm"), &read(guests, name)?)?;
        }
        let plan = greenroom_manifest::parse(MANIFEST, &directory.0.join("greenroom.toml"), None)
            .map_err(|faults| unexpected(format!("{faults:?}")))?;
        let options = Options { artefacts: Some(directory.0.join("artefacts")), ..Options::default() };
        let host = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
        let handle = host.handle();
        Ok(Self { host, handle, _directory: directory })
    }

    async fn ask(&self, actor: &str, kind: &str, body: &Value) -> Result<Value, CallError> {
        let answer = self.handle.ask(actor, message(kind, body)?, PATIENCE).await?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    /// CPU and wall nanoseconds per message, of this whole process.
    async fn ping_pong(&self, messages: u64) -> Result<(f64, f64), Failure> {
        let to = self.handle.show("pong").map_err(call)?.address;
        let (began, cpu) = (Instant::now(), cpu_time());
        let bounced = self.ask("ping", "start", &json!({ "to": to, "messages": messages })).await.map_err(call)?;
        let (cpu, wall) = (cpu_time() - cpu, began.elapsed());
        let messages = bounced["messages"].as_f64().unwrap_or(messages as f64);
        Ok((cpu.as_nanos() as f64 / messages, wall.as_nanos() as f64 / messages))
    }

    async fn questions(&self, figure: &mut Figure) -> Result<(), Failure> {
        let began = Instant::now();
        for _ in 0..QUESTIONS {
            self.ask("trap", "ping", &Value::Null).await.map_err(call)?;
        }
        figure.add(began.elapsed().as_secs_f64() * 1e6 / f64::from(QUESTIONS));
        Ok(())
    }

    async fn restarts(&self, figure: &mut Figure) -> Result<(), Failure> {
        for _ in 0..RESTARTS {
            let began = Instant::now();
            self.handle.tell("trap", message("go", &Value::Null).map_err(call)?).map_err(call)?;
            loop {
                match self.ask("trap", "ping", &Value::Null).await {
                    Ok(_) => break,
                    Err(CallError::Restarting(_)) => tokio::task::yield_now().await,
                    Err(error) => return Err(call(error)),
                }
            }
            figure.add(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok(())
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
