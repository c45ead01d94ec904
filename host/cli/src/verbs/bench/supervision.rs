//! What supervision costs: a restart with few and with many restarts in the window, and children of a dynamic supervisor
//! that are started and stopped through what the outside may ask.

use super::figure::{Figure, Unit};
use super::{Folder, call, host, message, read, unexpected};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_core::system::{Blueprint, ChildSpec, Effect, Input, System, What};
use greenroom_core::{Addresses, Flags, Intensity, Reason, Restart, Shutdown};
use greenroom_engine::{CallError, Handle, Host, Options};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Restarts of one sample.
const RESTARTS: u32 = 20_000;
/// Children of one round, and how many of them live at a time: fewer than a host has room for.
const CHILDREN: usize = 10_000;
const ALIVE: usize = 2_000;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Restarts as the core makes them: from an end that it is told to the next incarnation that it is told runs. Neither an
/// instance nor a thread is in it.
pub(super) fn restarts(rounds: usize) -> Result<Vec<Figure>, Failure> {
    let mut few = Figure::new("restart in the core, 10 restarts in the window", Unit::Nanoseconds);
    let mut many = Figure::new("restart in the core, 10,000 restarts in the window", Unit::Nanoseconds);
    for _ in 0..rounds {
        few.add(restart_with(10)?);
        many.add(restart_with(10_000)?);
    }
    Ok(vec![few, many])
}

/// Nanoseconds of one restart with so many in the window.
fn restart_with(in_window: u32) -> Result<f64, Failure> {
    let addresses = Arc::new(Addresses::new(1, [2, 3]));
    let name = "child".parse().map_err(|error| unexpected(format!("{error}")))?;
    let child = ChildSpec {
        name,
        restart: Restart::Permanent,
        shutdown: Shutdown::Brutal,
        significant: false,
        what: What::Worker(Blueprint(1)),
    };
    let within = Duration::from_secs(60);
    let flags = Flags { intensity: Intensity { restarts: in_window + 2, within }, ..Flags::default() };
    let mut system = System::new(&addresses, vec![child], flags);
    let mut now = greenroom_core::Instant::ORIGIN;
    let started = |system: &mut System, now| {
        let mut last = None;
        while let Some(effect) = system.poll_effect() {
            if let Effect::Start { address, incarnation } = effect {
                last = Some((address, incarnation));
            }
        }
        let (address, incarnation) = last?;
        system.handle(now, Input::Started { address, incarnation });
        last
    };
    system.handle(now, Input::Start);
    let Some(mut last) = started(&mut system, now) else { return Err(unexpected("the core started nothing")) };
    let mut restart = |times: u32| {
        for _ in 0..times {
            // So that there are always as many in the window.
            now = now + within / in_window;
            let (address, incarnation) = last;
            system.handle(now, Input::Ended { address, incarnation, reason: Reason::Killed });
            let Some(next) = started(&mut system, now) else { return Err(unexpected("the core gave up")) };
            last = next;
        }
        Ok(())
    };
    restart(in_window)?;
    let began = Instant::now();
    restart(RESTARTS)?;
    Ok(began.elapsed().as_nanos() as f64 / f64::from(RESTARTS))
}

const MANIFEST: &str = r#"
[supervisor.pool]
strategy = "dynamic"
template = { behavior = "child", restart = "temporary" }
[behavior.child]
source = "trap.wasm"
"#;

/// Children started and stopped one after the other, each as an order that is answered when it is carried out.
pub(super) async fn children(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut start = Figure::new("a child started by order, of 2,000", Unit::Microseconds);
    let mut stop = Figure::new("a child stopped by order, of 2,000", Unit::Microseconds);
    let mut few = Figure::new("a child started and stopped by order, of 20", Unit::Microseconds);
    let mut total = Figure::new("10,000 children started and stopped, 2,000 at a time", Unit::Milliseconds);
    let mut weight = Figure::new("memory of a child that runs, of 2,000", Unit::Kibibytes);
    let mut room = Figure::new("children that a host has room for", Unit::Number);
    for round in 1..=rounds {
        print.note(&format!("children {round} of {rounds}"));
        let directory = Folder::new("children")?;
        directory.put("trap.wasm", &read(guests, "trap")?)?;
        let plan = greenroom_manifest::parse(MANIFEST, &directory.0.join("greenroom.toml"), None)
            .map_err(|faults| unexpected(format!("{faults:?}")))?;
        let options = Options { artefacts: Some(directory.0.join("artefacts")), ..Options::default() };
        let running = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
        let pool = Pool(running.handle());
        let began = Instant::now();
        pool.stop(pool.start(20).await?).await?;
        few.add(began.elapsed().as_secs_f64() * 1e6 / 20.0);
        let mut sum = Duration::ZERO;
        for batch in 0..CHILDREN / ALIVE {
            let before = host::resident(std::process::id())?;
            let began = Instant::now();
            let children = pool.start(ALIVE).await?;
            let started = began.elapsed();
            if batch == 0 {
                weight.add((host::resident(std::process::id())? - before) * 1024.0 / ALIVE as f64);
            }
            let began = Instant::now();
            pool.stop(children).await?;
            let stopped = began.elapsed();
            start.add(started.as_secs_f64() * 1e6 / ALIVE as f64);
            stop.add(stopped.as_secs_f64() * 1e6 / ALIVE as f64);
            sum += started + stopped;
        }
        total.add(sum.as_secs_f64() * 1e3);
        room.add(pool.fill().await? as f64);
        running.shutdown().await;
    }
    Ok(vec![start, stop, few, total, weight, room])
}

/// The supervisor whose children they are.
struct Pool(Handle);

impl Pool {
    async fn ask(&self, kind: &str, body: &Value) -> Result<Value, CallError> {
        let answer = self.0.ask("pool", message(kind, body)?, PATIENCE).await?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn start(&self, children: usize) -> Result<Vec<Value>, Failure> {
        let mut addresses = Vec::with_capacity(children);
        for _ in 0..children {
            let mut started = self.ask("start-child", &json!({})).await.map_err(call)?;
            addresses.push(started["address"].take());
        }
        Ok(addresses)
    }

    async fn stop(&self, children: Vec<Value>) -> Result<(), Failure> {
        for child in children {
            self.ask("terminate-child", &json!({ "child": child })).await.map_err(call)?;
        }
        Ok(())
    }

    /// Starts children until there is no room for one more. How many there are then.
    async fn fill(&self) -> Result<usize, Failure> {
        for started in 0.. {
            match self.ask("start-child", &json!({})).await {
                Ok(_) if started < CHILDREN => {}
                Ok(_) | Err(CallError::Refused(_)) => return Ok(started),
                Err(error) => return Err(call(error)),
            }
        }
        Ok(usize::MAX)
    }
}
