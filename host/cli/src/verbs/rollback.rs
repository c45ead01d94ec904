//! `greenroom rollback`: an actor's component from before takes over again.

use super::reload;
use crate::client::{Client, segment};
use crate::exit::{Exit, Failure};
use crate::print::Print;
use serde_json::json;

/// Go back to a version of an actor's component from before.
///
/// While new code is watched, that is what ran before it, with the state as it was at the swap. Later it is the last version
/// that passed its watch, which takes the state over if it can, as in every swap.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The actor: its name, or its address.
    actor: String,
    /// The version: the first digits of its SHA-256, four or more, as `greenroom versions` lists them.
    #[arg(value_parser = digits)]
    digits: Option<String>,
}

/// Goes back. When that cannot be, the code that runs runs on, and the failure says why.
pub(crate) fn run(args: &Args, client: &Client, print: &Print) -> Result<Exit, Failure> {
    let path = format!("/api/actors/{}/rollback", segment(&args.actor));
    let body = args.digits.as_ref().map(|digits| json!({ "to": digits }).to_string());
    let answer = client.post(&path, body.as_deref(), None)?;
    reload::show(&args.actor, "went back", &answer, print)
}

fn digits(text: &str) -> Result<String, String> {
    match (4..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(text.to_owned()),
        false => Err("write 4 to 64 hexadecimal digits".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_by_its_digits() {
        let check = |text: &str, expect: bool| assert_eq!(digits(text).is_ok(), expect, "{text}");
        check("81cc", true);
        check(&"aF09".repeat(16), true);
        check("81c", false);
        check("", false);
        check("81cg", false);
        check(&"0".repeat(65), false);
    }
}
