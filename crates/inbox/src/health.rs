//! What is unusual, for Health.

use crate::{Inbox, Problem, view};
use ringdesk_domain::Moment;
use ringdesk_twilio::error::RestError;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{MutexGuard, PoisonError},
};

/// Why a request at the door was not believed, as it is counted.
pub type RefusalReason = &'static str;

/// How Twilio took what it was asked last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Answering {
    /// It answered, if only with a no.
    Answers,
    /// It was not asked yet, or there was no answer of its own.
    #[default]
    Silent,
    /// It does not take our sign-in (any more).
    Refused,
}

impl Answering {
    /// By what went wrong, if anything did. A 403 may be a right that an API key does not have.
    const fn of(error: Option<&RestError>) -> Self {
        match error {
            Some(RestError::Refused { status: 401, .. }) => Self::Refused,
            None | Some(RestError::Refused { status: 400..500, .. }) => Self::Answers,
            Some(_) => Self::Silent,
        }
    }
}

/// Refused requests by minute: the only trace an unsigned request leaves, and a bounded one.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    minutes: VecDeque<(i64, BTreeMap<RefusalReason, u64>)>,
}

/// When Twilio was told to come again because something could not be stored.
#[derive(Debug, Default)]
pub(crate) struct Busy {
    last_at: Option<Moment>,
    /// Whether what it may have given up on will be listed.
    waits: bool,
}

/// How long after Twilio was told to come again its lists are read, and how long at least from one time to
/// the next, in milliseconds.
const BUSY_MS: i64 = 30_000;
const BUSY_AGAIN_MS: i64 = 60_000;
/// How long until Twilio is asked again, where it answered and where it did not, in milliseconds.
const ANSWERING_MS: i64 = 60_000;
const SILENT_MS: i64 = 15_000;
/// A day, in milliseconds, and the minutes remembered: as many.
const DAY_MS: i64 = 24 * 60 * 60_000;
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

    /// By reason, from a minute on.
    fn since(&self, minute: i64) -> BTreeMap<RefusalReason, u64> {
        let mut totals = BTreeMap::new();
        let minutes = self.minutes.iter().filter(|(at, _)| *at >= minute);
        for (reason, count) in minutes.flat_map(|(_, counts)| counts) {
            *totals.entry(*reason).or_default() += count;
        }
        totals
    }
}

impl Inbox {
    /// Counts a refused request; nothing of it is kept.
    pub fn note_refusal(&self, reason: RefusalReason) {
        let minute = self.now().0 / 60_000;
        self.0.refusals.lock().unwrap_or_else(PoisonError::into_inner).note(minute, reason);
    }

    /// Notes how Twilio took what it was asked just now: what went wrong, if anything did.
    pub(crate) fn twilio_answers(&self, error: Option<&RestError>) {
        let now = Answering::of(error);
        let before =
            std::mem::replace(&mut *self.0.answering.lock().unwrap_or_else(PoisonError::into_inner), now);
        if now == Answering::Answers && before != now {
            // What could not be asked for meanwhile is asked for now.
            self.catch_up_soon();
        }
    }

    /// Whether an account is connected and Twilio answered when last asked.
    pub fn connected(&self) -> bool {
        self.reach().is_some() && self.answered() == Answering::Answers
    }

    /// Whether an account is connected and Twilio did not take our sign-in when last asked.
    pub fn sign_in_refused(&self) -> bool {
        self.reach().is_some() && self.answered() == Answering::Refused
    }

    fn answered(&self) -> Answering {
        *self.0.answering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has Twilio asked whether it takes our sign-in.
    pub(crate) fn know_soon(&self) {
        self.0.knowing.notify_one();
    }

    /// Asks Twilio now and then whether it answers, until the inbox closes: where nobody sends, nothing else
    /// would tell.
    pub(crate) async fn run_knowing(self) {
        loop {
            let pause = if self.connected() { ANSWERING_MS } else { SILENT_MS };
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.knowing.notified() => {}
                () = self.until(Some(self.now().plus_ms(pause))) => {}
            }
            if let Some(reach) = self.reach() {
                let asked = reach.client.knows_us();
                tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    asked = asked => self.twilio_answers(asked.err().as_ref()),
                }
            }
        }
    }

    /// Something Twilio brought could not be stored in time, and it was told to come again. It may not: what
    /// it has is listed a little later.
    pub fn answered_busy(&self) {
        let now = self.now();
        let mut busy = self.busy();
        busy.last_at = Some(now);
        let waits = std::mem::replace(&mut busy.waits, true);
        drop(busy);
        if !waits {
            tokio::spawn(self.clone().list_after_busy(now));
        }
    }

    async fn list_after_busy(self, mut since: Moment) {
        loop {
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.until(Some(since.plus_ms(BUSY_MS))) => self.catch_up_soon(),
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.until(Some(self.now().plus_ms(BUSY_AGAIN_MS))) => {}
            }
            let mut busy = self.busy();
            let Some(again) = busy.last_at.filter(|at| *at > since) else {
                busy.waits = false;
                return;
            };
            since = again;
        }
    }

    fn busy(&self) -> MutexGuard<'_, Busy> {
        self.0.busy.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether Twilio can be reached from here right now, whatever it says.
    pub async fn twilio_is_there(&self) -> bool {
        match self.reach() {
            Some(reach) => !matches!(reach.client.knows_us().await, Err(RestError::Unreachable(_))),
            None => false,
        }
    }

    /// What is unusual, and whether the line is connected.
    pub async fn health(&self) -> Result<view::Health, Problem> {
        let counts = self.store().counts().await?;
        let refused = self.refused_since(self.now().plus_ms(-DAY_MS));
        let complete_to = self.complete_to().await;
        let locked = self.locked().await?;
        let (moved, elsewhere) = {
            let seen = self.seen();
            (seen.moved, seen.elsewhere.lines.clone())
        };
        let found = self.0.checkup.lock().unwrap_or_else(PoisonError::into_inner);
        let checkup = found.as_ref().map(|found| found.worst);
        drop(found);
        Ok(view::Health {
            reachable: self.reachable(),
            connected: self.connected(),
            sign_in_refused: self.sign_in_refused(),
            failed_receipts: counts.failed_receipts,
            quarantined: counts.quarantined,
            send_unknown: counts.send_unknown,
            queued: counts.queued,
            pictures_wanted: counts.pictures_wanted,
            last_webhook_at: counts.last_webhook_at,
            address: self.address_state(),
            moved,
            checkup,
            complete_to,
            catching_up: self.catching_up(),
            elsewhere,
            locked,
            refused: refused.into_iter().map(|(reason, count)| (reason.to_owned(), count)).collect(),
        })
    }

    /// Requests refused since then, to the minute, by reason.
    pub(crate) fn refused_since(&self, since: Moment) -> BTreeMap<RefusalReason, u64> {
        let refusals = self.0.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.since(since.0 / 60_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Access, Clock};

    /// Whether Twilio's lists are to be read now, once everybody had their turn.
    async fn is_listed(inbox: &Inbox) -> bool {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        tokio::select! {
            biased;
            () = inbox.0.catching.notified() => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn what_twilio_may_not_bring_again_is_listed_half_a_minute_later_and_once_a_minute() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::set_to(Moment(1_795_197_600_000));
        let inbox = Inbox::open(folder.path(), Access::Own, clock.clone()).await.expect("an office");
        inbox.answered_busy();
        inbox.answered_busy();
        // At which second since the start it is looked, whether it was busy once more just before, and
        // whether the lists are read by then.
        let mut passed = 0;
        for (second, busy, listed) in
            [(29, false, false), (30, false, true), (31, true, false), (89, false, false), (90, false, true)]
        {
            clock.advance_ms((second - passed) * 1_000);
            passed = second;
            if busy {
                inbox.answered_busy();
            }
            assert_eq!(is_listed(&inbox).await, listed, "after {second} s");
        }
        clock.advance_ms(600_000);
        assert!(!is_listed(&inbox).await, "there is nothing left to make up for");
        inbox.answered_busy();
        clock.advance_ms(30_000);
        assert!(is_listed(&inbox).await, "and the next time there is");
        inbox.close().await;
    }

    #[test]
    fn a_flood_of_refusals_takes_no_more_room_than_a_day() {
        let mut refusals = Refusals::default();
        for minute in 0..10_000 {
            refusals.note(minute, "wrong");
            refusals.note(minute, "wrong");
        }
        assert_eq!(refusals.minutes.len(), MINUTES);
        assert_eq!(refusals.since(0)["wrong"], 2 * MINUTES as u64);
        assert_eq!(refusals.since(9_990)["wrong"], 20);
    }
}
