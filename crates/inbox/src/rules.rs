//! What a call is decided by, kept in memory: no caller waits for a disk to hear a greeting.

use crate::Inbox;
use jiff::tz::TimeZone;
use ringdesk_domain::{
    Address, Moment, Settings,
    routing::{Caller, Decision, decide},
};
use ringdesk_store::StoreError;
use std::{collections::HashSet, sync::Arc};

/// Settings, lines and blocked callers at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) settings: Settings,
    /// Where the business's clock hangs.
    pub(crate) zone: TimeZone,
    /// Our numbers, E.164.
    pub(crate) lines: Vec<String>,
    blocked: HashSet<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            settings: Settings::default(),
            zone: TimeZone::UTC,
            lines: Vec::new(),
            blocked: HashSet::new(),
        }
    }
}

impl Rules {
    /// What happens to a call at a moment.
    pub(crate) fn decide(&self, caller: &Address, line: &str, at: Moment) -> Decision {
        let caller = Caller { address: caller, blocked: self.blocked.contains(caller.as_str()) };
        decide(caller, line, at, &self.settings, &self.lines, &self.zone)
    }
}

/// The zone the settings name, or the computer's own.
pub(crate) fn zone(settings: &Settings) -> TimeZone {
    let named = settings.time_zone.as_deref().and_then(|name| TimeZone::get(name).ok());
    named.unwrap_or_else(TimeZone::system)
}

impl Inbox {
    /// The rules as they are now.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        self.0.rules.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Reads the rules anew, after any of them changed.
    pub(crate) async fn learn_rules(&self) -> Result<(), StoreError> {
        let store = self.store();
        let (settings, lines, blocked) = tokio::try_join!(store.settings(), store.lines(), store.blocked())?;
        let rules = Rules {
            zone: zone(&settings),
            settings,
            lines: lines.into_iter().map(|line| line.number.as_str().to_owned()).collect(),
            blocked: blocked.into_iter().collect(),
        };
        *self.0.rules.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(rules);
        Ok(())
    }
}
