//! Whether the certificate of our address is one Twilio takes.

use super::{known::Known, words::Subject};
use crate::view::{Check, Place};
use ringdesk_twilio::knock::KnockError;

const SUBJECT: Subject = Subject {
    id: "certificate",
    title: "Certificate of the address",
    why: "Twilio speaks only to an address whose certificate is valid. Tunnels look after theirs by \
          themselves; an address of your own needs one that is renewed in time.",
};

pub(super) fn check(known: &Known) -> Check {
    let address = known.address.as_ref().ok().and_then(|now| now.address.as_deref()).unwrap_or_default();
    match &known.knock {
        Some(Err(KnockError::Certificate(wrong))) => SUBJECT
            .fail(
                format!("It isn’t accepted: {wrong}"),
                "Renew it where the address is served, or choose another way to this computer.",
            )
            .leads("Look at the address", Place::Address)
            .detailed(vec![format!("Address: {address}")]),
        Some(Ok(_)) if address.starts_with("https://") => SUBJECT.pass("Accepted at the last test call-in"),
        Some(Ok(_)) => SUBJECT.unknown("This address is on this computer and needs none."),
        Some(Err(_)) => SUBJECT.unknown("Nobody came as far as to see it."),
        None => SUBJECT.unknown("No test call-in was tried yet."),
    }
}
