//! Texts of which nobody knows whether they left.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "unknown_sends",
    title: "Texts we’re not sure of",
    why: "When Twilio’s answer is lost, a text may have left or not. Ringdesk looks it up and never sends it \
          twice by itself.",
};

pub(super) fn check(known: &Known) -> Check {
    let piled = match &known.piled {
        Ok(piled) => piled,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    match piled.unsettled {
        0 => SUBJECT.pass("None"),
        unsure => SUBJECT
            .warn(
                format!("{} left or not", counted(unsure, "text may have", "texts may have")),
                "Ringdesk asks Twilio for some minutes. What isn’t found by then is yours to decide.",
            )
            .leads("Show the texts", Place::Unsettled),
    }
}
