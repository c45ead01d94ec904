//! The kernel, its headers, two of its sources, and the emulator: from Debian's packages, unpacked and never installed.
//!
//! Installing an emulator can remove another version's tools from the machine, and a test must not.

use super::unusable;
use crate::apt;
use crate::call::{Failure, root, run, which};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Depends on the newest build of the kernel that the drill boots.
const KERNEL: &str = "linux-image-6.12-amd64";
/// Its source, and what is taken from that: Debian builds neither file.
const SOURCE: &str = "linux-source-6.12";
const FILES: [&str; 2] = ["drivers/gpio/gpio-sim.c", "kernel/irq/irq_sim.c"];
const EMULATOR: &str = "qemu-system-x86";

/// Where a kernel and all that goes with it are.
pub(super) struct Kernel {
    /// As in `6.12.117+deb12-amd64`.
    pub(super) release: String,
    /// Holds all the rest.
    pub(super) folder: PathBuf,
}

impl Kernel {
    /// The packages' files, as from `/`.
    pub(super) fn unpacked(&self) -> PathBuf {
        self.folder.join("unpacked")
    }

    /// The two sources.
    pub(super) fn sources(&self) -> impl Iterator<Item = PathBuf> + '_ {
        FILES.iter().map(|file| self.folder.join("source").join(file))
    }

    /// The program that emulates a machine, and the folders of its libraries, if it is not the machine's own.
    pub(super) fn emulator(&self) -> (PathBuf, Vec<PathBuf>) {
        let unpacked = self.unpacked();
        let program = unpacked.join("usr/bin/qemu-system-x86_64");
        match program.exists() {
            true => (program, ["usr/lib", "lib"].map(|lib| unpacked.join(lib).join("x86_64-linux-gnu")).into()),
            false => ("qemu-system-x86_64".into(), Vec::new()),
        }
    }
}

/// Finds what was fetched before, or fetches it: about 300 MB.
pub(super) fn fetch() -> Result<Kernel, Failure> {
    for program in ["apt-get", "dpkg-deb", "tar"] {
        which(program)
            .ok_or_else(|| Failure::new(format!("there is no {program}: the drill takes Debian's packages")))?;
    }
    let release = release()?;
    let folder = root().join("target/kernel").join(&release);
    let kernel = Kernel { release, folder };
    if kernel.folder.join("unpacked").exists() {
        return Ok(kernel);
    }
    println!("fetching the kernel {} and an emulator: about 300 MB, once", kernel.release);
    // Beside its place until it is whole.
    let part = kernel.folder.with_file_name(format!("{}.part", kernel.release));
    let _ = fs::remove_dir_all(&part);
    let (packages, unpacked) = (part.join("packages"), part.join("unpacked"));
    for folder in [&packages, &unpacked, &part.join("source")] {
        fs::create_dir_all(folder).map_err(unusable(folder))?;
    }
    let names = names(&kernel.release)?;
    apt::download(&names.iter().map(String::as_str).collect::<Vec<_>>(), &packages)?;
    for package in fs::read_dir(&packages).map_err(unusable(&packages))?.flatten() {
        run(Command::new("dpkg-deb").arg("--extract").arg(package.path()).arg(&unpacked))?;
    }
    let archive = unpacked.join(format!("usr/src/{SOURCE}.tar.xz"));
    sources(&archive, &part.join("source"))?;
    // The archives are half of the size.
    fs::remove_file(&archive).map_err(unusable(&archive))?;
    fs::remove_dir_all(&packages).map_err(unusable(&packages))?;
    fs::rename(&part, &kernel.folder).map_err(unusable(&kernel.folder))?;
    Ok(kernel)
}

/// The newest release that this machine's lists of packages know.
fn release() -> Result<String, Failure> {
    let ask = || said(Command::new("apt-cache").args(["depends", "--important", KERNEL])).as_deref().and_then(newest);
    if let Some(release) = ask() {
        return Ok(release);
    }
    apt::update()?;
    ask().ok_or_else(|| Failure::new(format!("this machine knows no package {KERNEL}: the drill takes Debian 12's")))
}

/// The release in what `apt-cache depends` says.
fn newest(said: &str) -> Option<String> {
    let depends = said.lines().find_map(|line| line.trim().strip_prefix("Depends: linux-image-"))?;
    Some(depends.trim().to_owned())
}

/// The packages: their versions have to match exactly, so all go by the release.
fn names(release: &str) -> Result<Vec<String>, Failure> {
    let base = release.strip_suffix("-amd64").unwrap_or(release);
    let mut names = vec![
        format!("linux-image-{release}"),
        format!("linux-headers-{release}"),
        format!("linux-headers-{base}-common"),
        format!("linux-kbuild-{base}"),
        SOURCE.to_owned(),
        "busybox-static".to_owned(),
    ];
    if which("qemu-system-x86_64").is_none() {
        // With all that it needs and this machine does not have. Only pretends to install.
        let mut pretend = Command::new("apt-get");
        pretend.args(["--simulate", "--no-install-recommends", "install", EMULATOR]);
        let said = said(&mut pretend).ok_or_else(|| Failure::new(format!("apt-get knows no way to {EMULATOR}")))?;
        names.extend(installed(&said).map(str::to_owned));
    }
    Ok(names)
}

/// The packages in what `apt-get --simulate` says that it would install.
fn installed(said: &str) -> impl Iterator<Item = &str> {
    said.lines().filter_map(|line| line.strip_prefix("Inst ")?.split_whitespace().next())
}

/// Takes the two files out of the archive.
fn sources(archive: &Path, to: &Path) -> Result<(), Failure> {
    let mut tar = Command::new("tar");
    tar.arg("--directory").arg(to).args(["--extract", "--xz", "--strip-components=1", "--occurrence=1", "--file"]);
    run(tar.arg(archive).args(FILES.map(|file| format!("{SOURCE}/{file}"))))
}

/// What a program prints, if it ends well.
fn said(command: &mut Command) -> Option<String> {
    let output = command.env("LC_ALL", "C").output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_that_of_the_image() {
        let said = "linux-image-6.12-amd64\n  Depends: linux-image-6.12.117+deb12-amd64\n";
        assert_eq!(newest(said).as_deref(), Some("6.12.117+deb12-amd64"));
        assert_eq!(newest(""), None);
    }

    #[test]
    fn what_would_be_installed_is_found() {
        let said = "NOTE: This is only a simulation!\nRemv qemu-utils [1:10.0.2]\nInst seabios (1.16.2-1 Debian:12 [all])\n\
                    Inst qemu-system-x86 (1:7.2 Debian:12 [amd64])\nConf seabios (1.16.2-1 Debian:12 [all])\n";
        assert_eq!(installed(said).collect::<Vec<_>>(), ["seabios", "qemu-system-x86"]);
    }
}
