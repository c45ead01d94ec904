//! `/api/actors/{whom}`'s code: another build sent or read, a version from before, and which there are. What is sent is held
//! against its digest before anything is done with it.

use crate::input::{self, Segment};
use crate::problem::Problem;
use crate::router::Server;
use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use greenroom_engine::handle::{CallError, Reloaded};
use greenroom_engine::{Digest, Versions};
use serde::Deserialize;
use std::sync::Arc;

/// The longest component that is taken, in bytes: Python's have 18 MB.
const LONGEST: usize = 32 << 20;

/// Uploads that are read or swapped in at once; further ones wait, with their bodies unread.
pub(crate) const UPLOADS: usize = 4;

/// Which version to go back to.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Back {
    to: Option<String>,
}

/// `PUT /api/actors/{whom}/component`: the body is a component, which takes over.
pub(crate) async fn put(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Reloaded>, Problem> {
    // Whatever can be refused is refused before the body is asked for.
    if server.handle.show(&whom)?.actor.is_none() {
        return Err(CallError::Supervisor(whom).into());
    }
    content(&headers)?;
    let expected = [asked(query.as_deref())?, announced(&headers)?];
    if length(&headers).is_some_and(|length| length > LONGEST as u64) {
        return Err(too_large());
    }
    // The semaphore is never closed.
    let _place = server.uploads.acquire().await;
    let bytes = read(body).await?;
    if bytes.is_empty() {
        let detail = "the body is empty: send the component's bytes, as `curl --upload-file a.wasm URL` does";
        return Err(Problem::bad_request("empty", detail));
    }
    if expected.iter().any(Option::is_some) {
        let is = Digest::of(&bytes);
        if let Some(expected) = expected.into_iter().flatten().find(|expected| *expected != is) {
            let count = bytes.len();
            let detail = format!(
                "the {count} bytes that came have the SHA-256 {is}, not {expected}: they were changed on the way, or the \
                 digest is of another file; nothing was done"
            );
            return Err(Problem::bad_request("digest", detail));
        }
    }
    Ok(Json(server.handle.upload(&whom, bytes).await?))
}

/// A component's bytes, as they come.
pub(crate) async fn read(body: Body) -> Result<Vec<u8>, Problem> {
    input::bytes(body, LONGEST, too_large).await
}

/// `POST /api/actors/{whom}/reload`.
pub(crate) async fn reload(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
) -> Result<Json<Reloaded>, Problem> {
    Ok(Json(server.handle.reload(&whom).await?))
}

/// `POST /api/actors/{whom}/rollback`.
pub(crate) async fn rollback(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
    body: Body,
) -> Result<Json<Reloaded>, Problem> {
    let body = input::message(body).await?;
    let Back { to } = match body.is_empty() {
        true => Back::default(),
        false => input::parse(&body, r#"{"to": "81cc…"}, or nothing for the version before"#)?,
    };
    Ok(Json(server.handle.rollback(&whom, to.as_deref()).await?))
}

/// `GET /api/actors/{whom}/versions`.
pub(crate) async fn versions(
    State(server): State<Arc<Server>>,
    Segment(whom): Segment,
) -> Result<Json<Versions>, Problem> {
    Ok(Json(server.handle.versions(&whom)?))
}

/// What comes is a component as it is, and says so, or nothing.
fn content(headers: &HeaderMap) -> Result<(), Problem> {
    let refuse = |detail: String| Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-type", detail));
    let essence = text(headers, header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "" | "application/wasm" | "application/octet-stream") {
        let detail = format!(
            "the body is `{}`: send the component's bytes with the header `Content-Type: application/wasm`",
            essence.escape_default()
        );
        return refuse(detail);
    }
    let coding = text(headers, header::CONTENT_ENCODING);
    if !matches!(coding, "" | "identity") {
        return refuse(format!("the body is packed with `{}`: send it as it is", coding.escape_default()));
    }
    if headers.contains_key(header::CONTENT_RANGE) {
        return Err(Problem::bad_request("range", "the body is a part: send the whole component"));
    }
    Ok(())
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    // What is no text is no known value either.
    headers.get(name).map_or("", |value| value.to_str().unwrap_or("?"))
}

fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, header::CONTENT_LENGTH).parse().ok()
}

/// `?sha256=HEX`.
fn asked(query: Option<&str>) -> Result<Option<Digest>, Problem> {
    let mut digest = None;
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name != "sha256" {
            let detail = format!("the query has `{}`: it takes `sha256`", name.escape_debug());
            return Err(Problem::bad_request("query", detail));
        }
        let wrong = || Problem::bad_request("sha256", "`sha256` is 64 hexadecimal digits, as `sha256sum` prints them");
        digest = Some(value.parse().map_err(|_| wrong())?);
    }
    Ok(digest)
}

/// `Repr-Digest: sha-256=:BASE64:` (RFC 9530, section 3, with RFC 8941's dictionaries). Digests of other algorithms may
/// stand beside it; alone they are refused, since who sends one wants it checked.
fn announced(headers: &HeaderMap) -> Result<Option<Digest>, Problem> {
    let (mut given, mut digest) = (false, None);
    for value in headers.get_all("repr-digest") {
        given = true;
        for member in value.to_str().unwrap_or_default().split(',') {
            let (name, value) = member.trim().split_once('=').unwrap_or_default();
            if name == "sha-256" {
                let bytes = value.strip_prefix(':').and_then(|value| value.strip_suffix(':'));
                digest =
                    bytes.and_then(|bytes| Some(Digest::new(BASE64_STANDARD.decode(bytes).ok()?.try_into().ok()?)));
            }
        }
    }
    if given && digest.is_none() {
        let detail =
            "`Repr-Digest` has no SHA-256 that can be read: send `Repr-Digest: sha-256=:BASE64:`, or `?sha256=HEX`";
        return Err(Problem::bad_request("repr-digest", detail));
    }
    Ok(digest)
}

fn too_large() -> Problem {
    let detail = format!(
        "the component is longer than {LONGEST} bytes: build it for release and without debug information, or put it into \
         the actor's file on the host's machine, where `reload` takes any length"
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const ENCODED: &str = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:";

    fn header(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| ("repr-digest".parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_digest_is_read_from_the_query() {
        let check = |query: &str, expect: Result<Option<&str>, &str>| {
            let read = asked(Some(query)).map(|digest| digest.map(|digest| digest.to_string()));
            match expect {
                Ok(expect) => assert_eq!(read.unwrap().as_deref(), expect, "{query}"),
                Err(code) => assert!(format!("{:?}", read.unwrap_err()).contains(&format!("{code:?}")), "{query}"),
            }
        };
        check("", Ok(None));
        check(&format!("sha256={EMPTY}"), Ok(Some(EMPTY)));
        check(&format!("sha256={}", EMPTY.to_uppercase()), Ok(Some(EMPTY)));
        for wrong in ["sha256=", "sha256", &format!("sha256={EMPTY}0"), &format!("sha256={}x", &EMPTY[1..])] {
            check(wrong, Err("sha256"));
        }
        check(&format!("sha256={}é", &EMPTY[2..]), Err("sha256"));
        check("sha512=00", Err("query"));
        assert_eq!(asked(None), Ok(None));
    }

    #[test]
    fn a_digest_is_read_from_the_header() {
        let check = |values: &[&str], expect: Option<&str>| {
            let read = announced(&header(values)).unwrap();
            assert_eq!(read.map(|digest| digest.to_string()).as_deref(), expect, "{values:?}");
        };
        check(&[], None);
        check(&[ENCODED], Some(EMPTY));
        check(&[&format!("sha-512=:AAAA:,  {ENCODED}")], Some(EMPTY));
        check(&["sha-512=:AAAA:", ENCODED], Some(EMPTY));
        for wrong in ["", "sha-256", "sha-256=::", "sha-256=:AAAA:", "sha-256=47DEQ", "sha-512=:AAAA:", &ENCODED[1..]] {
            assert!(announced(&header(&[wrong])).is_err(), "{wrong}");
        }
        assert!(announced(&header(&[&ENCODED.replace('=', "")])).is_err());
    }

    #[test]
    fn a_component_says_what_it_is_or_nothing() {
        let check = |headers: &[(header::HeaderName, &str)], expect: bool| {
            let map = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
            assert_eq!(content(&map).is_ok(), expect, "{headers:?}");
        };
        check(&[], true);
        for kind in ["application/wasm", "Application/Octet-Stream", "application/wasm; charset=x", ""] {
            check(&[(header::CONTENT_TYPE, kind)], true);
        }
        for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded", "wasm"] {
            check(&[(header::CONTENT_TYPE, kind)], false);
        }
        check(&[(header::CONTENT_ENCODING, "identity")], true);
        check(&[(header::CONTENT_ENCODING, "gzip")], false);
        check(&[(header::CONTENT_RANGE, "bytes 0-1/2")], false);
    }
}
