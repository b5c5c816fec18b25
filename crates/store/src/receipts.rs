//! Receipts of verified webhooks: the same request again changes nothing and gets the same answer.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{ChangeKind, Moment, VoicemailId};
use sqlx::sqlite::SqliteRow;

/// Receipts that are searched for what they name, at most: the newest.
const SEARCHED: i64 = 2_000;

const COLUMNS: &str =
    "seq, replay_key, event, detail, received_at, payload, answer_status, answer_body, state, problem";

/// What Twilio is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Body, TwiML or empty.
    pub body: String,
}

/// A verified request, as it is kept.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Its identity for ever.
    pub replay_key: [u8; 32],
    /// The route's name.
    pub event: &'static str,
    /// What the path said beyond the route, such as our own text id.
    pub detail: String,
    /// When it came.
    pub received_at: Moment,
    /// The body exactly as it came.
    pub payload: Vec<u8>,
    /// What is answered.
    pub answer: Answer,
}

/// What became of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptState {
    /// Its effects are stored.
    Applied,
    /// Its effects could not be stored; it can be tried again.
    Failed(String),
    /// It contradicts itself; nothing was concluded from it.
    Quarantined(String),
}

impl ReceiptState {
    fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Applied => ("applied", None),
            Self::Failed(why) => ("failed", Some(why)),
            Self::Quarantined(why) => ("quarantined", Some(why)),
        }
    }
}

/// A verified request as it came; by itself, one whose effects are not stored.
#[derive(Debug, Clone)]
pub struct OpenReceipt {
    /// Its identity.
    pub replay_key: [u8; 32],
    /// The route's name.
    pub event: String,
    /// What the path said beyond the route.
    pub detail: String,
    /// When it came.
    pub received_at: Moment,
    /// The body exactly as it came.
    pub payload: Vec<u8>,
}

/// A receipt as it is kept.
#[derive(Debug, Clone)]
pub struct LoggedReceipt {
    /// Order of storing.
    pub seq: i64,
    /// The request.
    pub request: OpenReceipt,
    /// What was answered.
    pub answer: Answer,
    /// What became of it.
    pub state: ReceiptState,
}

/// Which receipts are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptFilter {
    /// All.
    All,
    /// Those whose effects are stored.
    Applied,
    /// Those that can be tried again.
    Failed,
    /// Those nothing was concluded from.
    Quarantined,
}

impl ReceiptFilter {
    /// In the words of the partial index, where there are few.
    const fn sql(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Applied => "AND state = 'applied'",
            Self::Failed => "AND state <> 'applied' AND state = 'failed'",
            Self::Quarantined => "AND state <> 'applied' AND state = 'quarantined'",
        }
    }
}

fn open(row: &SqliteRow) -> Result<OpenReceipt, StoreError> {
    let key: &[u8] = row.col("replay_key")?;
    Ok(OpenReceipt {
        replay_key: key.try_into().map_err(|_| StoreError::Driver("replay key".into()))?,
        event: row.col("event")?,
        detail: row.col("detail")?,
        received_at: row.at("received_at")?,
        payload: row.col("payload")?,
    })
}

fn logged(row: &SqliteRow) -> Result<LoggedReceipt, StoreError> {
    let problem: Option<String> = row.col("problem")?;
    let problem = problem.unwrap_or_default();
    let state: &str = row.col("state")?;
    let status: i64 = row.col("answer_status")?;
    Ok(LoggedReceipt {
        seq: row.col("seq")?,
        request: open(row)?,
        answer: Answer { status: u16::try_from(status).unwrap_or(0), body: row.col("answer_body")? },
        state: match state {
            "failed" => ReceiptState::Failed(problem),
            "quarantined" => ReceiptState::Quarantined(problem),
            _ => ReceiptState::Applied,
        },
    })
}

/// What is known of a request when it is filed.
pub(crate) enum Filed {
    /// Seen now for the first time, or failed before: go on.
    Fresh,
    /// Its effects are stored: answer as before.
    Before(Answer),
}

/// Whether a request came before.
pub(crate) fn is_filed(db: &Db, receipt: &Receipt) -> Result<bool, StoreError> {
    let filed = "SELECT 1 FROM receipts WHERE replay_key = $1";
    Ok(db.first(filed, &[&receipt.replay_key], |_| Ok(()))?.is_some())
}

/// Files a receipt in the running transaction; one whose effects failed may be tried again.
pub(crate) fn file(db: &Db, receipt: &Receipt, state: &ReceiptState) -> Result<Filed, StoreError> {
    let (word, problem) = state.columns();
    let filed = db.run(
        "INSERT INTO receipts (replay_key, event, detail, received_at, payload, answer_status, answer_body, state,
             problem)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (replay_key) DO UPDATE SET state = excluded.state, problem = excluded.problem
             WHERE receipts.state = 'failed'",
        &[
            &receipt.replay_key,
            &receipt.event,
            &receipt.detail,
            &receipt.received_at.0,
            &receipt.payload,
            &receipt.answer.status,
            &receipt.answer.body,
            &word,
            &problem,
        ],
    )?;
    if filed > 0 {
        return Ok(Filed::Fresh);
    }
    let before = db.first(
        "SELECT answer_status, answer_body FROM receipts WHERE replay_key = $1",
        &[&receipt.replay_key],
        |row| Ok(Answer { status: row.get(0)?, body: row.get(1)? }),
    )?;
    before.map(Filed::Before).ok_or_else(|| StoreError::Driver("row not found".into()))
}

impl Store {
    /// Keeps a verified request whose effects could not be stored, whole.
    pub async fn keep_receipt(&self, receipt: Receipt, state: ReceiptState) -> Result<Answer, StoreError> {
        self.writer()?
            .write(move |db| {
                let filed = file(db, &receipt, &state)?;
                db.tell(ChangeKind::HealthChanged, None, receipt.received_at)?;
                Ok(match filed {
                    Filed::Fresh => receipt.answer.clone(),
                    Filed::Before(answer) => answer,
                })
            })
            .await
    }

    /// Requests whose effects failed, oldest first, to be tried again.
    pub async fn failed_receipts(&self, limit: u32) -> Result<Vec<OpenReceipt>, StoreError> {
        let rows = sqlx::query(
            "SELECT replay_key, event, detail, received_at, payload FROM receipts
             WHERE state = 'failed' ORDER BY seq LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(open).collect()
    }

    /// The log of what was received, newest first, those before `before`.
    pub async fn receipts(
        &self,
        filter: ReceiptFilter,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<LoggedReceipt>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM receipts WHERE seq < $1 {} ORDER BY seq DESC LIMIT $2",
            filter.sql()
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(before.unwrap_or(i64::MAX))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(logged).collect()
    }

    /// One receipt by its number.
    pub async fn receipt(&self, seq: i64) -> Result<Option<LoggedReceipt>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM receipts WHERE seq = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(seq).fetch_optional(&self.readers).await?;
        row.as_ref().map(logged).transpose()
    }

    /// Receipts among the newest 2,000 whose body names an id of Twilio's, or whose path named one of ours;
    /// oldest first.
    pub async fn receipts_about(
        &self,
        sid: Option<String>,
        ours: String,
    ) -> Result<Vec<LoggedReceipt>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM (SELECT {COLUMNS} FROM receipts ORDER BY seq DESC LIMIT $1)
             WHERE detail = $2 OR instr(payload, $3) > 0 ORDER BY seq"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(SEARCHED)
            .bind(ours)
            .bind(sid.map(String::into_bytes))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(logged).collect()
    }

    /// Twilio's id of the recording of a voicemail, once it is known; also of a deleted one.
    pub async fn recording_sid(&self, id: VoicemailId) -> Result<Option<String>, StoreError> {
        let sid = sqlx::query_scalar(
            "SELECT r.provider_sid FROM recordings r JOIN voicemails v ON v.recording_id = r.id
             WHERE v.id = $1",
        );
        Ok(sid.bind(id.uuid()).fetch_optional(&self.readers).await?)
    }
}
