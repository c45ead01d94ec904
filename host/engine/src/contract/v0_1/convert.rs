//! Between the contract's types and the host's.

use super::bindings::greenroom::actor::types as wit;
use crate::ask::Failure;
use greenroom_core as core;

pub(crate) fn address(address: core::Address) -> wit::Address {
    wit::Address { node: address.node, key: address.key }
}

pub(crate) fn core_address(address: wit::Address) -> core::Address {
    core::Address { node: address.node, key: address.key }
}

pub(crate) fn reason(reason: &core::Reason) -> wit::Reason {
    match reason {
        core::Reason::Normal => wit::Reason::Normal,
        core::Reason::Shutdown => wit::Reason::Shutdown,
        core::Reason::Killed => wit::Reason::Killed,
        core::Reason::Failed(text) => wit::Reason::Failed(text.clone()),
        core::Reason::Trapped(text) => wit::Reason::Trapped(text.clone()),
        core::Reason::OutOfTime => wit::Reason::OutOfTime,
        core::Reason::OutOfMemory => wit::Reason::OutOfMemory,
        core::Reason::NoActor => wit::Reason::NoActor,
        core::Reason::Unreachable => wit::Reason::Unreachable,
        core::Reason::Other(text) => wit::Reason::Other(text.clone()),
    }
}

pub(crate) fn core_reason(reason: wit::Reason) -> core::Reason {
    match reason {
        wit::Reason::Normal => core::Reason::Normal,
        wit::Reason::Shutdown => core::Reason::Shutdown,
        wit::Reason::Killed => core::Reason::Killed,
        wit::Reason::Failed(text) => core::Reason::Failed(text),
        wit::Reason::Trapped(text) => core::Reason::Trapped(text),
        wit::Reason::OutOfTime => core::Reason::OutOfTime,
        wit::Reason::OutOfMemory => core::Reason::OutOfMemory,
        wit::Reason::NoActor => core::Reason::NoActor,
        wit::Reason::Unreachable => core::Reason::Unreachable,
        wit::Reason::Other(text) => core::Reason::Other(text),
    }
}

/// A message that a component sends, checked.
pub(crate) fn message(message: wit::Message) -> Result<core::Message, core::KindError> {
    Ok(core::Message { kind: message.kind.parse()?, body: message.body.into() })
}

pub(crate) fn wit_message(message: &core::Message) -> wit::Message {
    wit::Message { kind: message.kind.to_string(), body: message.body.to_vec() }
}

pub(crate) fn ask_error(failure: &Failure) -> wit::AskError {
    match failure {
        Failure::NoActor => wit::AskError::NoActor,
        Failure::TimedOut => wit::AskError::TimedOut,
        Failure::Refused(why) => wit::AskError::Refused(why.clone()),
        Failure::Ended(why) => wit::AskError::Ended(reason(why)),
    }
}

/// The same refusal, to who asked rather than sent.
pub(crate) fn as_ask_error(error: wit::SendError) -> wit::AskError {
    match error {
        wit::SendError::NoActor => wit::AskError::NoActor,
        wit::SendError::MailboxFull => wit::AskError::MailboxFull,
        wit::SendError::TooLarge(limit) => wit::AskError::TooLarge(limit),
        wit::SendError::Invalid(why) => wit::AskError::Invalid(why),
        wit::SendError::NotGranted(grant) => wit::AskError::NotGranted(grant),
        wit::SendError::Other(why) => wit::AskError::Other(why),
    }
}
