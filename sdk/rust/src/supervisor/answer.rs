//! What supervisors answer.

use super::spec::Restart;
use crate::{Address, AskError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How a child's start went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// It runs.
    Started {
        /// Its address.
        address: Address,
    },
    /// Its start found nothing to do (Erlang's `ignore`).
    Ignored,
    /// It is started out of quarantine, and goes back if it fails.
    #[serde(rename = "done")]
    Released,
}

/// It is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done;

/// A supervisor's children.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Children {
    /// In start order.
    pub children: Vec<ChildView>,
}

/// A child as its supervisor has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChildView {
    /// Its name, or what people call it.
    pub name: String,
    /// Its address. The host's supervisors always say it: their children keep it. None: it does not run, of an actor that is
    /// a supervisor itself and whose children have another one each time.
    pub address: Option<Address>,
    /// Whether it is an actor.
    #[serde(rename = "type")]
    pub role: Role,
    /// When it is restarted.
    pub restart: Restart,
    /// Where it is in its life.
    pub state: ChildState,
}

/// What a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An actor.
    Worker,
    /// A supervisor.
    Supervisor,
}

/// Where a child is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChildState {
    /// It is being started.
    Starting,
    /// It runs.
    Running,
    /// It is being stopped.
    Stopping,
    /// It does not run, and is not about to.
    Stopped,
    /// Its supervisor is to start it again.
    Restarting,
    /// It ended too often, and waits for somebody to restart it.
    Quarantined,
}

/// How many children there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Count {
    /// Specs; 1 of a dynamic supervisor.
    pub specs: u64,
    /// Children that run.
    pub active: u64,
    /// Children that are supervisors.
    pub supervisors: u64,
    /// Children that are actors.
    pub workers: u64,
}

/// Any answer of a supervisor, as it travels: for an actor that is a supervisor itself. Who gives an order reads the type
/// that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The child runs.
    Started {
        /// Its address.
        address: Address,
    },
    /// The child's start found nothing to do.
    Ignored,
    /// It is done.
    Done,
    /// The children.
    Children {
        /// In start order.
        children: Vec<ChildView>,
    },
    /// How many children there are.
    Count(Count),
}

/// Why a supervisor did not carry an order out. The words are OTP's where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has a child of this name, and that runs.
    AlreadyStarted,
    /// It has a child of this name, which does not run.
    AlreadyPresent,
    /// It has no such child.
    NotFound,
    /// The child runs.
    Running,
    /// The child is being restarted.
    Restarting,
    /// Not for dynamic supervisors.
    Dynamic,
    /// Only for dynamic supervisors.
    NotDynamic,
    /// Somebody else has the name.
    NameTaken,
    /// The spec cannot be.
    BadSpec,
    /// The child did not start.
    Failed,
    /// It is no supervisor, or one that has ended or ends.
    NoSupervisor,
}

impl Refusal {
    const ALL: [Self; 11] = [
        Self::AlreadyStarted,
        Self::AlreadyPresent,
        Self::NotFound,
        Self::Running,
        Self::Restarting,
        Self::Dynamic,
        Self::NotDynamic,
        Self::NameTaken,
        Self::BadSpec,
        Self::Failed,
        Self::NoSupervisor,
    ];

    /// Its word, with which the sentence of [`AskError::Refused`] begins.
    pub const fn word(self) -> &'static str {
        match self {
            Self::AlreadyStarted => "already-started",
            Self::AlreadyPresent => "already-present",
            Self::NotFound => "not-found",
            Self::Running => "running",
            Self::Restarting => "restarting",
            Self::Dynamic => "dynamic",
            Self::NotDynamic => "not-dynamic",
            Self::NameTaken => "name-taken",
            Self::BadSpec => "bad-spec",
            Self::Failed => "failed",
            Self::NoSupervisor => "no-supervisor",
        }
    }

    /// The supervisor's refusal, if the error is one. None for all else, such as no answer in time.
    pub fn of(error: &AskError) -> Option<Self> {
        let AskError::Refused(text) = error else { return None };
        let (word, _) = text.split_once(": ")?;
        Self::ALL.into_iter().find(|refusal| refusal.word() == word)
    }

    /// The text to refuse with, for an actor that is a supervisor itself: the word and a sentence.
    pub fn because(self, sentence: impl fmt::Display) -> String {
        format!("{}: {sentence}", self.word())
    }
}
