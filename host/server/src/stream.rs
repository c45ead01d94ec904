//! The streams: `/stream`, `/events`, `/topics/{name}`. They open a cursor into the hub and give it to a feed.

use crate::accept::{Form, choose};
use crate::feed::{Feed, Style, id};
use crate::frame::{self, Event};
use crate::input::Segment;
use crate::payload::{Payload, line};
use crate::problem::Problem;
use crate::query::Query;
use crate::router::Server;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use greenroom_core::{Grant, Pattern, Topic};
use greenroom_engine::hub::{Cursor, Entry, From};
use greenroom_engine::view::Tree;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How long a client waits before it comes back, in milliseconds.
const RETRY: u32 = 1000;

/// Topics that a refusal lists.
const LISTED: usize = 20;

/// What a page needs to begin.
#[derive(Serialize)]
struct Snapshot<'a> {
    tree: Tree,
    latest: BTreeMap<&'a str, Latest<'a>>,
    last_event_id: String,
}

#[derive(Serialize)]
struct Latest<'a> {
    time: f64,
    kind: &'a str,
    body: Payload<'a>,
}

/// `GET /stream?topic=PATTERN`: many topics, after a snapshot.
pub(crate) async fn many(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::parse(query.as_deref(), true)?;
    let form = choose(&headers, &Form::STREAM)?;
    let hub = server.handle.hub();
    let patterns = match query.topics.is_empty() {
        true => vec![everything()?],
        false => query.topics.clone(),
    };
    let from = query.from(&headers, hub.epoch());
    if form == Form::Lines {
        return Ok(respond(form, server.feed(hub.open(patterns, from), Style::Lines)?.limit(query.limit)));
    }
    // Who goes on from an earlier message opens its cursor first: the snapshot is newer, and so leaves nothing out.
    let resumed = (from != From::Now).then(|| hub.open(patterns.clone(), from));
    let (latest, live) = hub.join(patterns);
    let last = id(hub, live.seen().unwrap_or(0));
    let mut opening = Vec::new();
    frame::retry(&mut opening, RETRY);
    // With an id, the snapshot would put a client that breaks off right after it past what it came for.
    let snapshot = snapshot(server.handle.tree(), &latest, last.clone())?;
    let named = resumed.is_none().then_some(last.as_str());
    Event { id: named, kind: "snapshot", data: &snapshot }.encode(&mut opening);
    let feed = server.feed(resumed.unwrap_or(live), Style::Wrapped)?;
    Ok(respond(form, feed.opening(opening).limit(query.limit)))
}

/// `GET /events`: what happens to actors and devices.
pub(crate) async fn events(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let topic = topic("greenroom/events")?;
    stream(&server, &headers, query.as_deref(), Pattern::from(&topic), Style::Wrapped, RETRY)
}

/// `GET /topics/{name}`: one topic, as a stream or its last value.
pub(crate) async fn one(
    State(server): State<Arc<Server>>,
    Segment(name): Segment,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let topic = topic(&name)?;
    let hub = server.handle.hub();
    let latest = hub.latest(&topic);
    if latest.is_none() && !is_known(&server, &topic) {
        return Err(unknown(&server, &topic));
    }
    if choose(&headers, &Form::TOPIC)? != Form::Value {
        return stream(&server, &headers, query.as_deref(), Pattern::from(&topic), Style::Bare, RETRY);
    }
    let vary = [(header::VARY, "Accept")];
    // Known, but nothing was published on it yet.
    let Some(entry) = latest else { return Ok((StatusCode::NO_CONTENT, vary).into_response()) };
    let body = line(&Payload(&entry.body)).map_err(|error| broken(&error))?;
    let mut response = (vary, [(header::CONTENT_TYPE, Form::Value.media())], body).into_response();
    if let Ok(id) = HeaderValue::from_str(&id(hub, entry.seq)) {
        response.headers_mut().insert("last-event-id", id);
    }
    Ok(response)
}

/// A stream of one pattern.
pub(crate) fn stream(
    server: &Server,
    headers: &HeaderMap,
    query: Option<&str>,
    pattern: Pattern,
    style: Style,
    retry: u32,
) -> Result<Response, Problem> {
    let query = Query::parse(query, false)?;
    let form = choose(headers, &Form::STREAM)?;
    let hub = server.handle.hub();
    let cursor = hub.open(vec![pattern], query.from(headers, hub.epoch()));
    let feed = match form {
        Form::Lines => server.feed(cursor, Style::Lines)?,
        Form::Events | Form::Value => {
            let mut opening = Vec::new();
            frame::retry(&mut opening, retry);
            server.feed(cursor, style)?.opening(opening)
        }
    };
    Ok(respond(form, feed.limit(query.limit)))
}

impl Server {
    /// A feed, if there is a place for one more.
    fn feed(&self, cursor: Cursor, style: Style) -> Result<Feed, Problem> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            let limit = crate::router::STREAMS;
            Problem::unavailable("streams", format!("{limit} streams are open, and no more are served: close one"))
        })?;
        Ok(Feed::new(self.handle.hub().clone(), cursor, style, self.stop.clone(), place))
    }
}

fn respond(form: Form, feed: Feed) -> Response {
    let headers = [
        (header::CONTENT_TYPE, form.media()),
        (header::VARY, "Accept"),
        // A proxy (nginx) that collected the stream before it sent it would hold it up for ever.
        (header::HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    (headers, feed.into_body()).into_response()
}

fn snapshot(tree: Tree, latest: &[Arc<Entry>], last_event_id: String) -> Result<String, Problem> {
    let latest = latest.iter().map(|entry| {
        let (kind, body) = (entry.kind.as_str(), Payload(&entry.body));
        (entry.topic.as_str(), Latest { time: entry.time, kind, body })
    });
    line(&Snapshot { tree, latest: latest.collect(), last_event_id }).map_err(|error| broken(&error))
}

fn topic(text: &str) -> Result<Topic, Problem> {
    text.parse().map_err(|why| {
        let hint = if text.contains('*') { "; /stream?topic=PATTERN takes patterns" } else { "" };
        Problem::bad_request("topic", format!("`{}` is no topic: {why}{hint}", text.escape_debug()))
    })
}

fn everything() -> Result<Pattern, Problem> {
    "**".parse().map_err(|why| Problem::bad_request("topic", format!("{why}")))
}

/// Whether anybody may ever publish on it.
fn is_known(server: &Server, topic: &Topic) -> bool {
    let plan = server.handle.plan();
    let behaviors = plan.actors.iter().map(|actor| &actor.behavior).chain(&plan.behaviors);
    let mut grants = behaviors.flat_map(|behavior| &behavior.grants);
    let reserved = ["greenroom/events", "greenroom/logs", "greenroom/tree"];
    reserved.contains(&topic.as_str())
        || grants.any(|grant| matches!(grant, Grant::Publish(pattern) if pattern.matches(topic)))
}

fn unknown(server: &Server, topic: &Topic) -> Problem {
    let topics = server.handle.hub().topics();
    let mut names: Vec<_> = topics.iter().take(LISTED).map(|(topic, _)| topic.as_str()).collect();
    if topics.len() > LISTED {
        names.push("…");
    }
    let names = if names.is_empty() { "none yet".into() } else { names.join(", ") };
    let detail = format!("there is no topic `{topic}`, and no actor may publish on it; topics with a value: {names}");
    Problem::new(StatusCode::NOT_FOUND, "no-topic", detail)
}

/// Texts, numbers and checked JSON can always be written; if not, that is a fault of ours.
pub(crate) fn broken(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", format!("the answer could not be written: {error}"))
}
