//! How something reached us.

use serde::{Deserialize, Serialize};

/// How something reached us.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// Twilio told of it as it happened.
    #[default]
    Live,
    /// It was fetched later: the computer was on, and Twilio did not reach it.
    Missed,
    /// It was fetched later: the computer was asleep or off.
    Asleep,
    /// It was brought in: it is of before the line was ours.
    History,
}

impl Arrival {
    /// The stored word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Missed => "missed",
            Self::Asleep => "asleep",
            Self::History => "history",
        }
    }

    /// What a stored word names.
    pub fn from_word(word: &str) -> Self {
        match word {
            "missed" => Self::Missed,
            "asleep" => Self::Asleep,
            "history" => Self::History,
            _ => Self::Live,
        }
    }

    /// Whether Twilio told of it or was asked: `webhook` or `list`.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Live => "webhook",
            Self::Missed | Self::Asleep | Self::History => "list",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_word_is_read_back() {
        for arrival in [Arrival::Live, Arrival::Missed, Arrival::Asleep, Arrival::History] {
            assert_eq!(Arrival::from_word(arrival.word()), arrival);
        }
    }
}
