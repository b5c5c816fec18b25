//! Deleting a customer: everything of them, on all our lines, in one transaction. What stays is that they
//! want no texts, where they said so, and Twilio's ids of what went, so that nothing brings it back.

mod traces;

use crate::{
    Answer, Receipt, Store, StoreError, conversations::conversations_of, db::Db, keep::forget_at_twilio,
    row::Columns,
};
use ringdesk_domain::{ChangeKind, ConversationId, Moment};
use rusqlite::ToSql;
use traces::{Marks, Traces};
use uuid::Uuid;

/// How long a call of which no end is known may still be going on, in milliseconds.
const LONGEST_CALL_MS: i64 = 4 * 60 * 60_000;

/// The numbers of whoever the conversation `$1` is with.
macro_rules! numbers {
    () => {
        "SELECT c.customer AS number FROM conversations c WHERE c.id = $1
         UNION
         SELECT m.number FROM conversations c JOIN contact_numbers n ON n.number = c.customer
         JOIN contact_numbers m ON m.contact_id = n.contact_id WHERE c.id = $1"
    };
}

/// How much there is of whoever the conversation `$1` is with; in the order of [`CustomerCounts`].
const COUNTS: &str = concat!(
    "WITH own AS (SELECT id FROM conversations WHERE customer IN (",
    numbers!(),
    ")),
    words AS (SELECT id, provider_sid FROM texts
        WHERE conversation_id IN (SELECT id FROM own) AND status <> 'taken_back'),
    talks AS (SELECT id, provider_sid FROM calls WHERE conversation_id IN (SELECT id FROM own)),
    sounds AS (SELECT sha256, state FROM recordings WHERE call_sid IN (SELECT provider_sid FROM talks))
    SELECT (SELECT count(*) FROM own) AS conversations,
        (SELECT count(*) FROM words) AS texts,
        (SELECT count(*) FROM talks) AS calls,
        (SELECT count(*) FROM voicemails WHERE call_id IN (SELECT id FROM talks) AND removed_at IS NULL)
            AS voicemails,
        (SELECT count(*) FROM attachments WHERE text_id IN (SELECT id FROM words) AND sha256 IS NOT NULL)
            + (SELECT count(*) FROM sounds WHERE sha256 IS NOT NULL) AS files,
        (SELECT count(*) FROM notes WHERE conversation_id IN (SELECT id FROM own) AND removed_at IS NULL)
            AS notes,
        (SELECT count(provider_sid) FROM words) + (SELECT count(provider_sid) FROM talks)
            + (SELECT count(*) FROM sounds WHERE state <> 'deleted') AS at_twilio"
);

/// Twilio's ids of everything in the conversation `$1`.
const SIDS: &str = "SELECT provider_sid FROM texts WHERE conversation_id = $1 AND provider_sid IS NOT NULL
    UNION
    SELECT provider_sid FROM calls WHERE conversation_id = $1 AND provider_sid IS NOT NULL
    UNION
    SELECT g.provider_sid FROM calls k JOIN call_legs g ON g.parent_sid = k.provider_sid
    WHERE k.conversation_id = $1
    UNION
    SELECT r.provider_sid FROM calls k JOIN recordings r ON r.call_sid = k.provider_sid
    WHERE k.conversation_id = $1
    UNION
    SELECT t.provider_sid FROM calls k JOIN recordings r ON r.call_sid = k.provider_sid
    JOIN transcripts t ON t.recording_sid = r.provider_sid
    WHERE k.conversation_id = $1 AND t.provider_sid IS NOT NULL";

/// What deletes a conversation, `$1`, after its files were taken down; what refers to something goes before it.
const GOES: [&str; 16] = [
    "INSERT INTO text_search (text_search, rowid, body)
     SELECT 'delete', seq, body FROM texts
     WHERE conversation_id = $1 AND seq IN (SELECT id FROM text_search_docsize)",
    "DELETE FROM transcript_search WHERE rowid IN (
         SELECT v.seq FROM voicemails v JOIN calls k ON k.id = v.call_id WHERE k.conversation_id = $1)",
    "DELETE FROM letters WHERE voicemail_id IN (
         SELECT v.id FROM voicemails v JOIN calls k ON k.id = v.call_id WHERE k.conversation_id = $1)",
    "DELETE FROM transcripts WHERE recording_sid IN (
         SELECT r.provider_sid FROM calls k JOIN recordings r ON r.call_sid = k.provider_sid
         WHERE k.conversation_id = $1)",
    "DELETE FROM voicemails WHERE call_id IN (SELECT id FROM calls WHERE conversation_id = $1)",
    "DELETE FROM recordings WHERE call_sid IN (SELECT provider_sid FROM calls WHERE conversation_id = $1)",
    "DELETE FROM call_legs WHERE parent_sid IN (SELECT provider_sid FROM calls WHERE conversation_id = $1)",
    "DELETE FROM calls WHERE conversation_id = $1",
    "DELETE FROM attachments WHERE text_id IN (SELECT id FROM texts WHERE conversation_id = $1)",
    // What is queued is taken back with it: it is claimed in a transaction of its own, before or never.
    "DELETE FROM outbox WHERE text_id IN (SELECT id FROM texts WHERE conversation_id = $1)",
    "DELETE FROM text_reports WHERE provider_sid IN (
         SELECT provider_sid FROM texts WHERE conversation_id = $1)",
    "UPDATE consent_events SET text_id = NULL
     WHERE text_id IN (SELECT id FROM texts WHERE conversation_id = $1)",
    "DELETE FROM texts WHERE conversation_id = $1",
    "DELETE FROM notes WHERE conversation_id = $1",
    "DELETE FROM drafts WHERE conversation_id = $1",
    "DELETE FROM conversations WHERE id = $1",
];

/// How much there is of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CustomerCounts {
    /// Conversations, one for each line and number.
    pub conversations: u32,
    /// Texts; those that were taken back are not counted.
    pub texts: u32,
    /// Calls.
    pub calls: u32,
    /// Voicemails; those that were deleted are not counted.
    pub voicemails: u32,
    /// Pictures and sounds.
    pub files: u32,
    /// Notes of ours.
    pub notes: u32,
    /// Texts, calls and recordings Twilio may have, too.
    pub at_twilio: u32,
}

/// What came of deleting a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasing {
    /// All of it went: how much, and the files it had.
    Done(CustomerCounts, Vec<String>),
    /// There is no such conversation (any more).
    NotFound,
    /// One of the conversations is on hold.
    OnHold,
    /// A text is being sent, or may have left.
    Sending,
    /// A call is going on.
    Calling,
}

/// Whether any of these ids of Twilio's is of something that went with its customer.
pub(crate) fn is_erased(db: &Db, sids: &[&str]) -> Result<bool, StoreError> {
    for sid in sids {
        let erased = db.first("SELECT 1 FROM erased WHERE provider_sid = $1", &[sid], |_| Ok(()))?;
        if erased.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Of a request that tells of something that went, only that it came is kept.
pub(crate) fn empty_request(db: &Db, replay_key: &[u8; 32]) -> Result<(), StoreError> {
    let nothing: &dyn ToSql = &Vec::<u8>::new();
    db.run("UPDATE receipts SET payload = $2 WHERE replay_key = $1", &[replay_key, nothing])?;
    Ok(())
}

fn counts(db: &Db, id: Uuid) -> Result<CustomerCounts, StoreError> {
    let counts = db.first(COUNTS, &[&id], |row| {
        Ok(CustomerCounts {
            conversations: row.get(0)?,
            texts: row.get(1)?,
            calls: row.get(2)?,
            voicemails: row.get(3)?,
            files: row.get(4)?,
            notes: row.get(5)?,
            at_twilio: row.get(6)?,
        })
    })?;
    Ok(counts.unwrap_or_default())
}

/// Why a conversation cannot go now.
fn hindrance(db: &Db, conversation: Uuid, now: Moment) -> Result<Option<Erasing>, StoreError> {
    let is = |sql: &str| {
        let found = db.first(sql, &[&conversation, &now.plus_ms(-LONGEST_CALL_MS).0], |_| Ok(()));
        found.map(|found| found.is_some())
    };
    if is("SELECT 1 FROM conversations WHERE id = $1 AND held_at IS NOT NULL")? {
        return Ok(Some(Erasing::OnHold));
    }
    if is("SELECT 1 FROM outbox WHERE conversation_id = $1 AND state IN ('sending', 'unknown')")? {
        return Ok(Some(Erasing::Sending));
    }
    // Of what goes on more is told: it would not be known where it belongs.
    let calls = "SELECT 1 FROM calls
        WHERE conversation_id = $1 AND rank < 90 AND recheck_at IS NOT NULL AND at > $2";
    if is(calls)? {
        return Ok(Some(Erasing::Calling));
    }
    Ok(None)
}

/// Deletes a conversation; Twilio's ids of what was in it, and its files.
fn forget_conversation(db: &Db, id: Uuid) -> Result<(Vec<String>, Vec<String>), StoreError> {
    let sids: Vec<String> = db.all(SIDS, &[&id], |row| row.get(0))?;
    let files: Vec<String> = db.all(
        "SELECT a.sha256 FROM attachments a JOIN texts t ON t.id = a.text_id
         WHERE t.conversation_id = $1 AND a.sha256 IS NOT NULL
         UNION
         SELECT r.sha256 FROM calls k JOIN recordings r ON r.call_sid = k.provider_sid
         WHERE k.conversation_id = $1 AND r.sha256 IS NOT NULL",
        &[&id],
        |row| row.get(0),
    )?;
    for sql in GOES {
        db.run(sql, &[&id])?;
    }
    Ok((sids, files))
}

/// Deletes what is known of whoever uses a number, besides conversations. Whoever wants no texts is
/// remembered: the number, and when and how they said so.
fn forget_number(db: &Db, number: &str) -> Result<(), StoreError> {
    let contact: Option<Uuid> =
        db.first("SELECT contact_id FROM contact_numbers WHERE number = $1", &[&number], |row| row.get(0))?;
    if let Some(contact) = contact {
        for sql in [
            "INSERT INTO name_search (name_search, rowid, name)
             SELECT 'delete', seq, name FROM contacts WHERE id = $1 AND name <> ''",
            "DELETE FROM contact_tags WHERE contact_id = $1",
            "DELETE FROM contact_numbers WHERE contact_id = $1",
            "DELETE FROM contacts WHERE id = $1",
        ] {
            db.run(sql, &[&contact])?;
        }
    }
    let out =
        db.first("SELECT 1 FROM consents WHERE customer = $1 AND state = 'opted_out'", &[&number], |_| {
            Ok(())
        })?;
    if out.is_none() {
        db.run("DELETE FROM consent_events WHERE customer = $1", &[&number])?;
        db.run("DELETE FROM consents WHERE customer = $1", &[&number])?;
    }
    Ok(())
}

fn erase(db: &Db, id: Uuid, at_twilio: bool, now: Moment, traces: &Traces) -> Result<Erasing, StoreError> {
    let numbers: Vec<String> = db.all(numbers!(), &[&id], |row| row.get(0))?;
    if numbers.is_empty() {
        return Ok(Erasing::NotFound);
    }
    let mut conversations = Vec::new();
    for number in &numbers {
        conversations.extend(conversations_of(db, number)?);
    }
    for conversation in &conversations {
        if let Some(hindrance) = hindrance(db, *conversation, now)? {
            return Ok(hindrance);
        }
    }
    let went = counts(db, id)?;
    let (mut sids, mut files) = (Vec::new(), Vec::new());
    for conversation in &conversations {
        let (own, had) = forget_conversation(db, *conversation)?;
        sids.extend(own);
        files.extend(had);
    }
    for sid in &sids {
        db.run(
            "INSERT INTO erased (provider_sid, erased_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[sid, &now.0],
        )?;
        if at_twilio {
            forget_at_twilio(db, sid, now)?;
        }
    }
    for number in &numbers {
        forget_number(db, number)?;
    }
    traces.forget(db, &conversations, &Marks::new(numbers, sids))?;
    files.sort();
    files.dedup();
    db.tell(ChangeKind::ConversationChanged, None, now)?;
    db.tell(ChangeKind::HealthChanged, None, now)?;
    Ok(Erasing::Done(went, files))
}

impl Store {
    /// How much there is of whoever a conversation is with, on all our lines and by all their numbers.
    pub async fn customer_counts(&self, id: ConversationId) -> Result<Option<CustomerCounts>, StoreError> {
        let row = sqlx::query(COUNTS).bind(id.uuid()).fetch_one(&self.readers).await?;
        let counts = CustomerCounts {
            conversations: row.count("conversations")?,
            texts: row.count("texts")?,
            calls: row.count("calls")?,
            voicemails: row.count("voicemails")?,
            files: row.count("files")?,
            notes: row.count("notes")?,
            at_twilio: row.count("at_twilio")?,
        };
        Ok(Some(counts).filter(|counts| counts.conversations > 0))
    }

    /// Deletes whoever a conversation is with: everything of them, or nothing. `at_twilio`: what Twilio has
    /// of it is to go, too. Whoever is blocked stays blocked.
    pub async fn erase_customer(
        &self,
        id: ConversationId,
        at_twilio: bool,
        now: Moment,
    ) -> Result<Erasing, StoreError> {
        // Looked for beside the writer: it takes a look at every request.
        let traces = self.traces(id).await?;
        self.writer()?.write(move |db| erase(db, id.uuid(), at_twilio, now, &traces)).await
    }

    /// What tells of them besides their own rows.
    async fn traces(&self, id: ConversationId) -> Result<Traces, StoreError> {
        let numbers: Vec<String> =
            sqlx::query_scalar(numbers!()).bind(id.uuid()).fetch_all(&self.readers).await?;
        let (mut conversations, mut sids): (Vec<Uuid>, Vec<String>) = (Vec::new(), Vec::new());
        for number in &numbers {
            let own = sqlx::query_scalar("SELECT id FROM conversations WHERE customer = $1");
            let own: Vec<Uuid> = own.bind(number.as_str()).fetch_all(&self.readers).await?;
            for conversation in &own {
                let said: Vec<String> =
                    sqlx::query_scalar(SIDS).bind(*conversation).fetch_all(&self.readers).await?;
                sids.extend(said);
            }
            conversations.extend(own);
        }
        Traces::look(&self.readers, &conversations, &Marks::new(numbers, sids)).await
    }

    /// Records something unless the request that tells of it was recorded before; or unless it is about
    /// something that went with its customer, by any of these ids of Twilio's: then nothing of it is kept.
    pub(crate) async fn once_unless_erased(
        &self,
        sids: Vec<String>,
        receipt: Option<Receipt>,
        record: impl Fn(&Db) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<Option<Answer>, StoreError> {
        let key = receipt.as_ref().map(|receipt| receipt.replay_key);
        self.once(receipt, move |db| {
            let sids: Vec<&str> = sids.iter().map(String::as_str).collect();
            if is_erased(db, &sids)? {
                return key.as_ref().map_or(Ok(()), |key| empty_request(db, key));
            }
            record(db)
        })
        .await
    }
}
