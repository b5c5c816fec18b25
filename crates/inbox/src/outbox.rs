//! Only this sends. A row is claimed on disk first, posted once, and settled by what came of it.

use crate::{Inbox, Reach, from_twilio::means_opt_out};
use rand::Rng;
use ringdesk_domain::{Moment, sending, sending::Sender};
use ringdesk_store::{Claim, Settlement, StoreError};
use ringdesk_twilio::{
    error::RestError,
    rest::{Created, NewMessage},
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// Texts on their way to Twilio at once; more are refused with 20429 on small accounts.
const AT_ONCE: usize = 4;

impl Inbox {
    /// Sends what is due until the inbox closes, then lets what is in the air land.
    pub(crate) async fn run_outbox(self) {
        let mut flying: JoinSet<()> = JoinSet::new();
        self.begin_day().await;
        loop {
            while flying.try_join_next().is_some() {}
            // One reading for claiming and waiting: what falls due in between is not passed over. It is read
            // first, so that a sleep it saw is noticed, and not taken for a clock that was set.
            let reading = self.0.clock.read();
            let now = reading.now;
            // Whoever wakes up here first asks what came meanwhile.
            self.notice_sleep().await;
            if self.now() < now {
                // It was set back meanwhile: by what it showed before, all that waits would be late.
                continue;
            }
            let held_until = self.texts_held_until(now);
            if let (Some(reach), true) = (self.reach(), held_until.is_none() && flying.len() < AT_ONCE) {
                match self.store().claim_text(now, self.known_ahead_ms(reading)).await {
                    Ok(Some(claim)) => {
                        let inbox = self.clone();
                        flying.spawn(async move { inbox.post(claim, &reach).await });
                        continue;
                    }
                    Ok(None) => {}
                    Err(error) => self.rest(&error).await,
                }
            }
            let due = match self.reach() {
                Some(_) if held_until.is_none() => self.store().next_text_due(now).await.ok().flatten(),
                Some(_) => held_until,
                None => None,
            };
            tokio::select! {
                () = self.0.stop.cancelled() => break,
                () = self.0.outbox.notified() => {}
                Some(_) = flying.join_next() => {}
                () = self.until(due) => {}
            }
        }
        while flying.join_next().await.is_some() {}
    }

    /// Waits for a moment, or for ever.
    pub(crate) async fn until(&self, at: Option<Moment>) {
        match at {
            Some(at) => self.0.clock.wait_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// After the store failed: say so and do not spin.
    pub(crate) async fn rest(&self, error: &StoreError) {
        tracing::error!(%error, "the store cannot be used now");
        tokio::select! {
            () = self.0.stop.cancelled() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }

    async fn post(&self, claim: Claim, reach: &Arc<Reach>) {
        let created = match self.message(&claim, reach).await {
            Ok(Some(message)) => {
                let created = reach.client.create_message(&message).await;
                match created {
                    // An answer that was lost says nothing about the connection.
                    Created::Unknown(_) => {}
                    Created::NotSent(why) => self.twilio_answers(Some(&RestError::Unreachable(why))),
                    Created::Refused { status, code } => {
                        self.twilio_answers(Some(&RestError::Refused { status, code }));
                    }
                    Created::Accepted(_) | Created::Busy { .. } => self.twilio_answers(None),
                }
                created
            }
            Ok(None) => Created::NotSent("its pictures have no public address yet"),
            Err(error) => {
                tracing::error!(%error, text = %claim.id, "a text could not be prepared");
                Created::NotSent("not prepared")
            }
        };
        let now = self.now();
        let settlement = match created {
            Created::Accepted(message) => {
                tracing::info!(text = %claim.id, sid = message.sid, status = message.status, "Twilio took a text");
                Settlement::Accepted {
                    provider_sid: message.sid,
                    status: ringdesk_domain::Status::from_twilio(&message.status),
                    error_code: message.error_code,
                }
            }
            Created::Refused { status, code } => {
                tracing::warn!(text = %claim.id, status, code, "Twilio refused a text");
                Settlement::Refused { code, opted_out: means_opt_out(code) }
            }
            Created::Busy { retry_after } => {
                let pause = backoff(100, 30_000, claim.tries);
                let asked = retry_after.map_or(0, |asked| i64::try_from(asked.as_millis()).unwrap_or(0));
                Settlement::Back { due_at: now.plus_ms(pause.max(asked)) }
            }
            Created::NotSent(why) => {
                tracing::warn!(text = %claim.id, why, "a text could not leave yet");
                Settlement::Back { due_at: now.plus_ms(backoff(2_000, 60_000, claim.tries)) }
            }
            Created::Unknown(why) => {
                tracing::warn!(text = %claim.id, why, "a text may or may not have left");
                Settlement::Unknown
            }
        };
        // The POST is over; what came of it must reach the disk, however long that takes.
        while let Err(error) = self.store().settle(claim.id, settlement.clone(), now, means_opt_out).await {
            if self.0.stop.is_cancelled() {
                tracing::error!(%error, text = %claim.id, "a text is left unsettled; it is looked up next time");
                break;
            }
            self.rest(&error).await;
        }
        self.0.outbox.notify_one();
        self.0.looking.notify_one();
    }

    /// The text as Twilio takes it; none while its pictures could not be fetched from us.
    async fn message(&self, claim: &Claim, reach: &Reach) -> Result<Option<NewMessage>, StoreError> {
        let links = claim.pictures.iter().map(|picture| self.media_link(*picture, reach));
        let Some(media_urls) = links.collect::<Option<Vec<String>>>() else { return Ok(None) };
        let settings = self.store().settings().await?;
        let service = settings.texts.messaging_service_sid.as_deref();
        let (from, messaging_service_sid) =
            match sending::sender(&claim.line, claim.line_takes_texts, service) {
                Sender::Number(number) => (Some(number.as_str().to_owned()), None),
                Sender::Service(service) => (None, Some(service)),
            };
        Ok(Some(NewMessage {
            to: claim.customer.as_str().to_owned(),
            from,
            messaging_service_sid,
            body: claim.body.clone(),
            media_urls,
            // In the path, because there it is signed with the report. Without one, Twilio is asked.
            status_callback: reach.webhook(&format!("/sms/status/{}", claim.id)).unwrap_or_default(),
            smart_encoded: settings.texts.smart_encoding,
        }))
    }
}

/// Doubling pauses with jitter, in milliseconds: between half and the whole of the step.
pub(crate) fn backoff(first_ms: i64, most_ms: i64, tries: u32) -> i64 {
    let step = first_ms.saturating_mul(1 << tries.saturating_sub(1).min(20)).min(most_ms);
    rand::rng().random_range(step / 2..=step)
}
