//! What is unusual, for Health.

use crate::{Inbox, Problem, view};
use std::{
    collections::{BTreeMap, VecDeque},
    sync::atomic::Ordering,
};

/// Why a request at the door was not believed, as it is counted.
pub type RefusalReason = &'static str;

/// Refused requests by minute: the only trace an unsigned request leaves, and a bounded one.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    minutes: VecDeque<(i64, BTreeMap<RefusalReason, u64>)>,
}

/// How long until Twilio is asked again, where it answered and where it did not, in milliseconds.
const ANSWERING_MS: i64 = 60_000;
const SILENT_MS: i64 = 15_000;
/// Minutes remembered: one day.
const MINUTES: usize = 1_440;

impl Refusals {
    pub(crate) fn note(&mut self, minute: i64, reason: RefusalReason) {
        if self.minutes.back().is_none_or(|(last, _)| *last != minute) {
            if self.minutes.len() == MINUTES {
                self.minutes.pop_front();
            }
            self.minutes.push_back((minute, BTreeMap::new()));
        }
        if let Some((_, counts)) = self.minutes.back_mut() {
            *counts.entry(reason).or_default() += 1;
        }
    }

    fn totals(&self) -> BTreeMap<String, u64> {
        let mut totals = BTreeMap::new();
        for (reason, count) in self.minutes.iter().flat_map(|(_, counts)| counts) {
            *totals.entry((*reason).to_owned()).or_default() += count;
        }
        totals
    }
}

impl Inbox {
    /// Counts a refused request; nothing of it is kept.
    pub fn note_refusal(&self, reason: RefusalReason) {
        let minute = self.now().0 / 60_000;
        self.0.refusals.lock().unwrap_or_else(std::sync::PoisonError::into_inner).note(minute, reason);
    }

    /// Notes whether Twilio answered when it was last asked.
    pub(crate) fn twilio_answers(&self, answers: bool) {
        self.0.answering.store(answers, Ordering::Relaxed);
    }

    /// Whether an account is connected and Twilio answered when last asked.
    pub fn connected(&self) -> bool {
        self.reach().is_some() && self.0.answering.load(Ordering::Relaxed)
    }

    /// Asks Twilio now and then whether it answers, until the inbox closes: where nobody sends, nothing else
    /// would tell.
    pub(crate) async fn run_knowing(self) {
        loop {
            let pause = if self.connected() { ANSWERING_MS } else { SILENT_MS };
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.until(Some(self.now().plus_ms(pause))) => {}
            }
            if let Some(reach) = self.reach() {
                let asked = reach.client.account();
                tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    asked = asked => self.twilio_answers(asked.is_ok()),
                }
            }
        }
    }

    /// What is unusual, and whether the line is connected.
    pub async fn health(&self) -> Result<view::Health, Problem> {
        let counts = self.store().counts().await?;
        let refused = self.0.refusals.lock().unwrap_or_else(std::sync::PoisonError::into_inner).totals();
        Ok(view::Health {
            reachable: self.reach().is_some(),
            connected: self.connected(),
            failed_receipts: counts.failed_receipts,
            quarantined: counts.quarantined,
            send_unknown: counts.send_unknown,
            queued: counts.queued,
            pictures_wanted: counts.pictures_wanted,
            last_webhook_at: counts.last_webhook_at,
            refused,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_takes_no_more_room_than_a_day() {
        let mut refusals = Refusals::default();
        for minute in 0..10_000 {
            refusals.note(minute, "wrong");
            refusals.note(minute, "wrong");
        }
        assert_eq!(refusals.minutes.len(), MINUTES);
        assert_eq!(refusals.totals()["wrong"], 2 * MINUTES as u64);
    }
}
