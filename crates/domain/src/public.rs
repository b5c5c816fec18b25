//! How Twilio finds the way to this computer, and what answers while it sleeps: the owner's choices.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The way from Twilio to this computer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct PublicAddress {
    /// Which.
    pub way: Way,
    /// The owner's own address (`https://phone.example.com`), or the host name of a named tunnel
    /// (`phone.example.com`); empty for the others, or for a free choice of theirs.
    pub address: String,
    /// A named Cloudflare tunnel's name; empty for the others.
    pub tunnel: String,
    /// Whether the lines may be pointed to a new address without asking.
    pub follow: bool,
}

/// Who opens the way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Nobody chose yet: nothing arrives by itself.
    #[default]
    Unset,
    /// An address the owner runs.
    Own,
    /// A tunnel of Cloudflare's under a passing name.
    CloudflareQuick,
    /// A tunnel of Cloudflare's under the owner's own name.
    CloudflareNamed,
    /// Tailscale's Funnel.
    Tailscale,
    /// ngrok.
    Ngrok,
}

/// What answers at Twilio while this computer is off.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct SleepBackup {
    /// Whether the owner wants one.
    pub on: bool,
    /// Whether it rings the phones first, at any hour: it knows nothing of hours. Otherwise it takes a
    /// message at once.
    pub rings: bool,
}
