//! What happened since the owner was last told outside the window.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{ConversationId, calls::Ending};

/// What is new in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// Where.
    pub conversation: ConversationId,
    /// Texts that arrived and are unread.
    pub arrived: u32,
    /// Calls nobody took, unread.
    pub missed: u32,
    /// How the last of them ended.
    pub ending: Option<Ending>,
    /// Texts of ours that were not delivered, and were not sent again.
    pub failed: u32,
}

impl Store {
    /// What is new after one Change and up to another, newest conversation last. What was read meanwhile
    /// is not new.
    pub async fn news(&self, after: i64, to: i64) -> Result<Vec<News>, StoreError> {
        let rows = sqlx::query(
            "SELECT ch.conversation_id, min(c.unread, sum(ch.kind = 'text_arrived')) AS arrived,
                 max(0, min(c.unread - min(c.unread, sum(ch.kind = 'text_arrived')), sum(ch.kind = 'call_missed'))) AS missed,
                 (SELECT k.ending FROM calls k WHERE k.conversation_id = c.id AND k.missed = 1
                  ORDER BY k.at DESC LIMIT 1) AS ending,
                 min(sum(ch.kind = 'text_failed'), (
                     SELECT count(*) FROM texts t LEFT JOIN outbox o ON o.text_id = t.id
                     WHERE t.conversation_id = ch.conversation_id AND t.direction = 'out'
                       AND (t.status IN ('failed', 'undelivered', 'canceled') OR o.state = 'not_found')
                       AND NOT EXISTS (SELECT 1 FROM texts r WHERE r.resend_of = t.id))) AS failed
             FROM changes ch JOIN conversations c ON c.id = ch.conversation_id
             WHERE ch.seq > $1 AND ch.seq <= $2 AND ch.kind IN ('text_arrived', 'text_failed', 'call_missed')
             GROUP BY ch.conversation_id HAVING arrived > 0 OR missed > 0 OR failed > 0 ORDER BY max(ch.seq)",
        )
        .bind(after)
        .bind(to)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(News {
                    conversation: row.id("conversation_id")?,
                    arrived: row.count("arrived")?,
                    missed: row.count("missed")?,
                    ending: row.col::<Option<&str>>("ending")?.and_then(Ending::from_word),
                    failed: row.count("failed")?,
                })
            })
            .collect()
    }

    /// The Change up to which the owner was told, once they were.
    pub async fn told(&self) -> Result<Option<i64>, StoreError> {
        let told = sqlx::query_scalar("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'told'");
        Ok(told.fetch_optional(&self.readers).await?)
    }

    /// The owner was told up to a Change.
    pub async fn tell_to(&self, seq: i64) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO meta (key, value) VALUES ('told', $1)
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    &[&seq.to_string()],
                )?;
                Ok(())
            })
            .await
    }
}
