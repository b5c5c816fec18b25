//! How a check says what it found: the parts every check's words are put together from.

use crate::{
    Problem,
    view::{Check, Fix, Grade, Place},
};
use ringdesk_twilio::error::RestError;

/// What a check looks at; its methods say how that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject {
    /// The check's name.
    pub(super) id: &'static str,
    /// What it looks at.
    pub(super) title: &'static str,
    /// Why it matters.
    pub(super) why: &'static str,
}

impl Subject {
    /// As it should be.
    pub(super) fn pass(self, said: impl Into<String>) -> Check {
        self.found(Grade::Pass, said.into(), None)
    }

    /// As the owner wants it, though it could be otherwise.
    pub(super) fn choice(self, said: impl Into<String>, hint: impl Into<String>) -> Check {
        self.found(Grade::Pass, said.into(), Some(hint.into()))
    }

    /// Not looked at, and why not.
    pub(super) fn unknown(self, said: impl Into<String>) -> Check {
        self.found(Grade::Unknown, said.into(), None)
    }

    /// It works, and somebody should do something.
    pub(super) fn warn(self, said: impl Into<String>, hint: impl Into<String>) -> Check {
        self.found(Grade::Warn, said.into(), Some(hint.into()))
    }

    /// It does not work, and somebody has to do something.
    pub(super) fn fail(self, said: impl Into<String>, hint: impl Into<String>) -> Check {
        self.found(Grade::Fail, said.into(), Some(hint.into()))
    }

    /// The same under another title.
    pub(super) const fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    fn found(self, grade: Grade, said: String, hint: Option<String>) -> Check {
        Check {
            id: self.id.into(),
            title: self.title.into(),
            grade,
            said,
            why: self.why.into(),
            hint,
            fix: None,
            details: Vec::new(),
        }
    }
}

impl Check {
    /// The desk mends it when asked.
    pub(super) fn mends(self, label: &str) -> Self {
        Self { fix: Some(Fix { label: label.into(), place: None }), ..self }
    }

    /// The owner mends it at a place in the window.
    pub(super) fn leads(self, label: &str, place: Place) -> Self {
        Self { fix: Some(Fix { label: label.into(), place: Some(place) }), ..self }
    }

    /// More for whoever keeps the computer running.
    pub(super) fn detailed(self, details: Vec<String>) -> Self {
        Self { details, ..self }
    }
}

/// Why a question to Twilio has no answer.
pub(super) fn unasked(error: &RestError) -> String {
    match error {
        RestError::Unreachable(_) => "Twilio didn’t answer.".into(),
        RestError::Refused { status: 401, .. } => "Twilio doesn’t accept the sign-in.".into(),
        RestError::Refused { status: 403, .. } => "Twilio doesn’t let this sign-in look there.".into(),
        RestError::Refused { status: 429 | 500.., .. } => "Twilio has trouble answering right now.".into(),
        RestError::Refused { status, code: 0 } => format!("Twilio refused to say (status {status})."),
        RestError::Refused { code, .. } => format!("Twilio refused to say (error {code})."),
        RestError::Unreadable | RestError::NotTwilio | RestError::TooLarge(_) => {
            "Twilio’s answer couldn’t be read.".into()
        }
    }
}

/// Why something could not be looked up.
pub(super) fn unread(problem: &Problem) -> String {
    match problem {
        Problem::Twilio(error) => unasked(error),
        Problem::Told { message, .. } => message.clone(),
        Problem::NotConnected => "No account is connected.".into(),
        Problem::Store(_) => "What is kept here couldn’t be read.".into(),
        _ => "It couldn’t be looked up.".into(),
    }
}

/// So many of something.
pub(super) fn counted(count: impl Into<u64>, one: &str, many: &str) -> String {
    match count.into() {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// How long something took or is ago, given in milliseconds, as roughly as people say it.
pub(super) fn long(ms: i64) -> String {
    let minutes = ms.max(0) / 60_000;
    let count = |many: i64| u64::try_from(many).unwrap_or(0);
    match minutes {
        0 => "less than a minute".into(),
        1..120 => counted(count(minutes), "minute", "minutes"),
        120..2_880 => counted(count(minutes / 60), "hour", "hours"),
        _ => counted(count(minutes / 1_440), "day", "days"),
    }
}

/// Text of Twilio's or of an address, with every whole phone number in it cut down to its end: it may be a
/// customer's. What is a SID stays.
pub(super) fn discreet(text: &str) -> String {
    let is_number = |word: &str| (8..=15).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_digit());
    let mut told = String::new();
    let mut word = String::new();
    // In an address a plus sign is written %2B; a line's end ends the last word.
    for c in text.replace("%2B", "+").chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() {
            word.push(c);
            continue;
        }
        if is_number(&word) {
            told.push('…');
            told.push_str(&word[word.len() - 4..]);
        } else {
            told.push_str(&word);
        }
        word.clear();
        told.push(c);
    }
    told.pop();
    told
}

/// Several things in one sentence.
pub(super) fn listed(things: &[String]) -> String {
    match things {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_things_are_said_as_people_say_them() {
        assert_eq!(counted(1_u32, "text", "texts"), "1 text");
        assert_eq!(counted(0_u32, "text", "texts"), "0 texts");
        for (ms, said) in [
            (-5, "less than a minute"),
            (59_000, "less than a minute"),
            (60_000, "1 minute"),
            (119 * 60_000, "119 minutes"),
            (2 * 3_600_000, "2 hours"),
            (47 * 3_600_000, "47 hours"),
            (48 * 3_600_000, "2 days"),
        ] {
            assert_eq!(long(ms), said);
        }
        for (text, told) in [
            ("https://a.example/forward?PhoneNumber=%2B14155550199&x=1", "…0199&x=1"),
            ("Carrier refused +4915155550100.", "Carrier refused +…0100."),
            ("Brand BN00000000000000000000000000000001: 30475", "BN00000000000000000000000000000001: 30475"),
            ("http://127.0.0.1:45678/phone", "http://127.0.0.1:45678/phone"),
            ("14155550199", "…0199"),
        ] {
            let discreet = discreet(text);
            assert!(discreet.ends_with(told) && !discreet.contains("415555"), "{discreet}");
        }
        let things: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        assert_eq!((listed(&things), listed(&things[..1])), ("a, b and c".into(), "a".into()));
    }
}
