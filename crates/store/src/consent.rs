//! The consent ledger. It is kept by customer, so it covers all the owner's lines.

use crate::{
    Store, StoreError,
    row::{Columns, tell},
};
use ringdesk_domain::{
    Actor, Address, ChangeKind, Moment, TextId,
    consent::{Consent, ConsentEvent, owner_may_undo},
};
use sqlx::SqliteConnection;
use uuid::Uuid;

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// What happened, as the stored word.
    pub event: String,
    /// The text it came from.
    pub text: Option<TextId>,
    /// Who did it by hand.
    pub actor: Option<String>,
    /// When.
    pub at: Moment,
}

pub(crate) fn consent_of(word: Option<&str>) -> Consent {
    match word {
        Some("opted_out") => Consent::OptedOut,
        Some("given") => Consent::Given,
        _ => Consent::Unknown,
    }
}

pub(crate) const fn word(consent: Consent) -> &'static str {
    match consent {
        Consent::OptedOut => "opted_out",
        Consent::Given => "given",
        Consent::Unknown => "unknown",
    }
}

/// Writes an event and where the customer stands after it, in the running transaction.
pub(crate) async fn note_consent(
    conn: &mut SqliteConnection,
    customer: &Address,
    event: Option<ConsentEvent>,
    after: Consent,
    text: Option<TextId>,
    actor: Option<&Actor>,
    at: Moment,
) -> Result<(), StoreError> {
    if let Some(event) = event {
        sqlx::query(
            "INSERT INTO consent_events (id, customer, event, text_id, actor, at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(TextId::new(at).uuid())
        .bind(customer.as_str())
        .bind(event.word())
        .bind(text.map(TextId::uuid))
        .bind(actor.map(Actor::label))
        .bind(at.0)
        .execute(&mut *conn)
        .await?;
    }
    sqlx::query(
        "INSERT INTO consents (customer, state, since) VALUES ($1, $2, $3)
         ON CONFLICT (customer) DO UPDATE SET state = excluded.state,
             since = CASE WHEN consents.state = excluded.state THEN consents.since ELSE excluded.since END",
    )
    .bind(customer.as_str())
    .bind(word(after))
    .bind(at.0)
    .execute(&mut *conn)
    .await?;
    let concerned: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM conversations WHERE customer = $1")
        .bind(customer.as_str())
        .fetch_all(&mut *conn)
        .await?;
    for conversation in concerned {
        tell(conn, ChangeKind::ConsentChanged, Some(conversation), at).await?;
    }
    Ok(())
}

impl Store {
    /// Where a customer stands, and since when.
    pub async fn consent(&self, customer: &Address) -> Result<(Consent, Option<Moment>), StoreError> {
        let row = sqlx::query("SELECT state, since FROM consents WHERE customer = $1")
            .bind(customer.as_str())
            .fetch_optional(&self.readers)
            .await?;
        Ok(match row {
            Some(row) => (consent_of(Some(row.col("state")?)), Some(row.at("since")?)),
            None => (Consent::Unknown, None),
        })
    }

    /// The owner marks a customer as opted out.
    pub async fn opt_out(&self, customer: Address, actor: Actor, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let event = Some(ConsentEvent::OwnerOptedOut);
                    note_consent(conn, &customer, event, Consent::OptedOut, None, Some(&actor), at).await
                })
            })
            .await
    }

    /// The owner undoes an opt-out where they may. `false`: only the customer can.
    pub async fn opt_in(&self, customer: Address, actor: Actor, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |conn| {
                Box::pin(async move {
                    let row = sqlx::query(
                        "SELECT e.event, EXISTS (SELECT 1 FROM conversations c JOIN texts t ON t.conversation_id = c.id
                             WHERE c.customer = e.customer AND t.direction = 'in') AS wrote
                         FROM consent_events e JOIN consents s ON s.customer = e.customer
                         WHERE e.customer = $1 AND s.state = 'opted_out' ORDER BY e.at DESC, e.id DESC LIMIT 1",
                    )
                    .bind(customer.as_str())
                    .fetch_optional(&mut *conn)
                    .await?;
                    let Some(row) = row else { return Ok(false) };
                    let Some(event) = owner_may_undo(row.col("event")?) else { return Ok(false) };
                    let after = if row.col::<bool>("wrote")? { Consent::Given } else { Consent::Unknown };
                    note_consent(conn, &customer, Some(event), after, None, Some(&actor), at).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// A customer's ledger, oldest first.
    pub async fn consent_history(&self, customer: &Address) -> Result<Vec<ConsentEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT event, text_id, actor, at FROM consent_events WHERE customer = $1 ORDER BY at, id",
        )
        .bind(customer.as_str())
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ConsentEntry {
                    event: row.col("event")?,
                    text: row.maybe_id("text_id")?,
                    actor: row.col("actor")?,
                    at: row.at("at")?,
                })
            })
            .collect()
    }
}
