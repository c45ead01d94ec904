//! The emulated machine's files: a shell, the modules, the program with its libraries, and the drill.

use super::debian::Kernel;
use super::{copy, sources, unusable};
use crate::call::{Failure, root, run};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The actors of the drill's manifest.
const GUESTS: [&str; 1] = ["heater.wasm"];

/// Packs them. The archive is not compressed: the emulated machine would take longer to unpack it than to read it.
pub(super) fn pack(kernel: &Kernel, modules: &Path, program: &Path) -> Result<PathBuf, Failure> {
    let (files, image) = (kernel.folder.join("files"), kernel.folder.join("image"));
    let _ = fs::remove_dir_all(&files);
    // Mount points among them. Device files are the kernel's own business.
    for folder in ["bin", "dev", "drill", "proc", "sys", "tmp"] {
        fs::create_dir_all(files.join(folder)).map_err(unusable(&files))?;
    }
    let busybox = kernel.unpacked().join("bin/busybox");
    copy(&busybox, &files.join("bin/busybox"))?;
    symlink("busybox", files.join("bin/sh")).map_err(unusable(&files))?;
    all(modules, &files.join("modules"))?;
    all(&sources(), &files.join("drill"))?;
    let init = files.join("init");
    fs::rename(files.join("drill/init"), &init).map_err(unusable(&init))?;
    fs::set_permissions(&init, fs::Permissions::from_mode(0o755)).map_err(unusable(&init))?;
    for guest in GUESTS {
        copy(&root().join("target/guests").join(guest), &files.join("drill").join(guest))?;
    }
    // What debuggers read is more than half of it.
    let mut strip = Command::new("x86_64-linux-gnu-objcopy");
    run(strip.arg("--strip-debug").arg(program).arg(files.join("bin/greenroom")))?;
    for library in libraries(program)? {
        let place = files.join(library.strip_prefix("/").unwrap_or(&library));
        fs::create_dir_all(place.parent().unwrap_or(&files)).map_err(unusable(&place))?;
        copy(&library, &place)?;
    }
    let mut pack = Command::new("sh");
    pack.args(["-ec", "\"$0\" find . | \"$0\" cpio -o -H newc >\"$1\" 2>/dev/null"]).arg(&busybox).arg(&image);
    run(pack.current_dir(&files))?;
    Ok(image)
}

/// Copies the files of a folder.
fn all(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(unusable(to))?;
    for entry in fs::read_dir(from).map_err(unusable(from))?.flatten() {
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// The libraries that a program is loaded with.
fn libraries(program: &Path) -> Result<Vec<PathBuf>, Failure> {
    let output = Command::new("ldd").arg(program).output().map_err(unusable(Path::new("ldd")))?;
    Ok(loaded(&String::from_utf8_lossy(&output.stdout)))
}

/// Those in what `ldd` says.
fn loaded(said: &str) -> Vec<PathBuf> {
    let words = said.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/')));
    words.map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_what_has_a_path() {
        let said = "\tlinux-vdso.so.1 (0x00007ff)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007ff)\n\
                    \t/lib64/ld-linux-x86-64.so.2 (0x00007ff)\n";
        let expect = ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"];
        assert_eq!(loaded(said), expect.map(PathBuf::from));
    }
}
