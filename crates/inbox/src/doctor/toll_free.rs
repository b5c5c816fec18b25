//! Whether toll-free lines are verified for texts.

use super::{
    known::Known,
    words::{Subject, discreet},
};
use crate::view::Check;
use ringdesk_store::Line;
use ringdesk_twilio::rest::TollFree;

const SUBJECT: Subject = Subject {
    id: "toll_free",
    title: "Toll-free verification",
    why: "Texts from a toll-free number are blocked until carriers have verified who uses it and for what.",
};

const HINT: &str = "Hand it in at Twilio, under Messaging and Regulatory Compliance. It takes some days.";
const CORRECT: &str = "Twilio’s console says why, under Messaging. Correct it and hand it in again.";
const WAIT: &str = "There is nothing to do but wait. Calls work meanwhile.";

pub(super) fn check(known: &Known) -> Check {
    if known.is_practice() {
        return SUBJECT.unknown("A practice line needs none.");
    }
    let lines = known.toll_free_lines();
    if lines.is_empty() {
        return SUBJECT.pass("You have no toll-free line");
    }
    let all = match known.asked(|live| &live.toll_free) {
        Ok(all) => all,
        Err(why) => return SUBJECT.unknown(why),
    };
    let details = all
        .iter()
        .map(|one| {
            let why = one.rejection_reason.as_deref().map(|why| format!(" ({})", discreet(why)));
            let why = why.unwrap_or_default();
            format!("{}: {}{why}", one.sid, one.status)
        })
        .collect();
    // The worst of them is what is said.
    let worst = lines.iter().map(|line| (state(all, line), line)).max_by_key(|(state, _)| *state);
    let Some((state, line)) = worst else { return SUBJECT.pass("You have no toll-free line") };
    let number = known.display(line.number.as_str());
    let check = match state {
        State::Approved => SUBJECT.pass("Verified"),
        State::UnderReview => {
            SUBJECT.warn(format!("{number} is under review. Its texts are blocked until then"), WAIT)
        }
        State::Missing => {
            SUBJECT.warn(format!("{number} isn’t verified. Its texts are blocked until then"), HINT)
        }
        State::Rejected => SUBJECT.fail(format!("{number} was refused: its texts are blocked"), CORRECT),
    };
    check.detailed(details)
}

/// How far a number's verification is, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Approved,
    UnderReview,
    Missing,
    Rejected,
}

fn state(all: &[TollFree], line: &Line) -> State {
    let of_line =
        |one: &&TollFree| Some(one.tollfree_phone_number_sid.as_str()) == line.provider_sid.as_deref();
    let states = all.iter().filter(of_line).map(|one| match one.status.as_str() {
        "TWILIO_APPROVED" => State::Approved,
        "TWILIO_REJECTED" => State::Rejected,
        _ => State::UnderReview,
    });
    // One that was refused and handed in again is under review.
    states.min().unwrap_or(State::Missing)
}
