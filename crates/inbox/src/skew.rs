//! How far our clock is ahead of Twilio's, which dates what Twilio lists.

use crate::{Inbox, Reach, clock::Reading};
use ringdesk_twilio::error::RestError;
use std::sync::PoisonError;

/// Where the answer took longer, in milliseconds, the computer slept or its clock was set meanwhile.
const SLOW_MS: i64 = 30_000;

/// Our clock beside Twilio's, when they were last compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compared {
    /// How far ours was ahead, in milliseconds; negative where it was behind.
    ahead_ms: i64,
    at: Reading,
}

impl Compared {
    /// How far ours is ahead at another reading: where it did not go with the steady one, it was set.
    fn ahead_ms(self, at: Reading) -> i64 {
        let passed_ms = at.steady_ms.saturating_sub(self.at.steady_ms);
        let set_ms = at.now.since(self.at.now).saturating_sub(passed_ms);
        self.ahead_ms.saturating_add(set_ms)
    }
}

impl Inbox {
    /// Asks Twilio for the time. Answers how far our clock is ahead, in milliseconds, and remembers it,
    /// unless the answer is about another time than our clock showed.
    pub(crate) async fn compare_clocks(&self, reach: &Reach) -> Result<i64, RestError> {
        let at = self.0.clock.read();
        let ahead_ms = reach.client.skew_ms(at.now.0).await?;
        if self.now().since(at.now).abs() <= SLOW_MS {
            let compared = Some(Compared { ahead_ms, at });
            *self.0.compared.lock().unwrap_or_else(PoisonError::into_inner) = compared;
        }
        Ok(ahead_ms)
    }

    /// The computer slept, or its clock was set on, which looks the same: only Twilio knows how far ahead it
    /// is now.
    pub(crate) fn forget_compared(&self) {
        *self.0.compared.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// How far our clock is ahead of Twilio's at a reading, in milliseconds, where that is known.
    pub(crate) fn known_ahead_ms(&self, at: Reading) -> Option<i64> {
        let compared = *self.0.compared.lock().unwrap_or_else(PoisonError::into_inner);
        compared.map(|compared| compared.ahead_ms(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ringdesk_domain::Moment;

    #[test]
    fn a_clock_that_is_set_is_so_much_further_off() {
        let at = |now, steady_ms| Reading { now: Moment(now), steady_ms };
        let compared = Compared { ahead_ms: 2_000, at: at(1_000_000, 50) };
        assert_eq!(compared.ahead_ms(at(1_000_000, 50)), 2_000);
        assert_eq!(compared.ahead_ms(at(1_060_000, 60_050)), 2_000, "time passes");
        assert_eq!(compared.ahead_ms(at(1_660_000, 60_050)), 602_000, "set ten minutes ahead");
        assert_eq!(compared.ahead_ms(at(460_000, 60_050)), -598_000, "set ten minutes back");
    }
}
