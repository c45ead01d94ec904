//! Refusals: `application/problem+json` (RFC 9457) with a stable `code`, and a `detail` that says what to do.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use greenroom_engine::handle::CallError;
use serde::Serialize;

/// Why a request was not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    header: Option<(header::HeaderName, &'static str)>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), header: None }
    }

    /// A request that cannot be understood.
    pub(crate) fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// Something that a later attempt may get: says when to make it.
    pub(crate) fn unavailable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, detail).with(header::RETRY_AFTER, "1")
    }

    /// A method that this path does not have; `allow` lists those that it has.
    pub(crate) fn method(allow: &'static str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", format!("this path takes {allow}"))
            .with(header::ALLOW, allow)
    }

    /// The same with a header.
    pub(crate) fn with(self, name: header::HeaderName, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }
}

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let detail = error.to_string();
        let (status, code) = match error {
            CallError::NoActor(_) => (StatusCode::NOT_FOUND, "no-actor"),
            CallError::Supervisor(_) => (StatusCode::CONFLICT, "supervisor"),
            CallError::NotSupervised(_) => (StatusCode::CONFLICT, "not-supervised"),
            CallError::MailboxFull(..) => return Self::unavailable("mailbox-full", detail),
            CallError::TooLarge(..) => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            CallError::TimedOut(..) => (StatusCode::GATEWAY_TIMEOUT, "timed-out"),
            CallError::Restarting(_) => return Self::unavailable("restarting", detail),
            CallError::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            CallError::Ended(..) => (StatusCode::BAD_GATEWAY, "ended"),
            CallError::NotApplied(_) => (StatusCode::UNPROCESSABLE_ENTITY, "not-applied"),
            CallError::NoVersions(_) => (StatusCode::CONFLICT, "no-versions"),
            CallError::NotSwapped { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "not-swapped"),
            CallError::NotShadowed { .. } => (StatusCode::UNPROCESSABLE_ENTITY, "not-shadowed"),
            CallError::NoShadow(_) => (StatusCode::NOT_FOUND, "no-shadow"),
            CallError::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "shutting-down"),
        };
        Self::new(status, code, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Error");
        let body =
            Body { kind: "about:blank", title, status: self.status.as_u16(), detail: &self.detail, code: self.code };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some((name, value)) = self.header {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use greenroom_core::Reason;
    use std::time::Duration;

    #[tokio::test]
    async fn every_refusal_has_its_status_and_says_what_to_do() {
        let name = || "mash".to_owned();
        let table = [
            (CallError::NoActor(name()), 404, "no-actor", "GET /api/tree", None),
            (CallError::Supervisor(name()), 409, "supervisor", "name one of its actors", None),
            (CallError::NotSupervised(name()), 409, "not-supervised", "no supervisor", None),
            (CallError::MailboxFull(name(), 7), 503, "mailbox-full", "try again", Some("1")),
            (CallError::TooLarge(9, name(), 8), 413, "too-large", "at most 8", None),
            (CallError::TimedOut(name(), Duration::from_secs(5)), 504, "timed-out", "within 5s", None),
            (CallError::Restarting(name()), 503, "restarting", "try again", Some("1")),
            (CallError::Refused("20 to 100".into()), 422, "refused", "20 to 100", None),
            (CallError::Ended(name(), Reason::Killed), 502, "ended", "ended before", None),
            (CallError::NotApplied("line 3".into()), 422, "not-applied", "line 3", None),
            (CallError::NotSwapped { stage: "world", why: "so".into() }, 422, "not-swapped", "world: so", None),
            (CallError::NoVersions("give it `data-dir`".into()), 409, "no-versions", "give it", None),
            (CallError::NotShadowed { stage: "busy", why: "so".into() }, 422, "not-shadowed", "busy: so", None),
            (CallError::NoShadow(name()), 404, "no-shadow", "--shadow 60s", None),
            (CallError::ShuttingDown, 503, "shutting-down", "shutting down", None),
        ];
        for (error, status, code, says, retry) in table {
            let response = Problem::from(error).into_response();
            assert_eq!(response.status().as_u16(), status, "{code}");
            let header = |name| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header(header::CONTENT_TYPE), Some("application/problem+json"));
            assert_eq!(header(header::RETRY_AFTER), retry, "{code}");
            let body = to_bytes(response.into_body(), 4096).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((&body["status"], &body["code"]), (&status.into(), &code.into()));
            assert!(body["detail"].as_str().unwrap().contains(says), "{body}");
            assert_eq!(body["type"], "about:blank");
            assert!(!body["title"].as_str().unwrap().is_empty());
        }
    }
}
