//! Sentences for what the kernel refuses: what happened, and what to do.

use super::board::Board;
use rustix::io::Errno;
use std::io;
use std::path::Path;

/// Why a chip cannot be opened.
pub(super) fn chip(board: &dyn Board, path: &Path, error: &io::Error) -> String {
    let file = path.display();
    match (errno(error), board.group(path)) {
        (Some(Errno::ACCESS | Errno::PERM), Some(group)) => format!(
            "no permission to open {file}: add yourself to its group with `sudo usermod -aG {group} $USER`, and log \
             in again"
        ),
        (Some(Errno::ACCESS | Errno::PERM), None) => format!(
            "no permission to open {file}, which belongs to root alone: give it to a group `gpio` with the udev rule \
             `SUBSYSTEM==\"gpio\", KERNEL==\"gpiochip*\", GROUP=\"gpio\", MODE=\"0660\"`, and add yourself to that \
             group"
        ),
        (Some(Errno::NOENT | Errno::NODEV | Errno::NXIO), _) => {
            format!("{file} is not there any more: connect it again")
        }
        _ => format!("{file} cannot be opened: {error}"),
    }
}

/// Why a line cannot be had. `consumer` is who has it, if the kernel says.
pub(super) fn line(line: &str, consumer: &str, error: &io::Error) -> String {
    match (errno(error), consumer) {
        (Some(Errno::BUSY), "") => format!("{line} is in use by the kernel: take another line, or end what uses it"),
        (Some(Errno::BUSY), consumer) => format!("{line} is in use by `{consumer}`: end that, or take another line"),
        (Some(Errno::NODEV), _) => format!("{line} is gone with its chip: connect it again"),
        (Some(Errno::NOTTY), _) => {
            format!("{line} cannot be had, as this kernel is too old: Linux 5.10 is the first with what it takes")
        }
        (Some(Errno::INVAL | Errno::NXIO | Errno::NOTSUP), _) => {
            format!("{line} cannot do what the manifest asks of it (direction, bias, debounce, or changes): {error}")
        }
        _ => format!("{line} cannot be had: {error}"),
    }
}

/// Why a line that was had does not work any more.
pub(super) fn lost(line: &str, error: &io::Error) -> String {
    match errno(error) {
        Some(Errno::NODEV) => format!("{line} is gone with its chip: connect it again"),
        _ => format!("{line} does not answer: {error}"),
    }
}

pub(super) fn errno(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw_os_error)
}
