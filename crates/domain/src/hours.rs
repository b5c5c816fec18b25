//! When the business is open. The clock on its wall decides: an hour that comes twice counts twice,
//! one that is skipped does not come.

use crate::{Moment, quiet::TimeOfDay};
use jiff::{
    Timestamp, ToSpan, civil,
    tz::{AmbiguousOffset, TimeZone},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Minutes of a day.
const DAY: u16 = 24 * 60;
/// Days looked ahead for the next opening; a holiday comes once a year.
const AHEAD: i32 = 400;

/// A closing time: like a time of day, and `24:00` for the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(try_from = "String", into = "String")]
#[ts(type = "string")]
pub struct ClosingTime {
    /// Minutes after midnight, 0 to 1,440.
    minutes: u16,
}

impl TryFrom<String> for ClosingTime {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "24:00" {
            return Ok(Self { minutes: DAY });
        }
        TimeOfDay::try_from(text).map(|time| Self { minutes: time.minutes() })
    }
}

impl From<ClosingTime> for String {
    fn from(time: ClosingTime) -> Self {
        format!("{:02}:{:02}", time.minutes / 60, time.minutes % 60)
    }
}

/// A stretch of opening hours. It belongs to the day it begins on; an end that is earlier than its
/// beginning is on the next day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(rename = "Stretch")]
pub struct Window {
    /// When it opens.
    pub from: TimeOfDay,
    /// When it closes, the first minute that is closed.
    pub to: ClosingTime,
}

impl Window {
    /// Minutes after the midnight its day begins with: first open, first closed (over 1,440 when it ends
    /// on the next day).
    fn minutes(self) -> (u16, u16) {
        let (from, to) = (self.from.minutes(), self.to.minutes);
        (from, if to < from { to + DAY } else { to })
    }
}

/// The stretches of each day of the week; none: closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "the days of the week")]
pub struct Week {
    pub monday: Vec<Window>,
    pub tuesday: Vec<Window>,
    pub wednesday: Vec<Window>,
    pub thursday: Vec<Window>,
    pub friday: Vec<Window>,
    pub saturday: Vec<Window>,
    pub sunday: Vec<Window>,
}

impl Default for Week {
    /// Nine to five, Monday to Friday.
    fn default() -> Self {
        let day = vec![Window {
            from: TimeOfDay::new(9, 0).expect("a time"),
            to: ClosingTime { minutes: 17 * 60 },
        }];
        Self {
            monday: day.clone(),
            tuesday: day.clone(),
            wednesday: day.clone(),
            thursday: day.clone(),
            friday: day,
            saturday: Vec::new(),
            sunday: Vec::new(),
        }
    }
}

impl Week {
    fn of(&self, day: civil::Weekday) -> &[Window] {
        match day {
            civil::Weekday::Monday => &self.monday,
            civil::Weekday::Tuesday => &self.tuesday,
            civil::Weekday::Wednesday => &self.wednesday,
            civil::Weekday::Thursday => &self.thursday,
            civil::Weekday::Friday => &self.friday,
            civil::Weekday::Saturday => &self.saturday,
            civil::Weekday::Sunday => &self.sunday,
        }
    }

    fn days(&self) -> [&[Window]; 7] {
        [
            &self.monday,
            &self.tuesday,
            &self.wednesday,
            &self.thursday,
            &self.friday,
            &self.saturday,
            &self.sunday,
        ]
    }

    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.days().into_iter().find_map(problem)
    }
}

/// What is wrong with a day's stretches.
fn problem(windows: &[Window]) -> Option<&'static str> {
    if windows.len() > 12 {
        return Some("at most 12 stretches a day");
    }
    let empty = windows.iter().any(|window| window.from.minutes() == window.to.minutes);
    empty.then_some("a stretch must not begin when it ends; the whole day is 00:00 to 24:00")
}

/// A day with hours of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Holiday {
    /// What it is called.
    pub name: String,
    /// When it is.
    pub day: Day,
    /// When it is open all the same; none: closed.
    #[serde(default)]
    pub windows: Vec<Window>,
    /// What callers hear on it; empty: the usual words for being closed.
    #[serde(default)]
    pub greeting: String,
}

/// Which day of which years.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "rule", rename_all = "snake_case", deny_unknown_fields)]
pub enum Day {
    /// One day.
    Once {
        /// Such as `2026-12-24`.
        #[ts(type = "string")]
        date: civil::Date,
    },
    /// The same date every year.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31; the 29th of February comes in leap years.
        day: i8,
    },
    /// Such as the fourth Thursday of November.
    Nth {
        /// 1 to 12.
        month: i8,
        /// The day of the week.
        weekday: Weekday,
        /// 1 to 5, or -1 for the last.
        nth: i8,
    },
    /// Counted from Easter Sunday of the Western churches.
    Easter {
        /// Days after it; before it when negative.
        offset: i16,
    },
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the days of the week")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl From<Weekday> for civil::Weekday {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Monday,
            Weekday::Tuesday => Self::Tuesday,
            Weekday::Wednesday => Self::Wednesday,
            Weekday::Thursday => Self::Thursday,
            Weekday::Friday => Self::Friday,
            Weekday::Saturday => Self::Saturday,
            Weekday::Sunday => Self::Sunday,
        }
    }
}

impl Day {
    /// When it is in a year, if it comes in it.
    pub fn in_year(&self, year: i16) -> Option<civil::Date> {
        match *self {
            Self::Once { date } => Some(date).filter(|date| date.year() == year),
            Self::Yearly { month, day } => civil::Date::new(year, month, day).ok(),
            Self::Nth { month, weekday, nth } => {
                civil::Date::new(year, month, 1).ok()?.nth_weekday_of_month(nth, weekday.into()).ok()
            }
            Self::Easter { offset } => easter(year)?.checked_add(i32::from(offset).days()).ok(),
        }
    }

    fn is(&self, date: civil::Date) -> bool {
        // Counted from Easter, a day may fall into the year before or after.
        let years = [date.year(), date.year().saturating_sub(1), date.year().saturating_add(1)];
        let years = if matches!(self, Self::Easter { .. }) { &years[..] } else { &years[..1] };
        years.iter().any(|year| self.in_year(*year) == Some(date))
    }

    /// The first time it comes from a date on.
    pub fn next(&self, from: civil::Date) -> Option<civil::Date> {
        if let Self::Once { date } = *self {
            return Some(date).filter(|date| *date >= from);
        }
        let first = from.year().saturating_sub(1);
        // A fifth Friday of February stays away for up to forty years.
        (first..=first.saturating_add(41)).filter_map(|year| self.in_year(year)).find(|date| *date >= from)
    }

    fn problem(&self) -> Option<&'static str> {
        let month_of = |month: i8| (1..=12).contains(&month);
        let right = match *self {
            Self::Once { .. } => true,
            // 2000 is a leap year.
            Self::Yearly { month, day } => civil::Date::new(2000, month, day).is_ok(),
            Self::Nth { month, nth, .. } => month_of(month) && (nth == -1 || (1..=5).contains(&nth)),
            Self::Easter { offset } => (-366..=366).contains(&offset),
        };
        (!right).then_some("no calendar has this day")
    }
}

/// Easter Sunday. Source: the "Anonymous Gregorian algorithm" (Nature, 20 April 1876; Meeus).
fn easter(year: i16) -> Option<civil::Date> {
    let year = i32::from(year);
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let leaps = century - (century + 8) / 25 + 1;
    let epact = (19 * golden + century - century / 4 - leaps / 3 + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - epact - rest % 4) % 7;
    let late = (golden + 11 * epact + 22 * sunday) / 451;
    let days = epact + sunday - 7 * late + 114;
    civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(days / 31).ok()?,
        i8::try_from(days % 31 + 1).ok()?,
    )
    .ok()
}

/// When the business is open.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// Week by week.
    pub week: Week,
    /// Days with hours of their own; the first that fits counts.
    pub holidays: Vec<Holiday>,
    /// Closed until then, whatever the rest says.
    pub closed_until: Option<Moment>,
}

impl Hours {
    pub(crate) fn problem(&self) -> Option<&'static str> {
        if self.holidays.len() > 200 {
            return Some("at most 200 holidays");
        }
        let named = |holiday: &Holiday| (1..=60).contains(&holiday.name.trim().chars().count());
        if !self.holidays.iter().all(named) {
            return Some("each holiday has a name of at most 60 characters");
        }
        let days = self.holidays.iter();
        self.week
            .problem()
            .or_else(|| days.clone().find_map(|holiday| problem(&holiday.windows)))
            .or_else(|| days.clone().find_map(|holiday| holiday.day.problem()))
            .or_else(|| {
                let long = days.clone().any(|holiday| holiday.greeting.chars().count() > 1_000);
                long.then_some("at most 1,000 characters of greeting")
            })
    }
}

/// What the hours say at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    /// Whether it is open.
    pub open: bool,
    /// Closed until then by the owner's word, whatever the hours say.
    pub closed_early: Option<Moment>,
    /// The holiday whose hours count now: the one that is today, or whose hours go on from yesterday.
    pub holiday: Option<&'a Holiday>,
}

/// Hours of one line in its zone.
#[derive(Debug, Clone, Copy)]
pub struct Timetable<'a> {
    /// Holidays, and what the owner closed early.
    pub hours: &'a Hours,
    /// The line's own week, or everybody's.
    pub week: &'a Week,
    /// Where the clock hangs.
    pub zone: &'a TimeZone,
}

impl<'a> Timetable<'a> {
    /// What holds at a moment.
    pub fn at(&self, moment: Moment) -> Standing<'a> {
        let now = local(moment, self.zone);
        let (open, holiday) = self.on_the_wall(now);
        let closed_early = self.hours.closed_until.filter(|until| moment < *until);
        Standing { open: open && closed_early.is_none(), closed_early, holiday }
    }

    /// Whether the hours are open when the wall shows this, and by which holiday's hours.
    fn on_the_wall(&self, now: civil::DateTime) -> (bool, Option<&'a Holiday>) {
        let (today, minute) = (now.date(), minute_of(now.time()));
        // What began yesterday goes on by yesterday's rules, also into a holiday.
        if let Ok(yesterday) = today.yesterday() {
            let (windows, holiday) = self.day(yesterday);
            if open_at(windows, minute + DAY) {
                return (true, holiday);
            }
        }
        let (windows, holiday) = self.day(today);
        (open_at(windows, minute), holiday)
    }

    /// The stretches that begin on a date.
    fn day(&self, date: civil::Date) -> (&'a [Window], Option<&'a Holiday>) {
        match self.hours.holidays.iter().find(|holiday| holiday.day.is(date)) {
            Some(holiday) => (&holiday.windows, Some(holiday)),
            None => (self.week.of(date.weekday()), None),
        }
    }

    /// When it opens or closes next; `None`: not within a year.
    pub fn next_change(&self, after: Moment) -> Option<Moment> {
        let open = self.at(after).open;
        let today = local(after, self.zone).date();
        // On the wall it changes only where a stretch begins or ends, or where the wall's clock jumps.
        let mut change = None;
        for ahead in -1..=AHEAD {
            let Ok(date) = today.checked_add(ahead.days()) else { break };
            let mut edges: Vec<Moment> = Vec::new();
            for window in self.day(date).0 {
                let (from, to) = window.minutes();
                edges.extend([from, to].into_iter().flat_map(|minute| self.moments(date, minute)));
            }
            edges.extend(self.jumps(date));
            let fits = |edge: &Moment| *edge > after && self.at(*edge).open != open;
            let first = edges.into_iter().filter(fits).min();
            change = [change, first].into_iter().flatten().min();
            // A stretch of this day may end on the next one, so one more is looked at.
            if change.is_some_and(|at| local(at, self.zone).date() < date) {
                break;
            }
        }
        let early = self.hours.closed_until.filter(|until| *until > after && self.at(*until).open != open);
        [change, early].into_iter().flatten().min()
    }

    /// The moments at which the wall shows a minute of a date: none, one, or two.
    fn moments(&self, date: civil::Date, minute: u16) -> impl Iterator<Item = Moment> + use<> {
        let shown = date.to_datetime(civil::Time::midnight()).checked_add(i64::from(minute).minutes()).ok();
        let ambiguous = shown.map(|shown| self.zone.to_ambiguous_zoned(shown));
        let both = ambiguous.map(|a| [a.clone().earlier(), a.later()]);
        both.into_iter().flatten().flatten().map(|zoned| Moment(zoned.timestamp().as_millisecond()))
    }

    /// Moments of a date at which the wall's clock jumps.
    fn jumps(&self, date: civil::Date) -> impl Iterator<Item = Moment> + use<> {
        let day = |date: civil::Date| date.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp());
        let (from, to) = (day(date), date.tomorrow().ok().and_then(day));
        let jumps: Vec<Moment> = match (from, to) {
            (Some(from), Some(to)) => self
                .zone
                .following(from)
                .take_while(|jump| jump.timestamp() <= to)
                .map(|jump| Moment(jump.timestamp().as_millisecond()))
                .collect(),
            _ => Vec::new(),
        };
        jumps.into_iter()
    }

    /// Until when "close early" lasts: the end of the day, or of what is open over midnight. After midnight
    /// that is the end of what began yesterday.
    pub fn end_of_today(&self, now: Moment) -> Moment {
        let shown = local(now, self.zone);
        let minute = minute_of(shown.time());
        let goes_on = |day: &civil::Date| open_at(self.day(*day).0, minute + DAY);
        let day = shown.date().yesterday().ok().filter(goes_on).unwrap_or(shown.date());
        let late = self.day(day).0.iter().map(|window| window.minutes().1).filter(|to| *to > DAY).max();
        let over = late.unwrap_or(DAY);
        self.moment_of(day, over).unwrap_or(now.plus_ms(86_400_000))
    }

    /// When the wall has shown a minute of a date for the last time; where it skips it, when it jumps.
    fn moment_of(&self, date: civil::Date, minute: u16) -> Option<Moment> {
        let shown =
            date.to_datetime(civil::Time::midnight()).checked_add(i64::from(minute).minutes()).ok()?;
        let ambiguous = self.zone.to_ambiguous_zoned(shown);
        let skipped = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
        let at = if skipped {
            let before = ambiguous.earlier().ok()?.timestamp();
            self.zone.following(before).next()?.timestamp()
        } else {
            ambiguous.later().ok()?.timestamp()
        };
        Some(Moment(at.as_millisecond()))
    }
}

fn open_at(windows: &[Window], minute: u16) -> bool {
    windows.iter().any(|window| {
        let (from, to) = window.minutes();
        (from..to).contains(&minute)
    })
}

fn minute_of(time: civil::Time) -> u16 {
    u16::try_from(i16::from(time.hour()) * 60 + i16::from(time.minute())).unwrap_or(0)
}

/// What the wall's clock shows.
pub fn local(moment: Moment, zone: &TimeZone) -> civil::DateTime {
    zone.to_datetime(Timestamp::from_millisecond(moment.0).unwrap_or_default())
}
