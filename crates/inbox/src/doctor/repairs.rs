//! Whether what Twilio has reaches this computer by itself, or had to be fetched.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "repairs",
    title: "Nothing had to be fetched late",
    why: "Twilio brings a text or a call when it happens. What doesn’t get through is fetched some minutes \
          later, and a caller doesn’t wait that long.",
};

pub(super) fn check(known: &Known) -> Check {
    let fetched = match &known.repaired {
        Ok(fetched) => *fetched,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    if fetched == 0 {
        return SUBJECT.pass("What came this week came by itself");
    }
    let rest = if fetched == 1 {
        "did not reach this computer by itself; it was fetched and is here"
    } else {
        "did not reach this computer by themselves; they were fetched and are here"
    };
    SUBJECT
        .titled("Something had to be fetched late")
        .warn(
            format!("{} of this week {rest}", counted(fetched, "text or call", "texts or calls")),
            "Look at the public address and what leads from it to this computer, such as a tunnel: now and \
             then it isn’t there.",
        )
        .leads("Look at the address", Place::Address)
}
