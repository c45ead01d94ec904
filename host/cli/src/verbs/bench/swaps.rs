//! Swaps: from a change on disk to new code that answers, and for how long messages wait meanwhile. The actor keeps its
//! state on disk, and is sent a thousand messages a second.

use super::figure::{Figure, Unit};
use super::{Folder, PATIENCE, call, message, read, unexpected, with_note};
use crate::exit::Failure;
use crate::print::Print;
use greenroom_core::Pattern;
use greenroom_engine::hub::{Cursor, From, Item};
use greenroom_engine::{Handle, Host, Options};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

const MANIFEST: &str = r#"
[host]
watch-time = "1s"
[supervisor.bench]
children = ["counter"]
[actor.counter]
source     = "counter.wasm"
keep-state = "disk"
"#;
/// Swaps of one round, of each kind.
const SWAPS: usize = 10;
/// What the large component has, in bytes.
const LARGE: usize = 1 << 20;

pub(super) async fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let small = read(guests, "state_v1")?;
    let mut figures = Vec::new();
    let mut paused = Figure::new("a swap: messages wait for", Unit::Microseconds);
    let components = [
        (
            "small component",
            small.clone(),
            "change on disk to an answer of new code, small component, compiled anew",
            "change on disk to an answer of new code, small component, compiled before",
        ),
        (
            "component of 1 MiB",
            grown(&small),
            "change on disk to an answer of new code, component of 1 MiB, compiled anew",
            "change on disk to an answer of new code, component of 1 MiB, compiled before",
        ),
    ];
    for (component, bytes, anew, before) in components {
        let mut cold = Figure::new(anew, Unit::Milliseconds);
        let mut cached = Figure::new(before, Unit::Milliseconds);
        let stage = Stage::new(&bytes).await?;
        let sender = tokio::spawn(keep_sending(stage.handle.clone()));
        for round in 1..=rounds {
            print.note(&format!("swaps of a {component} ({} KB), round {round} of {rounds}", bytes.len() / 1000));
            for swap in 0..SWAPS {
                let fresh = with_note(&bytes, &format!("build {round}.{swap}"));
                cold.add(stage.swap(&fresh, &mut paused).await?);
                cached.add(stage.swap(&bytes, &mut paused).await?);
            }
        }
        sender.abort();
        stage.host.shutdown().await;
        figures.extend([cold, cached]);
    }
    figures.push(paused);
    Ok(figures)
}

/// A thousand messages a second, as nearly as timers allow.
async fn keep_sending(handle: Handle) {
    let mut every = tokio::time::interval(Duration::from_millis(1));
    while let Ok(add) = message("add", &Value::Null) {
        every.tick().await;
        // One that finds no room is none of those that wait.
        drop(handle.tell("counter", add));
    }
}

struct Stage {
    host: Host,
    handle: Handle,
    directory: Folder,
}

impl Stage {
    async fn new(bytes: &[u8]) -> Result<Self, Failure> {
        let directory = Folder::new("swaps")?;
        directory.put("counter.wasm", bytes)?;
        let plan = greenroom_manifest::parse(MANIFEST, &directory.0.join("greenroom.toml"), None)
            .map_err(|faults| unexpected(format!("{faults:?}")))?;
        let options = Options {
            artefacts: Some(directory.0.join("artefacts")),
            folder: Some(directory.0.join("kept")),
            ..Options::default()
        };
        let host = Host::start(plan, options).await.map_err(|error| unexpected(error.to_string()))?;
        Ok(Self { handle: host.handle(), host, directory })
    }

    /// Replaces the file. Until new code has answered, in milliseconds.
    async fn swap(&self, bytes: &[u8], paused: &mut Figure) -> Result<f64, Failure> {
        let pattern: Pattern = "greenroom/events".parse().map_err(|error| unexpected(format!("{error}")))?;
        let mut events = self.handle.hub().open(vec![pattern], From::Now);
        self.directory.put("counter.partial", bytes)?;
        let began = Instant::now();
        let (partial, path) = (self.directory.0.join("counter.partial"), self.directory.0.join("counter.wasm"));
        std::fs::rename(partial, path).map_err(|error| unexpected(error.to_string()))?;
        let swapped = swapped(&mut events).await?;
        self.handle.ask("counter", message("which", &Value::Null).map_err(call)?, PATIENCE).await.map_err(call)?;
        paused.add(swapped["paused_milliseconds"].as_f64().unwrap_or_default() * 1e3);
        Ok(began.elapsed().as_secs_f64() * 1e3)
    }
}

async fn swapped(events: &mut Cursor) -> Result<Value, Failure> {
    loop {
        match tokio::time::timeout(PATIENCE, events.next()).await {
            Ok(Item::Message(entry)) => match entry.kind.as_str() {
                "swapped" => return Ok(serde_json::from_slice(&entry.body).unwrap_or_default()),
                "swap-failed" | "rolled-back" => return Err(unexpected(String::from_utf8_lossy(&entry.body))),
                _ => {}
            },
            Ok(_) => {}
            Err(_) => return Err(unexpected("a change on disk was not noticed")),
        }
    }
}

/// The component with a module more that is compiled and never run, so that it is of about [`LARGE`] bytes.
fn grown(component: &[u8]) -> Vec<u8> {
    // Adds up its argument, multiplied and shifted, and comes to some hundred bytes.
    let mut body = vec![0x01, 0x01, 0x7f];
    for round in 1..=16_u8 {
        // local 1 += (local 0 * round) ^ (local 1 >> round)
        body.extend([0x20, 0, 0x41, round, 0x6c, 0x20, 1, 0x41, round, 0x76, 0x73, 0x20, 1, 0x6a, 0x21, 1]);
    }
    body.extend([0x20, 1, 0x0b]);
    let functions = LARGE.saturating_sub(component.len()) / (body.len() + 3);
    let types = [&[0x60][..], &[1, 0x7f], &[1, 0x7f]].concat();
    let code = [number(body.len()), body].concat();
    let module = [
        b"\0asm\x01\0\0\0".to_vec(),
        section(1, &[number(1), types].concat()),
        section(3, &[number(functions), vec![0; functions]].concat()),
        section(10, &[number(functions), code.repeat(functions)].concat()),
    ]
    .concat();
    [component.to_vec(), section(1, &module)].concat()
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [vec![id], number(content.len()), content.to_vec()].concat()
}

/// Unsigned LEB128.
fn number(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_webassembly_has_them() {
        let check = |value: usize, expect: &[u8]| assert_eq!(number(value), expect, "{value}");
        check(0, &[0]);
        check(127, &[0x7f]);
        check(128, &[0x80, 1]);
        check(624_485, &[0xe5, 0x8e, 0x26]);
    }
}
