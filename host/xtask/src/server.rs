//! A host that runs while something is tested against it.

use crate::call::{Failure, shown};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How long a start may take: the actors may have to be compiled.
const START: Duration = Duration::from_secs(600);
/// How long an end may take before it is forced.
const END: Duration = Duration::from_secs(10);

/// A running host. It is ended when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens, as `http://127.0.0.1:40123`.
    pub(crate) url: String,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Server, Failure> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| Failure::new(format!("cannot run `{}`: {error}", shown(command))))?;
        let (sender, lines) = channel();
        read(child.stdout.take(), sender.clone());
        read(child.stderr.take(), sender);
        let mut server = Server { child, url: String::new() };
        server.url = address(&lines).ok_or_else(|| Failure::new(format!("`{}` did not start", shown(command))))?;
        // It must not wait for somebody to read what it says from here on.
        thread::spawn(move || lines.iter().for_each(drop));
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // By the signal that a service manager sends: the host ends in order.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let forced = Instant::now() + END;
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > forced {
                println!("the host did not end within {} s of the signal; killed", END.as_secs());
                let _ = self.child.kill();
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn read(stream: Option<impl Read + Send + 'static>, lines: Sender<String>) {
    thread::spawn(move || {
        let read = stream.into_iter().flat_map(|stream| BufReader::new(stream).lines()).map_while(Result::ok);
        for line in read {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// Shows lines until one has the address in it.
fn address(lines: &Receiver<String>) -> Option<String> {
    let late = Instant::now() + START;
    loop {
        match lines.recv_timeout(late.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                println!("  {line}");
                if let Some(url) = url(&line) {
                    return Some(url);
                }
            }
            Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => return None,
        }
    }
}

/// The address in a line.
fn url(line: &str) -> Option<String> {
    let line = crate::tally::plain(line);
    let at = line.find("http://")?;
    let url = line[at..].split_whitespace().next()?;
    Some(url.trim_end_matches(['/', '.', ',', ';']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_what_a_host_says() {
        let check = |line: &str, expect: Option<&str>| assert_eq!(url(line).as_deref(), expect, "{line}");
        check("  page      http://127.0.0.1:8080/        stream …", Some("http://127.0.0.1:8080"));
        check("listening on \u{1b}[1mhttp://[::1]:40123\u{1b}[0m.", Some("http://[::1]:40123"));
        check("   Compiling http v1.4.2", None);
    }

    #[test]
    fn a_program_that_ends_without_an_address_did_not_start() {
        let failure = Server::start(Command::new("echo").arg("no address here")).err();
        assert_eq!(failure.map(|failure| failure.to_string()).as_deref(), Some("`echo no address here` did not start"));
    }
}
