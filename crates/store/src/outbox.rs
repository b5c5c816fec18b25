//! The outbox: the only way a text leaves. A row is claimed on disk before a byte is sent, sent
//! once, and settled by Twilio's answer or by evidence.

use crate::{
    Attachment, Kept, Report, Store, StoreError,
    attachments::{attachment, insert_kept},
    consent::consent_of,
    row::{Columns, tell},
    texts::{apply_parked, set_status, still_waiting},
};
use ringdesk_domain::{Actor, Address, ChangeKind, ConversationId, Moment, Status, TextId, consent::Consent};
use sqlx::SqliteConnection;
use uuid::Uuid;

/// A text the owner wrote.
#[derive(Debug, Clone)]
pub struct NewText {
    /// Our id.
    pub id: TextId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The words.
    pub body: String,
    /// Pictures, already kept on disk.
    pub pictures: Vec<Kept>,
    /// Parts it will be sent in, as we count them.
    pub segments: u32,
    /// Who wrote it.
    pub actor: Actor,
    /// When.
    pub at: Moment,
    /// When it may leave: after its undo time.
    pub due_at: Moment,
    /// The text this one repeats.
    pub resend_of: Option<TextId>,
}

/// A text in the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Our id.
    pub id: TextId,
    /// Until when it can be taken back.
    pub due_at: Moment,
}

/// A text claimed for its one POST.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Our id, which goes into the callback's path.
    pub id: TextId,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// Our number in the conversation.
    pub line: Address,
    /// Whether that number sends texts.
    pub line_takes_texts: bool,
    /// The customer.
    pub customer: Address,
    /// The words.
    pub body: String,
    /// Pictures, in order.
    pub pictures: Vec<Attachment>,
    /// How often it went back to the queue, this claim included.
    pub tries: u32,
}

/// What a send came to.
#[derive(Debug, Clone)]
pub enum Settlement {
    /// Twilio took it.
    Accepted {
        /// Twilio's id.
        provider_sid: String,
        /// Its first status.
        status: Status,
        /// Why it failed at once, if it did.
        error_code: Option<u32>,
    },
    /// Twilio said no, for certain: nothing left.
    Refused {
        /// Twilio's code.
        code: u32,
        /// Whether it means the customer opted out.
        opted_out: bool,
    },
    /// Nothing left; try again then.
    Back {
        /// When.
        due_at: Moment,
    },
    /// It may have left.
    Unknown,
}

/// A send that may have left, to be looked up.
#[derive(Debug, Clone)]
pub struct Unsettled {
    /// Our id.
    pub id: TextId,
    /// Our number.
    pub line: Address,
    /// Whether it was sent from that number; otherwise a Messaging Service chose one.
    pub line_takes_texts: bool,
    /// The customer.
    pub customer: Address,
    /// The words.
    pub body: String,
    /// When it was claimed.
    pub claimed_at: Moment,
    /// Look-ups that found nothing.
    pub looks: u32,
}

impl Store {
    /// Writes a text and its outbox row.
    pub async fn queue_text(&self, new: NewText) -> Result<Queued, StoreError> {
        self.writer()?.write(move |conn| Box::pin(async move { queue(conn, &new).await })).await
    }

    /// Takes a text back while it waits. `false`: it has left, or is leaving.
    pub async fn take_back(&self, id: TextId, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let row = sqlx::query(
                        "UPDATE outbox SET state = 'taken_back' WHERE text_id = $1 AND state IN ('queued', 'held')
                         RETURNING conversation_id",
                    )
                    .bind(id.uuid())
                    .fetch_optional(&mut *conn)
                    .await?;
                    let Some(row) = row else { return Ok(false) };
                    let conversation: Uuid = row.col("conversation_id")?;
                    sqlx::query(
                        "UPDATE texts SET status = 'taken_back', rank = 60 WHERE id = $1;
                         UPDATE conversations SET last_text = (
                             SELECT seq FROM texts WHERE conversation_id = $2 AND status <> 'taken_back'
                             ORDER BY at DESC, seq DESC LIMIT 1)
                         WHERE id = $2;
                         UPDATE conversations SET last_at = coalesce(
                             (SELECT at FROM texts WHERE seq = conversations.last_text), created_at)
                         WHERE id = $2",
                    )
                    .bind(id.uuid())
                    .bind(conversation)
                    .execute(&mut *conn)
                    .await?;
                    still_waiting(conn, conversation).await?;
                    tell(conn, ChangeKind::TextChanged, Some(conversation), at).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// The owner wants a held text sent after all. `false`: it is not held.
    pub async fn release(&self, id: TextId, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let row = sqlx::query(
                        "UPDATE outbox SET state = 'queued', due_at = $2, wanted_at = $2
                         WHERE text_id = $1 AND state = 'held' RETURNING conversation_id",
                    )
                    .bind(id.uuid())
                    .bind(at.0)
                    .fetch_optional(&mut *conn)
                    .await?;
                    let Some(row) = row else { return Ok(false) };
                    tell(conn, ChangeKind::TextChanged, Some(row.col("conversation_id")?), at).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Claims the next text that may leave: due, first of its conversation, and with nothing of that
    /// conversation in the air. Consent is asked again here, in the same transaction.
    pub async fn claim_text(&self, now: Moment) -> Result<Option<Claim>, StoreError> {
        let epoch = self.epoch();
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    loop {
                        match claim(conn, now, epoch).await? {
                            Claimed::Text(claim) => return Ok(Some(*claim)),
                            Claimed::Refused => {}
                            Claimed::Nothing => return Ok(None),
                        }
                    }
                })
            })
            .await
    }

    /// When the next queued text falls due after `now`. What is due already and still queued waits for
    /// its conversation, not for a time.
    pub async fn next_text_due(&self, now: Moment) -> Result<Option<Moment>, StoreError> {
        let due: Option<i64> =
            sqlx::query_scalar("SELECT min(due_at) FROM outbox WHERE state = 'queued' AND due_at > $1")
                .bind(now.0)
                .fetch_one(&self.readers)
                .await?;
        Ok(due.map(Moment))
    }

    /// Settles a claimed or unknown send. `opted_out` reads codes of reports that were parked.
    pub async fn settle(
        &self,
        id: TextId,
        settlement: Settlement,
        at: Moment,
        opted_out: fn(u32) -> bool,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |conn| Box::pin(async move { settle(conn, id, &settlement, at, opted_out).await }))
            .await
    }

    /// Sends that may have left and are due to be looked up.
    pub async fn unsettled(&self, now: Moment) -> Result<Vec<Unsettled>, StoreError> {
        let rows = sqlx::query(
            "SELECT o.text_id, l.number, l.takes_texts, c.customer, t.body, o.claimed_at, o.looks
             FROM outbox o
             JOIN texts t ON t.id = o.text_id
             JOIN conversations c ON c.id = o.conversation_id
             JOIN lines l ON l.id = c.line_id
             WHERE o.state = 'unknown' AND o.look_at <= $1 ORDER BY o.seq LIMIT 200",
        )
        .bind(now.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Unsettled {
                    id: row.id("text_id")?,
                    line: Address::received(row.col("number")?),
                    line_takes_texts: row.col::<i64>("takes_texts")? != 0,
                    customer: Address::received(row.col("customer")?),
                    body: row.col("body")?,
                    claimed_at: row.maybe_at("claimed_at")?.unwrap_or_default(),
                    looks: row.count("looks")?,
                })
            })
            .collect()
    }

    /// When the next look-up is due, if any is: of an unknown send, or of a text's ending.
    pub async fn next_look_due(&self) -> Result<Option<Moment>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(
            "SELECT min(at) FROM (
                 SELECT min(look_at) AS at FROM outbox WHERE state = 'unknown'
                 UNION ALL
                 SELECT min(recheck_at) FROM texts WHERE recheck_at IS NOT NULL AND provider_sid IS NOT NULL)",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(due.map(Moment))
    }

    /// A look-up got no answer: it does not count.
    pub async fn postpone_look(&self, id: TextId, until: Moment) -> Result<(), StoreError> {
        self.postpone(
            "UPDATE outbox SET look_at = $2 WHERE text_id = $1 AND state = 'unknown'",
            id,
            Some(until),
        )
        .await
    }

    /// Twilio could not be asked about a text's ending yet; `None` gives up asking.
    pub async fn postpone_recheck(&self, id: TextId, until: Option<Moment>) -> Result<(), StoreError> {
        self.postpone("UPDATE texts SET recheck_at = $2 WHERE id = $1", id, until).await
    }

    async fn postpone(&self, sql: &'static str, id: TextId, until: Option<Moment>) -> Result<(), StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    sqlx::query(sql).bind(id.uuid()).bind(until.map(|at| at.0)).execute(conn).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Twilio's ids out of `sids` that already belong to a text of ours.
    pub async fn known_sids(&self, sids: &[String]) -> Result<Vec<String>, StoreError> {
        let mut known = Vec::new();
        for sid in sids {
            let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM texts WHERE provider_sid = $1")
                .bind(sid.as_str())
                .fetch_optional(&self.readers)
                .await?;
            if found.is_some() {
                known.push(sid.clone());
            }
        }
        Ok(known)
    }

    /// A look-up found nothing: look again at `next`, or give up looking and leave it to the owner.
    pub async fn looked_in_vain(
        &self,
        id: TextId,
        next: Option<Moment>,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let row = sqlx::query(
                        "UPDATE outbox SET looks = looks + 1, look_at = $2,
                             state = CASE WHEN $2 IS NULL THEN 'not_found' ELSE state END
                         WHERE text_id = $1 AND state = 'unknown' RETURNING conversation_id",
                    )
                    .bind(id.uuid())
                    .bind(next.map(|at| at.0))
                    .fetch_optional(&mut *conn)
                    .await?;
                    let Some(row) = row else { return Ok(()) };
                    tell(conn, ChangeKind::TextChanged, Some(row.col("conversation_id")?), at).await
                })
            })
            .await
    }
}

async fn queue(conn: &mut SqliteConnection, new: &NewText) -> Result<Queued, StoreError> {
    if let Some(original) = new.resend_of {
        // Asked twice: the one that is on its way already counts.
        let under_way = sqlx::query(
            "SELECT t.id, o.due_at FROM texts t JOIN outbox o ON o.text_id = t.id
             WHERE t.resend_of = $1 AND t.status <> 'taken_back'",
        )
        .bind(original.uuid())
        .fetch_optional(&mut *conn)
        .await?;
        if let Some(row) = under_way {
            return Ok(Queued { id: row.id("id")?, due_at: row.at("due_at")? });
        }
    }
    sqlx::query(
        "INSERT INTO texts (id, conversation_id, direction, body, status, rank, at, source, actor, segments, resend_of,
             media_claimed)
         VALUES ($1, $2, 'out', $3, 'waiting', 1, $4, 'desk', $5, $6, $7, $8);
         UPDATE conversations SET last_at = max(last_at, $4), last_text = (SELECT seq FROM texts WHERE id = $1),
             unread = 0, waiting_since = NULL, done_at = NULL
         WHERE id = $2;
         INSERT INTO outbox (text_id, conversation_id, state, due_at, wanted_at, tries, looks)
         VALUES ($1, $2, 'queued', $9, $4, 0, 0)",
    )
    .bind(new.id.uuid())
    .bind(new.conversation.uuid())
    .bind(new.body.as_str())
    .bind(new.at.0)
    .bind(new.actor.label())
    .bind(i64::from(new.segments))
    .bind(new.resend_of.map(TextId::uuid))
    .bind(i64::try_from(new.pictures.len()).unwrap_or(0))
    .bind(new.due_at.0)
    .execute(&mut *conn)
    .await?;
    for (position, picture) in (0i64..).zip(&new.pictures) {
        insert_kept(conn, new.id, position, picture, new.at).await?;
    }
    tell(conn, ChangeKind::TextChanged, Some(new.conversation.uuid()), new.at).await?;
    Ok(Queued { id: new.id, due_at: new.due_at })
}

enum Claimed {
    Text(Box<Claim>),
    Refused,
    Nothing,
}

/// A text that could not leave for this long, in milliseconds, is asked about first: nobody wants a
/// "there in ten minutes" to arrive the next morning.
const HOLD_AFTER_MS: i64 = 15 * 60_000;

async fn claim(conn: &mut SqliteConnection, now: Moment, epoch: i64) -> Result<Claimed, StoreError> {
    let held: Vec<Uuid> = sqlx::query_scalar(
        "UPDATE outbox SET state = 'held' WHERE state = 'queued' AND due_at <= $1 AND wanted_at < $2
         RETURNING conversation_id",
    )
    .bind(now.0)
    .bind(now.plus_ms(-HOLD_AFTER_MS).0)
    .fetch_all(&mut *conn)
    .await?;
    for conversation in held {
        tell(conn, ChangeKind::TextChanged, Some(conversation), now).await?;
    }
    let row = sqlx::query(
        "UPDATE outbox SET state = 'sending', claimed_at = $1, epoch = $2, tries = tries + 1
         WHERE seq = (
             SELECT o.seq FROM outbox o
             WHERE o.state = 'queued' AND o.due_at <= $1
               AND NOT EXISTS (
                   SELECT 1 FROM outbox p WHERE p.conversation_id = o.conversation_id
                     AND (p.state IN ('sending', 'unknown') OR (p.state = 'queued' AND p.seq < o.seq)))
             ORDER BY o.due_at, o.seq LIMIT 1)
         RETURNING text_id, tries",
    )
    .bind(now.0)
    .bind(epoch)
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = row else { return Ok(Claimed::Nothing) };
    let (id, tries): (TextId, u32) = (row.id("text_id")?, row.count("tries")?);
    let row = sqlx::query(
        "SELECT t.body, t.conversation_id, l.number, l.takes_texts, c.customer, s.state AS consent
         FROM texts t
         JOIN conversations c ON c.id = t.conversation_id
         JOIN lines l ON l.id = c.line_id
         LEFT JOIN consents s ON s.customer = c.customer
         WHERE t.id = $1",
    )
    .bind(id.uuid())
    .fetch_one(&mut *conn)
    .await?;
    if consent_of(row.col("consent")?) == Consent::OptedOut {
        // Twilio's own code for "opted out"; here it says that nothing left.
        let refused = Settlement::Refused { code: 21610, opted_out: false };
        settle(conn, id, &refused, now, |_| false).await?;
        return Ok(Claimed::Refused);
    }
    let pictures = sqlx::query(
        "SELECT id, text_id, position, declared_type, state, content_type, bytes, sha256, problem
         FROM attachments WHERE text_id = $1 ORDER BY position",
    )
    .bind(id.uuid())
    .fetch_all(&mut *conn)
    .await?;
    Ok(Claimed::Text(Box::new(Claim {
        id,
        conversation: row.id("conversation_id")?,
        line: Address::received(row.col("number")?),
        line_takes_texts: row.col::<i64>("takes_texts")? != 0,
        customer: Address::received(row.col("customer")?),
        body: row.col("body")?,
        pictures: pictures.iter().map(attachment).collect::<Result<_, _>>()?,
        tries,
    })))
}

async fn settle(
    conn: &mut SqliteConnection,
    id: TextId,
    settlement: &Settlement,
    at: Moment,
    opted_out: fn(u32) -> bool,
) -> Result<(), StoreError> {
    let (state, due_at, look_at) = match settlement {
        Settlement::Accepted { .. } | Settlement::Refused { .. } => ("settled", None, None),
        Settlement::Back { due_at } => ("queued", Some(due_at.0), None),
        // A callback usually settles it sooner; the listing may lag behind.
        Settlement::Unknown => ("unknown", None, Some(at.plus_ms(60_000).0)),
    };
    let open = sqlx::query(
        "UPDATE outbox SET state = $2, due_at = coalesce($3, due_at), look_at = $4
         WHERE text_id = $1 AND state IN ('sending', 'unknown', 'not_found') RETURNING conversation_id",
    )
    .bind(id.uuid())
    .bind(state)
    .bind(due_at)
    .bind(look_at)
    .fetch_optional(&mut *conn)
    .await?;
    // A callback may have settled it before the answer came; then only what it lacks is added.
    if open.is_none() && !matches!(settlement, Settlement::Accepted { .. }) {
        return Ok(());
    }
    let text = sqlx::query("SELECT conversation_id, status FROM texts WHERE id = $1")
        .bind(id.uuid())
        .fetch_one(&mut *conn)
        .await?;
    let conversation: Uuid = text.col("conversation_id")?;
    let mut report = Report {
        provider_sid: String::new(),
        text: None,
        status: Status::Waiting,
        error_code: None,
        opted_out: false,
        at,
    };
    match settlement {
        Settlement::Accepted { provider_sid, status, error_code } => {
            sqlx::query("UPDATE texts SET provider_sid = $2 WHERE id = $1 AND provider_sid IS NULL")
                .bind(id.uuid())
                .bind(provider_sid.as_str())
                .execute(&mut *conn)
                .await?;
            let stored = Status::from(text.col::<String>("status")?);
            if ringdesk_domain::delivery::step(&stored, status) == ringdesk_domain::delivery::Step::Forward {
                report.status = status.clone();
                report.error_code = *error_code;
                report.opted_out = error_code.is_some_and(opted_out);
                set_status(conn, id.uuid(), &report, false).await?;
            }
            apply_parked(conn, provider_sid, opted_out).await?;
        }
        Settlement::Refused { code, opted_out } => {
            report.status = Status::from_twilio("failed");
            report.error_code = Some(*code);
            report.opted_out = *opted_out;
            set_status(conn, id.uuid(), &report, true).await?;
        }
        Settlement::Back { .. } => {}
        Settlement::Unknown => {
            report.status = Status::SendUnknown;
            set_status(conn, id.uuid(), &report, false).await?;
        }
    }
    tell(conn, ChangeKind::TextChanged, Some(conversation), at).await
}
