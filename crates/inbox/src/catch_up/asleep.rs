//! Noticing that the computer was asleep or off, and what follows: everything is looked up before anything
//! leaves.

use crate::{Inbox, clock::Reading};
use ringdesk_domain::Moment;
use ringdesk_store::StoreError;

/// A computer that was away for longer than this, in milliseconds, slept.
const SLEPT_MS: i64 = 30_000;
/// How often it is written down that the computer is awake, in milliseconds.
const BEAT_MS: i64 = 60_000;
/// Where that is kept, in UTC milliseconds.
const AWAKE_AT: &str = "awake_at";

/// What was read last of the clocks, and when that was written down.
#[derive(Debug, Default)]
pub(super) struct Watch {
    last: Option<Reading>,
    beat: Option<Moment>,
}

impl Inbox {
    /// Watches for the computer's sleep until the inbox closes.
    pub(crate) async fn run_watch(self) {
        self.begin_day().await;
        let mut ticks = self.0.clock.ticks();
        loop {
            self.notice_sleep().await;
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = ticks.next() => {}
            }
        }
    }

    /// Once after the start: since when nobody was here. Whoever begins to work waits for it.
    pub(crate) async fn begin_day(&self) {
        self.0
            .catching_up
            .begun
            .get_or_init(|| async {
                self.hold_texts();
                let away = async {
                    let awake_at = self.store().meta(AWAKE_AT).await?;
                    let awake_at = awake_at.and_then(|ms| ms.parse().ok()).map(Moment);
                    let now = self.now();
                    if awake_at.is_some_and(|since| since.since(now) > SLEPT_MS) {
                        // The clock was set back while nobody was here.
                        self.store().clock_went_back(now).await?;
                    }
                    if let Some(since) = awake_at.filter(|since| *since < now) {
                        self.store().was_away(since, now, false).await?;
                        self.absent_until(now);
                    } else if let Some(absence) = self.store().last_absence().await?
                        && !absence.complete
                    {
                        self.absent_until(now);
                    }
                    Ok::<_, StoreError>(())
                };
                if let Err(error) = away.await {
                    tracing::error!(%error, "since when nobody was here could not be read");
                }
            })
            .await;
    }

    /// Looks at the clocks: whether the computer slept since the last look.
    pub(crate) async fn notice_sleep(&self) {
        let mut watch = self.0.catching_up.watch.lock().await;
        let now = self.0.clock.read();
        let before = watch.last.replace(now).unwrap_or(now);
        let asleep_ms = self.0.clock.asleep_ms(before, now);
        if asleep_ms < -SLEPT_MS {
            tracing::info!(seconds = asleep_ms / 1000, "the clock was set back");
            self.clock_went_back(now.now);
            if let Err(error) = self.store().clock_went_back(now.now).await {
                tracing::error!(%error, "that the clock was set back could not be kept");
            }
            // Whoever waits for a time that is to come once more waits anew.
            self.came_back();
            self.know_soon();
            self.knock_soon();
        }
        if asleep_ms > SLEPT_MS {
            tracing::info!(seconds = asleep_ms / 1000, "the computer was asleep");
            self.hold_texts();
            self.forget_compared();
            self.absent_until(now.now);
            // What was about to leave before may puzzle now.
            if let Err(error) = self.store().was_away(before.now, now.now, true).await {
                tracing::error!(%error, "that the computer was asleep could not be kept");
            }
            watch.beat = None;
            self.0.catching_up.woke.notify_one();
            self.catch_up_soon();
            self.0.looking.notify_one();
            self.know_soon();
            self.knock_soon();
        }
        if watch.beat.is_none_or(|beat| now.now.since(beat) >= BEAT_MS || beat > now.now) {
            watch.beat = Some(now.now);
            self.beat(now.now).await;
        }
    }

    /// The same in the middle of a look at what Twilio has, before what was listed is stored: where the computer
    /// slept while it was listed, the look is cut off here, and one that knows of the sleep begins.
    pub(super) async fn notice_sleep_in_look(&self) {
        let inbox = self.clone();
        // By itself: what it writes down is not cut off with the look.
        let _ = tokio::spawn(async move { inbox.notice_sleep().await }).await;
        // Whoever cuts the look off has their turn.
        tokio::task::yield_now().await;
    }

    /// Writes down that the computer is awake.
    async fn beat(&self, now: Moment) {
        if let Err(error) = self.store().set_meta(AWAKE_AT, Some(now.0.to_string()), None).await {
            tracing::error!(%error, "that the computer is awake could not be kept");
        }
    }

    /// Writes down until when somebody was here, before the inbox closes.
    pub(crate) async fn end_day(&self) {
        if self.0.catching_up.begun.initialized() {
            self.notice_sleep().await;
            self.beat(self.now()).await;
        }
    }
}
