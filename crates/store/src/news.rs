//! What happened since the owner was last told outside the window.

use crate::{Store, StoreError, absences::CLOCKS_MS, row::Columns};
use ringdesk_domain::{ConversationId, Moment, calls::Ending};

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

/// Absences the owner was not told of yet, as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untold {
    /// When the first of them began.
    pub began_at: Moment,
    /// When the last of them ended.
    pub ended_at: Moment,
    /// When the last of them began.
    pub last_at: Moment,
}

impl Store {
    /// What is new after one Change and up to another, newest conversation last. What was read meanwhile
    /// is not new. With `apart`, what came asleep since then is left out: it is told of together.
    pub async fn news(&self, after: i64, to: i64, apart: Option<Moment>) -> Result<Vec<News>, StoreError> {
        let rows = sqlx::query(
            "WITH changed AS (
                 SELECT conversation_id AS id, max(seq) AS latest,
                     sum(kind = 'text_arrived') AS texts, sum(kind = 'call_missed') AS calls,
                     sum(kind = 'voicemail_written') AS written, sum(kind = 'voicemail_left') AS late,
                     sum(kind = 'text_failed') AS failed
                 FROM changes
                 WHERE seq > $1 AND seq <= $2 AND conversation_id IS NOT NULL AND kind IN
                     ('text_arrived', 'text_failed', 'call_missed', 'voicemail_left', 'voicemail_written')
                 GROUP BY conversation_id),
             fresh AS (
                 SELECT h.id, h.latest, h.written, h.late, h.failed, c.unread,
                     max(0, h.texts - (
                         SELECT count(*) FROM texts t WHERE t.conversation_id = h.id AND t.direction = 'in'
                             AND t.arrival = 'asleep' AND t.at >= $3)) AS texts,
                     max(0, h.calls - (
                         SELECT count(*) FROM calls k WHERE k.conversation_id = h.id AND k.missed = 1
                             AND k.arrival = 'asleep' AND k.at >= $3)) AS calls
                 FROM changed h JOIN conversations c ON c.id = h.id)
             SELECT f.id, min(f.unread, f.texts) AS arrived,
                 max(0, min(f.unread - min(f.unread, f.texts), f.calls)) AS missed,
                 (SELECT k.ending FROM calls k WHERE k.conversation_id = f.id AND k.missed = 1
                  ORDER BY k.at DESC LIMIT 1) AS ending,
                 min(f.unread, f.written) AS written,
                 min(f.unread, f.late) AS late,
                 -- What was left while nobody was there was told of together, and its words add nothing.
                 (SELECT v.seq FROM voicemails v JOIN calls k ON k.id = v.call_id
                  WHERE k.conversation_id = f.id AND v.removed_at IS NULL AND k.arrival IN ('live', 'missed')
                  ORDER BY v.at DESC LIMIT 1) AS newest,
                 min(f.failed, (
                     SELECT count(*) FROM texts t LEFT JOIN outbox o ON o.text_id = t.id
                     WHERE t.conversation_id = f.id AND t.direction = 'out'
                       AND (t.status IN ('failed', 'undelivered', 'canceled') OR o.state = 'not_found')
                       AND NOT EXISTS (SELECT 1 FROM texts r WHERE r.resend_of = t.id))) AS failed
             FROM fresh f ORDER BY f.latest",
        )
        .bind(after)
        .bind(to)
        .bind(apart.map_or(i64::MAX, |since| since.plus_ms(-CLOCKS_MS).0))
        .fetch_all(&self.readers)
        .await?;
        let mut news = Vec::new();
        for row in &rows {
            let ending = row.col::<Option<&str>>("ending")?.and_then(Ending::from_word);
            let newest: Option<i64> = row.col("newest")?;
            let mut one = News {
                conversation: row.id("id")?,
                arrived: row.count("arrived")?,
                missed: row.count("missed")?,
                ending,
                written: row.count("written")?,
                late: row.count("late")?,
                left: None,
                failed: row.count("failed")?,
            };
            if one.arrived + one.missed + one.written + one.late + one.failed == 0 {
                continue;
            }
            if let Some(seq) = newest.filter(|_| ending == Some(Ending::Voicemail)) {
                one.left = self.left(seq).await?;
            }
            news.push(one);
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

    /// The owner was told up to a Change, and of absences up to the one that began at `absence`.
    pub async fn tell_to(&self, seq: i64, absence: Option<Moment>) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let facts = [("told", Some(seq)), ("told_absence", absence.map(|began_at| began_at.0))];
                for (key, value) in facts {
                    let Some(value) = value else { continue };
                    db.run(
                        "INSERT INTO meta (key, value) VALUES ($1, $2)
                         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                        &[&key, &value.to_string()],
                    )?;
                }
                Ok(())
            })
            .await
    }

    /// The absences that ended after a moment, of which the owner was not told, and of which all that came is
    /// here.
    pub async fn untold_absence(&self, ended_after: Moment) -> Result<Option<Untold>, StoreError> {
        let row = sqlx::query(
            "SELECT min(began_at) AS began_at, max(ended_at) AS ended_at, max(began_at) AS last_at
             FROM absences WHERE complete = 1 AND ended_at > $1 AND began_at > coalesce(
                 (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'told_absence'), 0)",
        )
        .bind(ended_after.0)
        .fetch_one(&self.readers)
        .await?;
        let all = (row.maybe_at("began_at")?, row.maybe_at("ended_at")?, row.maybe_at("last_at")?);
        let (Some(began_at), Some(ended_at), Some(last_at)) = all else { return Ok(None) };
        Ok(Some(Untold { began_at, ended_at, last_at }))
    }
}
