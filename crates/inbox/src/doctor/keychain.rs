//! Whether the credentials will be there at the next start.

use super::{known::Known, words::Subject};
use crate::{
    Safe,
    view::{Check, Place},
};

const SUBJECT: Subject = Subject {
    id: "keychain",
    title: "Password safe",
    why: "The sign-in is kept in this computer’s password safe. Without it the line has to be connected anew \
          after the next start.",
};

pub(super) fn check(known: &Known) -> Check {
    match &known.computer.safe {
        None => SUBJECT.unknown("It wasn’t looked at."),
        Some(Safe::Keychain) => SUBJECT.pass("It holds the sign-in"),
        Some(Safe::Sealed) => SUBJECT.pass("The sign-in is in a file under your passphrase"),
        Some(Safe::Environment) => SUBJECT.pass("The sign-in comes from the environment"),
        Some(Safe::Practice) => SUBJECT.unknown("A practice line has nothing to keep there."),
        Some(Safe::Locked) => {
            SUBJECT.warn("It is locked", "Unlock it before you start Ringdesk the next time.")
        }
        Some(Safe::Absent) => SUBJECT
            .warn(
                "This computer’s password safe doesn’t answer",
                "Start it, or connect again with a passphrase: then the sign-in is kept in a sealed file.",
            )
            .leads("Reconnect", Place::Account),
        Some(Safe::Missing) => SUBJECT
            .fail(
                "It no longer holds the sign-in",
                "The line works until Ringdesk is closed. Connect it again and the sign-in is kept anew.",
            )
            .leads("Reconnect", Place::Account),
    }
}
