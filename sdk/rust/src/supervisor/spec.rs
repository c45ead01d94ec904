//! Specs of children: what OTP's `supervisor` calls so.

use crate::codec::Misfit;
use crate::json::{self, Value};
use crate::{Duration, ParseDurationError};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// When a child is restarted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// Unless it ended `normal` or `shutdown`.
    Transient,
    /// Never; its spec is forgotten with it.
    Temporary,
}

/// How a child is stopped. In JSON `"brutal"`, `"infinity"`, or a time as in `"5s"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Killed at once (OTP `brutal_kill`).
    Brutal,
    /// Asked to stop, and killed after this time.
    After(Duration),
    /// Asked to stop, and waited for.
    Infinity,
}

impl Default for Shutdown {
    /// 5 s, as for a worker in OTP.
    fn default() -> Self {
        Self::After(Duration::from_nanos(5_000_000_000))
    }
}

impl Serialize for Shutdown {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Brutal => serializer.serialize_str("brutal"),
            Self::Infinity => serializer.serialize_str("infinity"),
            Self::After(time) => time.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Shutdown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "brutal" => Ok(Self::Brutal),
            "infinity" => Ok(Self::Infinity),
            time => time.parse().map(Self::After).map_err(|why: ParseDurationError| {
                D::Error::custom(format_args!("`shutdown` is \"brutal\", \"infinity\" or a time: {why}"))
            }),
        }
    }
}

/// A child to be: for supervisors with a list of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ChildSpec {
    /// The name that it is registered under. Unique among all that lives.
    pub name: String,
    /// What it runs: a `[behavior.NAME]` of the manifest.
    pub behavior: String,
    /// When it is restarted.
    #[serde(default)]
    pub restart: Restart,
    /// How it is stopped.
    #[serde(default)]
    pub shutdown: Shutdown,
    /// Whether the supervisor may end when this child has, by its `auto-shutdown`.
    #[serde(default, skip_serializing_if = "is_not")]
    pub significant: bool,
    /// Its configuration: an object, merged over that of the behaviour.
    #[serde(default = "nothing", skip_serializing_if = "is_nothing")]
    pub config: Value,
}

/// A child to be, of a dynamic supervisor: its template says the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct One {
    /// The name that it is registered under, if it is to have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its configuration: an object, merged over that of the behaviour.
    #[serde(default = "nothing", skip_serializing_if = "is_nothing")]
    pub config: Value,
}

fn nothing() -> Value {
    Value::Table(Vec::new())
}

fn is_nothing(config: &Value) -> bool {
    matches!(config, Value::Table(fields) if fields.is_empty())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_not(flag: &bool) -> bool {
    !flag
}

fn value<C: Serialize + ?Sized>(config: &C) -> Result<Value, Misfit> {
    json::read(json::write(config)?.as_bytes())
}

impl ChildSpec {
    /// A permanent child, with 5 s for its stop and no configuration of its own.
    pub fn new(name: impl Into<String>, behavior: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            behavior: behavior.into(),
            restart: Restart::default(),
            shutdown: Shutdown::default(),
            significant: false,
            config: nothing(),
        }
    }

    /// When it is restarted.
    #[must_use]
    pub fn restart(self, restart: Restart) -> Self {
        Self { restart, ..self }
    }

    /// How it is stopped.
    #[must_use]
    pub fn shutdown(self, shutdown: Shutdown) -> Self {
        Self { shutdown, ..self }
    }

    /// Its configuration: an object, merged over that of the behaviour.
    ///
    /// # Errors
    /// It has no form in JSON.
    pub fn config<C: Serialize + ?Sized>(self, config: &C) -> Result<Self, Misfit> {
        Ok(Self { config: value(config)?, ..self })
    }
}

impl Default for One {
    fn default() -> Self {
        Self::new()
    }
}

impl One {
    /// A child without a name and with no configuration of its own.
    pub fn new() -> Self {
        Self { name: None, config: nothing() }
    }

    /// The name that it is registered under.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Its configuration: an object, merged over that of the behaviour.
    ///
    /// # Errors
    /// It has no form in JSON.
    pub fn config<C: Serialize + ?Sized>(self, config: &C) -> Result<Self, Misfit> {
        Ok(Self { config: value(config)?, ..self })
    }
}
