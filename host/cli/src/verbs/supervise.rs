//! `greenroom supervise`: what a supervisor can be asked for.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::{Ink, Print, plain};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Have a supervisor list, count, start, stop, restart or forget its children.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The supervisor's name; the topmost one is `root`.
    supervisor: String,
    #[command(subcommand)]
    order: Order,
}

#[derive(Debug, clap::Subcommand)]
enum Order {
    /// List the children, in start order.
    List,
    /// Count the children.
    Count,
    /// Start a new child: of a dynamic supervisor after its template, of another with a behaviour and a name.
    Start(Start),
    /// Stop a child. Its spec stays, unless it is temporary or the supervisor is dynamic.
    Terminate(Child),
    /// Start a child that is stopped, or in quarantine.
    Restart(Child),
    /// Forget a child that is stopped.
    Delete(Child),
}

#[derive(Debug, clap::Args)]
struct Child {
    /// The child's name, or its address.
    child: String,
}

#[derive(Debug, clap::Args)]
struct Start {
    /// The child's name.
    #[arg(long)]
    name: Option<String>,
    /// What it runs: a [behavior.NAME] of the manifest. Not for a dynamic supervisor.
    #[arg(long)]
    behavior: Option<String>,
    /// When it is restarted: permanent, transient or temporary.
    #[arg(long)]
    restart: Option<String>,
    /// How it is stopped: brutal, infinity, or a time.
    #[arg(long)]
    shutdown: Option<String>,
    /// Its configuration over the behaviour's: a JSON object.
    #[arg(long, value_parser = object)]
    config: Option<Map<String, Value>>,
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("not a JSON object, as in '{{\"litres\": 17}}': {error}"))
}

#[derive(Deserialize)]
struct Answer {
    kind: String,
    body: Value,
}

/// Asks for it.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let path = format!("/api/actors/{}/ask", segment(&args.supervisor));
    let (kind, body) = order(&args.order);
    // A child may take its time to stop; the host says when it is over.
    let request = json!({ "kind": kind, "body": body, "timeout": "1h" }).to_string();
    let answer = client.post(&path, Some(&request), Some(std::time::Duration::from_secs(3600)))?;
    if print.json() {
        print.answer(answer.get())?;
        return Ok(Exit::Done);
    }
    let answer: Answer = serde_json::from_str(answer.get())
        .map_err(|error| Failure::new(Exit::Unexpected, format!("the host's answer cannot be read: {error}")))?;
    print.answer(&text(&answer, print))?;
    Ok(Exit::Done)
}

fn order(order: &Order) -> (&'static str, Value) {
    let child = |Child { child }: &Child| json!({ "child": child });
    match order {
        Order::List => ("which-children", json!({})),
        Order::Count => ("count-children", json!({})),
        Order::Terminate(which) => ("terminate-child", child(which)),
        Order::Restart(which) => ("restart-child", child(which)),
        Order::Delete(which) => ("delete-child", child(which)),
        Order::Start(Start { name, behavior, restart, shutdown, config }) => {
            let mut body = Map::new();
            let texts = [("name", name), ("behavior", behavior), ("restart", restart), ("shutdown", shutdown)];
            for (key, value) in texts {
                body.extend(value.clone().map(|value| (key.to_owned(), Value::String(value))));
            }
            body.extend(config.clone().map(|config| ("config".to_owned(), Value::Object(config))));
            ("start-child", Value::Object(body))
        }
    }
}

fn text(Answer { kind, body }: &Answer, print: &Print) -> String {
    let field = |value: &Value, key: &str| plain(value[key].as_str().unwrap_or_default());
    match kind.as_str() {
        "started" => format!("started {}", field(body, "address")),
        "ignored" => "its start found nothing to do".into(),
        "count" => format!(
            "{} specs, {} active, {} supervisors, {} workers",
            body["specs"], body["active"], body["supervisors"], body["workers"]
        ),
        "children" => {
            let children = body["children"].as_array().map_or(&[][..], Vec::as_slice);
            let width = children.iter().map(|child| field(child, "name").chars().count()).max().unwrap_or(0);
            let line = |child: &Value| {
                let state = field(child, "state");
                let ink = match state.as_str() {
                    "running" => Ink::Good,
                    "stopped" | "quarantined" => Ink::Bad,
                    _ => Ink::Warning,
                };
                let state = print.ink(ink, &format!("{state:11}"));
                let (kind, restart) = (field(child, "type"), field(child, "restart"));
                format!("{:width$}  {state}  {restart:9}  {kind:10}  {}", field(child, "name"), field(child, "address"))
            };
            match children {
                [] => "no children".into(),
                children => children.iter().map(line).collect::<Vec<_>>().join("\n"),
            }
        }
        kind => plain(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::print::{Colour, Format};
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    #[test]
    fn orders_become_messages() {
        let check = |line: &str, kind: &str, body: Value| {
            let words = std::iter::once("supervise").chain(line.split(' '));
            let Line { args } = Line::try_parse_from(words).unwrap();
            assert_eq!(order(&args.order), (kind, body), "{line}");
        };
        check("pool list", "which-children", json!({}));
        check("pool count", "count-children", json!({}));
        check("pool terminate a", "terminate-child", json!({ "child": "a" }));
        check("pool restart a", "restart-child", json!({ "child": "a" }));
        check("pool delete a", "delete-child", json!({ "child": "a" }));
        check("pool start", "start-child", json!({}));
        check(
            "pool start --name a --behavior b --restart transient --shutdown 2s --config {\"n\":1}",
            "start-child",
            json!({ "name": "a", "behavior": "b", "restart": "transient", "shutdown": "2s", "config": { "n": 1 } }),
        );
    }

    #[test]
    fn answers_are_read_easily() {
        let check = |kind: &str, body: Value, expect: &str| {
            let answer = Answer { kind: kind.into(), body };
            assert_eq!(text(&answer, &Print::new(Format::Text, Colour::Never)), expect);
        };
        check("done", json!({}), "done");
        check("started", json!({ "address": "0-1" }), "started 0-1");
        check(
            "count",
            json!({ "specs": 2, "active": 1, "supervisors": 0, "workers": 2 }),
            "2 specs, 1 active, 0 supervisors, 2 workers",
        );
        check("children", json!({ "children": [] }), "no children");
        let child = |name: &str, state: &str| json!({ "name": name, "state": state, "restart": "permanent", "type": "worker", "address": "0-1" });
        check(
            "children",
            json!({ "children": [child("a", "running"), child("mash", "quarantined")] }),
            "a     running      permanent  worker      0-1\nmash  quarantined  permanent  worker      0-1",
        );
    }
}
