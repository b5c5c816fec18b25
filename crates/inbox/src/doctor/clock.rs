//! Whether our clock agrees with Twilio's.

use super::{
    known::Known,
    words::{Subject, long},
};
use crate::view::Check;

const SUBJECT: Subject = Subject {
    id: "clock",
    title: "Clock",
    why: "Opening hours, quiet hours and the times in your conversations go by this computer’s clock.",
};

/// More than this is worth a word, and more than that is wrong, in milliseconds.
const OFF_MS: i64 = 60_000;
const WRONG_MS: i64 = 5 * 60_000;
const HINT: &str = "Let this computer set its clock by itself, in its date and time settings.";

pub(super) fn check(known: &Known) -> Check {
    let ahead_ms = match known.asked(|live| &live.skew_ms) {
        Ok(ahead_ms) => *ahead_ms,
        Err(why) => return SUBJECT.unknown(why),
    };
    let off_ms = ahead_ms.saturating_abs();
    let way = if ahead_ms > 0 { "fast" } else { "slow" };
    let detail = vec![format!("{ahead_ms} ms ahead of Twilio’s")];
    if off_ms > WRONG_MS {
        SUBJECT.fail(format!("{} {way}", long(off_ms)), HINT).detailed(detail)
    } else if off_ms > OFF_MS {
        SUBJECT.warn(format!("{} {way}", long(off_ms)), HINT).detailed(detail)
    } else {
        SUBJECT.pass("Agrees with Twilio’s").detailed(detail)
    }
}
