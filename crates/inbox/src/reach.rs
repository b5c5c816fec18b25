//! Whether calls and texts find this computer: somebody knocks at its door from outside, now and then, and
//! whoever comes back after a while catches up and has the lines post to the right address.

use crate::{
    Inbox, Problem, Reach,
    address::Elsewhere,
    lines::{Listed, Ours},
    view::Answers,
};
use ringdesk_twilio::error::RestError;

/// How long until the next knock, where all is well, where something is not, and where the address is so new
/// that its name is not known yet; in milliseconds.
const WELL_MS: i64 = 60_000;
const UNWELL_MS: i64 = 15_000;
const NEW_MS: i64 = 5_000;
/// How often it is looked where the lines post to though nothing changed here, in milliseconds: another
/// computer may have taken them over.
const LOOK_MS: i64 = 10 * 60_000;

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
            let (began, mut pause) = (self.now(), WELL_MS);
            if let Some(reach) = self.reach() {
                let mut through = false;
                if let Some(url) = self.knock_url(&reach) {
                    let outcome = tokio::select! {
                        () = self.0.stop.cancelled() => return,
                        // What is in the air may go to an address that is not ours any more.
                        () = self.0.threshold.wake.notified() => continue,
                        outcome = self.knock_at(&reach, &url) => outcome,
                    };
                    through = outcome.is_ok() || self.only_twilio_comes();
                    if !through {
                        pause = if self.unknown_yet(&outcome) { NEW_MS } else { UNWELL_MS };
                    }
                }
                tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    compared = self.compare(&reach, through) => {
                        if let Err(error) = compared {
                            tracing::info!(%error, "where the lines post to could not be looked at yet");
                            pause = pause.min(UNWELL_MS);
                        }
                    }
                }
            }
            if let Err(error) = self.tell_way().await {
                self.rest(&error).await;
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.threshold.wake.notified() => {}
                () = self.until(Some(began.plus_ms(pause))) => {}
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
    /// follow, if the owner allowed it; otherwise the owner is asked. Unless somebody came through there,
    /// it is only looked who answers them.
    async fn compare(&self, reach: &Reach, through: bool) -> Result<(), Problem> {
        let (now, connected) = (self.now(), self.connected());
        {
            let mut seen = self.seen();
            let looked_at = *seen.looked_at.get_or_insert(now);
            let stale = connected && !(0..LOOK_MS).contains(&now.since(looked_at));
            let due = through && (seen.compare || seen.moved);
            if !due && !stale {
                return Ok(());
            }
        }
        if !through {
            return self.look_at_lines(reach).await.map(|_| ());
        }
        {
            let mut seen = self.seen();
            // Whoever comes through meanwhile asks for it anew.
            seen.compare = false;
            seen.comparing = true;
        }
        let compared = self.follow_or_ask(reach).await;
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

    /// Looks who answers the lines. Answers whether one of them posts to an address that was ours and is not
    /// any more.
    async fn look_at_lines(&self, reach: &Reach) -> Result<bool, Problem> {
        let (listed, ours) = (self.look_at_numbers(reach).await?, self.ours(reach).await?);
        self.note_answers(&listed, &ours);
        Ok(reach.public.is_some() && listed.used().any(|(_, number)| ours.is_behind(number)))
    }

    /// Notes which lines another computer with Ringdesk answers. Where it gave one back, what came meanwhile
    /// is fetched.
    pub(crate) fn note_answers(&self, listed: &Listed, ours: &Ours) {
        let rules = self.rules();
        let other = listed.used().filter(|(_, number)| ours.answer(number).0 == Answers::OtherDesk);
        let lines: Vec<String> = other.map(|(line, _)| line.number.display(&rules.settings.region)).collect();
        let all = !lines.is_empty() && lines.len() == listed.used().count();
        let mut seen = self.seen();
        seen.looked_at = Some(self.now());
        let before = std::mem::replace(&mut seen.elsewhere, Elsewhere { lines, all });
        let back = before.lines.iter().any(|line| !seen.elsewhere.lines.contains(line));
        drop(seen);
        if back {
            self.catch_up_soon();
        }
    }

    async fn follow_or_ask(&self, reach: &Reach) -> Result<Found, Problem> {
        // Where data was restored or copied, the address it had may be another computer's now.
        if !self.look_at_lines(reach).await? || self.locked().await?.is_some() {
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
