//! Messages callers leave: when one counts as heard, and what of it can be written down.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// So much of a message has to be played before it counts as heard, in milliseconds of it.
pub const HEARD_MS: u64 = 3_000;
/// Or so much of a short one, in percent.
pub const HEARD_PERCENT: u64 = 80;

/// Whether a message was heard after so much of it was played.
pub fn counts_as_heard(played_ms: u64, length_ms: Option<u64>) -> bool {
    let most = length_ms.is_some_and(|length| length > 0 && played_ms * 100 >= length * HEARD_PERCENT);
    played_ms >= HEARD_MS || most
}

/// Who writes messages down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// Nobody.
    #[default]
    Off,
    /// Twilio, while it records.
    Twilio,
    /// A program on this computer.
    Command,
}

impl Engine {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Twilio => "twilio",
            Self::Command => "command",
        }
    }

    /// The one a stored word names.
    pub fn from_word(word: &str) -> Self {
        [Self::Twilio, Self::Command].into_iter().find(|engine| engine.word() == word).unwrap_or(Self::Off)
    }
}

/// Why there is nothing to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WritingProblem {
    /// It is shorter than Twilio writes down.
    TooShort,
    /// It is longer than Twilio writes down.
    TooLong,
    /// Twilio writes down English only.
    Language,
    /// The one who writes gave up.
    Failed,
    /// Nothing came.
    NoAnswer,
    /// The program is not there, or cannot be started.
    NoProgram,
    /// There is no sound to listen to.
    NoAudio,
}

impl WritingProblem {
    const ALL: [Self; 7] = [
        Self::TooShort,
        Self::TooLong,
        Self::Language,
        Self::Failed,
        Self::NoAnswer,
        Self::NoProgram,
        Self::NoAudio,
    ];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Language => "language",
            Self::Failed => "failed",
            Self::NoAnswer => "no_answer",
            Self::NoProgram => "no_program",
            Self::NoAudio => "no_audio",
        }
    }

    /// The one a stored word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.word() == word)
    }
}

/// Seconds of message Twilio writes down: more than the first, fewer than the second.
/// Source: Twilio's `<Record>` page, `transcribe`.
pub const TWILIO_WRITES: (u32, u32) = (2, 120);

/// Whether Twilio writes down messages in a language, as `<Say>` names it.
/// Source: Twilio's `<Record>` page, `transcribe`.
pub fn twilio_writes(language: &str) -> bool {
    language.split('-').next().is_some_and(|main| main.eq_ignore_ascii_case("en"))
}

/// Why nothing will be written down of a message, where that is known beforehand.
pub fn cannot_write(engine: Engine, seconds: Option<u32>) -> Option<WritingProblem> {
    match (engine, seconds) {
        (Engine::Twilio, Some(seconds)) if seconds <= TWILIO_WRITES.0 => Some(WritingProblem::TooShort),
        (Engine::Twilio, Some(seconds)) if seconds >= TWILIO_WRITES.1 => Some(WritingProblem::TooLong),
        _ => None,
    }
}

/// A word of a message, and when it is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Word {
    /// The word, with what is written around it.
    pub text: String,
    /// When it begins, in milliseconds of the message.
    pub start_ms: u32,
    /// When it ends.
    pub end_ms: u32,
    /// Whether whoever wrote it down was not sure.
    pub unsure: bool,
}

/// What was said in a message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The words, as a text.
    pub text: String,
    /// Each with its time, where that is known.
    pub words: Vec<Word>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heard_is_three_seconds_or_most_of_it() {
        for (played, length, heard) in [
            (0, Some(40_000), false),
            (2_999, Some(40_000), false),
            (3_000, Some(40_000), true),
            (1_599, Some(2_000), false),
            (1_600, Some(2_000), true),
            (0, Some(0), false),
            (2_999, None, false),
            (3_000, None, true),
        ] {
            assert_eq!(counts_as_heard(played, length), heard, "{played} of {length:?}");
        }
    }

    #[test]
    fn what_twilio_does_not_write_down_is_known_beforehand() {
        use WritingProblem::{TooLong, TooShort};
        for (engine, seconds, problem) in [
            (Engine::Twilio, Some(2), Some(TooShort)),
            (Engine::Twilio, Some(3), None),
            (Engine::Twilio, Some(119), None),
            (Engine::Twilio, Some(120), Some(TooLong)),
            (Engine::Twilio, None, None),
            (Engine::Command, Some(1), None),
            (Engine::Command, Some(3_600), None),
        ] {
            assert_eq!(cannot_write(engine, seconds), problem, "{engine:?} {seconds:?}");
        }
        assert!(twilio_writes("en-GB") && twilio_writes("EN-us") && !twilio_writes("de-DE"));
        for problem in WritingProblem::ALL {
            assert_eq!(WritingProblem::from_word(problem.word()), Some(problem));
        }
    }
}
