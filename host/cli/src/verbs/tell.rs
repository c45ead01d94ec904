//! `greenroom tell`: sends a message to an actor.

use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::Print;
use greenroom_core::Kind;
use serde_json::json;
use serde_json::value::RawValue;
use std::io::Read;

/// Send a message to an actor.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    message: Message,
}

/// A message for an actor, on the command line.
#[derive(Debug, clap::Args)]
pub(crate) struct Message {
    /// The actor: its name, or its address.
    pub(crate) actor: String,
    /// What kind of message, as in `set`.
    kind: Kind,
    /// Its body: JSON, @FILE, or - for stdin. [default: no body]
    body: Option<String>,
}

/// Sends it. That it was sent means that it is in the actor's mailbox.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let path = format!("/api/actors/{}/messages", segment(&args.message.actor));
    client.post(&path, Some(&args.message.request(None)?), None)?;
    if print.json() {
        print.answer("{}")?;
    }
    Ok(Exit::Done)
}

impl Message {
    /// The request's body.
    pub(crate) fn request(&self, timeout: Option<String>) -> Result<String, Failure> {
        let body = self.body()?;
        let mut request = json!({ "kind": self.kind.as_str() });
        if let Some(timeout) = timeout {
            request["timeout"] = timeout.into();
        }
        let mut text = request.to_string();
        // As it was written: numbers keep their digits, objects their order.
        if let Some(body) = body {
            text.pop();
            text.push_str(&format!(",\"body\":{}}}", body.get()));
        }
        Ok(text)
    }

    fn body(&self) -> Result<Option<Box<RawValue>>, Failure> {
        let usage = |why: String| Failure::new(Exit::Usage, why);
        let (text, from) = match self.body.as_deref() {
            None => return Ok(None),
            Some("-") => {
                let mut text = String::new();
                let read = std::io::stdin().lock().read_to_string(&mut text);
                read.map_err(|error| usage(format!("the body cannot be read from stdin: {error}")))?;
                (text, "stdin".to_owned())
            }
            Some(text) => match text.strip_prefix('@') {
                Some(file) => {
                    let read = std::fs::read_to_string(file);
                    (
                        read.map_err(|error| usage(format!("the body cannot be read from {file}: {error}")))?,
                        file.to_owned(),
                    )
                }
                None => (text.to_owned(), "the command line".to_owned()),
            },
        };
        let body = serde_json::from_str::<Box<RawValue>>(text.trim());
        body.map(Some).map_err(|error| {
            usage(format!(
                "the body from {from} is not JSON: {error}; a text is written '\"so\"', an object '{{\"set\":66}}'"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: Option<&str>) -> Message {
        Message { actor: "a".into(), kind: "set".parse().unwrap(), body: body.map(str::to_owned) }
    }

    #[test]
    fn bodies_go_as_they_were_written() {
        let check = |body: Option<&str>, expect: &str| assert_eq!(message(body).request(None).unwrap(), expect);
        check(None, r#"{"kind":"set"}"#);
        check(Some(r#"{"b": 66.000, "a": 1e400}"#), r#"{"kind":"set","body":{"b": 66.000, "a": 1e400}}"#);
        check(Some(" null\n"), r#"{"kind":"set","body":null}"#);
        check(Some("\"@x\""), r#"{"kind":"set","body":"@x"}"#);
        assert_eq!(message(None).request(Some("5ms".into())).unwrap(), r#"{"kind":"set","timeout":"5ms"}"#);
    }

    #[test]
    fn bodies_come_from_files() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("body.json");
        std::fs::write(&file, "[1,\n2]\n").unwrap();
        let at = |path: &std::path::Path| message(Some(&format!("@{}", path.display()))).request(None);
        assert_eq!(at(&file).unwrap(), "{\"kind\":\"set\",\"body\":[1,\n2]}");
        let failure = at(&folder.path().join("none")).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.detail.contains("none"), "{}", failure.detail);
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for body in ["on", "{", "", "1 2", "{'a':1}"] {
            let failure = message(Some(body)).request(None).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage, "{body}");
            assert!(failure.detail.contains("not JSON"), "{}", failure.detail);
        }
    }
}
