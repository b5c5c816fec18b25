//! What the door brings, stored a group at a time. Each statement is a hand-over to the database's
//! thread, so the plain case, which is nearly every case, is filed for a whole group at once. Whatever
//! is out of the ordinary is left to the way one by one, which says the same for a single request.

use crate::{
    IncomingText, Receipt, Recorded, Report, Reported, StoreError, consent,
    row::Columns,
    texts::recheck_at,
    writer::{Request, Slot},
};
use ringdesk_domain::{
    ConversationId, TextId,
    consent::{Consent, ConsentEvent, after_text},
    delivery::Step,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sqlx::{SqliteConnection, sqlite::SqliteRow};
use uuid::Uuid;

/// A verified webhook that brought a text.
pub(crate) struct ArrivedText {
    pub(crate) text: IncomingText,
    pub(crate) receipt: Receipt,
    pub(crate) slot: Slot<Recorded>,
    /// Where it needs nothing special: itself as [`Laid`], written before it queues.
    pub(crate) laid: Option<Box<RawValue>>,
}

impl ArrivedText {
    pub(crate) fn request(
        text: IncomingText,
        receipt: Receipt,
        slot: Slot<Recorded>,
    ) -> Result<Request, StoreError> {
        let laid = if is_plain(&text) {
            Some(to_raw_value(&Laid::text(&text, &receipt)).map_err(unreadable)?)
        } else {
            None
        };
        Ok(Request::Text(Box::new(Self { text, receipt, slot, laid })))
    }
}

/// A verified webhook that brought a delivery report.
pub(crate) struct ArrivedReport {
    pub(crate) report: Report,
    pub(crate) receipt: Receipt,
    pub(crate) slot: Slot<Reported>,
    pub(crate) laid: Option<Box<RawValue>>,
}

impl ArrivedReport {
    pub(crate) fn request(
        report: Report,
        receipt: Receipt,
        slot: Slot<Reported>,
    ) -> Result<Request, StoreError> {
        let laid = if report.status.is_failure() || report.opted_out {
            None
        } else {
            Some(to_raw_value(&Laid::report(&report, &receipt)).map_err(unreadable)?)
        };
        Ok(Request::Report(Box::new(Self { report, receipt, slot, laid })))
    }
}

/// Makes a fresh connection ready for groups.
pub(crate) async fn begin(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    sqlx::raw_sql(TABLE).execute(conn).await?;
    Ok(())
}

/// How far the tables have got.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    /// Number of the newest Change.
    pub(crate) change: i64,
    /// Number of the newest text.
    pub(crate) text: i64,
}

impl Marks {
    fn read(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self { change: row.col("newest_change")?, text: row.col("newest_text")? })
    }
}

/// Where a group's webhooks are laid out, in memory only. A row that is plain indeed is filed by its
/// trigger, so that a whole group is one statement. Not filed are a request that came before, a text to
/// a line nobody knows yet or that is known, one whose writer was marked and unmarked by the owner, a
/// report that may settle an unknown send, and a second ending (rank 60 and above) of a text that has one.
const TABLE: &str = "
    CREATE TEMP TABLE arrivals (
        place INTEGER PRIMARY KEY, is_text INTEGER NOT NULL, filed INTEGER NOT NULL, moves INTEGER NOT NULL,
        replay_key BLOB NOT NULL, event TEXT NOT NULL, detail TEXT NOT NULL, received_at INTEGER NOT NULL,
        payload BLOB NOT NULL, answer_status INTEGER NOT NULL, answer_body TEXT NOT NULL,
        provider_sid TEXT NOT NULL, status TEXT NOT NULL, rank INTEGER NOT NULL, at INTEGER NOT NULL,
        error_code INTEGER NOT NULL, recheck_at INTEGER, id BLOB, line_id BLOB, customer TEXT, new_conversation BLOB, body TEXT,
        source TEXT, media_claimed INTEGER, group_with TEXT, new_event BLOB, event_word TEXT, consent TEXT
    ) STRICT;
    CREATE TEMP TRIGGER file_text AFTER INSERT ON arrivals
    WHEN NEW.is_text AND NEW.line_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM receipts WHERE replay_key = NEW.replay_key)
        AND NOT EXISTS (SELECT 1 FROM texts WHERE provider_sid = NEW.provider_sid)
        AND NOT EXISTS (SELECT 1 FROM consents WHERE customer = NEW.customer AND state = 'unknown')
    BEGIN
        INSERT INTO receipts (replay_key, event, detail, received_at, payload, answer_status, answer_body, state)
        VALUES (NEW.replay_key, NEW.event, NEW.detail, NEW.received_at, NEW.payload, NEW.answer_status,
            NEW.answer_body, 'applied');
        INSERT INTO conversations (id, line_id, customer, created_at, last_at, unread, waiting_since)
        VALUES (NEW.new_conversation, NEW.line_id, NEW.customer, NEW.at, NEW.at, 1, NEW.at)
        ON CONFLICT (line_id, customer) DO UPDATE SET
            unread = conversations.unread + 1, done_at = NULL,
            waiting_since = coalesce(conversations.waiting_since, excluded.waiting_since);
        INSERT INTO texts (id, conversation_id, direction, body, status, rank, provider_sid, at, source,
            media_claimed, group_with)
        SELECT NEW.id, id, 'in', NEW.body, NEW.status, NEW.rank, NEW.provider_sid, NEW.at, NEW.source,
            NEW.media_claimed, NEW.group_with
        FROM conversations WHERE line_id = NEW.line_id AND customer = NEW.customer;
        UPDATE conversations SET last_at = NEW.at, last_text = (SELECT seq FROM texts WHERE id = NEW.id)
        WHERE line_id = NEW.line_id AND customer = NEW.customer AND last_at <= NEW.at;
        INSERT INTO changes (kind, conversation_id, at)
        SELECT 'text_arrived', conversation_id, NEW.at FROM texts WHERE id = NEW.id;
        INSERT INTO consent_events (id, customer, event, text_id, at)
        SELECT NEW.new_event, NEW.customer, NEW.event_word, NEW.id, NEW.at
        WHERE NOT EXISTS (SELECT 1 FROM consents WHERE customer = NEW.customer);
        INSERT INTO changes (kind, conversation_id, at)
        SELECT 'consent_changed', c.id, NEW.at FROM conversations c
        WHERE c.customer = NEW.customer AND NOT EXISTS (SELECT 1 FROM consents WHERE customer = NEW.customer);
        INSERT INTO consents (customer, state, since) VALUES (NEW.customer, NEW.consent, NEW.at)
        ON CONFLICT DO NOTHING;
        UPDATE arrivals SET filed = 1 WHERE place = NEW.place;
    END;
    CREATE TEMP TRIGGER file_report AFTER INSERT ON arrivals
    WHEN NOT NEW.is_text AND NOT EXISTS (SELECT 1 FROM receipts WHERE replay_key = NEW.replay_key)
        AND NOT EXISTS (SELECT 1 FROM texts WHERE provider_sid = NEW.provider_sid AND min(rank, NEW.rank) >= 60)
        AND (NEW.id IS NULL OR EXISTS (SELECT 1 FROM texts WHERE provider_sid = NEW.provider_sid))
    BEGIN
        INSERT INTO receipts (replay_key, event, detail, received_at, payload, answer_status, answer_body, state)
        VALUES (NEW.replay_key, NEW.event, NEW.detail, NEW.received_at, NEW.payload, NEW.answer_status,
            NEW.answer_body, 'applied');
        INSERT INTO text_reports (provider_sid, status, error_code, seen_at)
        VALUES (NEW.provider_sid, NEW.status, NEW.error_code, NEW.at)
        ON CONFLICT DO NOTHING;
        UPDATE arrivals SET filed = 1, moves = EXISTS (
            SELECT 1 FROM texts WHERE provider_sid = NEW.provider_sid AND rank < min(NEW.rank, 60))
        WHERE place = NEW.place;
        INSERT INTO changes (kind, conversation_id, at)
        SELECT 'text_changed', conversation_id, NEW.at FROM texts
        WHERE provider_sid = NEW.provider_sid AND rank < min(NEW.rank, 60);
        UPDATE texts SET status = NEW.status, rank = NEW.rank, error_code = nullif(NEW.error_code, 0),
            refused = 0, recheck_at = NEW.recheck_at
        WHERE provider_sid = NEW.provider_sid AND rank < min(NEW.rank, 60);
    END";

/// Lays a group out, which files it, and says what was filed. `$2` holds the webhooks' bodies one after
/// the other, `$1` as JSON where each body begins and its webhook as [`Laid`].
const FILE_GROUP: &str = "
    DELETE FROM temp.arrivals;
        INSERT INTO temp.arrivals
        WITH laid (place, payload_from, it) AS MATERIALIZED (
            SELECT key, value ->> 0, jsonb_extract(value, '$[1]') FROM jsonb_each($1))
        SELECT place, it ->> 'is_text', 0, 0, unhex(it ->> 'replay_key'), it ->> 'event',
            CAST(unhex(it ->> 'detail') AS TEXT), it ->> 'received_at',
            substr($2, payload_from, it ->> 'payload_bytes'), it ->> 'answer_status', it ->> 'answer_body',
            CAST(unhex(it ->> 'provider_sid') AS TEXT), CAST(unhex(it ->> 'status') AS TEXT), it ->> 'rank',
            it ->> 'at', it ->> 'error_code', it ->> 'recheck_at', unhex(it ->> 'id'),
            (SELECT l.id FROM lines l WHERE l.number = CAST(unhex(it ->> 'line') AS TEXT)),
            CAST(unhex(it ->> 'customer') AS TEXT), unhex(it ->> 'new_conversation'),
            CAST(unhex(it ->> 'body') AS TEXT), it ->> 'source', it ->> 'media_claimed',
            CAST(unhex(it ->> 'group_with') AS TEXT), unhex(it ->> 'new_event'), it ->> 'event_word',
            it ->> 'consent'
        FROM laid;
        SELECT coalesce((SELECT max(seq) FROM changes), 0) AS newest_change,
            coalesce((SELECT max(seq) FROM texts), 0) AS newest_text,
            (SELECT json_group_array(json_array(a.place, a.moves, hex(t.conversation_id)))
            FROM temp.arrivals a LEFT JOIN texts t ON t.seq = CASE WHEN a.is_text
                THEN (SELECT n.seq FROM texts n WHERE n.id = a.id)
                ELSE (SELECT k.seq FROM texts k WHERE k.provider_sid = a.provider_sid) END
            WHERE a.filed) AS filed";

const CLOSE_GROUP: &str = "
    SELECT coalesce((SELECT max(seq) FROM changes), 0) AS newest_change,
        coalesce((SELECT max(seq) FROM texts), 0) AS newest_text;
    COMMIT";

/// A webhook as it is laid out; every outside word in hex.
#[derive(Serialize, Default)]
struct Laid<'a> {
    is_text: u8,
    replay_key: String,
    event: &'a str,
    detail: String,
    received_at: i64,
    payload_bytes: usize,
    answer_status: u16,
    answer_body: &'a str,
    provider_sid: String,
    status: String,
    rank: i64,
    at: i64,
    error_code: u32,
    recheck_at: Option<i64>,
    id: Option<String>,
    line: Option<String>,
    customer: Option<String>,
    new_conversation: Option<String>,
    body: Option<String>,
    source: Option<&'a str>,
    media_claimed: Option<u32>,
    group_with: Option<String>,
    new_event: Option<String>,
    event_word: Option<&'a str>,
    consent: Option<&'a str>,
}

impl<'a> Laid<'a> {
    fn receipt(receipt: &'a Receipt) -> Self {
        Self {
            replay_key: hex::encode(receipt.replay_key),
            event: receipt.event,
            detail: hex::encode(&receipt.detail),
            received_at: receipt.received_at.0,
            payload_bytes: receipt.payload.len(),
            answer_status: receipt.answer.status,
            answer_body: &receipt.answer.body,
            ..Self::default()
        }
    }

    fn text(text: &'a IncomingText, receipt: &'a Receipt) -> Self {
        let (event, after) = after_text(Consent::Unknown, text.word);
        Self {
            is_text: 1,
            provider_sid: hex::encode(&text.provider_sid),
            status: hex::encode(text.status.word()),
            rank: text.status.rank(),
            at: text.at.0,
            id: Some(hex_id(text.id.uuid())),
            line: Some(hex::encode(text.line.as_str())),
            customer: Some(hex::encode(text.customer.as_str())),
            new_conversation: Some(hex_id(ConversationId::new(text.at).uuid())),
            body: Some(hex::encode(&text.body)),
            source: Some(text.source),
            media_claimed: Some(text.media_claimed),
            group_with: text.group_with.as_ref().map(hex::encode),
            new_event: event.map(|_| hex_id(TextId::new(text.at).uuid())),
            event_word: event.map(ConsentEvent::word),
            consent: Some(consent::word(after)),
            ..Self::receipt(receipt)
        }
    }

    fn report(report: &'a Report, receipt: &'a Receipt) -> Self {
        Self {
            provider_sid: hex::encode(&report.provider_sid),
            status: hex::encode(report.status.word()),
            rank: report.status.rank(),
            at: report.at.0,
            error_code: report.error_code.unwrap_or(0),
            recheck_at: recheck_at(report).map(|at| at.0),
            id: report.text.map(|text| hex_id(text.uuid())),
            ..Self::receipt(receipt)
        }
    }
}

fn hex_id(id: Uuid) -> String {
    id.simple().to_string()
}

/// Whether a text needs nothing but what the trigger does: no pictures to fetch, and words that say
/// something about consent only where nothing is known of the customer.
fn is_plain(text: &IncomingText) -> bool {
    let silent = |now: Consent| after_text(now, text.word) == (None, now);
    text.attachments.is_empty() && silent(Consent::Given) && silent(Consent::OptedOut)
}

/// Files plain webhooks; those that were filed are settled then. Outside a transaction it is one of its
/// own.
pub(crate) async fn file(conn: &mut SqliteConnection, plain: &mut [Request]) -> Result<Marks, StoreError> {
    let (mut laid, mut payloads) = (Vec::with_capacity(plain.len()), Vec::new());
    for request in &*plain {
        if let Some((it, receipt)) = request.plain() {
            // SQL counts from one.
            laid.push((payloads.len() + 1, it));
            payloads.extend_from_slice(&receipt.payload);
        }
    }
    let json = serde_json::to_string(&laid).map_err(unreadable)?;
    let rows = sqlx::query(FILE_GROUP).bind(json).bind(payloads).fetch_all(&mut *conn).await?;
    let Some(row) = rows.first() else {
        return Err(StoreError::Driver("nothing was said of a group".into()));
    };
    let filed: Vec<(usize, u8, String)> = serde_json::from_str(row.col("filed")?).map_err(unreadable)?;
    for (place, moves, conversation) in filed {
        // No conversation: a report about a text that is not known yet.
        let conversation = if conversation.is_empty() {
            None
        } else {
            Some(Uuid::try_parse(&conversation).map_err(unreadable)?)
        };
        match &mut plain[place] {
            Request::Text(arrived) => {
                let answer = Some(arrived.receipt.answer.clone());
                arrived.slot.outcome = Some(Ok(Recorded { answer, stored_in: conversation.map(Into::into) }));
            }
            Request::Report(arrived) => {
                let answer = Some(arrived.receipt.answer.clone());
                let step = conversation.map(|_| if moves == 0 { Step::Keep } else { Step::Forward });
                arrived.slot.outcome = Some(Ok(Reported { answer, step }));
            }
            Request::Act(_) => {}
        }
    }
    Marks::read(row)
}

fn unreadable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Driver(error.to_string())
}

/// Commits the open group.
pub(crate) async fn close(conn: &mut SqliteConnection) -> Result<Marks, StoreError> {
    let rows = sqlx::query(CLOSE_GROUP).fetch_all(conn).await?;
    match rows.first() {
        Some(row) => Marks::read(row),
        None => Err(StoreError::Driver("a group closed without a word".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{AssertSqlSafe, Connection, sqlite::SqliteConnectOptions};

    /// The cost of one more text must not grow with the texts there are.
    #[tokio::test]
    async fn no_statement_of_the_door_reads_a_whole_table() {
        // The checks of foreign keys stand in a plan even where they are never run.
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(false);
        let mut conn = SqliteConnection::connect_with(&options).await.expect("a database");
        let schema = include_str!("../../../migrations/sqlite/0001_office.sql");
        sqlx::raw_sql(schema).execute(&mut conn).await.expect("the schema");
        begin(&mut conn).await.expect("ready");
        // The plan of an insert does not show its triggers', so theirs are asked for one by one.
        let triggers = TABLE.split("CREATE TEMP TRIGGER").skip(1).flat_map(|trigger| {
            let (head, body) = trigger.split_once("BEGIN").expect("a body");
            let (_, when) = head.split_once("WHEN").expect("a condition");
            let body = body.split(';').map(str::trim).filter(|part| !part.is_empty() && *part != "END");
            let when = format!("SELECT 1 WHERE {when}");
            std::iter::once(when).chain(body.map(str::to_owned)).map(|sql| sql.replace("NEW.", ":"))
        });
        let plain = [FILE_GROUP, CLOSE_GROUP].iter().flat_map(|sql| sql.split(';')).map(str::trim);
        let plain = plain.filter(|sql| *sql != "COMMIT").map(str::to_owned);
        let (mut seen, mut scans) = (0, Vec::new());
        for statement in plain.chain(triggers) {
            seen += 1;
            let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
            for row in sqlx::raw_sql(explain).fetch_all(&mut conn).await.expect(&statement) {
                let step: String = row.col("detail").expect("a step");
                let small = ["a", "laid", "jsonb_each", "temp.arrivals", "CONSTANT"];
                let scanned = step.strip_prefix("SCAN ").and_then(|of| of.split(' ').next());
                scans
                    .extend(scanned.filter(|of| !small.contains(of)).map(|_| format!("{step}: {statement}")));
            }
        }
        assert!(seen >= 20, "only {seen} statements were looked at");
        assert!(scans.is_empty(), "{scans:#?}");
    }
}
