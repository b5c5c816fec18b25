//! Voicemails on their way to the owner by email: claimed on disk before they leave.

use crate::{Store, StoreError, lock::is_locked, row::Columns, voicemails::changed};
use ringdesk_domain::{Moment, VoicemailId};
use uuid::Uuid;

/// How long a letter waits for the words, in milliseconds.
const WORDS_MS: i64 = 10 * 60_000;
/// And for the sound, without which it says little.
const SOUND_MS: i64 = 24 * 60 * 60_000;
/// Letters that failed are tried again when the way is mended, unless they are older, in milliseconds.
const REVIVED_MS: i64 = 7 * 24 * 60 * 60_000;

/// A letter claimed to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterToSend {
    /// The voicemail it is about.
    pub voicemail: VoicemailId,
    /// Tries so far, this one included.
    pub tries: u32,
}

/// What came of sending a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LetterSent {
    /// The mail server took it.
    Taken,
    /// It is tried again.
    Later(Moment, String),
    /// It is not tried again.
    Failed(String),
}

impl Store {
    /// Claims a letter that is due and has everything it waits for: the sound, here or given up, and the
    /// words, or the end of its patience. None while sending is locked.
    pub async fn claim_letter(&self, now: Moment) -> Result<Option<LetterToSend>, StoreError> {
        self.writer()?
            .write(move |db| {
                if is_locked(db)? {
                    return Ok(None);
                }
                db.first(
                    "UPDATE letters SET state = 'sending', tries = tries + 1
                     WHERE voicemail_id = (
                         SELECT m.voicemail_id FROM letters m JOIN voicemails v ON v.id = m.voicemail_id
                         LEFT JOIN recordings r ON r.id = v.recording_id
                         LEFT JOIN transcripts t ON t.recording_sid = r.provider_sid
                         WHERE m.state = 'waiting' AND m.due_at <= $1 AND v.removed_at IS NULL
                           AND (r.state NOT IN ('wanted', 'fetching') OR m.wanted_at <= $3)
                           AND (t.state IS NULL OR t.state NOT IN ('wanted', 'writing') OR m.wanted_at <= $2)
                         ORDER BY m.due_at LIMIT 1)
                     RETURNING voicemail_id, tries",
                    &[&now.0, &now.plus_ms(-WORDS_MS).0, &now.plus_ms(-SOUND_MS).0],
                    |row| Ok(LetterToSend { voicemail: row.get::<_, Uuid>(0)?.into(), tries: row.get(1)? }),
                )
            })
            .await
    }

    /// When it is worth looking for letters again: one is due, or at the end of its patience.
    pub async fn next_letter_due(&self, now: Moment) -> Result<Option<Moment>, StoreError> {
        let row = sqlx::query(
            "SELECT min(CASE WHEN m.due_at > $1 THEN m.due_at WHEN m.wanted_at + $2 > $1 THEN m.wanted_at + $2
                             ELSE m.wanted_at + $3 END) AS due
             FROM letters m JOIN voicemails v ON v.id = m.voicemail_id
             WHERE m.state = 'waiting' AND v.removed_at IS NULL
               AND (m.due_at > $1 OR m.wanted_at + $3 > $1)",
        )
        .bind(now.0)
        .bind(WORDS_MS)
        .bind(SOUND_MS)
        .fetch_one(&self.readers)
        .await?;
        row.maybe_at("due")
    }

    /// What came of sending a letter.
    pub async fn letter_sent(
        &self,
        id: VoicemailId,
        sent: LetterSent,
        now: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let (state, due, problem) = match &sent {
                    LetterSent::Taken => ("sent", now, None),
                    LetterSent::Later(at, why) => ("waiting", *at, Some(why.as_str())),
                    LetterSent::Failed(why) => ("failed", now, Some(why.as_str())),
                };
                db.run(
                    "UPDATE letters SET state = $2, due_at = $3, problem = $4 WHERE voicemail_id = $1",
                    &[&id.uuid(), &state, &due.0, &problem],
                )?;
                changed(db, id, now)
            })
            .await
    }

    /// What kept letters from leaving may be mended: all that wait, or failed lately, are tried now.
    pub async fn hurry_letters(&self, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "UPDATE letters SET state = 'waiting', due_at = min(due_at, $1), tries = 0
                     WHERE state = 'waiting' OR (state = 'failed' AND wanted_at > $2)",
                    &[&now.0, &now.plus_ms(-REVIVED_MS).0],
                )?;
                Ok(())
            })
            .await
    }

    /// The owner wants a voicemail sent, also one that was sent before or failed.
    pub async fn send_letter(&self, id: VoicemailId, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO letters (voicemail_id, state, wanted_at, due_at, tries)
                     SELECT id, 'waiting', $2, $2, 0 FROM voicemails WHERE id = $1
                     ON CONFLICT (voicemail_id) DO UPDATE SET state = 'waiting', wanted_at = excluded.wanted_at,
                         due_at = excluded.due_at, tries = 0, problem = NULL
                     WHERE letters.state <> 'sending'",
                    &[&id.uuid(), &now.0],
                )?;
                changed(db, id, now)
            })
            .await
    }
}
