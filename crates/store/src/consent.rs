//! The consent ledger. It is kept by customer, so it covers all the owner's lines.

use crate::{Store, StoreError, conversations::conversations_of, db::Db, row::Columns};
use ringdesk_domain::{
    Actor, Address, ChangeKind, ConsentEventId, Moment, TextId,
    consent::{Consent, ConsentEvent, owner_may_undo},
};

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// Our id.
    pub id: ConsentEventId,
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

const fn word(consent: Consent) -> &'static str {
    match consent {
        Consent::OptedOut => "opted_out",
        Consent::Given => "given",
        Consent::Unknown => "unknown",
    }
}

/// Writes an event and where the customer stands after it, in the running transaction.
pub(crate) fn note_consent(
    db: &Db,
    customer: &Address,
    event: Option<ConsentEvent>,
    after: Consent,
    text: Option<TextId>,
    actor: Option<&Actor>,
    at: Moment,
) -> Result<(), StoreError> {
    if let Some(event) = event {
        db.run(
            "INSERT INTO consent_events (id, customer, event, text_id, actor, at) VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &ConsentEventId::new(at).uuid(),
                &customer.as_str(),
                &event.word(),
                &text.map(TextId::uuid),
                &actor.map(Actor::label),
                &at.0,
            ],
        )?;
    }
    db.run(
        "INSERT INTO consents (customer, state, since) VALUES ($1, $2, $3)
         ON CONFLICT (customer) DO UPDATE SET state = excluded.state,
             since = CASE WHEN consents.state = excluded.state THEN consents.since ELSE excluded.since END",
        &[&customer.as_str(), &word(after), &at.0],
    )?;
    for conversation in conversations_of(db, customer.as_str())? {
        db.tell(ChangeKind::ConsentChanged, Some(conversation), at)?;
    }
    Ok(())
}

/// A list tells whole seconds, and a webhook comes a little later, in milliseconds.
const TOLD_WITHIN_MS: i64 = 2_000;

impl Store {
    /// When a START that was told of live was written, as Twilio's list says. Where its webhook was overtaken by
    /// that of a later STOP, the STOP counts.
    pub async fn start_was_written(&self, provider_sid: String, at: Moment) -> Result<(), StoreError> {
        self.writer()?
            .write(move |db| {
                let told: Option<(String, i64, uuid::Uuid)> = db.first(
                    "SELECT e.customer, e.at, e.id FROM texts t JOIN consent_events e ON e.text_id = t.id
                     WHERE t.provider_sid = $1 AND t.direction = 'in' AND e.event = 'start_word'",
                    &[&provider_sid],
                    |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
                )?;
                let Some((customer, told_at, event)) = told else { return Ok(()) };
                if told_at - at.0 <= TOLD_WITHIN_MS {
                    return Ok(());
                }
                let stopped_at: Option<i64> = db
                    .first(
                        "SELECT max(at) FROM consent_events
                         WHERE customer = $1 AND event = 'stop_word' AND at > $2 AND at <= $3",
                        &[&customer, &at.0, &told_at],
                        |row| row.get(0),
                    )?
                    .flatten();
                db.run("UPDATE consent_events SET at = $2 WHERE id = $1", &[&event, &at.0])?;
                let Some(stopped_at) = stopped_at else { return Ok(()) };
                let stands = db.first(
                    "SELECT 1 FROM consents WHERE customer = $1 AND state = $2 AND since = $3",
                    &[&customer, &word(Consent::Given), &told_at],
                    |_| Ok(()),
                )?;
                if stands.is_some() {
                    let customer = Address::received(&customer);
                    note_consent(db, &customer, None, Consent::OptedOut, None, None, Moment(stopped_at))?;
                }
                Ok(())
            })
            .await
    }

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
            .write(move |db| {
                let out = db.first(
                    "SELECT 1 FROM consents WHERE customer = $1 AND state = 'opted_out'",
                    &[&customer.as_str()],
                    |_| Ok(()),
                )?;
                if out.is_some() {
                    // A mark on top of their own STOP would make it ours to take back.
                    return Ok(());
                }
                let event = Some(ConsentEvent::OwnerOptedOut);
                note_consent(db, &customer, event, Consent::OptedOut, None, Some(&actor), at)
            })
            .await
    }

    /// The owner undoes an opt-out where they may. `false`: only the customer can.
    pub async fn opt_in(&self, customer: Address, actor: Actor, at: Moment) -> Result<bool, StoreError> {
        self.writer()?
            .write(move |db| {
                let newest = db.first(
                    "SELECT e.event, EXISTS (SELECT 1 FROM conversations c JOIN texts t ON t.conversation_id = c.id
                         WHERE c.customer = e.customer AND t.direction = 'in')
                     FROM consent_events e JOIN consents s ON s.customer = e.customer
                     WHERE e.customer = $1 AND s.state = 'opted_out' ORDER BY e.at DESC, e.id DESC LIMIT 1",
                    &[&customer.as_str()],
                    |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)),
                )?;
                let Some((newest, wrote)) = newest else { return Ok(false) };
                let Some(event) = owner_may_undo(&newest) else { return Ok(false) };
                let after = if wrote { Consent::Given } else { Consent::Unknown };
                note_consent(db, &customer, Some(event), after, None, Some(&actor), at)?;
                Ok(true)
            })
            .await
    }

    /// A customer's ledger, oldest first.
    pub async fn consent_history(&self, customer: &Address) -> Result<Vec<ConsentEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, event, text_id, actor, at FROM consent_events WHERE customer = $1 ORDER BY at, id",
        )
        .bind(customer.as_str())
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ConsentEntry {
                    id: row.id("id")?,
                    event: row.col("event")?,
                    text: row.maybe_id("text_id")?,
                    actor: row.col("actor")?,
                    at: row.at("at")?,
                })
            })
            .collect()
    }
}
