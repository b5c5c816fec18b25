//! The check-up, as the window and `ringdeskd doctor` show it.

use ringdesk_domain::Moment;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A check-up of the line.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Checkup {
    /// When.
    pub at: Moment,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// Whether Twilio was asked, too.
    pub live: bool,
    /// The worst of all.
    pub worst: Grade,
    /// One per check, in the order of a line's life.
    pub checks: Vec<Check>,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Check {
    /// Its name, such as `overrides`.
    pub id: String,
    /// What was looked at, such as "Sleep backup".
    pub title: String,
    /// How it is.
    pub grade: Grade,
    /// What was found.
    pub said: String,
    /// Why it matters.
    pub why: String,
    /// What to do where it cannot be mended by a click.
    pub hint: Option<String>,
    /// What mends it.
    pub fix: Option<Fix>,
    /// More for whoever keeps the computer running, a line each.
    pub details: Vec<String>,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// It was not looked at: Twilio was not asked, or there is nothing to look at.
    Unknown,
    /// As it should be.
    Pass,
    /// It works, and somebody should look at it.
    Warn,
    /// Customers may not get through, or something may be lost.
    Fail,
}

/// What mends what a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fix {
    /// What the button says, such as "Point the lines here".
    pub label: String,
    /// Where it leads: none where the desk mends it itself (command `fix`).
    pub place: Option<Place>,
}

/// A place in the window where the owner mends something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Connecting the account anew.
    Account,
    /// The token's rotation.
    Token,
    /// The public address.
    Address,
    /// The lines and what they post to.
    Lines,
    /// The sleep backup.
    Backup,
    /// What Twilio sent.
    Webhooks,
    /// Texts that need a decision.
    Unsettled,
    /// Settings of notifications.
    Notifications,
    /// Settings of sound.
    Sound,
    /// Starting with the computer.
    Running,
}
