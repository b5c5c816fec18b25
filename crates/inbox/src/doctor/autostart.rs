//! Whether the line comes back by itself when the computer starts.

use super::{known::Known, words::Subject};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "autostart",
    title: "Starts with the computer",
    why: "Calls and texts reach you only while Ringdesk runs. After a restart of the computer somebody has \
          to start it, unless it starts by itself.",
};

pub(super) fn check(known: &Known) -> Check {
    match known.computer.starts_itself {
        None => SUBJECT.unknown("Whoever runs this program sees to that."),
        Some(true) => SUBJECT.pass("By itself, in the background"),
        Some(false) => SUBJECT
            .choice(
                "You start it yourself",
                "If the computer is restarted at night, nobody takes your calls until you do.",
            )
            .leads("Let it start by itself", Place::Running),
    }
}
