//! The page: files that the host carries within itself, so that it needs nothing beside it and nothing from elsewhere.

use crate::input::Segment;
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

/// Name and content of each file of `page/`; `build.rs` makes the list.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// The page and its files by name.
static PAGE: LazyLock<HashMap<&str, File>> = LazyLock::new(|| {
    FILES.iter().map(|(name, content)| (*name, File { content, tag: tag(content), kind: kind(name) })).collect()
});

/// What the page may load and do: its own files, its own host, and be in nobody's frame.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

struct File {
    content: &'static [u8],
    /// Its `ETag`.
    tag: String,
    kind: &'static str,
}

/// `GET /`.
pub(crate) async fn index(headers: HeaderMap) -> Result<Response, Problem> {
    give("index.html", &headers)
}

/// `GET /assets/{file}`.
pub(crate) async fn asset(Segment(name): Segment, headers: HeaderMap) -> Result<Response, Problem> {
    give(&name, &headers)
}

fn give(name: &str, headers: &HeaderMap) -> Result<Response, Problem> {
    let Some(file) = PAGE.get(name) else {
        let detail = format!("the page has no file `{}`: load / again", name.escape_debug());
        return Err(Problem::new(StatusCode::NOT_FOUND, "no-file", detail));
    };
    let mut response = match is_known(headers, &file.tag) {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => ([(header::CONTENT_TYPE, file.kind)], file.content).into_response(),
    };
    let out = response.headers_mut();
    // Asked for each time, and answered with "not modified": a page of the last version never meets a host of this one.
    out.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    out.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(tag) = HeaderValue::from_str(&file.tag) {
        out.insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Whether the client has this content already (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given
        .flat_map(|value| value.split(','))
        .map(|given| given.trim().trim_start_matches("W/"))
        .any(|given| given == tag)
}

fn tag(content: &[u8]) -> String {
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(content)[..12] {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;

    #[tokio::test]
    async fn every_file_is_given_once_and_then_known() {
        assert!(PAGE.contains_key("index.html"), "the page has its start");
        for (name, content) in FILES {
            let response = give(name, &HeaderMap::new()).unwrap();
            let header = |name| response.headers()[name].clone();
            assert_ne!(header(header::CONTENT_TYPE), "application/octet-stream", "{name}");
            assert!(header(header::CONTENT_SECURITY_POLICY).to_str().unwrap().starts_with("default-src 'self'"));
            let tag = header(header::ETAG);
            assert_eq!(to_bytes(response.into_body(), usize::MAX).await.unwrap(), *content);
            for known in [tag.clone(), format!("\"x\", W/{}", tag.to_str().unwrap()).parse().unwrap()] {
                let again = give(name, &HeaderMap::from_iter([(header::IF_NONE_MATCH, known)])).unwrap();
                assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
                assert_eq!(again.headers()[header::ETAG], tag);
                assert!(to_bytes(again.into_body(), 1).await.unwrap().is_empty());
            }
            let other = HeaderMap::from_iter([(header::IF_NONE_MATCH, "\"x\"".parse().unwrap())]);
            assert_eq!(give(name, &other).unwrap().status(), StatusCode::OK);
        }
    }

    #[test]
    fn what_is_not_there_is_not_given() {
        for name in ["", "nothing.js", "../Cargo.toml", "index.html/"] {
            assert!(give(name, &HeaderMap::new()).is_err(), "{name}");
        }
    }

    /// What the page loads is what the host carries: nothing from elsewhere, nothing missing.
    #[test]
    fn the_page_loads_only_what_is_there() {
        for (name, content) in FILES.iter().filter(|(name, _)| name.ends_with(".html")) {
            let text = std::str::from_utf8(content).unwrap();
            let loads = ["src=\"", "href=\""].iter().flat_map(|before| text.split(before).skip(1));
            for load in loads.filter_map(|rest| rest.split('"').next()) {
                let file = load.strip_prefix("/assets/").or_else(|| load.strip_prefix("assets/"));
                let here = file.is_some_and(|file| PAGE.contains_key(file));
                assert!(
                    here || load.starts_with('#') || load == "/metrics" || load.starts_with("/api/"),
                    "{name} loads {load}"
                );
            }
        }
    }
}
