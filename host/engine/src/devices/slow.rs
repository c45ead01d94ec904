//! Files whose read may take long or never end: a conversion on the 1-wire bus, a sensor behind a busy controller.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

/// A kernel attribute is at most a page.
const PAGE: usize = 4096;

/// Reads one file at a time, each on a thread of its own. A read that does not end in time is abandoned there: a thread
/// that the kernel holds cannot be stopped, only left behind, and there is at most one such thread.
#[derive(Debug)]
pub(super) struct Slow {
    patience: Duration,
    abandoned: Option<Receiver<io::Result<Vec<u8>>>>,
}

/// Where a sensor's text comes from.
pub(super) trait Source: Send {
    /// Opens the file and reads it whole.
    fn read(&mut self, path: &Path) -> Result<Vec<u8>, SlowError>;
    /// How long it waits for an answer.
    fn patience(&self) -> Duration;
}

/// Why nothing was read.
#[derive(Debug)]
pub(super) enum SlowError {
    Io(io::Error),
    /// It has not answered yet.
    Silent,
}

impl From<io::Error> for SlowError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Slow {
    /// `patience` is in the machine's time, whatever the clock of the devices: it waits for a machine.
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, abandoned: None }
    }
}

impl Source for Slow {
    fn patience(&self) -> Duration {
        self.patience
    }

    fn read(&mut self, path: &Path) -> Result<Vec<u8>, SlowError> {
        if let Some(abandoned) = &self.abandoned {
            match abandoned.try_recv() {
                // A value that came too late is none: nobody knows when it was measured.
                Ok(_) | Err(TryRecvError::Disconnected) => self.abandoned = None,
                Err(TryRecvError::Empty) => return Err(SlowError::Silent),
            }
        }
        let (answer, answered) = sync_channel(1);
        let path = path.to_owned();
        let read = move || {
            // Nobody may be waiting any more.
            let _ = answer.send(read_whole(&path));
        };
        thread::Builder::new().name("sensor".into()).stack_size(64 * 1024).spawn(read)?;
        match answered.recv_timeout(self.patience) {
            Ok(read) => Ok(read?),
            Err(RecvTimeoutError::Timeout) => {
                self.abandoned = Some(answered);
                Err(SlowError::Silent)
            }
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::other("its reader ended without an answer").into()),
        }
    }
}

/// A fresh open and a single read: at offset 0 each one is a new conversion.
fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut bytes = vec![0; PAGE];
    let length = loop {
        match file.read(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    bytes.truncate(length);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};
    use std::time::Instant;

    #[test]
    fn one_read_is_abandoned_at_a_time() {
        let root = tempfile::tempdir().unwrap();
        let (fifo, file) = (root.path().join("fifo"), root.path().join("file"));
        mknodat(CWD, &fifo, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        std::fs::write(&file, "good").unwrap();
        let mut slow = Slow::new(Duration::from_millis(1));
        assert!(matches!(slow.read(&fifo), Err(SlowError::Silent)));
        slow.patience = Duration::from_secs(60);
        // Not even of another file, and without waiting.
        assert!(matches!(slow.read(&file), Err(SlowError::Silent)));
        // It ends. What it read is not given on.
        rustix::io::write(open(&fifo, OFlags::WRONLY, Mode::empty()).unwrap(), b"late").unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        let read = loop {
            match slow.read(&file) {
                Err(SlowError::Silent) if Instant::now() < deadline => thread::yield_now(),
                read => break read,
            }
        };
        assert_eq!(read.unwrap(), b"good");
    }
}
