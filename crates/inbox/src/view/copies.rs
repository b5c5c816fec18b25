//! Copies of everything: backups, exports, and what deleting a customer takes away.

use ringdesk_domain::Moment;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The backups of the data.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct DataBackups {
    /// Whether one is being made just now.
    pub running: bool,
    /// Where they are kept.
    pub folder: String,
    /// Whether that is a folder the owner chose, rather than the one beside the data.
    pub chosen: bool,
    /// Newest first.
    pub backups: Vec<DataBackup>,
    /// Whether a recovery code seals them.
    pub sealed: bool,
    /// Why the last one was not made, in words.
    pub problem: Option<String>,
    /// What to do about it, in words.
    pub hint: Option<String>,
    /// When the next one is made by itself; none where that is switched off.
    pub next_at: Option<Moment>,
}

/// A backup of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DataBackup {
    /// Its name, which is also its file's.
    pub name: String,
    /// When it was made.
    pub at: Moment,
    /// Its size with all pictures and sounds that belong to it, in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Whether it takes a recovery code to open it.
    pub sealed: bool,
    /// Why it was made.
    pub reason: BackupReason,
    /// When it was last looked through and found whole.
    pub verified_at: Option<Moment>,
    /// What is wrong with it, in words.
    pub problem: Option<String>,
}

/// Why a backup was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BackupReason {
    /// It was the day's turn.
    Daily,
    /// The owner asked for it.
    Asked,
    /// The data was about to be changed by a newer Ringdesk.
    Update,
}

/// A recovery code, shown once.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct RecoveryCode {
    /// Groups of letters and digits.
    pub code: String,
}

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode")
    }
}

/// Something that was written to a file for the owner.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct Exported {
    /// Where it is.
    pub path: String,
    /// Texts in it.
    pub texts: u32,
    /// Calls in it.
    pub calls: u32,
    /// Voicemails in it.
    pub voicemails: u32,
    /// Pictures and sounds in it.
    pub files: u32,
    /// Its size, in bytes.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// What deleting a customer takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerContents {
    /// Conversations, one for each line and number.
    pub conversations: u32,
    /// Texts.
    pub texts: u32,
    /// Calls.
    pub calls: u32,
    /// Voicemails.
    pub voicemails: u32,
    /// Pictures and sounds.
    pub files: u32,
    /// Notes of ours.
    pub notes: u32,
    /// Texts, calls and recordings Twilio may have, too.
    pub at_twilio: u32,
}
