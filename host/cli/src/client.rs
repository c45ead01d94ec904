//! Talks to a running host over HTTP. Neighbours: the verbs before it; `follow` for streams; the host's server behind.

use crate::exit::{Exit, Failure};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::io::{ErrorKind, Read};
use std::time::Duration;
use ureq::http::Response;
use ureq::http::uri::Authority;
use ureq::{Agent, Body, RequestBuilder};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take that has no time of its own: a restart waits for an orderly end, a reload compiles.
const PATIENCE: Duration = Duration::from_secs(600);
/// A stream is dead after so long without a byte: the host sends something every 15 s.
const SILENCE: Duration = Duration::from_secs(45);
/// The longest answer, in bytes: a message has 16 MiB at most, and base64 makes a third more of it.
const LONGEST: u64 = 64 << 20;

/// A host, by its address.
#[derive(Debug)]
pub(crate) struct Client {
    base: String,
    token: Option<String>,
    agent: Agent,
}

/// What the host says of a request that it refuses (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    detail: String,
    code: String,
}

impl Client {
    /// A client of the host at a URL; `token` is for hosts beyond this machine.
    pub(crate) fn new(url: &str, token: Option<&str>) -> Result<Self, Failure> {
        let usage = |why: String| Failure::new(Exit::Usage, why);
        let authority = match url.split_once("://") {
            Some(("http", authority)) => authority,
            Some(("https", _)) => {
                return Err(usage(format!(
                    "`{url}`: https is not spoken here; give http://, through a tunnel if need be"
                )));
            }
            Some(_) => return Err(usage(format!("`{url}` is no address of a host: give http://ADDRESS:PORT"))),
            None => url,
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let known = authority.parse::<Authority>().is_ok_and(|known| !known.host().is_empty());
        if !known || authority.contains('@') || authority.ends_with(':') {
            return Err(usage(format!("`{url}` is no address of a host: give http://ADDRESS:PORT, without a path")));
        }
        let base = format!("http://{authority}");
        if token.is_some_and(|token| token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err(usage("the token is empty, or has characters that no token has".into()));
        }
        let agent = Agent::config_builder()
            // An address that was given is that of the host, whatever the environment says of proxies.
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .user_agent(concat!("greenroom/", env!("CARGO_PKG_VERSION")))
            .build()
            .new_agent();
        Ok(Self { base, token: token.map(str::to_owned), agent })
    }

    /// The address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Reads something.
    pub(crate) fn get(&self, path: &str) -> Result<Box<RawValue>, Failure> {
        let request = self.agent.get(format!("{}{path}", self.base)).header("Accept", "application/json");
        self.json(request.config().timeout_global(Some(PATIENCE)).build().call())
    }

    /// Does something; `body` is JSON, or nothing. `patience`: how long the host itself may take.
    pub(crate) fn post(
        &self,
        path: &str,
        body: Option<&str>,
        patience: Option<Duration>,
    ) -> Result<Box<RawValue>, Failure> {
        let request = self.authorized(self.agent.post(format!("{}{path}", self.base)));
        // The host is to say that it took too long; only a host that says nothing is given up from here.
        let limit = patience.map_or(PATIENCE, |patience| patience + Duration::from_secs(10));
        let request = request.config().timeout_global(Some(limit)).build();
        self.json(match body {
            Some(body) => request.header("Content-Type", "application/json").send(body),
            None => request.send_empty(),
        })
    }

    /// Sends a component's bytes. The host sees its length and who sends it before they go out.
    pub(crate) fn put(&self, path: &str, bytes: &[u8]) -> Result<Box<RawValue>, Failure> {
        let request = self.authorized(self.agent.put(format!("{}{path}", self.base)));
        let request = request.header("Content-Type", "application/wasm").header("Expect", "100-continue");
        self.json(request.config().timeout_global(Some(PATIENCE)).build().send(bytes))
    }

    /// What each request that changes something has.
    fn authorized<B>(&self, request: RequestBuilder<B>) -> RequestBuilder<B> {
        let request = request.header("Accept", "application/json");
        match &self.token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        }
    }

    /// Sends a component.
    pub(crate) fn post_bytes(&self, path: &str, bytes: &[u8]) -> Result<Box<RawValue>, Failure> {
        let request = self.authorized(self.agent.post(format!("{}{path}", self.base)));
        let request = request.header("Content-Type", "application/wasm");
        self.json(request.config().timeout_global(Some(PATIENCE)).build().send(bytes))
    }

    /// Takes something away.
    pub(crate) fn delete(&self, path: &str) -> Result<Box<RawValue>, Failure> {
        let request = self.authorized(self.agent.delete(format!("{}{path}", self.base)));
        self.json(request.config().timeout_global(Some(PATIENCE)).build().call())
    }

    /// Opens an event stream. `last`: the last event id, on a reconnection.
    pub(crate) fn open(&self, path: &str, last: Option<&str>) -> Result<impl Read + use<>, Failure> {
        let mut request = self.agent.get(format!("{}{path}", self.base)).header("Accept", "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let config = request.config().timeout_recv_response(Some(SILENCE)).timeout_per_read(Some(SILENCE));
        let response = config.build().call().map_err(|error| self.unreachable(&error))?;
        let response = self.checked(response)?;
        match kind(&response) {
            "text/event-stream" => Ok(response.into_body().into_with_config().limit(u64::MAX).reader()),
            other => Err(self.stranger(&format!("it answers `{}` in place of a stream", other.escape_default()))),
        }
    }

    fn json(&self, response: Result<Response<Body>, ureq::Error>) -> Result<Box<RawValue>, Failure> {
        let response = self.checked(response.map_err(|error| self.unreachable(&error))?)?;
        if kind(&response) != "application/json" {
            return Err(self.stranger("its answer is not JSON"));
        }
        let text = response.into_body().into_with_config().limit(LONGEST).read_to_string();
        let text = text.map_err(|error| self.unreachable(&error))?;
        serde_json::from_str(&text).map_err(|error| self.stranger(&format!("its answer is not JSON: {error}")))
    }

    /// The response, if it is one that serves the request.
    fn checked(&self, response: Response<Body>) -> Result<Response<Body>, Failure> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if kind(&response) != "application/problem+json" {
            return Err(self.stranger(&format!("it answers {status}")));
        }
        let text = response.into_body().into_with_config().limit(LONGEST).read_to_string();
        let text = text.map_err(|error| self.unreachable(&error))?;
        let problem: Problem = serde_json::from_str(&text)
            .map_err(|error| self.stranger(&format!("it answers {status} and does not say why: {error}")))?;
        let exit = match problem.code.as_str() {
            "no-actor" | "no-topic" | "supervisor" | "no-shadow" => Exit::Unknown,
            "timed-out" => Exit::TimedOut,
            "ended" => Exit::Ended,
            "not-swapped" | "not-shadowed" => Exit::Component,
            "token" => {
                let detail = format!("{}; here with --token or GREENROOM_TOKEN", problem.detail);
                return Err(Failure { exit: Exit::Unexpected, code: Some(problem.code), detail });
            }
            _ => Exit::Unexpected,
        };
        Err(Failure { exit, code: Some(problem.code), detail: problem.detail })
    }

    fn unreachable(&self, error: &ureq::Error) -> Failure {
        let why = match error {
            ureq::Error::Io(error) if error.kind() == ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::HostNotFound => "there is no such machine".to_owned(),
            ureq::Error::Timeout(_) => "it does not answer".to_owned(),
            error => error.to_string(),
        };
        let detail = format!(
            "no host answers at {}: {why}; `greenroom run` starts one, --host or GREENROOM_HOST names another",
            self.base
        );
        Failure { exit: Exit::Unreachable, code: Some("unreachable".into()), detail }
    }

    fn stranger(&self, why: &str) -> Failure {
        let detail = format!("what answers at {} is no Greenroom host: {why}; --host names another", self.base);
        Failure { exit: Exit::Unreachable, code: Some("unreachable".into()), detail }
    }
}

/// The media type of a response, without parameters.
fn kind(response: &Response<Body>) -> &str {
    let value = response.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// A text as one segment of a path, or a value of a query (RFC 3986: everything but the unreserved characters).
pub(crate) fn segment(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte.into()),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    // Dots alone would walk through the path.
    match out.as_str() {
        "." => "%2E".into(),
        ".." => "%2E%2E".into(),
        _ => out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        let check = |url: &str, expect: Option<&str>| {
            let client = Client::new(url, None);
            assert_eq!(client.as_ref().ok().map(|client| client.base()), expect, "{url}");
            assert!(client.err().is_none_or(|failure| failure.exit == Exit::Usage));
        };
        check("http://127.0.0.1:8080", Some("http://127.0.0.1:8080"));
        check("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080"));
        check("brewhouse.local:8080", Some("http://brewhouse.local:8080"));
        check("http://[::1]:8080", Some("http://[::1]:8080"));
        for bad in [
            "https://brewhouse",
            "ftp://x",
            "",
            "http://",
            "http://a/b",
            "http://a?b",
            "http://a b",
            "unix:/run/x",
            "http:",
            "http://u@a",
        ] {
            check(bad, None);
        }
        assert!(Client::new("http://a", Some("a\nb")).is_err());
        assert!(Client::new("http://a", Some("")).is_err());
    }

    #[test]
    fn names_stay_one_segment() {
        let check = |text: &str, expect: &str| assert_eq!(segment(text), expect);
        check("controller", "controller");
        check("a/b?c#d%", "a%2Fb%3Fc%23d%25");
        check("..", "%2E%2E");
        check("é", "%C3%A9");
    }
}
