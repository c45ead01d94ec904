//! The memory classes: what an actor of each weighs, how soon it is there, and how fast it computes.

use super::figure::{Figure, Unit};
use super::{Folder, call, cpu_time, message, read, unexpected};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_engine::{CallError, Handle, Host, Options};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// Actors that live at a time, of each class: of one there is only room for some.
const ALIVE: [(&str, usize); 2] = [("fast", 800), ("dense", 10_000)];
/// Turns that compute, and restarts, of one round.
const TURNS: u32 = 20;
const RESTARTS: u32 = 200;
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The figures of one class.
struct Class {
    name: &'static str,
    alive: usize,
    start: Figure,
    weight: Figure,
    tables: Figure,
    mappings: Figure,
    compute: Figure,
    restart: Figure,
}

impl Class {
    fn new((name, alive): (&'static str, usize)) -> Self {
        let names = match name {
            "fast" => [
                "fast: a child started by order",
                "fast: resident memory of a child that runs",
                "fast: page tables of a child that runs",
                "fast: mappings of 1,000 that run",
                "fast: a turn that computes in a MiB, CPU",
                "fast: trap to first answer of the next incarnation",
            ],
            _ => [
                "dense: a child started by order",
                "dense: resident memory of a child that runs",
                "dense: page tables of a child that runs",
                "dense: mappings of 1,000 that run",
                "dense: a turn that computes in a MiB, CPU",
                "dense: trap to first answer of the next incarnation",
            ],
        };
        let [start, weight, tables, mappings, compute, restart] = names;
        Self {
            name,
            alive,
            start: Figure::new(start, Unit::Microseconds),
            weight: Figure::new(weight, Unit::Kibibytes),
            tables: Figure::new(tables, Unit::Kibibytes),
            mappings: Figure::new(mappings, Unit::Number),
            compute: Figure::new(compute, Unit::Microseconds),
            restart: Figure::new(restart, Unit::Microseconds),
        }
    }

    fn manifest(&self) -> String {
        let class = self.name;
        format!(
            r#"
[host]
workers = 1
[supervisor.bench]
intensity = {{ restarts = 1000000, within = "1s" }}
children  = ["pool", "trap", "sieve"]
[supervisor.pool]
strategy = "dynamic"
template = {{ behavior = "child" }}
[behavior.child]
source       = "trap.wasm"
memory-class = "{class}"
[actor.trap]
source       = "trap.wasm"
memory-class = "{class}"
[actor.sieve]
source       = "sieve.wasm"
memory-class = "{class}"
deadline     = "10s"
"#
        )
    }
}

/// Rounds of both classes, one after the other.
pub(super) async fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut classes = ALIVE.map(Class::new);
    for round in 1..=rounds {
        print.note(&format!("memory classes {round} of {rounds}"));
        for class in &mut classes {
            one(class, guests).await?;
        }
    }
    let figures = classes.into_iter();
    Ok(figures
        .flat_map(|class| [class.start, class.weight, class.tables, class.mappings, class.compute, class.restart])
        .collect())
}

async fn one(class: &mut Class, guests: &Path) -> Result<(), Failure> {
    let directory = Folder::new("classes")?;
    for name in ["trap", "sieve"] {
        directory.put(&format!("{name}.wasm"), &read(guests, name)?)?;
    }
    let plan = greenroom_manifest::parse(&class.manifest(), &directory.0.join("greenroom.toml"), None)
        .map_err(|faults| unexpected(format!("{faults:?}")))?;
    let options = Options { artefacts: Some(directory.0.join("artefacts")), ..Options::default() };
    let host = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
    let running = Running(host.handle());
    running.restarts(class).await?;
    running.computes(class).await?;
    running.children(class).await?;
    host.shutdown().await;
    Ok(())
}

struct Running(Handle);

impl Running {
    async fn ask(&self, whom: &str, kind: &str, body: &Value) -> Result<Value, CallError> {
        let answer = self.0.ask(whom, message(kind, body)?, PATIENCE).await?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or_default())
    }

    async fn children(&self, class: &mut Class) -> Result<(), Failure> {
        let before = Weight::now()?;
        let began = Instant::now();
        for _ in 0..class.alive {
            self.ask("pool", "start-child", &json!({})).await.map_err(call)?;
        }
        class.start.add(began.elapsed().as_secs_f64() * 1e6 / class.alive as f64);
        let after = Weight::now()?;
        let each = |after: f64, before: f64| (after - before) / class.alive as f64;
        class.weight.add(each(after.resident, before.resident));
        class.tables.add(each(after.tables, before.tables));
        class.mappings.add(each(after.mappings, before.mappings) * 1000.0);
        Ok(())
    }

    async fn computes(&self, class: &mut Class) -> Result<(), Failure> {
        let below = json!({ "below": 1 << 20 });
        // The memory that it takes is there from the first time on.
        self.ask("sieve", "count", &below).await.map_err(call)?;
        let began = cpu_time();
        for _ in 0..TURNS {
            self.ask("sieve", "count", &below).await.map_err(call)?;
        }
        class.compute.add((cpu_time() - began).as_secs_f64() * 1e6 / f64::from(TURNS));
        Ok(())
    }

    async fn restarts(&self, class: &mut Class) -> Result<(), Failure> {
        for _ in 0..RESTARTS {
            let began = Instant::now();
            self.0.tell("trap", message("go", &Value::Null).map_err(call)?).map_err(call)?;
            loop {
                match self.ask("trap", "ping", &Value::Null).await {
                    Ok(_) => break,
                    Err(CallError::Restarting(_)) => tokio::task::yield_now().await,
                    Err(error) => return Err(call(error)),
                }
            }
            class.restart.add(began.elapsed().as_secs_f64() * 1e6);
        }
        Ok(())
    }
}

/// What this process takes, in KiB, and its mappings.
struct Weight {
    resident: f64,
    tables: f64,
    mappings: f64,
}

impl Weight {
    fn now() -> Result<Self, Failure> {
        let read = |file| std::fs::read_to_string(file).map_err(|error| unexpected(format!("{file}: {error}")));
        let status = read("/proc/self/status")?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
            value.ok_or_else(|| unexpected(format!("/proc/self/status has no {name}")))
        };
        let mappings = read("/proc/self/maps")?.lines().count() as f64;
        Ok(Self { resident: field("VmRSS:")?, tables: field("VmPTE:")?, mappings })
    }
}
