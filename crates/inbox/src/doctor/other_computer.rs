//! Whether another computer with Ringdesk answers a line.

use super::{
    known::Known,
    words::{Subject, listed},
};
use crate::view::{Answers, Check};

const SUBJECT: Subject = Subject {
    id: "other_computer",
    title: "Only this computer answers",
    why: "Twilio sends a text or a call to one address. Where two computers want the same line, each misses \
          what the other one gets.",
};

pub(super) fn check(known: &Known) -> Check {
    let answering = match known.asked(|live| &live.answering) {
        Ok(answering) => answering,
        Err(why) => return SUBJECT.unknown(why),
    };
    let elsewhere: Vec<String> = answering
        .iter()
        .filter(|(_, answers)| *answers == Answers::OtherDesk)
        .map(|(number, _)| known.display(number))
        .collect();
    match elsewhere.as_slice() {
        [] if answering.is_empty() => SUBJECT.unknown("No number of the account is a line."),
        [] => SUBJECT.pass("No other Ringdesk answers your lines"),
        numbers => SUBJECT
            .titled("Another computer answers this line")
            .fail(
                format!("{} goes to another Ringdesk", listed(numbers)),
                "Close Ringdesk there, then let this computer answer. Or take the line out here.",
            )
            .mends("Answer here instead"),
    }
}
