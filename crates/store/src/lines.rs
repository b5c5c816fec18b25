//! Our numbers.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{Address, ChangeKind, LineId, Moment};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

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
    })
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

    /// All lines, oldest first.
    pub async fn lines(&self) -> Result<Vec<Line>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, number, name, provider_sid, takes_texts FROM lines ORDER BY created_at, id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(line).collect()
    }

    /// A line by id.
    pub async fn line(&self, id: LineId) -> Result<Option<Line>, StoreError> {
        let row = sqlx::query("SELECT id, number, name, provider_sid, takes_texts FROM lines WHERE id = $1")
            .bind(id.uuid())
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(line).transpose()
    }

    /// Takes over what Twilio lists. A line Twilio no longer lists stays, with its history.
    pub async fn know_lines(&self, numbers: Vec<KnownNumber>, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                for known in &numbers {
                    db.run(
                        "INSERT INTO lines (id, number, name, provider_sid, takes_texts, created_at)
                         VALUES ($1, $2, $3, $4, $5, $6)
                         ON CONFLICT (number) DO UPDATE SET provider_sid = excluded.provider_sid,
                             takes_texts = excluded.takes_texts,
                             name = CASE WHEN lines.name = '' THEN excluded.name ELSE lines.name END",
                        &[
                            &LineId::new(at).uuid(),
                            &known.number.as_str(),
                            &known.name,
                            &known.provider_sid,
                            &known.takes_texts,
                            &at.0,
                        ],
                    )?;
                }
                db.tell(ChangeKind::SettingsChanged, None, at)
            })
            .await
    }
}
