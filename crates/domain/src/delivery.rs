//! How far a text has got. A status never moves back; a word we do not know is kept and shown.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Twilio's message status, plus our own words for what Twilio cannot know.
/// Source of Twilio's words: the Message resource's `status` enumeration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(from = "String", into = "String")]
#[ts(type = "string")]
pub enum Status {
    /// Ours: kept here, waiting for its undo time, its turn or the connection.
    Waiting,
    /// Ours: it may or may not have left; evidence will tell.
    SendUnknown,
    /// Ours: the owner took it back before it left.
    TakenBack,
    /// One of Twilio's words, known or not.
    Twilio(TwilioStatus),
}

/// A status word of Twilio's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum TwilioStatus {
    Accepted,
    Scheduled,
    Queued,
    Sending,
    Sent,
    PartiallyDelivered,
    Delivered,
    Undelivered,
    Failed,
    Canceled,
    Read,
    Receiving,
    Received,
    /// A word newer than this program.
    Other(String),
}

impl TwilioStatus {
    /// Reads Twilio's word; never fails.
    pub fn from_word(word: &str) -> Self {
        match word {
            "accepted" => Self::Accepted,
            "scheduled" => Self::Scheduled,
            "queued" => Self::Queued,
            "sending" => Self::Sending,
            "sent" => Self::Sent,
            "partially_delivered" => Self::PartiallyDelivered,
            "delivered" => Self::Delivered,
            "undelivered" => Self::Undelivered,
            "failed" => Self::Failed,
            "canceled" => Self::Canceled,
            "read" => Self::Read,
            "receiving" => Self::Receiving,
            "received" => Self::Received,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Twilio's word.
    pub fn word(&self) -> &str {
        match self {
            Self::Accepted => "accepted",
            Self::Scheduled => "scheduled",
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::PartiallyDelivered => "partially_delivered",
            Self::Delivered => "delivered",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Read => "read",
            Self::Receiving => "receiving",
            Self::Received => "received",
            Self::Other(word) => word,
        }
    }
}

impl Status {
    /// Twilio's word as a status.
    pub fn from_twilio(word: &str) -> Self {
        Self::Twilio(TwilioStatus::from_word(word))
    }

    /// The stored word. Our own words never collide with Twilio's.
    pub fn word(&self) -> &str {
        match self {
            Self::Waiting => "waiting",
            Self::SendUnknown => "send_unknown",
            Self::TakenBack => "taken_back",
            Self::Twilio(status) => status.word(),
        }
    }

    /// How far along: only a higher rank may replace a lower one. Zero means "does not count".
    pub fn rank(&self) -> i64 {
        use TwilioStatus as T;
        match self {
            Self::Waiting => 1,
            Self::SendUnknown => 5,
            Self::TakenBack => 60,
            Self::Twilio(status) => match status {
                T::Other(_) => 0,
                T::Accepted | T::Scheduled | T::Receiving => 10,
                T::Queued => 20,
                T::Sending => 30,
                T::Sent => 40,
                T::PartiallyDelivered => 50,
                T::Delivered | T::Undelivered | T::Failed | T::Canceled | T::Received => 60,
                T::Read => 70,
            },
        }
    }

    /// Whether nothing more is expected (a `delivered` may still become `read`).
    pub fn is_final(&self) -> bool {
        self.rank() >= 60
    }

    /// Whether the customer will not get it.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Self::Twilio(TwilioStatus::Failed | TwilioStatus::Undelivered | TwilioStatus::Canceled)
        )
    }
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        match word.as_str() {
            "waiting" => Self::Waiting,
            "send_unknown" => Self::SendUnknown,
            "taken_back" => Self::TakenBack,
            _ => Self::from_twilio(&word),
        }
    }
}

impl From<Status> for String {
    fn from(status: Status) -> Self {
        status.word().to_owned()
    }
}

/// What a report about a text means for what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Further along: store it.
    Forward,
    /// A word nobody knows: show it, and go on from the rank that was reached.
    Word,
    /// Older or equal news: keep what is stored.
    Keep,
    /// Two different endings were reported; the first stays and Twilio's own record decides.
    Conflict,
}

/// Compares a report with what is stored: the status, and the highest rank it reached.
pub fn step(stored: &Status, rank: i64, reported: &Status) -> Step {
    use TwilioStatus::{Delivered, Read};
    if matches!((stored, reported), (Status::Twilio(Delivered), Status::Twilio(Read))) {
        return Step::Forward;
    }
    if stored.is_final() {
        return if reported.is_final() && stored != reported && *stored != Status::Twilio(Read) {
            Step::Conflict
        } else {
            Step::Keep
        };
    }
    match reported {
        Status::Twilio(TwilioStatus::Other(_)) if stored != reported => Step::Word,
        _ if reported.rank() > rank => Step::Forward,
        _ => Step::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(stored: &str, reported: &str, expected: Step) {
        let (stored, reported) = (Status::from(stored.to_owned()), Status::from_twilio(reported));
        assert_eq!(step(&stored, stored.rank(), &reported), expected, "{stored:?} then {reported:?}");
    }

    #[test]
    fn a_status_never_moves_back() {
        check("waiting", "queued", Step::Forward);
        check("send_unknown", "accepted", Step::Forward);
        check("queued", "sent", Step::Forward);
        check("sent", "queued", Step::Keep);
        check("sent", "sent", Step::Keep);
        check("delivered", "sent", Step::Keep);
        check("delivered", "read", Step::Forward);
        check("read", "delivered", Step::Keep);
        check("undelivered", "read", Step::Conflict);
        check("delivered", "undelivered", Step::Conflict);
        check("failed", "delivered", Step::Conflict);
        check("sent", "teleported", Step::Word);
        check("teleported", "teleported", Step::Keep);
        check("delivered", "teleported", Step::Keep);
        let teleported = Status::from_twilio("teleported");
        let then = |word| step(&teleported, 40, &Status::from_twilio(word));
        assert_eq!((then("queued"), then("delivered")), (Step::Keep, Step::Forward));
    }

    proptest! {
        #[test]
        fn any_order_of_reports_ends_no_lower_than_it_began(words in proptest::collection::vec(
            prop_oneof!["queued", "sending", "sent", "delivered", "failed", "read", "[a-z]{3,9}"], 0..12)) {
            let mut stored = Status::Waiting;
            let mut rank = stored.rank();
            for word in words {
                let reported = Status::from_twilio(&word);
                let step = step(&stored, rank, &reported);
                if step == Step::Forward || step == Step::Word {
                    let before = rank;
                    rank = rank.max(reported.rank());
                    prop_assert!(step == Step::Word && rank == before || rank >= before);
                    prop_assert!(!stored.is_final() || reported.rank() == 70);
                    stored = reported;
                }
            }
        }

        #[test]
        fn every_word_survives_being_stored(word in "[a-z_]{1,20}") {
            let status = Status::from_twilio(&word);
            prop_assert_eq!(status.word(), word.as_str());
        }
    }
}
