//! Who may do what. Reading is open to whoever reaches the host; changing something takes a token beyond loopback. Web
//! pages of others are kept out in both cases: by the `Host` header (DNS rebinding), the `Origin` header (requests from
//! another site) and the content type (forms). Its neighbours are the connection before it and the router behind it.

use crate::problem::Problem;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use greenroom_manifest::Host;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The cookie that carries the token for the page.
const COOKIE: &str = "greenroom-token";

/// What a host asks of those who reach it.
#[derive(Clone)]
pub struct Access {
    /// What a request that changes something must carry when the host listens beyond loopback. None there: nobody can
    /// change anything.
    pub token: Option<String>,
    /// Whether only this machine reaches the host: then no token is asked for.
    pub loopback: bool,
    /// Further names by which the host is reached: `NAME` for any port, or `NAME:PORT`.
    pub allow_hosts: Vec<String>,
    /// The address that the host listens on, with the port that it got.
    pub listen: SocketAddr,
}

impl Access {
    /// The rules for a host of the manifest that listens on `listen`: the listener's own address, so that a port
    /// that was chosen by the system is right.
    pub fn new(host: &Host, listen: SocketAddr, token: Option<String>) -> Self {
        let loopback = listen.ip().to_canonical().is_loopback();
        Self { token, loopback, allow_hosts: host.allow_hosts.clone(), listen }
    }

    /// Whether a request with this method and these headers may go on.
    pub(crate) fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
        let host = self.host(headers)?;
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return Ok(());
        }
        self.origin(&host, headers)?;
        self.token(headers)?;
        // No form sends anything but a POST; what a PUT brings is its handler's to judge.
        if *method == Method::PUT { Ok(()) } else { content(headers) }
    }

    /// The `Host` that the request names, if it is one of this host's: a page whose own name was rebound to this
    /// machine's address still names itself.
    fn host(&self, headers: &HeaderMap) -> Result<Authority, Problem> {
        let mut given = headers.get_all(header::HOST).iter();
        let (text, more) = (given.next(), given.next());
        let text = text.filter(|_| more.is_none()).and_then(|text| text.to_str().ok()).unwrap_or_default();
        match text.parse::<Authority>() {
            Ok(host) if is_plain(&host) && self.is_ours(&host) => Ok(host),
            _ => {
                let name = text.rsplit_once(':').map_or(text, |(name, _)| name);
                Err(Problem::new(
                    StatusCode::FORBIDDEN,
                    "host",
                    format!(
                        "this host is not reached as `{}`: use http://{}, or add \"{}\" to `allow-hosts` in [host] of \
                         the manifest",
                        text.escape_default(),
                        self.listen,
                        name.escape_default(),
                    ),
                ))
            }
        }
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let name = host.host();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let local = name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]";
        let listening = match bare.parse::<IpAddr>() {
            // Who listens on all addresses is reached by any; an address is no name, so nobody can rebind it.
            Ok(ip) => {
                let port = host.port_u16().unwrap_or(80) == self.listen.port();
                port && (ip == self.listen.ip() || self.listen.ip().is_unspecified())
            }
            Err(_) => false,
        };
        local || listening || self.is_allowed(host)
    }

    fn is_allowed(&self, host: &Authority) -> bool {
        let is =
            |allowed: &String| allowed.eq_ignore_ascii_case(host.host()) || allowed.eq_ignore_ascii_case(host.as_str());
        self.allow_hosts.iter().any(is)
    }

    /// A browser names the page that a request comes from: it must be this host's own.
    fn origin(&self, host: &Authority, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
        let text = origin.to_str().unwrap_or_default();
        let authority = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
        let ours = authority
            .and_then(|text| text.parse::<Authority>().ok())
            .is_some_and(|origin| origin.as_str().eq_ignore_ascii_case(host.as_str()) || self.is_allowed(&origin));
        if ours {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "origin",
            format!(
                "the request comes from a page of `{}`, and only this host's own page at http://{host} changes anything; \
                 `allow-hosts` in [host] of the manifest lists further ones",
                text.escape_default(),
            ),
        ))
    }

    fn token(&self, headers: &HeaderMap) -> Result<(), Problem> {
        if self.loopback {
            return Ok(());
        }
        let given = bearer(headers).or_else(|| cookie(headers));
        let why = match (&self.token, given) {
            (Some(token), Some(given)) if bool::from(token.as_bytes().ct_eq(given.as_bytes())) => return Ok(()),
            (Some(_), Some(_)) => "this token is not the host's",
            (Some(_), None) => "beyond loopback, what changes something needs a token",
            (None, _) => "this host has no token, so nothing can be changed from beyond loopback",
        };
        Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "token",
            format!(
                "{why}: send the header `Authorization: Bearer TOKEN`, with the token that the host showed at its start"
            ),
        )
        .with(header::WWW_AUTHENTICATE, "Bearer realm=\"greenroom\""))
    }
}

/// Keeps the token out of logs.
impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("token", &self.token.as_ref().map(|_| "…"))
            .field("loopback", &self.loopback)
            .field("allow_hosts", &self.allow_hosts)
            .field("listen", &self.listen)
            .finish()
    }
}

/// A name and at most a port: no user, and no port that is none.
fn is_plain(host: &Authority) -> bool {
    match host.as_str().strip_prefix(host.host()) {
        Some("") => true,
        Some(_) => host.port_u16().is_some(),
        None => false,
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, token)| token)
}

/// A form on somebody's page can send a body, but not one that calls itself JSON, or a component.
fn content(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    let body =
        headers.contains_key(header::TRANSFER_ENCODING) || text(header::CONTENT_LENGTH).is_some_and(|n| n != "0");
    let kind = text(header::CONTENT_TYPE).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !body || ["application/json", "application/wasm"].iter().any(|allowed| essence.eq_ignore_ascii_case(allowed)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "content-type",
        format!(
            "the body is `{}`: send JSON with the header `Content-Type: application/json`",
            if essence.is_empty() { "of no type".into() } else { essence.escape_default().to_string() },
        ),
    ))
}

/// Lets through what [`Access::check`] allows.
pub(crate) async fn guard(
    State(access): State<Arc<Access>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    access.check(request.method(), request.headers())?;
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(listen: &str) -> Access {
        let listen: SocketAddr = listen.parse().unwrap();
        Access {
            token: Some("secret".into()),
            loopback: listen.ip().to_canonical().is_loopback(),
            allow_hosts: vec!["brew.local".into(), "mash.example:8443".into()],
            listen,
        }
    }

    /// The status and code of the refusal, or 200.
    fn outcome(access: &Access, method: Method, headers: &[(&str, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap());
        }
        match access.check(&method, &map) {
            Ok(()) => "200".into(),
            Err(problem) => {
                let text = format!("{problem:?}");
                let code = text.split("code: \"").nth(1).unwrap().split('"').next().unwrap().to_owned();
                assert!(text.contains(": use ") || text.contains("send") || text.contains("allow-hosts"), "{text}");
                code
            }
        }
    }

    #[test]
    fn a_host_is_reached_by_its_own_names_only() {
        let check = |listen: &str, host: &str, expect: &str| {
            assert_eq!(outcome(&access(listen), Method::GET, &[("host", host)]), expect, "{host} at {listen}");
        };
        for listen in ["127.0.0.1:8080", "[::1]:8080", "0.0.0.0:8080", "192.168.1.5:8080"] {
            for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "127.0.0.1:9", "[::1]:8080", "[::1]"] {
                check(listen, host, "200");
            }
            for host in ["brew.local", "Brew.Local:99", "mash.example:8443"] {
                check(listen, host, "200");
            }
            for host in
                ["evil.example", "evil.example:8080", "localhost.evil.example", "mash.example", "mash.example:1"]
            {
                check(listen, host, "host");
            }
            for host in ["", " ", "localhost@evil", "user@localhost", "127.0.0.1.nip.io", "[::1", "a b", "127.0.0.1:x"]
            {
                check(listen, host, "host");
            }
        }
        check("192.168.1.5:8080", "192.168.1.5:8080", "200");
        check("192.168.1.5:80", "192.168.1.5", "200");
        check("192.168.1.5:8080", "192.168.1.5:9", "host");
        check("192.168.1.5:8080", "192.168.1.6:8080", "host");
        check("0.0.0.0:8080", "192.168.1.5:8080", "200");
        check("[::]:8080", "[fe80::1]:8080", "200");
        check("[::]:8080", "192.168.1.5:8081", "host");
        assert_eq!(outcome(&access("127.0.0.1:8080"), Method::GET, &[]), "host");
        let twice = [("host", "localhost"), ("host", "localhost")];
        assert_eq!(outcome(&access("127.0.0.1:8080"), Method::GET, &twice), "host");
    }

    #[test]
    fn only_this_hosts_page_changes_anything() {
        let check = |method: Method, host: &str, origin: &str, expect: &str| {
            let headers = [("host", host), ("origin", origin)];
            assert_eq!(outcome(&access("127.0.0.1:8080"), method, &headers), expect, "{origin} to {host}");
        };
        check(Method::POST, "localhost:8080", "http://localhost:8080", "200");
        check(Method::POST, "localhost:8080", "http://LocalHost:8080", "200");
        check(Method::POST, "127.0.0.1:8080", "http://brew.local", "200");
        check(Method::POST, "127.0.0.1:8080", "https://mash.example:8443", "200");
        for origin in ["http://localhost:3000", "http://127.0.0.1:8080", "http://evil.example", "null", "", "file://"] {
            check(Method::POST, "localhost:8080", origin, "origin");
            check(Method::DELETE, "localhost:8080", origin, "origin");
            check(Method::PUT, "localhost:8080", origin, "origin");
            check(Method::GET, "localhost:8080", origin, "200");
        }
    }

    #[test]
    fn beyond_loopback_a_change_takes_the_token() {
        let check = |listen: &str, method: Method, header: (&str, &str), expect: &str| {
            let headers = [("host", "localhost"), header];
            assert_eq!(outcome(&access(listen), method, &headers), expect, "{header:?} at {listen}");
        };
        let none = ("accept", "*/*");
        for listen in ["127.0.0.1:8080", "[::1]:8080", "127.1.2.3:8080", "[::ffff:127.0.0.1]:8080"] {
            check(listen, Method::POST, none, "200");
        }
        for listen in ["0.0.0.0:8080", "[::]:8080", "192.168.1.5:8080"] {
            check(listen, Method::GET, none, "200");
            check(listen, Method::POST, none, "token");
            check(listen, Method::DELETE, none, "token");
            check(listen, Method::POST, ("authorization", "Bearer secret"), "200");
            check(listen, Method::POST, ("authorization", "bearer secret"), "200");
            check(listen, Method::POST, ("authorization", "Basic secret"), "token");
            for wrong in ["Bearer ", "Bearer secre", "Bearer secret2", "Bearer Secret", "secret", ""] {
                check(listen, Method::POST, ("authorization", wrong), "token");
            }
            check(listen, Method::POST, ("cookie", "a=b; greenroom-token=secret"), "200");
            check(listen, Method::POST, ("cookie", "greenroom-token=other"), "token");
            check(listen, Method::POST, ("cookie", "x-greenroom-token=secret"), "token");
        }
        let unset = Access { token: None, ..access("0.0.0.0:8080") };
        let headers = [("host", "localhost"), ("authorization", "Bearer ")];
        assert_eq!(outcome(&unset, Method::POST, &headers), "token");
    }

    #[test]
    fn a_body_is_json() {
        let check = |headers: &[(&str, &str)], expect: &str| {
            let headers: Vec<_> = [("host", "localhost")].iter().chain(headers).copied().collect();
            assert_eq!(outcome(&access("127.0.0.1:8080"), Method::POST, &headers), expect, "{headers:?}");
        };
        check(&[], "200");
        check(&[("content-length", "0")], "200");
        check(&[("content-length", "0"), ("content-type", "text/plain")], "200");
        check(&[("content-length", "2"), ("content-type", "application/json")], "200");
        check(&[("content-length", "2"), ("content-type", "Application/JSON; charset=utf-8")], "200");
        check(&[("content-length", "2"), ("content-type", "application/wasm")], "200");
        check(&[("content-length", "2")], "content-type");
        check(&[("content-length", "2"), ("content-type", "text/plain")], "content-type");
        check(&[("transfer-encoding", "chunked"), ("content-type", "application/jsonp")], "content-type");
        check(&[("content-length", "2"), ("content-type", "application/x-www-form-urlencoded")], "content-type");
        let put = [("host", "localhost"), ("content-length", "2"), ("content-type", "application/wasm")];
        assert_eq!(outcome(&access("127.0.0.1:8080"), Method::PUT, &put), "200");
    }

    #[test]
    fn the_token_is_not_shown() {
        assert!(!format!("{:?}", access("0.0.0.0:1")).contains("secret"));
    }
}
