//! What only the host knows of this computer, looked up when it is asked for.

use crate::{Inbox, view};
use ringdesk_domain::Moment;
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError},
};

/// This computer at one moment. What the host has no part in is `None`.
#[derive(Debug, Clone, Default)]
pub struct Computer {
    /// Where the credentials are.
    pub safe: Option<Safe>,
    /// Since when the token in use is kept here.
    pub token_since: Option<Moment>,
    /// Whether a second token is taken too, because the first is being replaced.
    pub second_token: bool,
    /// How many sound outputs there are.
    pub outputs: Option<usize>,
    /// Whether the desktop shows notifications.
    pub notifications: Option<bool>,
    /// Whether the program starts with the computer.
    pub starts_itself: Option<bool>,
}

/// Where the account's credentials are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Safe {
    /// In the system's password safe.
    Keychain,
    /// In a file under a passphrase's seal.
    Sealed,
    /// In the environment of a headless host.
    Environment,
    /// There are none to keep: a practice line.
    Practice,
    /// In the password safe, which is locked now.
    Locked,
    /// No password safe answers.
    Absent,
    /// The password safe does not hold them any more.
    Missing,
}

/// How the host looks.
pub type Look = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Computer> + Send>> + Send + Sync>;

/// How the host looks for programs that can open a way to this computer.
pub type LookForPrograms =
    Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Vec<view::TunnelProgram>> + Send>> + Send + Sync>;

impl Inbox {
    /// Looks for programs this way from now on.
    pub fn programs_with(&self, look: LookForPrograms) {
        *self.0.programs.write().unwrap_or_else(PoisonError::into_inner) = Some(look);
    }

    /// Programs that can open a way to this computer; none where no host looks.
    pub(crate) async fn programs(&self) -> Vec<view::TunnelProgram> {
        let look = self.0.programs.read().unwrap_or_else(PoisonError::into_inner).clone();
        match look {
            Some(look) => look().await,
            None => Vec::new(),
        }
    }

    /// Looks at the computer this way from now on.
    pub fn look_with(&self, look: Look) {
        *self.0.look.write().unwrap_or_else(PoisonError::into_inner) = Some(look);
    }

    /// The computer as it is now; nothing is known of it where no host looks.
    pub(crate) async fn computer(&self) -> Computer {
        let look = self.0.look.read().unwrap_or_else(PoisonError::into_inner).clone();
        match look {
            Some(look) => look().await,
            None => Computer::default(),
        }
    }
}
