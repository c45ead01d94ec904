//! What the machine can give: memory, and mappings of it. Read when it is asked for, since others use it as well.

use std::path::{Path, PathBuf};

/// Memory that this process may use, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) total: u64,
    /// What can be had of it now without swapping.
    pub(crate) available: u64,
}

/// Memory that is left to the rest of the machine, and to the host's own work.
const FLOOR: u64 = 32 << 20;

/// What the machine has, or this process's control group if that is less. None: it does not say.
pub(crate) fn memory() -> Option<Memory> {
    let machine = meminfo(&std::fs::read_to_string("/proc/meminfo").ok()?)?;
    Some(group().map_or(machine, |group| machine.within(group)))
}

/// Refuses more when there is little left, before the kernel ends somebody.
///
/// # Errors
/// What is left, and what to do.
pub(crate) fn has_memory() -> Result<(), String> {
    match memory() {
        Some(memory) if memory.available < FLOOR => Err(format!(
            "the machine has only {} MiB of memory left: end some actors, or give it more",
            memory.available >> 20
        )),
        _ => Ok(()),
    }
}

/// Why there is no mapping of so many bytes to be had.
pub(crate) fn no_mapping(bytes: usize, error: &std::io::Error) -> String {
    let kibibytes = bytes >> 10;
    match mappings() {
        Some((used, most)) if used + most / 64 >= most => format!(
            "{used} of the {most} mappings that `vm.max_map_count` allows are in use: raise it with `sysctl -w \
             vm.max_map_count={}`",
            4 * most
        ),
        _ => format!(
            "the machine gives no further {kibibytes} KiB of address space ({error}): raise the limit (`ulimit -v`), or \
             end some actors"
        ),
    }
}

/// Mappings in use, and how many there may be (proc_sys_vm(5)).
pub(crate) fn mappings() -> Option<(u64, u64)> {
    let most = std::fs::read_to_string("/proc/sys/vm/max_map_count").ok()?.trim().parse().ok()?;
    let used = std::fs::read("/proc/self/maps").ok()?.iter().filter(|byte| **byte == b'\n').count();
    Some((used as u64, most))
}

impl Memory {
    /// Whichever leaves less.
    fn within(self, group: Self) -> Self {
        Self { total: self.total.min(group.total), available: self.available.min(group.available) }
    }
}

fn meminfo(text: &str) -> Option<Memory> {
    let bytes = |field: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? << 10)
    };
    Some(Memory { total: bytes("MemTotal")?, available: bytes("MemAvailable")? })
}

/// This process's control group (cgroups(7), version 2), as containers and systemd's units have it. Limits of the groups
/// around it are not looked at.
fn group() -> Option<Memory> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    of_group(&PathBuf::from("/sys/fs/cgroup").join(path))
}

fn of_group(folder: &Path) -> Option<Memory> {
    let bytes = |file| std::fs::read_to_string(folder.join(file)).ok()?.trim().parse::<u64>().ok();
    // "max" is no number, and no limit.
    let total = bytes("memory.max")?;
    Some(Memory { total, available: total.saturating_sub(bytes("memory.current")?) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_of_machine_and_group_counts() {
        let machine = meminfo("MemTotal:  1000 kB\nMemFree: 1 kB\nMemAvailable:    600 kB\n").expect("both are there");
        assert_eq!(machine, Memory { total: 1000 << 10, available: 600 << 10 });
        let group = tempfile::tempdir().expect("a folder");
        assert_eq!(of_group(group.path()), None);
        let write = |file, text| std::fs::write(group.path().join(file), text).expect("it is written");
        write("memory.current", "204800\n");
        write("memory.max", "max\n");
        assert_eq!(of_group(group.path()), None);
        write("memory.max", "512000\n");
        let group = of_group(group.path()).expect("both are there");
        assert_eq!(machine.within(group), Memory { total: 512_000, available: 307_200 });
    }

    #[test]
    fn a_machine_that_says_nothing_refuses_nothing() {
        assert_eq!(meminfo("MemTotal: 5 kB\n"), None);
        assert_eq!(meminfo(""), None);
    }

    #[test]
    fn mappings_are_counted() {
        let (used, most) = mappings().expect("Linux has both files");
        assert!(used > 1 && used < most, "{used} of {most}");
    }
}
