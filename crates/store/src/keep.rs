//! What is kept for how long: what would go, what goes, and what is to go at Twilio, too.

use crate::{Store, StoreError, db::Db, row::Columns, search, transcripts};
use ringdesk_domain::{ChangeKind, ConversationId, Moment, keep::Cutoffs};
use rusqlite::ToSql;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows that go in one transaction.
const AT_ONCE: i64 = 50;
/// Requests that are emptied in one transaction.
const RECEIPTS_AT_ONCE: i64 = 1_000;
/// How long what the owner deleted can still be had back, in milliseconds.
const SECOND_THOUGHTS_MS: i64 = 30 * 24 * 60 * 60_000;

/// What is deleted by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aged {
    /// Texts with their pictures.
    Texts,
    /// Calls.
    Calls,
    /// Voicemails.
    Voicemails,
    /// Recordings of calls.
    Recordings,
}

/// How much of a kind would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AgedCount {
    /// How many.
    pub count: u32,
    /// The oldest of them.
    pub oldest: Option<Moment>,
    /// How many of them Twilio knows.
    pub at_twilio: u32,
}

/// What went in one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// Rows.
    pub rows: usize,
    /// Files nobody has any more.
    pub files: Vec<String>,
}

/// Something that is to go at Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToForget {
    /// Twilio's id: `SM…` or `MM…`, `CA…`, `RE…`, `TR…`.
    pub provider_sid: String,
    /// Tries so far.
    pub tries: u32,
}

/// Which rows of a kind are older than `$1`; those of a conversation on hold, and those that are still
/// on their way, are not.
const fn old(kind: Aged) -> &'static str {
    match kind {
        Aged::Texts => {
            "SELECT t.id, t.provider_sid, t.at FROM texts t JOIN conversations c ON c.id = t.conversation_id
             LEFT JOIN outbox o ON o.text_id = t.id
             WHERE t.at < $1 AND c.held_at IS NULL
               AND (o.state IS NULL OR o.state IN ('settled', 'taken_back', 'not_found'))"
        }
        Aged::Calls => {
            "SELECT k.id, k.provider_sid, k.at FROM calls k JOIN conversations c ON c.id = k.conversation_id
             WHERE k.at < $1 AND c.held_at IS NULL AND k.rank >= 90
               AND NOT EXISTS (SELECT 1 FROM voicemails v WHERE v.call_id = k.id)"
        }
        Aged::Voicemails => {
            "SELECT v.id, r.provider_sid, v.at FROM voicemails v JOIN calls k ON k.id = v.call_id
             JOIN conversations c ON c.id = k.conversation_id LEFT JOIN recordings r ON r.id = v.recording_id
             WHERE c.held_at IS NULL AND v.at < $1"
        }
        Aged::Recordings => {
            "SELECT r.id, r.provider_sid, r.at FROM recordings r
             LEFT JOIN calls k ON k.provider_sid = r.call_sid
             LEFT JOIN conversations c ON c.id = k.conversation_id
             WHERE r.at < $1 AND r.state <> 'deleted' AND c.held_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM voicemails v WHERE v.recording_id = r.id)"
        }
    }
}

/// To be deleted at Twilio as soon as that can be.
pub(crate) fn forget_at_twilio(db: &Db, sid: &str, now: Moment) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO deletions (provider_sid, due_at, tries) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
        &[&sid, &now.0],
    )?;
    Ok(())
}

/// Files of these rows that no other row has.
fn orphans(db: &Db, files: Vec<String>) -> Result<Vec<String>, StoreError> {
    let mut lonely = Vec::new();
    for sha256 in files {
        let used = db.first(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM recordings WHERE sha256 = $1)
                 OR EXISTS (SELECT 1 FROM attachments WHERE sha256 = $1)",
            &[&sha256],
            |_| Ok(()),
        )?;
        if used.is_none() && !lonely.contains(&sha256) {
            lonely.push(sha256);
        }
    }
    Ok(lonely)
}

/// Deletes one text with everything of it; its files.
fn forget_text(db: &Db, id: Uuid) -> Result<Vec<String>, StoreError> {
    search::forget_text(db, id)?;
    let files = db.all("DELETE FROM attachments WHERE text_id = $1 RETURNING sha256", &[&id], |row| {
        row.get::<_, Option<String>>(0)
    })?;
    for sql in [
        "DELETE FROM outbox WHERE text_id = $1",
        "DELETE FROM text_reports WHERE provider_sid = (SELECT provider_sid FROM texts WHERE id = $1)",
        // The ledger of consent stays, without the words.
        "UPDATE consent_events SET text_id = NULL WHERE text_id = $1",
        "UPDATE calls SET text_back = NULL WHERE text_back = $1",
        "UPDATE conversations SET last_text = (
             SELECT t.seq FROM texts t WHERE t.conversation_id = conversations.id AND t.id <> $1
             ORDER BY t.at DESC, t.seq DESC LIMIT 1)
         WHERE id = (SELECT conversation_id FROM texts WHERE id = $1)
           AND last_text = (SELECT seq FROM texts WHERE id = $1)",
        "DELETE FROM texts WHERE id = $1",
    ] {
        db.run(sql, &[&id])?;
    }
    Ok(files.into_iter().flatten().collect())
}

/// Deletes one recording with what was said in it; its file. Its row stays as a stump, so that what is told
/// of it late does not bring it back.
fn forget_recording(db: &Db, id: Uuid) -> Result<Vec<String>, StoreError> {
    let files =
        db.all("SELECT sha256 FROM recordings WHERE id = $1", &[&id], |row| row.get::<_, Option<String>>(0))?;
    db.run(
        "DELETE FROM transcripts WHERE recording_sid = (SELECT provider_sid FROM recordings WHERE id = $1)",
        &[&id],
    )?;
    db.run(
        "UPDATE recordings SET state = 'deleted', sha256 = NULL, bytes = NULL, peaks = NULL, due_at = NULL
         WHERE id = $1",
        &[&id],
    )?;
    Ok(files.into_iter().flatten().collect())
}

fn forget_voicemail(db: &Db, id: Uuid) -> Result<Vec<String>, StoreError> {
    transcripts::forget(db, id)?;
    let recording: Option<Uuid> =
        db.first("SELECT recording_id FROM voicemails WHERE id = $1", &[&id], |row| row.get(0))?.flatten();
    db.run("DELETE FROM letters WHERE voicemail_id = $1", &[&id])?;
    db.run("DELETE FROM voicemails WHERE id = $1", &[&id])?;
    recording.map_or(Ok(Vec::new()), |recording| forget_recording(db, recording))
}

fn forget_call(db: &Db, id: Uuid) -> Result<(), StoreError> {
    db.run(
        "DELETE FROM call_legs WHERE parent_sid = (SELECT provider_sid FROM calls WHERE id = $1)",
        &[&id],
    )?;
    db.run("DELETE FROM calls WHERE id = $1", &[&id])?;
    Ok(())
}

fn forget(
    db: &Db,
    kind: Aged,
    found: Vec<(Uuid, Option<String>)>,
    at_twilio: bool,
    now: Moment,
) -> Result<Gone, StoreError> {
    let mut gone = Gone { rows: found.len(), files: Vec::new() };
    for (id, sid) in found {
        if let Some(sid) = sid.filter(|_| at_twilio) {
            forget_at_twilio(db, &sid, now)?;
            // What was written down of a recording is a thing of its own there.
            let written: Option<Option<String>> =
                db.first("SELECT provider_sid FROM transcripts WHERE recording_sid = $1", &[&sid], |row| {
                    row.get(0)
                })?;
            if let Some(written) = written.flatten() {
                forget_at_twilio(db, &written, now)?;
            }
        }
        match kind {
            Aged::Texts => gone.files.extend(forget_text(db, id)?),
            Aged::Calls => forget_call(db, id)?,
            Aged::Voicemails => gone.files.extend(forget_voicemail(db, id)?),
            Aged::Recordings => gone.files.extend(forget_recording(db, id)?),
        }
    }
    gone.files = orphans(db, std::mem::take(&mut gone.files))?;
    if gone.rows > 0 {
        db.tell(ChangeKind::ConversationChanged, None, now)?;
    }
    Ok(gone)
}

impl Store {
    /// How much would go with these cutoffs, and how many conversations are on hold.
    pub async fn aged(&self, cutoffs: Cutoffs) -> Result<(BTreeMap<Aged, AgedCount>, u32), StoreError> {
        let mut counts = BTreeMap::new();
        for (kind, before) in each(cutoffs) {
            // A call goes with its voicemail, or after it.
            let left = "NOT EXISTS (SELECT 1 FROM voicemails v WHERE v.call_id = k.id)";
            let staying = "NOT EXISTS (SELECT 1 FROM voicemails v WHERE v.call_id = k.id AND v.at >= $2)";
            let sql = match cutoffs.voicemails {
                Some(_) => old(kind).replace(left, staying),
                None => old(kind).to_owned(),
            };
            let sql =
                format!("SELECT count(*) AS n, min(at) AS oldest, count(provider_sid) AS there FROM ({sql})");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(before.0)
                .bind(cutoffs.voicemails.map(|at| at.0))
                .fetch_one(&self.readers)
                .await?;
            let count = AgedCount {
                count: row.count("n")?,
                oldest: row.maybe_at("oldest")?,
                at_twilio: row.count("there")?,
            };
            counts.insert(kind, count);
        }
        let held = sqlx::query_scalar("SELECT count(*) FROM conversations WHERE held_at IS NOT NULL");
        let held: i64 = held.fetch_one(&self.readers).await?;
        Ok((counts, u32::try_from(held).unwrap_or(u32::MAX)))
    }

    /// Deletes some of what is older than these cutoffs; nothing went: all of it is gone.
    pub async fn forget_aged(
        &self,
        cutoffs: Cutoffs,
        at_twilio: bool,
        now: Moment,
    ) -> Result<Gone, StoreError> {
        for (kind, before) in each(cutoffs) {
            // Looked for beside the writer: it may take a look at everything.
            let sql = format!("SELECT id FROM ({}) LIMIT $2", old(kind));
            let found = sqlx::query_scalar::<_, Uuid>(sqlx::AssertSqlSafe(sql));
            let found = found.bind(before.0).bind(AT_ONCE).fetch_all(&self.readers).await?;
            if found.is_empty() {
                continue;
            }
            return self
                .writer()?
                .write(move |db| {
                    let sql = format!("SELECT id, provider_sid FROM ({}) WHERE id = $2", old(kind));
                    let mut still = Vec::new();
                    for id in &found {
                        still.extend(db.first(&sql, &[&before.0, id], |row| Ok((row.get(0)?, row.get(1)?)))?);
                    }
                    forget(db, kind, still, at_twilio, now)
                })
                .await;
        }
        Ok(Gone::default())
    }

    /// Empties some of the requests of before a moment: they hold words and numbers. That they came stays
    /// known. `false`: all of them are empty.
    pub async fn empty_receipts(&self, before: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                // In their order, on from the last time: nothing is looked at twice.
                let from =
                    db.first("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'emptied'", &[], |row| {
                        row.get::<_, i64>(0)
                    })?;
                let from = from.unwrap_or(0);
                let to: Option<Option<i64>> = db.first(
                    "SELECT max(seq) FROM receipts WHERE seq > $1 AND seq <= $1 + $2 AND received_at < $3",
                    &[&from, &RECEIPTS_AT_ONCE, &before.0],
                    |row| row.get(0),
                )?;
                let Some(to) = to.flatten() else { return Ok(false) };
                let nothing: &dyn ToSql = &Vec::<u8>::new();
                db.run(
                    "UPDATE receipts SET payload = $3 WHERE seq > $1 AND seq <= $2 AND state = 'applied'",
                    &[&from, &to, nothing],
                )?;
                db.run(
                    "INSERT INTO meta (key, value) VALUES ('emptied', $1)
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    &[&to.to_string()],
                )?;
                Ok(true)
            })
            .await
    }

    /// Deletes for good what the owner deleted a month ago.
    pub async fn forget_removed(&self, at_twilio: bool, now: Moment) -> Result<Gone, StoreError> {
        self.writer()?
            .write(move |db| {
                let found = db.all(
                    "SELECT v.id, r.provider_sid FROM voicemails v LEFT JOIN recordings r ON r.id = v.recording_id
                     JOIN calls k ON k.id = v.call_id JOIN conversations c ON c.id = k.conversation_id
                     WHERE v.removed_at < $1 AND c.held_at IS NULL LIMIT $2",
                    &[&now.plus_ms(-SECOND_THOUGHTS_MS).0, &AT_ONCE],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?;
                forget(db, Aged::Voicemails, found, at_twilio, now)
            })
            .await
    }

    /// Keeps everything of a conversation whatever the settings say, or no longer.
    pub async fn set_hold(&self, id: ConversationId, hold: bool, now: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let found = db.run(
                    "UPDATE conversations SET held_at = CASE WHEN $2 THEN coalesce(held_at, $3) END WHERE id = $1",
                    &[&id.uuid(), &hold, &now.0],
                )?;
                db.tell(ChangeKind::ConversationChanged, Some(id.uuid()), now)?;
                Ok(found > 0)
            })
            .await
    }

    /// The day by which things were deleted last.
    pub async fn deleted_by(&self) -> Result<Option<Moment>, StoreError> {
        let kept = sqlx::query_scalar("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'deleted_by'");
        let kept: Option<i64> = kept.fetch_optional(&self.readers).await?;
        Ok(kept.map(Moment))
    }

    /// Things were deleted by this day.
    pub async fn set_deleted_by(&self, day: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO meta (key, value) VALUES ('deleted_by', $1)
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    &[&day.0.to_string()],
                )?;
                Ok(())
            })
            .await
    }

    /// What is to go at Twilio by now, oldest first.
    pub async fn to_forget(&self, now: Moment, limit: u32) -> Result<Vec<ToForget>, StoreError> {
        let rows = sqlx::query(
            "SELECT provider_sid, tries FROM deletions WHERE due_at <= $1 ORDER BY due_at LIMIT $2",
        )
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| Ok(ToForget { provider_sid: row.col("provider_sid")?, tries: row.count("tries")? }))
            .collect()
    }

    /// When the next of them is due.
    pub async fn next_to_forget(&self) -> Result<Option<Moment>, StoreError> {
        let due = sqlx::query_scalar("SELECT min(due_at) FROM deletions");
        Ok(due.fetch_one(&self.readers).await.map(|due: Option<i64>| due.map(Moment))?)
    }

    /// It is gone at Twilio (`None`), or tried again then.
    pub async fn forgotten(&self, provider_sid: String, again: Option<Moment>) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                match again {
                    None => db.run("DELETE FROM deletions WHERE provider_sid = $1", &[&provider_sid])?,
                    Some(at) => db.run(
                        "UPDATE deletions SET tries = tries + 1, due_at = $2 WHERE provider_sid = $1",
                        &[&provider_sid, &at.0],
                    )?,
                };
                Ok(())
            })
            .await
    }
}

/// Every kind that has a cutoff.
fn each(cutoffs: Cutoffs) -> impl Iterator<Item = (Aged, Moment)> {
    let kinds = [
        (Aged::Voicemails, cutoffs.voicemails),
        (Aged::Recordings, cutoffs.voicemails),
        (Aged::Texts, cutoffs.texts),
        (Aged::Calls, cutoffs.calls),
    ];
    kinds.into_iter().filter_map(|(kind, before)| Some((kind, before?)))
}
