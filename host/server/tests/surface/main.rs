//! The HTTP surface from outside: a real host, a real listener, a client that shares no code with the server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod actors;
mod api;
mod document;
mod fixture;
mod metrics;
mod refusals;
mod streams;
mod versions;
