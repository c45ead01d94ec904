//! A supervisor, by its address.

use super::order::{Order, Wire};
use super::spec::{ChildSpec, One};
use super::{Children, Count, Done, Start};
use crate::{Actor, Address, AskError, Context, NameError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A supervisor of the host: see [`Context::supervisor`]. It keeps its address over restarts, so that this can be kept, too.
///
/// A child is named by its name or its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Supervisor(Address);

impl Supervisor {
    /// An actor that takes the same orders.
    pub const fn at(address: Address) -> Self {
        Self(address)
    }

    /// Its address.
    pub const fn address(self) -> Address {
        self.0
    }

    /// Adds a child to a supervisor with a list of them, and starts it. Needs the grant `spawn:BEHAVIOR` besides.
    ///
    /// Refused with [`Refusal`](super::Refusal)`::AlreadyStarted`, `AlreadyPresent`, `NameTaken`, `BadSpec`, `Dynamic`, or
    /// `Failed` when the child did not start: then its spec is not kept.
    pub fn start(self, child: &ChildSpec) -> Order<Start> {
        Order::new(self.0, &Wire::StartChild(child))
    }

    /// Starts one more child of a dynamic supervisor.
    ///
    /// Refused with [`Refusal`](super::Refusal)`::NotDynamic`, `NameTaken`, or `Failed`.
    pub fn start_one(self, child: &One) -> Order<Start> {
        Order::new(self.0, &Wire::StartOne(child))
    }

    /// Stops a child, within its shutdown time, and leaves it stopped; a dynamic supervisor's or a temporary one is forgotten.
    ///
    /// Refused with [`Refusal`](super::Refusal)`::NotFound`.
    pub fn terminate(self, child: impl fmt::Display) -> Order<Done> {
        Order::new(self.0, &Wire::TerminateChild { child: child.to_string() })
    }

    /// Starts a child that was terminated, has ended for good, or is in quarantine.
    ///
    /// Refused with [`Refusal`](super::Refusal)`::NotFound`, `Running`, `Restarting`, `Dynamic`, or `Failed`.
    pub fn restart(self, child: impl fmt::Display) -> Order<Start> {
        Order::new(self.0, &Wire::RestartChild { child: child.to_string() })
    }

    /// Forgets a child that does not run.
    ///
    /// Refused with [`Refusal`](super::Refusal)`::NotFound`, `Running`, `Restarting`, or `Dynamic`.
    pub fn delete(self, child: impl fmt::Display) -> Order<Done> {
        Order::new(self.0, &Wire::DeleteChild { child: child.to_string() })
    }

    /// Its children, in start order.
    pub fn children(self) -> Order<Children> {
        Order::new(self.0, &Wire::WhichChildren)
    }

    /// How many children it has.
    pub fn count(self) -> Order<Count> {
        Order::new(self.0, &Wire::CountChildren)
    }
}

impl<A: Actor> Context<A> {
    /// A supervisor of the manifest. Needs the grant `supervise:NAME`.
    ///
    /// ```
    /// use greenroom::prelude::*;
    /// use greenroom::supervisor::{One, Refusal, Start};
    ///
    /// # struct Front;
    /// #[derive(Serialize, Deserialize)]
    /// #[serde(rename_all = "kebab-case")]
    /// enum Work {
    ///     More,
    ///     Started(Result<Start, AskError>),
    /// }
    ///
    /// # impl Actor for Front {
    /// #     type Config = ();
    /// #     type Message = Work;
    /// #     fn init(_: (), _: &mut Context<Self>) -> Result<Self> { Ok(Self) }
    /// fn handle(&mut self, message: Work, ctx: &mut Context<Self>) -> Result<Next> {
    ///     match message {
    ///         Work::More => {
    ///             let workers = ctx.supervisor("workers")?;
    ///             workers.start_one(&One::new()).ask(ctx, 5.s(), Work::Started)?;
    ///         }
    ///         Work::Started(Ok(Start::Started { address })) => info!("{address} runs"),
    ///         Work::Started(Ok(_)) => info!("there was nothing to do"),
    ///         Work::Started(Err(why)) if Refusal::of(&why) == Some(Refusal::Failed) => warn!("it did not start: {why}"),
    ///         Work::Started(Err(why)) => return Err(why.into()),
    ///     }
    ///     Ok(Next::Same)
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`AskError::NotGranted`] with the grant; [`AskError::NoActor`] when nobody has this name; [`AskError::Invalid`] when
    /// it is no name.
    pub fn supervisor(&self, name: &str) -> Result<Supervisor, AskError> {
        match self.lookup(name) {
            Ok(found) => found.map(Supervisor).ok_or(AskError::NoActor),
            // The host names the grant that is usual for a lookup; a supervisor's is another.
            Err(NameError::NotGranted(_)) => Err(AskError::NotGranted(format!("supervise:{name}"))),
            Err(NameError::Invalid(why)) => Err(AskError::Invalid(why)),
            Err(why) => Err(AskError::Other(why.to_string())),
        }
    }
}
