//! Our numbers.

use crate::{
    Store, StoreError,
    row::{Columns, tell},
};
use ringdesk_domain::{Address, ChangeKind, LineId, Moment};
use sqlx::{SqliteConnection, sqlite::SqliteRow};

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
pub(crate) async fn line_for(
    conn: &mut SqliteConnection,
    number: &Address,
    at: Moment,
) -> Result<LineId, StoreError> {
    let row = sqlx::query(
        "INSERT INTO lines (id, number, name, takes_texts, created_at) VALUES ($1, $2, '', 1, $3)
         ON CONFLICT (number) DO UPDATE SET number = excluded.number RETURNING id",
    )
    .bind(LineId::new(at).uuid())
    .bind(number.as_str())
    .bind(at.0)
    .fetch_one(&mut *conn)
    .await?;
    tell(conn, ChangeKind::SettingsChanged, None, at).await?;
    row.id("id")
}

impl Store {
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
            .write(move |conn| {
                Box::pin(async move {
                    for known in &numbers {
                        sqlx::query(
                            "INSERT INTO lines (id, number, name, provider_sid, takes_texts, created_at)
                             VALUES ($1, $2, $3, $4, $5, $6)
                             ON CONFLICT (number) DO UPDATE SET provider_sid = excluded.provider_sid,
                                 takes_texts = excluded.takes_texts,
                                 name = CASE WHEN lines.name = '' THEN excluded.name ELSE lines.name END",
                        )
                        .bind(LineId::new(at).uuid())
                        .bind(known.number.as_str())
                        .bind(known.name.as_str())
                        .bind(known.provider_sid.as_str())
                        .bind(i64::from(known.takes_texts))
                        .bind(at.0)
                        .execute(&mut *conn)
                        .await?;
                    }
                    tell(conn, ChangeKind::SettingsChanged, None, at).await
                })
            })
            .await
    }
}
