//! How long things are kept: what would go, what goes once a day, and what goes at Twilio, too.

use crate::{Inbox, Problem, shift::Shift, view};
use ringdesk_domain::{ConversationId, Keep, Moment, keep::deleting_day};
use ringdesk_store::{Aged, Gone, StoreError, ToForget};
use ringdesk_twilio::error::RestError;
use tokio::sync::Notify;

/// How often it is looked whether something is old, in milliseconds.
const LOOK_MS: i64 = 60 * 60_000;
/// What Twilio's requests said is kept this long, in milliseconds, or as long as what they told of.
const RECEIPTS_MS: i64 = 30 * 24 * LOOK_MS;
/// Twilio is asked so often to delete something.
const TRIES: u32 = 20;

/// Deletes at Twilio what is to go there.
pub(crate) struct Forgetting;

impl Shift for Forgetting {
    type Job = ToForget;
    // One claim is one look at the list: nothing is marked, and deleting twice does no harm.
    const AT_ONCE: usize = 1;

    fn bell(inbox: &Inbox) -> &Notify {
        &inbox.0.forgetting
    }

    async fn claim(inbox: &Inbox, now: Moment) -> Result<Option<ToForget>, StoreError> {
        Ok(inbox.store().to_forget(now, 1).await?.pop())
    }

    async fn due(inbox: &Inbox, _: Moment) -> Result<Option<Moment>, StoreError> {
        inbox.store().next_to_forget().await
    }

    async fn work(inbox: Inbox, job: ToForget) {
        let Some(reach) = inbox.reach() else { return };
        let sid = job.provider_sid.as_str();
        let deleted = match &sid[..sid.len().min(2)] {
            "RE" => reach.client.delete_recording(sid).await,
            "TR" => reach.client.delete_transcription(sid).await,
            "CA" => reach.client.delete_call(sid).await,
            _ => reach.client.delete_message(sid).await,
        };
        let again = match deleted {
            Ok(()) => None,
            Err(error) => {
                tracing::warn!(%error, "something could not be deleted at Twilio");
                let refused = matches!(error, RestError::NotTwilio);
                (!refused && job.tries < TRIES)
                    .then(|| inbox.now().plus_ms(crate::outbox::backoff(60_000, 12 * LOOK_MS, job.tries + 1)))
            }
        };
        while let Err(error) = inbox.store().forgotten(job.provider_sid.clone(), again).await {
            inbox.rest(&error).await;
        }
    }
}

impl Inbox {
    /// What would go with these settings, or with those that are kept: nothing is deleted.
    pub async fn retention(&self, keep: Option<&Keep>) -> Result<view::Retention, Problem> {
        let rules = self.rules();
        let keep = keep.unwrap_or(&rules.settings.keep);
        let (counts, held) = self.store().aged(keep.cutoffs(self.now())).await?;
        let kind = |kind| match kind {
            Aged::Texts => view::AgedKind::Texts,
            Aged::Calls => view::AgedKind::Calls,
            Aged::Voicemails => view::AgedKind::Voicemails,
            Aged::Recordings => view::AgedKind::Recordings,
        };
        let items = counts.into_iter().map(|(of, count)| view::AgedItem {
            kind: kind(of),
            count: count.count,
            oldest: count.oldest,
            at_twilio: if keep.delete_at_twilio { count.at_twilio } else { 0 },
        });
        Ok(view::Retention { items: items.collect(), held })
    }

    /// Keeps everything of a conversation whatever the settings say, or no longer.
    pub async fn set_hold(&self, id: ConversationId, hold: bool) -> Result<(), Problem> {
        if self.store().set_hold(id, hold, self.now()).await? { Ok(()) } else { Err(Problem::NotFound) }
    }

    /// Deletes what is older than the settings keep, until the inbox closes.
    pub(crate) async fn run_keeping(self) {
        loop {
            if let Err(error) = self.delete_aged().await {
                self.rest(&error).await;
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.keeping.notified() => {}
                () = self.until(Some(self.now().plus_ms(LOOK_MS))) => {}
            }
        }
    }

    async fn delete_aged(&self) -> Result<(), StoreError> {
        let (now, store) = (self.now(), self.store());
        let day = deleting_day(now, store.deleted_by().await?);
        let keep = self.rules().settings.keep.clone();
        loop {
            let mut gone = store.forget_removed(keep.delete_at_twilio, day).await?;
            if gone == Gone::default() && !keep.is_for_ever() {
                gone = store.forget_aged(keep.cutoffs(day), keep.delete_at_twilio, now).await?;
            }
            if gone == Gone::default() || self.0.stop.is_cancelled() {
                break;
            }
            tracing::info!(rows = gone.rows, files = gone.files.len(), "what was old enough was deleted");
            for sha256 in &gone.files {
                if let Err(error) = tokio::fs::remove_file(self.kept(sha256)).await {
                    tracing::warn!(%error, "a file that nobody has any more could not be deleted");
                }
            }
            self.0.forgetting.notify_one();
        }
        let cutoffs = keep.cutoffs(day);
        let month = day.plus_ms(-RECEIPTS_MS);
        let emptied = [cutoffs.texts, cutoffs.voicemails].into_iter().flatten().chain([month]).max();
        while store.empty_receipts(emptied.unwrap_or(month)).await? && !self.0.stop.is_cancelled() {}
        store.set_deleted_by(day).await
    }
}
