//! The HTTP surface from outside: a real host, a real listener, a client that shares no code with the server.

mod actors;
mod api;
mod fixture;
mod metrics;
mod refusals;
mod streams;
