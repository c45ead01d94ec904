//! What the host needs of its surroundings: an address to listen on, a folder to write into.

use super::{Finding, State};
use greenroom_manifest::Plan;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// The manifest's own default.
const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

pub(super) fn port(plan: Option<&Plan>) -> Finding {
    let address = plan.map_or(LISTEN, |plan| plan.host.listen);
    listening(address, TcpListener::bind(address).map(drop))
}

fn listening(address: SocketAddr, bound: io::Result<()>) -> Finding {
    let problem = |text: &str| Finding::new("port", State::Problem, format!("{address} {text}"));
    let another = "give another: `greenroom run --listen 127.0.0.1:0`, or `listen` under [host]";
    match bound {
        Ok(()) => Finding::new("port", State::Ok, format!("{address} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            problem("is in use, perhaps by a host that runs already").treat(format!("stop that one, or {another}"))
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            problem("may be listened on by root alone, as every port below 1024").treat(another)
        }
        Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {
            problem("is no address of this machine").treat(another)
        }
        Err(error) => problem(&format!("cannot be listened on: {error}")).treat(another),
    }
}

pub(super) fn data(plan: Option<&Plan>) -> Finding {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = || Some(set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?.join("greenroom"));
    match plan.and_then(|plan| plan.host.data_dir.clone()).or_else(cache) {
        Some(folder) => writable(&folder),
        None => Finding::new("data", State::Problem, "no HOME is set, so there is no cache to write into")
            .treat("set `data-dir` under [host]"),
    }
}

fn writable(folder: &Path) -> Finding {
    let shown = folder.display();
    let tried = std::fs::create_dir_all(folder).and_then(|()| {
        let file = folder.join(format!(".doctor.{}", std::process::id()));
        // A byte, since an empty file fits on a full disk.
        let written = std::fs::write(&file, b"\n");
        let _ = std::fs::remove_file(&file);
        written
    });
    match tried {
        Ok(()) => Finding::new("data", State::Ok, format!("{shown} can be written")),
        Err(error) => Finding::new("data", State::Problem, format!("{shown} cannot be written: {error}"))
            .treat("change its owner, make room, or set `data-dir` under [host]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_a_port_fails_is_told_apart() {
        let check = |bound: Result<(), io::ErrorKind>, state: State, text: &str| {
            let finding = listening(LISTEN, bound.map_err(io::Error::from));
            assert_eq!(finding.state, state);
            assert!(finding.diagnosis.contains(text), "{}", finding.diagnosis);
            assert_eq!(finding.treatment.is_some(), state == State::Problem);
        };
        check(Ok(()), State::Ok, "127.0.0.1:8080 is free");
        check(Err(io::ErrorKind::AddrInUse), State::Problem, "in use");
        check(Err(io::ErrorKind::PermissionDenied), State::Problem, "root");
        check(Err(io::ErrorKind::AddrNotAvailable), State::Problem, "no address of this machine");
        check(Err(io::ErrorKind::OutOfMemory), State::Problem, "cannot be listened on");
    }

    #[test]
    fn a_port_that_is_taken_is_found_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let again = TcpListener::bind(address).map(drop);
        assert!(listening(address, again).diagnosis.contains("in use"));
    }

    #[test]
    fn a_folder_is_made_and_tried_and_left_clean() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("deep/data");
        assert_eq!(writable(&data).state, State::Ok);
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);

        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(writable(&file).state, State::Problem);
    }
}
