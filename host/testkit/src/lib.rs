//! A stage for tests: takes a manifest, gives the running thing, with what happens to be waited for.
//!
//! Components are those that `cargo xtask guests` has built. Time is the machine's, or virtual: then a simulated hour
//! takes as long as its turns.

use greenroom_core::{Message, Pattern};
use greenroom_engine::hub::{Cursor, From, Item};
use greenroom_engine::{CallError, Clock, Handle, Host, Options, Prepared, Progress, StartError};
use greenroom_manifest::Plan;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// How long something is waited for before the test fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running host, with what it tells.
pub struct Stage {
    host: Option<Host>,
    /// Until the tree is started.
    prepared: Option<Prepared>,
    handle: Handle,
    events: Cursor,
    /// Events that came while another one was waited for.
    unclaimed: Vec<(String, Value)>,
    directory: TempDir,
}

/// Where the built components are.
pub fn guests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/guests")
}

/// Where a component is: a built one, or one of those that are kept as they were built once.
fn place(name: &str) -> PathBuf {
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = if name.starts_with("frozen_") { kept } else { guests() };
    folder.join(name).with_extension("wasm")
}

/// A component's bytes.
///
/// # Panics
/// If it was not built.
pub fn guest(name: &str) -> Vec<u8> {
    let path = place(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask guests`", path.display()))
}

impl Stage {
    /// Starts a manifest under the machine's clock. Components are named as `source = "NAME.wasm"`.
    pub async fn new(manifest: &str) -> Self {
        Self::start(manifest, None, Clock::machine()).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Stage::new`], with some files being other components than their names say: file and component.
    pub async fn with(manifest: &str, files: &[(&str, &str)]) -> Self {
        let files: Vec<_> = files.iter().map(|(file, component)| (*file, guest(component))).collect();
        let files: Vec<_> = files.iter().map(|(file, bytes)| (*file, &bytes[..])).collect();
        Self::with_bytes(manifest, &files).await
    }

    /// As [`Stage::new`], with some files given: file and content.
    pub async fn with_bytes(manifest: &str, files: &[(&str, &[u8])]) -> Self {
        let stage = Self::start_with(manifest, files, None, Clock::machine()).await;
        stage.unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Stage::with_bytes`], in a folder that was prepared: files that are there already are left as they are.
    pub async fn with_prepared(manifest: &str, files: &[(&str, &[u8])], prepare: impl FnOnce(&Path)) -> Self {
        let directory = folder();
        prepare(directory.path());
        let mut stage = Self::prepare_in(directory, manifest, files, None, Clock::machine())
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        stage.begin().await.unwrap_or_else(|error| panic!("{error}"));
        stage
    }

    /// Starts a manifest in virtual time.
    pub async fn in_virtual_time(manifest: &str, profile: Option<&str>) -> Self {
        let clock = Clock::virtual_at_origin();
        Self::start(manifest, profile, clock).await.unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Stage::with`], in virtual time.
    pub async fn with_in_virtual_time(manifest: &str, files: &[(&str, &str)]) -> Self {
        let files: Vec<_> = files.iter().map(|(file, component)| (*file, guest(component))).collect();
        let files: Vec<_> = files.iter().map(|(file, bytes)| (*file, &bytes[..])).collect();
        let stage = Self::start_with(manifest, &files, None, Clock::virtual_at_origin()).await;
        stage.unwrap_or_else(|error| panic!("{error}"))
    }

    /// As [`Stage::with_bytes`], in virtual time.
    pub async fn with_bytes_in_virtual_time(manifest: &str, files: &[(&str, &[u8])]) -> Self {
        let stage = Self::start_with(manifest, files, None, Clock::virtual_at_origin()).await;
        stage.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts a manifest that may not start.
    pub async fn start(manifest: &str, profile: Option<&str>, clock: Clock) -> Result<Self, StartError> {
        Self::start_with(manifest, &[], profile, clock).await
    }

    async fn start_with(
        manifest: &str,
        files: &[(&str, &[u8])],
        profile: Option<&str>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let mut stage = Self::prepare_with(manifest, files, profile, clock).await?;
        stage.begin().await?;
        Ok(stage)
    }

    /// A manifest in virtual time, ready to be started with [`Stage::begin`].
    pub async fn prepare(manifest: &str) -> Self {
        let stage = Self::prepare_with(manifest, &[], None, Clock::virtual_at_origin()).await;
        stage.unwrap_or_else(|error| panic!("{error}"))
    }

    /// Starts the tree of a stage that was only prepared.
    ///
    /// # Panics
    /// If it was started already.
    pub async fn begin(&mut self) -> Result<(), StartError> {
        let prepared = self.prepared.take().unwrap_or_else(|| panic!("the host was started already"));
        self.host = Some(prepared.begin().await?);
        Ok(())
    }

    async fn prepare_with(
        manifest: &str,
        files: &[(&str, &[u8])],
        profile: Option<&str>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        Self::prepare_in(folder(), manifest, files, profile, clock).await
    }

    async fn prepare_in(
        directory: TempDir,
        manifest: &str,
        files: &[(&str, &[u8])],
        profile: Option<&str>,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let file = directory.path().join("greenroom.toml");
        // An example's components are beside the manifest here.
        let manifest = &manifest.replace("../../target/guests/", "");
        let plan = greenroom_manifest::parse(manifest, &file, profile).unwrap_or_else(|faults| panic!("{faults:?}"));
        let behaviors = plan.actors.iter().map(|actor| &actor.behavior).chain(&plan.behaviors);
        for source in behaviors.map(|behavior| behavior.source.clone()) {
            let file = source.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if source.exists() {
                continue;
            }
            let name = file.trim_end_matches(".wasm");
            let bytes = match files.iter().find(|(name, _)| *name == file) {
                Some((_, bytes)) => bytes.to_vec(),
                None if place(name).exists() => guest(name),
                // What is missing is the host's to say.
                None => continue,
            };
            std::fs::write(&source, bytes).unwrap_or_else(|error| panic!("{error}"));
        }
        std::fs::write(&file, manifest).unwrap_or_else(|error| panic!("{error}"));
        Self::prepare_host(directory, plan, profile, clock).await.map_err(|(error, _)| error)
    }

    async fn prepare_host(
        directory: TempDir,
        plan: Plan,
        profile: Option<&str>,
        clock: Clock,
    ) -> Result<Self, (StartError, TempDir)> {
        let options = Options {
            artefacts: Some(guests().join("artefacts")),
            profile: profile.map(str::to_owned),
            // In virtual time nothing may come in by itself, from the real world's files.
            watch: clock.is_machine(),
            // Only a manifest that says so keeps anything beyond its host.
            folder: plan.host.data_dir.clone(),
            manifest: Some(directory.path().join("greenroom.toml")),
            clock,
            progress: Progress::default(),
        };
        let prepared = match Host::prepare(plan, options).await {
            Ok(prepared) => prepared,
            Err(error) => return Err((error, directory)),
        };
        let handle = prepared.handle();
        let pattern: Pattern = "greenroom/events".parse().unwrap_or_else(|error| panic!("{error}"));
        let events = handle.hub().open(vec![pattern], From::Earliest);
        Ok(Self { host: None, prepared: Some(prepared), handle, events, unclaimed: Vec::new(), directory })
    }

    /// Ends the host, in good order or at once, and starts another one in its place with the same files. One in virtual time
    /// begins at its origin again.
    pub async fn anew(self, orderly: bool) -> Self {
        let Self { host, prepared, handle, directory, .. } = self;
        let virtually = host.as_ref().is_some_and(|host| !host.clock().is_machine());
        if let Some(host) = host.filter(|_| orderly) {
            host.shutdown().await;
        }
        drop((prepared, handle));
        let file = directory.path().join("greenroom.toml");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}"));
        let plan = greenroom_manifest::parse(&text, &file, None).unwrap_or_else(|faults| panic!("{faults:?}"));
        let clock = if virtually { Clock::virtual_at_origin() } else { Clock::machine() };
        let (began, mut directory) = (std::time::Instant::now(), Some(directory));
        let mut stage = loop {
            let there = directory.take().unwrap_or_else(|| unreachable!("it comes back each time"));
            match Self::prepare_host(there, plan.clone(), None, clock.clone()).await {
                Ok(stage) => break stage,
                // The host before has not let go of its folder yet.
                Err((StartError::Folder(_), there)) if began.elapsed() < PATIENCE => {
                    directory = Some(there);
                    tokio::task::yield_now().await;
                }
                Err((error, _)) => panic!("{error}"),
            }
        };
        stage.begin().await.unwrap_or_else(|error| panic!("{error}"));
        stage
    }

    /// What the outside may ask.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// The host itself.
    ///
    /// # Panics
    /// Before [`Stage::begin`] and after [`Stage::shutdown`].
    pub fn host(&self) -> &Host {
        self.host.as_ref().unwrap_or_else(|| panic!("the host does not run"))
    }

    /// The directory that the manifest and its components are in.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Puts another component where the manifest has one, as a build tool does: written beside, and renamed.
    ///
    /// # Panics
    /// If the directory can't be written to.
    pub fn install(&self, source: &str, bytes: &[u8]) {
        let partial = self.directory().join(format!("{source}.partial"));
        let written = std::fs::write(&partial, bytes);
        written
            .and_then(|()| std::fs::rename(&partial, self.directory().join(source)))
            .unwrap_or_else(|error| panic!("{source}: {error}"));
    }

    /// Tells an actor something.
    ///
    /// # Panics
    /// If it is not accepted.
    pub fn tell(&self, actor: &str, kind: &str, body: Value) {
        self.handle.tell(actor, message(kind, &body)).unwrap_or_else(|error| panic!("{error}"));
    }

    /// Asks an actor something: the body of the answer.
    pub async fn ask(&self, actor: &str, kind: &str, body: Value) -> Result<Value, CallError> {
        let answer = self.handle.ask(actor, message(kind, &body), PATIENCE).await?;
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    /// Waits for an event of a kind about an actor, whatever else happens before it.
    ///
    /// # Panics
    /// If it does not come in time.
    pub async fn event(&mut self, kind: &str, actor: &str) -> Value {
        self.event_where(kind, |body| body["actor"] == actor).await
    }

    /// Waits for an event of a kind that is as wanted. Each event is given once; others are kept for later.
    ///
    /// # Panics
    /// If it does not come in time.
    pub async fn event_where(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.unclaimed.iter().position(|(word, body)| word == kind && wanted(body)) {
            return self.unclaimed.remove(at).1;
        }
        let waiting = async {
            loop {
                match self.events.next().await {
                    Item::Message(entry) => {
                        let body: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
                        if entry.kind.as_str() == kind && wanted(&body) {
                            return body;
                        }
                        self.unclaimed.push((entry.kind.to_string(), body));
                    }
                    Item::Lag { .. } => {}
                    Item::Bye => panic!("the host ended before `{kind}` came"),
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(body) => body,
            Err(_) => panic!("no `{kind}` came; there were {:#?}", self.history()),
        }
    }

    /// All events that there have been, as `kind: text`.
    pub fn history(&self) -> Vec<String> {
        let pattern: Pattern = "greenroom/events".parse().unwrap_or_else(|error| panic!("{error}"));
        let mut cursor = self.handle.hub().open(vec![pattern], From::Earliest);
        let mut history = Vec::new();
        while let Some(item) = cursor.try_next() {
            if let Item::Message(entry) = item {
                let body: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
                history.push(format!("{}: {}", entry.kind, body["text"].as_str().unwrap_or_default()));
            }
        }
        history
    }

    /// The last value on a topic.
    pub fn latest(&self, topic: &str) -> Option<Value> {
        let topic = topic.parse().unwrap_or_else(|error| panic!("{error}"));
        self.handle.hub().latest(&topic).and_then(|entry| serde_json::from_slice(&entry.body).ok())
    }

    /// A device's value, or why it has none.
    ///
    /// # Panics
    /// If there is no such device.
    pub fn device(&self, name: &str) -> Result<f64, String> {
        let views = self.handle.devices();
        let view = views.iter().find(|view| view.name == name).unwrap_or_else(|| panic!("no device {name}"));
        view.value.ok_or_else(|| view.missing.clone().unwrap_or_default())
    }

    /// Virtual time: lets some of it pass.
    pub async fn advance(&self, time: Duration) {
        self.host().advance(time).await;
    }

    /// Stops everything in order.
    pub async fn shutdown(&mut self) -> greenroom_engine::Exit {
        match self.host.take() {
            Some(host) => host.shutdown().await,
            None => greenroom_engine::Exit::Asked,
        }
    }
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap_or_else(|error| panic!("a temporary directory: {error}"))
}

/// A message with a JSON body; `null` is none.
///
/// # Panics
/// If the kind is not one.
pub fn message(kind: &str, body: &Value) -> Message {
    let kind = kind.parse().unwrap_or_else(|error| panic!("{kind}: {error}"));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    Message::new(kind, body)
}

include!(concat!(env!("OUT_DIR"), "/probes.rs"));
