//! Conversations: one line and one customer's number.

use crate::{Store, StoreError, Text, consent::consent_of, db::Db, lines::line_for, row::Columns};
use ringdesk_domain::{
    Address, ChangeKind, Colleague, ConversationId, LineId, Moment, Status, calls::Ending, consent::Consent,
};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// Which conversations a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConversationFilter {
    /// Everything not done.
    #[default]
    Open,
    /// With something unread.
    Unread,
    /// The customer rang in vain and waits.
    Missed,
    /// The customer spoke last.
    Waiting,
    /// Put away.
    Done,
}

impl ConversationFilter {
    const fn sql(self) -> &'static str {
        match self {
            Self::Open => "c.done_at IS NULL",
            Self::Unread => "c.unread > 0",
            Self::Missed => {
                "c.waiting_since IS NOT NULL AND c.done_at IS NULL AND EXISTS (
                     SELECT 1 FROM calls k WHERE k.conversation_id = c.id AND k.at >= c.waiting_since
                       AND k.missed = 1 AND k.ending IS NOT 'voicemail')"
            }
            Self::Waiting => "c.waiting_since IS NOT NULL AND c.done_at IS NULL",
            Self::Done => "c.done_at IS NOT NULL",
        }
    }
}

/// How many conversations of a line there are by filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FilterCounts {
    /// With something unread.
    pub unread: u32,
    /// Where the customer waits.
    pub waiting: u32,
    /// Where the customer rang in vain and waits.
    pub missed: u32,
}

/// A conversation as a list shows it.
#[derive(Debug, Clone)]
pub struct ConversationRow {
    /// Our id.
    pub id: ConversationId,
    /// Our number in it.
    pub line: LineId,
    /// Our number itself.
    pub line_number: Address,
    /// The customer's number.
    pub customer: Address,
    /// The customer's name, where the owner gave one.
    pub name: Option<String>,
    /// Newest event.
    pub last_at: Moment,
    /// Unread events.
    pub unread: u32,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<Moment>,
    /// When it was put away.
    pub done_at: Option<Moment>,
    /// Where the customer stands on texts.
    pub consent: Consent,
    /// Since when.
    pub consent_since: Option<Moment>,
    /// The newest text: who wrote it, its words and how far it got.
    pub last: Option<(bool, String, Status)>,
    /// Pictures on the newest text.
    pub last_pictures: u32,
    /// What the owner has begun to write.
    pub draft: Option<String>,
    /// The newest call, where no text is newer but the one that texted them back by itself: whether they called,
    /// how it ended, whether they were missed.
    pub last_call: Option<(bool, Option<Ending>, bool)>,
    /// What was said in that call, as the owner reads it, where a message was left.
    pub last_said: Option<String>,
    /// Whether everything of it is kept, whatever the settings say.
    pub held: bool,
    /// Who sees to it, if anybody does.
    pub assigned: Option<Colleague>,
}

/// What the badges count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    /// Conversations with something unread.
    pub conversations: u32,
    /// Conversations where the customer waits.
    pub waiting: u32,
    /// Conversations where the customer rang in vain and waits.
    pub missed: u32,
    /// Voicemails nobody listened to.
    pub unheard: u32,
}

const COLUMNS: &str = "SELECT c.id, c.line_id, l.number AS line_number, c.customer, nullif(p.name, '') AS name, c.last_at, c.unread,
        c.waiting_since, c.done_at, c.held_at IS NOT NULL AS held, s.state AS consent, s.since AS consent_since, t.direction, t.body, t.status,
        (SELECT count(*) FROM attachments a WHERE a.text_id = t.id) AS pictures, d.body AS draft,
        k.direction AS call_direction, k.ending AS call_ending, k.missed AS call_missed,
        CASE k.ending WHEN 'voicemail' THEN (
            SELECT coalesce(w.edited, w.said) FROM voicemails v JOIN recordings r ON r.id = v.recording_id
            JOIN transcripts w ON w.recording_sid = r.provider_sid
            WHERE v.call_id = k.id AND v.removed_at IS NULL ORDER BY v.at DESC, v.id DESC LIMIT 1) END AS call_said,
        u.id AS colleague, u.name AS colleague_name
    FROM conversations c
    JOIN lines l ON l.id = c.line_id
    LEFT JOIN texts t ON t.seq = c.last_text
    LEFT JOIN calls k ON k.id = (
        SELECT n.id FROM calls n WHERE n.conversation_id = c.id ORDER BY n.at DESC LIMIT 1)
        AND (k.at >= coalesce(t.at, -1) OR k.text_back = t.id)
    LEFT JOIN consents s ON s.customer = c.customer
    LEFT JOIN drafts d ON d.conversation_id = c.id
    LEFT JOIN contact_numbers n ON n.number = c.customer
    LEFT JOIN contacts p ON p.id = n.contact_id
    LEFT JOIN colleagues u ON u.id = c.assigned_to";

fn conversation(row: &SqliteRow) -> Result<ConversationRow, StoreError> {
    let last = match row.col::<Option<&str>>("direction")? {
        Some(direction) => {
            Some((direction == "in", row.col::<String>("body")?, Status::from(row.col::<String>("status")?)))
        }
        None => None,
    };
    let last_call = match row.col::<Option<&str>>("call_direction")? {
        Some(direction) => {
            let ending = row.col::<Option<&str>>("call_ending")?.and_then(Ending::from_word);
            Some((direction == "in", ending, row.col::<i64>("call_missed")? != 0))
        }
        None => None,
    };
    let assigned = match row.maybe_id("colleague")? {
        Some(id) => Some(Colleague { id, name: row.col("colleague_name")? }),
        None => None,
    };
    Ok(ConversationRow {
        last_call,
        last_said: row.col("call_said")?,
        assigned,
        id: row.id("id")?,
        line: row.id("line_id")?,
        line_number: Address::received(row.col("line_number")?),
        customer: Address::received(row.col("customer")?),
        name: row.col("name")?,
        last_at: row.at("last_at")?,
        unread: row.count("unread")?,
        waiting_since: row.maybe_at("waiting_since")?,
        done_at: row.maybe_at("done_at")?,
        consent: consent_of(row.col("consent")?),
        consent_since: row.maybe_at("consent_since")?,
        last,
        last_pictures: row.count("pictures")?,
        draft: row.col("draft")?,
        held: row.col::<i64>("held")? != 0,
    })
}

/// The conversation of a line and a customer, made where none is.
pub(crate) fn conversation_for(
    db: &Db,
    line: LineId,
    customer: &Address,
    at: Moment,
) -> Result<Uuid, StoreError> {
    if let Some(known) = conversation_of(db, line, customer)? {
        return Ok(known);
    }
    new_conversation(db, line, customer, at)
}

fn conversation_of(db: &Db, line: LineId, customer: &Address) -> Result<Option<Uuid>, StoreError> {
    db.first(
        "SELECT id FROM conversations WHERE line_id = $1 AND customer = $2",
        &[&line.uuid(), &customer.as_str()],
        |row| row.get(0),
    )
}

fn new_conversation(db: &Db, line: LineId, customer: &Address, at: Moment) -> Result<Uuid, StoreError> {
    let id = ConversationId::new(at).uuid();
    db.run(
        "INSERT INTO conversations (id, line_id, customer, created_at, last_at, unread) VALUES ($1, $2, $3, $4, $4, 0)",
        &[&id, &line.uuid(), &customer.as_str(), &at.0],
    )?;
    Ok(id)
}

/// The conversations with a number, on all our lines.
pub(crate) fn conversations_of(db: &Db, number: &str) -> Result<Vec<Uuid>, StoreError> {
    db.all("SELECT id FROM conversations WHERE customer = $1", &[&number], |row| row.get(0))
}

impl Store {
    /// A part of a list of conversations, newest first: at most `limit` from place `from` on. On one line
    /// only, where one is named.
    pub async fn conversations(
        &self,
        filter: ConversationFilter,
        line: Option<LineId>,
        from: u32,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let on = if line.is_some() { "AND c.line_id = $1" } else { "" };
        // The rows are picked first: what is skipped needs no joins.
        let sql = format!(
            "WITH part AS MATERIALIZED (SELECT c.id FROM conversations c WHERE {} {on}
                 ORDER BY c.last_at DESC, c.id DESC LIMIT $2 OFFSET $3)
             {COLUMNS} WHERE c.id IN (SELECT id FROM part) ORDER BY c.last_at DESC, c.id DESC",
            filter.sql()
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(line.map(LineId::uuid))
            .bind(i64::from(limit))
            .bind(i64::from(from))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(conversation).collect()
    }

    /// How many conversations a list has.
    pub async fn count_conversations(
        &self,
        filter: ConversationFilter,
        line: Option<LineId>,
    ) -> Result<u32, StoreError> {
        let on = if line.is_some() { "AND c.line_id = $1" } else { "" };
        let sql = format!("SELECT count(*) AS n FROM conversations c WHERE {} {on}", filter.sql());
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(line.map(LineId::uuid))
            .fetch_one(&self.readers)
            .await?;
        row.count("n")
    }

    /// Conversations whose customer's name has all words (the last one may be a beginning) or whose number
    /// has these digits, or is the one typed as it is written in `region`, newest first.
    pub async fn search_people(
        &self,
        words: &str,
        region: &str,
        limit: u32,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        let Some(query) = crate::search::fts_query(words) else { return Ok(Vec::new()) };
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let other = words.chars().any(char::is_alphabetic);
        // Two digits are in nearly every number.
        let number = digits.len() > 2 && !other;
        let digits = number.then(|| format!("%{digits}%"));
        // A zero in front is no part of the number that is kept.
        let begun = Address::begun(words, region).filter(|_| number).map(|begun| format!("{begun}%"));
        let typed = Address::typed(words, region).filter(|_| number);
        // Names lead to their numbers by an index; digits are looked for in every number.
        let any = if number { "c.customer LIKE $2 OR c.customer LIKE $3 OR c.customer = $4 OR" } else { "" };
        let sql = format!(
            "WITH part AS (
                 SELECT c.id FROM conversations c WHERE {any} c.customer IN (
                     SELECT m.number FROM name_search f
                     JOIN contacts q ON q.seq = f.rowid JOIN contact_numbers m ON m.contact_id = q.id
                     WHERE name_search MATCH $1)
                 ORDER BY c.last_at DESC, c.id DESC LIMIT $5)
             {COLUMNS} WHERE c.id IN (SELECT id FROM part) ORDER BY c.last_at DESC, c.id DESC"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(query)
            .bind(digits)
            .bind(begun)
            .bind(typed.as_ref().map(Address::as_str))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(conversation).collect()
    }

    /// One conversation.
    pub async fn conversation(&self, id: ConversationId) -> Result<Option<ConversationRow>, StoreError> {
        let sql = format!("{COLUMNS} WHERE c.id = $1");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(&self.readers).await?;
        row.as_ref().map(conversation).transpose()
    }

    /// The conversation with a number, on any of our lines: the one where something happened last.
    pub async fn newest_conversation(
        &self,
        customer: &Address,
    ) -> Result<Option<ConversationId>, StoreError> {
        let id: Option<Uuid> = sqlx::query_scalar(
            "SELECT id FROM conversations WHERE customer = $1 ORDER BY last_at DESC, id DESC LIMIT 1",
        )
        .bind(customer.as_str())
        .fetch_optional(&self.readers)
        .await?;
        Ok(id.map(ConversationId::from))
    }

    /// What the badges count.
    pub async fn unread(&self) -> Result<Unread, StoreError> {
        let of = |filter: ConversationFilter| {
            format!("(SELECT count(*) FROM conversations c WHERE {})", filter.sql())
        };
        let sql = format!(
            "SELECT {} AS unread, {} AS waiting, {} AS missed, (SELECT count(*) FROM voicemails v
                 WHERE v.heard_at IS NULL AND v.removed_at IS NULL) AS unheard",
            of(ConversationFilter::Unread),
            of(ConversationFilter::Waiting),
            of(ConversationFilter::Missed)
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&self.readers).await?;
        Ok(Unread {
            conversations: row.count("unread")?,
            waiting: row.count("waiting")?,
            missed: row.count("missed")?,
            unheard: row.count("unheard")?,
        })
    }

    /// How many conversations a line has by filter.
    pub async fn filter_counts(&self, line: LineId) -> Result<FilterCounts, StoreError> {
        // The sign keeps it to the filter's own index: few are unread or wait, and a line may have them all.
        let of = |filter: ConversationFilter| {
            format!("(SELECT count(*) FROM conversations c WHERE {} AND +c.line_id = $1)", filter.sql())
        };
        let sql = format!(
            "SELECT {} AS unread, {} AS waiting, {} AS missed",
            of(ConversationFilter::Unread),
            of(ConversationFilter::Waiting),
            of(ConversationFilter::Missed)
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(line.uuid()).fetch_one(&self.readers).await?;
        Ok(FilterCounts {
            unread: row.count("unread")?,
            waiting: row.count("waiting")?,
            missed: row.count("missed")?,
        })
    }

    /// The conversation of a line and a customer, made where none is.
    pub async fn conversation_with(
        &self,
        line: Address,
        customer: Address,
        at: Moment,
    ) -> Result<ConversationId, StoreError> {
        self.writer()?
            .write(move |db| {
                let line = line_for(db, &line, at)?;
                if let Some(known) = conversation_of(db, line, &customer)? {
                    return Ok(known.into());
                }
                let new = new_conversation(db, line, &customer, at)?;
                db.tell(ChangeKind::ConversationChanged, Some(new), at)?;
                Ok(new.into())
            })
            .await
    }

    /// Marks a conversation read; tells nobody when it already was.
    pub async fn mark_read(&self, id: ConversationId, at: Moment) -> Result<(), StoreError> {
        self.change_conversation("UPDATE conversations SET unread = 0 WHERE id = $1 AND unread > 0", id, at)
            .await
    }

    /// Keeps what the owner has begun to write; nothing forgets it.
    pub async fn save_draft(&self, id: ConversationId, body: String, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                if body.is_empty() {
                    db.run("DELETE FROM drafts WHERE conversation_id = $1", &[&id.uuid()])?;
                } else {
                    db.run(
                        "INSERT INTO drafts (conversation_id, body, at) VALUES ($1, $2, $3)
                         ON CONFLICT (conversation_id) DO UPDATE SET body = excluded.body, at = excluded.at",
                        &[&id.uuid(), &body, &at.0],
                    )?;
                }
                db.tell(ChangeKind::ConversationChanged, Some(id.uuid()), at)
            })
            .await
    }

    /// Marks a conversation unread, to be seen to later.
    pub async fn mark_unread(&self, id: ConversationId, at: Moment) -> Result<(), StoreError> {
        self.change_conversation("UPDATE conversations SET unread = 1 WHERE id = $1 AND unread = 0", id, at)
            .await
    }

    /// Puts a conversation away, with nothing unread, or takes it out again as it was.
    pub async fn set_done(&self, id: ConversationId, done: bool, at: Moment) -> Result<(), StoreError> {
        let sql = if done {
            "UPDATE conversations SET done_at = $2, unread = 0 WHERE id = $1 AND done_at IS NULL"
        } else {
            "UPDATE conversations SET done_at = NULL WHERE id = $1 AND done_at IS NOT NULL"
        };
        self.change_conversation(sql, id, at).await
    }

    async fn change_conversation(
        &self,
        sql: &'static str,
        id: ConversationId,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                if db.run(sql, &[&id.uuid(), &at.0])? == 0 {
                    return Ok(());
                }
                db.tell(ChangeKind::ConversationChanged, Some(id.uuid()), at)
            })
            .await
    }

    /// When the customer of a conversation last wrote.
    pub async fn last_heard(&self, id: ConversationId) -> Result<Option<Moment>, StoreError> {
        let at: Option<i64> = sqlx::query_scalar(
            "SELECT at FROM texts WHERE conversation_id = $1 AND direction = 'in'
             ORDER BY at DESC, seq DESC LIMIT 1",
        )
        .bind(id.uuid())
        .fetch_optional(&self.readers)
        .await?;
        Ok(at.map(Moment))
    }

    /// What a part of our newest priced text cost: an amount above zero and its currency. `None` where
    /// none of our latest texts has a price.
    pub async fn price_of_a_part(&self) -> Result<Option<(f64, String)>, StoreError> {
        let row = sqlx::query(
            "SELECT abs(CAST(price AS REAL)) / segments AS each, price_unit
             FROM (SELECT * FROM texts ORDER BY seq DESC LIMIT 500)
             WHERE direction = 'out' AND segments > 0 AND CAST(price AS REAL) <> 0 AND price_unit IS NOT NULL
             LIMIT 1",
        )
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok((row.col("each")?, row.col("price_unit")?))).transpose()
    }

    /// Our newest text in a conversation: the duplicate guard compares with it.
    pub async fn last_sent(&self, id: ConversationId) -> Result<Option<Text>, StoreError> {
        let sql = format!(
            "SELECT {} FROM texts t LEFT JOIN outbox o ON o.text_id = t.id
             WHERE t.conversation_id = $1 AND t.direction = 'out' AND t.status <> 'taken_back'
             ORDER BY t.at DESC, t.seq DESC LIMIT 1",
            crate::texts::TEXT_COLUMNS
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.uuid()).fetch_optional(&self.readers).await?;
        row.as_ref().map(crate::texts::text).transpose()
    }
}
