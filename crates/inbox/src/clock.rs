//! The time, passed in: the computer's, or one that moves when told.

use ringdesk_domain::Moment;
use std::{
    sync::OnceLock,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;

/// How often the computer's clock is looked at for a sleep, in milliseconds.
const TICK_MS: i64 = 5_000;

/// What tells the time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The computer's clock.
    System,
    /// A clock that stands still until it is set.
    Set(watch::Sender<Reading>),
}

/// The time by two clocks: the one on the wall, which goes on while the computer sleeps, and a steady one,
/// which does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// By the wall's.
    pub now: Moment,
    /// By the steady one's, in milliseconds since some beginning.
    pub steady_ms: i64,
}

impl Clock {
    /// A clock that stands at `at`.
    pub fn set_to(at: Moment) -> Self {
        Self::Set(watch::Sender::new(Reading { now: at, steady_ms: 0 }))
    }

    /// Now.
    pub fn now(&self) -> Moment {
        self.read().now
    }

    /// Now, by both clocks.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the computer's clock")]
    pub(crate) fn read(&self) -> Reading {
        static BEGAN: OnceLock<Instant> = OnceLock::new();
        match self {
            Self::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                let steady = BEGAN.get_or_init(Instant::now).elapsed();
                let ms = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                Reading { now: Moment(ms(since)), steady_ms: ms(steady) }
            }
            Self::Set(at) => *at.borrow(),
        }
    }

    /// Moves a set clock on by `ms`; the computer's clock cannot be moved.
    pub fn advance_ms(&self, ms: i64) {
        if let Self::Set(at) = self {
            at.send_modify(|at| {
                at.now = at.now.plus_ms(ms);
                at.steady_ms += ms;
            });
        }
    }

    /// Lets `ms` pass on a set clock as on a computer that sleeps.
    pub fn sleep_ms(&self, ms: i64) {
        if let Self::Set(at) = self {
            at.send_modify(|at| at.now = at.now.plus_ms(ms));
        }
    }

    /// For how long, in milliseconds, the computer was asleep between two readings a tick apart.
    pub(crate) fn asleep_ms(&self, before: Reading, after: Reading) -> i64 {
        let passed = after.now.since(before.now);
        let awake = after.steady_ms - before.steady_ms;
        match self {
            // Some systems' steady clocks go on while they sleep, and a stopped process sleeps, too: a tick
            // that takes much longer than a tick was slept through, whatever that clock says.
            Self::System => passed - awake.min(2 * TICK_MS),
            Self::Set(_) => passed - awake,
        }
    }

    /// What says when to look whether the computer slept.
    pub(crate) fn ticks(&self) -> Ticks {
        match self {
            Self::System => Ticks::System,
            Self::Set(at) => Ticks::Set(at.subscribe()),
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
                let step = left.min(TICK_MS);
                tokio::time::sleep(Duration::from_millis(step.unsigned_abs())).await;
            },
            Self::Set(clock) => {
                // The sender is ours, so the wait can only end with the time.
                let _ = clock.subscribe().wait_for(|reading| reading.now >= at).await;
            }
        }
    }
}

/// Goes on every few seconds, or when a set clock is set.
pub(crate) enum Ticks {
    System,
    Set(watch::Receiver<Reading>),
}

impl Ticks {
    pub(crate) async fn next(&mut self) {
        match self {
            Self::System => tokio::time::sleep(Duration::from_millis(TICK_MS.unsigned_abs())).await,
            Self::Set(at) => {
                // The sender is ours, as long as anybody asks.
                let _ = at.changed().await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_steady_clock_did_not_see_was_slept() {
        let clock = Clock::set_to(Moment(1_000));
        let before = clock.read();
        clock.advance_ms(60_000);
        assert_eq!(clock.asleep_ms(before, clock.read()), 0);
        clock.sleep_ms(3_600_000);
        assert_eq!(clock.asleep_ms(before, clock.read()), 3_600_000);
    }

    #[test]
    fn a_tick_that_took_an_hour_was_slept_through_whatever_the_steady_clock_says() {
        let at = |ms| Reading { now: Moment(ms), steady_ms: ms };
        assert!(Clock::System.asleep_ms(at(0), at(6_000)) <= 0);
        assert!(Clock::System.asleep_ms(at(0), at(3_600_000)) > 3_500_000);
    }
}
