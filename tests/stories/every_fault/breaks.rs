//! Every place where the way of a text breaks, and what that is on the wire.

use ringdesk_tests::{
    office::LINES,
    wire::{Answer, Mishap},
};
use serde_json::{Value, json};

/// Texts for each break.
pub(super) const EACH: usize = 50;
/// What is written.
pub(super) const WORDS: &str = "We are on our way";

/// Where the way breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    // Nothing left: it goes out once the way is free.
    NobodyListens,
    NoSuchName,
    NoTls,
    Busy,
    BusyForAWhile,
    // Twilio said no: it has failed.
    SignInRefused,
    Refused,
    // Twilio never had it, which nobody here can know: it is left to the owner.
    ResetAtOnce,
    ResetAfterHead,
    ResetInBody,
    ResetAfterBody,
    ErrorBefore,
    BadGatewayBefore,
    UnavailableBefore,
    TimeoutBefore,
    KilledBefore,
    // Twilio took it: it is found.
    AnswerLost,
    ErrorAfter,
    BadGatewayAfter,
    UnavailableAfter,
    TimeoutAfter,
    AnswerTruncated,
    PageInstead,
    EmptyAnswer,
    NoSid,
    WrongSid,
    AnotherMessage,
    AnotherTextOfOurs,
    ReportedFirst,
    OnlyReported,
    Hangs,
    ListedLate,
    KilledAfter,
}

pub(super) const REFUSED: [Break; 2] = [Break::SignInRefused, Break::Refused];
pub(super) const NEVER_TAKEN: [Break; 8] = [
    Break::ResetAtOnce,
    Break::ResetAfterHead,
    Break::ResetInBody,
    Break::ResetAfterBody,
    Break::ErrorBefore,
    Break::BadGatewayBefore,
    Break::UnavailableBefore,
    Break::TimeoutBefore,
];
pub(super) const TAKEN: [Break; 12] = [
    Break::AnswerLost,
    Break::ErrorAfter,
    Break::BadGatewayAfter,
    Break::UnavailableAfter,
    Break::TimeoutAfter,
    Break::AnswerTruncated,
    Break::PageInstead,
    Break::EmptyAnswer,
    Break::NoSid,
    Break::WrongSid,
    Break::AnotherMessage,
    Break::AnotherTextOfOurs,
];

impl Break {
    /// The customers of its texts.
    pub(super) fn customers(self) -> Vec<String> {
        let exchange = 300 + self as usize;
        (0..EACH).map(|n| format!("+1415{exchange}{}", 7_000 + n)).collect()
    }

    /// What it is on the wire; `ours` is a text that Twilio has already.
    pub(super) fn mishap(self, ours: &Value) -> Mishap {
        match self {
            Self::Busy => Mishap::Instead(problem(429, 20429)),
            Self::BusyForAWhile => Mishap::Instead(problem(429, 20429).with("retry-after: 7")),
            Self::SignInRefused => Mishap::Instead(problem(401, 20003)),
            Self::Refused => Mishap::Instead(problem(400, 21211)),
            Self::ResetAtOnce => Mishap::ResetAtOnce,
            Self::ResetAfterHead => Mishap::ResetAfterHead,
            Self::ResetInBody => Mishap::ResetInBody,
            Self::ResetAfterBody => Mishap::ResetAfterBody,
            Self::ErrorBefore => Mishap::Instead(problem(500, 20500)),
            Self::BadGatewayBefore => Mishap::Instead(Answer::page(502, "<h1>Bad Gateway</h1>")),
            Self::UnavailableBefore => Mishap::Instead(problem(503, 20503)),
            Self::TimeoutBefore => Mishap::Instead(Answer::empty(504)),
            Self::AnswerLost | Self::OnlyReported | Self::ListedLate => Mishap::LoseAnswer,
            Self::ErrorAfter => Mishap::OtherAnswer(problem(500, 20500)),
            Self::BadGatewayAfter => Mishap::OtherAnswer(Answer::page(502, "<h1>Bad Gateway</h1>")),
            Self::UnavailableAfter => Mishap::OtherAnswer(Answer::empty(503)),
            Self::TimeoutAfter => Mishap::OtherAnswer(problem(504, 20504)),
            Self::AnswerTruncated => Mishap::HalfAnswer,
            Self::PageInstead => Mishap::OtherAnswer(Answer::page(201, "<p>Sign in to this network</p>")),
            Self::EmptyAnswer => Mishap::OtherAnswer(Answer::empty(200)),
            Self::NoSid => Mishap::OtherAnswer(Answer::json(201, &json!({ "status": "queued" }))),
            Self::WrongSid => Mishap::OtherAnswer(Answer::json(201, &message("SM1", "+14155550100", WORDS))),
            Self::AnotherMessage => {
                let strange = message(&format!("SM{:032x}", 7), "+442071838750", "Nothing of ours");
                Mishap::OtherAnswer(Answer::json(201, &strange))
            }
            Self::AnotherTextOfOurs => Mishap::OtherAnswer(Answer::json(201, ours)),
            Self::Hangs | Self::KilledAfter => Mishap::HoldAnswer,
            Self::KilledBefore => Mishap::HoldBefore,
            Self::ReportedFirst | Self::NobodyListens | Self::NoSuchName | Self::NoTls => Mishap::Nothing,
        }
    }
}

/// An error in Twilio's shape.
fn problem(status: u16, code: u32) -> Answer {
    Answer::json(status, &json!({ "code": code, "message": "As told", "status": status }))
}

/// A message in Twilio's shape, as far as anybody reads it.
pub(super) fn message(sid: &str, to: &str, body: &str) -> Value {
    json!({
        "sid": sid, "status": "queued", "direction": "outbound-api", "from": LINES[0], "to": to, "body": body,
    })
}
