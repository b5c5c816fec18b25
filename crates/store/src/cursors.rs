//! How much of each line is here, and what had to be fetched.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{Arrival, ChangeKind, Moment};

/// How much of a line is here: nothing is missing between `back_to` and `complete_to`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Its number, E.164.
    pub number: String,
    /// When it was first listed; what is older is of before Ringdesk.
    pub began_at: Moment,
    /// Up to when all is here.
    pub complete_to: Moment,
    /// Back to when.
    pub back_to: Moment,
}

impl Store {
    /// The cursors of all lines that were ever listed and are in use.
    pub async fn cursors(&self) -> Result<Vec<Cursor>, StoreError> {
        let rows = sqlx::query("SELECT number, began_at, complete_to, back_to FROM cursors ORDER BY number")
            .fetch_all(&self.readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Cursor {
                    number: row.col("number")?,
                    began_at: row.at("began_at")?,
                    complete_to: row.at("complete_to")?,
                    back_to: row.at("back_to")?,
                })
            })
            .collect()
    }

    /// A line is listed for the first time, or in use again: what is older is of before.
    pub async fn begin_cursor(&self, number: &str, at: Moment) -> Result<(), StoreError> {
        let number = number.to_owned();
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO cursors (number, began_at, complete_to, back_to) VALUES ($1, $2, $2, $2)
                     ON CONFLICT DO NOTHING",
                    &[&number, &at.0],
                )?;
                Ok(())
            })
            .await
    }

    /// A line is not in use any more: nobody knows what comes on it from now on.
    pub async fn end_cursor(&self, number: &str) -> Result<(), StoreError> {
        let number = number.to_owned();
        self.writer()?
            .write(move |db| db.run("DELETE FROM cursors WHERE number = $1", &[&number]).map(|_| ()))
            .await
    }

    /// Everything of a line is here up to this moment; never moves back.
    pub async fn complete(&self, number: &str, to: Moment) -> Result<(), StoreError> {
        let number = number.to_owned();
        self.writer()?
            .write(move |db| {
                db.run(
                    "UPDATE cursors SET complete_to = max(complete_to, $2) WHERE number = $1",
                    &[&number, &to.0],
                )?;
                db.tell(ChangeKind::HealthChanged, None, to)
            })
            .await
    }

    /// Everything of a line is here back to this moment.
    pub async fn brought_in(&self, number: &str, back_to: Moment, now: Moment) -> Result<(), StoreError> {
        let number = number.to_owned();
        self.writer()?
            .write(move |db| {
                db.run(
                    "UPDATE cursors SET back_to = min(back_to, $2) WHERE number = $1",
                    &[&number, &back_to.0],
                )?;
                db.tell(ChangeKind::HealthChanged, None, now)
            })
            .await
    }

    /// How many texts and calls of before were brought in.
    pub async fn history(&self) -> Result<(u32, u32), StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM texts WHERE arrival = 'history') AS texts,
                    (SELECT count(*) FROM calls WHERE arrival = 'history') AS calls",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok((row.count("texts")?, row.count("calls")?))
    }

    /// How many texts and calls made since a moment should have come by themselves and were fetched.
    pub async fn repaired(&self, since: Moment) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar("SELECT count(*) FROM repairs WHERE at >= $1").bind(since.0);
        let count: i64 = count.fetch_one(&self.readers).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Forgets repairs of things made before a moment.
    pub async fn forget_repairs(&self, before: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| db.run("DELETE FROM repairs WHERE at < $1", &[&before.0]).map(|_| ()))
            .await
    }
}

/// Counts something that was fetched, where it should have come by itself.
pub(crate) fn repaired(db: &Db, sid: &str, arrival: Arrival, at: Moment) -> Result<(), StoreError> {
    if arrival == Arrival::Missed {
        db.run(
            "INSERT INTO repairs (provider_sid, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            &[&sid, &at.0],
        )?;
    }
    Ok(())
}

/// What was fetched did come by itself, only later: no repair after all. Says whether it was one.
pub(crate) fn came_after_all(db: &Db, sid: &str) -> Result<bool, StoreError> {
    Ok(db.run("DELETE FROM repairs WHERE provider_sid = $1", &[&sid])? > 0)
}
