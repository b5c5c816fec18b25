//! Decisions as documents Twilio carries out. Every address in them is ours and absolute.

use crate::Reach;
use ringdesk_domain::{
    CallId, Engine, Settings,
    routing::{CallerId, Decision, Greeting, Plan, Ring, business},
    voicemail::{TWILIO_WRITES, twilio_writes},
};
use ringdesk_twilio::twiml::{Dial, DialNumber, Gather, Record, Say, Verb, document};

/// Seconds whoever picks up has to press 1.
const TO_PRESS: u32 = 8;
/// Seconds of silence that end a message.
const SILENCE: u32 = 10;
/// Seconds a customer's phone rings when we call.
const CUSTOMER_RINGS: u32 = 30;

/// Where Twilio asks and reports, and in which voice it speaks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speaker<'a> {
    /// Without one the documents say where they would lead, and lead nowhere.
    pub(crate) reach: Option<&'a Reach>,
    pub(crate) settings: &'a Settings,
    /// Twilio could not use what it was given: plain words only.
    pub(crate) plainly: bool,
}

/// Stands for our address where none is connected. Source: RFC 2606, `.invalid` is nobody's.
const NOWHERE: &str = "https://this-computer.invalid/phone/twilio";

impl Speaker<'_> {
    /// Where something is reported.
    fn callback(&self, path: &str) -> String {
        self.reach.and_then(|reach| reach.webhook(path)).unwrap_or_else(|| format!("{NOWHERE}{path}"))
    }

    /// Where Twilio asks how to go on, while somebody listens.
    fn next(&self, path: &str) -> String {
        self.reach.and_then(|reach| reach.voice_webhook(path)).unwrap_or_else(|| format!("{NOWHERE}{path}"))
    }

    fn plain(&self, path: &str) -> String {
        self.reach.and_then(|reach| reach.plain(path)).unwrap_or_else(|| format!("{NOWHERE}{path}"))
    }

    fn say(&self, text: &str) -> Say {
        let calls = &self.settings.calls;
        Say { text: text.to_owned(), voice: calls.voice.clone(), language: calls.language.clone() }
    }

    fn greeting(&self, greeting: &Greeting) -> Verb {
        // One that was replaced meanwhile is no longer served.
        let said = &self.settings.calls.greetings;
        let used = |sha256: &&String| {
            [&said.open, &said.closed, &said.message]
                .iter()
                .any(|now| now.recording.as_ref() == Some(*sha256))
        };
        match greeting.recording.as_ref().filter(used).filter(|_| !self.plainly) {
            Some(sha256) => Verb::Play { url: self.plain(&format!("/greeting/{sha256}")) },
            None => Verb::Say(self.say(&greeting.text)),
        }
    }

    /// What a caller gets.
    pub(crate) fn decision(&self, decision: &Decision, line: &str) -> String {
        match &decision.plan {
            Plan::Reject => document(&[Verb::Reject]),
            Plan::Message => document(&[self.greeting(&decision.greeting), Verb::Hangup]),
            Plan::Voicemail => self.voicemail(&decision.greeting),
            Plan::Forward { phones, ring, ring_seconds, caller_id, screening } => {
                let numbers = phones.iter().map(|phone| DialNumber {
                    number: phone.number.clone(),
                    screen: screening.then(|| self.next("/voice/screen")),
                    status_callback: self.callback("/voice/status"),
                });
                document(&[Verb::Dial(Dial {
                    action: self.next("/voice/dial-status"),
                    timeout: *ring_seconds,
                    caller_id: (*caller_id == CallerId::Business).then(|| line.to_owned()),
                    answer_on_bridge: true,
                    sequential: *ring == Ring::InOrder && phones.len() > 1,
                    numbers: numbers.collect(),
                })])
            }
        }
    }

    /// Words, and a message can be left.
    pub(crate) fn voicemail(&self, greeting: &Greeting) -> String {
        let calls = &self.settings.calls;
        // Asked for anything else, Twilio would only warn.
        let written = self.settings.transcripts.engine == Engine::Twilio
            && twilio_writes(&calls.language)
            && calls.message_seconds < TWILIO_WRITES.1;
        document(&[
            self.greeting(greeting),
            Verb::Record(Record {
                action: self.next("/voice/voicemail-done"),
                max_length: calls.message_seconds,
                finish_on_key: calls.finish_key,
                timeout: SILENCE,
                recording_status_callback: self.callback("/voice/recording/voicemail"),
                transcribe_callback: written.then(|| self.callback("/voice/transcription")),
            }),
            // Only where nothing was said.
            Verb::Say(self.say("We did not hear anything. Goodbye.")),
            Verb::Hangup,
        ])
    }

    /// After a message.
    pub(crate) fn thanks(&self) -> String {
        document(&[Verb::Say(self.say("Thank you. Goodbye.")), Verb::Hangup])
    }

    /// What whoever picks up a phone of ours hears. `caller` is the number it shows.
    pub(crate) fn screen(&self, caller: &str, lines: &[String]) -> String {
        let business = business(self.settings);
        let from = match spelled(caller) {
            Some(number) if !lines.iter().any(|line| line == caller) => format!(" from {number}"),
            _ => String::new(),
        };
        let words = format!("A call for {business}{from}. To take it, press 1.");
        self.asking(&words, self.next("/voice/screen-result"))
    }

    /// What the owner's phone says when it rings first.
    pub(crate) fn call_back(&self, id: CallId, customer: &str) -> String {
        let whom = spelled(customer).unwrap_or_default();
        let words = format!("{}. To call {whom}, press 1.", business(self.settings));
        self.asking(&words, self.next(&format!("/voice/screen-result/{id}")))
    }

    fn asking(&self, words: &str, action: String) -> String {
        // Twice, because whoever lifts a phone to the ear hears only the end of the first.
        let says = vec![self.say(words), self.say(words)];
        document(&[
            Verb::Gather(Gather { action, num_digits: 1, timeout: TO_PRESS, says }),
            // Nobody pressed anything: a mailbox, or a pocket.
            Verb::Hangup,
        ])
    }

    /// Rings the customer, who sees our number.
    pub(crate) fn connect(&self, customer: &str, line: &str) -> String {
        document(&[Verb::Dial(Dial {
            action: self.next("/voice/dial-status"),
            timeout: CUSTOMER_RINGS,
            caller_id: Some(line.to_owned()),
            answer_on_bridge: false,
            sequential: false,
            numbers: vec![DialNumber {
                number: customer.to_owned(),
                screen: None,
                status_callback: self.callback("/voice/status"),
            }],
        })])
    }

    /// The customer did not pick up.
    pub(crate) fn not_reached(&self) -> String {
        document(&[Verb::Say(self.say("They did not pick up. Goodbye.")), Verb::Hangup])
    }

    /// A greeting, as callers hear it.
    pub(crate) fn rehearsal(&self, greeting: &Greeting) -> String {
        document(&[Verb::Pause(1), self.greeting(greeting), Verb::Hangup])
    }
}

/// A number as it is read aloud: digit by digit, the country's code left out at home.
fn spelled(number: &str) -> Option<String> {
    let digits = number.strip_prefix('+')?;
    let digits = digits.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(digits);
    let parts: Vec<String> = if digits.len() == 10 {
        [&digits[..3], &digits[3..6], &digits[6..]].into_iter().map(spaced).collect()
    } else {
        vec![spaced(digits)]
    };
    Some(parts.join(", "))
}

fn spaced(digits: &str) -> String {
    let digits: Vec<String> = digits.chars().map(String::from).collect();
    digits.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twilio_is_asked_to_write_down_only_what_it_can() {
        let mut settings = Settings::default();
        let greeting = settings.calls.greetings.message.clone();
        let asked = |settings: &Settings| {
            let document = Speaker { reach: None, settings, plainly: false }.voicemail(&greeting);
            assert!(document.contains("/voice/recording/voicemail\""), "{document}");
            document.contains("transcribeCallback=")
        };
        assert!(!asked(&settings), "nobody asked for it");
        settings.transcripts.engine = Engine::Twilio;
        assert!(asked(&settings));
        settings.calls.message_seconds = 120;
        assert!(!asked(&settings), "too long");
        settings.calls.message_seconds = 119;
        settings.calls.language = "de-DE".into();
        assert!(!asked(&settings), "another language");
        settings.calls.language = "en-GB".into();
        assert!(asked(&settings));
        settings.transcripts.engine = Engine::Command;
        assert!(!asked(&settings), "a program of ours does");
    }

    #[test]
    fn numbers_are_read_digit_by_digit() {
        assert_eq!(spelled("+14155550142").as_deref(), Some("4 1 5, 5 5 5, 0 1 4 2"));
        assert_eq!(spelled("+442079460018").as_deref(), Some("4 4 2 0 7 9 4 6 0 0 1 8"));
        assert_eq!(spelled("anonymous"), None);
    }
}
