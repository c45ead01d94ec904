//! The kernel and its devices. Paths are below `root`, which is `/` outside tests.

use super::{Finding, State};
use greenroom_manifest::{DeviceKind, Input, Output, Plan};
use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Memory mappings that a live actor of the memory class `fast` needs, measured with wasmtime 48's pooled instances. One
/// of the class `dense` needs none, but what the manifest names is fast unless it says otherwise.
const MAPPINGS_AN_ACTOR: usize = 4;
/// Mappings of the host itself: its libraries, threads and compiled code. Generous.
const MAPPINGS_OF_THE_HOST: usize = 1000;

/// Whether the GPIO character devices are there and may be opened.
pub(super) fn gpio(root: &Path, plan: Option<&Plan>) -> Finding {
    let mut chips: Vec<PathBuf> = entries(&root.join("dev"), "gpiochip");
    chips.sort();
    let open = |chip: &PathBuf| OpenOptions::new().read(true).write(true).open(chip).map(drop);
    let Some((chip, error)) = chips.iter().find_map(|chip| Some((chip, open(chip).err()?))) else {
        return match chips.len() {
            0 => absent("gpio", plan.is_some_and(uses_gpio), "there are no GPIO lines (/dev/gpiochip*)")
                .treat("use a profile with simulated devices, or a machine with GPIO"),
            count => Finding::new("gpio", State::Ok, format!("{count} GPIO chips can be opened")),
        };
    };
    let problem = Finding::new("gpio", State::Problem, format!("{} cannot be opened: {error}", chip.display()));
    match fs::metadata(chip).ok().and_then(|about| group(root, about.gid())) {
        Some(group) if group != "root" && error.kind() == io::ErrorKind::PermissionDenied => {
            problem.treat(format!("`sudo usermod -aG {group} $USER`, then log in again"))
        }
        _ => problem.treat("a udev rule gives it to a group: SUBSYSTEM==\"gpio\", GROUP=\"gpio\", MODE=\"0660\""),
    }
}

/// Whether the 1-wire bus is there, with thermometers on it.
pub(super) fn wires(root: &Path, plan: Option<&Plan>) -> Finding {
    let wanted = plan.is_some_and(uses_wires);
    let devices = root.join("sys/bus/w1/devices");
    if !devices.is_dir() {
        return absent("1-wire", wanted, "there is no 1-wire bus (/sys/bus/w1)")
            .treat("on a Raspberry Pi: `dtoverlay=w1-gpio` in /boot/firmware/config.txt, then reboot");
    }
    // 28 is the DS18B20's family code. Source: its datasheet, "64-bit lasered ROM code".
    let found = entries(&devices, "28-");
    let names: Vec<_> =
        found.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect();
    if names.is_empty() {
        return absent("1-wire", wanted, "the 1-wire bus has no thermometer on it")
            .treat("check the wiring, and the 4.7 kΩ resistor between data and 3.3 V");
    }
    Finding::new("1-wire", State::Ok, format!("thermometers: {}", names.join(", ")))
}

/// Whether the kernel leaves an output driven when the process that held it is gone. Raspberry Pi's own kernels do, so
/// that a heater stays on after `kill -9`. Source: raspberrypi/linux pull requests 6117 and 6150.
pub(super) fn outputs(root: &Path) -> Finding {
    let parameter = |driver| root.join(format!("sys/module/{driver}/parameters/persist_gpio_outputs"));
    let set = ["pinctrl_bcm2835", "pinctrl_rp1"].map(|driver| fs::read_to_string(parameter(driver)).ok());
    match set.iter().flatten().map(|value| value.trim()).collect::<Vec<_>>()[..] {
        [] => Finding::new("outputs", State::Ok, "the kernel has no setting that keeps outputs driven"),
        ref values if values.iter().all(|&value| value == "N") => {
            Finding::new("outputs", State::Ok, "the kernel lets go of an output when its process ends")
        }
        _ => Finding::new(
            "outputs",
            State::Warning,
            "the kernel keeps outputs driven when the host is killed: what was on stays on",
        )
        .treat("`dtparam=strict_gpiod` in /boot/firmware/config.txt, then reboot"),
    }
}

/// Whether the clock is synchronised: samples carry its time.
pub(super) fn clock() -> Finding {
    // SAFETY: `timex` is plain old data, for which zeroes are a value; with `modes` 0 the call reads and changes nothing.
    let state = unsafe {
        let mut about: libc::timex = std::mem::zeroed();
        libc::adjtimex(&mut about)
    };
    match state {
        // Source: adjtimex(2): TIME_ERROR says that the clock is not synchronised.
        libc::TIME_ERROR => Finding::new("clock", State::Warning, "the clock is not synchronised with the network")
            .treat("`sudo timedatectl set-ntp true`; until then the times of samples may be off"),
        state if state < 0 => Finding::new("clock", State::Warning, io::Error::last_os_error().to_string()),
        _ => Finding::new("clock", State::Ok, "the clock is synchronised"),
    }
}

/// How many actors the kernel's limit on memory mappings leaves room for.
pub(super) fn mappings(root: &Path, plan: Option<&Plan>) -> Finding {
    let limit = fs::read_to_string(root.join("proc/sys/vm/max_map_count")).ok();
    let Some(limit) = limit.and_then(|text| text.trim().parse::<usize>().ok()) else {
        return Finding::new("mappings", State::Absent, "the kernel tells no vm.max_map_count");
    };
    let room = limit.saturating_sub(MAPPINGS_OF_THE_HOST) / MAPPINGS_AN_ACTOR;
    let actors = plan.map_or(0, |plan| plan.actors.len());
    let diagnosis = format!("vm.max_map_count is {limit}: room for about {room} actors of the memory class fast");
    if room > actors {
        return Finding::new("mappings", State::Ok, diagnosis);
    }
    let needed = MAPPINGS_OF_THE_HOST + MAPPINGS_AN_ACTOR * (actors + 1);
    Finding::new("mappings", State::Problem, format!("{diagnosis}, and the manifest has {actors}"))
        .treat(format!("`sudo sysctl vm.max_map_count={}`", needed.next_power_of_two()))
}

/// A problem when the manifest asks for it, and otherwise just not there.
fn absent(check: &'static str, wanted: bool, diagnosis: &str) -> Finding {
    match wanted {
        true => Finding::new(check, State::Problem, format!("{diagnosis}, and the manifest uses it")),
        false => Finding::new(check, State::Absent, diagnosis),
    }
}

fn uses_gpio(plan: &Plan) -> bool {
    plan.devices.iter().any(|device| {
        matches!(
            device.kind,
            DeviceKind::Input { input: Input::Gpio { .. }, .. }
                | DeviceKind::Output { output: Output::Gpio { .. }, .. }
        )
    })
}

fn uses_wires(plan: &Plan) -> bool {
    let is_wire = |kind: &DeviceKind| matches!(kind, DeviceKind::Input { input: Input::W1Thermometer { .. }, .. });
    plan.devices.iter().any(|device| is_wire(&device.kind))
}

/// What is in a folder under names that begin so; nothing where there is no such folder.
fn entries(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let named = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    named.map(|entry| entry.path()).collect()
}

/// A group's name. Source: group(5).
fn group(root: &Path, gid: u32) -> Option<String> {
    let groups = fs::read_to_string(root.join("etc/group")).ok()?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(gid)).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root with some files in it.
    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        root
    }

    fn check(finding: &Finding, state: State, text: &str) {
        assert_eq!(finding.state, state, "{finding:?}");
        assert!(finding.diagnosis.contains(text), "{finding:?}");
        // What is not as it should be comes with what to do.
        assert_eq!(finding.treatment.is_some(), state != State::Ok, "{finding:?}");
    }

    fn plan(devices: &str) -> Plan {
        let text = format!("[host]\nname = \"x\"\n{devices}");
        greenroom_manifest::parse(&text, Path::new("greenroom.toml"), None).unwrap()
    }

    #[test]
    fn gpio_is_missed_only_where_it_is_used() {
        let relay = plan("[device.relay]\nkind = \"gpio-output\"\nline = \"GPIO17\"\nsafe = \"off\"\n");
        let nothing = root(&[]);
        check(&gpio(nothing.path(), None), State::Absent, "no GPIO");
        check(&gpio(nothing.path(), Some(&plan(""))), State::Absent, "no GPIO");
        check(&gpio(nothing.path(), Some(&relay)), State::Problem, "the manifest uses it");
        let two = root(&[("dev/gpiochip0", ""), ("dev/gpiochip1", ""), ("dev/gpio", "")]);
        check(&gpio(two.path(), Some(&relay)), State::Ok, "2 GPIO chips");
        // Opening a folder for writing fails for everyone, root too.
        let closed = root(&[("dev/gpiochip0/x", "")]);
        check(&gpio(closed.path(), None), State::Problem, "gpiochip0 cannot be opened");
    }

    #[test]
    fn thermometers_are_named() {
        let probe = plan("[device.probe]\nkind = \"w1-thermometer\"\nid = \"28-000005e2fdc3\"\n");
        check(&wires(root(&[]).path(), None), State::Absent, "no 1-wire bus");
        check(&wires(root(&[]).path(), Some(&probe)), State::Problem, "no 1-wire bus");
        let bus = root(&[("sys/bus/w1/devices/w1_bus_master1/x", "")]);
        check(&wires(bus.path(), None), State::Absent, "no thermometer");
        let one = root(&[("sys/bus/w1/devices/28-000005e2fdc3/w1_slave", "")]);
        check(&wires(one.path(), Some(&probe)), State::Ok, "28-000005e2fdc3");
    }

    #[test]
    fn outputs_that_stay_driven_are_warned_of() {
        let kernel = |driver: &str, value: &str| {
            root(&[(&format!("sys/module/{driver}/parameters/persist_gpio_outputs"), value)])
        };
        check(&outputs(root(&[]).path()), State::Ok, "no setting");
        check(&outputs(kernel("pinctrl_bcm2835", "N\n").path()), State::Ok, "lets go");
        check(&outputs(kernel("pinctrl_bcm2835", "Y\n").path()), State::Warning, "stays on");
        check(&outputs(kernel("pinctrl_rp1", "Y\n").path()), State::Warning, "stays on");
    }

    #[test]
    fn the_limit_on_mappings_is_told_in_actors() {
        let kernel = |limit: &str| root(&[("proc/sys/vm/max_map_count", limit)]);
        let one = plan("[actor.a]\nsource = \"a.wasm\"\n");
        check(&mappings(kernel("65530\n").path(), Some(&one)), State::Ok, "room for about 16132 actors");
        check(&mappings(kernel("1000\n").path(), Some(&one)), State::Problem, "the manifest has 1");
        assert_eq!(mappings(root(&[]).path(), None).state, State::Absent);
    }

    #[test]
    fn groups_are_found_by_number() {
        let etc = root(&[("etc/group", "root:x:0:\nbroken\ngpio:x:997:pi,kim\n")]);
        assert_eq!(group(etc.path(), 997).as_deref(), Some("gpio"));
        assert_eq!(group(etc.path(), 5), None);
        assert_eq!(group(root(&[]).path(), 0), None);
    }
}
