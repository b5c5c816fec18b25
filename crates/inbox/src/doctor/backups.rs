//! Whether there is a backup of the data that is not too old, and could be used.

use super::{
    known::{DAY_MS, Known},
    words::{Subject, long},
};
use crate::view::{Check, DataBackup, DataBackups};

const SUBJECT: Subject = Subject {
    id: "backups",
    title: "Backup of your data",
    why: "Twilio keeps texts and recordings for a while only, and your notes and contacts not at all. A disk \
          can fail any day.",
};

/// A day, and a day for a computer that was off; and where they are made by hand, a week and a day.
const OLD_DAILY_MS: i64 = 2 * DAY_MS;
const OLD_MS: i64 = 8 * DAY_MS;

pub(super) fn check(known: &Known) -> Check {
    if known.is_practice() {
        return SUBJECT.unknown("A practice line has nothing to lose.");
    }
    let backups = match &known.backups {
        Ok(backups) => backups,
        Err(why) => return SUBJECT.unknown(why.clone()),
    };
    let (newest, details) = (newest(backups), details(known, backups));
    let said = newest.map_or_else(
        || "There is none".to_owned(),
        |newest| format!("The newest one was made {} ago", long(known.now.since(newest.at))),
    );
    if let Some(problem) = &backups.problem {
        let hint = backups.hint.as_deref().unwrap_or("Try again in Settings, under Your data.");
        let said = format!("The last one couldn’t be made. {problem} {said}");
        return SUBJECT.warn(said, hint).mends("Back up now").detailed(details);
    }
    let daily = known.settings.backups.daily;
    let old_ms = if daily { OLD_DAILY_MS } else { OLD_MS };
    if newest.is_some_and(|newest| known.now.since(newest.at) <= old_ms) {
        return if backups.chosen {
            SUBJECT.pass(said).detailed(details)
        } else {
            let hint = "It helps against a broken disk, too, where a folder on another one is chosen in \
                        Settings, under Your data.";
            SUBJECT.choice(said, hint).detailed(details)
        };
    }
    let first_at = known.piled.as_ref().ok().and_then(|piled| piled.first_webhook_at);
    if newest.is_none() && first_at.is_none_or(|at| known.now.since(at) <= old_ms) {
        return SUBJECT.pass("Nothing here is old enough to need one yet");
    }
    let hint = if daily {
        "One is made every day ten minutes after Ringdesk starts, and whenever you ask for one."
    } else {
        "Switch on that one is made every day in Settings, under Your data, or make one now."
    };
    SUBJECT.warn(said, hint).mends("Back up now").detailed(details)
}

/// The newest one that could be used.
fn newest(backups: &DataBackups) -> Option<&DataBackup> {
    backups.backups.iter().find(|backup| backup.problem.is_none())
}

fn details(known: &Known, backups: &DataBackups) -> Vec<String> {
    let all = backups.backups.iter().map(|backup| {
        let ago = long(known.now.since(backup.at));
        match &backup.problem {
            Some(problem) => format!("{}, {ago} ago: {problem}", backup.name),
            None => format!("{}, {ago} ago", backup.name),
        }
    });
    std::iter::once(format!("Folder: {}", backups.folder)).chain(all).collect()
}
