//! Whole text transactions a second at FULL sync, 32 in a commit, one thread, no server.

use rusqlite::{Connection, params};
use std::time::Instant;

fn main() -> rusqlite::Result<()> {
    let file = std::env::temp_dir().join(format!("ringdesk-floor-{}.db", std::process::id()));
    let db = Connection::open(&file)?;
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE receipts (replay_key BLOB PRIMARY KEY, at INTEGER, payload BLOB);
         CREATE TABLE lines (id INTEGER PRIMARY KEY, number TEXT UNIQUE);
         CREATE TABLE conversations (id INTEGER PRIMARY KEY, line INTEGER, customer TEXT, last_at INTEGER, unread INTEGER,
             UNIQUE (line, customer));
         CREATE TABLE texts (id INTEGER PRIMARY KEY, conversation INTEGER, sid TEXT UNIQUE, body TEXT, status TEXT, at INTEGER);",
    )?;
    let payload = vec![b'x'; 650];
    let began = Instant::now();
    let count = 32_000_u32;
    for group in 0..count / 32 {
        db.execute_batch("BEGIN IMMEDIATE")?;
        for n in group * 32..group * 32 + 32 {
            let mut key = [0_u8; 32];
            key[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
            db.prepare_cached("INSERT OR IGNORE INTO receipts VALUES (?1, ?2, ?3)")?.execute(params![&key[..], n, payload])?;
            let line: i64 = db
                .prepare_cached(
                    "INSERT INTO lines (number) VALUES ('+15005550006')
                     ON CONFLICT (number) DO UPDATE SET number = excluded.number RETURNING id",
                )?
                .query_row([], |row| row.get(0))?;
            let conversation: i64 = db
                .prepare_cached(
                    "INSERT INTO conversations (line, customer, last_at, unread) VALUES (?1, ?2, ?3, 1)
                     ON CONFLICT (line, customer) DO UPDATE SET last_at = excluded.last_at, unread = unread + 1 RETURNING id",
                )?
                .query_row(params![line, format!("+1415555{:04}", n % 2_000), n], |row| row.get(0))?;
            db.prepare_cached("INSERT INTO texts (conversation, sid, body, status, at) VALUES (?1, ?2, ?3, 'received', ?4)")?
                .execute(params![conversation, format!("SM{n:032x}"), "Hello, could somebody look at the boiler?", n])?;
        }
        db.execute_batch("COMMIT")?;
    }
    println!("{:.0}", f64::from(count) / began.elapsed().as_secs_f64());
    drop(db);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    Ok(())
}
