//! A hint where a country is switched off at Twilio: no list of ours could know which ones should be on.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::view::Check;

const SUBJECT: Subject = Subject {
    id: "geo",
    title: "Countries",
    why: "Twilio texts and calls only the countries that are switched on for your account. That keeps others \
          from running up your bill; it also stops your own texts to a country that is off.",
};

/// A text's, a call's and a forwarded call's country is switched off. Source: Twilio's error dictionary.
const SWITCHED_OFF: [u32; 3] = [21_408, 21_215, 13_227];

pub(super) fn check(known: &Known) -> Check {
    let here = match &known.through {
        Ok(through) => through.countries,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    let there = known.asked(|live| &live.alerts).map_or(0, |alerts| {
        alerts.iter().filter(|alert| alert.code().is_some_and(|code| SWITCHED_OFF.contains(&code))).count()
    });
    // Twilio lists some of what failed here as well.
    let refused = u64::from(here).max(u64::try_from(there).unwrap_or(u64::MAX));
    if refused == 0 {
        return SUBJECT.pass("Nothing was refused for its country in 30 days");
    }
    let times = counted(refused, "text or call", "texts or calls");
    SUBJECT.warn(
        format!("{times} refused in 30 days, because the country is switched off"),
        "If you serve that country, switch it on at Twilio, under Geographic Permissions.",
    )
}
