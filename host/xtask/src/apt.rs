//! Debian's packages: installs them where this user may, and otherwise says the command. Downloads them anywhere.

use crate::call::{Failure, run, which};
use std::path::Path;
use std::process::{Command, Stdio};

/// Another apt on the machine can hold the lock, or clear the archive cache away between download and unpacking.
const TRIES: usize = 3;
const OPTIONS: [&str; 4] = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];

/// Installs packages. `why` is what they are for, as in "the compiler for actors".
pub(crate) fn install(packages: &[&str], why: &str) -> Result<(), Failure> {
    let list = packages.join(" ");
    let by_hand = format!("{why} is missing; run: sudo apt-get install --no-install-recommends {list}");
    if which("apt-get").is_none() {
        return Err(Failure::new(format!(
            "{why} is missing, and this is no Debian; install what is called there: {list}"
        )));
    }
    let Some(prefix) = privileged() else { return Err(Failure::new(by_hand)) };
    println!("installing {list} ({why})");
    let install = [&["install", "-y", "-qq", "--no-install-recommends"], packages].concat();
    let mut last = Failure::new(by_hand);
    for _ in 0..TRIES {
        match apt(&prefix, &["update", "-qq"]).and_then(|()| apt(&prefix, &install)) {
            Ok(()) => return Ok(()),
            Err(failure) => last = failure,
        }
    }
    Err(last)
}

/// Renews the lists of packages.
pub(crate) fn update() -> Result<(), Failure> {
    let by_hand = "the lists of packages are old or missing; run: sudo apt-get update";
    apt(&privileged().ok_or_else(|| Failure::new(by_hand))?, &["update", "-qq"])
}

/// Downloads packages into a folder, without installing them: nobody's rights are needed.
pub(crate) fn download(packages: &[&str], folder: &Path) -> Result<(), Failure> {
    let fetch = || {
        let mut command = Command::new("apt-get");
        // Root would download as another user, who need not have a right to this folder.
        command.args(OPTIONS).args(["-o", "APT::Sandbox::User=root", "download", "-qq"]).args(packages);
        run(command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()))
    };
    // Lists that are old name versions that the archive has no more.
    fetch().or_else(|_| update().and_then(|()| fetch()))
}

/// Runs `apt-get` after the words of [`privileged`].
fn apt(prefix: &[&str], words: &[&str]) -> Result<(), Failure> {
    let words = prefix.iter().copied().chain(["apt-get"]).chain(OPTIONS).chain(words.iter().copied());
    let words: Vec<&str> = words.collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    run(command.stdout(Stdio::null()))
}

/// The words before a command that needs root: none as root, `sudo -n` where it asks no password; otherwise `None`.
fn privileged() -> Option<Vec<&'static str>> {
    let answers = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    match answers("id", &["-u"]).as_deref() {
        // `env` so that there is always a word to start.
        Some("0") => Some(vec!["env"]),
        _ => answers("sudo", &["-n", "true"]).map(|_| vec!["sudo", "-n", "--preserve-env=DEBIAN_FRONTEND"]),
    }
}
