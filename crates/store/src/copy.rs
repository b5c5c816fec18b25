//! Whole copies of the database: made beside whoever writes, looked through, and made ready to take its
//! place. All of it waits for the disk and is not for an async task.

use crate::{Store, StoreError, open::FILE};
use ringdesk_domain::Settings;
use rusqlite::{Connection, OpenFlags};
use std::{
    collections::BTreeSet,
    fs::File,
    path::{Path, PathBuf},
};

/// The folder inside a data folder in which a backup is put together before it takes its place. A restore
/// that was cut off leaves it behind.
pub const UNFINISHED: &str = ".restoring";

/// What is told of a letter that waited when the backup was made.
const LETTER_WAITED: &str = "it waited when the backup was made, and may have left since";

/// What a database holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Which schema it is of.
    pub schema: i64,
    /// Texts.
    pub texts: u32,
    /// Calls.
    pub calls: u32,
    /// Voicemails.
    pub voicemails: u32,
    /// The pictures and sounds it speaks of, by the SHA-256 of their content, in hex.
    pub files: Vec<String>,
}

/// Where the database of a data folder is.
pub fn database_file(folder: &Path) -> PathBuf {
    folder.join(FILE)
}

/// Writes a copy of a database as it is at this moment, synced to the disk. Nobody who reads or writes it
/// meanwhile waits. `to` is not there yet, or empty.
/// Source: <https://sqlite.org/lang_vacuum.html#vacuum_with_an_into_clause>
pub fn copy_database(file: &Path, to: &Path) -> Result<(), StoreError> {
    let name = to.to_str().ok_or_else(|| StoreError::Disk("its name is no text".into()))?;
    let conn = for_reading(file)?;
    conn.execute("VACUUM INTO ?1", [name]).map_err(StoreError::from).inspect_err(|error| {
        if let (StoreError::Damaged(_), Some(folder)) = (error, file.parent()) {
            Store::suspect(folder);
        }
    })?;
    conn.close().map_err(|(_, error)| error)?;
    let written = File::options().write(true).open(to).and_then(|file| file.sync_all());
    written.map_err(|error| StoreError::Disk(error.kind().to_string()))
}

/// A small fact of a database that is not open; none where there is no such fact, or no such table.
pub fn meta_of(file: &Path, key: &str) -> Result<Option<String>, StoreError> {
    let conn = for_reading(file)?;
    if !has_table(&conn, "meta")? {
        return Ok(None);
    }
    let mut facts = conn.prepare("SELECT value FROM meta WHERE key = ?1")?;
    let mut rows = facts.query([key])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// Looks a whole database through: every page, every row, and what they refer to. [`StoreError::Damaged`]
/// where something is wrong.
pub fn look_into(file: &Path) -> Result<Contents, StoreError> {
    let conn = for_reading(file)?;
    sound(&conn)?;
    if conn.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(StoreError::Damaged("a row refers to one that is not there".into()));
    }
    let schema = schema_of(&conn)?.ok_or_else(|| StoreError::Damaged("not one of Ringdesk's".into()))?;
    let counts = "SELECT (SELECT count(*) FROM texts), (SELECT count(*) FROM calls),
                         (SELECT count(*) FROM voicemails WHERE removed_at IS NULL)";
    let (texts, calls, voicemails) =
        conn.query_row(counts, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(Contents { schema, texts, calls, voicemails, files: files(&conn)? })
}

/// Makes a restored database ready for another life: nothing of before leaves by itself, sending waits for
/// the owner's word, and pictures and sounds that are `missing` (SHA-256, in hex) are fetched once more.
pub fn settle_restored(file: &Path, missing: &[String]) -> Result<(), StoreError> {
    let mut conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL")?;
    let whole = conn.transaction()?;
    // Where it was in the air when the backup was made, nobody knows whether it left.
    whole.execute_batch(
        "UPDATE texts SET status = 'send_unknown', rank = 5
         WHERE status = 'waiting' AND id IN (SELECT text_id FROM outbox WHERE state = 'sending');
         UPDATE outbox SET state = 'unknown', look_at = 0 WHERE state = 'sending';
         UPDATE outbox SET state = 'held' WHERE state = 'queued';
         DELETE FROM meta WHERE key = 'backup_problem';
         INSERT INTO meta (key, value) VALUES ('sending_lock', 'restored')
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )?;
    // A letter leaves only where the owner asks for it: none is so new that it is tried again by itself.
    whole.execute(
        "UPDATE letters SET state = 'failed', wanted_at = 0,
             problem = CASE state WHEN 'failed' THEN problem ELSE ?1 END WHERE state <> 'sent'",
        [LETTER_WAITED],
    )?;
    for sha256 in missing {
        for sql in [
            // What we sent ourselves is nowhere to be fetched from.
            "UPDATE attachments SET state = CASE WHEN url IS NULL THEN 'gone' ELSE 'wanted' END,
                 sha256 = NULL, tries = 0, due_at = 0 WHERE sha256 = ?1 AND state = 'kept'",
            "UPDATE recordings SET state = 'wanted', sha256 = NULL, tries = 0, due_at = 0
             WHERE sha256 = ?1 AND state = 'kept'",
        ] {
            whole.execute(sql, [sha256])?;
        }
        // A caller hears the words of a greeting whose sound is lost.
        for greeting in ["open", "closed", "message"] {
            let path = format!("$.calls.greetings.{greeting}.recording");
            whole.execute(
                "UPDATE settings SET value = json_remove(value, ?1)
                 WHERE CASE WHEN json_valid(value) THEN json_extract(value, ?1) = ?2 END",
                [&path, sha256],
            )?;
        }
    }
    whole.commit()?;
    conn.close().map_err(|(_, error)| error.into())
}

pub(crate) fn for_reading(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags)?;
    conn.execute_batch(
        "PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY",
    )?;
    Ok(conn)
}

/// [`StoreError::Damaged`] where a page or a row is not as it should be. Its words name tables, not values.
pub(crate) fn sound(conn: &Connection) -> Result<(), StoreError> {
    let said: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Damaged(said)) }
}

/// Likewise, every index against its table, too: it takes several times as long.
pub(crate) fn whole(conn: &Connection) -> Result<(), StoreError> {
    let said: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if said == "ok" { Ok(()) } else { Err(StoreError::Damaged(said)) }
}

/// Which schema a database is of; none where it has never got one.
pub(crate) fn schema_of(conn: &Connection) -> Result<Option<i64>, StoreError> {
    if !has_table(conn, "_sqlx_migrations")? {
        return Ok(None);
    }
    Ok(conn.query_row("SELECT max(version) FROM _sqlx_migrations", [], |row| row.get(0))?)
}

/// Whether a database has this table.
pub(crate) fn has_table(conn: &Connection, name: &str) -> Result<bool, StoreError> {
    let mut tables = conn.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
    Ok(tables.exists([name])?)
}

fn files(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let mut kept = conn.prepare(
        "SELECT sha256 FROM attachments WHERE sha256 IS NOT NULL
         UNION SELECT sha256 FROM recordings WHERE sha256 IS NOT NULL",
    )?;
    let mut files = kept.query_map([], |row| row.get(0))?.collect::<Result<BTreeSet<String>, _>>()?;
    let mut settings = conn.prepare("SELECT value FROM settings WHERE id = 1")?;
    let mut rows = settings.query([])?;
    if let Some(row) = rows.next()? {
        // Those of a newer program may be unreadable here, and then nothing else of it is used either.
        let settings: Settings = serde_json::from_str(&row.get::<_, String>(0)?).unwrap_or_default();
        let said = settings.calls.greetings;
        files.extend([said.open, said.closed, said.message].into_iter().filter_map(|one| one.recording));
    }
    // They become names of files: one of a forged database is not to lead anywhere else.
    let is_hash = |name: &String| {
        name.len() == 64 && name.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    if !files.iter().all(is_hash) {
        return Err(StoreError::Damaged("the name of a picture or sound is none".into()));
    }
    Ok(files.into_iter().collect())
}
