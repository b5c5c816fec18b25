//! Requests that were turned away because their signature was wrong, and the likely reason: our token, our
//! address, or strangers.

use super::{
    known::{HOUR_MS, Known, Live},
    words::{Subject, counted},
};
use crate::view::{Check, FieldChange, Place};
use ringdesk_twilio::{error::RestError, knock::KnockError, rest::Alert};

const SUBJECT: Subject = Subject {
    id: "signatures",
    title: "Twilio’s messages are genuine",
    why: "Twilio signs what it brings, and only what is signed right is let in. When real texts and calls \
          are turned away, the token or the address isn’t the one Twilio has.",
};

/// So many in an hour are no accident.
const BURST: u64 = 3;

/// What a number posts to, by Twilio's names.
const ADDRESSES: [&str; 4] = ["SmsUrl", "SmsFallbackUrl", "VoiceUrl", "StatusCallback"];
/// Twilio's error for an answer such as 403. Source: Twilio's error dictionary.
const NOT_ANSWERED: u32 = 11_200;

/// What is most likely wrong.
enum Likely {
    Token,
    OtherTokenThere,
    Address,
    Strangers,
    TokenOrAddress,
}

pub(super) fn check(known: &Known) -> Check {
    if !known.running {
        return SUBJECT.unknown("Only the program that answers counts them.");
    }
    let turned_away = known.wrong_signatures;
    if turned_away < BURST {
        return match turned_away {
            0 => SUBJECT.pass("None was turned away in the last hour"),
            few => SUBJECT.pass(format!("{} turned away in the last hour", counted(few, "was", "were"))),
        };
    }
    let subject = SUBJECT.titled("Messages are turned away");
    let away = format!("{turned_away} in the last hour had a wrong signature");
    // Where something was let in meanwhile, those that were not may be anybody's.
    let last_at = known.piled.as_ref().ok().and_then(|piled| piled.last_webhook_at);
    let shut = last_at.is_none_or(|at| known.now.since(at) > HOUR_MS);
    let graded =
        |said: String, hint: &str| if shut { subject.fail(said, hint) } else { subject.warn(said, hint) };
    match likely(known) {
        Likely::Token => graded(
            format!("{away}. Most likely the token was changed at Twilio"),
            "Connect the account again with the token of today.",
        )
        .leads("Reconnect", Place::Account),
        Likely::OtherTokenThere => graded(
            format!("{away}. At your address somebody answers who has another token"),
            "Check that the address leads to this computer, and that its token is the account’s own.",
        )
        .leads("Look at the address", Place::Address),
        Likely::Address => graded(
            format!("{away}. Most likely the lines post to your address under another spelling"),
            "Point the lines here: then both sides write it the same way.",
        )
        .mends("Point the lines here"),
        Likely::Strangers => subject.warn(
            format!("{away}. Token and address are right, so they are most likely strangers’"),
            "They were turned away, and there is nothing to do. If texts are missing, look at the lines.",
        ),
        Likely::TokenOrAddress => graded(
            format!("{away}. Either the token or the address isn’t the one Twilio has"),
            "Look the line over with Twilio: then the check says which.",
        ),
    }
}

fn likely(known: &Known) -> Likely {
    let sign_in = known.live.as_ref().map(|live| &live.sign_in);
    if matches!(sign_in, Some(Err(RestError::Refused { status: 401, .. }))) {
        return Likely::Token;
    }
    if known.knock == Some(Err(KnockError::Refused)) {
        return Likely::OtherTokenThere;
    }
    let Some(live) = &known.live else { return Likely::TokenOrAddress };
    let through = matches!(known.knock, Some(Ok(_)));
    let differs = |change: &FieldChange| ADDRESSES.contains(&change.field.as_str());
    match &live.plan {
        Ok(plan) if plan.numbers.iter().flat_map(|number| &number.changes).any(differs) => Likely::Address,
        // Twilio itself was turned away, at the right address.
        Ok(_) if turned_away(known, live) => Likely::Token,
        Ok(_) if through && live.sign_in.is_ok() => Likely::Strangers,
        _ => Likely::TokenOrAddress,
    }
}

/// Whether Twilio tells of this hour that its requests were not answered well.
fn turned_away(known: &Known, live: &Live) -> bool {
    let pointed_at = known.pointed_at.map_or(i64::MIN, |at| at.0);
    let since_ms = known.now.plus_ms(-HOUR_MS).0.max(pointed_at);
    let lately = |alert: &Alert| alert.generated_ms().is_some_and(|ms| ms > since_ms);
    live.alerts
        .as_ref()
        .is_ok_and(|alerts| alerts.iter().any(|alert| alert.code() == Some(NOT_ANSWERED) && lately(alert)))
}
