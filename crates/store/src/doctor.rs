//! What the check-up looks at: what waits too long, what could not be used, and whether the file is sound.

use crate::{Store, StoreError, oldest_safe_sqlite, row::Columns};
use ringdesk_domain::Moment;

/// A text that could not leave for this long waits too long, in milliseconds.
const TOO_LONG_MS: i64 = 15 * 60_000;
/// What could not be used is news for this long, in milliseconds; then it stays in the log only.
const NEWS_MS: i64 = 7 * 24 * 60 * 60_000;
/// What is told of something we do not know yet usually comes this much before it at most, in milliseconds.
const EARLY_MS: i64 = 60 * 60_000;
/// Refused countries are counted for this long, in milliseconds: as long as Twilio keeps its alerts.
const MONTH_MS: i64 = 30 * 24 * 60 * 60_000;

/// What waits, failed or was put aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Piled {
    /// Texts that should have left a quarter of an hour ago and are still queued.
    pub late: u32,
    /// Texts that wait for the owner's word because they are that old.
    pub held: u32,
    /// Sends that may have left, and those of this week that were never found and not sent again.
    pub unsettled: u32,
    /// Verified requests whose effects could not be stored.
    pub failed: u32,
    /// Requests of this week that contradict themselves.
    pub quarantined: u32,
    /// Since when there are lines.
    pub lines_since: Option<Moment>,
    /// When Twilio first reached us.
    pub first_webhook_at: Option<Moment>,
    /// When Twilio last reached us.
    pub last_webhook_at: Option<Moment>,
    /// When the newest text of a customer that is stored came, brought or fetched.
    pub last_text_at: Option<Moment>,
}

/// What is found by reading everything: slow where much is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookedThrough {
    /// What is wrong with the file, in SQLite's words; empty where nothing is. They name tables, not values.
    pub problems: Vec<String>,
    /// What this week's requests tell of texts and calls that never came.
    pub parked: u32,
    /// Texts and calls of this month that were refused because their country is switched off.
    pub countries: u32,
}

impl Store {
    /// Counts what waits, failed or was put aside.
    pub async fn piled(&self, now: Moment) -> Result<Piled, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM outbox
                         WHERE state = 'queued' AND wanted_at < $1 AND due_at <= $2) AS late,
                    (SELECT count(*) FROM outbox WHERE state = 'held') AS held,
                    (SELECT count(*) FROM outbox o WHERE o.state = 'unknown' OR (
                         o.state = 'not_found' AND o.wanted_at > $3 AND NOT EXISTS (
                             SELECT 1 FROM texts t WHERE t.resend_of = o.text_id))) AS unsettled,
                    (SELECT count(*) FROM receipts WHERE state = 'failed') AS failed,
                    (SELECT count(*) FROM receipts
                         WHERE state = 'quarantined' AND received_at > $3) AS quarantined,
                    (SELECT min(created_at) FROM lines) AS lines_since,
                    (SELECT received_at FROM receipts ORDER BY seq LIMIT 1) AS first_webhook,
                    (SELECT received_at FROM receipts ORDER BY seq DESC LIMIT 1) AS last_webhook,
                    (SELECT max(at) FROM (SELECT at FROM texts WHERE direction = 'in'
                         ORDER BY seq DESC LIMIT 50)) AS last_text",
        )
        .bind(now.plus_ms(-TOO_LONG_MS).0)
        .bind(now.0)
        .bind(now.plus_ms(-NEWS_MS).0)
        .fetch_one(&self.readers)
        .await?;
        Ok(Piled {
            late: row.count("late")?,
            held: row.count("held")?,
            unsettled: row.count("unsettled")?,
            failed: row.count("failed")?,
            quarantined: row.count("quarantined")?,
            lines_since: row.maybe_at("lines_since")?,
            first_webhook_at: row.maybe_at("first_webhook")?,
            last_webhook_at: row.maybe_at("last_webhook")?,
            last_text_at: row.maybe_at("last_text")?,
        })
    }

    /// Reads the whole database: whether it is sound, and what no index leads to.
    pub async fn look_through(&self, now: Moment) -> Result<LookedThrough, StoreError> {
        let problems = match self.sound().await {
            Ok(problems) => problems,
            // A file too damaged to be looked through is no less of a finding.
            Err(StoreError::Damaged(why)) => {
                return Ok(LookedThrough { problems: vec![why], ..LookedThrough::default() });
            }
            Err(error) => return Err(error),
        };
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM text_reports r WHERE r.seen_at BETWEEN $1 AND $2
                         AND NOT EXISTS (SELECT 1 FROM texts t WHERE t.provider_sid = r.provider_sid))
                    + (SELECT count(*) FROM recordings r WHERE r.at BETWEEN $1 AND $2 AND r.state <> 'deleted'
                         AND NOT EXISTS (SELECT 1 FROM calls c WHERE c.provider_sid = r.call_sid)) AS parked,
                    (SELECT count(*) FROM texts WHERE error_code IN (21408, 21215, 13227) AND at > $3)
                    + (SELECT count(*) FROM calls
                         WHERE error_code IN (21408, 21215, 13227) AND at > $3) AS countries",
        )
        .bind(now.plus_ms(-NEWS_MS).0)
        .bind(now.plus_ms(-EARLY_MS).0)
        .bind(now.plus_ms(-MONTH_MS).0)
        .fetch_one(&self.readers)
        .await?;
        Ok(LookedThrough { problems, parked: row.count("parked")?, countries: row.count("countries")? })
    }

    async fn sound(&self) -> Result<Vec<String>, StoreError> {
        let mut reading = self.readers.begin().await?;
        // A full-text table is compared with what this connection remembers of its index, which it looks at anew
        // only where the table is read; the transaction keeps it from changing in between.
        for table in ["text_search", "name_search", "transcript_search"] {
            let first = format!("SELECT rowid FROM {table} LIMIT 1");
            sqlx::query(sqlx::AssertSqlSafe(first)).fetch_optional(&mut *reading).await?;
        }
        let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(10)").fetch_all(&mut *reading).await?;
        reading.commit().await?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }

    /// The version of SQLite in use, and the oldest one whose log keeps what it promises.
    pub async fn sqlite(&self) -> Result<(String, String), StoreError> {
        let version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&self.readers).await?;
        let (major, minor, patch) = oldest_safe_sqlite();
        Ok((version, format!("{major}.{minor}.{patch}")))
    }
}
