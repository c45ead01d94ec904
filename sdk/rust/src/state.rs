//! State that outlives the code and the incarnation.

use crate::context::Asks;
use crate::{Actor, Context, Error, Result, json};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};

/// An actor with state that outlives its code (a swap) and itself (a restart, where the manifest says so). Exported by
/// `greenroom::export!(NAME, state)`; without it, a swap restarts the actor.
///
/// ```
/// use greenroom::prelude::*;
///
/// struct Counter {
///     kept: Kept,
/// }
///
/// /// Version 1 had only the count.
/// #[derive(Serialize, Deserialize)]
/// struct Kept {
///     count: u64,
///     step: u64,
/// }
///
/// # #[derive(Deserialize, Serialize)] #[serde(rename_all = "kebab-case")] enum Count { Add, HowMany }
/// # impl Actor for Counter {
/// #     type Config = ();
/// #     type Message = Count;
/// #     fn init(_: (), _: &mut Context<Self>) -> Result<Self> { Ok(Self { kept: Kept { count: 0, step: 1 } }) }
/// #     fn handle(&mut self, message: Count, ctx: &mut Context<Self>) -> Result<Next> {
/// #         match message {
/// #             Count::Add => self.kept.count += self.kept.step,
/// #             Count::HowMany => return ctx.reply(&self.kept.count),
/// #         }
/// #         Ok(Next::Same)
/// #     }
/// # }
/// impl State for Counter {
///     type Kept = Kept;
///     const VERSION: u32 = 2;
///     const OLDER: &'static [u32] = &[1];
///
///     fn keep(&self) -> &Kept {
///         &self.kept
///     }
///
///     fn resume(kept: Kept, _: (), _: Occasion, _: &mut Context<Self>) -> Result<Self> {
///         Ok(Self { kept })
///     }
///
///     fn upgrade(_: u32, old: Old<'_>) -> Result<Kept> {
///         #[derive(Deserialize)]
///         struct First {
///             count: u64,
///         }
///         let First { count } = old.read()?;
///         Ok(Kept { count, step: 1 })
///     }
/// }
///
/// greenroom::export!(Counter, state);
/// # use greenroom::test::Test;
/// # let mut counter = Test::<Counter>::start(());
/// # counter.tell(Count::Add);
/// # counter.restart();
/// # assert_eq!(counter.ask::<u64>(Count::HowMany), Ok(1));
/// ```
pub trait State: Actor {
    /// What is kept, as plain data: what the configuration does not say, and no more.
    type Kept: Serialize + DeserializeOwned;

    /// The version of [`State::Kept`]. A change to its shape is a new version.
    const VERSION: u32 = 1;

    /// The versions besides that [`State::upgrade`] can take. A swap to code that cannot take the running version is
    /// refused beforehand.
    const OLDER: &'static [u32] = &[];

    /// What is kept. Called between turns.
    fn keep(&self) -> &Self::Kept;

    /// Starts the actor from what was kept, in place of [`Actor::init`]. The configuration is the one that counts now.
    ///
    /// # Errors
    /// A failed swap, after which the old code carries on; or a failed start.
    fn resume(kept: Self::Kept, config: Self::Config, occasion: Occasion, ctx: &mut Context<Self>) -> Result<Self>;

    /// Makes what is kept now of what a version of [`State::OLDER`] kept.
    ///
    /// # Errors
    /// It cannot: a failed swap, or a failed start.
    fn upgrade(version: u32, old: Old<'_>) -> Result<Self::Kept> {
        let _ = old;
        Err(Error::new(format_args!("state of version {version} cannot be taken: this is version {}", Self::VERSION)))
    }
}

/// Why the state is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// New code takes over the running actor. Its timers, links, monitors, children, subscriptions and outputs are as
    /// they were: nothing is to be set up again.
    Swapped,
    /// The actor was restarted, with its state as of the last good turn. Everything else is gone: set up what
    /// [`Actor::init`] would.
    Restarted,
    /// The actor had been put away while it was idle. As `Swapped`.
    Woken,
}

impl Occasion {
    /// Its word in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Swapped => "swapped",
            Self::Restarted => "restarted",
            Self::Woken => "woken",
        }
    }
}

/// What an older version kept.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a>(&'a [u8]);

impl Old<'_> {
    /// Reads it.
    ///
    /// # Errors
    /// It does not fit `K`.
    pub fn read<K: DeserializeOwned>(self) -> Result<K> {
        Ok(load(self.0)?.kept)
    }
}

/// What is saved: beside what the actor keeps, which questions wait for an answer and the kind of message that it will
/// come as.
#[derive(Serialize, Deserialize)]
struct Saved<K> {
    kept: K,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asks: Asks,
}

fn load<K: DeserializeOwned>(bytes: &[u8]) -> Result<Saved<K>> {
    json::read(bytes).map_err(|error| Error::new(format_args!("the saved state does not fit: {error}")))
}

/// The saved form of an actor.
pub(crate) fn save<A: State>(actor: &A, asks: &Asks) -> Result<Vec<u8>> {
    Ok(json::write(&Saved { kept: actor.keep(), asks: asks.clone() })?.into_bytes())
}

/// What an actor kept, and its open questions.
pub(crate) fn restore<A: State>(version: u32, bytes: &[u8]) -> Result<(A::Kept, Asks)> {
    if version == A::VERSION {
        let Saved { kept, asks } = load(bytes)?;
        return Ok((kept, asks));
    }
    let Saved { kept: IgnoredAny, asks } = load(bytes)?;
    Ok((A::upgrade(version, Old(bytes))?, asks))
}
