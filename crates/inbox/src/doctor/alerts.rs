//! What Twilio itself found wrong in the last 30 days, in our words.

use super::{
    known::{DAY_MS, Known},
    words::{Subject, counted, long},
};
use crate::{explain_code, view::Check};
use ringdesk_domain::Moment;
use std::{cmp::Reverse, collections::BTreeMap};

const SUBJECT: Subject = Subject {
    id: "alerts",
    title: "What Twilio noticed",
    why: "Twilio keeps a list of what went wrong for 30 days. Customers may have noticed it before you.",
};

/// What went wrong when Twilio asked us or told us something. Source: Twilio's error dictionary.
const ASKING_US: [std::ops::Range<u32>; 2] = [11_100..12_000, 12_100..12_500];

#[derive(Default)]
struct Group {
    count: u64,
    last_at: Moment,
}

pub(super) fn check(known: &Known) -> Check {
    let alerts = match known.asked(|live| &live.alerts) {
        Ok(alerts) => alerts,
        Err(why) => return SUBJECT.unknown(why),
    };
    let mut groups: BTreeMap<u32, Group> = BTreeMap::new();
    for alert in alerts {
        let Some(code) = alert.code() else { continue };
        let group = groups.entry(code).or_default();
        group.count += 1;
        group.last_at = group.last_at.max(Moment(alert.generated_ms().unwrap_or_default()));
    }
    let mut newest: Vec<(&u32, &Group)> = groups.iter().collect();
    newest.sort_by_key(|(_, group)| Reverse(group.last_at));
    let Some((code, last)) = newest.first() else { return SUBJECT.pass("Nothing in 30 days") };
    let details = newest
        .iter()
        .map(|(code, group)| {
            let ago = long(known.now.since(group.last_at));
            format!(
                "{code}: {} {}, last {ago} ago",
                explain_code(**code).0,
                counted(group.count, "time", "times")
            )
        })
        .collect();
    // What was before the last thing that came through is over, unless it was today.
    let came_at = known.piled.as_ref().ok().and_then(|piled| piled.last_webhook_at);
    let goes_on = |group: &Group| {
        known.now.since(group.last_at) < DAY_MS || came_at.is_none_or(|came_at| group.last_at > came_at)
    };
    let asking_us = |code: u32| ASKING_US.iter().any(|range| range.contains(&code));
    let failing = newest.iter().find(|(code, group)| asking_us(**code) && goes_on(group));
    if let Some((code, group)) = failing {
        let (what, next) = explain_code(**code);
        let ago = long(known.now.since(group.last_at));
        return SUBJECT
            .warn(format!("{what} {}, last {ago} ago", counted(group.count, "time", "times")), next)
            .detailed(details);
    }
    let count = groups.values().map(|group| group.count).sum::<u64>();
    let ago = long(known.now.since(last.last_at));
    let said = format!(
        "{} in 30 days, last {ago} ago: {}",
        counted(count, "notice", "notices"),
        explain_code(**code).0
    );
    SUBJECT.pass(said).detailed(details)
}
