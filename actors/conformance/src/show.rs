//! What functions give back, as JSON: a variant's case is its name, or an object of the name and what it holds.

use greenroom::{AskError, Message, NameError, ReadError, Reason, SendError, SpawnError, TopicError, WriteError};
use serde_json::{Value, json};

/// A result: `{"ok": …}` or `{"error": …}`.
pub(crate) fn result<T, E>(result: Result<T, E>, ok: impl FnOnce(T) -> Value, error: impl FnOnce(E) -> Value) -> Value {
    match result {
        Ok(value) => json!({ "ok": ok(value) }),
        Err(why) => json!({ "error": error(why) }),
    }
}

/// Nothing.
pub(crate) fn nothing(_: ()) -> Value {
    Value::Null
}

/// Bytes are a string when they are ASCII, and "hex:…" otherwise.
pub(crate) fn bytes(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.is_ascii() => json!(text),
        _ => json!(bytes.iter().fold(String::from("hex:"), |text, byte| text + &format!("{byte:02x}"))),
    }
}

pub(crate) fn message(message: &Message) -> Value {
    json!({ "kind": message.kind, "body": bytes(&message.body) })
}

pub(crate) fn reason(reason: &Reason) -> Value {
    match reason {
        Reason::Normal => json!("normal"),
        Reason::Shutdown => json!("shutdown"),
        Reason::Killed => json!("killed"),
        Reason::Failed(text) => json!({ "failed": text }),
        Reason::Trapped(text) => json!({ "trapped": text }),
        Reason::OutOfTime => json!("out-of-time"),
        Reason::OutOfMemory => json!("out-of-memory"),
        Reason::NoActor => json!("no-actor"),
        Reason::Unreachable => json!("unreachable"),
        Reason::Other(text) => json!({ "other": text }),
    }
}

pub(crate) fn ask_error(error: AskError) -> Value {
    match error {
        AskError::NoActor => json!("no-actor"),
        AskError::MailboxFull => json!("mailbox-full"),
        AskError::TooLarge(limit) => json!({ "too-large": limit }),
        AskError::Invalid(why) => json!({ "invalid": why }),
        AskError::NotGranted(grant) => json!({ "not-granted": grant }),
        AskError::TimedOut => json!("timed-out"),
        AskError::Restarting => json!("restarting"),
        AskError::WouldDeadlock(cycle) => json!({ "would-deadlock": cycle }),
        AskError::Refused(why) => json!({ "refused": why }),
        AskError::Ended(why) => json!({ "ended": reason(&why) }),
        AskError::Unreachable => json!("unreachable"),
        AskError::Other(why) => json!({ "other": why }),
    }
}

pub(crate) fn send_error(error: SendError) -> Value {
    match error {
        SendError::NoActor => json!("no-actor"),
        SendError::MailboxFull => json!("mailbox-full"),
        SendError::TooLarge(limit) => json!({ "too-large": limit }),
        SendError::Invalid(why) => json!({ "invalid": why }),
        SendError::NotGranted(grant) => json!({ "not-granted": grant }),
        SendError::Other(why) => json!({ "other": why }),
    }
}

pub(crate) fn spawn_error(error: SpawnError) -> Value {
    match error {
        SpawnError::UnknownBehavior => json!("unknown-behavior"),
        SpawnError::NotGranted(grant) => json!({ "not-granted": grant }),
        SpawnError::Limit(why) => json!({ "limit": why }),
        SpawnError::NameTaken => json!("name-taken"),
        SpawnError::Invalid(why) => json!({ "invalid": why }),
        SpawnError::Other(why) => json!({ "other": why }),
    }
}

pub(crate) fn name_error(error: NameError) -> Value {
    match error {
        NameError::Taken => json!("taken"),
        NameError::Invalid(why) => json!({ "invalid": why }),
        NameError::NotGranted(grant) => json!({ "not-granted": grant }),
        NameError::Other(why) => json!({ "other": why }),
    }
}

pub(crate) fn topic_error(error: TopicError) -> Value {
    match error {
        TopicError::Invalid(why) => json!({ "invalid": why }),
        TopicError::NotGranted(grant) => json!({ "not-granted": grant }),
        TopicError::TooLarge(limit) => json!({ "too-large": limit }),
        TopicError::NoRegistry => json!("no-registry"),
        TopicError::Other(why) => json!({ "other": why }),
    }
}

pub(crate) fn read_error(error: ReadError) -> Value {
    match error {
        ReadError::NotGranted(grant) => json!({ "not-granted": grant }),
        ReadError::NoDevice => json!("no-device"),
        ReadError::Stale(age) => json!({ "stale": age }),
        ReadError::Failed(why) => json!({ "failed": why }),
        ReadError::Other(why) => json!({ "other": why }),
    }
}

pub(crate) fn write_error(error: WriteError) -> Value {
    match error {
        WriteError::NotGranted(grant) => json!({ "not-granted": grant }),
        WriteError::NoDevice => json!("no-device"),
        WriteError::ReadOnly => json!("read-only"),
        WriteError::Busy(holder) => json!({ "busy": holder }),
        WriteError::OutOfRange(why) => json!({ "out-of-range": why }),
        WriteError::MaxOn => json!("max-on"),
        WriteError::Failed(why) => json!({ "failed": why }),
        WriteError::Other(why) => json!({ "other": why }),
    }
}
