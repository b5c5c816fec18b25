//! Whether calls and texts find this computer: somebody knocks at its door from outside, now and then, and
//! whoever comes back after a while catches up and has the lines post to the right address.

use crate::{Inbox, Problem, Reach};
use ringdesk_twilio::error::RestError;

/// How long until the next knock, where all is well, where something is not, and where the address is so new
/// that its name is not known yet; in milliseconds.
const WELL_MS: i64 = 60_000;
const UNWELL_MS: i64 = 15_000;
const NEW_MS: i64 = 5_000;

/// Where the lines post to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// None of them to an address we had.
    Here,
    /// One of them to an address we had.
    Elsewhere,
    /// The same, until they were pointed here just now.
    Followed,
}

impl Inbox {
    /// Knocks until the inbox closes, and at once when the way changed.
    pub(crate) async fn run_reaching(self) {
        loop {
            if let Err(error) = self.tell_way().await {
                self.rest(&error).await;
            }
            let mut pause = WELL_MS;
            if let Some(reach) = self.reach()
                && let Some(url) = self.knock_url(&reach)
            {
                let outcome = tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    // What is in the air may go to an address that is not ours any more.
                    () = self.0.threshold.wake.notified() => continue,
                    outcome = self.knock_at(&reach, &url) => outcome,
                };
                if outcome.is_ok() || self.only_twilio_comes() {
                    tokio::select! {
                        () = self.0.stop.cancelled() => return,
                        compared = self.compare(&reach) => {
                            if let Err(error) = compared {
                                tracing::info!(%error, "where the lines post to could not be looked at yet");
                                pause = UNWELL_MS;
                            }
                        }
                    }
                } else {
                    pause = if self.unknown_yet(&outcome) { NEW_MS } else { UNWELL_MS };
                }
            }
            if let Err(error) = self.tell_way().await {
                self.rest(&error).await;
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.threshold.wake.notified() => {}
                () = self.until(Some(self.now().plus_ms(pause))) => {}
            }
        }
    }

    /// Calls and texts find us again, or for the first time: what waited goes on, and what was missed is
    /// fetched.
    pub(crate) fn came_back(&self) {
        self.nudge();
        self.catch_up_soon();
    }

    /// Has what may have been missed listed at Twilio.
    pub(crate) fn catch_up_soon(&self) {
        self.0.catching.notify_one();
    }

    /// Compares the lines' addresses with ours, where that is due: lines that post to an address we had
    /// follow, if the owner allowed it; otherwise the owner is asked.
    async fn compare(&self, reach: &Reach) -> Result<(), Problem> {
        {
            let mut seen = self.seen();
            if !seen.compare && !seen.moved {
                return Ok(());
            }
            // Whoever comes through meanwhile asks for it anew.
            seen.compare = false;
            seen.comparing = true;
        }
        let compared = self.follow_or_ask().await;
        let changed = self.reach().is_none_or(|now| now.origin() != reach.origin());
        let mut seen = self.seen();
        seen.comparing = false;
        // At the start an address is often new; that is no news.
        if matches!(compared, Ok(Found::Followed)) && seen.addresses > 1 {
            seen.repointed += 1;
        }
        if changed {
            // It says nothing of the address we have now.
            seen.compare = true;
            return Ok(());
        }
        match compared {
            Ok(found) => {
                seen.moved = found == Found::Elsewhere;
                Ok(())
            }
            Err(error) => {
                seen.compare = true;
                Err(error)
            }
        }
    }

    async fn follow_or_ask(&self) -> Result<Found, Problem> {
        if !self.points_elsewhere().await? {
            return Ok(Found::Here);
        }
        if !self.store().settings().await?.address.follow {
            return Ok(Found::Elsewhere);
        }
        match self.point_lines().await {
            Ok(()) => Ok(Found::Followed),
            Err(Problem::Twilio(error @ RestError::Unreachable(_))) => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "the lines could not follow to the new address");
                Ok(Found::Elsewhere)
            }
        }
    }
}
