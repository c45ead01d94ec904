//! What a store has written.

/// What was written since the store was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Transactions that were committed, each with one wait for the disk.
    pub commits: u64,
    /// States in them: one that changes often between two commits counts once.
    pub states: u64,
    /// Bytes of those states, as the components saved them.
    pub state_bytes: u64,
    /// Bytes that the database gave to its file system, in whole blocks of 4 KiB, because that is how they reach a disk:
    /// each commit's part of the log, the first and the last block of it included, and for each checkpoint the pages of
    /// the database, at most as many as the log holds. Not counted are the file system's own journal and what the memory
    /// card makes of it.
    pub database_bytes: u64,
    /// Bytes of components that were kept.
    pub component_bytes: u64,
}
