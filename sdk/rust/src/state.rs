//! State that outlives the code and the incarnation.

use crate::codec::Misfit;
use crate::context::Asks;
use crate::json::{self, Reader};
use crate::{Actor, Context, Error, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

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

/// What an older version kept, as JSON.
#[derive(Debug, Clone, Copy)]
pub struct Old<'a>(&'a [u8]);

impl Old<'_> {
    /// Reads it.
    ///
    /// # Errors
    /// It does not fit `K`.
    pub fn read<K: DeserializeOwned>(self) -> Result<K> {
        read(self.0)
    }
}

/// What is saved: what the actor keeps, as it is, so that an actor in another language takes it over; and while questions
/// wait for an answer, beside its fields which ones, and the kind of message that each will come as.
struct Saved<'a> {
    /// As JSON: only the actor knows its type, and the rest is the same for all of them.
    kept: Cow<'a, [u8]>,
    asks: Asks,
}

/// The field of the open questions. All SDKs have the same.
const ASKS: &str = "$asks";
/// The field of what is kept, where that is no object and there are open questions.
const KEPT: &str = "$kept";

fn misfit(why: impl fmt::Display) -> Error {
    Error::new(format_args!("the saved state does not fit: {why}"))
}

fn open(bytes: &[u8]) -> Result<Saved<'_>, Misfit> {
    let mut reader = Reader::new(bytes);
    if reader.peek() != Some(b'{') {
        return Ok(Saved { kept: bytes.into(), asks: Asks::new() });
    }
    reader.table(&"an object")?;
    let (mut fields, mut kept, mut asks) = (Vec::from(b"{"), None, None);
    while let Some(key) = reader.key()? {
        if key == ASKS {
            asks = Some(Asks::deserialize(&mut reader)?);
            continue;
        }
        let value = reader.raw()?;
        if key == KEPT {
            kept = Some(value);
            continue;
        }
        if fields.len() > 1 {
            fields.push(b',');
        }
        fields.extend(json::write(&*key)?.bytes());
        fields.push(b':');
        fields.extend(value);
    }
    reader.leave_table()?;
    reader.end()?;
    fields.push(b'}');
    Ok(match (asks, kept) {
        (None, _) => Saved { kept: bytes.into(), asks: Asks::new() },
        (Some(asks), Some(kept)) => Saved { kept: kept.into(), asks },
        (Some(asks), None) => Saved { kept: fields.into(), asks },
    })
}

fn read<K: DeserializeOwned>(kept: &[u8]) -> Result<K> {
    json::read(kept).map_err(misfit)
}

/// The saved form of an actor.
pub(crate) fn save<A: State>(actor: &A, asks: &Asks) -> Result<Vec<u8>> {
    close(json::write(actor.keep())?, asks)
}

fn close(kept: String, asks: &Asks) -> Result<Vec<u8>> {
    if asks.is_empty() {
        return Ok(kept.into_bytes());
    }
    let asks = json::write(asks)?;
    let saved = match kept.strip_suffix('}') {
        Some("{") => ["{\"", ASKS, "\":", &asks, "}"].concat(),
        Some(fields) => [fields, ",\"", ASKS, "\":", &asks, "}"].concat(),
        None => ["{\"", KEPT, "\":", &kept, ",\"", ASKS, "\":", &asks, "}"].concat(),
    };
    Ok(saved.into_bytes())
}

/// What an actor kept, and its open questions.
pub(crate) fn restore<A: State>(version: u32, bytes: &[u8]) -> Result<(A::Kept, Asks)> {
    let Saved { kept, asks } = open(bytes).map_err(misfit)?;
    let kept = if version == A::VERSION { read(&kept)? } else { A::upgrade(version, Old(&kept))? };
    Ok((kept, asks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_questions_lie_beside_what_is_kept() {
        let asks = vec![(7, "price".to_owned())];
        let opened = |saved: &str| {
            let saved = open(saved.as_bytes()).unwrap();
            (String::from_utf8(saved.kept.into_owned()).unwrap(), saved.asks)
        };
        let check = |kept: &str, saved: &str| {
            assert_eq!(String::from_utf8(close(kept.to_owned(), &asks).unwrap()).unwrap(), saved);
            assert_eq!(opened(saved), (kept.to_owned(), asks.clone()));
            // Without any, it is as it is.
            assert_eq!(close(kept.to_owned(), &Asks::new()).unwrap(), kept.as_bytes());
            assert_eq!(opened(kept), (kept.to_owned(), Asks::new()));
        };
        check(r#"{"count":5,"a \"b\"":[{}]}"#, r#"{"count":5,"a \"b\"":[{}],"$asks":[[7,"price"]]}"#);
        check("{}", r#"{"$asks":[[7,"price"]]}"#);
        check("5", r#"{"$kept":5,"$asks":[[7,"price"]]}"#);
        check("[1,2]", r#"{"$kept":[1,2],"$asks":[[7,"price"]]}"#);
        // As others write it.
        assert_eq!(
            opened(r#" { "$asks" : [ [7,"price"] ] , "count" : 5 }"#),
            (r#"{"count":5}"#.to_owned(), asks.clone())
        );
        assert!(open(b"{\"$asks\":1}").is_err());
    }
}
