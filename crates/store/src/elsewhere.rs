//! Texts from our numbers that this computer did not send: from another one, by hand at Twilio, or before
//! Ringdesk. Some of them may turn out to be ours after all.

use crate::{
    NewAttachment, Report, Settlement, Store, StoreError,
    conversations::conversation_for,
    db::Db,
    erase::is_erased,
    lines::line_for,
    outbox::settle,
    texts::{moved, newest, set_status, started_since, still_waiting, want_attachments},
};
use ringdesk_domain::{Actor, Address, Arrival, ChangeKind, Moment, Status, TextId, sending::same_words};
use uuid::Uuid;

/// A text of ours that was found at Twilio this long before or after it was claimed may be the one that was
/// claimed, in milliseconds by Twilio's clock.
const AROUND_CLAIM_MS: (i64, i64) = (2 * 60_000, 10 * 60_000);

/// A text that waits for the owner's word may be one that left this long after it was wanted, in milliseconds.
const HELD_MS: i64 = 24 * 60 * 60_000;

/// A text from a number of ours, as Twilio lists it.
#[derive(Debug, Clone)]
pub struct SentText {
    /// Our id for it, if it is new.
    pub id: TextId,
    /// Twilio's id.
    pub provider_sid: String,
    /// Our number.
    pub line: Address,
    /// Whom it went to.
    pub customer: Address,
    /// The words.
    pub body: String,
    /// When Twilio took it.
    pub at: Moment,
    /// How far it got.
    pub status: Status,
    /// Why it failed.
    pub error_code: Option<u32>,
    /// Whether that means the customer opted out.
    pub opted_out: bool,
    /// Whether something at Twilio wrote it by itself, which is nobody's answer.
    pub automatic: bool,
    /// Parts, once known.
    pub segments: Option<u32>,
    /// Amount and currency, once known.
    pub price: Option<(String, String)>,
    /// Its pictures.
    pub attachments: Vec<NewAttachment>,
    /// How it reached us.
    pub arrival: Arrival,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentFound {
    /// It was not here.
    Stored,
    /// It is here already.
    Known,
    /// A send to this customer is not settled: it may be this one. Ask again later.
    Unsettled,
    /// It is one of ours that nobody had found at Twilio.
    Ours(TextId),
}

impl Store {
    /// Records a text that left one of our numbers, unless it is known, or may be one of ours that is not
    /// settled. `opted_out` reads codes of reports that were parked.
    pub async fn record_sent_elsewhere(
        &self,
        text: SentText,
        opted_out: fn(u32) -> bool,
    ) -> Result<SentFound, StoreError> {
        self.writer()?.write(move |db| record(db, &text, opted_out)).await
    }
}

fn record(db: &Db, text: &SentText, opted_out: fn(u32) -> bool) -> Result<SentFound, StoreError> {
    if is_erased(db, &[&text.provider_sid])? {
        return Ok(SentFound::Known);
    }
    let known = db.first("SELECT 1 FROM texts WHERE provider_sid = $1", &[&text.provider_sid], |_| Ok(()))?;
    if known.is_some() {
        return Ok(SentFound::Known);
    }
    let line = line_for(db, &text.line, text.at)?;
    let conversation = conversation_for(db, line, &text.customer, text.at)?;
    let open: Option<i64> = db.first(
        // A service may send from another number than the conversation's.
        "SELECT 1 FROM outbox o JOIN conversations c ON c.id = o.conversation_id
         JOIN lines l ON l.id = c.line_id
         WHERE o.state IN ('sending', 'unknown')
           AND (o.conversation_id = $1 OR (c.customer = $2 AND l.takes_texts = 0))",
        &[&conversation, &text.customer.as_str()],
        |row| row.get(0),
    )?;
    if open.is_some() {
        return Ok(SentFound::Unsettled);
    }
    if let Some(ours) = lost(db, conversation, text)? {
        // One that waited for the owner's word left from where the data came from.
        db.run("UPDATE outbox SET state = 'unknown' WHERE text_id = $1 AND state = 'held'", &[&ours.uuid()])?;
        let settlement = Settlement::Accepted {
            provider_sid: text.provider_sid.clone(),
            status: text.status.clone(),
            error_code: text.error_code,
        };
        settle(db, ours, &settlement, text.at, opted_out)?;
        return Ok(SentFound::Ours(ours));
    }
    insert(db, conversation, text)?;
    Ok(SentFound::Stored)
}

/// The text of ours that is this one: it was given up as not found, or waits for the owner's word in data that was
/// restored.
fn lost(db: &Db, conversation: Uuid, text: &SentText) -> Result<Option<TextId>, StoreError> {
    let lost: Vec<(Uuid, String)> = db.all(
        "SELECT t.id, t.body FROM outbox o JOIN texts t ON t.id = o.text_id
         JOIN conversations c ON c.id = o.conversation_id JOIN lines l ON l.id = c.line_id
         WHERE t.provider_sid IS NULL
           AND ((o.state = 'not_found' AND o.claimed_at - coalesce(o.ahead_ms, 0) BETWEEN $3 AND $4)
             OR (o.state = 'held' AND o.wanted_at BETWEEN $5 AND $4))
           AND (o.conversation_id = $1 OR (c.customer = $2 AND l.takes_texts = 0)) ORDER BY o.seq",
        &[
            &conversation,
            &text.customer.as_str(),
            &text.at.plus_ms(-AROUND_CLAIM_MS.1).0,
            &text.at.plus_ms(AROUND_CLAIM_MS.0).0,
            &text.at.plus_ms(-HELD_MS).0,
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(lost.into_iter().find(|(_, body)| same_words(body, &text.body)).map(|(id, _)| id.into()))
}

fn insert(db: &Db, conversation: Uuid, text: &SentText) -> Result<(), StoreError> {
    let (price, unit) = text.price.clone().unzip();
    db.run(
        "INSERT INTO texts (id, conversation_id, direction, body, status, rank, provider_sid, at, source,
             media_claimed, arrival, segments, price, price_unit, actor)
         VALUES ($1, $2, 'out', $3, 'waiting', 1, $4, $5, 'list', $6, $7, $8, $9, $10, $11)",
        &[
            &text.id.uuid(),
            &conversation,
            &text.body,
            &text.provider_sid,
            &text.at.0,
            &i64::try_from(text.attachments.len()).unwrap_or(0),
            &text.arrival.word(),
            &text.segments,
            &price,
            &unit,
            &text.automatic.then(|| Actor::Desk.label()),
        ],
    )?;
    newest(db, conversation, text.at, db.last_seq())?;
    want_attachments(db, text.id.uuid(), &text.attachments, text.at)?;
    let report = Report {
        provider_sid: text.provider_sid.clone(),
        text: None,
        status: text.status.clone(),
        error_code: text.error_code,
        // Unless they came back since.
        opted_out: text.opted_out && !started_since(db, &text.customer, text.at)?,
        at: text.at,
    };
    set_status(db, text.id.uuid(), &report, false)?;
    if text.arrival != Arrival::History {
        // They have their answer, whoever gave it.
        still_waiting(db, conversation)?;
    }
    // One that failed elsewhere was told there.
    let kind = match moved(&text.status) {
        ChangeKind::TextFailed => ChangeKind::TextChanged,
        kind => kind,
    };
    db.tell(kind, Some(conversation), text.at)
}
