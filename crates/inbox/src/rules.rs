//! What a call is decided by, kept in memory: no caller waits for a disk to hear a greeting.

use crate::Inbox;
use jiff::tz::TimeZone;
use ringdesk_domain::{
    Address, Moment, Settings,
    routing::{Caller, Decision, Greeting, business, decide},
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
    /// Whether the owner wants nothing of this caller.
    pub(crate) fn is_blocked(&self, caller: &Address) -> bool {
        self.blocked.contains(caller.as_str())
    }

    /// What is said while nobody knows who calls.
    pub(crate) fn apology(&self) -> Greeting {
        let said = &self.settings.calls.greetings.open;
        Greeting { text: said.text.replace("{business}", business(&self.settings)), ..said.clone() }
    }

    /// What happens to a call at a moment.
    pub(crate) fn decide(&self, caller: &Address, line: &str, at: Moment) -> Decision {
        let caller = Caller { address: caller, blocked: self.is_blocked(caller) };
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
        // One after the other: what was read first must not be put in place last.
        let _turn = self.0.learning.lock().await;
        let store = self.store();
        let (mut settings, lines, blocked) =
            tokio::try_join!(store.settings(), store.lines(), store.blocked())?;
        let said = &mut settings.calls.greetings;
        for greeting in [&mut said.open, &mut said.closed, &mut said.message] {
            // Words are spoken where the sound is gone.
            let there = |sha256: &String| self.0.media.join(sha256).is_file();
            greeting.recording = greeting.recording.take().filter(there);
        }
        let rules = Rules {
            zone: zone(&settings),
            settings,
            lines: lines.into_iter().map(|line| line.number.as_str().to_owned()).collect(),
            blocked: blocked.into_iter().collect(),
        };
        *self.0.rules.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(rules);
        Ok(())
    }

    /// Reads the rules anew after a change that is stored; a store that fails now is asked again.
    pub(crate) async fn relearn_rules(&self) {
        if let Err(error) = self.learn_rules().await {
            tracing::error!(%error, "the rules for calls could not be read");
            let inbox = self.clone();
            tokio::spawn(async move {
                while let Err(error) = inbox.learn_rules().await {
                    if inbox.0.stop.is_cancelled() {
                        return;
                    }
                    inbox.rest(&error).await;
                }
            });
        }
    }
}
