//! The actor's log.

use crate::host;
use std::fmt;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For following single steps.
    Trace,
    /// For finding faults.
    Debug,
    /// What an operator wants to know.
    Info,
    /// What an operator should look at.
    Warn,
    /// What went wrong.
    Error,
}

/// Writes a line to the actor's log, at once: it is kept even when the turn leaves nothing else. Mostly by the macros
/// [`trace!`](crate::trace), [`debug!`](crate::debug), [`info!`](crate::info), [`warn!`](crate::warn) and
/// [`error!`](crate::error!).
pub fn log(level: Level, text: fmt::Arguments<'_>) {
    match text.as_str() {
        Some(text) => host::log(level, text),
        None => host::log(level, &text.to_string()),
    }
}

/// Logs a line for following single steps.
#[macro_export]
macro_rules! trace {
    ($($text:tt)+) => { $crate::log($crate::Level::Trace, format_args!($($text)+)) };
}

/// Logs a line for finding faults.
#[macro_export]
macro_rules! debug {
    ($($text:tt)+) => { $crate::log($crate::Level::Debug, format_args!($($text)+)) };
}

/// Logs a line that an operator wants to know.
#[macro_export]
macro_rules! info {
    ($($text:tt)+) => { $crate::log($crate::Level::Info, format_args!($($text)+)) };
}

/// Logs a line that an operator should look at.
#[macro_export]
macro_rules! warn {
    ($($text:tt)+) => { $crate::log($crate::Level::Warn, format_args!($($text)+)) };
}

/// Logs a line about what went wrong.
#[macro_export]
macro_rules! error {
    ($($text:tt)+) => { $crate::log($crate::Level::Error, format_args!($($text)+)) };
}
