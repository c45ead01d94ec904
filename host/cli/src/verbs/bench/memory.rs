//! What live actors weigh, in a host that runs as a process of its own: with a thousand of them, and with a hundred
//! thousand, or as many as it lets live.

use super::figure::{Figure, Unit};
use super::host::{self, Process};
use super::{Folder, read};
use crate::client::Client;
use crate::exit::Failure;
use crate::print::Print;
use serde_json::json;
use std::path::Path;

const MANIFEST: &str = r#"
[supervisor.pool]
strategy = "dynamic"
template = { behavior = "child", restart = "temporary" }
[behavior.child]
source = "trap.wasm"
"#;

pub(super) fn measure(guests: &Path, rounds: usize, print: &Print) -> Result<Vec<Figure>, Failure> {
    let mut figures = Vec::new();
    for wanted in [1_000_u32, 100_000] {
        let mut weight = Figure::new(format!("memory of a live actor, {wanted} asked for"), Unit::Kibibytes);
        let mut live = Figure::new(format!("live actors, {wanted} asked for"), Unit::Number);
        let mut refusal = None;
        for round in 1..=rounds {
            print.note(&format!("memory {round} of {rounds}: {wanted} actors"));
            let had = fill(guests, wanted)?;
            weight.add(had.kibibytes / f64::from(had.actors - 1));
            live.add(f64::from(had.actors));
            refusal = had.refusal.or(refusal);
        }
        if let Some(why) = refusal {
            print.note(&format!("not {wanted}: {why}"));
            live = live.about(json!({ "refused": why }));
        }
        figures.extend([weight, live]);
    }
    Ok(figures)
}

/// What a host had in the end.
struct Had {
    actors: u32,
    /// What its resident memory has grown by since it had the first.
    kibibytes: f64,
    /// Why it had no more.
    refusal: Option<String>,
}

/// Starts a host, and so many actors in it, or as many as there is room for.
fn fill(guests: &Path, wanted: u32) -> Result<Had, Failure> {
    let directory = Folder::new("memory")?;
    directory.put("trap.wasm", &read(guests, "trap")?)?;
    directory.put("greenroom.toml", MANIFEST.as_bytes())?;
    let process = Process::start(&directory.0.join("greenroom.toml"), None, &directory.0.join("data"))?;
    let client = Client::new(&format!("http://{}", process.address), None)?;
    let order = json!({ "kind": "start-child", "body": {} }).to_string();
    let start = || client.post("/api/actors/pool/ask", Some(&order), None);
    // What the first one needs, all others share.
    start()?;
    let before = host::resident(process.id())?;
    let mut had = Had { actors: 1, kibibytes: 0.0, refusal: None };
    while had.actors < wanted {
        match start() {
            Ok(_) => had.actors += 1,
            Err(Failure { code: Some(code), detail, .. }) if code == "refused" => {
                had.refusal = Some(detail);
                break;
            }
            Err(failure) => return Err(failure),
        }
    }
    had.kibibytes = (host::resident(process.id())? - before) * 1024.0;
    Ok(had)
}
