//! Watching the components' files and the manifest: directories are watched, content decides.
//!
//! Editors and build tools write in place, or write another file and rename it, or delete and create, or turn a link:
//! each way is heard of in a directory that the file's path leads over ([`places`], [`listen`]); where the system does not
//! say, files are looked at ([`poll`]). When a file is quiet and whole ([`settle`], [`whole`]), and its content is another,
//! the swap begins.

mod filesystem;
mod listen;
mod look;
mod places;
mod poll;
mod room;
mod settle;
mod whole;

use crate::amend::amend;
use crate::component::Digest;
use crate::report;
use crate::shared::Shared;
use crate::swap::{self, Source};
use listen::Notice;
use room::{Polled, Room, Round};
use serde_json::json;
use settle::{Content, Found, Verdict};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio::task::JoinHandle;

/// Notices that are taken in at once: a large copy makes many.
const BATCH: usize = 1024;

/// Watches as long as it lives.
pub(crate) struct Watch(JoinHandle<()>);

impl Watch {
    pub(crate) fn start(shared: &Arc<Shared>) -> Self {
        let (tell, notices) = mpsc::unbounded_channel();
        let mut room = Room::new(shared.clock.clone(), tell);
        room.follow(files(shared));
        Self(tokio::spawn(watch(Arc::downgrade(shared), notices, room)))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The files that the manifest names, itself included, and what the host runs of each.
fn files(shared: &Shared) -> impl Iterator<Item = (PathBuf, Content, Option<Digest>)> {
    let sources: BTreeSet<_> = shared.roster().sources().collect();
    let component = |source: PathBuf| {
        let known = shared.codes.get(&source).map(|active| active.held);
        (source, Content::Component, known)
    };
    // What it was when it was started is not known: it is taken in once more, which does nothing if it is still that.
    let manifest = shared.manifest.clone().map(|manifest| (manifest, Content::Manifest, None));
    sources.into_iter().map(component).chain(manifest)
}

async fn watch(shared: Weak<Shared>, mut notices: UnboundedReceiver<Notice>, mut room: Room) {
    let mut batch = Vec::new();
    loop {
        if batch.is_empty() {
            let due = match (room.due(), shared.upgrade()) {
                (_, None) => return,
                (due, Some(shared)) => due.map(|due| due.since(shared.now())),
            };
            let due = async {
                match due {
                    Some(wait) => tokio::time::sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                heard = notices.recv_many(&mut batch, BATCH) => if heard == 0 { return },
                () = due => {}
            }
        }
        let heard = std::mem::take(&mut batch);
        let round = tokio::task::spawn_blocking(move || {
            let round = room.round(heard);
            (room, round)
        });
        let Ok((back, Round { polled, mut looks })) = round.await else { return };
        room = back;
        // What is heard now may have happened while a file was read: it is looked at again.
        while let Ok(notice) = notices.try_recv() {
            batch.push(notice);
        }
        looks.retain(|(file, _)| !batch.iter().any(|notice| room.concerns(notice, file)));
        let Some(shared) = shared.upgrade() else { return };
        polled.iter().for_each(|polled| tell_polled(&shared, polled));
        let verdicts: Vec<_> = looks
            .into_iter()
            .filter_map(|(file, found)| {
                let digest = if let Found::Bytes(digest, _) = &found { Some(*digest) } else { None };
                room.found(&file, found).map(|verdict| (file, digest, verdict))
            })
            .collect();
        // What the manifest names comes before what that holds.
        let (manifests, components): (Vec<_>, Vec<_>) =
            verdicts.into_iter().partition(|(_, _, (content, _))| *content == Content::Manifest);
        for (file, digest, (content, verdict)) in manifests.into_iter().chain(components) {
            match (verdict, content) {
                (Verdict::Nothing, _) => {}
                (Verdict::Take, Content::Component) => reload_all(&shared, &file, digest).await,
                (Verdict::Take, Content::Manifest) => {
                    // Told by events.
                    drop(amend(&shared).await);
                    room.follow(files(&shared));
                }
                (Verdict::Incomplete(why), _) => tell_incomplete(&shared, &file, &why),
                (Verdict::Unreadable(why), _) => tell_unreadable(&shared, &file, &why),
            }
        }
    }
}

/// Has every actor that runs a file take it over. One that holds something else by now is looked at again anyway.
async fn reload_all(shared: &Arc<Shared>, source: &Path, digest: Option<Digest>) {
    if let Some(digest) = digest {
        // Told by events.
        drop(swap::install(shared, source, Source::Watched(digest)).await);
    }
}

fn tell_polled(shared: &Shared, Polled { directory, why }: &Polled) {
    let text = format!("{}: {why}; its files are looked at once a second", directory.display());
    report::event(shared, "watch-polled", &text, json!({ "directory": directory, "why": why }));
}

fn tell_incomplete(shared: &Shared, file: &Path, why: &str) {
    let text = format!("{} is not taken over: {why}; it is waited for as long as it is incomplete", file.display());
    report::event(shared, "watch-incomplete", &text, json!({ "file": file, "why": why }));
}

fn tell_unreadable(shared: &Shared, file: &Path, why: &str) {
    let text = format!("{} has changed and cannot be read: {why}; it is tried again", file.display());
    report::event(shared, "watch-unreadable", &text, json!({ "file": file, "why": why }));
}
