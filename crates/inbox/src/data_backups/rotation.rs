//! Which backups are kept: one of each of the last seven days, and one of each of the last four weeks.

use super::manifest::Backup;
use crate::view::BackupReason;
use ringdesk_domain::Moment;
use std::collections::BTreeSet;

pub(super) const DAY_MS: i64 = 24 * 60 * 60_000;
const DAYS: i64 = 7;
const WEEKS: i64 = 4;

/// The names of those of a folder that are no longer kept. Of a day, and of a week, the newest sound one stays;
/// what was made before an update for a week; and the newest sound one of all in any case, unless a newer one
/// is kept elsewhere (`newest` is false).
pub(super) fn outdated(backups: &[Backup], newest: bool, now: Moment) -> Vec<String> {
    let mut sound: Vec<&Backup> = backups.iter().filter(|backup| backup.is_sound()).collect();
    sound.sort_by_key(|backup| std::cmp::Reverse((backup.at, backup.name.clone())));
    let (mut days, mut weeks, mut kept) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for (place, backup) in sound.iter().enumerate() {
        // What a clock that was wrong put into the future takes no day of its own from anybody.
        let past = backup.at <= now;
        let (day, week) = (back(now, backup.at, DAY_MS), back(now, backup.at, 7 * DAY_MS));
        let of_day = past && day < DAYS && days.insert(day);
        let of_week = past && week < WEEKS && weeks.insert(week);
        let before_update = day < DAYS && backup.reason() == Some(BackupReason::Update);
        if (newest && place == 0) || of_day || of_week || before_update {
            kept.insert(backup.name.as_str());
        }
    }
    // One that is damaged may still hold what nothing else does: it goes with its week.
    let some_sound = !newest || !sound.is_empty();
    let goes = |backup: &&Backup| {
        let expired = if backup.is_sound() {
            !kept.contains(backup.name.as_str())
        } else {
            back(now, backup.at, DAY_MS) >= DAYS && !kept.contains(backup.name.as_str())
        };
        some_sound && expired
    };
    backups.iter().filter(goes).map(|backup| backup.name.clone()).collect()
}

/// How many days or weeks back.
fn back(now: Moment, at: Moment, length_ms: i64) -> i64 {
    now.0.div_euclid(length_ms) - at.0.div_euclid(length_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Moment = Moment(1_795_197_600_000);

    fn made(at: Moment, reason: BackupReason, sound: bool) -> Backup {
        Backup::made_up(&format!("b{}", at.0), at, reason, sound)
    }

    /// What is there after so many days of one backup a day, and what was asked for besides.
    fn after(days: i64) -> Vec<Backup> {
        let mut there: Vec<Backup> = Vec::new();
        for day in 0..days {
            let now = T0.plus_ms(day * DAY_MS);
            there.push(made(now.plus_ms(-60_000), BackupReason::Asked, true));
            there.push(made(now, BackupReason::Daily, true));
            let outdated = outdated(&there, true, now);
            there.retain(|backup| !outdated.contains(&backup.name));
        }
        there
    }

    #[test]
    fn a_week_of_days_and_a_month_of_weeks_are_kept() {
        let there = after(60);
        let now = T0.plus_ms(59 * DAY_MS);
        let days: Vec<i64> = there.iter().map(|backup| back(now, backup.at, DAY_MS)).collect();
        assert_eq!(days[days.len() - 7..], [6, 5, 4, 3, 2, 1, 0]);
        let weeks: BTreeSet<i64> = there.iter().map(|backup| back(now, backup.at, 7 * DAY_MS)).collect();
        assert_eq!(weeks, BTreeSet::from([0, 1, 2, 3]));
        assert!((9..=11).contains(&there.len()), "{days:?}");
        assert!(there.iter().all(|backup| backup.reason() == Some(BackupReason::Daily)), "a day's last");
    }

    #[test]
    fn the_only_sound_one_stays_however_old_it_is() {
        let old = made(T0, BackupReason::Daily, true);
        let broken = made(T0.plus_ms(DAY_MS), BackupReason::Daily, false);
        let now = T0.plus_ms(400 * DAY_MS);
        let both = [old, broken];
        assert_eq!(outdated(&both, true, now), [both[1].name.clone()]);
        assert_eq!(outdated(&both[1..], true, now), Vec::<String>::new(), "nothing better is there");
        assert_eq!(outdated(&both[..1], true, now), Vec::<String>::new());
    }

    #[test]
    fn what_was_made_before_an_update_stays_for_a_week() {
        let before = made(T0, BackupReason::Update, true);
        let daily = made(T0.plus_ms(60_000), BackupReason::Daily, true);
        let all = [before.clone(), daily];
        assert_eq!(outdated(&all, true, T0.plus_ms(3 * DAY_MS)), Vec::<String>::new());
        assert_eq!(outdated(&all, true, T0.plus_ms(8 * DAY_MS)), [before.name]);
    }

    #[test]
    fn a_clock_that_was_wrong_takes_no_day_from_the_others() {
        let ahead = |days: i64| made(T0.plus_ms(days * DAY_MS), BackupReason::Daily, true);
        let (far, farther) = (ahead(3_000), ahead(3_650));
        let all = [ahead(-1), ahead(0), far.clone(), farther];
        assert_eq!(outdated(&all, true, T0), [far.name]);
    }
}
