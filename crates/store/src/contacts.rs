//! People, by the numbers they use.

use crate::{Store, StoreError, conversations::conversations_of, db::Db, row::Columns};
use ringdesk_domain::{Address, ChangeKind, ContactId, Moment};
use uuid::Uuid;

/// A person in the list of contacts.
#[derive(Debug, Clone)]
pub struct ContactRow {
    /// Our id.
    pub id: ContactId,
    /// As the owner calls them.
    pub name: String,
    /// Their numbers.
    pub numbers: Vec<Address>,
}

/// What the owner knows of whoever uses a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// As the owner calls them; empty where nobody has said.
    pub name: String,
    /// The owner's notes about them.
    pub notes: String,
    /// By the alphabet.
    pub tags: Vec<String>,
    /// Their numbers, the asked one among them.
    pub numbers: Vec<Address>,
}

/// What is to change about a person; what is left out stays.
#[derive(Debug, Clone, Default)]
pub struct PersonPatch {
    /// Their name.
    pub name: Option<String>,
    /// The owner's notes.
    pub notes: Option<String>,
    /// All tags.
    pub tags: Option<Vec<String>>,
    /// One more number of theirs.
    pub add_number: Option<Address>,
    /// A number that is not theirs after all; the last one stays.
    pub remove_number: Option<Address>,
}

/// Whether a person was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonSaved {
    /// They were.
    Saved,
    /// The number to add is somebody else's, called so; nothing was changed.
    NumberOf(String),
}

impl Store {
    /// Contacts by name.
    pub async fn contacts(&self, limit: u32) -> Result<Vec<ContactRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.id, c.name, group_concat(n.number) AS numbers FROM contacts c
             JOIN contact_numbers n ON n.contact_id = c.id
             WHERE c.name <> '' GROUP BY c.id ORDER BY c.name, c.id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let numbers: String = row.col("numbers")?;
                Ok(ContactRow {
                    id: row.id("id")?,
                    name: row.col("name")?,
                    numbers: numbers.split(',').map(Address::received).collect(),
                })
            })
            .collect()
    }

    /// What the owner knows of whoever uses a number.
    pub async fn person(&self, number: &Address) -> Result<Person, StoreError> {
        let known = sqlx::query(
            "SELECT c.id, c.name, c.notes FROM contacts c JOIN contact_numbers n ON n.contact_id = c.id
             WHERE n.number = $1",
        )
        .bind(number.as_str())
        .fetch_optional(&self.readers)
        .await?;
        let Some(known) = known else {
            return Ok(Person { numbers: vec![number.clone()], ..Person::default() });
        };
        let id: Uuid = known.col("id")?;
        let tags = sqlx::query_scalar("SELECT tag FROM contact_tags WHERE contact_id = $1 ORDER BY tag")
            .bind(id)
            .fetch_all(&self.readers)
            .await?;
        let numbers: Vec<String> =
            sqlx::query_scalar("SELECT number FROM contact_numbers WHERE contact_id = $1 ORDER BY number")
                .bind(id)
                .fetch_all(&self.readers)
                .await?;
        Ok(Person {
            name: known.col("name")?,
            notes: known.col("notes")?,
            tags,
            numbers: numbers.iter().map(|number| Address::received(number)).collect(),
        })
    }

    /// Changes what is known of whoever uses a number.
    pub async fn save_person(
        &self,
        number: Address,
        patch: PersonPatch,
        at: Moment,
    ) -> Result<PersonSaved, StoreError> {
        self.writer()?.write(move |db| save(db, number.as_str(), &patch, at)).await
    }
}

fn owner_of(db: &Db, number: &str) -> Result<Option<Uuid>, StoreError> {
    db.first("SELECT contact_id FROM contact_numbers WHERE number = $1", &[&number], |row| row.get(0))
}

fn name_of(db: &Db, contact: Option<Uuid>) -> Result<String, StoreError> {
    let name = db.first("SELECT name FROM contacts WHERE id = $1", &[&contact], |row| row.get(0))?;
    Ok(name.unwrap_or_default())
}

/// Makes two contacts one: numbers, tags and notes of `other` become `id`'s.
fn absorb(db: &Db, other: Uuid, id: Uuid) -> Result<(), StoreError> {
    db.run("UPDATE contact_numbers SET contact_id = $2 WHERE contact_id = $1", &[&other, &id])?;
    db.run(
        "INSERT INTO contact_tags SELECT $2, tag FROM contact_tags WHERE contact_id = $1 ON CONFLICT DO NOTHING",
        &[&other, &id],
    )?;
    db.run("DELETE FROM contact_tags WHERE contact_id = $1", &[&other])?;
    db.run(
        "UPDATE contacts SET notes = trim(notes || char(10) || (SELECT notes FROM contacts WHERE id = $1), char(10))
         WHERE id = $2",
        &[&other, &id],
    )?;
    forget_name(db, other)?;
    db.run("DELETE FROM contacts WHERE id = $1", &[&other])?;
    Ok(())
}

/// The index holds no words of its own: it must be told the old ones.
fn forget_name(db: &Db, contact: Uuid) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO name_search (name_search, rowid, name)
         SELECT 'delete', seq, name FROM contacts WHERE id = $1 AND name <> ''",
        &[&contact],
    )?;
    Ok(())
}

fn save(db: &Db, number: &str, patch: &PersonPatch, at: Moment) -> Result<PersonSaved, StoreError> {
    let known = owner_of(db, number)?;
    let added = patch.add_number.as_ref().map(Address::as_str);
    let other = match added {
        Some(added) => owner_of(db, added)?.filter(|other| known != Some(*other)),
        None => None,
    };
    if let Some(other) = other {
        let (own, theirs) = (name_of(db, known)?, name_of(db, Some(other))?);
        let own = patch.name.clone().unwrap_or(own);
        if !theirs.is_empty() && theirs.to_lowercase() != own.to_lowercase() {
            return Ok(PersonSaved::NumberOf(theirs));
        }
    }
    let id = known.unwrap_or_else(|| ContactId::new(at).uuid());
    db.run(
        "INSERT INTO contacts (id, name, created_at) VALUES ($1, '', $2) ON CONFLICT (id) DO NOTHING",
        &[&id, &at.0],
    )?;
    for new in [Some(number), added].into_iter().flatten() {
        db.run(
            "INSERT INTO contact_numbers (number, contact_id) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING",
            &[&new, &id],
        )?;
    }
    if let Some(name) = &patch.name {
        forget_name(db, id)?;
        db.run("UPDATE contacts SET name = $2 WHERE id = $1", &[&id, name])?;
        db.run(
            "INSERT INTO name_search (rowid, name) SELECT seq, name FROM contacts WHERE id = $1 AND name <> ''",
            &[&id],
        )?;
    }
    if let Some(notes) = &patch.notes {
        db.run("UPDATE contacts SET notes = $2 WHERE id = $1", &[&id, notes])?;
    }
    if let Some(tags) = &patch.tags {
        db.run("DELETE FROM contact_tags WHERE contact_id = $1", &[&id])?;
        for tag in tags {
            db.run("INSERT INTO contact_tags VALUES ($1, $2) ON CONFLICT DO NOTHING", &[&id, tag])?;
        }
    }
    if let Some(other) = other {
        absorb(db, other, id)?;
    }
    let mut touched: Vec<String> =
        db.all("SELECT number FROM contact_numbers WHERE contact_id = $1", &[&id], |row| row.get(0))?;
    if let Some(gone) = &patch.remove_number {
        db.run(
            "DELETE FROM contact_numbers WHERE number = $1 AND contact_id = $2
               AND (SELECT count(*) FROM contact_numbers WHERE contact_id = $2) > 1",
            &[&gone.as_str(), &id],
        )?;
        touched.push(gone.as_str().to_owned());
    }
    for number in touched {
        for conversation in conversations_of(db, &number)? {
            db.tell(ChangeKind::ConversationChanged, Some(conversation), at)?;
        }
    }
    Ok(PersonSaved::Saved)
}
