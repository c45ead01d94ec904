//! The simulated chips and the simulated bus, built for the kernel: Debian's kernel has neither.

use super::debian::Kernel;
use super::{copy, sources, unusable};
use crate::apt;
use crate::call::{Failure, run, which};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What takes part in a build of Debian 12's kernel modules, and the packages that have it.
const TOOLS: [(&str, &str); 4] =
    [("make", "make"), ("gcc-12", "gcc-12"), ("x86_64-linux-gnu-objcopy", "binutils"), ("xz", "xz-utils")];
/// Modules of the kernel's own packages.
const KERNELS: [&str; 3] = ["fs/configfs/configfs", "drivers/w1/wire", "drivers/w1/slaves/w1_therm"];
/// Those that are built here.
const OURS: [&str; 2] = ["gpio-simx", "w1_ds18b20_sim"];

/// All that the drill loads, in one folder. What is built already is not built again.
pub(super) fn build(kernel: &Kernel) -> Result<PathBuf, Failure> {
    let missing = TOOLS.iter().filter(|(program, _)| which(program).is_none());
    let packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if !packages.is_empty() {
        apt::install(&packages, "what builds kernel modules")?;
    }
    let (build, modules) = (kernel.folder.join("build"), kernel.folder.join("modules"));
    for folder in [&build, &modules] {
        fs::create_dir_all(folder).map_err(unusable(folder))?;
    }
    for file in kernel.sources() {
        let text = fs::read_to_string(&file).map_err(unusable(&file))?;
        // The kernel does not export `irq_to_desc`.
        let text = text.replace("irq_to_desc(irqnum)", "irq_data_to_desc(irq_get_irq_data(irqnum))");
        write(&build.join(file.file_name().unwrap_or_default()), &text)?;
    }
    for file in ["Kbuild", "w1_ds18b20_sim.c"] {
        let from = sources().join(file);
        write(&build.join(file), &fs::read_to_string(&from).map_err(unusable(&from))?)?;
    }
    make(kernel, &build)?;
    for module in OURS {
        let mut strip = Command::new("x86_64-linux-gnu-objcopy");
        let (from, to) = (build.join(module).with_extension("ko"), modules.join(module).with_extension("ko"));
        run(strip.arg("--strip-debug").arg(from).arg(to))?;
    }
    for module in KERNELS {
        let path = kernel.unpacked().join("lib/modules").join(&kernel.release).join("kernel").join(module);
        let name = path.file_name().unwrap_or_default().to_owned();
        let packed = modules.join(&name).with_extension("ko.xz");
        copy(&path.with_extension("ko.xz"), &packed)?;
        run(Command::new("xz").args(["--decompress", "--force"]).arg(&packed))?;
    }
    Ok(modules)
}

/// Calls the kernel's own makefiles, which believe to be in `/usr/src`.
fn make(kernel: &Kernel, build: &Path) -> Result<(), Failure> {
    let headers = kernel.unpacked().join("usr/src").join(format!("linux-headers-{}", kernel.release));
    let base = kernel.release.strip_suffix("-amd64").unwrap_or(&kernel.release);
    let common = headers.with_file_name(format!("linux-headers-{base}-common"));
    write(&headers.join("Makefile"), &format!("include {}/Makefile\n", common.display()))?;
    let mut make = Command::new("make");
    make.arg("-C").arg(&headers).arg(format!("M={}", build.display()));
    // Type information for debuggers would take a further program.
    run(make.args(["-s", "CONFIG_DEBUG_INFO_BTF_MODULES=", "modules"]).stdout(Stdio::null()))
}

/// Writes a file that is not there as it should be: make goes by times.
fn write(path: &Path, text: &str) -> Result<(), Failure> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::write(path, text).map_err(unusable(path))
}
