//! The time, passed in: the computer's, or one that moves when told.

use ringdesk_domain::Moment;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;

/// What tells the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The computer's clock.
    System,
    /// A clock that stands still until it is set.
    Set(watch::Sender<Moment>),
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn set_to(at: Moment) -> Self {
        Self::Set(watch::Sender::new(at))
    }

    /// Now.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the computer's clock")]
    pub fn now(&self) -> Moment {
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Self::Set(at) => *at.borrow(),
        }
    }

    /// Moves a set clock on by `ms`; the computer's clock cannot be moved.
    pub fn advance_ms(&self, ms: i64) {
        if let Self::Set(at) = self {
            at.send_modify(|at| *at = at.plus_ms(ms));
        }
    }

    /// Waits until the clock shows `at`.
    pub async fn wait_until(&self, at: Moment) {
        match self {
            Self::System => loop {
                let left = at.since(self.now());
                if left <= 0 {
                    return;
                }
                // In steps, because the computer may sleep or its clock be set meanwhile.
                let step = u64::try_from(left).unwrap_or(0).min(5_000);
                tokio::time::sleep(Duration::from_millis(step)).await;
            },
            Self::Set(clock) => {
                // The sender is ours, so the wait can only end with the time.
                let _ = clock.subscribe().wait_for(|now| *now >= at).await;
            }
        }
    }
}
