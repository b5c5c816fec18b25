//! When the business is open, reckoned a second time with nothing but whole numbers: every date's stretches
//! are painted onto one long row of minutes. The office must agree wherever it could be wrong.

use jiff::{Timestamp, civil, tz::TimeZone};
use proptest::{array::uniform7, collection::vec, prelude::*, sample::select};
use ringdesk_domain::{
    Moment,
    hours::{ClosingTime, Day, Holiday, Hours, Timetable, Week, Weekday, Window},
    quiet::TimeOfDay,
};

/// Minutes of a day.
const DAY: i64 = 24 * 60;
const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = DAY * MINUTE_MS;

/// Where clocks do odd things: at midnight, by half an hour, by two, twice in spring, across the date line.
const ZONES: [&str; 12] = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/New_York",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Pacific/Apia",
];

/// From and to in minutes after midnight; an end before the beginning is on the next day.
type Stretch = (u16, u16);

/// Hours in plain numbers; the office's and the model's are both made of them.
#[derive(Debug, Clone)]
struct Plain {
    /// Monday first.
    week: [Vec<Stretch>; 7],
    holidays: Vec<(Rule, Vec<Stretch>)>,
    closed_until: Option<i64>,
}

#[derive(Debug, Clone)]
enum Rule {
    /// Days since 1970.
    Once(i64),
    /// Month and day.
    Yearly(i8, i8),
    /// Month, day of the week from Monday (0), which one.
    Nth(i8, usize, i8),
    /// Days after Easter Sunday.
    Easter(i16),
}

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

impl Plain {
    /// As the office keeps them.
    fn hours(&self) -> Hours {
        let windows = |stretches: &Vec<Stretch>| stretches.iter().copied().map(window).collect::<Vec<_>>();
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            self.week.each_ref().map(windows);
        let holiday = |(rule, stretches): &(Rule, Vec<Stretch>)| Holiday {
            name: format!("{rule:?}"),
            day: rule.day(),
            windows: windows(stretches),
            greeting: String::new(),
        };
        Hours {
            week: Week { monday, tuesday, wednesday, thursday, friday, saturday, sunday },
            holidays: self.holidays.iter().map(holiday).collect(),
            closed_until: self.closed_until.map(Moment),
        }
    }

    /// The stretches that begin on a day.
    fn beginning_on(&self, number: i64) -> &[Stretch] {
        match self.holidays.iter().find(|(rule, _)| rule.comes_on(number)) {
            Some((_, stretches)) => stretches,
            None => &self.week[weekday(number)],
        }
    }

    /// Every minute of a day at which any stretch begins or ends, and noon.
    fn edges(&self) -> Vec<i64> {
        let all = self.week.iter().chain(self.holidays.iter().map(|(_, stretches)| stretches));
        let mut edges: Vec<i64> = all
            .flatten()
            .flat_map(|(from, to)| [i64::from(*from), i64::from(*to)])
            .chain([DAY / 2])
            .collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }
}

fn window((from, to): Stretch) -> Window {
    let shown = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    Window {
        from: TimeOfDay::try_from(shown(from)).expect("a time"),
        to: ClosingTime::try_from(shown(to)).expect("a time"),
    }
}

impl Rule {
    fn day(&self) -> Day {
        match *self {
            Self::Once(number) => {
                let (year, month, day) = date_of(number);
                let (year, month, day) = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
                let (year, month, day) = (year.expect("small"), month.expect("small"), day.expect("small"));
                Day::Once { date: civil::date(year, month, day) }
            }
            Self::Yearly(month, day) => Day::Yearly { month, day },
            Self::Nth(month, weekday, nth) => Day::Nth { month, weekday: WEEKDAYS[weekday], nth },
            Self::Easter(offset) => Day::Easter { offset },
        }
    }

    fn comes_on(&self, number: i64) -> bool {
        let (_, this_month, this_day) = date_of(number);
        match *self {
            Self::Once(day) => day == number,
            Self::Yearly(month, day) => (this_month, this_day) == (i64::from(month), i64::from(day)),
            Self::Nth(month, on, nth) => {
                let fits = match nth {
                    -1 => date_of(number + 7).1 != this_month,
                    nth => (this_day - 1) / 7 + 1 == i64::from(nth),
                };
                this_month == i64::from(month) && weekday(number) == on && fits
            }
            Self::Easter(offset) => {
                let sunday = number - i64::from(offset);
                easter(date_of(sunday).0) == sunday
            }
        }
    }
}

/// Days since 1970-01-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month, day. Source: the same.
fn date_of(number: i64) -> (i64, i64, i64) {
    let shifted = number + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * from_march + 2) / 5 + 1)
}

/// 0 is Monday; the first of January 1970 was a Thursday.
fn weekday(number: i64) -> usize {
    usize::try_from((number + 3).rem_euclid(7)).expect("under seven")
}

/// Easter Sunday's day number. Source: Knuth, "The Art of Computer Programming" 1.3.2, exercise 14; not the
/// reckoning the office uses.
fn easter(year: i64) -> i64 {
    let golden = year % 19 + 1;
    let century = year / 100 + 1;
    let dropped = 3 * century / 4 - 12;
    let moon = (8 * century + 5) / 25 - 5;
    let sunday = 5 * year / 4 - dropped - 10;
    let epact = (11 * golden + 20 + moon - dropped).rem_euclid(30);
    let epact = if (epact == 25 && golden > 11) || epact == 24 { epact + 1 } else { epact };
    let full = if epact > 23 { 74 - epact } else { 44 - epact };
    // Days of March; past the 31st it is April.
    day_number(year, 3, 1) + full + 7 - (sunday + full) % 7 - 1
}

/// What a wall would show, minute after minute, whatever zone it hangs in.
struct Model {
    /// The day number the row begins with.
    first: i64,
    open: Vec<bool>,
    closed_until: Option<i64>,
}

impl Model {
    fn paint(plain: &Plain, first: i64, days: i64) -> Self {
        let mut open = vec![false; usize::try_from(days * DAY).expect("some days")];
        // The evening before may go on into the first day.
        for number in first - 1..first + days {
            for (from, to) in plain.beginning_on(number) {
                let to = if to < from { i64::from(*to) + DAY } else { i64::from(*to) };
                for minute in i64::from(*from)..to {
                    let at = usize::try_from((number - first) * DAY + minute);
                    if let Some(painted) = at.ok().and_then(|at| open.get_mut(at)) {
                        *painted = true;
                    }
                }
            }
        }
        Self { first, open, closed_until: plain.closed_until }
    }

    fn open(&self, at: i64, zone: &TimeZone) -> bool {
        let minute = (at + offset_ms(at, zone)).div_euclid(MINUTE_MS) - self.first * DAY;
        let painted = self.open[usize::try_from(minute).expect("a painted minute")];
        painted && self.closed_until.is_none_or(|until| at >= until)
    }
}

fn stamp(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).expect("a moment of our time")
}

fn offset_ms(at: i64, zone: &TimeZone) -> i64 {
    i64::from(zone.to_offset(stamp(at)).seconds()) * 1_000
}

/// Moments at which a zone's clock jumps.
fn jumps(zone: &TimeZone, from: i64, to: i64) -> impl Iterator<Item = i64> {
    zone.following(stamp(from)).map(|jump| jump.timestamp().as_millisecond()).take_while(move |at| *at < to)
}

/// Where something could change: just before, at and after every edge of any stretch on every date, by
/// the clock before and the clock after a jump; and every minute near a jump.
fn probes(plain: &Plain, zone: &TimeZone, from: i64, to: i64, near_jump_ms: i64) -> Vec<i64> {
    let mut probes = Vec::new();
    let edges = plain.edges();
    for number in from.div_euclid(DAY_MS) - 1..=to.div_euclid(DAY_MS) + 1 {
        let before = offset_ms(number * DAY_MS - DAY_MS - DAY_MS / 2, zone);
        let after = offset_ms(number * DAY_MS + 2 * DAY_MS + DAY_MS / 2, zone);
        for offset in [Some(before), Some(after).filter(|after| *after != before)].into_iter().flatten() {
            for edge in &edges {
                let at = (number * DAY + edge) * MINUTE_MS - offset;
                probes.extend([at - 1, at, at + MINUTE_MS]);
            }
        }
    }
    for jump in jumps(zone, from - near_jump_ms, to + near_jump_ms) {
        probes.extend((-near_jump_ms..near_jump_ms).step_by(60_000).map(|ms| jump + ms));
        probes.push(jump - 1);
    }
    probes.extend(plain.closed_until.into_iter().flat_map(|until| [until - 1, until]));
    probes.retain(|at| (from..to).contains(at));
    probes.sort_unstable();
    probes.dedup();
    probes
}

/// Hours with every kind of edge where clocks jump: around midnight, and in the small hours.
fn odd_hours() -> Plain {
    let time = |hour: u16, minute: u16| hour * 60 + minute;
    Plain {
        week: [
            vec![(time(9, 0), time(12, 0)), (time(13, 0), time(17, 0))],
            vec![(time(22, 0), time(6, 0))],
            vec![(0, time(24, 0))],
            vec![(time(2, 15), time(2, 45)), (time(23, 30), time(0, 30))],
            vec![(time(0, 15), time(1, 0)), (time(1, 30), time(3, 0)), (time(22, 0), time(23, 30))],
            vec![(time(18, 0), time(2, 30))],
            vec![(time(0, 30), time(2, 15)), (time(2, 30), time(3, 0)), (time(23, 0), time(24, 0))],
        ],
        holidays: vec![
            // Samoa never had it.
            (Rule::Once(day_number(2011, 12, 30)), vec![(time(9, 0), time(3, 0))]),
            (Rule::Yearly(12, 25), Vec::new()),
            (Rule::Yearly(2, 29), vec![(time(9, 0), time(12, 0))]),
            (Rule::Nth(11, 3, 4), vec![(time(18, 0), time(0, 30))]),
            // The days on which many clocks jump.
            (Rule::Nth(3, 6, -1), vec![(time(1, 30), time(2, 45)), (time(22, 0), time(2, 30))]),
            (Rule::Nth(10, 6, -1), vec![(time(0, 30), time(1, 30))]),
            (Rule::Easter(-3), vec![(time(22, 0), time(3, 0))]),
            (Rule::Easter(0), vec![(time(1, 0), time(2, 15))]),
        ],
        closed_until: None,
    }
}

/// The office and the model agree from the beginning of one year to the beginning of another: every minute
/// of the two days around each jump, and at every edge of every other day.
#[track_caller]
fn agrees(place: &str, from: i64, to: i64) {
    let zone = TimeZone::get(place).expect("a zone of the system's");
    let plain = odd_hours();
    let hours = plain.hours();
    let table = Timetable { hours: &hours, week: &hours.week, zone: &zone };
    let (first, last) = (day_number(from, 1, 1), day_number(to, 1, 1));
    let model = Model::paint(&plain, first - 2, last - first + 4);
    for at in probes(&plain, &zone, first * DAY_MS, last * DAY_MS, DAY_MS) {
        assert_eq!(table.at(Moment(at)).open, model.open(at, &zone), "{place}, {}", stamp(at));
    }
}

#[test]
fn lord_howe_agrees_for_ten_years() {
    agrees("Australia/Lord_Howe", 2020, 2030);
}

#[test]
fn casablanca_agrees_for_ten_years() {
    agrees("Africa/Casablanca", 2020, 2030);
}

#[test]
fn apia_agrees_for_ten_years_and_without_the_day_it_skipped() {
    agrees("Pacific/Apia", 2011, 2013);
    agrees("Pacific/Apia", 2020, 2030);
}

#[test]
fn kathmandu_agrees_for_ten_years() {
    agrees("Asia/Kathmandu", 2020, 2030);
}

#[test]
fn cairo_agrees_for_ten_years() {
    agrees("Africa/Cairo", 2020, 2030);
}

#[test]
fn troll_agrees_for_ten_years() {
    agrees("Antarctica/Troll", 2020, 2030);
}

#[test]
fn the_models_own_calendar_is_right() {
    for (number, date) in
        [(0, (1970, 1, 1)), (11_016, (2000, 2, 29)), (20_614, (2026, 6, 10)), (-1, (1969, 12, 31))]
    {
        let (year, month, day) = date;
        assert_eq!((day_number(year, month, day), date_of(number)), (number, date));
    }
    assert_eq!(weekday(20_614), 2, "a Wednesday");
}

#[test]
fn both_reckonings_of_easter_agree_for_six_hundred_years() {
    for year in 1600..2200 {
        let (_, month, day) = date_of(easter(year));
        let office =
            Day::Easter { offset: 0 }.in_year(i16::try_from(year).expect("small")).expect("every year");
        assert_eq!((i64::from(office.month()), i64::from(office.day())), (month, day), "{year}");
    }
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let quarter = |most: u16| (0..=most).prop_map(|quarter| quarter * 15);
    // Clocks jump at quarters of an hour, mostly in the first four.
    let from = prop_oneof![quarter(16), quarter(95), 0..1_440u16];
    let to = prop_oneof![quarter(16), quarter(96), 0..=1_440u16];
    (from, to).prop_filter("a stretch has a length", |(from, to)| from != to)
}

fn rule() -> impl Strategy<Value = Rule> {
    prop_oneof![
        (12_700..24_200i64).prop_map(Rule::Once),
        (1..=12i8, 1..=28i8).prop_map(|(month, day)| Rule::Yearly(month, day)),
        Just(Rule::Yearly(2, 29)),
        (1..=12i8, 0..7usize, select(vec![-1i8, 1, 2, 3, 4, 5]))
            .prop_map(|(month, weekday, nth)| Rule::Nth(month, weekday, nth)),
        (-366..=366i16).prop_map(Rule::Easter),
    ]
}

fn plain() -> impl Strategy<Value = Plain> {
    let day = || vec(stretch(), 0..3);
    // A week that is mostly shut makes the office look far ahead.
    let rarely = prop_oneof![4 => Just(Vec::new()), 1 => vec(stretch(), 1..2)];
    let week = prop_oneof![3 => uniform7(day()), 1 => uniform7(rarely)];
    (week, vec((rule(), day()), 0..5)).prop_map(|(week, holidays)| Plain {
        week,
        holidays,
        closed_until: None,
    })
}

/// A zone and a moment from 2005 to 2035, half of them within two days of a jump.
fn somewhere() -> impl Strategy<Value = (&'static str, i64)> {
    let ms = day_number(2005, 1, 1) * DAY_MS..day_number(2035, 1, 1) * DAY_MS;
    (select(&ZONES[..]), ms, any::<bool>(), -2 * DAY_MS..DAY_MS).prop_map(|(place, at, near, away)| {
        let zone = TimeZone::get(place).expect("a zone of the system's");
        // Two years ahead every zone that still jumps has jumped.
        let jump = jumps(&zone, at, at + 730 * DAY_MS).next().filter(|_| near);
        (place, jump.map_or(at, |jump| jump + away))
    })
}

fn few() -> ProptestConfig {
    ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(few())]

    #[test]
    fn random_weeks_agree_over_random_months(plain in plain(), (place, start) in somewhere()) {
        let zone = TimeZone::get(place).expect("a zone of the system's");
        let hours = plain.hours();
        let table = Timetable { hours: &hours, week: &hours.week, zone: &zone };
        let end = start + 31 * DAY_MS;
        let model = Model::paint(&plain, start.div_euclid(DAY_MS) - 3, 38);
        for at in probes(&plain, &zone, start, end, DAY_MS) {
            prop_assert_eq!(table.at(Moment(at)).open, model.open(at, &zone), "{}, {}", place, stamp(at));
        }
    }

    #[test]
    fn nothing_changes_before_the_next_change_and_something_does_then(
        plain in plain(),
        (place, after) in somewhere(),
        early in proptest::option::of(-DAY_MS..5 * DAY_MS),
    ) {
        let zone = TimeZone::get(place).expect("a zone of the system's");
        let plain = Plain { closed_until: early.map(|ms| after + ms), ..plain };
        let hours = plain.hours();
        let table = Timetable { hours: &hours, week: &hours.week, zone: &zone };
        let open = table.at(Moment(after)).open;
        let next = table.next_change(Moment(after)).map(|next| next.0);

        // Minute by minute at first.
        for at in (1..3 * DAY).map(|minute| after + minute * MINUTE_MS) {
            if next.is_some_and(|next| at >= next) {
                break;
            }
            prop_assert_eq!(table.at(Moment(at)).open, open, "{}, {}", place, stamp(at));
        }
        // Then wherever the model could change, as far as the office looks ahead.
        let model = Model::paint(&plain, after.div_euclid(DAY_MS) - 3, 406);
        let end = after + 399 * DAY_MS;
        let changes = |at: &i64| *at > after && model.open(*at, &zone) != open;
        let first = probes(&plain, &zone, after, end, 3 * 60 * MINUTE_MS).into_iter().find(changes);
        prop_assert_eq!(next.filter(|next| *next < end), first, "{}, after {}", place, stamp(after));

        if let Some(next) = next {
            prop_assert!(next > after);
            prop_assert_eq!(table.at(Moment(next)).open, !open);
            prop_assert_eq!(table.at(Moment(next - 1)).open, open);
        }
    }

    #[test]
    fn what_is_never_open_never_changes((place, after) in somewhere(), rules in vec(rule(), 0..4)) {
        let zone = TimeZone::get(place).expect("a zone of the system's");
        let shut = rules.into_iter().map(|rule| (rule, Vec::new())).collect();
        let plain = Plain { week: Default::default(), holidays: shut, closed_until: Some(after + DAY_MS) };
        let hours = plain.hours();
        let table = Timetable { hours: &hours, week: &hours.week, zone: &zone };
        prop_assert_eq!(table.next_change(Moment(after)), None);
    }
}
