//! Texts and calls of before the line was connected, brought in week by week, the newest first.

use super::{Found, Part, Pass};
use crate::{Inbox, Problem, Reach, view};
use ringdesk_domain::ChangeKind;
use ringdesk_store::{Cursor, StoreError};

/// Days that are brought in where the owner has not said otherwise.
const DAYS: u32 = 30;
/// Twilio keeps messages for so many days. Source: Twilio's page on the Message resource (13 months).
const MOST_DAYS: u32 = 396;
/// A day, and how much is brought in at once, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60_000;
const PART_MS: i64 = 7 * DAY_MS;
/// Where it is kept how many days the owner wants, and that they stopped it.
const WANTED: &str = "history_days";
const STOPPED: &str = "history_stopped";

impl Inbox {
    /// Brings in texts and calls of so many days before each line was connected, 0 to 396.
    pub async fn bring_in_history(&self, days: u32) -> Result<view::CatchUp, Problem> {
        let days = days.min(MOST_DAYS).to_string();
        self.store().set_meta(WANTED, Some(days), None).await?;
        let told = Some((ChangeKind::HealthChanged, self.now()));
        self.store().set_meta(STOPPED, None, told).await?;
        self.catch_up_soon();
        self.catch_up_state().await
    }

    /// Stops bringing them in. What is here stays, and it can go on.
    pub async fn stop_history(&self) -> Result<view::CatchUp, Problem> {
        let told = Some((ChangeKind::HealthChanged, self.now()));
        self.store().set_meta(STOPPED, Some("1".to_owned()), told).await?;
        self.catch_up_state().await
    }

    /// How far it got.
    pub(super) async fn history(&self, cursors: &[Cursor]) -> Result<view::History, StoreError> {
        let days = self.history_days().await?;
        let stopped = self.store().meta(STOPPED).await?.is_some();
        let (texts, calls) = self.store().history().await?;
        let wanted_ms = i64::from(days) * DAY_MS;
        let here_ms = |cursor: &Cursor| cursor.began_at.since(cursor.back_to).min(wanted_ms);
        let all_ms = wanted_ms * i64::try_from(cursors.len()).unwrap_or(0);
        let here = cursors.iter().map(here_ms).sum::<i64>();
        let state = match () {
            () if cursors.is_empty() => view::HistoryState::None,
            () if here >= all_ms => view::HistoryState::Done,
            () if stopped => view::HistoryState::Stopped,
            () => view::HistoryState::Running,
        };
        let percent = if all_ms == 0 { 100 } else { here * 100 / all_ms };
        Ok(view::History {
            state,
            days,
            back_to: cursors.iter().map(|cursor| cursor.back_to).max(),
            percent: u32::try_from(percent).unwrap_or(0),
            texts,
            calls,
        })
    }

    /// What is brought in next, if anything is still wanted: of the line that is least far.
    pub(super) async fn next_past(&self) -> Option<Part> {
        let next = async {
            if self.store().meta(STOPPED).await?.is_some() {
                return Ok::<_, StoreError>(None);
            }
            let wanted_ms = i64::from(self.history_days().await?) * DAY_MS;
            let cursors = self.store().cursors().await?;
            let open = cursors.into_iter().filter(|cursor| cursor.began_at.since(cursor.back_to) < wanted_ms);
            Ok(open.max_by_key(|cursor| cursor.back_to).map(|cursor| {
                let first = cursor.began_at.plus_ms(-wanted_ms);
                let to = cursor.back_to;
                Part { from: to.plus_ms(-PART_MS).max(first), to: Some(to), cursor }
            }))
        };
        match next.await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "how far the past was brought in could not be read");
                None
            }
        }
    }

    /// Brings in a part of the past. Cut off, it is brought in once more: what is here changes nothing.
    pub(super) async fn bring_in(&self, reach: &Reach, part: Part) -> Result<(), Problem> {
        let pass =
            Pass { reach, began: self.now(), absences: Vec::new(), open: false, cutoffs: self.cutoffs() };
        let mut found = Found::default();
        self.texts_of(&pass, &part, &mut found).await?;
        let recordings = self.recordings_since(reach, part.span()).await?;
        self.calls_of(&pass, &part, &recordings, &mut found).await?;
        let (number, from) = (&part.cursor.number, part.from);
        self.store().brought_in(number, from, self.now()).await?;
        Ok(())
    }

    async fn history_days(&self) -> Result<u32, StoreError> {
        let kept = self.store().meta(WANTED).await?;
        Ok(kept.and_then(|days| days.parse().ok()).unwrap_or(DAYS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::Moment;

    #[test]
    fn a_part_holds_what_is_between_its_ends() {
        let at = Moment(10 * PART_MS);
        let cursor = Cursor { number: "+15005550006".into(), began_at: at, complete_to: at, back_to: at };
        let part = Part { cursor, from: at.plus_ms(-PART_MS), to: Some(at) };
        assert!(part.holds(Some(at.0 - 1)) && part.holds(Some(at.0 - PART_MS)) && part.holds(None));
        assert!(!part.holds(Some(at.0)) && !part.holds(Some(at.0 - PART_MS - 1)));
        assert!(part.is_older(Some(at.0 - PART_MS - 1)) && !part.is_older(None));
    }
}
