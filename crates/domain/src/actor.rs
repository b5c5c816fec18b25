//! Who wanted something done.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whose intent an act carries out; kept with what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person at this computer.
    Owner,
    /// Somebody else at the desk, by name.
    Teammate(String),
    /// Ringdesk itself, for example a text-back.
    Desk,
}

impl Actor {
    /// The short form that is stored and shown.
    pub fn label(&self) -> &str {
        match self {
            Self::Owner => "owner",
            Self::Teammate(name) => name,
            Self::Desk => "desk",
        }
    }
}
