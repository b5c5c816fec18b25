//! Whether voicemail can be heard.

use super::{
    known::Known,
    words::{Subject, counted},
};
use crate::view::{Check, Place};

const SUBJECT: Subject = Subject {
    id: "audio",
    title: "Sound",
    why: "Voicemail is played on this computer’s loudspeaker or headphones.",
};

pub(super) fn check(known: &Known) -> Check {
    match known.computer.outputs {
        None => SUBJECT.unknown("There is no window here that plays anything."),
        Some(0) => SUBJECT
            .warn(
                "This computer has no sound output",
                "Connect a loudspeaker or headphones. Voicemail can be read where it is written down.",
            )
            .leads("Look at the sound", Place::Sound),
        Some(outputs) => {
            let outputs = u64::try_from(outputs).unwrap_or(u64::MAX);
            SUBJECT.pass(counted(outputs, "output", "outputs"))
        }
    }
}
