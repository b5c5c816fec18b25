//! Calls and voicemails, as lists show them.

use crate::{Store, StoreError, row::Columns};
use ringdesk_domain::{Address, ConversationId, Moment};
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

/// A call as the log shows it.
#[derive(Debug, Clone)]
pub struct CallRow {
    /// Our id.
    pub id: Uuid,
    /// Where it belongs.
    pub conversation: ConversationId,
    /// The other end.
    pub customer: Address,
    /// Whether the customer called.
    pub incoming: bool,
    /// Twilio's status word.
    pub status: String,
    /// How it ended, in our words.
    pub ending: Option<String>,
    /// Seconds talked.
    pub duration_s: Option<u32>,
    /// When it began.
    pub at: Moment,
}

/// A voicemail as the list shows it.
#[derive(Debug, Clone)]
pub struct VoicemailRow {
    /// Our id.
    pub id: Uuid,
    /// The call it was left in.
    pub call: Uuid,
    /// Who left it.
    pub customer: Address,
    /// Its length.
    pub duration_s: Option<u32>,
    /// What was said.
    pub transcript: Option<String>,
    /// Whether somebody listened.
    pub heard: bool,
    /// When it was left.
    pub at: Moment,
}

fn seconds(value: Option<i64>) -> Option<u32> {
    value.and_then(|s| u32::try_from(s).ok())
}

fn call(row: &SqliteRow) -> Result<CallRow, StoreError> {
    Ok(CallRow {
        id: row.col("id")?,
        conversation: row.id("conversation_id")?,
        customer: Address::received(row.col("customer")?),
        incoming: row.col::<&str>("direction")? == "in",
        status: row.col("status")?,
        ending: row.col("ending")?,
        duration_s: seconds(row.col("duration_s")?),
        at: row.at("at")?,
    })
}

impl Store {
    /// Calls, newest first.
    pub async fn calls(&self, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT k.id, k.conversation_id, c.customer, k.direction, k.status, k.ending, k.duration_s, k.at
             FROM calls k JOIN conversations c ON c.id = k.conversation_id ORDER BY k.at DESC, k.id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(call).collect()
    }

    /// The newest calls of a customer, on all our lines.
    pub async fn calls_of(&self, customer: &Address, limit: u32) -> Result<Vec<CallRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT k.id, k.conversation_id, c.customer, k.direction, k.status, k.ending, k.duration_s, k.at
             FROM calls k JOIN conversations c ON c.id = k.conversation_id WHERE c.customer = $1
             ORDER BY k.at DESC, k.id DESC LIMIT $2",
        )
        .bind(customer.as_str())
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(call).collect()
    }

    /// The calls of a conversation from one moment until before another, oldest first, each with its
    /// voicemail.
    pub async fn calls_in(
        &self,
        conversation: ConversationId,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<(CallRow, Option<VoicemailRow>)>, StoreError> {
        let rows = sqlx::query(
            "SELECT k.id, k.conversation_id, c.customer, k.direction, k.status, k.ending, k.duration_s, k.at,
                 v.id AS voicemail, v.duration_s AS voicemail_s, v.transcript, v.heard, v.at AS left_at
             FROM calls k JOIN conversations c ON c.id = k.conversation_id
             LEFT JOIN voicemails v ON v.call_id = k.id
             WHERE k.conversation_id = $1 AND k.at >= $2 AND k.at < $3 ORDER BY k.at, k.id",
        )
        .bind(conversation.uuid())
        .bind(from.0)
        .bind(until.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                let call = call(row)?;
                let left: Option<Uuid> = row.col("voicemail")?;
                let voicemail = match left {
                    Some(id) => Some(VoicemailRow {
                        id,
                        call: call.id,
                        customer: call.customer.clone(),
                        duration_s: seconds(row.col("voicemail_s")?),
                        transcript: row.col("transcript")?,
                        heard: row.col::<i64>("heard")? != 0,
                        at: row.at("left_at")?,
                    }),
                    None => None,
                };
                Ok((call, voicemail))
            })
            .collect()
    }

    /// Voicemails, newest first.
    pub async fn voicemails(&self, limit: u32) -> Result<Vec<VoicemailRow>, StoreError> {
        let rows = sqlx::query(
            "SELECT v.id, v.call_id, c.customer, v.duration_s, v.transcript, v.heard, v.at
             FROM voicemails v JOIN calls k ON k.id = v.call_id JOIN conversations c ON c.id = k.conversation_id
             ORDER BY v.at DESC, v.id DESC LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(VoicemailRow {
                    id: row.col("id")?,
                    call: row.col("call_id")?,
                    customer: Address::received(row.col("customer")?),
                    duration_s: seconds(row.col("duration_s")?),
                    transcript: row.col("transcript")?,
                    heard: row.col::<i64>("heard")? != 0,
                    at: row.at("at")?,
                })
            })
            .collect()
    }
}
