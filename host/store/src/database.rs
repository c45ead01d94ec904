//! The database: its form, and how it is opened, read and written. One connection, which has it to itself.

mod rows;

use crate::aside::with;
use crate::memory::Changes;
use crate::record::Record;
use crate::{Digest, Loaded, Written, folder};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The database's name in the store's folder.
pub(crate) const NAME: &str = "state.db";

/// `PRAGMA user_version` of a database of this form.
pub(crate) const FORMAT: i64 = 1;

/// Bytes of a page. As large as a block of the file systems that there are: a block that is torn by a power cut while it
/// is copied out of the log holds no page that is not in the log too.
const PAGE: u64 = 4096;

/// Bytes of the log before a page, and of the log's own header (SQLite's file format, section 4.1).
const FRAME: u64 = 24;
const HEADER: u64 = 32;

/// Pages in the log after which it is copied into the database and begun anew: 512 KiB. A log that grows has the file
/// system write its own journal as well (ext4: 8.9 MB an hour instead of 6.7, by `examples/wear.rs` with 1,000 pages); a
/// shorter one is copied more often, with two waits for the disk each time.
const LOG: u64 = 128;

/// How it is made. Rows of `state` stay where they are when they change, so that a commit writes one page.
const SCHEMA: &str = "
    CREATE TABLE source (name TEXT PRIMARY KEY, file BLOB, seal BLOB NOT NULL) STRICT;
    CREATE TABLE version (
        source TEXT NOT NULL, place INTEGER NOT NULL, digest BLOB NOT NULL, bytes INTEGER NOT NULL, origin TEXT NOT NULL,
        activated INTEGER NOT NULL, status TEXT NOT NULL, why TEXT, active INTEGER NOT NULL,
        PRIMARY KEY (source, place)
    ) STRICT;
    CREATE TABLE state (
        actor TEXT NOT NULL, trial INTEGER NOT NULL, component BLOB NOT NULL, version INTEGER NOT NULL,
        bytes BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (actor, trial)
    ) STRICT;
";

/// What a database holds.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) records: BTreeMap<String, Record>,
    pub(crate) states: BTreeMap<String, Loaded>,
    /// What of it is damaged, and left out.
    pub(crate) damaged: Vec<String>,
}

/// Why a database cannot be used.
#[derive(Debug)]
pub(crate) enum Broken {
    /// It is no database, or a damaged one.
    Damaged(String),
    /// It is one of a later form.
    Newer(i64),
    /// It cannot be read or written now.
    Refused(String),
    /// There is no room on the disk. The connection is as good as before.
    Full(String),
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(error.to_string()),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            _ => Self::Refused(error.to_string()),
        }
    }
}

impl From<std::io::Error> for Broken {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

/// An open database.
pub(crate) struct Database {
    connection: Connection,
    path: PathBuf,
    /// The device and the number of its file.
    file: (u64, u64),
    /// Bytes of the log that are in use.
    log: u64,
}

impl Database {
    /// Opens it, or makes it if there is none, and reads all of it.
    pub(crate) fn open(path: &Path) -> Result<(Self, Content), Broken> {
        if !path.exists() {
            if with(path, "-wal").exists() {
                return Err(Broken::Damaged("there is a log, and no database".into()));
            }
            create(path)?;
        }
        let file = fs::metadata(path)?;
        // SQLite takes an empty file for a new database; this one was renamed into place when it had tables.
        if file.len() == 0 {
            return Err(Broken::Damaged("it is empty".into()));
        }
        let connection =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        set_up(&connection)?;
        let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > FORMAT {
            return Err(Broken::Newer(found));
        }
        let check: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if check != "ok" {
            return Err(Broken::Damaged(check.trim().replace('\n', ", ")));
        }
        if found < FORMAT {
            return Err(Broken::Damaged("it has no tables of this store's".into()));
        }
        let content = rows::read(&connection)?;
        let mut database = Self { connection, path: path.to_owned(), file: (file.dev(), file.ino()), log: 0 };
        database.log = database.log()?;
        // It can be read; now whether it can be written, too.
        database.connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
        Ok((database, content))
    }

    /// Reads what is where nothing can be written, by way of a copy: SQLite does not read a log without writing.
    pub(crate) fn peek(path: &Path) -> Result<Content, Broken> {
        let copy = std::env::temp_dir().join(format!("greenroom-store-{}", std::process::id()));
        drop(fs::remove_dir_all(&copy));
        // A folder that is there already is somebody else's, who may read it or put something in.
        fs::DirBuilder::new().mode(0o700).create(&copy)?;
        let read = || {
            for suffix in ["", "-wal"] {
                match fs::copy(with(path, suffix), with(&copy.join(NAME), suffix)) {
                    Err(error) if suffix.is_empty() || error.kind() != std::io::ErrorKind::NotFound => {
                        return Err(error.into());
                    }
                    _ => {}
                }
            }
            Self::open(&copy.join(NAME)).map(|(_, content)| content)
        };
        let content = read();
        drop(fs::remove_dir_all(&copy));
        content
    }

    /// Writes changes in one transaction; they are on disk when this returns. With `anew`, what is there goes first.
    pub(crate) fn write(&mut self, changes: &Changes, anew: bool, written: &mut Written) -> Result<(), Broken> {
        // SQLite would write to a file that is gone, and say that all is well.
        if fs::metadata(&self.path).ok().map(|file| (file.dev(), file.ino())) != Some(self.file) {
            return Err(Broken::Refused("it was removed or replaced while it was in use".into()));
        }
        let transaction = self.connection.transaction()?;
        if anew {
            transaction.execute_batch("DELETE FROM source; DELETE FROM version; DELETE FROM state")?;
        }
        changes.records.iter().try_for_each(|(source, record)| rows::put_record(&transaction, source, record))?;
        changes.states.iter().try_for_each(|(actor, kept)| rows::put_states(&transaction, actor, kept))?;
        transaction.commit()?;
        written.commits += 1;
        // Nothing of what follows is needed: the changes are safe.
        self.count(written).or_else(|broken| if let Broken::Damaged(_) = broken { Err(broken) } else { Ok(()) })
    }

    /// Counts what the last commit has written, and copies the log into the database when it is long.
    fn count(&mut self, written: &mut Written) -> Result<(), Broken> {
        let log = self.log()?;
        let from = if log > self.log { self.log } else { 0 };
        written.database_bytes += blocks(from, log);
        self.log = log;
        if log >= HEADER + LOG * (FRAME + PAGE) {
            written.database_bytes += self.checkpoint()?;
        }
        Ok(())
    }

    /// Bytes of the log that are in use.
    fn log(&self) -> Result<u64, Broken> {
        let frames: i64 = self.connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get(1))?;
        Ok(u64::try_from(frames).ok().filter(|&frames| frames > 0).map_or(0, |frames| HEADER + frames * (FRAME + PAGE)))
    }

    /// Copies the log into the database. The most that it may have written, in bytes.
    fn checkpoint(&mut self) -> Result<u64, Broken> {
        let frames = self.log.saturating_sub(HEADER) / (FRAME + PAGE);
        self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        // The next commit begins the log anew.
        self.log = 0;
        let pages: i64 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        Ok(frames.min(pages.unsigned_abs()) * PAGE)
    }

    /// Components that versions on disk refer to.
    pub(crate) fn needed(&self) -> Result<HashSet<Digest>, Broken> {
        Ok(rows::digests(&self.connection)?)
    }

    /// Copies the log into the database, which is then one file.
    pub(crate) fn close(mut self, written: &mut Written) -> Result<(), Broken> {
        written.database_bytes += self.checkpoint()?;
        self.connection.close().map_err(|(_, error)| error.into())
    }
}

/// Makes a database beside, and renames it into place: there never is half of one.
fn create(path: &Path) -> Result<(), Broken> {
    let partial = with(path, ".partial");
    path.parent().map_or(Ok(()), folder::make)?;
    for suffix in ["", "-wal", "-journal"] {
        drop(fs::remove_file(with(&partial, suffix)));
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&partial)?;
    let connection =
        Connection::open_with_flags(&partial, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.pragma_update(None, "page_size", PAGE.cast_signed())?;
    set_up(&connection)?;
    connection.execute_batch(&format!("BEGIN; {SCHEMA} PRAGMA user_version = {FORMAT}; COMMIT"))?;
    connection.close().map_err(|(_, error)| error)?;
    fs::File::open(&partial)?.sync_all()?;
    fs::rename(&partial, path)?;
    Ok(path.parent().map_or(Ok(()), folder::sync)?)
}

/// Says how to write. Without other connections the log's index is in memory, and no file of it is written.
fn set_up(connection: &Connection) -> Result<(), Broken> {
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    // Each commit is on disk when it returns.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // What the file says is not believed: it may have been damaged on purpose.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(())
}

/// Bytes of the blocks of 4 KiB that hold the bytes from `from` to `to`.
const fn blocks(from: u64, to: u64) -> u64 {
    (to.div_ceil(4096) - from / 4096) * 4096
}
