//! What came while nobody could reach this computer, and how complete what is here is.

use ringdesk_domain::{Arrival, ConversationId, Moment};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How complete what is here is.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CatchUp {
    /// Whether Twilio is being asked just now.
    pub running: bool,
    /// Up to when nothing is missing of any line; none before the first look, or without a line.
    pub complete_to: Option<Moment>,
    /// Why the last look could not be finished, in words; it is tried again.
    pub problem: Option<String>,
    /// Texts, calls and voicemails of this week that should have come by themselves and were fetched.
    pub repaired: u32,
    /// What came while the computer was asleep or off, until somebody has seen it.
    pub away: Option<Away>,
    /// What is brought in of before Ringdesk.
    pub history: History,
}

/// What came while the computer was asleep or off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Away {
    /// When it went to sleep or was switched off.
    pub from: Moment,
    /// When it was back.
    pub to: Moment,
    /// Whether all of it is here; more may come.
    pub complete: bool,
    /// Texts that came.
    pub texts: u32,
    /// Conversations they came in.
    pub people: u32,
    /// Calls that came, answered elsewhere or not.
    pub calls: u32,
    /// Those of them that nobody took and that left no voicemail.
    pub missed: u32,
    /// Voicemails that were left.
    pub voicemails: u32,
    /// The conversations something came in, newest first, at most 50.
    pub conversations: Vec<ConversationId>,
}

/// What is brought in of before Ringdesk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct History {
    /// How far it got.
    pub state: HistoryState,
    /// How many days before the line was connected are wanted.
    pub days: u32,
    /// Back to when everything is here.
    pub back_to: Option<Moment>,
    /// Of the time that is wanted, how much is here, in percent.
    pub percent: u32,
    /// Texts that were brought in.
    pub texts: u32,
    /// Calls that were brought in.
    pub calls: u32,
}

/// How far bringing in the past got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HistoryState {
    /// There is no line yet.
    None,
    /// It is being brought in.
    Running,
    /// All that is wanted is here.
    Done,
    /// The owner stopped it; it can go on.
    Stopped,
}

/// What a window says of how something reached us.
pub(crate) const fn late(arrival: Arrival) -> Option<Late> {
    match arrival {
        Arrival::Asleep => Some(Late::Asleep),
        Arrival::Missed => Some(Late::Missed),
        Arrival::Live | Arrival::History => None,
    }
}

/// Why something is here later than it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Late {
    /// The computer was asleep or off.
    Asleep,
    /// It was on, and Twilio could not reach it.
    Missed,
}
