//! The numbered Changes an open window follows.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{Change, ChangeKind};

impl Store {
    /// Changes after a number, oldest first.
    pub async fn changes_after(&self, seq: i64, limit: u32) -> Result<Vec<Change>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, kind, conversation_id, at FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2",
        )
        .bind(seq)
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(Change {
                    seq: row.col("seq")?,
                    kind: ChangeKind::from_word(row.col("kind")?),
                    conversation: row.maybe_id("conversation_id")?,
                    at: row.at("at")?,
                })
            })
            .collect()
    }

    /// The number of the newest Change.
    pub fn latest_change(&self) -> i64 {
        *self.latest.borrow()
    }

    /// Waits until there is a Change after `seq`; `false` when the store is closing.
    pub async fn change_after(&self, seq: i64) -> bool {
        self.latest.clone().wait_for(|latest| *latest > seq).await.is_ok()
    }
}
