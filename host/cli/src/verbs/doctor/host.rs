//! What the host needs of its surroundings: an address to listen on, a folder to write into.

use super::{Finding, State};
use crate::data;
use crate::exit::Failure;
use crate::verbs::run::bind;
use greenroom_manifest::Plan;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

/// The manifest's own default.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

pub(super) fn port(plan: Option<&Plan>) -> Finding {
    let address = plan.map_or(LISTEN, |plan| plan.host.listen);
    match bind(address) {
        Ok(_) => Finding::new("port", State::Ok, format!("{address} is free")),
        Err(Failure { detail, .. }) => match detail.split_once("; ") {
            Some((diagnosis, treatment)) => Finding::new("port", State::Problem, diagnosis).treat(treatment),
            None => Finding::new("port", State::Problem, detail),
        },
    }
}

pub(super) fn data(plan: Option<&Plan>) -> Finding {
    match plan.map_or_else(greenroom_build::cache, |plan| data::folder(&plan.host)) {
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
    use std::net::TcpListener;

    #[test]
    fn a_port_that_is_taken_is_found_out() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = taken.local_addr().unwrap();
        let text = format!("[host]\nlisten = \"{listen}\"\n");
        let plan = greenroom_manifest::parse(&text, Path::new("greenroom.toml"), None).unwrap();
        let finding = port(Some(&plan));
        assert_eq!(finding.state, State::Problem);
        assert!(finding.diagnosis.contains(&format!("{listen} is in use")), "{finding:?}");
        assert!(finding.treatment.is_some_and(|text| text.contains("--listen")));
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
