//! Finding texts by their words. Full-text search stands alone here: another database does it its own way.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{Address, ConversationId, Moment, TextId};
use uuid::Uuid;

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

impl Store {
    /// Texts that hold all words (the last one may be a beginning), newest first.
    pub async fn search(&self, words: &str, limit: u32) -> Result<Vec<Hit>, StoreError> {
        let Some(query) = fts_query(words) else { return Ok(Vec::new()) };
        if let Err(error) = self.index().await {
            // What is in the index is found all the same.
            tracing::error!(%error, "the newest texts could not be made searchable");
        }
        let rows = sqlx::query(
            "SELECT t.id, t.conversation_id, c.customer, nullif(p.name, '') AS name, t.at,
                    snippet(text_search, 0, char(2), char(3), '…', 12) AS snippet
             FROM text_search f
             JOIN texts t ON t.seq = f.rowid
             JOIN conversations c ON c.id = t.conversation_id
             LEFT JOIN contact_numbers n ON n.number = c.customer
             LEFT JOIN contacts p ON p.id = n.contact_id
             WHERE text_search MATCH $1 AND t.status <> 'taken_back' ORDER BY f.rowid DESC LIMIT $2",
        )
        .bind(query)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Hit {
                    text: row.id("id")?,
                    conversation: row.id("conversation_id")?,
                    customer: Address::received(row.col("customer")?),
                    name: row.col("name")?,
                    snippet: row.col("snippet")?,
                    at: row.at("at")?,
                })
            })
            .collect()
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
