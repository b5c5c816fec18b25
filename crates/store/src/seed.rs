//! Many texts at once, for measuring with a full house.

use crate::{Store, StoreError, conversations::conversation_for, lines::line_for};
use ringdesk_domain::{Address, LineId, Moment, Status, TextId};
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
            .write(move |db| {
                let mut lines: HashMap<String, LineId> = HashMap::new();
                for text in &texts {
                    let line = if let Some(line) = lines.get(text.line.as_str()) {
                        *line
                    } else {
                        let line = line_for(db, &text.line, text.at)?;
                        lines.insert(text.line.as_str().to_owned(), line);
                        line
                    };
                    let conversation = conversation_for(db, line, &text.customer, text.at)?;
                    let status = Status::from_twilio(if text.incoming { "received" } else { "delivered" });
                    db.run(
                        "INSERT INTO texts (id, conversation_id, direction, body, status, rank, at, source)
                         VALUES ($1, $2, $3, $4, $5, $6, $7, 'seed')",
                        &[
                            &TextId::new(text.at).uuid(),
                            &conversation,
                            &if text.incoming { "in" } else { "out" },
                            &text.body,
                            &status.word(),
                            &status.rank(),
                            &text.at.0,
                        ],
                    )?;
                    db.run(
                        "UPDATE conversations SET last_at = $2, last_text = $3 WHERE id = $1",
                        &[&conversation, &text.at.0, &db.last_seq()],
                    )?;
                }
                Ok(())
            })
            .await
    }
}
