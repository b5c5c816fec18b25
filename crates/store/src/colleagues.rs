//! Who works here, and who sees to a conversation.

use crate::{Store, StoreError, db::Db, row::Columns};
use ringdesk_domain::{ChangeKind, Colleague, ColleagueId, ConversationId, Moment, colleague::Name};
use uuid::Uuid;

/// Whether a colleague got another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColleagueRenamed {
    /// They are called so now.
    Renamed(Colleague),
    /// There is no such colleague (any more).
    NotFound,
    /// Another one is called so, written like this; nothing was changed.
    NameOf(String),
}

/// Whoever goes by a name, in whatever capitals.
fn called(db: &Db, name: &Name) -> Result<Option<Colleague>, StoreError> {
    db.first("SELECT id, name FROM colleagues WHERE folded = $1", &[&name.folded()], |row| {
        Ok(Colleague { id: row.get::<_, Uuid>(0)?.into(), name: row.get(1)? })
    })
}

fn is_there(db: &Db, sql: &str, id: Uuid) -> Result<bool, StoreError> {
    db.first(sql, &[&id], |_| Ok(())).map(|found| found.is_some())
}

/// Tells that the list changed, and the conversations whose head or row shows it: all at once, as there may
/// be thousands.
fn tell(db: &Db, is_shown: bool, at: Moment) -> Result<(), StoreError> {
    db.tell(ChangeKind::SettingsChanged, None, at)?;
    if is_shown { db.tell(ChangeKind::ConversationChanged, None, at) } else { Ok(()) }
}

impl Store {
    /// Colleagues, by name.
    pub async fn colleagues(&self) -> Result<Vec<Colleague>, StoreError> {
        let rows = sqlx::query("SELECT id, name FROM colleagues ORDER BY folded");
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(Colleague { id: row.id("id")?, name: row.col("name")? })).collect()
    }

    /// Adds a colleague. Where somebody goes by that name, in whatever capitals, it is they, as they are.
    pub async fn add_colleague(&self, name: Name, at: Moment) -> Result<Colleague, StoreError> {
        self.writer()?
            .write(move |db| {
                if let Some(known) = called(db, &name)? {
                    return Ok(known);
                }
                let id = ColleagueId::new(at);
                db.run(
                    "INSERT INTO colleagues (id, name, folded, added_at) VALUES ($1, $2, $3, $4)",
                    &[&id.uuid(), &name.as_str(), &name.folded(), &at.0],
                )?;
                tell(db, false, at)?;
                Ok(Colleague { id, name: name.as_str().to_owned() })
            })
            .await
    }

    /// Gives a colleague another name.
    pub async fn rename_colleague(
        &self,
        id: ColleagueId,
        name: Name,
        at: Moment,
    ) -> Result<ColleagueRenamed, StoreError> {
        self.writer()?
            .write(move |db| {
                if !is_there(db, "SELECT 1 FROM colleagues WHERE id = $1", id.uuid())? {
                    return Ok(ColleagueRenamed::NotFound);
                }
                if let Some(other) = called(db, &name)?.filter(|other| other.id != id) {
                    return Ok(ColleagueRenamed::NameOf(other.name));
                }
                let changed = db.run(
                    "UPDATE colleagues SET name = $2, folded = $3 WHERE id = $1 AND name <> $2",
                    &[&id.uuid(), &name.as_str(), &name.folded()],
                )?;
                if changed > 0 {
                    let sql = "SELECT 1 FROM conversations WHERE assigned_to = $1 LIMIT 1";
                    tell(db, is_there(db, sql, id.uuid())?, at)?;
                }
                Ok(ColleagueRenamed::Renamed(Colleague { id, name: name.as_str().to_owned() }))
            })
            .await
    }

    /// Takes a colleague out of the list. How many conversations were theirs and are nobody's now; `None`:
    /// there is no such colleague.
    pub async fn remove_colleague(&self, id: ColleagueId, at: Moment) -> Result<Option<u32>, StoreError> {
        self.writer()?
            .write(move |db| {
                let theirs = db.run(
                    "UPDATE conversations SET assigned_to = NULL WHERE assigned_to = $1",
                    &[&id.uuid()],
                )?;
                if db.run("DELETE FROM colleagues WHERE id = $1", &[&id.uuid()])? == 0 {
                    return Ok(None);
                }
                tell(db, theirs > 0, at)?;
                Ok(Some(u32::try_from(theirs).unwrap_or(u32::MAX)))
            })
            .await
    }

    /// Assigns a conversation to a colleague, or to nobody; tells nobody when it already was so. `false`:
    /// there is no such conversation, or no such colleague.
    pub async fn assign(
        &self,
        id: ConversationId,
        to: Option<ColleagueId>,
        at: Moment,
    ) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let to = to.map(ColleagueId::uuid);
                if !is_there(db, "SELECT 1 FROM conversations WHERE id = $1", id.uuid())? {
                    return Ok(false);
                }
                if let Some(to) = to
                    && !is_there(db, "SELECT 1 FROM colleagues WHERE id = $1", to)?
                {
                    return Ok(false);
                }
                let sql = "UPDATE conversations SET assigned_to = $2 WHERE id = $1 AND assigned_to IS NOT $2";
                if db.run(sql, &[&id.uuid(), &to])? > 0 {
                    db.tell(ChangeKind::ConversationChanged, Some(id.uuid()), at)?;
                }
                Ok(true)
            })
            .await
    }
}
