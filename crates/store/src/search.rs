//! Finding texts by their words. Full-text search stands alone here: another database does it its own way.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{Address, ConversationId, Moment, TextId};

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
        let rows = sqlx::query(
            "SELECT t.id, t.conversation_id, c.customer, p.name, t.at,
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
}

/// Before a commit: indexes the texts stored after `$1`, and reads the newest Change and text. Once a
/// commit, not once a text: the index writes a segment at every savepoint, which would cost more
/// than the text itself.
pub(crate) const CLOSE_GROUP: &str = "
    INSERT INTO text_search (rowid, body) SELECT seq, body FROM texts WHERE seq > $1;
    SELECT coalesce((SELECT max(seq) FROM changes), 0), coalesce((SELECT max(seq) FROM texts), 0)";

/// The order number of the last text that is indexed.
pub(crate) const INDEXED: &str = "SELECT coalesce(max(id), 0) FROM text_search_docsize";

/// What a person typed as a query: every word quoted, so that no sign has a meaning of its own.
fn fts_query(words: &str) -> Option<String> {
    let quoted: Vec<String> = words
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| format!("\"{word}\""))
        .collect();
    if quoted.is_empty() { None } else { Some(quoted.join(" ") + "*") }
}
