//! How long the token has been in use, and whether a second one was left open.

use super::{
    known::{DAY_MS, Known},
    words::{Subject, long},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "token_age",
    title: "Auth Token",
    why: "Whoever has the token can text in your name. An old one may be known to more people than you \
          think, and a second one left open is a second key to your door.",
};

const YEAR_MS: i64 = 365 * DAY_MS;
const WEEK_MS: i64 = 7 * DAY_MS;

pub(super) fn check(known: &Known) -> Check {
    if known.is_practice() {
        return SUBJECT.unknown("A practice line has none.");
    }
    if known.computer.second_token {
        let open_ms = known.second_token_since.map_or(0, |since| known.now.since(since));
        if open_ms > WEEK_MS {
            let hint = "Switch to the second one and let the first go, or drop the second.";
            return SUBJECT
                .warn(format!("A second one has been open for {}", long(open_ms)), hint)
                .leads("Finish replacing it", Place::Token);
        }
        return SUBJECT.pass("It is being replaced; both are taken");
    }
    let Some(since) = known.computer.token_since else {
        return SUBJECT.unknown("Nobody noted since when it is in use.");
    };
    let age_ms = known.now.since(since);
    if age_ms > YEAR_MS {
        let hint = "Replace it. The line goes on working meanwhile.";
        return SUBJECT.warn(format!("In use for {}", long(age_ms)), hint).leads("Replace it", Place::Token);
    }
    SUBJECT.pass(format!("In use for {}", long(age_ms)))
}
