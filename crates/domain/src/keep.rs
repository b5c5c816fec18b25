//! How long things are kept, and why a clock that jumps deletes nothing.

use crate::Moment;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A day, in milliseconds.
const DAY_MS: i64 = 24 * 60 * 60_000;
/// Fewest days anything is kept.
pub const FEWEST_DAYS: u32 = 7;
/// Most days that can be set: a hundred years.
pub const MOST_DAYS: u32 = 36_500;

/// How long things are kept; for ever where nothing is set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Keep {
    /// Texts with their pictures, 7 days to a hundred years.
    pub texts_days: Option<u32>,
    /// Calls that left no voicemail.
    pub calls_days: Option<u32>,
    /// Voicemails with what was written down of them, and recordings of calls.
    pub voicemails_days: Option<u32>,
    /// What goes here goes at Twilio, too.
    pub delete_at_twilio: bool,
    /// Recordings go at Twilio as soon as a copy is here that was looked through.
    pub delete_recordings_at_twilio: bool,
}

/// What is older goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cutoffs {
    /// Texts before this.
    pub texts: Option<Moment>,
    /// Calls before this.
    pub calls: Option<Moment>,
    /// Voicemails and recordings before this.
    pub voicemails: Option<Moment>,
}

impl Keep {
    /// What is older than these goes at a moment.
    pub fn cutoffs(&self, now: Moment) -> Cutoffs {
        let before = |days: Option<u32>| days.map(|days| now.plus_ms(-i64::from(days) * DAY_MS));
        Cutoffs {
            texts: before(self.texts_days),
            calls: before(self.calls_days),
            voicemails: before(self.voicemails_days),
        }
    }

    /// Whether anything ever goes.
    pub fn is_for_ever(&self) -> bool {
        self.texts_days.is_none() && self.calls_days.is_none() && self.voicemails_days.is_none()
    }

    /// Why these cannot be set, if so.
    pub fn problem(&self) -> Option<&'static str> {
        let days = [self.texts_days, self.calls_days, self.voicemails_days];
        let fits = |days: &u32| (FEWEST_DAYS..=MOST_DAYS).contains(days);
        (!days.iter().flatten().all(fits)).then_some("7 to 36,500 days")
    }
}

/// The day by which things are deleted: today, but never more than a day after the day of the last time. A
/// clock that jumps ahead by years deletes one day's worth each time it is looked.
pub fn deleting_day(now: Moment, last: Option<Moment>) -> Moment {
    last.map_or(now, |last| Moment(now.0.min(last.plus_ms(DAY_MS).0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_its_days_goes() {
        let keep = Keep { texts_days: Some(10), ..Keep::default() };
        let cutoffs = keep.cutoffs(Moment(20 * DAY_MS));
        assert_eq!(cutoffs, Cutoffs { texts: Some(Moment(10 * DAY_MS)), ..Cutoffs::default() });
        assert!(!keep.is_for_ever() && Keep::default().is_for_ever());
        assert_eq!(Keep::default().cutoffs(Moment(0)), Cutoffs::default());
    }

    #[test]
    fn a_clock_that_jumps_ahead_deletes_one_day_at_most() {
        let last = Moment(100 * DAY_MS);
        for (now, day) in [(100, 100), (101, 101), (3_750, 101), (50, 50)] {
            assert_eq!(deleting_day(Moment(now * DAY_MS), Some(last)), Moment(day * DAY_MS), "{now}");
        }
        assert_eq!(deleting_day(Moment(7), None), Moment(7));
    }

    #[test]
    fn too_few_days_are_refused() {
        for (days, fits) in [(6, false), (7, true), (36_500, true), (36_501, false)] {
            let keep = Keep { voicemails_days: Some(days), ..Keep::default() };
            assert_eq!(keep.problem().is_none(), fits, "{days}");
        }
    }
}
