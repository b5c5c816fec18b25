//! Whether somebody answers at Twilio while this computer is off.

use super::{known::Known, words::Subject};
use crate::view::{BackupState, Check, Place};

const SUBJECT: Subject = Subject {
    id: "fallback",
    title: "Sleep backup",
    why: "While this computer is off or away, nobody tells Twilio what to do with a call. With a backup at \
          Twilio callers leave a message, and you find it here later. Without one they hear an error.",
};

pub(super) fn check(known: &Known) -> Check {
    let backup = match &known.backup {
        Ok(backup) => backup,
        Err(why) => return SUBJECT.unknown(why.as_str()),
    };
    let hint = |otherwise: &str| backup.hint.clone().unwrap_or_else(|| otherwise.to_owned());
    let details = backup.url.iter().map(|url| format!("Hosted at {url}")).collect();
    let check = match backup.state {
        BackupState::Ready => SUBJECT.pass("Twilio takes voicemail when this computer is off"),
        BackupState::Off if known.is_practice() => SUBJECT.unknown("A practice line doesn’t need one."),
        BackupState::Off => SUBJECT
            .warn(
                "There is none: callers hear an error when this computer is off",
                "It takes a minute, and Twilio keeps it for you.",
            )
            .leads("Set up the backup", Place::Backup),
        BackupState::Missing => SUBJECT
            .fail(backup.said.as_str(), hint("Have it made at Twilio, and the lines use it from then on."))
            .mends("Make the backup"),
        // What the owner wrote into a TwiML Bin only they can change.
        BackupState::Old if backup.url.as_deref().is_some_and(|url| url.contains("/twiml/")) => SUBJECT
            .warn(backup.said.as_str(), hint("Copy the new text into it."))
            .leads("Copy the new text", Place::Backup),
        BackupState::Old => SUBJECT
            .warn(backup.said.as_str(), hint("Bring it up to date, so that callers hear what you say today."))
            .mends("Bring it up to date"),
        BackupState::Unused => {
            SUBJECT.warn(backup.said.as_str(), hint("Have every line use it.")).mends("Have the lines use it")
        }
        BackupState::Unheard => SUBJECT
            .warn(backup.said.as_str(), hint("Have it call you once, so that you know what callers hear."))
            .leads("Try the backup", Place::Backup),
        BackupState::ByHand => SUBJECT
            .warn(backup.said.as_str(), hint("Make it by hand at Twilio; Ringdesk has the text to copy."))
            .leads("Make it by hand", Place::Backup),
    };
    check.detailed(details)
}
