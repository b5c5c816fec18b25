//! The door's tables, written by rusqlite in one thread.

use rusqlite::{Connection, OptionalExtension, params};
use std::{cell::Cell, path::Path};
use uuid::Uuid;

/// What came.
pub struct Event {
    /// The request's identity.
    pub key: [u8; 32],
    /// Its body.
    pub payload: Vec<u8>,
    /// A report, not a text.
    pub status: bool,
    /// Message SID, from, to, and the words or the status.
    pub fields: [String; 4],
    /// When, in UTC milliseconds.
    pub at: i64,
}

/// The open database.
pub struct Office {
    db: Connection,
    /// The last text in the full-text index.
    indexed: Cell<i64>,
}

impl Office {
    /// Makes the tables of the product's own schema.
    pub fn open(file: &Path) -> rusqlite::Result<Self> {
        let db = Connection::open(file)?;
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 20000;
             PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;",
        )?;
        db.execute_batch(include_str!("../../../../migrations/sqlite/0001_office.sql"))?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(Self { db, indexed: Cell::new(0) })
    }

    /// Stores a group with one commit.
    pub fn commit<'a>(&self, group: impl Iterator<Item = &'a Event>) -> rusqlite::Result<()> {
        let db = &self.db;
        db.execute_batch("BEGIN IMMEDIATE")?;
        for event in group {
            self.store(event)?;
        }
        db.execute_batch("COMMIT")
    }

    /// Takes texts into the full-text index, once there are many.
    pub fn index(&self) -> rusqlite::Result<()> {
        let db = &self.db;
        let newest: i64 = db.prepare_cached("SELECT coalesce(max(seq), 0) FROM texts")?.query_row([], |row| row.get(0))?;
        if newest - self.indexed.get() >= 256 {
            db.prepare_cached("INSERT INTO text_search (rowid, body) SELECT seq, body FROM texts WHERE seq > ?1")?
                .execute([self.indexed.replace(newest)])?;
        }
        Ok(())
    }

    fn store(&self, event: &Event) -> rusqlite::Result<()> {
        let (db, now) = (&self.db, event.at);
        let [sid, from, to, last] = &event.fields;
        let fresh = db
            .prepare_cached(
                "INSERT INTO receipts (replay_key, event, detail, received_at, payload, answer_status, answer_body, state)
                 VALUES (?1, 'sms', '', ?2, ?3, 200, '<Response/>', 'applied') ON CONFLICT DO NOTHING",
            )?
            .execute(params![&event.key[..], now, event.payload])?;
        if fresh == 0 {
            return Ok(());
        }
        if event.status {
            db.prepare_cached("INSERT INTO text_reports VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING")?
                .execute(params![sid, last, now])?;
            db.prepare_cached("UPDATE texts SET status = ?1 WHERE provider_sid = ?2")?.execute(params![last, sid])?;
            return Ok(());
        }
        let line = db.prepare_cached("SELECT id FROM lines WHERE number = ?1")?.query_row([to], |row| row.get(0)).optional()?;
        let line: Uuid = match line {
            Some(line) => line,
            None => db
                .prepare_cached("INSERT INTO lines (id, number, name, takes_texts, created_at) VALUES (?1, ?2, '', 1, ?3) RETURNING id")?
                .query_row(params![Uuid::now_v7(), to, now], |row| row.get(0))?,
        };
        let conversation: Uuid = db
            .prepare_cached(
                "INSERT INTO conversations (id, line_id, customer, created_at, last_at, unread, waiting_since)
                 VALUES (?1, ?2, ?3, ?4, ?4, 1, ?4)
                 ON CONFLICT (line_id, customer) DO UPDATE SET unread = unread + 1, done_at = NULL RETURNING id",
            )?
            .query_row(params![Uuid::now_v7(), line, from, now], |row| row.get(0))?;
        let text = Uuid::now_v7();
        db.prepare_cached(
            "INSERT INTO texts (id, conversation_id, direction, body, status, rank, provider_sid, at, source)
             VALUES (?1, ?2, 'in', ?3, 'received', 60, ?4, ?5, 'webhook')",
        )?
        .execute(params![text, conversation, last, sid, now])?;
        db.prepare_cached("UPDATE conversations SET last_at = ?1, last_text = ?2 WHERE id = ?3")?
            .execute(params![now, db.last_insert_rowid(), conversation])?;
        db.prepare_cached("INSERT INTO changes (kind, conversation_id, at) VALUES ('text_arrived', ?1, ?2)")?
            .execute(params![conversation, now])?;
        let first = db
            .prepare_cached("INSERT INTO consents (customer, state, since) VALUES (?1, 'given', ?2) ON CONFLICT DO NOTHING")?
            .execute(params![from, now])?;
        if first > 0 {
            db.prepare_cached("INSERT INTO consent_events (id, customer, event, text_id, at) VALUES (?1, ?2, 'wrote_first', ?3, ?4)")?
                .execute(params![Uuid::now_v7(), from, text, now])?;
            db.prepare_cached("INSERT INTO changes (kind, conversation_id, at) VALUES ('consent_changed', ?1, ?2)")?
                .execute(params![conversation, now])?;
        }
        Ok(())
    }
}
