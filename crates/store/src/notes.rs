//! What the office tells itself between the texts.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{Actor, ChangeKind, ConversationId, Moment, NoteId};
use uuid::Uuid;

/// A note.
#[derive(Debug, Clone)]
pub struct Note {
    /// Our id.
    pub id: NoteId,
    /// The words.
    pub body: String,
    /// Who wrote it.
    pub actor: Option<String>,
    /// When.
    pub at: Moment,
}

impl Store {
    /// Keeps a note in a conversation.
    pub async fn add_note(
        &self,
        id: NoteId,
        conversation: ConversationId,
        body: String,
        actor: Actor,
        at: Moment,
    ) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                db.run(
                    "INSERT INTO notes (id, conversation_id, body, actor, at) VALUES ($1, $2, $3, $4, $5)",
                    &[&id.uuid(), &conversation.uuid(), &body, &actor.label(), &at.0],
                )?;
                db.tell(ChangeKind::ConversationChanged, Some(conversation.uuid()), at)
            })
            .await
    }

    /// Removes a note, or puts it back. `false`: there is none.
    pub async fn remove_note(&self, id: NoteId, removed: bool, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let conversation: Option<Uuid> = db.first(
                    "UPDATE notes SET removed_at = $2 WHERE id = $1 RETURNING conversation_id",
                    &[&id.uuid(), &removed.then_some(at.0)],
                    |row| row.get(0),
                )?;
                if conversation.is_some() {
                    db.tell(ChangeKind::ConversationChanged, conversation, at)?;
                }
                Ok(conversation.is_some())
            })
            .await
    }

    /// The notes of a conversation from one moment until before another, oldest first.
    pub async fn notes(
        &self,
        conversation: ConversationId,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<Note>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, body, actor, at FROM notes
             WHERE conversation_id = $1 AND at >= $2 AND at < $3 AND removed_at IS NULL ORDER BY at, id",
        )
        .bind(conversation.uuid())
        .bind(from.0)
        .bind(until.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Note {
                    id: row.id("id")?,
                    body: row.col("body")?,
                    actor: row.col("actor")?,
                    at: row.at("at")?,
                })
            })
            .collect()
    }
}
