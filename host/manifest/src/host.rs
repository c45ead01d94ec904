//! `[host]`.

use crate::fault::{Code, Fault};
use crate::names::{Names, Role};
use crate::plan::Host;
use crate::table::Table;
use crate::tree::{Item, Span, Value};
use greenroom_core::Name;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

pub(crate) const HOST: &[&str] = &[
    "name",
    "listen",
    "data-dir",
    "topics",
    "workers",
    "actors",
    "allow-hosts",
    "watch-time",
    "watch-turns",
    "write-every",
];

/// Reads `[host]`, or gives its defaults.
pub(crate) fn host(root: &Value, table: Option<&Table<'_>>, names: &Names<'_>, dir: &Path) -> Host {
    let usual = Host {
        name: "greenroom".into(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        data_dir: None,
        topics: None,
        workers: None,
        actors: None,
        allow_hosts: Vec::new(),
        watch_time: Duration::from_secs(10),
        watch_turns: 100,
        write_every: Duration::from_secs(5),
    };
    let Some(table) = table else { return usual };
    Host {
        name: name(table).unwrap_or(usual.name),
        listen: listen(table).unwrap_or(usual.listen),
        data_dir: table.text("data-dir").map(|(text, _)| dir.join(text)),
        topics: registry(root, table, names),
        workers: table.whole("workers", 1..=256_u32).map(|workers| workers as usize),
        actors: table.whole("actors", 1..=10_000_000_u32).map(|actors| actors as usize),
        allow_hosts: table
            .texts("allow-hosts")
            .into_iter()
            .filter_map(|(text, span)| allowed(table, text, span))
            .collect(),
        watch_time: table.time("watch-time", Duration::ZERO..=HOUR).unwrap_or(usual.watch_time),
        watch_turns: table.whole("watch-turns", 1..=1_000_000_u32).unwrap_or(usual.watch_turns),
        write_every: table.time("write-every", Duration::from_millis(100)..=HOUR).unwrap_or(usual.write_every),
    }
}

fn name(table: &Table<'_>) -> Option<String> {
    let (text, span) = table.text("name")?;
    if (1..=64).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Some(text.into());
    }
    table.sink().add(
        Fault::new(Code::BadName, "`name` is no name of a host")
            .at(span, "empty, longer than 64 characters, or with control characters")
            .help("write a short name, as in \"brewhouse\""),
    );
    None
}

fn listen(table: &Table<'_>) -> Option<SocketAddr> {
    let (text, span) = table.text("listen")?;
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let fault = Fault::new(Code::BadAddress, format!("\"{}\" is no address to listen on", text.escape_debug()))
        .at(span, "not IP:PORT");
    let port = text.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok()).or_else(|| text.parse().ok());
    table.sink().add(match port {
        Some(port) => fault.help(format!(
            "write an IP address and a port: \"127.0.0.1:{port}\" for this machine alone, \"0.0.0.0:{port}\" for the network"
        )),
        None => fault.help("write an IP address and a port from 0 to 65535, as in \"127.0.0.1:8080\""),
    });
    None
}

/// The topic registry: an actor that may set routes.
fn registry(root: &Value, table: &Table<'_>, names: &Names<'_>) -> Option<Name> {
    let sink = table.sink();
    let (text, span) = table.text("topics")?;
    let Some(being) = names.being(text) else {
        let fault = Fault::new(Code::UnknownActor, "the topic registry is an actor that does not exist")
            .at(span, format!("no [actor.{text}]"));
        sink.add(fault.help(names.hint(text, &[Role::Actor], sink)));
        return None;
    };
    if !names.has(text, Role::Actor) {
        sink.add(
            Fault::new(Code::NotAnActor, "the topic registry is no actor")
                .at(span, format!("`{text}` is {}", being.role.is()))
                .help("name an actor"),
        );
        return None;
    }
    let grants = root.get("actor").and_then(|actors| actors.get(text)).and_then(|actor| actor.get("grant"));
    let may = match grants.map(|grants| &grants.item) {
        Some(Item::List(grants)) => grants.iter().any(|grant| grant.text() == Some("routes")),
        _ => false,
    };
    if !may {
        let place = grants.map_or_else(|| being.at.clone(), |grants| grants.span.clone());
        sink.add(
            Fault::new(Code::RegistryGrant, format!("`{text}` is the topic registry and may not set routes"))
                .at(place, "no \"routes\" here")
                .at(span, "the topic registry")
                .help(format!("add \"routes\" to the grant of [actor.{text}]")),
        );
    }
    text.parse().ok()
}

/// A name that browsers may use, with a port or for any, in lower case.
fn allowed(table: &Table<'_>, text: &str, span: Span) -> Option<String> {
    let (host, port) = match text.rsplit_once(':') {
        // The colons of a bare IPv6 address are its own.
        Some((host, port)) if !text.ends_with(']') => (host, port),
        _ => (text, "1"),
    };
    let name = !host.is_empty()
        && host.len() <= 253
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    let six = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let six = six.is_some_and(|six| six.parse::<std::net::Ipv6Addr>().is_ok());
    if (name || six) && port.parse::<std::num::NonZeroU16>().is_ok_and(|number| number.to_string() == port) {
        return Some(text.to_ascii_lowercase());
    }
    table.sink().add(
        Fault::new(Code::BadName, format!("\"{}\" is no name of a host", text.escape_debug()))
            .at(span, "not a host name or an IP address")
            .help("write \"brewhouse.local\" for any port, or \"brewhouse.local:8080\"; no scheme, no wildcard"),
    );
    None
}
