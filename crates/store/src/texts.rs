//! Texts in and out, and how far ours have got.

use crate::{
    Answer, NewAttachment, Receipt, ReceiptState, Store, StoreError,
    consent::{consent_of, note_consent},
    conversations::conversation_for,
    cursors::{came_after_all, repaired},
    db::Db,
    erase::{empty_request, is_erased},
    lines::line_for,
    receipts::{Filed, file, is_filed},
    row::Columns,
};
use ringdesk_domain::{
    Address, Arrival, AttachmentId, ChangeKind, ConversationId, Moment, Status, TextId,
    consent::{self, ConsentEvent, Word},
    delivery::{self, Step},
};
use rusqlite::Row;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// A customer's text, with everything that must be stored before Twilio is answered.
#[derive(Debug, Clone)]
pub struct IncomingText {
    /// Our id for it.
    pub id: TextId,
    /// Twilio's id for it.
    pub provider_sid: String,
    /// Our number it came to, known or not.
    pub line: Address,
    /// Who wrote.
    pub customer: Address,
    /// The words, exactly.
    pub body: String,
    /// What the words mean for consent.
    pub word: Word,
    /// When it came.
    pub at: Moment,
    /// How it reached us.
    pub arrival: Arrival,
    /// Twilio's status word for it.
    pub status: Status,
    /// Pictures to fetch.
    pub attachments: Vec<NewAttachment>,
    /// How many pictures Twilio claimed.
    pub media_claimed: u32,
    /// The others in a group text, comma-separated.
    pub group_with: Option<String>,
}

/// What recording came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// What Twilio is told, now and on every repeat.
    pub answer: Option<Answer>,
    /// The conversation, when something new was stored.
    pub stored_in: Option<ConversationId>,
}

/// A delivery report about one of our texts.
#[derive(Debug, Clone)]
pub struct Report {
    /// Twilio's id.
    pub provider_sid: String,
    /// Our id, from the signed path; settles a send whose answer was lost.
    pub text: Option<TextId>,
    /// The status.
    pub status: Status,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// Whether the code means the customer opted out.
    pub opted_out: bool,
    /// When it came.
    pub at: Moment,
}

/// What a report did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    /// What Twilio is told.
    pub answer: Option<Answer>,
    /// What it meant; `None` while the text is not known yet (parked) or on a repeat.
    pub step: Option<Step>,
}

/// A text as it is kept.
#[derive(Debug, Clone)]
pub struct Text {
    /// Order of storing.
    pub seq: i64,
    /// Our id.
    pub id: TextId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Whether a customer wrote it.
    pub incoming: bool,
    /// The words, exactly.
    pub body: String,
    /// How far it got.
    pub status: Status,
    /// Twilio's id, once there is one.
    pub provider_sid: Option<String>,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// Whether Twilio refused it before it left, so that nothing is charged.
    pub refused: bool,
    /// Parts, once known.
    pub segments: Option<u32>,
    /// Price as Twilio gives it.
    pub price: Option<String>,
    /// Its currency.
    pub price_unit: Option<String>,
    /// When it was written or came.
    pub at: Moment,
    /// Who wrote it on our side.
    pub actor: Option<String>,
    /// Pictures Twilio claimed.
    pub media_claimed: u32,
    /// The others in a group text.
    pub group_with: Option<String>,
    /// Until when it can be taken back, while it waits; where its outbox stands.
    pub due_at: Option<Moment>,
    /// The outbox row's state.
    pub outbox: Option<String>,
    /// Whether it was sent again.
    pub resent: bool,
    /// How it reached us.
    pub arrival: Arrival,
}

pub(crate) const TEXT_COLUMNS: &str =
    "t.seq, t.id, t.conversation_id, t.direction, t.body, t.status, t.provider_sid,
    t.error_code, t.refused, t.segments, t.price, t.price_unit, t.at, t.actor, t.media_claimed, t.group_with, t.arrival,
    o.due_at, o.state AS outbox,
    EXISTS (SELECT 1 FROM texts r WHERE r.resend_of = t.id AND r.status <> 'taken_back') AS resent";

pub(crate) fn text(row: &SqliteRow) -> Result<Text, StoreError> {
    let small = |value: Option<i64>| value.and_then(|v| u32::try_from(v).ok());
    Ok(Text {
        seq: row.col("seq")?,
        id: row.id("id")?,
        conversation: row.id("conversation_id")?,
        incoming: row.col::<&str>("direction")? == "in",
        body: row.col("body")?,
        status: Status::from(row.col::<String>("status")?),
        provider_sid: row.col("provider_sid")?,
        error_code: small(row.col("error_code")?),
        refused: row.col::<i64>("refused")? != 0,
        segments: small(row.col("segments")?),
        price: row.col("price")?,
        price_unit: row.col("price_unit")?,
        at: row.at("at")?,
        actor: row.col("actor")?,
        media_claimed: row.count("media_claimed")?,
        group_with: row.col("group_with")?,
        due_at: row.maybe_at("due_at")?,
        outbox: row.col("outbox")?,
        resent: row.col::<i64>("resent")? != 0,
        arrival: Arrival::from_word(row.col("arrival")?),
    })
}

impl Store {
    /// How many texts a conversation has from one of its texts on.
    pub async fn texts_since(&self, id: ConversationId, text: TextId) -> Result<u32, StoreError> {
        let row = sqlx::query(
            "SELECT count(*) AS n FROM texts t JOIN texts s ON s.id = $2 AND s.conversation_id = $1
             WHERE t.conversation_id = $1 AND (t.at, t.seq) >= (s.at, s.seq)",
        )
        .bind(id.uuid())
        .bind(text.uuid())
        .fetch_one(&self.readers)
        .await?;
        row.count("n")
    }

    /// Records a customer's text with its receipt, conversation, consent, wanted pictures and Change.
    /// Known already, by request or by Twilio's id: nothing changes.
    pub async fn record_incoming_text(
        &self,
        incoming: IncomingText,
        receipt: Option<Receipt>,
    ) -> Result<Recorded, StoreError> {
        self.writer()?.write(move |db| record(db, &incoming, receipt.as_ref())).await
    }

    /// Records a delivery report: applied by rank, parked while its text is not known.
    pub async fn record_report(
        &self,
        report: Report,
        receipt: Option<Receipt>,
    ) -> Result<Reported, StoreError> {
        self.writer()?
            .write(move |db| {
                let mut answer = None;
                if let Some(receipt) = &receipt {
                    if let Filed::Before(before) = file(db, receipt, &ReceiptState::Applied)? {
                        return Ok(Reported { answer: Some(before), step: None });
                    }
                    answer = Some(receipt.answer.clone());
                }
                if is_erased(db, &[&report.provider_sid])? {
                    if let Some(receipt) = &receipt {
                        empty_request(db, &receipt.replay_key)?;
                    }
                    return Ok(Reported { answer, step: None });
                }
                park(db, &report)?;
                Ok(Reported { answer, step: apply(db, &report)? })
            })
            .await
    }

    /// A text by our id.
    pub async fn text(&self, id: TextId) -> Result<Option<Text>, StoreError> {
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM texts t LEFT JOIN outbox o ON o.text_id = t.id WHERE t.id = $1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(&self.readers).await?;
        row.as_ref().map(text).transpose()
    }

    /// A conversation's texts, newest first, those older than `before` (order of storing).
    pub async fn texts(
        &self,
        conversation: ConversationId,
        before: Option<(Moment, i64)>,
        limit: u32,
    ) -> Result<Vec<Text>, StoreError> {
        let (at, seq) = before.map_or((i64::MAX, i64::MAX), |(at, seq)| (at.0, seq));
        let sql = format!(
            "SELECT {TEXT_COLUMNS} FROM texts t LEFT JOIN outbox o ON o.text_id = t.id
             WHERE t.conversation_id = $1 AND (t.at, t.seq) < ($2, $3) AND t.status <> 'taken_back'
             ORDER BY t.at DESC, t.seq DESC LIMIT $4"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(conversation.uuid())
            .bind(at)
            .bind(seq)
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(text).collect()
    }

    /// Texts of ours whose fate Twilio should be asked about, due by `now`: contradictory endings,
    /// and texts that have been on their way for long.
    pub async fn texts_to_recheck(
        &self,
        now: Moment,
        limit: u32,
    ) -> Result<Vec<(TextId, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, provider_sid FROM texts
             WHERE recheck_at <= $1 AND provider_sid IS NOT NULL ORDER BY recheck_at LIMIT $2",
        )
        .bind(now.0)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok((row.id("id")?, row.col("provider_sid")?))).collect()
    }

    /// Twilio's own record of a text: it decides between contradictory endings.
    pub async fn record_fetched(
        &self,
        report: Report,
        segments: Option<u32>,
        price: Option<(String, String)>,
        recheck_at: Option<Moment>,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let known: Option<(Uuid, Uuid, String, i64, Option<String>)> = db.first(
                    "SELECT id, conversation_id, status, rank, price FROM texts WHERE provider_sid = $1",
                    &[&report.provider_sid],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
                )?;
                let Some((id, conversation, stored, rank, known_price)) = known else { return Ok(()) };
                let stored = Status::from(stored);
                let further =
                    matches!(delivery::step(&stored, rank, &report.status), Step::Forward | Step::Word);
                // A "read" that came meanwhile is further than anything this may say.
                let decides = rank < 70 && (report.status.is_final() || further);
                let moves = decides && report.status != stored;
                if moves {
                    set_status(db, id, &report, false)?;
                }
                let (price, unit) = price.clone().unzip();
                let news = moves || price != known_price;
                db.run(
                    "UPDATE texts SET conflict = NULL, recheck_at = $2, segments = coalesce($3, segments),
                         price = coalesce($4, price), price_unit = coalesce($5, price_unit)
                     WHERE id = $1",
                    &[&id, &recheck_at.map(|at| at.0), &segments, &price, &unit],
                )?;
                if !news {
                    return Ok(());
                }
                let kind = if moves { moved(&report.status) } else { ChangeKind::TextChanged };
                db.tell(kind, Some(conversation), report.at)
            })
            .await
    }
}

/// Records a customer's text in the running transaction.
fn record(db: &Db, text: &IncomingText, receipt: Option<&Receipt>) -> Result<Recorded, StoreError> {
    let just_now = match receipt {
        Some(receipt) if text.word == Word::Stop => !is_filed(db, receipt)?,
        _ => false,
    };
    let mut answer = None;
    if let Some(receipt) = receipt {
        if let Filed::Before(before) = file(db, receipt, &ReceiptState::Applied)? {
            return Ok(Recorded { answer: Some(before), stored_in: None });
        }
        answer = Some(receipt.answer.clone());
    }
    if is_erased(db, &[&text.provider_sid])? {
        if let Some(receipt) = receipt {
            empty_request(db, &receipt.replay_key)?;
        }
        return Ok(Recorded { answer, stored_in: None });
    }
    let line = line_for(db, &text.line, text.at)?;
    let conversation = conversation_for(db, line, &text.customer, text.at)?;
    let new = db.run(
        "INSERT INTO texts (id, conversation_id, direction, body, status, rank, provider_sid, at, source,
             media_claimed, group_with, arrival)
         VALUES ($1, $2, 'in', $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (provider_sid) DO NOTHING",
        &[
            &text.id.uuid(),
            &conversation,
            &text.body,
            &text.status.word(),
            &text.status.rank(),
            &text.provider_sid,
            &text.at.0,
            &text.arrival.source(),
            &text.media_claimed,
            &text.group_with,
            &text.arrival.word(),
        ],
    )?;
    if new == 0 {
        if receipt.is_some() {
            posted_after_all(db, text)?;
        }
        return Ok(Recorded { answer, stored_in: None });
    }
    repaired(db, &text.provider_sid, text.arrival, text.at)?;
    if text.arrival == Arrival::Live {
        db.run(
            "UPDATE conversations SET unread = unread + 1, done_at = NULL,
                 waiting_since = CASE WHEN done_at IS NULL THEN coalesce(waiting_since, $2) ELSE $2 END,
                 last_at = max(last_at, $2),
                 last_text = CASE WHEN last_at > $2 THEN last_text ELSE $3 END
             WHERE id = $1",
            &[&conversation, &text.at.0, &db.last_seq()],
        )?;
    } else {
        newest(db, conversation, text.at, db.last_seq())?;
    }
    if matches!(text.arrival, Arrival::Missed | Arrival::Asleep) {
        db.run(
            "UPDATE conversations SET unread = unread + 1, done_at = NULL WHERE id = $1",
            &[&conversation],
        )?;
        // Somebody may have answered it since.
        still_waiting(db, conversation)?;
    }
    let kind = match text.arrival {
        Arrival::History => ChangeKind::ConversationChanged,
        Arrival::Live | Arrival::Missed | Arrival::Asleep => ChangeKind::TextArrived,
    };
    db.tell(kind, Some(conversation), text.at)?;
    want_attachments(db, text.id.uuid(), &text.attachments, text.at)?;
    heard_word(db, text.id, text, just_now)?;
    Ok(Recorded { answer, stored_in: Some(conversation.into()) })
}

/// Pictures of a text that are to be fetched.
pub(crate) fn want_attachments(
    db: &Db,
    id: Uuid,
    attachments: &[NewAttachment],
    at: Moment,
) -> Result<(), StoreError> {
    for (position, wanted) in (0i64..).zip(attachments) {
        db.run(
            "INSERT INTO attachments (id, text_id, position, url, declared_type, state, tries, due_at)
             VALUES ($1, $2, $3, $4, $5, 'wanted', 0, $6)",
            &[&AttachmentId::new(at).uuid(), &id, &position, &wanted.url, &wanted.declared_type, &at.0],
        )?;
    }
    Ok(())
}

/// What the words of a text mean for consent. A STOP that is posted just now is the last word, whatever the clock
/// showed before.
fn heard_word(db: &Db, id: TextId, text: &IncomingText, just_now: bool) -> Result<(), StoreError> {
    let told: Vec<String> =
        db.all("SELECT event FROM consent_events WHERE text_id = $1", &[&id.uuid()], |row| row.get(0))?;
    let says = match text.word {
        Word::Stop => Some(ConsentEvent::StopWord),
        Word::Start => Some(ConsentEvent::StartWord),
        _ => None,
    };
    // Of a text that was listed first, its post may tell that it was a STOP or a START after all.
    let told_all = says.is_none_or(|says| told.iter().any(|event| event == says.word()));
    if !told.is_empty() && told_all {
        return Ok(());
    }
    let consent: Option<(String, i64)> = db.first(
        "SELECT state, since FROM consents WHERE customer = $1",
        &[&text.customer.as_str()],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let before = consent_of(consent.as_ref().map(|(state, _)| state.as_str()));
    // A text that is told late must not undo what was said after it; but a STOP is undone by their own
    // START alone.
    let later = consent.is_some_and(|(_, since)| since > text.at.0);
    let overtaken = match text.word {
        Word::Stop => {
            // A list tells whole seconds: where both may be of the same one, the STOP counts.
            let within_ms = if text.arrival == Arrival::Live { 0 } else { 999 };
            !just_now && started_since(db, &text.customer, text.at.plus_ms(within_ms))?
        }
        // Whoever says STOP once more stays out since the first.
        Word::Start => later || stopped_since(db, &text.customer, text.at)?,
        _ => later,
    };
    let (event, after) = if overtaken { (None, before) } else { consent::after_text(before, text.word) };
    if event.is_some() || after != before {
        note_consent(db, &text.customer, event, after, Some(id), None, text.at)?;
    }
    Ok(())
}

/// A text that was listed before it was posted: the post tells more, and it did come by itself.
fn posted_after_all(db: &Db, text: &IncomingText) -> Result<(), StoreError> {
    let listed: Option<(Uuid, Uuid, String, i64, i64)> = db.first(
        "SELECT id, conversation_id, arrival, at, (SELECT count(*) FROM attachments a WHERE a.text_id = texts.id)
         FROM texts WHERE provider_sid = $1 AND direction = 'in' AND source = 'list'",
        &[&text.provider_sid],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    let Some((id, conversation, arrival, at, attachments)) = listed else { return Ok(()) };
    let arrival = Arrival::from_word(&arrival);
    came_after_all(db, &text.provider_sid)?;
    // What came asleep stays so, however late its post.
    let now = if arrival == Arrival::Asleep { arrival } else { Arrival::Live };
    db.run(
        "UPDATE texts SET arrival = $2, source = 'webhook', group_with = coalesce(group_with, $3) WHERE id = $1",
        &[&id, &now.word(), &text.group_with],
    )?;
    if attachments == 0 {
        want_attachments(db, id, &text.attachments, text.at)?;
    }
    // Its words are of when they were written: what was said since counts.
    heard_word(db, id.into(), &IncomingText { at: Moment(at), arrival, ..text.clone() }, false)?;
    if arrival == Arrival::History {
        // It came while the line was connected: nobody has read it.
        db.run(
            "UPDATE conversations SET unread = unread + 1, done_at = NULL WHERE id = $1",
            &[&conversation],
        )?;
        still_waiting(db, conversation)?;
        return db.tell(ChangeKind::TextArrived, Some(conversation), text.at);
    }
    db.tell(ChangeKind::ConversationChanged, Some(conversation), text.at)
}

/// A text that was fetched is the newest of its conversation only where no text is newer.
pub(crate) fn newest(db: &Db, conversation: Uuid, at: Moment, seq: i64) -> Result<(), StoreError> {
    db.run(
        "UPDATE conversations SET last_at = max(last_at, $2),
             last_text = CASE WHEN last_text IS NOT NULL AND (
                 SELECT t.at FROM texts t WHERE t.seq = last_text) > $2 THEN last_text ELSE $3 END
         WHERE id = $1",
        &[&conversation, &at.0, &seq],
    )?;
    Ok(())
}

pub(crate) fn started_since(db: &Db, customer: &Address, at: Moment) -> Result<bool, StoreError> {
    // One that changed nothing when it came left no event.
    let later: Vec<String> = db.all(
        "SELECT t.body FROM texts t JOIN conversations c ON c.id = t.conversation_id
         WHERE c.customer = $1 AND t.direction = 'in' AND t.at > $2",
        &[&customer.as_str(), &at.0],
        |row| row.get(0),
    )?;
    if later.iter().any(|body| consent::read(body) == Word::Start) {
        return Ok(true);
    }
    let start = db.first(
        "SELECT 1 FROM consent_events WHERE customer = $1 AND at > $2 AND event = 'start_word'",
        &[&customer.as_str(), &at.0],
        |_| Ok(()),
    )?;
    Ok(start.is_some())
}

fn stopped_since(db: &Db, customer: &Address, at: Moment) -> Result<bool, StoreError> {
    let stop = db.first(
        "SELECT 1 FROM consent_events WHERE customer = $1 AND at > $2 AND event = 'stop_word'",
        &[&customer.as_str(), &at.0],
        |_| Ok(()),
    )?;
    Ok(stop.is_some())
}

fn park(db: &Db, report: &Report) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO text_reports (provider_sid, status, error_code, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
        &[&report.provider_sid, &report.status.word(), &report.error_code.unwrap_or(0), &report.at.0],
    )?;
    Ok(())
}

/// Applies a report to its text, found by Twilio's id or, where the answer to our POST was lost, by
/// our own id from the signed path.
fn apply(db: &Db, report: &Report) -> Result<Option<Step>, StoreError> {
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
    let known: Option<(Uuid, Uuid, String, i64)> = db.first(
        "SELECT id, conversation_id, status, rank FROM texts WHERE provider_sid = $1",
        &[&report.provider_sid],
        read,
    )?;
    let (id, conversation, stored, rank) = match (known, report.text) {
        (Some(known), _) => known,
        (None, None) => return Ok(None),
        (None, Some(id)) => {
            let adopted = db.first(
                "UPDATE texts SET provider_sid = $2
                 WHERE id = $1 AND provider_sid IS NULL AND direction = 'out'
                 RETURNING id, conversation_id, status, rank",
                &[&id.uuid(), &report.provider_sid],
                read,
            )?;
            let Some(adopted) = adopted else { return Ok(None) };
            // The text left: whatever the answer to the POST may still say, it is settled.
            db.run("UPDATE outbox SET state = 'settled' WHERE text_id = $1", &[&id.uuid()])?;
            adopted
        }
    };
    let step = delivery::step(&Status::from(stored), rank, &report.status);
    let kind = match step {
        Step::Keep => return Ok(Some(step)),
        Step::Forward | Step::Word => {
            set_status(db, id, report, false)?;
            moved(&report.status)
        }
        // Which of the two endings holds is yet to be asked.
        Step::Conflict => {
            db.run(
                "UPDATE texts SET conflict = $2, recheck_at = $3 WHERE id = $1",
                &[&id, &report.status.word(), &report.at.0],
            )?;
            ChangeKind::TextChanged
        }
    };
    db.tell(kind, Some(conversation), report.at)?;
    Ok(Some(step))
}

/// What is told of a text that has got as far as this.
pub(crate) fn moved(to: &Status) -> ChangeKind {
    if to.is_failure() { ChangeKind::TextFailed } else { ChangeKind::TextChanged }
}

/// Applies the reports that came before the text had Twilio's id, lowest rank first.
pub(crate) fn apply_parked(
    db: &Db,
    provider_sid: &str,
    opted_out: impl Fn(u32) -> bool,
) -> Result<(), StoreError> {
    let mut reports = db.all(
        "SELECT status, error_code, seen_at FROM text_reports WHERE provider_sid = $1",
        &[&provider_sid],
        |row| {
            let code = Some(row.get::<_, u32>(1)?).filter(|code| *code != 0);
            Ok(Report {
                provider_sid: provider_sid.to_owned(),
                text: None,
                status: Status::from_twilio(&row.get::<_, String>(0)?),
                error_code: code,
                opted_out: code.is_some_and(&opted_out),
                at: Moment(row.get(2)?),
            })
        },
    )?;
    reports.sort_by_key(|report| (report.at, report.status.rank()));
    for report in &reports {
        apply(db, report)?;
    }
    Ok(())
}

/// Since when the customer waits: the first thing they wrote, or rang in vain, after our last answer. One
/// that was taken back or never arrived is no answer, nor is what we write by ourselves.
pub(crate) fn still_waiting(db: &Db, conversation: Uuid) -> Result<(), StoreError> {
    db.run(
        "WITH ours AS (
             SELECT o.seq AS seq, o.at AS at FROM texts o
             WHERE o.conversation_id = $1 AND o.direction = 'out' AND o.actor IS NOT 'desk'
               AND o.status NOT IN ('taken_back', 'failed', 'undelivered', 'canceled')
             ORDER BY o.at DESC, o.seq DESC LIMIT 1),
         talked AS (
             SELECT coalesce(max(k.at), -1) AS at FROM calls k
             WHERE k.conversation_id = $1 AND k.ending = 'answered')
         UPDATE conversations SET waiting_since = (
             SELECT min(at) FROM (
                 SELECT i.at FROM texts i
                 WHERE i.conversation_id = $1 AND i.direction = 'in'
                   AND i.arrival <> 'history'
                   AND (i.at, i.seq) > (coalesce((SELECT at FROM ours), -1), coalesce((SELECT seq FROM ours), 0))
                   AND i.at > (SELECT at FROM talked)
                 UNION ALL
                 SELECT m.at FROM calls m
                 WHERE m.conversation_id = $1 AND m.missed = 1 AND m.arrival <> 'history'
                   AND m.at > coalesce((SELECT at FROM ours), -1) AND m.at > (SELECT at FROM talked)))
         WHERE id = $1 AND done_at IS NULL",
        &[&conversation],
    )?;
    Ok(())
}

/// Writes a status and what follows from it: the code, the opt-out, when to ask Twilio again.
pub(crate) fn set_status(db: &Db, id: Uuid, report: &Report, refused: bool) -> Result<(), StoreError> {
    // A text that has no ending after this long is asked about.
    const STALE_MS: i64 = 10 * 60_000;
    let recheck = (!report.status.is_final()).then(|| report.at.plus_ms(STALE_MS).0);
    let text: Option<(Uuid, String)> = db.first(
        "UPDATE texts SET status = $2, rank = max(rank, $3), error_code = $4, refused = $5, recheck_at = $6 WHERE id = $1
         RETURNING conversation_id,
             (SELECT customer FROM conversations WHERE conversations.id = texts.conversation_id)",
        &[&id, &report.status.word(), &report.status.rank(), &report.error_code, &refused, &recheck],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let Some((conversation, customer)) = text else { return Ok(()) };
    if report.status.is_failure() {
        still_waiting(db, conversation)?;
    }
    if report.opted_out {
        let (event, out) = (ConsentEvent::TwilioRefused, consent::Consent::OptedOut);
        note_consent(db, &Address::received(&customer), Some(event), out, Some(id.into()), None, report.at)?;
    }
    Ok(())
}
