//! When the owner is told of something outside the window, and how much of it others may see.

use crate::{
    Moment,
    quiet::{QuietHours, TimeOfDay},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What notifications are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch the owner sees")]
pub struct Notifications {
    /// Of a customer's text.
    pub texts: bool,
    /// Of a call nobody took.
    pub calls: bool,
    /// Of a text of ours that was not delivered.
    pub failures: bool,
    /// Of a line in trouble: it lost its connection, or nobody reaches it.
    pub line: bool,
    /// How much they show to whoever looks at the screen.
    pub shows: Shows,
    /// Every day in these hours, only a line in trouble is told of.
    pub quiet_hours: Option<QuietHours>,
    /// Until then, only a line in trouble is told of.
    pub paused_until: Option<Moment>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            texts: true,
            calls: true,
            failures: true,
            line: true,
            shows: Shows::Words,
            quiet_hours: None,
            paused_until: None,
        }
    }
}

/// How much a notification shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    /// Who wrote, and the words.
    Words,
    /// Who wrote.
    Sender,
    /// That something came.
    Nothing,
}

/// What a notification is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A customer's text.
    Text,
    /// A call nobody took.
    Call,
    /// A text of ours that was not delivered.
    Failure,
    /// A line in trouble.
    Line,
}

/// What becomes of a piece of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    /// It is told now.
    Now,
    /// It is told when the pause or the quiet hours are over.
    Later,
    /// The owner does not want to be told of this kind.
    Never,
}

impl Notifications {
    /// What becomes of news of a kind at a moment.
    pub fn telling(&self, kind: Kind, now: Moment, time_of_day: TimeOfDay) -> Telling {
        let wanted = match kind {
            Kind::Text => self.texts,
            Kind::Call => self.calls,
            Kind::Failure => self.failures,
            Kind::Line => self.line,
        };
        match (wanted, kind) {
            (false, _) => Telling::Never,
            // Whoever cannot be reached should know, in the night too.
            (true, Kind::Line) => Telling::Now,
            (true, _) if self.silent(now, time_of_day) => Telling::Later,
            (true, _) => Telling::Now,
        }
    }

    /// Whether it is quiet: by a pause, or by the hour.
    pub fn silent(&self, now: Moment, time_of_day: TimeOfDay) -> bool {
        self.paused_until.is_some_and(|until| now < until)
            || self.quiet_hours.is_some_and(|hours| hours.hold_at(time_of_day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u16) -> TimeOfDay {
        TimeOfDay::new(hour, 0).expect("a time")
    }

    #[test]
    fn quiet_is_for_everything_but_a_line_in_trouble() {
        let usual = Notifications::default();
        let night = Notifications { quiet_hours: Some(QuietHours::USUAL), ..usual.clone() };
        let paused = Notifications { paused_until: Some(Moment(1_000)), ..usual.clone() };
        let deaf = Notifications { texts: false, line: false, ..usual.clone() };
        for (settings, kind, now, hour, expected) in [
            (&usual, Kind::Text, 0, 3, Telling::Now),
            (&night, Kind::Text, 0, 12, Telling::Now),
            (&night, Kind::Text, 0, 3, Telling::Later),
            (&night, Kind::Failure, 0, 22, Telling::Later),
            (&night, Kind::Line, 0, 3, Telling::Now),
            (&paused, Kind::Text, 999, 12, Telling::Later),
            (&paused, Kind::Text, 1_000, 12, Telling::Now),
            (&paused, Kind::Line, 0, 12, Telling::Now),
            (&deaf, Kind::Text, 0, 12, Telling::Never),
            (&deaf, Kind::Failure, 0, 12, Telling::Now),
            (&deaf, Kind::Line, 0, 12, Telling::Never),
        ] {
            assert_eq!(settings.telling(kind, Moment(now), at(hour)), expected, "{kind:?} {now} {hour}");
        }
    }
}
