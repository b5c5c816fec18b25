//! Whether a customer may be texted, read from what they wrote and what Twilio reported.
//! Sources: Twilio's default opt-out keywords (with REVOKE and OPTOUT, 2025); 47 CFR 64.1200(a)(10).

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What a customer's words mean for consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Opts out.
    Stop,
    /// Opts in again.
    Start,
    /// A bare YES: opts in only where Twilio says so; from an opted-out person we ask.
    Yes,
    /// Asks for help; Twilio answers.
    Help,
    /// Not a keyword, but sounds like "leave me alone": suggested to the owner.
    SoundsLikeStop,
    /// Nothing to do with consent.
    Nothing,
}

const STOP: [&str; 12] = [
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "OPT OUT",
    "ARRET",
    "ARRETE",
    "ARRETT",
];
const START: [&str; 2] = ["START", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// Wordings that count as "any reasonable means" of opting out, in lower case.
const SOUNDS_LIKE_STOP: [&str; 12] = [
    "stop texting",
    "stop messaging",
    "stop contacting",
    "stop sending",
    "dont text me",
    "do not text me",
    "dont message me",
    "no more texts",
    "remove me",
    "take me off",
    "unsubscribe me",
    "wrong number",
];

/// Reads a customer's words. The whole message must be the keyword; case, surrounding space,
/// punctuation and emoji do not matter.
pub fn read(body: &str) -> Word {
    // A keyword is short; a long message is only searched for wording.
    if body.len() <= 64 {
        let bare: String = body
            .chars()
            .filter(|c| c.is_alphanumeric() || c.is_whitespace())
            .collect::<String>()
            .to_uppercase()
            .replace(['É', 'Ê'], "E");
        let bare = bare.split_whitespace().collect::<Vec<_>>().join(" ");
        let is = |words: &[&str]| words.contains(&bare.as_str());
        if is(&STOP) {
            return Word::Stop;
        }
        if is(&START) {
            return Word::Start;
        }
        if bare == "YES" {
            return Word::Yes;
        }
        if is(&HELP) {
            return Word::Help;
        }
    }
    let plain = body.to_lowercase().replace(['\'', '’'], "");
    if SOUNDS_LIKE_STOP.iter().any(|phrase| plain.contains(phrase)) {
        Word::SoundsLikeStop
    } else {
        Word::Nothing
    }
}

/// Reads Twilio's `OptOutType`, which wins over our own reading where it is present.
pub fn from_opt_out_type(value: &str) -> Option<Word> {
    match value {
        "STOP" => Some(Word::Stop),
        "START" => Some(Word::Start),
        "HELP" => Some(Word::Help),
        _ => None,
    }
}

/// Whether a customer may be texted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nothing is known: never wrote, never refused.
    #[default]
    Unknown,
    /// They wrote or opted in.
    Given,
    /// They said stop, or the owner marked them.
    OptedOut,
}

/// One line of the consent ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ConsentEvent {
    /// Wrote to us first.
    WroteFirst,
    /// A stop word.
    StopWord,
    /// A start word.
    StartWord,
    /// A bare YES while opted out; the owner is asked.
    YesWhileOut,
    /// Wording that sounds like stop; the owner is asked.
    StopSuggested,
    /// Twilio refused a text because they opted out (21610).
    TwilioRefused,
    /// The owner marked them as opted out.
    OwnerOptedOut,
    /// The owner took their own mark back.
    OwnerTookBack,
    /// The owner knows that the bare YES meant texts.
    OwnerConfirmed,
}

impl ConsentEvent {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::WroteFirst => "wrote_first",
            Self::StopWord => "stop_word",
            Self::StartWord => "start_word",
            Self::YesWhileOut => "yes_while_out",
            Self::StopSuggested => "stop_suggested",
            Self::TwilioRefused => "twilio_refused",
            Self::OwnerOptedOut => "owner_opted_out",
            Self::OwnerTookBack => "owner_took_back",
            Self::OwnerConfirmed => "owner_confirmed",
        }
    }
}

/// What the owner may write to undo an opt-out, by the newest word in the ledger: take back their own
/// mark, or confirm a bare YES. A STOP is the customer's alone to undo.
pub fn owner_may_undo(newest: &str) -> Option<ConsentEvent> {
    [
        (ConsentEvent::OwnerOptedOut, ConsentEvent::OwnerTookBack),
        (ConsentEvent::YesWhileOut, ConsentEvent::OwnerConfirmed),
    ]
    .into_iter()
    .find_map(|(told, answer)| (told.word() == newest).then_some(answer))
}

/// What a customer's text does to the ledger: the event to write, if any, and where they stand after.
pub fn after_text(before: Consent, word: Word) -> (Option<ConsentEvent>, Consent) {
    match (before, word) {
        (_, Word::Stop) => (Some(ConsentEvent::StopWord), Consent::OptedOut),
        (Consent::OptedOut, Word::Start) => (Some(ConsentEvent::StartWord), Consent::Given),
        (Consent::OptedOut, Word::Yes) => (Some(ConsentEvent::YesWhileOut), Consent::OptedOut),
        (Consent::OptedOut, _) => (None, Consent::OptedOut),
        (now, Word::SoundsLikeStop) => {
            (Some(ConsentEvent::StopSuggested), if now == Consent::Unknown { Consent::Given } else { now })
        }
        (Consent::Unknown, _) => (Some(ConsentEvent::WroteFirst), Consent::Given),
        (Consent::Given, _) => (None, Consent::Given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: Word) {
        assert_eq!(read(body), expected, "{body:?}");
    }

    #[test]
    fn keywords_are_whole_messages() {
        for word in [
            "STOP",
            "stop",
            " Stop. ",
            "STOP!!! 🛑",
            "stopall",
            "Unsubscribe",
            "cancel",
            "end",
            "quit",
            "revoke",
            "OPTOUT",
            "opt out",
            "arrêt",
        ] {
            check(word, Word::Stop);
        }
        for word in ["start", "UNSTOP"] {
            check(word, Word::Start);
        }
        check("Yes!", Word::Yes);
        check("help", Word::Help);
        check("info", Word::Help);
        check("Stop by at nine", Word::Nothing);
        check("Please stop texting me", Word::SoundsLikeStop);
        check("Don’t text me again", Word::SoundsLikeStop);
        check("this is the wrong number", Word::SoundsLikeStop);
        check("", Word::Nothing);
        check("Can you cancel the 9am?", Word::Nothing);
    }

    #[test]
    fn only_they_can_undo_it() {
        assert_eq!(after_text(Consent::OptedOut, Word::Nothing), (None, Consent::OptedOut));
        assert_eq!(
            after_text(Consent::OptedOut, Word::Yes),
            (Some(ConsentEvent::YesWhileOut), Consent::OptedOut)
        );
        assert_eq!(
            after_text(Consent::OptedOut, Word::Start),
            (Some(ConsentEvent::StartWord), Consent::Given)
        );
        assert_eq!(
            after_text(Consent::Unknown, Word::Nothing),
            (Some(ConsentEvent::WroteFirst), Consent::Given)
        );
        for before in [Consent::Given, Consent::OptedOut] {
            assert_eq!(after_text(before, Word::Stop), (Some(ConsentEvent::StopWord), Consent::OptedOut));
        }
        assert_eq!(owner_may_undo("owner_opted_out"), Some(ConsentEvent::OwnerTookBack));
        assert_eq!(owner_may_undo("yes_while_out"), Some(ConsentEvent::OwnerConfirmed));
        assert_eq!(owner_may_undo("stop_word").or(owner_may_undo("twilio_refused")), None);
    }
}
