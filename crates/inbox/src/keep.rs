//! How long things are kept: what would go, what goes once a day, and what goes at Twilio, too.

use crate::{Inbox, Problem, shift::Shift, transcripts::HANDED, view};
use ringdesk_domain::{ConversationId, Keep, Moment, keep::deleting_day};
use ringdesk_store::{Aged, Gone, StoreError, ToForget};
use ringdesk_twilio::error::RestError;
use std::time::Duration;
use tokio::sync::Notify;

const HOUR_MS: i64 = 60 * 60_000;
/// How often it is looked whether something is old, in milliseconds.
const LOOK_MS: i64 = 12 * HOUR_MS;
/// What Twilio's requests said is kept this long, in milliseconds, or as long as what they told of.
const RECEIPTS_MS: i64 = 30 * 24 * HOUR_MS;
/// A file nobody has is younger than this while somebody is about to have it, such as a picture in a draft.
const DRAFTED: Duration = Duration::from_secs(2 * 24 * 60 * 60);

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
        // Nothing goes at Twilio because of data that may be old.
        if inbox.locked().await?.is_some() {
            return Ok(None);
        }
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
                // The owner was promised that it goes: only what is no thing of Twilio's is let go.
                (!matches!(error, RestError::NotTwilio))
                    .then(|| inbox.now().plus_ms(crate::outbox::backoff(60_000, LOOK_MS, job.tries + 1)))
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

    /// Deletes what is older than the settings keep, until the inbox closes. Each look goes one day further
    /// at most, whatever the clock says; a change of the settings is no look of its own.
    pub(crate) async fn run_keeping(self) {
        let mut looks = true;
        loop {
            if let Err(error) = self.delete_aged(looks).await {
                self.rest(&error).await;
            }
            looks = tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.keeping.notified() => false,
                () = self.until(Some(self.now().plus_ms(LOOK_MS))) => true,
            };
        }
    }

    async fn delete_aged(&self, further: bool) -> Result<(), StoreError> {
        let (now, store) = (self.now(), self.store());
        let last = store.deleted_by().await?;
        let day = deleting_day(now, last);
        // Where the clock is more than a day ahead of the last look, only a look goes on.
        let day = if further || day == now { day } else { last.unwrap_or(day) };
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
            self.remove_files(&gone.files).await;
            self.0.forgetting.notify_one();
        }
        let cutoffs = keep.cutoffs(day);
        let month = day.plus_ms(-RECEIPTS_MS);
        let emptied = [cutoffs.texts, cutoffs.voicemails].into_iter().flatten().chain([month]).max();
        while store.empty_receipts(emptied.unwrap_or(month)).await? && !self.0.stop.is_cancelled() {}
        if let Err(error) = self.sweep().await {
            tracing::warn!(%error, "files that nobody has any more could not be looked for");
        }
        store.set_deleted_by(day).await
    }

    /// Deletes files that nobody has any more: of what was deleted, and what a crash left behind.
    async fn sweep(&self) -> std::io::Result<()> {
        let mut files = match tokio::fs::read_dir(&self.0.media).await {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            files => files?,
        };
        while let Some(file) = files.next_entry().await? {
            let Ok(name) = file.file_name().into_string() else { continue };
            let age = file.metadata().await?.modified()?.elapsed().unwrap_or_default();
            let kept = name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
            let ours = kept || name.contains(".part") || name.contains(".tag") || name.starts_with(HANDED);
            if !ours || age < DRAFTED || (kept && self.has_file(&name).await) {
                continue;
            }
            tokio::fs::remove_file(file.path()).await?;
        }
        Ok(())
    }

    /// Deletes files that nobody has any more.
    pub(crate) async fn remove_files(&self, files: &[String]) {
        for sha256 in files {
            // What cannot be deleted now is swept up later.
            if !self.has_file(sha256).await
                && let Err(error) = tokio::fs::remove_file(self.kept(sha256)).await
            {
                tracing::warn!(%error, "a file that nobody has any more could not be deleted");
            }
        }
    }

    /// Whether anything kept has this file; so it is where that cannot be found out.
    async fn has_file(&self, sha256: &str) -> bool {
        let said = &self.rules().settings.calls.greetings;
        let greetings = [&said.open, &said.closed, &said.message];
        greetings.iter().any(|greeting| greeting.recording.as_deref() == Some(sha256))
            || self.store().uses_file(sha256).await.unwrap_or(true)
    }
}
