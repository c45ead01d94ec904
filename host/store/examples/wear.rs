//! What a kept state costs a memory card: an hour of an actor whose state of 300 bytes changes every 2 seconds.
//!
//! The hour is played through at once: 1,800 changes, and what is pending is written each interval. Printed are the bytes as
//! the store counts them, beside those that the kernel counts for this process (`write_bytes` in `/proc/self/io`) and all that
//! reached the device, with the file system's journal, and with what others write meanwhile.
//!
//! `cargo run --release -p greenroom-store --example wear [FOLDER]`, on a folder of a real disk.
#![expect(clippy::print_stdout, reason = "it is what it is for")]

use greenroom_store::{Digest, Opened, Options, State, Store};
use std::error::Error;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

const HOUR: u64 = 3600;
const CHANGE: u64 = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from).join("greenroom-wear");
    println!(
        "{:>8}  {:>7}  {:>11}  {:>14}  {:>14}  {:>14}",
        "interval", "commits", "state bytes", "store counts", "kernel counts", "device"
    );
    for interval in [5, 30, 60] {
        drop(fs::remove_dir_all(&folder));
        // Only what is asked for is written.
        let options = Options { interval: Duration::from_secs(10 * HOUR), ..Options::default() };
        let Opened { store, .. } = Store::open(&folder, options)?;
        keep(&store, u64::MAX)?;
        store.flush()?;
        let (start, kernel, system) = (store.written(), kernel()?, file_system(&folder));
        for second in 1..=HOUR {
            if second % CHANGE == 0 {
                keep(&store, second)?;
            }
            if second % interval == 0 {
                store.flush()?;
            }
        }
        let end = store.written();
        println!(
            "{:>6} s  {:>7}  {:>11}  {:>14}  {:>14}  {:>14}",
            interval,
            end.commits - start.commits,
            end.state_bytes - start.state_bytes,
            end.database_bytes - start.database_bytes,
            self::kernel()? - kernel,
            file_system(&folder).zip(system).map_or("unknown".into(), |(end, start)| (end - start).to_string()),
        );
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

/// A state that is like none before.
fn keep(store: &Store, number: u64) -> Result<(), Box<dyn Error>> {
    let bytes: Vec<u8> = number.to_le_bytes().into_iter().cycle().take(300).collect();
    Ok(store.keep("controller", State { digest: Digest::of(b"controller"), version: 1, bytes: bytes.into() }, false)?)
}

/// Bytes that this process has had the kernel write, or will have had.
fn kernel() -> Result<u64, Box<dyn Error>> {
    let io = fs::read_to_string("/proc/self/io")?;
    let line = io.lines().find_map(|line| line.strip_prefix("write_bytes: ")).ok_or("no write_bytes")?;
    Ok(line.parse()?)
}

/// Bytes that everybody has written to the device that the folder is on.
fn file_system(folder: &Path) -> Option<u64> {
    let device = fs::metadata(folder).ok()?.dev();
    let (major, minor) = ((device >> 8) & 0xfff, device & 0xff);
    let stat = fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).ok()?;
    // Field 7: sectors of 512 bytes that were written (the kernel's `Documentation/block/stat.rst`).
    Some(stat.split_whitespace().nth(6)?.parse::<u64>().ok()? * 512)
}
