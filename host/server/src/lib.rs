//! The host's HTTP surface: API, event streams, page and metrics, over the engine's handle.
//!
//! A request goes through `serve` (connections) → `access` (who may) → `router` (which path) → `api`, `component`,
//! `stream`, `route`, `metrics` or `page`. What a stream sends comes from the engine's hub through `feed` and `frame`; whatever
//! is refused leaves as a `problem`.

mod accept;
mod access;
mod api;
mod component;
mod feed;
mod frame;
mod input;
mod metrics;
mod page;
mod payload;
mod problem;
mod query;
mod route;
mod router;
mod serve;
mod shadow;
mod stream;

pub use access::Access;
pub use serve::serve;
