//! What a request brings: its body, within bounds, and as JSON.

use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path};
use axum::http::StatusCode;
use axum::http::request::Parts;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use std::time::Duration;

/// The longest message, in bytes: what an actor may take, and what is around it.
const LONGEST: usize = (16 << 20) + (64 << 10);

/// How long a client may pause within its body.
const PAUSE: Duration = Duration::from_secs(10);

/// The part of the path that a handler is for.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|why| Problem::bad_request("path", format!("the path: {why}")))
    }
}

/// The whole body, of a message at most.
///
/// # Errors
/// As [`bytes`].
pub(crate) async fn message(body: Body) -> Result<Vec<u8>, Problem> {
    bytes(body, LONGEST, || {
        let detail = format!("the body is too long: {LONGEST} bytes is the most");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    })
    .await
}

/// The whole body, which has so many bytes at most.
///
/// # Errors
/// `too_large` when it is longer, 408 when it does not come, 400 when it breaks off.
pub(crate) async fn bytes(body: Body, longest: usize, too_large: impl Fn() -> Problem) -> Result<Vec<u8>, Problem> {
    let (mut chunks, mut bytes) = (body.into_data_stream(), Vec::new());
    loop {
        let next = tokio::time::timeout(PAUSE, chunks.next()).await.map_err(|_| {
            let detail = format!("nothing of the body came for {PAUSE:?}: send it at once");
            Problem::new(StatusCode::REQUEST_TIMEOUT, "slow-body", detail)
        })?;
        match next {
            None => return Ok(bytes),
            Some(Err(error)) => return Err(Problem::bad_request("body", format!("the body broke off: {error}"))),
            Some(Ok(chunk)) if bytes.len() + chunk.len() > longest => return Err(too_large()),
            Some(Ok(chunk)) => bytes.extend_from_slice(&chunk),
        }
    }
}

/// The body as a value. `expected` shows what it looks like.
///
/// # Errors
/// As [`bytes`]; 400 with line, column and what was expected when it is not JSON or not such a value.
pub(crate) async fn json<T: DeserializeOwned>(body: Body, expected: &str) -> Result<T, Problem> {
    parse(&message(body).await?, expected)
}

/// Bytes as a value.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8], expected: &str) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (code, what) = match error.classify() {
            Category::Data => ("shape", "the JSON is not what was expected"),
            Category::Syntax | Category::Eof | Category::Io => ("json", "the body is not JSON"),
        };
        Problem::bad_request(code, format!("{what}: {error}; expected {expected}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Bytes;
    use futures_util::stream;
    use std::convert::Infallible;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Tell {
        #[expect(dead_code, reason = "only its parsing is of interest")]
        kind: String,
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        let check = |body: &str, code: &str, says: &str| {
            let problem = format!("{:?}", parse::<Tell>(body.as_bytes(), "{\"kind\": …}").unwrap_err());
            assert!(problem.contains(&format!("code: {code:?}")), "{problem}");
            assert!(problem.contains(says) && problem.contains("expected {"), "{problem}");
        };
        check("", "json", "line 1 column 0");
        check("{\n  \"kind\": set\n}", "json", "line 2 column 11");
        check("{\"kind\": \"set\"", "json", "line 1 column 14");
        check("{\"kind\": 3}", "shape", "expected a string at line 1 column 10");
        check("{}", "shape", "missing field `kind` at line 1 column 2");
        check("{\"kind\": \"set\", \"body\\n\": 1}", "shape", "unknown field");
        check("\u{feff}{}", "json", "line 1 column 1");
    }

    #[tokio::test]
    async fn a_body_has_an_end() {
        let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from_static(&[b' '; 1 << 16])));
        let problem = message(Body::from_stream(endless)).await.unwrap_err();
        assert!(format!("{problem:?}").contains("too-large"));
        assert_eq!(message(Body::from(vec![b' '; LONGEST])).await.unwrap().len(), LONGEST);
        assert!(message(Body::from(vec![b' '; LONGEST + 1])).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let start = stream::iter([Ok::<_, Infallible>(Bytes::from_static(b"{"))]);
        let problem = message(Body::from_stream(start.chain(stream::pending()))).await.unwrap_err();
        assert!(format!("{problem:?}").contains("slow-body"));
    }
}
