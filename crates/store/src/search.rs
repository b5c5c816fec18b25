//! Finding texts by their words. Full-text search stands alone here: another database does it its own way.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{Address, Arrival, ConversationId, Moment, TextId};
use sqlx::sqlite::SqliteRow;
use std::cmp::Reverse;
use uuid::Uuid;

/// Where texts of before were brought in, hits are put in the order of their time among as many as were stored
/// last. Putting all of a common word in order takes a tenth of a second with a million texts, these take less
/// than a hundredth.
const ORDERED: i64 = 5_000;

/// What is shown of a hit.
macro_rules! shown {
    () => {
        "SELECT t.id, t.conversation_id, c.customer, nullif(p.name, '') AS name, t.at, t.arrival,
             snippet(text_search, 0, char(2), char(3), '…', 12) AS snippet "
    };
}

/// Whom a hit belongs to.
macro_rules! whose {
    () => {
        " JOIN conversations c ON c.id = t.conversation_id
          LEFT JOIN contact_numbers n ON n.number = c.customer
          LEFT JOIN contacts p ON p.id = n.contact_id "
    };
}

/// Those stored last, `$2` of them.
const STORED_LAST: &str = concat!(
    shown!(),
    "FROM text_search f JOIN texts t ON t.seq = f.rowid",
    whose!(),
    "WHERE text_search MATCH $1 AND t.status <> 'taken_back' ORDER BY f.rowid DESC LIMIT $2"
);

/// The newest `$2` of the `$3` stored last and of those that came as they happened. A snippet is made of what is
/// shown only, in a second walk through the part of the index they are in.
const NEWEST: &str = concat!(
    "WITH stored AS MATERIALIZED (
         SELECT t.seq, t.at FROM text_search f JOIN texts t ON t.seq = f.rowid
         WHERE text_search MATCH $1 AND t.status <> 'taken_back' ORDER BY f.rowid DESC LIMIT $3),
     live AS MATERIALIZED (
         SELECT t.seq, t.at FROM text_search f JOIN texts t ON t.seq = f.rowid
         WHERE text_search MATCH $1 AND t.status <> 'taken_back' AND t.arrival = 'live'
         ORDER BY f.rowid DESC LIMIT $2),
     newest AS MATERIALIZED (
         SELECT seq, at FROM (SELECT seq, at FROM stored UNION SELECT seq, at FROM live)
         ORDER BY at DESC, seq DESC LIMIT $2) ",
    shown!(),
    "FROM text_search f CROSS JOIN newest w ON w.seq = f.rowid CROSS JOIN texts t ON t.seq = w.seq",
    whose!(),
    "WHERE text_search MATCH $1
         AND f.rowid BETWEEN (SELECT min(seq) FROM newest) AND (SELECT max(seq) FROM newest)
     ORDER BY t.at DESC, t.seq DESC"
);

/// A text that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The text.
    pub text: TextId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The other end.
    pub customer: Address,
    /// Their name, where known.
    pub name: Option<String>,
    /// The words around what was found, matches between U+0002 and U+0003.
    pub snippet: String,
    /// When it was written.
    pub at: Moment,
}

fn hit(row: &SqliteRow) -> Result<Hit, StoreError> {
    Ok(Hit {
        text: row.id("id")?,
        conversation: row.id("conversation_id")?,
        customer: Address::received(row.col("customer")?),
        name: row.col("name")?,
        snippet: row.col("snippet")?,
        at: row.at("at")?,
    })
}

impl Store {
    /// Texts that hold all words (the last one may be a beginning), newest first.
    pub async fn search(&self, words: &str, limit: u32) -> Result<Vec<Hit>, StoreError> {
        let Some(query) = fts_query(words) else { return Ok(Vec::new()) };
        if let Err(error) = self.index().await {
            // What is in the index is found all the same.
            tracing::error!(%error, "the newest texts could not be made searchable");
        }
        let mut rows = sqlx::query(STORED_LAST)
            .bind(query.as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        // What Twilio told of as it happened is stored in the order of its time. One that was fetched later may
        // stand before newer ones that were stored earlier.
        let mut fetched = false;
        for row in &rows {
            fetched |= Arrival::from_word(row.col("arrival")?) != Arrival::Live;
        }
        if fetched && rows.len() >= limit as usize {
            rows = sqlx::query(NEWEST)
                .bind(query.as_str())
                .bind(i64::from(limit))
                .bind(ORDERED.max(i64::from(limit)))
                .fetch_all(&self.readers)
                .await?;
        }
        let mut hits: Vec<Hit> = rows.iter().map(hit).collect::<Result<_, _>>()?;
        // What was stored later goes first of what came at once.
        hits.sort_by_key(|hit| Reverse(hit.at));
        Ok(hits)
    }

    /// Makes the newest texts searchable too, where this program may write.
    async fn index(&self) -> Result<(), StoreError> {
        let Some(writer) = &self.writer else { return Ok(()) };
        let lags: bool = sqlx::query_scalar(
            "SELECT coalesce((SELECT max(seq) FROM texts), 0)
                > coalesce((SELECT max(id) FROM text_search_docsize), 0)",
        )
        .fetch_one(&self.readers)
        .await?;
        if lags {
            // A broken index must not take the group down that it is stored with.
            let own = |error| match error {
                StoreError::Damaged(why) => StoreError::Driver(why),
                other => other,
            };
            writer.write(move |db| index_texts(db).map_err(own)).await?;
        }
        Ok(())
    }
}

/// Indexes the texts that are not in the index yet. Not with each text: the index writes a segment at
/// every commit, which would cost more than the text itself. Gives how far the index goes.
pub(crate) fn index_texts(db: &Db) -> Result<i64, StoreError> {
    db.run(
        "INSERT INTO text_search (rowid, body)
         SELECT seq, body FROM texts WHERE seq > (SELECT coalesce(max(id), 0) FROM text_search_docsize)",
        &[],
    )?;
    let indexed =
        db.first("SELECT max(id) FROM text_search_docsize", &[], |row| row.get::<_, Option<i64>>(0))?;
    Ok(indexed.flatten().unwrap_or(0))
}

/// Takes a text out of the index, before its row goes.
pub(crate) fn forget_text(db: &Db, id: Uuid) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO text_search (text_search, rowid, body)
         SELECT 'delete', seq, body FROM texts
         WHERE id = $1 AND seq IN (SELECT id FROM text_search_docsize)",
        &[&id],
    )?;
    Ok(())
}

/// What a person typed as a query: every word quoted, so that no sign has a meaning of its own.
pub(crate) fn fts_query(words: &str) -> Option<String> {
    let quoted: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect();
    if quoted.is_empty() { None } else { Some(quoted.join(" ") + "*") }
}
