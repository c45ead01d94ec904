//! What the host shows of itself: the snapshots that the server, the page and the command line read. Their JSON is a
//! stable surface.

use serde::Serialize;

/// The whole tree.
#[derive(Debug, Clone, Serialize)]
pub struct Tree {
    /// The host itself.
    pub host: HostView,
    /// The root supervisor.
    pub root: Node,
    /// The devices, in the manifest's order.
    pub devices: Vec<DeviceView>,
}

/// The host.
#[derive(Debug, Clone, Serialize)]
pub struct HostView {
    /// `host.name` of the manifest.
    pub name: String,
    /// The host's version.
    pub version: &'static str,
    /// The profile that it runs under.
    pub profile: Option<String>,
    /// Names this start of the host: the first part of every event id.
    pub epoch: String,
    /// Seconds since its start.
    pub uptime_seconds: f64,
}

/// An actor or a supervisor, with what is beneath it.
#[derive(Debug, Clone, Serialize)]
pub struct Node {
    /// Its name, or for one that was spawned without, its behaviour's name and address.
    pub name: String,
    /// Its address.
    pub address: String,
    /// `starting`, `running`, `asleep` (it is put away until somebody wants something of it), `stopping`, `stopped`,
    /// `restarting` (its start failed or is to come), or `quarantined`.
    pub state: &'static str,
    /// `permanent`, `transient` or `temporary`; none for what an actor spawned, and for the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<&'static str>,
    /// Seconds until its supervisor starts it again, while it waits for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_start_seconds: Option<f64>,
    /// Why it is in quarantine, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quarantine: Option<Quarantine>,
    /// What only a supervisor has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<SupervisorView>,
    /// What only an actor has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actor: Option<ActorView>,
    /// What it supervises, or has spawned and is alive.
    pub children: Vec<Node>,
}

/// A supervisor's own.
#[derive(Debug, Clone, Serialize)]
pub struct SupervisorView {
    /// `one-for-one`, `one-for-all`, `rest-for-one` or `dynamic`.
    pub strategy: &'static str,
    /// What it does when its restarts are used up: `exit` or `quarantine`.
    pub on_give_up: &'static str,
    /// Whether it ends with its significant children: `never`, `any` or `all`.
    pub auto_shutdown: &'static str,
    /// Restarts in the window now.
    pub restarts_in_window: u32,
    /// Restarts that it makes within the window.
    pub restarts_limit: u32,
    /// The window, in seconds.
    pub window_seconds: f64,
}

/// Why an actor or supervisor is in quarantine. `restart`, or a new build, releases it.
#[derive(Debug, Clone, Serialize)]
pub struct Quarantine {
    /// Why it ended the last time.
    pub reason: String,
    /// How many restarts its supervisor had made within the window.
    pub restarts: u32,
    /// For how long, in seconds.
    pub since_seconds: f64,
}

/// An actor's own.
#[derive(Debug, Clone, Serialize)]
pub struct ActorView {
    /// The behaviour that it runs.
    pub behavior: String,
    /// The component's file.
    pub source: String,
    /// The first 12 digits of the component's SHA-256; none before the first start.
    pub digest: Option<String>,
    /// How many times it was started.
    pub incarnation: u64,
    /// How many times its supervisor restarted it.
    pub restarts: u64,
    /// Turns that it has had, over all incarnations.
    pub turns: u64,
    /// Messages that wait.
    pub waiting: usize,
    /// Messages that may wait.
    pub mailbox_limit: usize,
    /// Messages lost to a full mailbox.
    pub dropped: u64,
    /// The kind of message that it is handling now.
    pub handling: Option<String>,
    /// For how long, in seconds.
    pub busy_seconds: Option<f64>,
    /// Its linear memory, in bytes.
    pub memory_bytes: u64,
    /// Why its last incarnation ended, if one has.
    pub last_end: Option<String>,
    /// What it may do.
    pub grants: Vec<String>,
}

/// A device.
#[derive(Debug, Clone, Serialize)]
pub struct DeviceView {
    /// Its name.
    pub name: String,
    /// Its kind in the manifest.
    pub kind: &'static str,
    /// The unit of its value.
    pub unit: String,
    /// Whether it is driven.
    pub output: bool,
    /// The last good value; for an output what was read back.
    pub value: Option<f64>,
    /// Why there is none now.
    pub missing: Option<String>,
    /// Seconds since the value was taken.
    pub age_seconds: Option<f64>,
    /// Who drives it.
    pub writer: Option<String>,
}

/// Messages that reached nobody.
#[derive(Debug, Clone, Serialize)]
pub struct DeadLetters {
    /// How many there were since the start.
    pub total: u64,
    /// The last 256, oldest first.
    pub letters: Vec<DeadLetter>,
}

/// A message that reached nobody.
#[derive(Debug, Clone, Serialize)]
pub struct DeadLetter {
    /// Seconds since 1970.
    pub time: f64,
    /// Who it was for.
    pub to: String,
    /// Who sent it, if an actor did.
    pub from: Option<String>,
    /// The message's kind.
    pub kind: String,
    /// The body as text, cut at 1 KiB.
    pub body: String,
    /// Why it reached nobody.
    pub why: String,
}

/// Counters since the start, for `/metrics`.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Counters {
    /// Turns.
    pub turns: u64,
    /// Messages that went into a mailbox.
    pub messages: u64,
    /// Messages on topics.
    pub published: u64,
    /// Messages that reached nobody.
    pub dead_letters: u64,
    /// Messages that were lost with the turn that handled them: it failed, or the actor was killed.
    pub lost: u64,
    /// Turns that trapped, ran out of time or of memory.
    pub faults: u64,
    /// Restarts by supervisors.
    pub restarts: u64,
    /// Swaps that went through.
    pub swaps: u64,
    /// Swaps that did not.
    pub swaps_failed: u64,
    /// New code that was taken back, since it failed while it was watched.
    pub rollbacks: u64,
    /// How often versions and states were written to the host's folder.
    pub kept_writes: u64,
    /// What that took of the disk, in bytes: whole blocks of the file system.
    pub kept_bytes: u64,
    /// Actors alive.
    pub actors: u64,
    /// Those of them that are asleep.
    pub actors_asleep: u64,
    /// How often actors were put away while they were idle.
    pub sleeps: u64,
    /// How often they were woken.
    pub wakes: u64,
    /// Time spent in turns, in nanoseconds.
    pub turn_nanoseconds: u64,
}
