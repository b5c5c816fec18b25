//! When Twilio last brought something, whether it should have since, and whether all of it is here.

use super::{
    known::{HOUR_MS, Known, MINUTE_MS, QUIET_MS},
    words::{Subject, long},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "last_event",
    title: "Something arrives",
    why: "A line on which nothing arrives looks like a quiet day. Twilio’s own list tells which it is.",
};

pub(super) fn check(known: &Known) -> Check {
    let piled = match &known.piled {
        Ok(piled) => piled,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    let last_at = piled.last_webhook_at;
    let quiet = last_at.is_none_or(|at| known.now.since(at) >= QUIET_MS);
    let there = known.asked(|live| &live.newest_there).ok().copied().flatten();
    // What came before the lines were ours was never meant to come here, and what was fetched is here.
    let since = last_at.max(piled.lines_since).max(piled.last_text_at);
    // And what it took in the same minute is the same thing.
    let missed = there.filter(|at| quiet && since.is_some_and(|since| at.since(since) > MINUTE_MS));
    if let Some(at) = missed {
        let ago = long(known.now.since(at));
        return SUBJECT
            .titled("Nothing arrives")
            .warn(
                format!("Twilio took a text for you {ago} ago, and brought nothing here"),
                "Check that the lines post here and that the address is reached. What was missed is fetched.",
            )
            .leads("Look at the lines", Place::Lines);
    }
    // Only the program that runs fetches; and where Twilio is away altogether, the sign-in says so.
    let incomplete = known.complete_to.filter(|_| known.running && known.answering);
    if let Some(behind) = incomplete.map(|at| known.now.since(at)).filter(|ms| *ms > HOUR_MS) {
        return SUBJECT.warn(
            format!("What came may not all be here: for {} Twilio’s list couldn’t be read", long(behind)),
            "Ringdesk goes on trying by itself. If it stays so, Twilio’s own log shows what is missing.",
        );
    }
    match last_at {
        Some(at) if known.now.since(at) < MINUTE_MS => SUBJECT.pass("Less than a minute ago"),
        Some(at) => SUBJECT.pass(format!("{} ago", long(known.now.since(at)))),
        None => SUBJECT.unknown("Nobody has called or texted yet."),
    }
}
