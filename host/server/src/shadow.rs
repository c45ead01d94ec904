//! `/api/actors/{whom}/shadow`: new code beside an actor, and what it would do. Each handler is one call of the engine's
//! handle.

use crate::component;
use crate::input::Segment;
use crate::problem::Problem;
use crate::router::Server;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use greenroom_engine::handle::Reloaded;
use greenroom_engine::{SHADOW_TIME, ShadowReport};
use std::sync::Arc;
use std::time::Duration;

/// How long a shadow is there when it is not said.
const TIME: Duration = Duration::from_secs(60);

/// `POST /api/actors/{whom}/shadow?seconds=60`: the body is a component; without one, it is what the file holds.
pub(crate) async fn begin(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
    RawQuery(query): RawQuery,
    body: Body,
) -> Result<Json<ShadowReport>, Problem> {
    let time = time(query.as_deref())?;
    // The semaphore is never closed.
    let _place = server.uploads.acquire().await;
    let bytes = Some(component::read(body).await?).filter(|bytes| !bytes.is_empty());
    Ok(Json(server.handle.shadow(&whom, bytes, time).await?))
}

/// `GET /api/actors/{whom}/shadow`.
pub(crate) async fn report(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
) -> Result<Json<ShadowReport>, Problem> {
    Ok(Json(server.handle.shadow_report(&whom)?))
}

/// `POST /api/actors/{whom}/shadow/promote`.
pub(crate) async fn promote(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
) -> Result<Json<Reloaded>, Problem> {
    Ok(Json(server.handle.promote_shadow(&whom).await?))
}

/// `DELETE /api/actors/{whom}/shadow`.
pub(crate) async fn end(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
) -> Result<Json<ShadowReport>, Problem> {
    Ok(Json(server.handle.drop_shadow(&whom).await?))
}

fn time(query: Option<&str>) -> Result<Duration, Problem> {
    let mut time = TIME;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        let seconds = value.parse().ok().map(Duration::from_secs).filter(|time| SHADOW_TIME.contains(time));
        time = match (&*name, seconds) {
            ("seconds", Some(seconds)) => seconds,
            ("seconds", None) => {
                let detail = format!("`seconds` is 1 to 86400, not `{}`", value.escape_debug());
                return Err(Problem::bad_request("seconds", detail));
            }
            _ => {
                let detail = format!("the query has `{}`: it takes `seconds`", name.escape_debug());
                return Err(Problem::bad_request("query", detail));
            }
        };
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_in_seconds_and_has_an_end() {
        let check = |query: Option<&str>, expect: Result<u64, &str>| match (time(query), expect) {
            (Ok(time), Ok(seconds)) => assert_eq!(time, Duration::from_secs(seconds), "{query:?}"),
            (Err(problem), Err(says)) => assert!(format!("{problem:?}").contains(says), "{query:?}: {problem:?}"),
            (got, expect) => panic!("{query:?}: {got:?} instead of {expect:?}"),
        };
        check(None, Ok(60));
        check(Some(""), Ok(60));
        check(Some("seconds=1"), Ok(1));
        check(Some("seconds=86400"), Ok(86_400));
        for wrong in
            ["seconds=0", "seconds=86401", "seconds=", "seconds=-1", "seconds=1s", "seconds=99999999999999999999"]
        {
            check(Some(wrong), Err("`seconds` is 1 to 86400"));
        }
        check(Some("second=1"), Err("it takes `seconds`"));
    }
}
