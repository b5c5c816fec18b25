//! People, by the numbers they use.

use crate::{Store, StoreError, conversations::conversations_of, row::Columns};
use ringdesk_domain::{Address, ChangeKind, ContactId, Moment};
use uuid::Uuid;

/// A person.
#[derive(Debug, Clone)]
pub struct ContactRow {
    /// Our id.
    pub id: ContactId,
    /// As the owner calls them.
    pub name: String,
    /// Their numbers.
    pub numbers: Vec<Address>,
}

impl Store {
    /// Contacts by name.
    pub async fn contacts(&self, limit: u32) -> Result<Vec<ContactRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT c.id, c.name, group_concat(n.number) AS numbers FROM contacts c
             JOIN contact_numbers n ON n.contact_id = c.id GROUP BY c.id ORDER BY c.name, c.id LIMIT $1",
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

    /// Names whoever uses a number.
    pub async fn name_customer(&self, number: Address, name: String, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let number = number.as_str();
                let known: Option<Uuid> =
                    db.first("SELECT contact_id FROM contact_numbers WHERE number = $1", &[&number], |row| row.get(0))?;
                let id = known.unwrap_or_else(|| ContactId::new(at).uuid());
                // The index holds no words of its own: it must be told the old ones.
                db.run(
                    "INSERT INTO name_search (name_search, rowid, name)
                     SELECT 'delete', seq, name FROM contacts WHERE id = $1",
                    &[&id],
                )?;
                db.run(
                    "INSERT INTO contacts (id, name, created_at) VALUES ($1, $2, $3)
                     ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                    &[&id, &name, &at.0],
                )?;
                db.run("INSERT INTO name_search (rowid, name) SELECT seq, name FROM contacts WHERE id = $1", &[&id])?;
                db.run(
                    "INSERT INTO contact_numbers (number, contact_id) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING",
                    &[&number, &id],
                )?;
                for conversation in conversations_of(db, number)? {
                    db.tell(ChangeKind::ConversationChanged, Some(conversation), at)?;
                }
                Ok(())
            })
            .await
    }
}
