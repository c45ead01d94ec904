//! The kettle in a real browser: `cargo kettle` as a user starts it, and the page's own tests against it.

use crate::call::{Failure, cargo, count, root, run};
use crate::server::Server;
use crate::tally::Tally;
use std::process::Command;

/// Installs what the tests need from npm, starts the kettle, and runs them.
pub(crate) fn test() -> Result<Tally, Failure> {
    let folder = root().join("host/server/browser");
    let npm = |words: &[&str]| {
        let mut npm = Command::new("npm");
        npm.current_dir(&folder).args(words);
        npm
    };
    run(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    let kettle = Server::start(cargo().args(["kettle", "--listen", "127.0.0.1:0"]))?;
    count(npm(&["test"]).env("GREENROOM_URL", &kettle.url))
}
