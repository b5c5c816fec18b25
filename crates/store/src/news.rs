//! What happened since the owner was last told outside the window.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{ConversationId, calls::Ending};

/// What is new in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Where.
    pub conversation: ConversationId,
    /// Texts that arrived and are unread.
    pub arrived: u32,
    /// Calls nobody took, unread.
    pub missed: u32,
    /// How the last of them ended.
    pub ending: Option<Ending>,
    /// Voicemails that were written down, unread.
    pub written: u32,
    /// Missed calls that turned out to have left one.
    pub late: u32,
    /// What the last of them left, in seconds, and its words.
    pub left: Option<(u32, Option<String>)>,
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
                 min(c.unread, sum(ch.kind = 'voicemail_written')) AS written,
                 min(c.unread, sum(ch.kind = 'voicemail_left')) AS late,
                 (SELECT v.seq FROM voicemails v JOIN calls k ON k.id = v.call_id
                  WHERE k.conversation_id = c.id AND v.removed_at IS NULL ORDER BY v.at DESC LIMIT 1) AS newest,
                 min(sum(ch.kind = 'text_failed'), (
                     SELECT count(*) FROM texts t LEFT JOIN outbox o ON o.text_id = t.id
                     WHERE t.conversation_id = ch.conversation_id AND t.direction = 'out'
                       AND (t.status IN ('failed', 'undelivered', 'canceled') OR o.state = 'not_found')
                       AND NOT EXISTS (SELECT 1 FROM texts r WHERE r.resend_of = t.id))) AS failed
             FROM changes ch JOIN conversations c ON c.id = ch.conversation_id
             WHERE ch.seq > $1 AND ch.seq <= $2 AND ch.kind IN ('text_arrived', 'text_failed', 'call_missed', 'voicemail_left', 'voicemail_written')
             GROUP BY ch.conversation_id HAVING arrived > 0 OR missed > 0 OR written > 0 OR late > 0 OR failed > 0
             ORDER BY max(ch.seq)",
        )
        .bind(after)
        .bind(to)
        .fetch_all(&self.readers)
        .await?;
        let mut news = Vec::new();
        for row in &rows {
            let ending = row.col::<Option<&str>>("ending")?.and_then(Ending::from_word);
            let newest: Option<i64> = row.col("newest")?;
            news.push(News {
                conversation: row.id("conversation_id")?,
                arrived: row.count("arrived")?,
                missed: row.count("missed")?,
                written: row.count("written")?,
                late: row.count("late")?,
                left: match newest.filter(|_| ending == Some(Ending::Voicemail)) {
                    Some(seq) => self.left(seq).await?,
                    None => None,
                },
                ending,
                failed: row.count("failed")?,
            });
        }
        Ok(news)
    }

    /// How long a voicemail is, in seconds, and what was written down of it; unless somebody heard it.
    async fn left(&self, seq: i64) -> Result<Option<(u32, Option<String>)>, StoreError> {
        let row = sqlx::query(
            "SELECT coalesce(v.duration_s, 0) AS seconds, coalesce(t.edited, t.said) AS words FROM voicemails v
             LEFT JOIN recordings r ON r.id = v.recording_id
             LEFT JOIN transcripts t ON t.recording_sid = r.provider_sid
             WHERE v.seq = $1 AND v.heard_at IS NULL",
        )
        .bind(seq)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok((row.count("seconds")?, row.col("words")?))).transpose()
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
