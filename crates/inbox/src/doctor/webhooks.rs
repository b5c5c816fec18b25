//! Whether what arrives on the lines is sent here, and in the way we expect it.

use super::{
    known::Known,
    words::{Subject, discreet, listed},
};
use crate::view::{Check, FieldChange, NumberPlan};

const SUBJECT: Subject = Subject {
    id: "webhooks",
    title: "Texts and calls come here",
    why: "Each number at Twilio has the addresses its texts and calls go to. Where they aren’t ours, \
          customers write and call, and nothing shows up.",
};

/// Where one of these differs, customers do not get through.
const FIRST: [&str; 4] = ["SmsUrl", "SmsMethod", "VoiceUrl", "VoiceMethod"];
const BACKUP: [&str; 2] = ["VoiceFallbackUrl", "VoiceFallbackMethod"];

pub(super) fn check(known: &Known) -> Check {
    let plan = match known.asked(|live| &live.plan) {
        Ok(plan) => plan,
        Err(why) => return SUBJECT.unknown(why),
    };
    if plan.address.is_none() {
        return SUBJECT.unknown("There is no address they could go to yet.");
    }
    if plan.numbers.is_empty() {
        return SUBJECT.unknown("No number of the account is a line.");
    }
    // What the sleep backup's own check is about is not told twice.
    let backup = known.settings.sleep_backup.on;
    let changes: Vec<(&NumberPlan, &FieldChange)> = plan
        .numbers
        .iter()
        .flat_map(|number| number.changes.iter().map(move |change| (number, change)))
        .filter(|(_, change)| !(backup && BACKUP.contains(&change.field.as_str())))
        .collect();
    if changes.is_empty() {
        let lines: Vec<String> = plan.numbers.iter().map(|number| number.display.clone()).collect();
        return SUBJECT.pass(format!("From {}", listed(&lines)));
    }
    let details = changes.iter().map(|(number, change)| told(number, change)).collect();
    let first: Vec<&(&NumberPlan, &FieldChange)> =
        changes.iter().filter(|(_, change)| FIRST.contains(&change.field.as_str())).collect();
    let mut lost: Vec<String> = first.iter().map(|(number, _)| number.display.clone()).collect();
    lost.dedup();
    let wrong = |what: &str| first.iter().any(|(_, change)| change.field.starts_with(what));
    let title = match (wrong("Sms"), wrong("Voice")) {
        (true, true) => "Texts and calls go somewhere else",
        (true, false) => "Texts go somewhere else",
        (false, true) => "Calls go somewhere else",
        (false, false) => SUBJECT.title,
    };
    let hint = "Point the lines here. What was set before is kept and can be put back.";
    let subject = SUBJECT.titled(title);
    let check = if lost.is_empty() {
        subject.warn("They do, but not all that belongs to it is set as it should be", hint)
    } else {
        subject.fail(format!("What comes in on {} isn’t sent here as it should be", listed(&lost)), hint)
    };
    check.mends("Point the lines here").detailed(details)
}

fn told(number: &NumberPlan, change: &FieldChange) -> String {
    let or_nothing = |value: &str| if value.is_empty() { "nothing".to_owned() } else { discreet(value) };
    format!(
        "{} {}: {}, not {}",
        number.display,
        change.field,
        or_nothing(&change.now),
        or_nothing(&change.then)
    )
}
