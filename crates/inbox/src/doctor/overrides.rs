//! Whether something set at Twilio silently beats the lines' own addresses.

use super::{
    known::Known,
    words::{Subject, discreet},
};
use crate::view::{Check, Override, OverrideKind};

const SUBJECT: Subject = Subject {
    id: "overrides",
    title: "Nothing at Twilio gets in between",
    why: "A Messaging Service, an application, a trunk or a Studio flow takes what arrives on a number, \
          whatever addresses the number itself has. Nothing tells you when that happens.",
};

pub(super) fn check(known: &Known) -> Check {
    let plan = match known.asked(|live| &live.plan) {
        Ok(plan) => plan,
        Err(why) => return SUBJECT.unknown(why),
    };
    let all: Vec<(&str, &Override)> = plan
        .numbers
        .iter()
        .flat_map(|number| number.overrides.iter().map(move |found| (number.display.as_str(), found)))
        .collect();
    let Some((number, first)) = all.first() else {
        if plan.unseen {
            return SUBJECT.warn(
                "Twilio doesn’t show the Messaging Services",
                "The API key may not see them. Use one of the kind \u{201c}Standard\u{201d}, or look at Twilio under \
                 Messaging, Services whether one of them holds your number.",
            );
        }
        return SUBJECT.pass("Nothing else answers first");
    };
    let said = match all.len() - 1 {
        0 => format!("{number}: {}", first.said),
        more => format!("{number}: {} And {more} more.", first.said),
    };
    let told =
        |(number, found): &(&str, &Override)| format!("{number} {}: {}", found.sid, discreet(&found.said));
    let details = all.iter().map(told).collect();
    let subject = SUBJECT.titled("Something at Twilio gets in between");
    let Some(mend) = all.iter().find_map(|(_, found)| found.mend.clone()) else {
        let hint = "Twilio’s console has it under the number. Take it off there, then look again.";
        return subject.fail(said, hint).detailed(details);
    };
    let one_kind = all.iter().all(|(_, found)| found.kind == first.kind);
    let label = match first.kind {
        _ if !one_kind => "Mend the lines",
        OverrideKind::MessagingService => "Let the number’s own address count",
        OverrideKind::TextApplication | OverrideKind::CallApplication => {
            "Take the application off the number"
        }
        OverrideKind::Trunk => "Take the trunk off the number",
        OverrideKind::StudioFlow => "Point the line here instead",
    };
    subject.fail(said, mend).mends(label).detailed(details)
}
