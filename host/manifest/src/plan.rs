//! The checked plan of a system: what the engine builds from. A [`Plan`] that exists holds together: every name in it
//! is defined, every value is in range.

use greenroom_core::{Flags, Grant, Name, Pattern, Restart, Shutdown, Strategy};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A table of configuration, as its actor gets it: a JSON object.
pub type Config = serde_json::Map<String, serde_json::Value>;

/// A whole system.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// `[host]`.
    pub host: Host,
    /// `[device.NAME]`, with the profile's replacements, in the manifest's order.
    pub devices: Vec<Device>,
    /// `[supervisor.NAME]`, in the manifest's order.
    pub supervisors: Vec<Supervisor>,
    /// `[actor.NAME]`, in the manifest's order.
    pub actors: Vec<Actor>,
    /// `[behavior.NAME]`: what actors may spawn or become.
    pub behaviors: Vec<Behavior>,
    /// `[topic."PATTERN"]`: how much of a topic is kept. The first that matches counts.
    pub topics: Vec<TopicHistory>,
    /// `[route."/PATH"]`: paths of the application's own.
    pub routes: Vec<HttpRoute>,
    /// The children of the root supervisor: what no supervisor lists, in the manifest's order.
    pub root: Vec<Name>,
    /// The manifest's own folder, which the folders of grants are relative to.
    pub folder: PathBuf,
}

/// `[host]`: what the whole host has.
#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    /// `name`: shown on the page and in logs. Default: `greenroom`.
    pub name: String,
    /// `listen`: default `127.0.0.1:8080`.
    pub listen: SocketAddr,
    /// `data-dir`: artefacts, versions, kept states and the token; relative to the manifest, and already joined with its directory. Default:
    /// none, which means the user's cache.
    pub data_dir: Option<PathBuf>,
    /// `topics`: the actor that is the topic registry.
    pub topics: Option<Name>,
    /// `workers`: threads that run turns, 1 to 256. Default: none, one a core.
    pub workers: Option<usize>,
    /// `actors`: actors that may live at the same time, 1 to 10,000,000. Default: none, what half of the machine's memory
    /// holds.
    pub actors: Option<usize>,
    /// `allow-hosts`: further names by which browsers may reach this host, beside the address that it listens on: `NAME`
    /// for any port, or `NAME:PORT`. In lower case.
    pub allow_hosts: Vec<String>,
    /// `watch-time`: for how long new code is watched, and taken back if it fails. 0 s to 1 h, 10 s by default; with 0 it
    /// is not.
    pub watch_time: Duration,
    /// `watch-turns`: how many turns each actor has to do well for the watch to end earlier. Default: 100.
    pub watch_turns: u32,
    /// `write-every`: how long a state that is kept on disk may wait to be written, 100 ms to 1 h. What is longer is gentler
    /// to memory cards; what is lost when the power goes is at most so much. Default: 5 s.
    pub write_every: Duration,
}

/// A component with its limits and permissions.
#[derive(Debug, Clone, PartialEq)]
pub struct Behavior {
    /// Its name.
    pub name: Name,
    /// `source`: the component, absolute or relative to the manifest, already joined with its directory.
    pub source: PathBuf,
    /// `grant`: what it may do.
    pub grants: Vec<Grant>,
    /// `mailbox`.
    pub mailbox: Mailbox,
    /// `deadline`: of a turn, in its own execution time: 1 ms to 1 h. Default 50 ms.
    pub deadline: Duration,
    /// `memory`: its linear memory at most, in bytes: 64 KiB to 64 MiB here. Default 16 MiB.
    pub memory: u64,
    /// `memory-class`: how it has its memory. Default: none, the host chooses by how many there can be. Actors that share a
    /// component share its class.
    pub memory_class: Option<MemoryClass>,
    /// `max-message`: the longest body it receives, in bytes: 1 KiB to 16 MiB. Default 1 MiB.
    pub max_message: u32,
    /// `keep-state`: how long its state is kept. Default [`Keep::Swaps`].
    pub keep: Keep,
    /// `sleep-after`: after how long without a turn it is put away, as its saved state alone, until somebody wants something
    /// of it: 100 ms to 30 d. Its component has to have `save` and `restore`. Default: never.
    pub sleep_after: Option<Duration>,
    /// `config`.
    pub config: Config,
    /// `build`: how the component is built from source, for `greenroom run --dev` and `greenroom build`.
    pub build: Option<Build>,
}

/// `[actor.NAME]`: a behaviour that is started with the host, as a supervised child.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// What it runs; the name is the actor's.
    pub behavior: Behavior,
    /// `restart`. Default permanent.
    pub restart: Restart,
    /// `shutdown`: `"brutal"`, a time, or `"infinity"`. Default 5 s.
    pub shutdown: Shutdown,
    /// `significant`: whether its supervisor may end because it has. Default false.
    pub significant: bool,
}

/// `[supervisor.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Supervisor {
    /// Its name.
    pub name: Name,
    /// `strategy`, `children` and `template`: which children it has.
    pub rule: Rule,
    /// `intensity`, `auto-shutdown`, `on-give-up` and `back-off`.
    pub flags: Flags,
    /// `restart`. Default permanent.
    pub restart: Restart,
    /// `shutdown`. Default infinity.
    pub shutdown: Shutdown,
    /// `significant`: whether its own supervisor may end because it has. Default false.
    pub significant: bool,
}

/// Which children a supervisor has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// `children`: actors and supervisors, in start order, and `strategy`. Default one-for-one.
    Static(Strategy, Vec<Name>),
    /// `strategy = "dynamic"`: any number after one template, started when asked for.
    Dynamic(Template),
}

/// `template = { behavior = "session", restart = "temporary" }`: the children of a dynamic supervisor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// `behavior`: what each runs.
    pub behavior: Name,
    /// `restart`. Default permanent.
    pub restart: Restart,
    /// `shutdown`. Default 5 s.
    pub shutdown: Shutdown,
    /// `significant`. Default false.
    pub significant: bool,
}

impl Supervisor {
    /// The children that the manifest names.
    pub fn children(&self) -> &[Name] {
        match &self.rule {
            Rule::Static(_, children) => children,
            Rule::Dynamic(_) => &[],
        }
    }
}

/// `mailbox = { limit = 256, when-full = "reject" }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mailbox {
    /// Messages at most: 1 to 1,000,000. Default 1024.
    pub limit: usize,
    /// What happens to one more.
    pub when_full: WhenFull,
}

/// What a full mailbox does with one more message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenFull {
    /// The sender is told. The default.
    Reject,
    /// The sender's turn waits until there is room, as long as its deadline leaves; then the sender is told. What no turn
    /// sends (timers, topics, the API) is told at once, as is a turn that only its own messages keep waiting, and one more
    /// when 64 turns of the host wait already.
    Wait,
    /// The oldest message goes to the dead letters.
    DropOldest,
    /// The new message goes to the dead letters.
    DropNewest,
    /// Also when not full: a message replaces an older one of the same kind and topic. When there is none to replace and
    /// the mailbox is full, the oldest goes.
    Latest,
}

/// How long an actor's state is kept, when its component has `save` and `restore`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Over swaps.
    Swaps,
    /// Over swaps and restarts: the state as of the last good turn.
    Restarts,
    /// Over swaps, restarts and new starts of the host: as [`Keep::Restarts`], and written behind to the host's folder.
    Disk,
}

/// How an actor has its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MemoryClass {
    /// So much address space that its code need not check where it reads and writes. For few actors.
    Fast,
    /// As much as it needs, by code that checks each access. For many.
    Dense,
}

impl MemoryClass {
    /// Its name in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Dense => "dense",
        }
    }
}

/// What actors may be written in.
pub const LANGUAGES: [&str; 9] = ["rust", "javascript", "typescript", "python", "c", "c++", "go", "zig", "wat"];

/// How a component is built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// `language`: what it is written in, one of [`LANGUAGES`]. Default: `rust`.
    pub language: &'static str,
    /// `package`: a Cargo package that makes the component; in other languages the actor's name, which names the main file.
    pub package: String,
    /// `workspace`: the directory with its `Cargo.toml`, or with the source; joined with the manifest's directory. Default:
    /// the manifest's.
    pub workspace: PathBuf,
    /// `watch`: directories whose changes mean a new build, joined likewise. Default: none are watched.
    pub watch: Vec<PathBuf>,
}

/// `[topic."PATTERN"]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicHistory {
    /// The topics.
    pub pattern: Pattern,
    /// `keep`: messages at most: 1 to 1,000,000. Default 1024.
    pub keep: usize,
}

/// `[route."/PATH"]`: what the host answers on a path of the application's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRoute {
    /// The path: begins with `/`, and is none of the host's own.
    pub path: String,
    /// What it does.
    pub serve: Serve,
}

/// What a route does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serve {
    /// `stream = "TOPIC-PATTERN"`: a server-sent event stream.
    Stream(Pattern),
    /// `actor`, `get`, `post`: asks an actor; the answer's body is the response.
    Ask {
        /// The actor.
        actor: Name,
        /// The kind of message for GET, without fields.
        get: Option<String>,
        /// The kind of message for POST, with the request's JSON body.
        post: Option<String>,
    },
}

/// `[device.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Its name.
    pub name: Name,
    /// `unit`: a word such as `celsius`, shown with the value. Default: the kind's own.
    pub unit: String,
    /// What it is.
    pub kind: DeviceKind,
}

/// What a device is, with what its kind needs.
#[derive(Debug, Clone, PartialEq)]
pub enum DeviceKind {
    /// An input that the host samples.
    Input {
        /// `every`: how often: 10 ms to 1 day. Default 1 s. Line inputs report changes as they happen, and ignore it.
        every: Duration,
        /// Where values come from.
        input: Input,
    },
    /// An output that one actor at a time drives.
    Output {
        /// `safe`: `"off"` or `"on"`: the level without a writer. Required.
        safe: bool,
        /// `max-on`: the longest time away from the safe level: 1 ms to 1 year. Default: no limit.
        max_on: Option<Duration>,
        /// What is driven.
        output: Output,
    },
}

/// Where an input's values come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// `kind = "w1-thermometer"`: a DS18B20 through sysfs. Unit: celsius.
    W1Thermometer {
        /// `id`: as in `28-000005e2fdc3`.
        id: String,
        /// `sysfs`: default `/sys/bus/w1/devices`.
        sysfs: PathBuf,
    },
    /// `kind = "gpio-input"`: a line of the character device: 0 or 1.
    Gpio {
        /// `line`.
        line: Line,
        /// `active-low`. Default false.
        active_low: bool,
        /// `bias`: `"pull-up"`, `"pull-down"`, `"disabled"`, or absent: left as it is.
        bias: Option<Bias>,
        /// `debounce`: 0 to 10 s. Default 0.
        debounce: Duration,
    },
    /// `kind = "sim-kettle"`: a simulated kettle, heated by one of the outputs. Unit: celsius.
    SimKettle {
        /// `heater`: an output of this manifest.
        heater: Name,
        /// `start-celsius`: −20 to 110. Default 20.
        start_celsius: f64,
        /// `litres`: 0.1 to 10,000. Default 17.
        litres: f64,
        /// `power-watts`: electrical, 0 to 1,000,000. Default 2000.
        power_watts: f64,
        /// `efficiency`: 0 to 1. Default 0.80.
        efficiency: f64,
        /// `loss-watts-per-kelvin`: to a room at 20 °C: 0 to 10,000. Default 10.
        loss_watts_per_kelvin: f64,
    },
    /// `kind = "scripted"`: values at given times, each held until the next.
    Scripted {
        /// `steps = [[0, 20.0], [10, "missing"]]`: seconds since the host's start, and the value. In order of time.
        steps: Vec<(Duration, Option<f64>)>,
    },
    /// `kind = "sine"`: a sine wave.
    Sine {
        /// `mean`. Default 0.
        mean: f64,
        /// `amplitude`. Default 1.
        amplitude: f64,
        /// `period`: 10 ms to 1 year. Default 60 s.
        period: Duration,
    },
    /// `kind = "machine-load"`: the load average over one minute (`/proc/loadavg`). Unit: load.
    MachineLoad,
    /// `kind = "machine-memory"`: memory in use, of 100 (`/proc/meminfo`). Unit: percent.
    MachineMemory,
    /// `kind = "machine-cpu"`: CPU time in use since the last sample, of 100 (`/proc/stat`). Unit: percent.
    MachineCpu,
    /// `kind = "machine-temperature"`: the machine's own (hwmon, thermal zones). Unit: celsius.
    MachineTemperature {
        /// `sensor`: the name of a hwmon chip or the type of a thermal zone. Default: the first that there is.
        sensor: Option<String>,
    },
}

/// What an output drives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// `kind = "gpio-output"`.
    Gpio {
        /// `line`.
        line: Line,
        /// `active-low`. Default false.
        active_low: bool,
    },
    /// `kind = "sim-relay"`.
    SimRelay,
}

/// A line of the GPIO character device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// `"GPIO17"`: the Pi's own numbering, 0 to 53.
    Bcm(u32),
    /// `"J8:11"`: a pin of the Pi's 40-pin header: 1 to 40, and a GPIO.
    Header(u32),
    /// `"NAME"`: as the kernel names the line.
    Named(String),
    /// `"LABEL:17"` or `"gpiochip0:17"`: a chip by label or name, and an offset on it.
    Chip {
        /// The chip's label, or its name.
        chip: String,
        /// The line on it.
        offset: u32,
    },
}

/// An input line's bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bias {
    /// Towards the supply.
    PullUp,
    /// Towards ground.
    PullDown,
    /// None.
    Disabled,
}
