//! What became of a call. Callbacks come twice, late, in any order or never; what is known together
//! decides.

use crate::routing::Plan;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How far a call or one of its legs is; a higher rank is never left for a lower one.
/// Source: Twilio's call status values.
pub fn rank(status: &str) -> i64 {
    match status {
        "queued" => 10,
        "initiated" => 20,
        "ringing" => 30,
        "in-progress" | "answered" => 40,
        "completed" | "busy" | "failed" | "no-answer" | "canceled" => 90,
        // Kept and shown, never further than what is known.
        _ => 0,
    }
}

/// Whether a call or leg with this status is over.
pub fn is_over(status: &str) -> bool {
    rank(status) >= 90
}

/// What became of "press 1".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Screened {
    /// It was pressed.
    Accepted,
    /// Another key, or none.
    Declined,
}

impl Screened {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Declined => "declined",
        }
    }

    /// The one a stored word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Accepted, Self::Declined].into_iter().find(|screened| screened.word() == word)
    }
}

/// What is known of a phone of ours, or a customer's, that was rung for a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Leg {
    /// Twilio's status word.
    pub status: String,
    /// What came of "press 1".
    pub screened: Option<Screened>,
}

impl Leg {
    /// Whether somebody or something picked up.
    pub fn picked_up(&self) -> bool {
        self.screened.is_some() || matches!(self.status.as_str(), "in-progress" | "answered" | "completed")
    }
}

/// What is known of a call.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Whether the customer called.
    pub incoming: bool,
    /// Twilio's status word of the call itself.
    pub status: String,
    /// What was decided for it, where that is known.
    pub plan: Option<Plan>,
    /// Whether the two talked: Twilio's `DialBridged`, where it came.
    pub bridged: Option<bool>,
    /// Whether they were still there when the ringing was over, and went on to the greeting.
    pub greeted: bool,
    /// Seconds of message, once one was left.
    pub message_s: Option<u32>,
    /// The phones that were rung.
    pub legs: Vec<Leg>,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// They talked.
    Answered,
    /// A message was left.
    Voicemail,
    /// They hung up while it rang.
    HungUpRinging,
    /// They hung up in the greeting, or left nothing.
    HungUpGreeting,
    /// Somebody or a mailbox picked up without pressing 1, and no message was left.
    ScreenedOut,
    /// They heard that it is closed.
    HeardMessage,
    /// They were refused.
    Blocked,
    /// Outgoing: the customer's phone was busy.
    Busy,
    /// Outgoing: nobody picked up.
    NoAnswer,
    /// Outgoing: ended before anybody picked up.
    Canceled,
    /// It could not be put through.
    Failed,
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 11] = [
        Self::Answered,
        Self::Voicemail,
        Self::HungUpRinging,
        Self::HungUpGreeting,
        Self::ScreenedOut,
        Self::HeardMessage,
        Self::Blocked,
        Self::Busy,
        Self::NoAnswer,
        Self::Canceled,
        Self::Failed,
    ];

    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Voicemail => "voicemail",
            Self::HungUpRinging => "hung_up_ringing",
            Self::HungUpGreeting => "hung_up_greeting",
            Self::ScreenedOut => "screened_out",
            Self::HeardMessage => "heard_message",
            Self::Blocked => "blocked",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Canceled => "canceled",
            Self::Failed => "failed",
        }
    }

    /// The one a stored word names.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.word() == word)
    }

    /// Whether it means, of a call that came in, that nobody of ours talked with them.
    pub const fn is_missed(self) -> bool {
        matches!(
            self,
            Self::HungUpRinging
                | Self::HungUpGreeting
                | Self::ScreenedOut
                | Self::HeardMessage
                | Self::Voicemail
                | Self::Failed
        )
    }
}

/// Messages shorter than this are a hung-up phone. Source: Twilio transcribes from over two seconds on.
pub const SHORTEST_MESSAGE_S: u32 = 2;

/// How the call ended, once that is certain.
pub fn ending(facts: &Facts) -> Option<Ending> {
    if facts.incoming { incoming(facts) } else { outgoing(facts) }
}

fn incoming(facts: &Facts) -> Option<Ending> {
    if facts.plan == Some(Plan::Reject) {
        return Some(Ending::Blocked);
    }
    // A bridge is a fact from the moment it is told; the rest waits for the end of the call.
    if facts.bridged == Some(true) {
        return Some(Ending::Answered);
    }
    if !is_over(&facts.status) {
        return None;
    }
    let screening = matches!(facts.plan, Some(Plan::Forward { screening: true, .. }));
    let talked = |leg: &Leg| match (facts.bridged, leg.screened) {
        (Some(bridged), _) => bridged,
        // Twilio's word did not come: whoever pressed 1 was connected, and without the question whoever
        // picked up.
        (None, Some(screened)) => screened == Screened::Accepted,
        (None, None) => !screening && leg.picked_up(),
    };
    if facts.legs.iter().any(talked) {
        return Some(Ending::Answered);
    }
    if facts.message_s.is_some_and(|seconds| seconds >= SHORTEST_MESSAGE_S) {
        return Some(Ending::Voicemail);
    }
    if facts.status == "failed" {
        return Some(Ending::Failed);
    }
    let asked = |leg: &Leg| leg.screened.is_some() || (screening && leg.picked_up());
    Some(match &facts.plan {
        Some(Plan::Message) => Ending::HeardMessage,
        _ if facts.legs.iter().any(asked) => Ending::ScreenedOut,
        Some(Plan::Voicemail) => Ending::HungUpGreeting,
        _ if facts.greeted => Ending::HungUpGreeting,
        _ => Ending::HungUpRinging,
    })
}

/// The call itself is to our own phone; its leg is to the customer.
fn outgoing(facts: &Facts) -> Option<Ending> {
    if facts.bridged == Some(true) {
        return Some(Ending::Answered);
    }
    if !is_over(&facts.status) {
        return None;
    }
    let leg = facts.legs.last().map(|leg| leg.status.as_str());
    Some(match (facts.status.as_str(), leg) {
        ("failed", _) | (_, Some("failed")) => Ending::Failed,
        (_, Some("busy")) => Ending::Busy,
        (_, Some("completed" | "in-progress" | "answered")) if facts.bridged.is_none() => Ending::Answered,
        // Our own phone was not picked up, nobody pressed 1, or we hung up first.
        (_, Some("canceled") | None) => Ending::Canceled,
        (_, Some(_)) => Ending::NoAnswer,
    })
}
