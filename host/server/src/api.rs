//! `/api`: what is there, and what may be done to it. Each handler is one call of the engine's handle.

use crate::input::{self, Segment};
use crate::payload::Payload;
use crate::problem::Problem;
use crate::router::Server;
use crate::stream::broken;
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use greenroom_core::{Kind, Message};
use greenroom_engine::Amended;
use greenroom_engine::view::{DeadLetters, DeviceView, Node, Tree};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long an ask waits when it does not say.
const PATIENCE: Duration = Duration::from_secs(5);

/// A message from outside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tell {
    kind: String,
    body: Option<Box<RawValue>>,
}

/// A question from outside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    kind: String,
    body: Option<Box<RawValue>>,
    timeout: Option<String>,
}

#[derive(Serialize)]
struct Answer<'a> {
    kind: &'a str,
    body: Payload<'a>,
}

/// `GET /api/openapi.json`: this surface, for programs.
pub(crate) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], include_str!("openapi.json")).into_response()
}

/// `GET /api/tree`.
pub(crate) async fn tree(State(server): State<Arc<Server>>) -> Json<Tree> {
    Json(server.handle.tree())
}

/// `GET /api/actors`: the tree's actors in its order, without what is beneath them.
pub(crate) async fn actors(State(server): State<Arc<Server>>) -> Json<Vec<Node>> {
    let mut actors = Vec::new();
    flatten(server.handle.tree().root, &mut actors);
    Json(actors)
}

fn flatten(mut node: Node, actors: &mut Vec<Node>) {
    let children = std::mem::take(&mut node.children);
    if node.actor.is_some() {
        actors.push(node);
    }
    for child in children {
        flatten(child, actors);
    }
}

/// `GET /api/actors/{whom}`.
pub(crate) async fn show(State(server): State<Arc<Server>>, Segment(whom): Segment) -> Result<Json<Node>, Problem> {
    Ok(Json(server.handle.show(&whom)?))
}

/// `POST /api/actors/{whom}/messages`.
pub(crate) async fn tell(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
    body: Body,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Tell { kind, body } = input::json(body, r#"{"kind": "set", "body": {…} or null}"#).await?;
    server.handle.tell(&whom, message(&kind, body.as_deref())?)?;
    Ok((StatusCode::ACCEPTED, nothing()))
}

/// `POST /api/actors/{whom}/ask`.
pub(crate) async fn ask(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
    body: Body,
) -> Result<Response, Problem> {
    let expected = r#"{"kind": "which", "body": {…} or null, "timeout": "5s" or absent}"#;
    let Ask { kind, body, timeout } = input::json(body, expected).await?;
    let timeout = timeout.as_deref().map_or(Ok(PATIENCE), patience)?;
    let answer = server.handle.ask(&whom, message(&kind, body.as_deref())?, timeout).await?;
    let answer = Answer { kind: answer.kind.as_str(), body: Payload(&answer.body) };
    let text = serde_json::to_string(&answer).map_err(|error| broken(&error))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
}

/// `POST /api/actors/{whom}/restart`.
pub(crate) async fn restart(State(server): State<Arc<Server>>, Segment(whom): Segment) -> Result<Json<Value>, Problem> {
    server.handle.restart(&whom).await?;
    Ok(nothing())
}

/// `POST /api/actors/{whom}/kill`.
pub(crate) async fn kill(State(server): State<Arc<Server>>, Segment(whom): Segment) -> Result<Json<Value>, Problem> {
    server.handle.kill(&whom).await?;
    Ok(nothing())
}

/// `POST /api/manifest/apply`.
pub(crate) async fn apply(State(server): State<Arc<Server>>) -> Result<Json<Amended>, Problem> {
    Ok(Json(server.handle.apply().await?))
}

/// `GET /api/dead-letters`.
pub(crate) async fn dead_letters(State(server): State<Arc<Server>>) -> Json<DeadLetters> {
    Json(server.handle.dead_letters())
}

/// `GET /api/devices`.
pub(crate) async fn devices(State(server): State<Arc<Server>>) -> Json<Vec<DeviceView>> {
    Json(server.handle.devices())
}

/// `GET /healthz`.
pub(crate) async fn health(State(server): State<Arc<Server>>) -> Result<Json<Value>, Problem> {
    match server.handle.healthy() {
        Ok(()) => Ok(Json(json!({ "status": "ok" }))),
        Err(why) => Err(Problem::unavailable("unhealthy", why)),
    }
}

fn nothing() -> Json<Value> {
    Json(Value::Object(Map::new()))
}

/// A message with exactly the bytes that came: numbers keep their digits, objects their order.
fn message(kind: &str, body: Option<&RawValue>) -> Result<Message, Problem> {
    let body = body.map_or(&[][..], |body| body.get().as_bytes());
    Ok(Message::new(self::kind(kind)?, body))
}

fn kind(text: &str) -> Result<Kind, Problem> {
    text.parse().map_err(|why| Problem::bad_request("kind", format!("`{}` is no kind: {why}", text.escape_debug())))
}

/// A time of 1 ms to 1 h: a whole number and its unit.
fn patience(text: &str) -> Result<Duration, Problem> {
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        _ => None,
    };
    let milliseconds = number.parse::<u64>().ok().zip(unit).and_then(|(number, unit)| number.checked_mul(unit));
    match milliseconds {
        Some(milliseconds @ 1..=3_600_000) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(Problem::bad_request(
            "timeout",
            format!("`timeout` is 1ms to 1h, as in \"500ms\" or \"5s\", not `{}`", text.escape_debug()),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_has_a_unit_and_an_end() {
        let check = |text: &str, expect: Option<u64>| {
            assert_eq!(patience(text).ok(), expect.map(Duration::from_millis), "{text}");
        };
        check("1ms", Some(1));
        check("1s", Some(1000));
        check("5m", Some(300_000));
        check("1h", Some(3_600_000));
        for text in ["", "1", "s", "0s", "61m", "2h", "1.5s", "-1s", "1 s", "1S", "99999999999999999999s", "1s1s"] {
            check(text, None);
        }
        check("18446744073709551615h", None);
    }

    #[test]
    fn a_message_keeps_its_bytes() {
        let check = |json: &str, expect: &str| {
            let tell: Tell = input::parse(json.as_bytes(), "").unwrap();
            let message = message(&tell.kind, tell.body.as_deref()).unwrap();
            assert_eq!(std::str::from_utf8(&message.body).unwrap(), expect);
        };
        check(r#"{"kind":"set"}"#, "");
        check(r#"{"kind":"set","body":null}"#, "");
        check(
            r#"{"kind":"set","body": {"b": 66.0, "a": 0.10000000000000000001}}"#,
            r#"{"b": 66.0, "a": 0.10000000000000000001}"#,
        );
        check(r#"{"kind":"set","body":"x"}"#, r#""x""#);
        assert!(message("", None).is_err());
        assert!(message("a\nb", None).is_err());
        assert!(message(&"x".repeat(65), None).is_err());
    }
}
