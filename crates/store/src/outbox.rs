//! The outbox: the only way a text leaves. A row is claimed on disk before a byte is sent, sent
//! once, and settled by Twilio's answer or by evidence.

use crate::{
    Kept, Report, Store, StoreError,
    attachments::insert_kept,
    consent::consent_of,
    db::Db,
    lock::is_locked,
    row::Columns,
    texts::{apply_parked, moved, set_status, still_waiting},
};
use ringdesk_domain::{
    Actor, Address, AttachmentId, ChangeKind, ConversationId, Moment, Status, TextId,
    consent::Consent,
    delivery::{self, Step},
};
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
    pub pictures: Vec<AttachmentId>,
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
    /// When it was claimed, by our clock as it was set then.
    pub claimed_at: Moment,
    /// How far that was ahead of Twilio's, in milliseconds, where it was known.
    pub ahead_ms: Option<i64>,
    /// Look-ups that found nothing.
    pub looks: u32,
}

impl Store {
    /// Writes a text and its outbox row.
    pub async fn queue_text(&self, new: NewText) -> Result<Queued, StoreError> {
        self.writer()?.write(move |db| queue(db, &new)).await
    }

    /// Takes a text back while it waits. `false`: it has left, or is leaving.
    pub async fn take_back(&self, id: TextId, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let conversation: Option<Uuid> = db.first(
                    "UPDATE outbox SET state = 'taken_back' WHERE text_id = $1 AND state IN ('queued', 'held')
                     RETURNING conversation_id",
                    &[&id.uuid()],
                    |row| row.get(0),
                )?;
                let Some(conversation) = conversation else { return Ok(false) };
                db.run("UPDATE texts SET status = 'taken_back', rank = 60 WHERE id = $1", &[&id.uuid()])?;
                db.run(
                    "UPDATE conversations SET last_text = (
                         SELECT seq FROM texts WHERE conversation_id = $1 AND status <> 'taken_back'
                         ORDER BY at DESC, seq DESC LIMIT 1)
                     WHERE id = $1",
                    &[&conversation],
                )?;
                db.run(
                    "UPDATE conversations SET last_at = coalesce(
                         (SELECT at FROM texts WHERE seq = conversations.last_text), created_at)
                     WHERE id = $1",
                    &[&conversation],
                )?;
                still_waiting(db, conversation)?;
                db.tell(ChangeKind::TextChanged, Some(conversation), at)?;
                Ok(true)
            })
            .await
    }

    /// The owner wants a held text sent after all. `false`: it is not held.
    pub async fn release(&self, id: TextId, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let conversation: Option<Uuid> = db.first(
                    "UPDATE outbox SET state = 'queued', due_at = $2, wanted_at = $2
                     WHERE text_id = $1 AND state = 'held' RETURNING conversation_id",
                    &[&id.uuid(), &at.0],
                    |row| row.get(0),
                )?;
                let Some(conversation) = conversation else { return Ok(false) };
                db.tell(ChangeKind::TextChanged, Some(conversation), at)?;
                Ok(true)
            })
            .await
    }

    /// Claims the next text that may leave: due, first of its conversation, and with nothing of that
    /// conversation in the air. None while the sending lock is on. Consent is asked again here, in the same
    /// transaction. `ahead_ms` is how far our clock is ahead of Twilio's, where that is known: it is kept for
    /// the look-up.
    pub async fn claim_text(&self, now: Moment, ahead_ms: Option<i64>) -> Result<Option<Claim>, StoreError> {
        let epoch = self.epoch();
        self.writer()?
            .write(move |db| {
                loop {
                    match claim(db, now, ahead_ms, epoch)? {
                        Claimed::Text(claim) => return Ok(Some(*claim)),
                        Claimed::Refused => {}
                        Claimed::Nothing => return Ok(None),
                    }
                }
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
        self.writer()?.write(move |db| settle(db, id, &settlement, at, opted_out)).await
    }

    /// Sends that may have left and are due to be looked up. A look that is further off than any is put off
    /// was meant for a clock that has been set back since: it is due.
    pub async fn unsettled(&self, now: Moment) -> Result<Vec<Unsettled>, StoreError> {
        let rows = sqlx::query(
            "SELECT o.text_id, l.number, l.takes_texts, c.customer, t.body, o.claimed_at, o.ahead_ms, o.looks
             FROM outbox o
             JOIN texts t ON t.id = o.text_id
             JOIN conversations c ON c.id = o.conversation_id
             JOIN lines l ON l.id = c.line_id
             WHERE o.state = 'unknown' AND (o.look_at <= $1 OR o.look_at > $2) ORDER BY o.seq LIMIT 200",
        )
        .bind(now.0)
        .bind(now.plus_ms(FURTHEST_LOOK_MS).0)
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
                    ahead_ms: row.col("ahead_ms")?,
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
                 SELECT min(recheck_at) FROM texts WHERE recheck_at IS NOT NULL AND provider_sid IS NOT NULL
                 UNION ALL
                 SELECT min(recheck_at) FROM calls WHERE recheck_at IS NOT NULL)",
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
        self.writer()?.write(move |db| db.run(sql, &[&id.uuid(), &until.map(|at| at.0)]).map(|_| ())).await
    }

    /// Twilio's ids out of `sids` that already belong to a text of ours.
    pub async fn known_sids(&self, sids: &[String]) -> Result<Vec<String>, StoreError> {
        self.known("texts", sids).await
    }

    /// Twilio's ids out of `sids` that already belong to a call.
    pub async fn known_calls(&self, sids: &[String]) -> Result<Vec<String>, StoreError> {
        self.known("calls", sids).await
    }

    /// Twilio's ids out of `sids` of calls we were told of only in part, so that phones may have been rung for them
    /// that are not known.
    pub async fn calls_without_legs(&self, sids: &[String]) -> Result<Vec<String>, StoreError> {
        self.among(
            "SELECT 1 FROM calls k WHERE k.provider_sid = $1 AND k.direction = 'in' AND k.arrival = 'live'
               AND k.decision IS NULL AND k.ending IS NOT 'answered'
               AND NOT EXISTS (SELECT 1 FROM call_legs g WHERE g.parent_sid = k.provider_sid)",
            sids,
        )
        .await
    }

    /// Twilio's ids out of `sids` that already belong to a recording.
    pub async fn known_recordings(&self, sids: &[String]) -> Result<Vec<String>, StoreError> {
        self.known("recordings", sids).await
    }

    /// Those a table has, and those that were deleted with their customer.
    async fn known(&self, table: &'static str, sids: &[String]) -> Result<Vec<String>, StoreError> {
        let sql = match table {
            "texts" => {
                "SELECT 1 FROM texts WHERE provider_sid = $1 UNION SELECT 1 FROM erased WHERE provider_sid = $1"
            }
            "calls" => {
                "SELECT 1 FROM calls WHERE provider_sid = $1 UNION SELECT 1 FROM erased WHERE provider_sid = $1"
            }
            _ => {
                "SELECT 1 FROM recordings WHERE provider_sid = $1 UNION SELECT 1 FROM erased WHERE provider_sid = $1"
            }
        };
        self.among(sql, sids).await
    }

    async fn among(&self, sql: &'static str, sids: &[String]) -> Result<Vec<String>, StoreError> {
        let mut known = Vec::new();
        for sid in sids {
            let found: Option<i64> =
                sqlx::query_scalar(sql).bind(sid.as_str()).fetch_optional(&self.readers).await?;
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
            .write(move |db| {
                let conversation: Option<Uuid> = db.first(
                    "UPDATE outbox SET looks = looks + 1, look_at = $2,
                         state = CASE WHEN $2 IS NULL THEN 'not_found' ELSE state END
                     WHERE text_id = $1 AND state = 'unknown' RETURNING conversation_id",
                    &[&id.uuid(), &next.map(|at| at.0)],
                    |row| row.get(0),
                )?;
                let Some(conversation) = conversation else { return Ok(()) };
                let kind = if next.is_none() { ChangeKind::TextFailed } else { ChangeKind::TextChanged };
                db.tell(kind, Some(conversation), at)
            })
            .await
    }
}

/// Writes a text of ours and its outbox row in the running transaction.
pub(crate) fn queue(db: &Db, new: &NewText) -> Result<Queued, StoreError> {
    if let Some(original) = new.resend_of {
        // Asked twice: the one that is on its way already counts.
        let under_way = db.first(
            "SELECT t.id, o.due_at FROM texts t JOIN outbox o ON o.text_id = t.id
             WHERE t.resend_of = $1 AND t.status <> 'taken_back'",
            &[&original.uuid()],
            |row| Ok(Queued { id: row.get::<_, Uuid>(0)?.into(), due_at: Moment(row.get(1)?) }),
        )?;
        if let Some(queued) = under_way {
            return Ok(queued);
        }
    }
    let (id, conversation) = (new.id.uuid(), new.conversation.uuid());
    db.run(
        "INSERT INTO texts (id, conversation_id, direction, body, status, rank, at, source, actor, segments, resend_of,
             media_claimed)
         VALUES ($1, $2, 'out', $3, 'waiting', 1, $4, 'desk', $5, $6, $7, $8)",
        &[
            &id,
            &conversation,
            &new.body,
            &new.at.0,
            &new.actor.label(),
            &new.segments,
            &new.resend_of.map(TextId::uuid),
            &i64::try_from(new.pictures.len()).unwrap_or(0),
        ],
    )?;
    db.run(
        "UPDATE conversations SET last_at = max(last_at, $2), last_text = $3 WHERE id = $1",
        &[&conversation, &new.at.0, &db.last_seq()],
    )?;
    // What we write by ourselves is nobody's answer.
    if new.actor != Actor::Desk {
        db.run(
            "UPDATE conversations SET unread = 0, waiting_since = NULL, done_at = NULL WHERE id = $1",
            &[&conversation],
        )?;
    }
    db.run(
        "INSERT INTO outbox (text_id, conversation_id, state, due_at, wanted_at, tries, looks)
         VALUES ($1, $2, 'queued', $3, $4, 0, 0)",
        &[&id, &conversation, &new.due_at.0, &new.at.0],
    )?;
    // What was sent is no draft any more, nor is its beginning.
    if new.resend_of.is_none() && new.actor != Actor::Desk {
        db.run(
            "DELETE FROM drafts WHERE conversation_id = $1 AND substr($2, 1, length(body)) = body",
            &[&conversation, &new.body],
        )?;
    }
    for (position, picture) in (0i64..).zip(&new.pictures) {
        insert_kept(db, new.id, position, picture, new.at)?;
    }
    db.tell(ChangeKind::TextChanged, Some(conversation), new.at)?;
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

/// No look-up is put off for longer than this, in milliseconds.
const FURTHEST_LOOK_MS: i64 = 15 * 60_000;

fn claim(db: &Db, now: Moment, ahead_ms: Option<i64>, epoch: i64) -> Result<Claimed, StoreError> {
    if is_locked(db)? {
        return Ok(Claimed::Nothing);
    }
    let held: Vec<Uuid> = db.all(
        "UPDATE outbox SET state = 'held' WHERE state = 'queued' AND due_at <= $1 AND wanted_at < $2
         RETURNING conversation_id",
        &[&now.0, &now.plus_ms(-HOLD_AFTER_MS).0],
        |row| row.get(0),
    )?;
    for conversation in held {
        db.tell(ChangeKind::TextChanged, Some(conversation), now)?;
    }
    let claimed: Option<(Uuid, u32)> = db.first(
        "UPDATE outbox SET state = 'sending', claimed_at = $1, epoch = $2, ahead_ms = $3, tries = tries + 1
         WHERE seq = (
             SELECT o.seq FROM outbox o
             WHERE o.state = 'queued' AND o.due_at <= $1
               AND NOT EXISTS (
                   SELECT 1 FROM outbox p WHERE p.conversation_id = o.conversation_id
                     AND (p.state IN ('sending', 'unknown') OR (p.state = 'queued' AND p.seq < o.seq)))
             ORDER BY o.due_at, o.seq LIMIT 1)
         RETURNING text_id, tries",
        &[&now.0, &epoch, &ahead_ms],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let Some((id, tries)) = claimed else { return Ok(Claimed::Nothing) };
    let text = db.first(
        "SELECT t.body, t.conversation_id, l.number, l.takes_texts, c.customer, s.state
         FROM texts t
         JOIN conversations c ON c.id = t.conversation_id
         JOIN lines l ON l.id = c.line_id
         LEFT JOIN consents s ON s.customer = c.customer
         WHERE t.id = $1",
        &[&id],
        |row| {
            let claim = Claim {
                id: id.into(),
                conversation: row.get::<_, Uuid>(1)?.into(),
                line: Address::received(&row.get::<_, String>(2)?),
                line_takes_texts: row.get(3)?,
                customer: Address::received(&row.get::<_, String>(4)?),
                body: row.get(0)?,
                pictures: Vec::new(),
                tries,
            };
            Ok((claim, row.get::<_, Option<String>>(5)?))
        },
    )?;
    let Some((mut claim, consent)) = text else { return Err(StoreError::Driver("row not found".into())) };
    if consent_of(consent.as_deref()) == Consent::OptedOut {
        // Twilio's own code for "opted out"; here it says that nothing left.
        let refused = Settlement::Refused { code: 21610, opted_out: false };
        settle(db, claim.id, &refused, now, |_| false)?;
        return Ok(Claimed::Refused);
    }
    claim.pictures =
        db.all("SELECT id FROM attachments WHERE text_id = $1 ORDER BY position", &[&id], |row| {
            Ok(row.get::<_, Uuid>(0)?.into())
        })?;
    Ok(Claimed::Text(Box::new(claim)))
}

pub(crate) fn settle(
    db: &Db,
    id: TextId,
    settlement: &Settlement,
    at: Moment,
    opted_out: fn(u32) -> bool,
) -> Result<(), StoreError> {
    // An answer that names another text's message is not about this one.
    let settlement = match settlement {
        Settlement::Accepted { provider_sid, .. } if is_anothers(db, id, provider_sid)? => {
            &Settlement::Unknown
        }
        settlement => settlement,
    };
    let (state, due_at, look_at) = match settlement {
        Settlement::Accepted { .. } | Settlement::Refused { .. } => ("settled", None, None),
        Settlement::Back { due_at } => ("queued", Some(due_at.0), None),
        // A callback usually settles it sooner; the listing may lag behind.
        Settlement::Unknown => ("unknown", None, Some(at.plus_ms(60_000).0)),
    };
    let open = db.run(
        "UPDATE outbox SET state = $2, due_at = coalesce($3, due_at), look_at = $4
         WHERE text_id = $1 AND state IN ('sending', 'unknown', 'not_found')",
        &[&id.uuid(), &state, &due_at, &look_at],
    )?;
    // A callback may have settled it before the answer came; then only what it lacks is added.
    if open == 0 && !matches!(settlement, Settlement::Accepted { .. }) {
        return Ok(());
    }
    let text: Option<(Uuid, String, i64)> =
        db.first("SELECT conversation_id, status, rank FROM texts WHERE id = $1", &[&id.uuid()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let Some((conversation, stored, rank)) = text else {
        return Err(StoreError::Driver("row not found".into()));
    };
    let mut report = Report {
        provider_sid: String::new(),
        text: None,
        status: Status::Waiting,
        error_code: None,
        opted_out: false,
        at,
    };
    let mut kind = ChangeKind::TextChanged;
    match settlement {
        Settlement::Accepted { provider_sid, status, error_code } => {
            db.run(
                "UPDATE texts SET provider_sid = $2 WHERE id = $1 AND provider_sid IS NULL",
                &[&id.uuid(), provider_sid],
            )?;
            let step = delivery::step(&Status::from(stored), rank, status);
            if matches!(step, Step::Forward | Step::Word) {
                report.status = status.clone();
                report.error_code = *error_code;
                report.opted_out = error_code.is_some_and(opted_out);
                set_status(db, id.uuid(), &report, false)?;
                kind = moved(status);
            }
            apply_parked(db, provider_sid, opted_out)?;
        }
        Settlement::Refused { code, opted_out } => {
            report.status = Status::from_twilio("failed");
            report.error_code = Some(*code);
            report.opted_out = *opted_out;
            set_status(db, id.uuid(), &report, true)?;
            kind = ChangeKind::TextFailed;
        }
        Settlement::Back { .. } => {}
        Settlement::Unknown => {
            report.status = Status::SendUnknown;
            set_status(db, id.uuid(), &report, false)?;
        }
    }
    db.tell(kind, Some(conversation), at)
}

fn is_anothers(db: &Db, id: TextId, provider_sid: &str) -> Result<bool, StoreError> {
    let another = "SELECT 1 FROM texts WHERE provider_sid = $1 AND id <> $2";
    Ok(db.first(another, &[&provider_sid, &id.uuid()], |_| Ok(()))?.is_some())
}
