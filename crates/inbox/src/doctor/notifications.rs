//! Whether the owner is told of what comes while they look elsewhere.

use super::{known::Known, words::Subject};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "notifications",
    title: "Notifications",
    why: "They tell you of a text or a missed call while you are doing something else.",
};

pub(super) fn check(known: &Known) -> Check {
    let wanted = &known.settings.notifications;
    let wanted = wanted.texts || wanted.calls || wanted.failures || wanted.line;
    match known.computer.notifications {
        None => SUBJECT.unknown("There is no desktop here that shows any."),
        Some(_) if !wanted => SUBJECT
            .choice("You have turned them all off", "The number of unread texts is in the tray meanwhile.")
            .leads("Look at notifications", Place::Notifications),
        Some(true) => SUBJECT.pass("The desktop shows them"),
        Some(false) => SUBJECT
            .warn(
                "You want them, and the desktop doesn’t show any",
                "Turn them on in the system’s settings. The number of unread texts is in the tray meanwhile.",
            )
            .leads("Look at notifications", Place::Notifications),
    }
}
