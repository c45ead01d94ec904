//! Rows: what is written, and what is believed when it is read.

use super::Content;
use crate::record::Record;
use crate::{Digest, Loaded, Origin, State, Status, Version, seal};
use rusqlite::{Connection, Result, Row, params};
use std::collections::HashSet;

pub(super) fn put_record(connection: &Connection, source: &str, record: &Record) -> Result<()> {
    connection.execute("DELETE FROM version WHERE source = ?", [source])?;
    let file = record.file.as_ref().map(Digest::as_bytes);
    let seal = seal::record(source, record);
    connection.execute(
        "INSERT INTO source VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET file = ?2, seal = ?3",
        params![source, file, seal],
    )?;
    let mut insert = connection.prepare("INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
    for (place, version) in (0_i64..).zip(&record.versions) {
        let Version { digest, bytes, origin, activated, status, active } = version;
        let (status, why) = status.text();
        let (bytes, activated) = (bytes.cast_signed(), activated.cast_signed());
        let row = params![source, place, digest.as_bytes(), bytes, origin.text(), activated, status, why, active];
        insert.execute(row)?;
    }
    Ok(())
}

pub(super) fn put_states(connection: &Connection, actor: &str, kept: &Loaded) -> Result<()> {
    for (trial, state) in [(false, &kept.good), (true, &kept.trial)] {
        match state {
            None => connection.execute("DELETE FROM state WHERE actor = ? AND trial = ?", params![actor, trial])?,
            Some(state) => connection.execute(
                "INSERT INTO state VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT DO UPDATE SET component = ?3, version = ?4, bytes = ?5, seal = ?6
                 WHERE seal <> ?6 OR bytes <> ?5",
                params![
                    actor,
                    trial,
                    state.digest.as_bytes(),
                    state.version,
                    &*state.bytes,
                    seal::state(actor, trial, state)
                ],
            )?,
        };
    }
    Ok(())
}

/// Reads everything. What is not as it was written is left out and told.
pub(super) fn read(connection: &Connection) -> Result<Content> {
    let mut content = Content::default();
    let mut sources = connection.prepare("SELECT name, file, seal FROM source")?;
    let mut rows = sources.query([])?;
    while let Some(row) = rows.next()? {
        match record(connection, row)? {
            (source, Some(record)) => drop(content.records.insert(source, record)),
            (source, None) => content.damaged.push(format!("the record of the versions of {source}")),
        }
    }
    let mut states = connection.prepare("SELECT actor, trial, component, version, bytes, seal FROM state")?;
    let mut rows = states.query([])?;
    while let Some(row) = rows.next()? {
        match state(row)? {
            (actor, trial, Some(state)) => {
                let kept = content.states.entry(actor).or_default();
                *(if trial { &mut kept.trial } else { &mut kept.good }) = Some(state);
            }
            (actor, _, None) => content.damaged.push(format!("a state of `{actor}`")),
        }
    }
    Ok(content)
}

fn record(connection: &Connection, row: &Row<'_>) -> Result<(String, Option<Record>)> {
    let (source, file, found): (String, Option<Vec<u8>>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let mut select = connection.prepare(
        "SELECT digest, bytes, origin, activated, status, why, active FROM version WHERE source = ? ORDER BY place",
    )?;
    let versions: Option<Vec<_>> = select.query_map([&source], version)?.collect::<Result<_>>()?;
    let file = file.map_or(Some(None), |file| digest(&file).map(Some));
    let record = versions.zip(file).map(|(versions, file)| Record { versions, file });
    let sound = record.filter(|record| found == seal::record(&source, record));
    Ok((source, sound))
}

/// None if it is no version.
fn version(row: &Row<'_>) -> Result<Option<Version>> {
    let (content, origin, status): (Vec<u8>, String, String) = (row.get(0)?, row.get(2)?, row.get(4)?);
    let (bytes, activated, why, active): (i64, i64, _, _) = (row.get(1)?, row.get(3)?, row.get(5)?, row.get(6)?);
    Ok(digest(&content).zip(Origin::read(&origin)).zip(Status::read(&status, why)).map(|((digest, origin), status)| {
        Version { digest, bytes: bytes.cast_unsigned(), origin, activated: activated.cast_unsigned(), status, active }
    }))
}

/// Whose it is, whether it is a trial one, and the state, if it is one.
fn state(row: &Row<'_>) -> Result<(String, bool, Option<State>)> {
    let (actor, trial, component): (String, bool, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
    let (version, bytes, found): (i64, Vec<u8>, Vec<u8>) = (row.get(3)?, row.get(4)?, row.get(5)?);
    let state = digest(&component).zip(u32::try_from(version).ok());
    let state = state.map(|(digest, version)| State { digest, version, bytes: bytes.into() });
    let sound = state.filter(|state| found == seal::state(&actor, trial, state));
    Ok((actor, trial, sound))
}

/// The components of all versions.
pub(super) fn digests(connection: &Connection) -> Result<HashSet<Digest>> {
    let mut select = connection.prepare("SELECT DISTINCT digest FROM version")?;
    let digests = select.query_map([], |row| row.get(0))?;
    digests.filter_map(|bytes: Result<Vec<u8>>| bytes.map(|bytes| digest(&bytes)).transpose()).collect()
}

fn digest(bytes: &[u8]) -> Option<Digest> {
    bytes.try_into().ok().map(Digest::new)
}
