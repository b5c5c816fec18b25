//! What a command says when it did not happen: a code for the window, words for a person.

use ringdesk_domain::{sending::Reason, settings::Invalid};
use ringdesk_inbox::{CallProblem, ContactProblem, Problem, SendProblem};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use ts_rs::TS;

/// Why a command did not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CommandError {
    /// What the window branches on.
    pub code: String,
    /// What happened, for a person.
    pub message: String,
    /// What to do next, for a person.
    pub hint: String,
}

impl CommandError {
    fn new(code: &str, message: &str, hint: &str) -> Self {
        Self { code: code.into(), message: message.into(), hint: hint.into() }
    }

    pub(crate) fn invalid(expected: &str) -> Self {
        Self::new("invalid_request", &format!("Expected {expected}."), "GET /api shows what it takes.")
    }

    pub(crate) fn unknown_command(name: &str) -> Self {
        Self::new(
            "unknown_command",
            &format!("There is no command named {name}."),
            "GET /api lists them all.",
        )
    }
}

pub(crate) fn read<T: DeserializeOwned>(request: Value) -> Result<T, CommandError> {
    let request = if request.is_null() { Value::Object(serde_json::Map::new()) } else { request };
    serde_json::from_value(request).map_err(|error| {
        CommandError::new("invalid_request", &error.to_string(), "GET /api shows what it takes.")
    })
}

pub(crate) fn write<T: Serialize>(answer: &T) -> Result<Value, CommandError> {
    serde_json::to_value(answer).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        CommandError::new("internal", "Something went wrong inside Ringdesk.", "Try once more.")
    })
}

impl From<Problem> for CommandError {
    fn from(problem: Problem) -> Self {
        match &problem {
            Problem::NotFound => Self::new("not_found", "That is no longer here.", "Refresh and try again."),
            Problem::Settings(Invalid::Number { .. }) => SendProblem::NoNumber.into(),
            Problem::Settings(invalid) => Self::new(
                "invalid_settings",
                &invalid.to_string(),
                "Nothing was changed. Correct it and try again.",
            ),
            Problem::Note => {
                Self::new("note", "That note can't be kept.", "A note has between 1 and 5,000 characters.")
            }
            Problem::Picture(why) => Self::new("picture", "That picture can't be sent.", why),
            Problem::Sound(why) => Self::new("sound", "Callers can't hear that file.", why),
            Problem::LongWords => {
                Self::new("long_words", "These words can't be kept.", "Shorten them to 20,000 characters.")
            }
            Problem::NoSound => Self::new(
                "no_sound",
                "The sound of this voicemail isn't here.",
                "It may still be on its way from Twilio. Try again in a moment.",
            ),
            Problem::NobodyWrites => Self::new(
                "nobody_writes",
                "Nobody is set to write voicemails down.",
                "Choose who does in Settings, under Voicemail.",
            ),
            Problem::Mail(problem) => Self::new(
                "email",
                &problem.to_string(),
                "Correct it under Voicemail in Settings, then try again.",
            ),
            Problem::Moment => {
                Self::new("moment", "That is no date and time.", "Write it like 2026-12-24T18:05.")
            }
            Problem::NotConnected => {
                Self::new("not_connected", "No line is connected yet.", "Connect a line in Settings first.")
            }
            Problem::Told { code, message, hint } => Self::new(code, message, hint),
            Problem::Twilio(error) => {
                tracing::warn!(%error, "Twilio could not be asked");
                Self::new("twilio", "Twilio could not be asked just now.", "Try again in a moment.")
            }
            Problem::Store(error) => {
                tracing::error!(%error, "a command could not use the store");
                Self::new(
                    "store",
                    "This could not be saved.",
                    "Check that the disk has room, then try again.",
                )
            }
            Problem::File(error) => {
                tracing::error!(%error, "a command could not use a file");
                Self::new(
                    "store",
                    "The file could not be saved.",
                    "Check that the disk has room, then try again.",
                )
            }
        }
    }
}

impl From<CallProblem> for CommandError {
    fn from(problem: CallProblem) -> Self {
        match problem {
            CallProblem::Other(problem) => problem.into(),
            CallProblem::NoPhone => Self::new(
                "no_phone",
                "There is no phone of yours to ring first.",
                "Add it in Settings, under Calls & hours.",
            ),
            CallProblem::NoWayBack => Self::new(
                "no_way_back",
                "They can't be called back.",
                "Their number is hidden or no phone's.",
            ),
            CallProblem::Refused(code) => {
                let told = ringdesk_inbox::explain_code(code);
                Self::new("call_refused", &told.0, &told.1)
            }
            CallProblem::NotSent => Self::new(
                "call_not_sent",
                "The call could not leave this computer.",
                "Check the internet connection, then call again.",
            ),
        }
    }
}

impl From<ContactProblem> for CommandError {
    fn from(problem: ContactProblem) -> Self {
        match problem {
            ContactProblem::Other(problem) => problem.into(),
            ContactProblem::NoNumber => SendProblem::NoNumber.into(),
            ContactProblem::NumberOf(name) => Self::new(
                "number_taken",
                &format!("That number is already {name}'s."),
                "If they are the same person, give both the same name first. Then add it again.",
            ),
        }
    }
}

impl From<SendProblem> for CommandError {
    fn from(problem: SendProblem) -> Self {
        let reason = match problem {
            SendProblem::Other(problem) => return problem.into(),
            SendProblem::NoNumber => {
                return Self::new(
                    "no_number",
                    "That doesn't look like a phone number.",
                    "Write it with its area code, such as (415) 555-0142.",
                );
            }
            SendProblem::ManyParts { parts, each } => {
                let price = each.map_or_else(
                    || "Each part is charged.".to_owned(),
                    |(each, unit)| format!("About {:.2} {unit} by your last texts.", each * f64::from(parts)),
                );
                let hint = format!("{price} Shorten it, or send it anyway.");
                return Self::new("many_parts", &format!("This goes out as {parts} texts."), &hint);
            }
            SendProblem::Guard(reason) => reason,
        };
        match reason {
            Reason::Empty => {
                Self::new("empty", "There is nothing to send yet.", "Write something or attach a picture.")
            }
            Reason::OptedOut => Self::new(
                "opted_out",
                "This customer has opted out of texts.",
                "You can still call. The conversation says when it was and who can undo it.",
            ),
            Reason::NoWayBack => Self::new(
                "no_way_back",
                "This sender can't be answered by text.",
                "The number is hidden or belongs to a service.",
            ),
            Reason::TooLong => {
                Self::new("too_long", "The text is over 1,600 characters.", "Shorten it or send it in two.")
            }
            Reason::TooManyPictures => Self::new(
                "too_many_pictures",
                "A text takes ten pictures at most.",
                "Send the rest in a second text.",
            ),
            Reason::Stranger => Self::new(
                "stranger",
                "You have never texted with this number.",
                "Send only if they asked you to.",
            ),
            Reason::SameAgain => Self::new(
                "same_again",
                "You sent the same words a moment ago.",
                "Send again only if you mean to.",
            ),
            Reason::QuietHours => Self::new(
                "quiet_hours",
                "These are your quiet hours, and they haven't just written to you.",
                "Send it now only if it can't wait.",
            ),
            // Told with its numbers above.
            Reason::ManyParts => Self::new("many_parts", "This goes out as many texts.", "Shorten it."),
        }
    }
}
