//! Many texts at once, for measuring with a full house.

use crate::{Store, StoreError, lines::line_for};
use ringdesk_domain::{Address, ConversationId, LineId, Moment, Status, TextId};
use std::collections::HashMap;

/// A made-up text.
#[derive(Debug, Clone)]
pub struct SeedText {
    /// Our number.
    pub line: Address,
    /// The customer.
    pub customer: Address,
    /// Whether the customer wrote it.
    pub incoming: bool,
    /// The words.
    pub body: String,
    /// When.
    pub at: Moment,
}

impl Store {
    /// Stores made-up texts in one transaction, without receipts, consent or Changes.
    pub async fn seed(&self, texts: Vec<SeedText>) -> Result<(), StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let mut lines: HashMap<String, LineId> = HashMap::new();
                    for text in &texts {
                        let line = if let Some(line) = lines.get(text.line.as_str()) {
                            *line
                        } else {
                            let line = line_for(conn, &text.line, text.at).await?;
                            lines.insert(text.line.as_str().to_owned(), line);
                            line
                        };
                        let status = Status::from_twilio(if text.incoming { "received" } else { "delivered" });
                        sqlx::query(
                            "INSERT INTO conversations (id, line_id, customer, created_at, last_at, unread)
                             VALUES ($1, $2, $3, $4, $4, 0)
                             ON CONFLICT (line_id, customer) DO UPDATE SET last_at = excluded.last_at;
                             INSERT INTO texts (id, conversation_id, direction, body, status, rank, at, source)
                             VALUES ($5, (SELECT id FROM conversations WHERE line_id = $2 AND customer = $3), $6, $7,
                                 $8, $9, $4, 'seed');
                             UPDATE conversations SET last_text = last_insert_rowid()
                             WHERE line_id = $2 AND customer = $3",
                        )
                        .bind(ConversationId::new(text.at).uuid())
                        .bind(line.uuid())
                        .bind(text.customer.as_str())
                        .bind(text.at.0)
                        .bind(TextId::new(text.at).uuid())
                        .bind(if text.incoming { "in" } else { "out" })
                        .bind(text.body.as_str())
                        .bind(status.word())
                        .bind(status.rank())
                        .execute(&mut *conn)
                        .await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}
