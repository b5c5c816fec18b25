//! When the computer was asleep or off, and what came meanwhile.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{ChangeKind, ConversationId, Moment};

/// Conversations that are named of an absence, at most.
const NAMED: i64 = 50;

/// What Twilio dates so long before the beginning may be of an absence, in milliseconds: its clock is not ours.
pub(crate) const CLOCKS_MS: i64 = 30_000;

/// Nothing that is about to leave waits for longer than this, in milliseconds.
const UNDO_MS: i64 = 60_000;

/// A time the computer was asleep or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Absence {
    /// Since when.
    pub began_at: Moment,
    /// Until when.
    pub ended_at: Moment,
    /// Whether all that came meanwhile is here.
    pub complete: bool,
    /// Whether somebody has seen what it was.
    pub seen: bool,
}

/// What came while the computer was asleep or off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CameMeanwhile {
    /// Texts of customers.
    pub texts: u32,
    /// Conversations they came in.
    pub people: u32,
    /// Calls.
    pub calls: u32,
    /// Those of them that nobody took and that left no voicemail.
    pub missed: u32,
    /// Voicemails.
    pub voicemails: u32,
    /// The conversations something came in, newest first, at most 50.
    pub conversations: Vec<ConversationId>,
}

impl Store {
    /// The last absence; where one is not made up for yet, that one, whatever the clock showed at others.
    pub async fn last_absence(&self) -> Result<Option<Absence>, StoreError> {
        let row = sqlx::query(
            "SELECT began_at, ended_at, complete, seen FROM absences ORDER BY complete, began_at DESC LIMIT 1",
        )
        .fetch_optional(&self.readers)
        .await?;
        let absence = |row: sqlx::sqlite::SqliteRow| {
            Ok(Absence {
                began_at: row.at("began_at")?,
                ended_at: row.at("ended_at")?,
                complete: row.col::<i64>("complete")? != 0,
                seen: row.col::<i64>("seen")? != 0,
            })
        };
        row.map(absence).transpose()
    }

    /// All absences together that nobody has seen the outcome of: from the first's beginning to the last's end.
    pub async fn unseen_absence(&self) -> Result<Option<Absence>, StoreError> {
        let row = sqlx::query(
            "SELECT min(began_at) AS began_at, max(ended_at) AS ended_at, min(complete) AS complete
             FROM absences WHERE seen = 0 HAVING count(*) > 0",
        )
        .fetch_optional(&self.readers)
        .await?;
        let absence = |row: sqlx::sqlite::SqliteRow| {
            Ok(Absence {
                began_at: row.at("began_at")?,
                ended_at: row.at("ended_at")?,
                complete: row.col::<i64>("complete")? != 0,
                seen: false,
            })
        };
        row.map(absence).transpose()
    }

    /// Absences that ended after a moment, oldest first.
    pub async fn absences_since(&self, since: Moment) -> Result<Vec<(Moment, Moment)>, StoreError> {
        let rows =
            sqlx::query("SELECT began_at, ended_at FROM absences WHERE ended_at >= $1 ORDER BY began_at")
                .bind(since.0)
                .fetch_all(&self.readers)
                .await?;
        rows.iter().map(|row| Ok((row.at("began_at")?, row.at("ended_at")?))).collect()
    }

    /// The computer was away from one moment to another. One whose end was not made up for yet goes on until then.
    /// Texts that were about to leave before are asked about first.
    pub async fn was_away(&self, began_at: Moment, ended_at: Moment, hold: bool) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let longer = db.run(
                    "UPDATE absences SET ended_at = max(ended_at, $1), seen = 0
                     WHERE began_at = (SELECT max(began_at) FROM absences WHERE complete = 0)",
                    &[&ended_at.0],
                )?;
                if longer == 0 {
                    db.run(
                        "INSERT INTO absences (began_at, ended_at) VALUES ($1, $2)
                         ON CONFLICT (began_at) DO UPDATE SET
                             ended_at = max(ended_at, excluded.ended_at), complete = 0, seen = 0",
                        &[&began_at.0, &ended_at.0],
                    )?;
                }
                if hold {
                    let held: Vec<uuid::Uuid> = db.all(
                        "UPDATE outbox SET state = 'held' WHERE state = 'queued' AND wanted_at <= $1
                         RETURNING conversation_id",
                        &[&began_at.0],
                        |row| row.get(0),
                    )?;
                    for conversation in held {
                        db.tell(ChangeKind::TextChanged, Some(conversation), ended_at)?;
                    }
                }
                db.tell(ChangeKind::HealthChanged, None, ended_at)
            })
            .await
    }

    /// The clock was set back: no absence ends, no text waits, and none is looked up, in a time that is still to
    /// come.
    pub async fn clock_went_back(&self, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                // One that is made up for and seems to be all to come is kept: this clock may be the wrong one.
                db.run(
                    "UPDATE absences SET ended_at = $1 WHERE ended_at > $1 AND (complete = 0 OR began_at < $1)",
                    &[&now.0],
                )?;
                // A look too many costs nothing; until it is found, nothing more leaves to that customer.
                db.run(
                    "UPDATE outbox SET look_at = $1 WHERE state = 'unknown' AND look_at > $1",
                    &[&now.0],
                )?;
                // What is about to leave leaves after its undo time, not when it is that late once more.
                let queued: Vec<uuid::Uuid> = db.all(
                    "UPDATE outbox SET due_at = $1 + min(max(due_at - wanted_at, 0), $2), wanted_at = min(wanted_at, $1)
                     WHERE state = 'queued' AND due_at > $1 + $2 RETURNING conversation_id",
                    &[&now.0, &UNDO_MS],
                    |row| row.get(0),
                )?;
                for conversation in queued {
                    db.tell(ChangeKind::TextChanged, Some(conversation), now)?;
                }
                Ok(())
            })
            .await
    }

    /// All that came in absences that ended by this moment is here.
    pub async fn made_up_for(&self, until: Moment, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let done = db.run(
                    "UPDATE absences SET complete = 1 WHERE complete = 0 AND ended_at <= $1",
                    &[&until.0],
                )?;
                if done == 0 { Ok(()) } else { db.tell(ChangeKind::HealthChanged, None, now) }
            })
            .await
    }

    /// Somebody has seen what came while nobody was there.
    pub async fn absence_seen(&self, now: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run("UPDATE absences SET seen = 1 WHERE seen = 0", &[])?;
                db.tell(ChangeKind::HealthChanged, None, now)
            })
            .await
    }

    /// What came since an absence began and was fetched because of it.
    pub async fn came_meanwhile(&self, absence: Absence) -> Result<CameMeanwhile, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM texts WHERE arrival = 'asleep' AND at >= $1
                         AND direction = 'in') AS texts,
                    (SELECT count(DISTINCT conversation_id) FROM texts WHERE arrival = 'asleep' AND at >= $1
                         AND direction = 'in') AS people,
                    (SELECT count(*) FROM calls WHERE arrival = 'asleep' AND at >= $1) AS calls,
                    (SELECT count(*) FROM calls WHERE arrival = 'asleep' AND at >= $1 AND missed = 1
                         AND ending IS NOT 'voicemail') AS missed,
                    (SELECT count(*) FROM voicemails v JOIN calls k ON k.id = v.call_id
                         WHERE k.arrival = 'asleep' AND k.at >= $1 AND v.removed_at IS NULL) AS voicemails",
        )
        .bind(absence.began_at.plus_ms(-CLOCKS_MS).0)
        .fetch_one(&self.readers)
        .await?;
        let named = sqlx::query(
            "SELECT conversation_id AS id, max(at) AS newest FROM (
                 SELECT conversation_id, at FROM texts
                     WHERE arrival = 'asleep' AND at >= $1 AND direction = 'in'
                 UNION ALL
                 SELECT conversation_id, at FROM calls WHERE arrival = 'asleep' AND at >= $1)
             GROUP BY conversation_id ORDER BY newest DESC, id DESC LIMIT $2",
        )
        .bind(absence.began_at.plus_ms(-CLOCKS_MS).0)
        .bind(NAMED)
        .fetch_all(&self.readers)
        .await?;
        Ok(CameMeanwhile {
            texts: row.count("texts")?,
            people: row.count("people")?,
            calls: row.count("calls")?,
            missed: row.count("missed")?,
            voicemails: row.count("voicemails")?,
            conversations: named.iter().map(|row| row.id("id")).collect::<Result<_, _>>()?,
        })
    }
}
