//! Signals: what the host tells an actor's turn runner, ahead of all messages.

use crate::shadow::{Offer, Over};
use crate::swap::switch::Swap;
use greenroom_core::system::Monitor;
use greenroom_core::{Address, Reason};

/// Something that an actor is told by the host.
#[derive(Debug)]
pub(crate) enum Signal {
    /// Begin an incarnation.
    Start { incarnation: u64 },
    /// End this incarnation in order.
    Stop { incarnation: u64, reason: Reason },
    /// End this incarnation now.
    Kill { incarnation: u64, reason: Reason },
    /// A linked actor ended; only for who traps exits.
    Exited { who: Address, why: Reason },
    /// A watched actor ended.
    Down { monitor: Monitor, who: Address, why: Reason },
    /// Get ready for new code.
    Swap(Box<Swap>),
    /// All that were to get ready for new code are, or one cannot.
    Decided,
    /// New code that was under watch has passed or failed.
    Judged,
    /// New code is to be a shadow.
    Shadow(Box<Offer>),
    /// A shadow is to end.
    ShadowOver(Box<Over>),
    /// Be put away, if there was no turn for long enough, or somebody else wants the room.
    Doze { early: bool },
}

impl Signal {
    /// Whether it tells of another actor, in a turn of the component's own.
    pub(crate) fn is_of_others(&self) -> bool {
        matches!(self, Self::Exited { .. } | Self::Down { .. })
    }

    /// Whether an actor that is put away takes it in without being woken.
    pub(crate) fn lets_sleep(&self) -> bool {
        match self {
            Self::Start { .. } | Self::Kill { .. } | Self::Decided | Self::Judged | Self::ShadowOver(_) => true,
            Self::Doze { .. } => true,
            Self::Stop { .. } | Self::Exited { .. } | Self::Down { .. } | Self::Swap(_) | Self::Shadow(_) => false,
        }
    }
}
