//! What somebody outside waits for: an answer, and the first answer of the incarnation after a trap. On one worker.

use super::figure::{Figure, Unit};
use super::{Folder, PATIENCE, call, message, read, unexpected};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_engine::{CallError, Handle, Host, Options};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant;

/// Restarts, and questions, of one round.
const RESTARTS: usize = 200;
const QUESTIONS: u32 = 5_000;

pub(super) async fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let stage = Stage::new(guests).await?;
    let mut ask = Figure::new("ask round trip from outside, wall time", Unit::Microseconds);
    let mut restart = Figure::new("trap to first answer of the next incarnation", Unit::Microseconds);
    let mut inside = Figure::new("trap to its first message, from an actor beside it", Unit::Microseconds);
    for round in 1..=rounds {
        print.note(&format!("outside {round} of {rounds}"));
        stage.questions(&mut ask).await?;
        stage.restarts(&mut restart).await?;
        stage.risings(&mut inside).await?;
    }
    stage.host.shutdown().await;
    Ok(vec![ask, restart, inside])
}

/// A host with one actor.
struct Stage {
    host: Host,
    handle: Handle,
    _directory: Folder,
}

const MANIFEST: &str = r#"
[host]
workers = 1
[supervisor.bench]
intensity = { restarts = 1000000, within = "1s" }
children  = ["trap", "mortal", "observer"]
[actor.trap]
source = "trap.wasm"
[actor.mortal]
source = "rising.wasm"
[actor.observer]
source = "rising.wasm"
grant  = ["tell:mortal"]
config = { mortal = "mortal" }
"#;

impl Stage {
    async fn new(guests: &Path) -> Result<Self, Failure> {
        let directory = Folder::new("outside")?;
        directory.put("trap.wasm", &read(guests, "trap")?)?;
        directory.put("rising.wasm", &read(guests, "bench_rising")?)?;
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

    async fn questions(&self, figure: &mut Figure) -> Result<(), Failure> {
        let began = Instant::now();
        for _ in 0..QUESTIONS {
            self.ask("trap", "ping", &Value::Null).await.map_err(call)?;
        }
        figure.add(began.elapsed().as_secs_f64() * 1e6 / f64::from(QUESTIONS));
        Ok(())
    }

    /// The same, as actors see it: from the turn that sends what it traps at, and a message behind it, to that message's.
    async fn risings(&self, figure: &mut Figure) -> Result<(), Failure> {
        let took = self.ask("observer", "start", &json!({ "units": RESTARTS })).await.map_err(call)?;
        let list = took.as_array().ok_or_else(|| unexpected("the observer answers with no list"))?;
        list.iter().filter_map(Value::as_f64).for_each(|nanoseconds| figure.add(nanoseconds / 1e3));
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
