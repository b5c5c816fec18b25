//! Whether Twilio takes our sign-in.

use super::{known::Known, words::Subject};
use crate::view::{Check, Place};
use ringdesk_twilio::error::RestError;

const SUBJECT: Subject = Subject {
    id: "credentials",
    title: "Twilio sign-in",
    why: "Without it no text leaves, nothing is fetched from Twilio, and the line can’t be looked after.",
};

pub(super) fn check(known: &Known) -> Check {
    let Some(live) = &known.live else {
        let why = if known.connected { "Twilio wasn’t asked." } else { "No account is connected." };
        return SUBJECT.unknown(why);
    };
    match &live.sign_in {
        Ok(()) => SUBJECT.pass("Accepted"),
        Err(RestError::Refused { status: 401, code }) => SUBJECT
            .fail(
                "Twilio no longer accepts it",
                "The token may have been changed at Twilio. New texts wait until you reconnect.",
            )
            .leads("Reconnect", Place::Account)
            .detailed(vec![format!("Twilio’s error {code}")]),
        Err(RestError::Refused { status: 403, code }) => SUBJECT
            .fail(
                "Twilio knows it, but doesn’t let it do anything",
                "The account may be suspended, or the API key a restricted one. Twilio’s console tells.",
            )
            .leads("Reconnect", Place::Account)
            .detailed(vec![format!("Twilio’s error {code}")]),
        Err(error) => SUBJECT
            .warn(
                "Twilio doesn’t answer right now",
                "Check the internet connection. Ringdesk goes on trying by itself.",
            )
            .detailed(vec![error.to_string()]),
    }
}
