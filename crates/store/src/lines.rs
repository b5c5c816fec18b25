//! Our numbers.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{Address, ChangeKind, LineId, Moment};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// Kept once the owner has said which numbers are lines.
const CHOSEN: &str = "lines_chosen";

/// One of our numbers.
#[derive(Debug, Clone)]
pub struct Line {
    /// Our id.
    pub id: LineId,
    /// E.164.
    pub number: Address,
    /// As the owner named it; empty until then.
    pub name: String,
    /// `PN…`, once Twilio told us.
    pub provider_sid: Option<String>,
    /// Whether Twilio lets it send texts.
    pub takes_texts: bool,
    /// Whether it is a line of the office; otherwise it is only another number of the account.
    pub used: bool,
    /// What Twilio did with it before the office first came, as the office wrote that down.
    pub before: Option<String>,
}

/// A number as Twilio lists it.
#[derive(Debug, Clone)]
pub struct KnownNumber {
    /// E.164.
    pub number: Address,
    /// `PN…`.
    pub provider_sid: String,
    /// The owner's name for it at Twilio; often the number again.
    pub name: String,
    /// Whether it sends texts.
    pub takes_texts: bool,
}

fn line(row: &SqliteRow) -> Result<Line, StoreError> {
    Ok(Line {
        id: row.id("id")?,
        number: Address::received(row.col("number")?),
        name: row.col("name")?,
        provider_sid: row.col("provider_sid")?,
        takes_texts: row.col::<i64>("takes_texts")? != 0,
        used: row.col::<i64>("used")? != 0,
        before: row.col("before")?,
    })
}

/// Whether the owner has said which numbers are lines.
fn chosen(db: &Db) -> Result<bool, StoreError> {
    let chosen = db.first("SELECT 1 FROM meta WHERE key = $1", &[&CHOSEN], |_| Ok(()))?;
    Ok(chosen.is_some())
}

/// The line with this number; one nobody told us of is recorded now.
pub(crate) fn line_for(db: &Db, number: &Address, at: Moment) -> Result<LineId, StoreError> {
    let known =
        db.first("SELECT id FROM lines WHERE number = $1", &[&number.as_str()], |row| row.get::<_, Uuid>(0))?;
    if let Some(known) = known {
        return Ok(known.into());
    }
    let id = LineId::new(at);
    db.run(
        "INSERT INTO lines (id, number, name, takes_texts, created_at) VALUES ($1, $2, '', 1, $3)",
        &[&id.uuid(), &number.as_str(), &at.0],
    )?;
    db.tell(ChangeKind::SettingsChanged, None, at)?;
    Ok(id)
}

impl Store {
    /// The Twilio account whose texts are kept, once one is known for sure.
    pub async fn account(&self) -> Result<Option<String>, StoreError> {
        let owner = sqlx::query_scalar("SELECT value FROM meta WHERE key = 'account_sid'");
        Ok(owner.fetch_optional(&self.readers).await?)
    }

    /// What is kept belongs to this Twilio account from now on, if to none yet.
    pub async fn belongs_to(&self, account_sid: String) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO meta (key, value) VALUES ('account_sid', $1) ON CONFLICT (key) DO NOTHING",
                    &[&account_sid],
                )?;
                Ok(())
            })
            .await
    }

    /// The lines in use, oldest first.
    pub async fn lines(&self) -> Result<Vec<Line>, StoreError> {
        let mut lines = self.all_lines().await?;
        lines.retain(|line| line.used);
        Ok(lines)
    }

    /// Every number that was ever a line or is on the account, oldest first; those known at once by number.
    pub async fn all_lines(&self) -> Result<Vec<Line>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, number, name, provider_sid, takes_texts, used, before FROM lines
             ORDER BY created_at, number",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(line).collect()
    }

    /// A line by id, in use or not.
    pub async fn line(&self, id: LineId) -> Result<Option<Line>, StoreError> {
        let row = sqlx::query(
            "SELECT id, number, name, provider_sid, takes_texts, used, before FROM lines WHERE id = $1",
        )
        .bind(id.uuid())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(line).transpose()
    }

    /// Takes over what Twilio lists. A line Twilio no longer lists stays, with its history. A number seen for
    /// the first time is a line, unless the owner has chosen before.
    pub async fn know_lines(&self, numbers: Vec<KnownNumber>, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let used = !chosen(db)?;
                let mut changed = 0;
                for known in &numbers {
                    changed += db.run(
                        "INSERT INTO lines (id, number, name, provider_sid, takes_texts, created_at, used)
                         VALUES ($1, $2, $3, $4, $5, $6, $7)
                         ON CONFLICT (number) DO UPDATE SET provider_sid = excluded.provider_sid,
                             takes_texts = excluded.takes_texts,
                             name = CASE WHEN lines.name = '' THEN excluded.name ELSE lines.name END
                         WHERE lines.provider_sid IS NOT excluded.provider_sid
                             OR lines.takes_texts <> excluded.takes_texts
                             OR (lines.name = '' AND excluded.name <> '')",
                        &[
                            &LineId::new(at).uuid(),
                            &known.number.as_str(),
                            &known.name,
                            &known.provider_sid,
                            &known.takes_texts,
                            &at.0,
                            &used,
                        ],
                    )?;
                }
                // Whoever looks at the lines has them asked for: told each time, they would never stop.
                if changed > 0 { db.tell(ChangeKind::SettingsChanged, None, at) } else { Ok(()) }
            })
            .await
    }

    /// Makes these numbers the lines in use, and no others; `false`: none of them is known, and nothing was
    /// changed. From now on a new number of the account is no line until it is chosen.
    pub async fn choose_lines(&self, numbers: Vec<Address>, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let known = |number: &Address| {
                    let row =
                        db.first("SELECT 1 FROM lines WHERE number = $1", &[&number.as_str()], |_| Ok(()));
                    row.map(|row| row.is_some())
                };
                let mut some = false;
                for number in &numbers {
                    some |= known(number)?;
                }
                if !some {
                    return Ok(false);
                }
                db.run("UPDATE lines SET used = 0", &[])?;
                for number in &numbers {
                    db.run("UPDATE lines SET used = 1 WHERE number = $1", &[&number.as_str()])?;
                }
                db.run(
                    "INSERT INTO meta (key, value) VALUES ($1, '1') ON CONFLICT (key) DO NOTHING",
                    &[&CHOSEN],
                )?;
                db.tell(ChangeKind::SettingsChanged, None, at)?;
                Ok(true)
            })
            .await
    }

    /// Keeps what Twilio did with a number before we came.
    pub async fn keep_before(&self, line: LineId, before: String, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run("UPDATE lines SET before = $2 WHERE id = $1", &[&line.uuid(), &before])?;
                db.tell(ChangeKind::SettingsChanged, None, at)
            })
            .await
    }

    /// Gives a line up: what it had before was put back, and it is only a number of the account again.
    pub async fn give_up_line(&self, line: LineId, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run("UPDATE lines SET before = NULL, used = 0 WHERE id = $1", &[&line.uuid()])?;
                db.tell(ChangeKind::SettingsChanged, None, at)
            })
            .await
    }
}
