//! When the business is open, case by case. `hours_model.rs` reckons it all a second time.

use jiff::{Timestamp, civil, tz::TimeZone};
use ringdesk_domain::{
    Moment, Settings,
    hours::{ClosingTime, Day, Holiday, Hours, Timetable, Week, Weekday, Window},
    packs,
    quiet::TimeOfDay,
};
use serde_json::json;

const NEW_YORK: &str = "America/New_York";
const LORD_HOWE: &str = "Australia/Lord_Howe";
const CASABLANCA: &str = "Africa/Casablanca";
const CAIRO: &str = "Africa/Cairo";
const APIA: &str = "Pacific/Apia";
const KATHMANDU: &str = "Asia/Kathmandu";

const CLOSED: [&str; 7] = [""; 7];
const NINE_TO_FIVE: [&str; 7] = ["09:00-17:00"; 7];
const ALL_ROUND: [&str; 7] = ["00:00-24:00"; 7];
const SUNDAY: usize = 6;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone of the system's")
}

/// What the wall shows (`2026-06-10 09:00`); with the distance to UTC where it shows that twice
/// (`2026-11-01 01:15-04:00`).
#[track_caller]
fn moment(shown: &str, zone: &TimeZone) -> Moment {
    let on_the_wall = || {
        let shown: civil::DateTime = shown.parse().expect("a date and a time");
        shown.to_zoned(zone.clone()).expect("a year of our time").timestamp()
    };
    Moment(shown.parse::<Timestamp>().unwrap_or_else(|_| on_the_wall()).as_millisecond())
}

/// Such as `09:00-12:00 13:00-17:00`.
fn windows(text: &str) -> Vec<Window> {
    let window = |text: &str| {
        let (from, to) = text.split_once('-').expect("from-to");
        Window {
            from: TimeOfDay::try_from(from.to_owned()).expect("a time"),
            to: ClosingTime::try_from(to.to_owned()).expect("a time"),
        }
    };
    text.split_whitespace().map(window).collect()
}

/// Monday first.
fn hours(days: [&str; 7]) -> Hours {
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = days.map(windows);
    let week = Week { monday, tuesday, wednesday, thursday, friday, saturday, sunday };
    Hours { week, ..Hours::default() }
}

/// Closed all week but for one day, counted from Monday.
fn only(day: usize, text: &'static str) -> Hours {
    let mut days = CLOSED;
    days[day] = text;
    hours(days)
}

fn with_holiday(mut hours: Hours, name: &str, day: Day, open: &str) -> Hours {
    hours.holidays.push(Holiday { name: name.into(), day, windows: windows(open), greeting: String::new() });
    hours
}

fn closed_until(hours: Hours, until: &str) -> Hours {
    Hours { closed_until: Some(moment(until, &zone(NEW_YORK))), ..hours }
}

fn once(date: &str) -> Day {
    Day::Once { date: date.parse().expect("a date") }
}

fn date(text: &str) -> civil::Date {
    text.parse().expect("a date")
}

#[track_caller]
fn check(hours: &Hours, place: &str, cases: &[(&str, bool)]) {
    let zone = zone(place);
    let table = Timetable { hours, week: &hours.week, zone: &zone };
    for (shown, open) in cases {
        assert_eq!(table.at(moment(shown, &zone)).open, *open, "{shown}, {place}");
    }
}

#[track_caller]
fn check_holiday(hours: &Hours, cases: &[(&str, bool, Option<&str>)]) {
    let zone = zone(NEW_YORK);
    let table = Timetable { hours, week: &hours.week, zone: &zone };
    for (shown, open, holiday) in cases {
        let standing = table.at(moment(shown, &zone));
        let name = standing.holiday.map(|holiday| holiday.name.as_str());
        assert_eq!((standing.open, name), (*open, *holiday), "{shown}");
    }
}

#[track_caller]
fn check_next(hours: &Hours, place: &str, cases: &[(&str, Option<&str>)]) {
    let zone = zone(place);
    let table = Timetable { hours, week: &hours.week, zone: &zone };
    for (after, next) in cases {
        let expected = next.map(|next| moment(next, &zone));
        assert_eq!(table.next_change(moment(after, &zone)), expected, "after {after}, {place}");
    }
}

#[track_caller]
fn check_end_of_today(hours: &Hours, place: &str, cases: &[(&str, &str)]) {
    let zone = zone(place);
    let table = Timetable { hours, week: &hours.week, zone: &zone };
    for (now, end) in cases {
        assert_eq!(table.end_of_today(moment(now, &zone)), moment(end, &zone), "{now}, {place}");
    }
}

#[test]
fn each_day_of_the_week_has_its_own_stretches() {
    let hours = hours(["09:00-17:00", "10:00-12:00 13:00-16:30 18:00-20:00", "", "07:30-07:31", "", "", ""]);
    check(
        &hours,
        NEW_YORK,
        &[
            ("2026-06-08 08:59:59.999", false),
            ("2026-06-08 09:00", true),
            ("2026-06-08 16:59:59.999", true),
            ("2026-06-08 17:00", false),
            ("2026-06-09 09:59", false),
            ("2026-06-09 11:59", true),
            ("2026-06-09 12:00", false),
            ("2026-06-09 13:00", true),
            ("2026-06-09 16:30", false),
            ("2026-06-09 18:00", true),
            ("2026-06-09 20:00", false),
            ("2026-06-10 12:00", false),
            ("2026-06-11 07:29:59", false),
            ("2026-06-11 07:30:59", true),
            ("2026-06-11 07:31", false),
            ("2026-06-14 12:00", false),
        ],
    );
}

#[test]
fn without_a_word_it_is_nine_to_five_on_weekdays() {
    check(
        &Hours::default(),
        NEW_YORK,
        &[
            ("2026-06-12 08:59", false),
            ("2026-06-12 09:00", true),
            ("2026-06-12 17:00", false),
            ("2026-06-13 12:00", false),
            ("2026-06-14 12:00", false),
            ("2026-06-15 12:00", true),
        ],
    );
}

#[test]
fn stretches_may_touch_and_overlap() {
    let hours = hours(["08:00-10:00 10:00-12:00 11:00-13:00", "", "", "", "", "", ""]);
    check(&hours, NEW_YORK, &[("2026-06-08 10:00", true), ("2026-06-08 12:30", true)]);
    check_next(&hours, NEW_YORK, &[("2026-06-08 08:00", Some("2026-06-08 13:00"))]);
}

#[test]
fn a_stretch_over_midnight_goes_on_into_the_next_day() {
    // Friday's; nothing is open on Saturday for itself.
    let hours = only(4, "22:00-06:00");
    check(
        &hours,
        NEW_YORK,
        &[
            ("2026-06-12 05:59", false),
            ("2026-06-12 21:59", false),
            ("2026-06-12 22:00", true),
            ("2026-06-12 23:59:59.999", true),
            ("2026-06-13 00:00", true),
            ("2026-06-13 05:59", true),
            ("2026-06-13 06:00", false),
            ("2026-06-13 22:00", false),
        ],
    );
    check_next(
        &hours,
        NEW_YORK,
        &[("2026-06-12 22:00", Some("2026-06-13 06:00")), ("2026-06-13 06:00", Some("2026-06-19 22:00"))],
    );
}

#[test]
fn sundays_night_goes_on_into_monday() {
    check(
        &only(SUNDAY, "20:00-02:00"),
        NEW_YORK,
        &[
            ("2026-06-14 01:00", false),
            ("2026-06-14 20:00", true),
            ("2026-06-15 01:59", true),
            ("2026-06-15 02:00", false),
        ],
    );
}

#[test]
fn a_stretch_can_last_to_the_end_of_the_day() {
    for text in ["18:00-24:00", "18:00-00:00"] {
        let hours = only(0, text);
        check(
            &hours,
            NEW_YORK,
            &[("2026-06-08 18:00", true), ("2026-06-08 23:59:59", true), ("2026-06-09 00:00", false)],
        );
        check_next(&hours, NEW_YORK, &[("2026-06-08 19:00", Some("2026-06-09 00:00"))]);
    }
}

#[test]
fn a_day_can_be_open_all_round() {
    let hours = only(1, "00:00-24:00");
    check(
        &hours,
        NEW_YORK,
        &[
            ("2026-06-08 23:59:59.999", false),
            ("2026-06-09 00:00", true),
            ("2026-06-09 12:00", true),
            ("2026-06-09 23:59:59.999", true),
            ("2026-06-10 00:00", false),
        ],
    );
}

#[test]
fn a_holiday_replaces_the_week() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "Market day", once("2026-06-10"), "");
    check_holiday(
        &hours,
        &[
            ("2026-06-09 16:00", true, None),
            ("2026-06-10 00:00", false, Some("Market day")),
            ("2026-06-10 12:00", false, Some("Market day")),
            ("2026-06-10 23:59:59.999", false, Some("Market day")),
            ("2026-06-11 00:00", false, None),
            ("2026-06-11 09:00", true, None),
        ],
    );
    check_next(&hours, NEW_YORK, &[("2026-06-09 17:00", Some("2026-06-11 09:00"))]);
}

#[test]
fn a_holiday_may_have_hours_of_its_own() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "Sale", once("2026-06-10"), "06:00-08:00 20:00-24:00");
    check_holiday(
        &hours,
        &[
            ("2026-06-10 05:59", false, Some("Sale")),
            ("2026-06-10 06:00", true, Some("Sale")),
            ("2026-06-10 12:00", false, Some("Sale")),
            ("2026-06-10 23:59", true, Some("Sale")),
            ("2026-06-11 00:00", false, None),
        ],
    );
}

#[test]
fn of_two_holidays_on_a_day_the_first_counts() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "First", once("2026-06-10"), "10:00-11:00");
    let hours = with_holiday(hours, "Second", Day::Yearly { month: 6, day: 10 }, "12:00-13:00");
    check_holiday(
        &hours,
        &[
            ("2026-06-10 10:30", true, Some("First")),
            ("2026-06-10 12:30", false, Some("First")),
            ("2027-06-10 12:30", true, Some("Second")),
        ],
    );
}

#[test]
fn a_shift_belongs_to_the_day_it_begins_on() {
    let nights = hours(["22:00-06:00"; 7]);
    // The holiday is closed, but what began the evening before goes on into it.
    let closed = with_holiday(nights.clone(), "Closed", once("2026-06-10"), "");
    check_holiday(
        &closed,
        &[
            ("2026-06-10 00:00", true, None),
            ("2026-06-10 05:59", true, None),
            ("2026-06-10 06:00", false, Some("Closed")),
            ("2026-06-10 22:00", false, Some("Closed")),
            // And its own night is missing from the day after.
            ("2026-06-11 00:00", false, None),
            ("2026-06-11 05:59", false, None),
            ("2026-06-11 22:00", true, None),
        ],
    );
    // The holiday's own night goes on into an ordinary day, and is still the holiday's.
    let late = with_holiday(nights, "Long night", once("2026-06-10"), "20:00-09:00");
    check_holiday(
        &late,
        &[
            ("2026-06-10 19:59", false, Some("Long night")),
            ("2026-06-10 20:00", true, Some("Long night")),
            ("2026-06-11 00:00", true, Some("Long night")),
            ("2026-06-11 08:59", true, Some("Long night")),
            ("2026-06-11 09:00", false, None),
        ],
    );
}

#[test]
fn one_holidays_night_goes_on_into_the_next_holiday() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "Eve", once("2026-12-31"), "20:00-03:00");
    let hours = with_holiday(hours, "New Year's Day", Day::Yearly { month: 1, day: 1 }, "");
    check_holiday(
        &hours,
        &[
            ("2027-01-01 02:59", true, Some("Eve")),
            ("2027-01-01 03:00", false, Some("New Year's Day")),
            ("2027-01-01 12:00", false, Some("New Year's Day")),
        ],
    );
    check_next(&hours, NEW_YORK, &[("2027-01-01 03:00", Some("2027-01-02 09:00"))]);
}

#[test]
fn holidays_come_when_the_calendar_says() {
    let nth = |nth, weekday, month| Day::Nth { month, weekday, nth };
    for (day, year, expected) in [
        (once("2026-12-24"), 2026, Some("2026-12-24")),
        (once("2026-12-24"), 2027, None),
        (Day::Yearly { month: 7, day: 4 }, 2026, Some("2026-07-04")),
        (Day::Yearly { month: 2, day: 29 }, 2024, Some("2024-02-29")),
        (Day::Yearly { month: 2, day: 29 }, 2026, None),
        (Day::Yearly { month: 2, day: 29 }, 2100, None),
        // Thanksgiving and Memorial Day.
        (nth(4, Weekday::Thursday, 11), 2026, Some("2026-11-26")),
        (nth(-1, Weekday::Monday, 5), 2026, Some("2026-05-25")),
        (nth(-1, Weekday::Monday, 8), 2026, Some("2026-08-31")),
        (nth(1, Weekday::Monday, 9), 2025, Some("2025-09-01")),
        (nth(1, Weekday::Sunday, 3), 2026, Some("2026-03-01")),
        (nth(5, Weekday::Friday, 1), 2026, Some("2026-01-30")),
        (nth(5, Weekday::Friday, 2), 2026, None),
        // Good Friday and Easter Monday.
        (Day::Easter { offset: -2 }, 2026, Some("2026-04-03")),
        (Day::Easter { offset: 1 }, 2026, Some("2026-04-06")),
    ] {
        assert_eq!(day.in_year(year), expected.map(date), "{day:?} in {year}");
    }
}

#[test]
fn easter_is_where_the_churches_have_it() {
    for text in [
        // The earliest and the latest there can be, and the awkward years of the reckoning.
        "1818-03-22",
        "1943-04-25",
        "1954-04-18",
        "1981-04-19",
        "2000-04-23",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
    ] {
        let sunday = date(text);
        assert_eq!(Day::Easter { offset: 0 }.in_year(sunday.year()), Some(sunday));
    }
}

#[test]
fn a_day_counted_from_easter_may_fall_into_another_year() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "Long before", Day::Easter { offset: -120 }, "");
    // Easter 2026 is the 5th of April.
    check_holiday(
        &hours,
        &[("2025-12-06 12:00", false, Some("Long before")), ("2025-12-07 12:00", true, None)],
    );
    assert_eq!(Day::Easter { offset: -120 }.next(date("2025-12-01")), Some(date("2025-12-06")));
    assert_eq!(Day::Easter { offset: 300 }.next(date("2027-01-01")), Some(date("2027-01-30")));
}

#[test]
fn a_holiday_is_found_the_next_time_it_comes() {
    let leap = Day::Yearly { month: 2, day: 29 };
    for (day, from, next) in [
        (Day::Yearly { month: 12, day: 25 }, "2026-12-25", Some("2026-12-25")),
        (Day::Yearly { month: 12, day: 25 }, "2026-12-26", Some("2027-12-25")),
        (leap.clone(), "2024-02-29", Some("2024-02-29")),
        (leap.clone(), "2026-06-10", Some("2028-02-29")),
        // 2100 is none.
        (leap, "2096-03-01", Some("2104-02-29")),
        (Day::Easter { offset: 0 }, "2026-04-06", Some("2027-03-28")),
        (Day::Nth { month: 11, weekday: Weekday::Thursday, nth: 4 }, "2026-11-27", Some("2027-11-25")),
        (once("2026-06-10"), "2026-06-10", Some("2026-06-10")),
        (once("2026-06-10"), "2026-06-11", None),
    ] {
        assert_eq!(day.next(date(from)), next.map(date), "{day:?} from {from}");
    }
}

#[test]
fn a_day_far_ahead_is_found_too() {
    assert_eq!(once("2040-01-01").next(date("2026-06-10")), Some(date("2040-01-01")));
    let fifth = Day::Nth { month: 2, weekday: Weekday::Friday, nth: 5 };
    assert_eq!(fifth.next(date("2026-06-10")), Some(date("2036-02-29")));
}

#[test]
fn the_29th_of_february_is_a_holiday_in_leap_years_only() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "Leap day", Day::Yearly { month: 2, day: 29 }, "");
    check_holiday(
        &hours,
        &[
            ("2027-02-28 12:00", true, None),
            ("2027-03-01 12:00", true, None),
            ("2028-02-28 12:00", true, None),
            ("2028-02-29 12:00", false, Some("Leap day")),
            ("2028-03-01 12:00", true, None),
        ],
    );
}

#[test]
fn the_packs_name_the_days_of_2026() {
    let of = |country: &str| {
        let pack = packs::all().into_iter().find(|pack| pack.country == country).expect("a pack");
        let mut days: Vec<String> =
            pack.holidays.iter().filter_map(|holiday| Some(holiday.day.in_year(2026)?.to_string())).collect();
        days.sort_unstable();
        days.into_iter().map(|day| day.trim_start_matches("2026-").to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (country, days) in [
        ("US", "01-01 01-19 02-16 05-25 06-19 07-04 09-07 10-12 11-11 11-26 12-25"),
        ("GB", "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-26"),
        ("AU", "01-01 01-26 04-03 04-06 04-25 12-25 12-26"),
    ] {
        assert_eq!(of(country), days, "{country}");
    }
}

#[test]
fn every_pack_is_accepted_as_holidays() {
    for pack in packs::all() {
        let patch = json!({"hours": {"holidays": pack.holidays}});
        let settings = Settings::default().patched(&patch).expect("valid");
        assert_eq!(settings.hours.holidays, pack.holidays, "{}", pack.country);
    }
}

#[test]
fn closing_early_beats_the_hours_and_ends_by_itself() {
    let hours = closed_until(hours(ALL_ROUND), "2026-06-10 15:00");
    check(
        &hours,
        NEW_YORK,
        &[
            ("2026-06-10 14:59:59.999", false),
            ("2026-06-10 15:00", true),
            // Nobody has to take it back.
            ("2026-06-11 12:00", true),
        ],
    );
    check_next(
        &hours,
        NEW_YORK,
        &[("2026-06-10 14:00", Some("2026-06-10 15:00")), ("2026-06-10 15:00", None)],
    );
    let zone = zone(NEW_YORK);
    let table = Timetable { hours: &hours, week: &hours.week, zone: &zone };
    let until = moment("2026-06-10 15:00", &zone);
    assert_eq!(table.at(until.plus_ms(-1)).closed_early, Some(until));
    assert_eq!(table.at(until).closed_early, None);
}

#[test]
fn closing_early_never_opens() {
    let hours = closed_until(hours(NINE_TO_FIVE), "2026-06-11 00:00");
    check(&hours, NEW_YORK, &[("2026-06-10 16:00", false), ("2026-06-11 00:00", false)]);
    check_next(
        &hours,
        NEW_YORK,
        &[("2026-06-10 16:00", Some("2026-06-11 09:00")), ("2026-06-11 00:00", Some("2026-06-11 09:00"))],
    );
}

#[test]
fn today_ends_at_midnight() {
    check_end_of_today(
        &hours(NINE_TO_FIVE),
        NEW_YORK,
        &[
            ("2026-06-10 00:00", "2026-06-11 00:00"),
            ("2026-06-10 14:00", "2026-06-11 00:00"),
            ("2026-06-10 23:59:59.999", "2026-06-11 00:00"),
        ],
    );
    check_end_of_today(&only(2, "18:00-24:00"), NEW_YORK, &[("2026-06-10 19:00", "2026-06-11 00:00")]);
    check_end_of_today(&hours(CLOSED), NEW_YORK, &[("2026-06-10 19:00", "2026-06-11 00:00")]);
    check_end_of_today(&hours(ALL_ROUND), NEW_YORK, &[("2026-06-10 19:00", "2026-06-11 00:00")]);
    // No clock in Cairo shows this midnight: the day begins at one.
    check_end_of_today(&hours(NINE_TO_FIVE), CAIRO, &[("2026-04-23 14:00", "2026-04-24 01:00+03:00")]);
    // After Thursday there came a Saturday.
    check_end_of_today(&hours(NINE_TO_FIVE), APIA, &[("2011-12-29 14:00", "2011-12-31 00:00+14:00")]);
}

#[test]
fn today_ends_with_the_shift_that_is_open_over_midnight() {
    check_end_of_today(
        &only(2, "09:00-12:00 22:00-06:00"),
        NEW_YORK,
        &[
            ("2026-06-10 10:00", "2026-06-11 06:00"),
            ("2026-06-10 23:00", "2026-06-11 06:00"),
            ("2026-06-11 10:00", "2026-06-12 00:00"),
        ],
    );
    // The last of several counts.
    let three = only(2, "20:00-02:00 22:00-06:00 23:00-01:00");
    check_end_of_today(&three, NEW_YORK, &[("2026-06-10 21:00", "2026-06-11 06:00")]);
    // Closing early a second time ends no later.
    let twice = closed_until(only(2, "22:00-06:00"), "2026-06-11 06:00");
    check_end_of_today(&twice, NEW_YORK, &[("2026-06-10 23:00", "2026-06-11 06:00")]);
}

#[test]
fn today_does_not_end_with_tomorrows_hours() {
    // Today's shift is over at six; what opens then is tomorrow's.
    let handed_over = hours(["22:00-06:00", "06:00-14:00", "", "", "", "", ""]);
    check_end_of_today(&handed_over, NEW_YORK, &[("2026-06-08 23:00", "2026-06-09 06:00")]);
    // Today is over at midnight, when tomorrow's own hours begin.
    let days = "00:00-24:00";
    let weekdays = hours([days, days, days, days, days, "", ""]);
    check_end_of_today(&weekdays, NEW_YORK, &[("2026-06-08 12:00", "2026-06-09 00:00")]);
}

#[test]
fn a_shift_whose_end_is_skipped_ends_when_the_clock_jumps() {
    // Saturday's ends at 02:30, which New York skips; Sunday's begins when the clock shows three.
    let hours = hours(["", "", "", "", "", "22:00-02:30", "03:00-12:00"]);
    check_end_of_today(&hours, NEW_YORK, &[("2026-03-07 23:00", "2026-03-08 03:00-04:00")]);
    check_end_of_today(&only(3, "22:00-00:30"), CAIRO, &[("2026-04-23 23:00", "2026-04-24 01:00+03:00")]);
    check_end_of_today(&only(3, "22:00-02:00"), APIA, &[("2011-12-29 23:00", "2011-12-31 00:00+14:00")]);
    // An end that comes twice is over the second time.
    check_end_of_today(&only(5, "22:00-01:30"), NEW_YORK, &[("2026-10-31 23:00", "2026-11-01 01:30-05:00")]);
}

#[test]
fn an_hour_that_is_skipped_does_not_come() {
    // In New York it is three o'clock one minute after 01:59.
    let hours = only(SUNDAY, "02:30-04:00");
    check(
        &hours,
        NEW_YORK,
        &[
            ("2026-03-08 01:59:59.999-05:00", false),
            ("2026-03-08 03:00-04:00", true),
            ("2026-03-08 03:59-04:00", true),
            ("2026-03-08 04:00-04:00", false),
        ],
    );
    check_next(
        &hours,
        NEW_YORK,
        &[
            ("2026-03-07 12:00", Some("2026-03-08 03:00-04:00")),
            ("2026-03-08 03:00-04:00", Some("2026-03-08 04:00-04:00")),
        ],
    );
    // One that lies in it whole is left out, and so is the end of one.
    check_next(
        &only(SUNDAY, "02:00-03:00"),
        NEW_YORK,
        &[("2026-03-07 12:00", Some("2026-03-15 02:00")), ("2026-03-15 02:00", Some("2026-03-15 03:00"))],
    );
    check_next(
        &only(SUNDAY, "01:00-02:30"),
        NEW_YORK,
        &[("2026-03-08 01:00-05:00", Some("2026-03-08 03:00-04:00"))],
    );
}

#[test]
fn an_hour_that_comes_twice_counts_twice() {
    let hours = only(SUNDAY, "01:00-01:30");
    check(
        &hours,
        NEW_YORK,
        &[
            ("2026-11-01 00:59:59.999-04:00", false),
            ("2026-11-01 01:00-04:00", true),
            ("2026-11-01 01:29-04:00", true),
            ("2026-11-01 01:30-04:00", false),
            ("2026-11-01 01:59-04:00", false),
            ("2026-11-01 01:00-05:00", true),
            ("2026-11-01 01:29-05:00", true),
            ("2026-11-01 01:30-05:00", false),
        ],
    );
    check_next(
        &hours,
        NEW_YORK,
        &[
            ("2026-10-31 12:00", Some("2026-11-01 01:00-04:00")),
            ("2026-11-01 01:00-04:00", Some("2026-11-01 01:30-04:00")),
            ("2026-11-01 01:30-04:00", Some("2026-11-01 01:00-05:00")),
            ("2026-11-01 01:00-05:00", Some("2026-11-01 01:30-05:00")),
        ],
    );
    // What ends at two is open through both.
    check_next(
        &only(SUNDAY, "01:00-02:00"),
        NEW_YORK,
        &[("2026-11-01 01:00-04:00", Some("2026-11-01 02:00-05:00"))],
    );
}

#[test]
fn half_an_hour_is_enough_to_come_twice_or_not_at_all() {
    let fold = only(SUNDAY, "01:30-01:45");
    check(
        &fold,
        LORD_HOWE,
        &[
            ("2026-04-05 01:29+11:00", false),
            ("2026-04-05 01:30+11:00", true),
            ("2026-04-05 01:45+11:00", false),
            ("2026-04-05 01:59+11:00", false),
            ("2026-04-05 01:30+10:30", true),
            ("2026-04-05 01:45+10:30", false),
        ],
    );
    check_next(&fold, LORD_HOWE, &[("2026-04-05 01:45+11:00", Some("2026-04-05 01:30+10:30"))]);
    let gap = only(SUNDAY, "02:15-02:45");
    check(
        &gap,
        LORD_HOWE,
        &[
            ("2026-10-04 01:59+10:30", false),
            ("2026-10-04 02:30+11:00", true),
            ("2026-10-04 02:44+11:00", true),
            ("2026-10-04 02:45+11:00", false),
        ],
    );
    check_next(&gap, LORD_HOWE, &[("2026-10-03 12:00", Some("2026-10-04 02:30+11:00"))]);
}

#[test]
fn the_clock_may_go_back_for_the_fast_and_on_after_it() {
    // Morocco's winter time is the month of Ramadan: in 2024 from the 10th of March to the 14th of April.
    let hours = only(SUNDAY, "02:00-03:00");
    check(
        &hours,
        CASABLANCA,
        &[
            ("2024-03-10 01:59+01:00", false),
            ("2024-03-10 02:00+01:00", true),
            ("2024-03-10 02:59+01:00", true),
            ("2024-03-10 02:00+00:00", true),
            ("2024-03-10 02:59+00:00", true),
            ("2024-03-10 03:00+00:00", false),
            ("2024-04-14 01:59+00:00", false),
            ("2024-04-14 03:00+01:00", false),
        ],
    );
    check_next(
        &hours,
        CASABLANCA,
        &[
            ("2024-03-10 02:00+01:00", Some("2024-03-10 03:00+00:00")),
            ("2024-04-13 12:00", Some("2024-04-21 02:00+01:00")),
        ],
    );
}

#[test]
fn midnight_may_be_skipped_or_come_late() {
    // Thursday's night: in April it loses its first hour after midnight, in October eleven comes twice.
    let hours = only(3, "23:30-00:30");
    check(
        &hours,
        CAIRO,
        &[
            ("2024-04-25 23:59+02:00", true),
            ("2024-04-26 01:00+03:00", false),
            ("2024-10-31 23:30+03:00", true),
            ("2024-10-31 23:59+03:00", true),
            ("2024-10-31 23:00+02:00", false),
            ("2024-10-31 23:30+02:00", true),
            ("2024-11-01 00:29+02:00", true),
            ("2024-11-01 00:30+02:00", false),
        ],
    );
    check_next(
        &hours,
        CAIRO,
        &[
            ("2024-04-25 23:30+02:00", Some("2024-04-26 01:00+03:00")),
            ("2024-10-31 23:30+03:00", Some("2024-10-31 23:00+02:00")),
        ],
    );
}

#[test]
fn a_day_that_never_was_has_no_hours() {
    // Samoa went from Thursday the 29th to Saturday the 31st of December 2011.
    check_next(&only(4, "09:00-17:00"), APIA, &[("2011-12-29 12:00", Some("2012-01-06 09:00+14:00"))]);
    let thursday = only(3, "22:00-02:00");
    check(&thursday, APIA, &[("2011-12-29 23:59:59.999-10:00", true), ("2011-12-31 00:00+14:00", false)]);
    check_next(&thursday, APIA, &[("2011-12-29 22:00", Some("2011-12-31 00:00+14:00"))]);
    // The end of Friday's shift is on a Saturday, which did come.
    let friday = only(4, "22:00-02:00");
    check(&friday, APIA, &[("2011-12-31 01:59+14:00", true), ("2011-12-31 02:00+14:00", false)]);
}

#[test]
fn quarters_of_an_hour_to_utc_are_kept() {
    let hours = hours(NINE_TO_FIVE);
    check(
        &hours,
        KATHMANDU,
        &[
            ("2026-06-10T03:14:59Z", false),
            ("2026-06-10T03:15Z", true),
            ("2026-06-10T11:14Z", true),
            ("2026-06-10T11:15Z", false),
        ],
    );
    check_next(&hours, KATHMANDU, &[("2026-06-10 17:00", Some("2026-06-11T03:15Z"))]);
}

#[test]
fn what_never_changes_has_no_next_change() {
    check_next(&hours(CLOSED), NEW_YORK, &[("2026-06-10 12:00", None)]);
    check_next(&hours(ALL_ROUND), NEW_YORK, &[("2026-06-10 12:00", None)]);
    let past = with_holiday(hours(CLOSED), "Fair", once("2026-06-09"), "09:00-17:00");
    check_next(
        &past,
        NEW_YORK,
        &[("2026-06-08 12:00", Some("2026-06-09 09:00")), ("2026-06-09 17:00", None)],
    );
    // The end of closing early opens nothing that is shut anyway.
    check_next(&closed_until(hours(CLOSED), "2026-06-11 12:00"), NEW_YORK, &[("2026-06-10 12:00", None)]);
}

#[test]
fn what_opens_once_a_year_is_found() {
    let fair = with_holiday(hours(CLOSED), "Fair", Day::Yearly { month: 12, day: 25 }, "10:00-11:00");
    check_next(
        &fair,
        NEW_YORK,
        &[("2026-12-25 10:59", Some("2026-12-25 11:00")), ("2026-12-25 11:00", Some("2027-12-25 10:00"))],
    );
    let shut = with_holiday(hours(ALL_ROUND), "Day off", Day::Easter { offset: 0 }, "");
    check_next(
        &shut,
        NEW_YORK,
        &[("2026-04-06 12:00", Some("2027-03-28 00:00")), ("2027-03-28 00:00", Some("2027-03-29 00:00"))],
    );
}

#[test]
fn a_line_may_keep_a_week_of_its_own() {
    let all = with_holiday(hours(NINE_TO_FIVE), "Closed", once("2026-06-11"), "");
    let own = hours(["20:00-22:00"; 7]).week;
    let zone = zone(NEW_YORK);
    let table = Timetable { hours: &all, week: &own, zone: &zone };
    for (shown, open) in [
        ("2026-06-10 12:00", false),
        ("2026-06-10 21:00", true),
        // The holidays are everybody's.
        ("2026-06-11 21:00", false),
    ] {
        assert_eq!(table.at(moment(shown, &zone)).open, open, "{shown}");
    }
}

#[test]
fn the_edges_of_time_are_no_trouble() {
    let hours = with_holiday(hours(NINE_TO_FIVE), "Easter", Day::Easter { offset: -366 }, "22:00-02:00");
    for place in [NEW_YORK, APIA, "UTC"] {
        let zone = zone(place);
        let table = Timetable { hours: &hours, week: &hours.week, zone: &zone };
        for edge in [Timestamp::MIN.as_millisecond(), Timestamp::MAX.as_millisecond(), i64::MIN, i64::MAX, 0]
        {
            let now = Moment(edge);
            table.at(now);
            table.next_change(now);
            table.end_of_today(now);
        }
    }
}
