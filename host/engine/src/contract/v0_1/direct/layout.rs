//! How the contract's types lie in a component's memory. Source: the component model's `CanonicalABI.md`, alignment, size,
//! loading and storing. That they are those of `wit/`, a test sees to.

use super::heap::{Handed, Lowering, double, word};
use crate::contract::v0_1::bindings::greenroom::actor::actors::{SpawnError, Spawned};
use crate::contract::v0_1::bindings::greenroom::actor::devices::{ReadError, Reading, WriteError};
use crate::contract::v0_1::bindings::greenroom::actor::names::NameError;
use crate::contract::v0_1::bindings::greenroom::actor::routes::Route;
use crate::contract::v0_1::bindings::greenroom::actor::topics::TopicError;
use crate::contract::v0_1::bindings::greenroom::actor::types::{Address, AskError, Next, Reason, SendError};
use crate::contract::v0_1::exports::Started;
use wasmtime::{Result, bail};

/// A type that lies in memory.
pub(super) trait Layout {
    /// Bytes that it takes.
    const SIZE: u32;
    /// What its place is a multiple of.
    const ALIGN: u32;
}

/// What the host puts into memory.
pub(super) trait Store: Layout {
    fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()>;

    /// Puts it into its place, if it needs no other. Otherwise nothing is said of what is there.
    fn put(&self, place: &mut [u8]) -> bool {
        let _ = place;
        false
    }
}

/// What the host takes out of memory: `part` is what it takes there.
pub(super) trait Load: Layout + Sized {
    fn load(memory: &Handed<'_>, part: &[u8]) -> Result<Self>;
}

const fn most(a: u32, b: u32) -> u32 {
    if a > b { a } else { b }
}

/// The next place from `at` on that is a multiple of `align`.
const fn up(at: u32, align: u32) -> u32 {
    at.next_multiple_of(align)
}

/// Where the payload of a variant begins, whose cases are numbered in one byte.
const fn payload(align: u32) -> u32 {
    up(1, align)
}

pub(super) fn no_such_case<T>(case: u32) -> Result<T> {
    bail!("unexpected discriminant: {case}")
}

macro_rules! numbers {
    ($($type:ty: $size:literal),*) => {$(
        impl Layout for $type {
            const SIZE: u32 = $size;
            const ALIGN: u32 = $size;
        }
        impl Store for $type {
            fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
                to.write(at, &self.to_le_bytes())
            }

            fn put(&self, place: &mut [u8]) -> bool {
                place.copy_from_slice(&self.to_le_bytes());
                true
            }
        }
    )*};
}

numbers!(u32: 4, u64: 8, f64: 8);

impl Layout for () {
    const SIZE: u32 = 0;
    const ALIGN: u32 = 1;
}

impl Store for () {
    fn store(&self, _: &mut Lowering<'_>, _: u32) -> Result<()> {
        Ok(())
    }

    fn put(&self, _: &mut [u8]) -> bool {
        true
    }
}

impl Load for () {
    fn load(_: &Handed<'_>, _: &[u8]) -> Result<Self> {
        Ok(())
    }
}

impl Layout for String {
    const SIZE: u32 = 8;
    const ALIGN: u32 = 4;
}

impl Store for String {
    fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
        let (text, length) = to.bytes(self.as_bytes())?;
        text.store(to, at)?;
        length.store(to, at + 4)
    }
}

impl Load for String {
    fn load(memory: &Handed<'_>, part: &[u8]) -> Result<Self> {
        Ok(memory.text(word(part, 0), word(part, 4))?.to_owned())
    }
}

impl<T> Layout for Vec<T> {
    const SIZE: u32 = 8;
    const ALIGN: u32 = 4;
}

impl<T: Store> Store for Vec<T> {
    fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
        let Ok(length) = u32::try_from(self.len()) else { bail!("more than a component's memory can hold") };
        let Some(size) = length.checked_mul(T::SIZE) else { bail!("more than a component's memory can hold") };
        let list = to.room(size, T::ALIGN)?;
        for (place, element) in (list..).step_by(T::SIZE as usize).zip(self) {
            element.store(to, place)?;
        }
        list.store(to, at)?;
        length.store(to, at + 4)
    }
}

impl Load for Vec<u8> {
    fn load(memory: &Handed<'_>, part: &[u8]) -> Result<Self> {
        Ok(memory.bytes(word(part, 0), word(part, 4))?.to_owned())
    }
}

impl Load for Vec<u32> {
    fn load(memory: &Handed<'_>, part: &[u8]) -> Result<Self> {
        let numbers = memory.list(word(part, 0), word(part, 4), 4, 4)?;
        Ok(numbers.map(|number| word(number, 0)).collect())
    }
}

impl<T: Layout> Layout for Option<T> {
    const SIZE: u32 = up(payload(T::ALIGN) + T::SIZE, Self::ALIGN);
    const ALIGN: u32 = T::ALIGN;
}

impl<T: Store> Store for Option<T> {
    fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
        match self {
            None => to.write(at, &[0]),
            Some(value) => {
                to.write(at, &[1])?;
                value.store(to, at + payload(T::ALIGN))
            }
        }
    }
}

impl<T: Layout, E: Layout> Layout for Result<T, E> {
    const SIZE: u32 = up(payload(Self::ALIGN) + most(T::SIZE, E::SIZE), Self::ALIGN);
    const ALIGN: u32 = most(T::ALIGN, E::ALIGN);
}

impl<T: Store, E: Store> Store for Result<T, E> {
    fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
        let inside = at + payload(Self::ALIGN);
        match self {
            Ok(value) => {
                to.write(at, &[0])?;
                value.store(to, inside)
            }
            Err(error) => {
                to.write(at, &[1])?;
                error.store(to, inside)
            }
        }
    }

    fn put(&self, place: &mut [u8]) -> bool {
        let inside = payload(Self::ALIGN) as usize;
        match (self, place.split_at_mut_checked(inside)) {
            (Ok(value), Some((case, rest))) => {
                case.fill(0);
                rest.get_mut(..T::SIZE as usize).is_some_and(|rest| value.put(rest))
            }
            _ => false,
        }
    }
}

impl<T: Load, E: Load> Load for Result<T, E> {
    fn load(memory: &Handed<'_>, part: &[u8]) -> Result<Self> {
        let inside = &part[payload(Self::ALIGN) as usize..];
        match part[0] {
            0 => Ok(Ok(T::load(memory, inside)?)),
            1 => Ok(Err(E::load(memory, inside)?)),
            case => no_such_case(case.into()),
        }
    }
}

/// A record, with its fields in order.
macro_rules! record {
    ($type:ty { $($field:ident: $of:ty),* }) => {
        impl Layout for $type {
            const SIZE: u32 = {
                let mut end = 0;
                $(end = up(end, <$of>::ALIGN) + <$of>::SIZE;)*
                up(end, Self::ALIGN)
            };
            const ALIGN: u32 = {
                let mut align = 1;
                $(align = most(align, <$of>::ALIGN);)*
                align
            };
        }
        impl Store for $type {
            fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
                let mut end = 0;
                $(
                    let place = up(end, <$of>::ALIGN);
                    self.$field.store(to, at + place)?;
                    end = place + <$of>::SIZE;
                )*
                _ = end;
                Ok(())
            }
        }
    };
}

/// A variant, with its cases in order.
macro_rules! variant {
    ($type:ident { $($case:ident $(($of:ty))? = $number:literal),* }) => {
        impl Layout for $type {
            const SIZE: u32 = {
                let mut size = 0;
                $($(size = most(size, <$of>::SIZE);)?)*
                up(payload(Self::ALIGN) + size, Self::ALIGN)
            };
            const ALIGN: u32 = {
                let mut align = 1;
                $($(align = most(align, <$of>::ALIGN);)?)*
                align
            };
        }
        impl Store for $type {
            fn store(&self, to: &mut Lowering<'_>, at: u32) -> Result<()> {
                match self {
                    $($type::$case $((variant!(@name value $of)))? => {
                        to.write(at, &[$number])?;
                        $(<$of>::store(value, to, at + payload(Self::ALIGN))?;)?
                    })*
                }
                Ok(())
            }
        }
    };
    (@name $name:ident $of:ty) => { $name };
}

record!(Address { node: u64, key: u64 });
record!(Spawned { address: Address, monitor: Option<u64> });
record!(Reading { at: u64, value: f64 });
record!(Route { pattern: String, receivers: Vec<Address> });
variant!(Reason {
    Normal = 0, Shutdown = 1, Killed = 2, Failed(String) = 3, Trapped(String) = 4, OutOfTime = 5, OutOfMemory = 6,
    NoActor = 7, Unreachable = 8, Other(String) = 9
});
variant!(SendError {
    NoActor = 0, MailboxFull = 1, TooLarge(u32) = 2, Invalid(String) = 3, NotGranted(String) = 4, Other(String) = 5
});
variant!(AskError {
    NoActor = 0, MailboxFull = 1, TooLarge(u32) = 2, Invalid(String) = 3, NotGranted(String) = 4, TimedOut = 5,
    Restarting = 6, WouldDeadlock(String) = 7, Refused(String) = 8, Ended(Reason) = 9, Unreachable = 10,
    Other(String) = 11
});
variant!(SpawnError {
    UnknownBehavior = 0, NotGranted(String) = 1, Limit(String) = 2, NameTaken = 3, Invalid(String) = 4,
    Other(String) = 5
});
variant!(NameError { Taken = 0, Invalid(String) = 1, NotGranted(String) = 2, Other(String) = 3 });
variant!(TopicError {
    Invalid(String) = 0, NotGranted(String) = 1, TooLarge(u32) = 2, NoRegistry = 3, Other(String) = 4
});
variant!(ReadError { NotGranted(String) = 0, NoDevice = 1, Stale(u64) = 2, Failed(String) = 3, Other(String) = 4 });
variant!(WriteError {
    NotGranted(String) = 0, NoDevice = 1, ReadOnly = 2, Busy(String) = 3, OutOfRange(String) = 4, MaxOn = 5,
    Failed(String) = 6, Other(String) = 7
});
variant!(Next { Same = 0, Changed = 1, Defer = 2, Unhandled(String) = 3, Become(String) = 4, Stop = 5 });

impl Load for Next {
    fn load(memory: &Handed<'_>, part: &[u8]) -> Result<Self> {
        let text = || String::load(memory, &part[payload(Self::ALIGN) as usize..]);
        Ok(match part[0] {
            0 => Self::Same,
            1 => Self::Changed,
            2 => Self::Defer,
            3 => Self::Unhandled(text()?),
            4 => Self::Become(text()?),
            5 => Self::Stop,
            case => return no_such_case(case.into()),
        })
    }
}

impl Layout for Started {
    const SIZE: u32 = 1;
    const ALIGN: u32 = 1;
}

impl Load for Started {
    fn load(_: &Handed<'_>, part: &[u8]) -> Result<Self> {
        match part[0] {
            0 => Ok(Self::Ready),
            1 => Ok(Self::Ignore),
            case => no_such_case(case.into()),
        }
    }
}

/// An address in a list.
pub(super) fn address(part: &[u8]) -> Address {
    Address { node: double(part, 0), key: double(part, 8) }
}

#[cfg(test)]
mod tests;
