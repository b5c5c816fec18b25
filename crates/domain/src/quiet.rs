//! Times of day, and the hours in which people would rather not be texted.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A time of day on a 24-hour clock, written `21:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct TimeOfDay {
    /// Minutes after midnight, under 1,440.
    minutes: u16,
}

impl TimeOfDay {
    /// From hours and minutes; `None` where no clock shows them.
    pub fn new(hour: u16, minute: u16) -> Option<Self> {
        (hour < 24 && minute < 60).then_some(Self { minutes: hour * 60 + minute })
    }

    /// Minutes after midnight.
    pub(crate) const fn minutes(self) -> u16 {
        self.minutes
    }
}

impl TryFrom<String> for TimeOfDay {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WANTED: &str = "a time such as 21:00";
        let two = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            part.parse().ok().filter(|_| digits)
        };
        let (hour, minute) = text.split_once(':').ok_or(WANTED)?;
        let (Some(hour), Some(minute)) = (two(hour), two(minute)) else { return Err(WANTED) };
        Self::new(hour, minute).ok_or(WANTED)
    }
}

impl From<TimeOfDay> for String {
    fn from(time: TimeOfDay) -> Self {
        format!("{:02}:{:02}", time.minutes / 60, time.minutes % 60)
    }
}

/// From one time of day to another, over midnight where the end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// When they begin.
    pub from: TimeOfDay,
    /// When they are over.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// Nine in the evening to eight in the morning. Source: 47 CFR 64.1200(c)(1).
    pub const USUAL: Self = Self { from: TimeOfDay { minutes: 21 * 60 }, to: TimeOfDay { minutes: 8 * 60 } };

    /// Whether it is quiet at a time of day.
    pub fn hold_at(&self, at: TimeOfDay) -> bool {
        if self.from <= self.to {
            (self.from..self.to).contains(&at)
        } else {
            at >= self.from || at < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> TimeOfDay {
        text.to_owned().try_into().expect("a time")
    }

    #[test]
    fn the_night_goes_over_midnight() {
        let night = QuietHours::USUAL;
        for (time, quiet) in [
            ("20:59", false),
            ("21:00", true),
            ("23:59", true),
            ("00:00", true),
            ("07:59", true),
            ("08:00", false),
        ] {
            assert_eq!(night.hold_at(at(time)), quiet, "{time}");
        }
        let nap = QuietHours { from: at("13:00"), to: at("14:30") };
        assert!(nap.hold_at(at("14:29")) && !nap.hold_at(at("14:30")) && !nap.hold_at(at("02:00")));
        let never = QuietHours { from: at("09:00"), to: at("09:00") };
        assert!(!never.hold_at(at("09:00")));
    }

    #[test]
    fn only_times_of_a_clock_are_read() {
        for text in ["24:00", "9:00", "09:60", "0900", "09:0x", "", "+9:00"] {
            assert!(TimeOfDay::try_from(text.to_owned()).is_err(), "{text}");
        }
        assert_eq!(String::from(at("08:05")), "08:05");
    }
}
