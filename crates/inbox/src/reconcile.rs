//! Looking up at Twilio what became of texts: sends whose answer was lost, contradictory or missing
//! endings, and receipts whose effects failed. Evidence settles; nothing is sent here.

use crate::{Inbox, Reach, from_twilio::means_opt_out};
use ringdesk_domain::{Moment, Status, segments};
use ringdesk_store::{Report, Settlement, StoreError, Unsettled};
use ringdesk_twilio::{error::RestError, rest::Message};

/// Pauses before the second and third look-up, in milliseconds; after the third the owner decides.
const LOOKS_MS: [i64; 2] = [3 * 60_000, 10 * 60_000];
/// At least this long between two look-ups, and after one that got no answer, in milliseconds.
const BETWEEN_LOOKS_MS: i64 = 60_000;
const UNREACHABLE_MS: i64 = 30_000;
/// A message made this long before its claim or after it is not ours, in milliseconds.
const AROUND_CLAIM_MS: (i64, i64) = (2 * 60_000, 10 * 60_000);
/// A text without an ending is asked about again after this long or its own age, and in all for
/// this long, in milliseconds.
const AGAIN_MS: i64 = 30 * 60_000;
const ASK_FOR_MS: i64 = 3 * 24 * 60 * 60_000;
/// How often the loop looks without being nudged, in milliseconds.
const ROUND_MS: i64 = 5 * 60_000;

impl Inbox {
    /// Looks up what is unsettled until the inbox closes.
    pub(crate) async fn run_reconcile(self) {
        loop {
            if let Some(reach) = self.reach() {
                let round = async {
                    self.apply_failed_receipts().await?;
                    self.look_up_unknown(&reach).await?;
                    self.recheck(&reach).await?;
                    self.recheck_calls(&reach).await
                };
                if let Err(error) = round.await {
                    self.rest(&error).await;
                }
            }
            let round = self.now().plus_ms(ROUND_MS);
            let due = self.store().next_look_due().await.ok().flatten().filter(|_| self.reach().is_some());
            let due = due.unwrap_or(round).min(round);
            tokio::select! {
                () = self.0.stop.cancelled() => break,
                () = self.0.looking.notified() => {}
                () = self.until(Some(due)) => {}
            }
        }
    }

    /// Settles sends that may have left, by what Twilio lists. Exactly one fitting message that no
    /// text of ours has is evidence; several texts alike need as many messages.
    async fn look_up_unknown(&self, reach: &Reach) -> Result<(), StoreError> {
        let unsettled = self.store().unsettled(self.now()).await?;
        for text in &unsettled {
            let from = (text.claimed_at.0 - AROUND_CLAIM_MS.0, text.claimed_at.0 + AROUND_CLAIM_MS.1);
            let older = |message: &Message| message.created_ms().is_some_and(|at| at < from.0);
            let listed = reach.client.messages_to(text.customer.as_str(), None, older).await;
            let listed = match listed {
                Ok(listed) => listed,
                Err(error) => {
                    tracing::info!(%error, text = %text.id, "an unsettled text could not be looked up yet");
                    self.store().postpone_look(text.id, self.now().plus_ms(UNREACHABLE_MS)).await?;
                    continue;
                }
            };
            let smart = segments::smart(&text.body);
            let same_words = |body: &str| body == text.body || body == smart;
            let fits = |message: &&Message| {
                message.direction == "outbound-api"
                    && same_words(message.body.as_deref().unwrap_or(""))
                    && (!text.line_takes_texts
                        || message.from.as_deref().is_none_or(|from| from == text.line.as_str()))
                    && message.created_ms().is_some_and(|at| (from.0..=from.1).contains(&at))
            };
            let fitting: Vec<&Message> = listed.iter().filter(fits).collect();
            let sids: Vec<String> = fitting.iter().map(|message| message.sid.clone()).collect();
            let known = self.store().known_sids(&sids).await?;
            let free: Vec<&&Message> = fitting.iter().filter(|m| !known.contains(&m.sid)).collect();
            let alike =
                |o: &&Unsettled| o.customer == text.customer && o.line == text.line && o.body == text.body;
            let alike = unsettled.iter().filter(alike).count();
            match free.as_slice() {
                [] => self.look_again_later(text).await?,
                [found, ..] if free.len() == alike => self.adopt(text, found).await?,
                // Something is there, but which is which? That is not "nothing".
                _ => self.store().postpone_look(text.id, self.now().plus_ms(ROUND_MS)).await?,
            }
        }
        Ok(())
    }

    async fn adopt(&self, text: &Unsettled, found: &Message) -> Result<(), StoreError> {
        tracing::info!(text = %text.id, sid = found.sid, "an unsettled text was found at Twilio");
        let settlement = Settlement::Accepted {
            provider_sid: found.sid.clone(),
            status: Status::from_twilio(&found.status),
            error_code: found.error_code,
        };
        self.store().settle(text.id, settlement, self.now(), means_opt_out).await?;
        self.0.outbox.notify_one();
        Ok(())
    }

    async fn look_again_later(&self, text: &Unsettled) -> Result<(), StoreError> {
        let now = self.now();
        let pause = LOOKS_MS.get(text.looks as usize);
        let soonest = now.plus_ms(BETWEEN_LOOKS_MS);
        let next = pause.map(|pause| soonest.max(text.claimed_at.plus_ms(*pause)));
        self.store().looked_in_vain(text.id, next, now).await?;
        self.0.outbox.notify_one();
        Ok(())
    }

    /// Asks Twilio about texts with contradictory endings or none for long; its record decides.
    async fn recheck(&self, reach: &Reach) -> Result<(), StoreError> {
        for (id, sid) in self.store().texts_to_recheck(self.now(), 50).await? {
            let now = self.now();
            match reach.client.message(&sid).await {
                Ok(message) => self.take_over(&message, now).await?,
                Err(RestError::Refused { status: 404, .. }) => {
                    tracing::info!(text = %id, "Twilio no longer has a text");
                    self.store().postpone_recheck(id, None).await?;
                }
                Err(error) => {
                    tracing::info!(%error, text = %id, "a text could not be asked about yet");
                    self.store().postpone_recheck(id, Some(now.plus_ms(UNREACHABLE_MS))).await?;
                }
            }
        }
        Ok(())
    }

    async fn take_over(&self, message: &Message, now: Moment) -> Result<(), StoreError> {
        let status = Status::from_twilio(&message.status);
        // Some carriers never say more than "sent": ask ever more rarely, then no more.
        let age = message.created_ms().map_or(0, |created| now.0 - created);
        let again = (!status.is_final() && age < ASK_FOR_MS).then(|| now.plus_ms(age.max(AGAIN_MS)));
        let report = Report {
            provider_sid: message.sid.clone(),
            text: None,
            status,
            error_code: message.error_code,
            opted_out: message.error_code.is_some_and(means_opt_out),
            at: now,
        };
        let segments = message.num_segments.as_deref().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
        let price = message.price.clone().zip(message.price_unit.clone());
        self.store().record_fetched(report, segments, price, again).await
    }

    /// Tries again what was believed but could not be stored.
    async fn apply_failed_receipts(&self) -> Result<(), StoreError> {
        for kept in self.store().failed_receipts(20).await? {
            match self.apply_kept(&kept).await {
                Err(StoreError::Driver(why)) => {
                    tracing::warn!(%why, "a kept request still cannot be applied");
                }
                other => other?,
            }
        }
        Ok(())
    }
}
