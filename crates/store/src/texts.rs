//! Texts in and out, and how far ours have got.

use crate::{
    Answer, NewAttachment, Receipt, ReceiptState, Store, StoreError,
    arrivals::{ArrivedReport, ArrivedText},
    consent::{consent_of, note_consent},
    lines::line_for,
    receipts::{Filed, bind, file, first_answer, insert_receipt},
    row::{Columns, tell},
};
use ringdesk_domain::{
    Address, AttachmentId, ChangeKind, ConversationId, LineId, Moment, Status, TextId,
    consent::{self, ConsentEvent, Word},
    delivery::{self, Step},
};
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};
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
    /// `webhook` or `list`.
    pub source: &'static str,
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
}

pub(crate) const TEXT_COLUMNS: &str =
    "t.seq, t.id, t.conversation_id, t.direction, t.body, t.status, t.provider_sid,
    t.error_code, t.refused, t.segments, t.price, t.price_unit, t.at, t.actor, t.media_claimed, t.group_with,
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
    })
}

impl Store {
    /// Records a customer's text with its receipt, conversation, consent, wanted pictures and Change.
    /// Known already, by request or by Twilio's id: nothing changes.
    pub async fn record_incoming_text(
        &self,
        incoming: IncomingText,
        receipt: Option<Receipt>,
    ) -> Result<Recorded, StoreError> {
        let writer = self.writer()?;
        match receipt {
            Some(receipt) => writer.ask(|slot| ArrivedText::request(incoming, receipt, slot)).await,
            None => {
                writer.write(move |conn| Box::pin(async move { record(conn, &incoming, None).await })).await
            }
        }
    }

    /// Records a delivery report: applied by rank, parked while its text is not known.
    pub async fn record_report(
        &self,
        report: Report,
        receipt: Option<Receipt>,
    ) -> Result<Reported, StoreError> {
        let writer = self.writer()?;
        match receipt {
            Some(receipt) => writer.ask(|slot| ArrivedReport::request(report, receipt, slot)).await,
            None => {
                writer
                    .write(move |conn| Box::pin(async move { record_report(conn, &report, None).await }))
                    .await
            }
        }
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
            .write(move |conn| {
                Box::pin(async move {
                    let known = sqlx::query(
                        "SELECT id, conversation_id, status, price FROM texts WHERE provider_sid = $1",
                    )
                    .bind(report.provider_sid.as_str())
                    .fetch_optional(&mut *conn)
                    .await?;
                    let Some(known) = known else { return Ok(()) };
                    let (id, conversation): (Uuid, Uuid) = (known.col("id")?, known.col("conversation_id")?);
                    let stored = Status::from(known.col::<String>("status")?);
                    // A "read" that came meanwhile is further than anything this may say.
                    let decides = stored.rank() < 70
                        && (report.status.is_final()
                            || delivery::step(&stored, &report.status) == Step::Forward);
                    let moves = decides && report.status != stored;
                    if moves {
                        set_status(conn, id, &report, false).await?;
                    }
                    let (price, unit) = price.unzip();
                    let news = moves || price != known.col::<Option<String>>("price")?;
                    sqlx::query(
                        "UPDATE texts SET conflict = NULL, recheck_at = $2, segments = coalesce($3, segments),
                             price = coalesce($4, price), price_unit = coalesce($5, price_unit)
                         WHERE id = $1",
                    )
                    .bind(id)
                    .bind(recheck_at.map(|at| at.0))
                    .bind(segments.map(i64::from))
                    .bind(price)
                    .bind(unit)
                    .execute(&mut *conn)
                    .await?;
                    if !news {
                        return Ok(());
                    }
                    tell(conn, ChangeKind::TextChanged, Some(conversation), report.at).await
                })
            })
            .await
    }
}

/// Records one report in the running transaction.
pub(crate) async fn record_report(
    conn: &mut SqliteConnection,
    report: &Report,
    receipt: Option<&Receipt>,
) -> Result<Reported, StoreError> {
    let mut answer = None;
    if let Some(receipt) = receipt {
        if let Filed::Before(before) = file(conn, receipt).await? {
            return Ok(Reported { answer: Some(before), step: None });
        }
        answer = Some(receipt.answer.clone());
    }
    park(conn, report).await?;
    let step = apply(conn, report).await?;
    Ok(Reported { answer, step })
}

/// Records one text in the running transaction.
pub(crate) async fn record(
    conn: &mut SqliteConnection,
    text: &IncomingText,
    receipt: Option<&Receipt>,
) -> Result<Recorded, StoreError> {
    let (looked_up, fresh) = look_up(conn, text, receipt).await?;
    if let (Some(receipt), false) = (receipt, fresh) {
        return Ok(Recorded { answer: Some(first_answer(conn, receipt).await?), stored_in: None });
    }
    let answer = receipt.map(|receipt| receipt.answer.clone());
    if looked_up.col::<i64>("known")? != 0 {
        return Ok(Recorded { answer, stored_in: None });
    }
    let line = match looked_up.maybe_id::<LineId>("line_id")? {
        Some(line) => line,
        None => line_for(conn, &text.line, text.at).await?,
    };
    let before = consent_of(looked_up.col("consent")?);
    // A text that is told late must not undo what was said after it.
    let overtaken = looked_up.maybe_at("consent_since")?.is_some_and(|since| since > text.at);
    let (event, after) = if overtaken { (None, before) } else { consent::after_text(before, text.word) };

    let conversation = ConversationId::new(text.at);
    // One round trip for the whole fact; every statement names its arguments by number.
    let row = sqlx::query(
        "INSERT INTO conversations (id, line_id, customer, created_at, last_at, unread, waiting_since)
         VALUES ($1, $2, $3, $4, $4, 1, $4)
         ON CONFLICT (line_id, customer) DO UPDATE SET
             unread = conversations.unread + 1, done_at = NULL,
             waiting_since = coalesce(conversations.waiting_since, excluded.waiting_since)
         RETURNING id;
         INSERT INTO texts (id, conversation_id, direction, body, status, rank, provider_sid, at, source,
             media_claimed, group_with)
         VALUES ($5, (SELECT id FROM conversations WHERE line_id = $2 AND customer = $3), 'in', $6, $7, $8, $9, $4,
             $10, $11, $12);
         UPDATE conversations SET last_at = $4, last_text = (SELECT seq FROM texts WHERE id = $5)
         WHERE line_id = $2 AND customer = $3 AND last_at <= $4;
         INSERT INTO changes (kind, conversation_id, at)
         VALUES ('text_arrived', (SELECT id FROM conversations WHERE line_id = $2 AND customer = $3), $4)",
    )
    .bind(conversation.uuid())
    .bind(line.uuid())
    .bind(text.customer.as_str())
    .bind(text.at.0)
    .bind(text.id.uuid())
    .bind(text.body.as_str())
    .bind(text.status.word())
    .bind(text.status.rank())
    .bind(text.provider_sid.as_str())
    .bind(text.source)
    .bind(i64::from(text.media_claimed))
    .bind(text.group_with.as_deref())
    .fetch_all(&mut *conn)
    .await?;
    let conversation: Uuid = match row.first() {
        Some(row) => row.try_get(0)?,
        None => return Err(StoreError::Driver("a conversation was not made".into())),
    };
    for (position, wanted) in (0i64..).zip(&text.attachments) {
        sqlx::query(
            "INSERT INTO attachments (id, text_id, position, url, declared_type, state, tries, due_at)
             VALUES ($1, $2, $3, $4, $5, 'wanted', 0, $6)",
        )
        .bind(AttachmentId::new(text.at).uuid())
        .bind(text.id.uuid())
        .bind(position)
        .bind(wanted.url.as_str())
        .bind(wanted.declared_type.as_str())
        .bind(text.at.0)
        .execute(&mut *conn)
        .await?;
    }
    if event.is_some() || after != before {
        note_consent(conn, &text.customer, event, after, Some(text.id), None, text.at).await?;
    }
    Ok(Recorded { answer, stored_in: Some(conversation.into()) })
}

/// What is known of a text's line, customer and id; files the receipt on the same trip. The second
/// value says whether the receipt is new.
async fn look_up(
    conn: &mut SqliteConnection,
    text: &IncomingText,
    receipt: Option<&Receipt>,
) -> Result<(SqliteRow, bool), StoreError> {
    let query = match receipt {
        Some(receipt) => bind(sqlx::query(FILE_AND_LOOK_UP), receipt, &ReceiptState::Applied),
        None => sqlx::query(LOOK_UP),
    };
    let mut rows = query
        .bind(text.provider_sid.as_str())
        .bind(text.line.as_str())
        .bind(text.customer.as_str())
        .fetch_all(conn)
        .await?;
    let looked_up = rows.pop().ok_or_else(|| StoreError::Driver("a look-up gave nothing".into()))?;
    Ok((looked_up, !rows.is_empty()))
}

const LOOK_UP: &str = "SELECT EXISTS (SELECT 1 FROM texts WHERE provider_sid = $1) AS known,
        (SELECT id FROM lines WHERE number = $2) AS line_id,
        (SELECT state FROM consents WHERE customer = $3) AS consent,
        (SELECT since FROM consents WHERE customer = $3) AS consent_since";

const FILE_AND_LOOK_UP: &str = concat!(
    insert_receipt!(),
    ";
    SELECT EXISTS (SELECT 1 FROM texts WHERE provider_sid = $10) AS known,
        (SELECT id FROM lines WHERE number = $11) AS line_id,
        (SELECT state FROM consents WHERE customer = $12) AS consent,
        (SELECT since FROM consents WHERE customer = $12) AS consent_since"
);

async fn park(conn: &mut SqliteConnection, report: &Report) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO text_reports (provider_sid, status, error_code, seen_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING",
    )
    .bind(report.provider_sid.as_str())
    .bind(report.status.word())
    .bind(i64::from(report.error_code.unwrap_or(0)))
    .bind(report.at.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Applies a report to its text, found by Twilio's id or, where the answer to our POST was lost, by
/// our own id from the signed path.
pub(crate) async fn apply(conn: &mut SqliteConnection, report: &Report) -> Result<Option<Step>, StoreError> {
    let known = sqlx::query("SELECT id, conversation_id, status, rank FROM texts WHERE provider_sid = $1")
        .bind(report.provider_sid.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let known = match (known, report.text) {
        (Some(known), _) => known,
        (None, None) => return Ok(None),
        (None, Some(id)) => {
            let adopted = sqlx::query(
                "UPDATE texts SET provider_sid = $2
                 WHERE id = $1 AND provider_sid IS NULL AND direction = 'out'
                 RETURNING id, conversation_id, status, rank",
            )
            .bind(id.uuid())
            .bind(report.provider_sid.as_str())
            .fetch_optional(&mut *conn)
            .await?;
            let Some(adopted) = adopted else { return Ok(None) };
            // The text left: whatever the answer to the POST may still say, it is settled.
            sqlx::query("UPDATE outbox SET state = 'settled' WHERE text_id = $1")
                .bind(id.uuid())
                .execute(&mut *conn)
                .await?;
            adopted
        }
    };
    let (id, conversation): (Uuid, Uuid) = (known.col("id")?, known.col("conversation_id")?);
    let stored = Status::from(known.col::<String>("status")?);
    let step = delivery::step(&stored, &report.status);
    match step {
        Step::Keep => return Ok(Some(step)),
        Step::Forward => set_status(conn, id, report, false).await?,
        Step::Conflict => {
            sqlx::query("UPDATE texts SET conflict = $2, recheck_at = $3 WHERE id = $1")
                .bind(id)
                .bind(report.status.word())
                .bind(report.at.0)
                .execute(&mut *conn)
                .await?;
        }
    }
    tell(conn, ChangeKind::TextChanged, Some(conversation), report.at).await?;
    Ok(Some(step))
}

/// Applies the reports that came before the text had Twilio's id, lowest rank first.
pub(crate) async fn apply_parked(
    conn: &mut SqliteConnection,
    provider_sid: &str,
    opted_out: impl Fn(u32) -> bool,
) -> Result<(), StoreError> {
    let rows = sqlx::query("SELECT status, error_code, seen_at FROM text_reports WHERE provider_sid = $1")
        .bind(provider_sid)
        .fetch_all(&mut *conn)
        .await?;
    let mut reports = Vec::with_capacity(rows.len());
    for row in &rows {
        let code = u32::try_from(row.col::<i64>("error_code")?).ok().filter(|code| *code != 0);
        reports.push(Report {
            provider_sid: provider_sid.to_owned(),
            text: None,
            status: Status::from_twilio(row.col("status")?),
            error_code: code,
            opted_out: code.is_some_and(&opted_out),
            at: row.at("seen_at")?,
        });
    }
    reports.sort_by_key(|report| (report.at, report.status.rank()));
    for report in &reports {
        apply(conn, report).await?;
    }
    Ok(())
}

/// Since when the customer waits, read from the texts: an answer that was taken back or never arrived
/// is no answer.
pub(crate) async fn still_waiting(conn: &mut SqliteConnection, conversation: Uuid) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE conversations SET waiting_since = (
             SELECT min(i.at) FROM texts i
             WHERE i.conversation_id = $1 AND i.direction = 'in' AND i.seq > coalesce((
                 SELECT max(o.seq) FROM texts o WHERE o.conversation_id = $1 AND o.direction = 'out'
                   AND o.status NOT IN ('taken_back', 'failed', 'undelivered', 'canceled')), 0))
         WHERE id = $1 AND done_at IS NULL",
    )
    .bind(conversation)
    .execute(conn)
    .await?;
    Ok(())
}

/// When Twilio is asked about a text that has no ending by then.
pub(crate) fn recheck_at(report: &Report) -> Option<Moment> {
    const STALE_MS: i64 = 10 * 60_000;
    (!report.status.is_final()).then(|| report.at.plus_ms(STALE_MS))
}

/// Writes a status and what follows from it: the code, the opt-out, when to ask Twilio again.
pub(crate) async fn set_status(
    conn: &mut SqliteConnection,
    id: Uuid,
    report: &Report,
    refused: bool,
) -> Result<(), StoreError> {
    let recheck = recheck_at(report).map(|at| at.0);
    sqlx::query(
        "UPDATE texts SET status = $2, rank = $3, error_code = $4, refused = $5, recheck_at = $6 WHERE id = $1",
    )
    .bind(id)
    .bind(report.status.word())
    .bind(report.status.rank())
    .bind(report.error_code.map(i64::from))
    .bind(i64::from(refused))
    .bind(recheck)
    .execute(&mut *conn)
    .await?;
    if report.status.is_failure() {
        let conversation: Uuid = sqlx::query_scalar("SELECT conversation_id FROM texts WHERE id = $1")
            .bind(id)
            .fetch_one(&mut *conn)
            .await?;
        still_waiting(conn, conversation).await?;
    }
    if report.opted_out {
        let customer: String = sqlx::query_scalar(
            "SELECT c.customer FROM texts t JOIN conversations c ON c.id = t.conversation_id WHERE t.id = $1",
        )
        .bind(id)
        .fetch_one(&mut *conn)
        .await?;
        let customer = Address::received(&customer);
        let (event, out) = (ConsentEvent::TwilioRefused, consent::Consent::OptedOut);
        note_consent(conn, &customer, Some(event), out, Some(id.into()), None, report.at).await?;
    }
    Ok(())
}
