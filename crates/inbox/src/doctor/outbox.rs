//! Texts that should have left and have not.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "outbox",
    title: "Texts on their way out",
    why: "A text that waits too long may arrive when it no longer makes sense. So after a quarter of an hour \
          it waits for your word.",
};

pub(super) fn check(known: &Known) -> Check {
    let piled = match &known.piled {
        Ok(piled) => piled,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    match piled.held + piled.late {
        0 => SUBJECT.pass("None waits too long"),
        waiting => SUBJECT
            .warn(
                format!("{} too long to leave", counted(waiting, "text has waited", "texts have waited")),
                "Look at each: send it after all, or take it back.",
            )
            .leads("Show the texts", Place::Unsettled),
    }
}
