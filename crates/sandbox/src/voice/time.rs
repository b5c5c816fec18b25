//! Pretend seconds: the practice line's clock, which can be moved on, and the time of each call, which
//! goes from one thing somebody waits for to the next, so that every duration comes out exact.

use std::{collections::BTreeSet, future::pending, sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

/// Real time at a pace, and what was skipped.
#[derive(Debug)]
pub(crate) struct Clock {
    /// Real seconds that a pretend one takes; none when it takes no time.
    pace: Option<f64>,
    began: Instant,
    skipped_ms: watch::Sender<u64>,
}

impl Clock {
    pub(crate) fn new(pace: f64) -> Self {
        // Below a microsecond there is nothing left to wait for.
        let pace = (pace >= 1e-6).then_some(pace.min(1_000.0));
        Self { pace, began: Instant::now(), skipped_ms: watch::Sender::new(0) }
    }

    /// Skips time.
    pub(crate) fn forward(&self, by: Duration) {
        self.skipped_ms.send_modify(|ms| *ms = ms.saturating_add(whole_ms(by)));
    }

    fn now_ms(&self) -> u64 {
        let skipped_ms = *self.skipped_ms.borrow();
        self.lived_ms().saturating_add(skipped_ms)
    }

    /// The part of it that was lived through.
    fn lived_ms(&self) -> u64 {
        self.pace.map_or(0, |pace| whole_ms(self.began.elapsed().div_f64(pace)))
    }

    async fn reaches(&self, at_ms: u64) {
        // Whoever has something to do does it before time goes on.
        tokio::task::yield_now().await;
        let Some(pace) = self.pace else { return };
        let mut skipped = self.skipped_ms.subscribe();
        loop {
            let left_ms = at_ms.saturating_sub(self.now_ms());
            if left_ms == 0 {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left_ms).mul_f64(pace)) => {}
                _ = skipped.changed() => {}
            }
        }
    }
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// The time of one call and its legs. It stands still while the app is asked or told something.
#[derive(Debug)]
pub(crate) struct Timeline {
    clock: Arc<Clock>,
    /// The moment it began, in UTC.
    began_ms: i64,
    state: watch::Sender<State>,
}

#[derive(Debug)]
struct State {
    now_ms: u64,
    /// What the clock showed at `now_ms`.
    clock_ms: u64,
    holds: usize,
    /// What of the clock had been lived through when the first of the holds began.
    held_since_ms: u64,
    /// What is waited for: when, and a number of its own.
    waits: BTreeSet<(u64, u64)>,
    waited: u64,
}

impl State {
    fn reach(&mut self, to_ms: u64) {
        let by = to_ms.saturating_sub(self.now_ms);
        self.now_ms += by;
        self.clock_ms = self.clock_ms.saturating_add(by);
    }

    /// The next thing that is waited for, and what the clock shows then.
    fn due(&self) -> Option<(u64, u64)> {
        let (next_ms, _) = *self.waits.first().filter(|_| self.holds == 0)?;
        Some((next_ms, self.clock_ms.saturating_add(next_ms.saturating_sub(self.now_ms))))
    }
}

impl Timeline {
    pub(crate) fn begin(clock: &Arc<Clock>, began_ms: i64) -> Arc<Self> {
        let state = State {
            now_ms: 0,
            clock_ms: clock.now_ms(),
            holds: 0,
            held_since_ms: 0,
            waits: BTreeSet::new(),
            waited: 0,
        };
        Arc::new(Self { clock: Arc::clone(clock), began_ms, state: watch::Sender::new(state) })
    }

    /// Pretend milliseconds since it began.
    pub(crate) fn now_ms(&self) -> u64 {
        self.state.borrow().now_ms
    }

    /// The moment it is now.
    pub(crate) fn utc_ms(&self) -> i64 {
        self.began_ms.saturating_add_unsigned(self.now_ms())
    }

    /// Waits for a time of this line.
    pub(crate) async fn until(&self, at_ms: u64) {
        let mut state = self.state.subscribe();
        if self.now_ms() >= at_ms {
            return;
        }
        let _wait = Wait::begin(self, at_ms);
        let _ = state.wait_for(|state| state.now_ms >= at_ms).await;
    }

    /// Stops time until the hold is dropped.
    pub(crate) fn hold(self: &Arc<Self>) -> Hold {
        let lived_ms = self.clock.lived_ms();
        self.state.send_modify(|state| {
            if state.holds == 0 {
                state.held_since_ms = lived_ms;
            }
            state.holds += 1;
        });
        Hold(Arc::clone(self))
    }

    /// Something came from outside in the middle of a wait: it is as late as the clock says.
    pub(crate) fn catch_up(&self) {
        let clock_ms = self.clock.now_ms();
        self.state.send_modify(|state| {
            if let Some((next_ms, _)) = state.due() {
                let passed_ms = clock_ms.saturating_sub(state.clock_ms);
                state.reach(state.now_ms.saturating_add(passed_ms).min(next_ms));
            }
        });
    }

    /// Plays something out: whenever it only waits, time goes on to the next thing it waits for.
    pub(crate) async fn play<T>(&self, what: impl Future<Output = T>) -> T {
        tokio::pin!(what);
        loop {
            tokio::select! {
                biased;
                outcome = &mut what => return outcome,
                () = self.pass() => {}
            }
        }
    }

    async fn pass(&self) {
        let mut state = self.state.subscribe();
        loop {
            let due = state.borrow_and_update().due();
            let reached = async {
                match due {
                    Some((_, clock_ms)) => self.clock.reaches(clock_ms).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                _ = state.changed() => {}
                () = reached => {
                    if let Some((to_ms, _)) = due {
                        self.state.send_modify(|state| state.reach(to_ms));
                    }
                    return;
                }
            }
        }
    }
}

/// Somebody waiting.
struct Wait<'a> {
    timeline: &'a Timeline,
    what: (u64, u64),
}

impl<'a> Wait<'a> {
    fn begin(timeline: &'a Timeline, at_ms: u64) -> Self {
        let mut what = (at_ms, 0);
        timeline.state.send_modify(|state| {
            state.waited += 1;
            what.1 = state.waited;
            state.waits.insert(what);
        });
        Self { timeline, what }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.timeline.state.send_modify(|state| {
            state.waits.remove(&self.what);
        });
    }
}

/// While this lives, time stands still.
#[derive(Debug)]
pub(crate) struct Hold(Arc<Timeline>);

impl Drop for Hold {
    fn drop(&mut self) {
        let lived_ms = self.0.clock.lived_ms();
        self.0.state.send_modify(|state| {
            state.holds = state.holds.saturating_sub(1);
            if state.holds == 0 {
                // What was lived through meanwhile does not count; what was skipped still does.
                let held_ms = lived_ms.saturating_sub(state.held_since_ms);
                state.clock_ms = state.clock_ms.saturating_add(held_ms);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    fn timeline(pace: f64) -> Arc<Timeline> {
        Timeline::begin(&Arc::new(Clock::new(pace)), 1_000)
    }

    #[tokio::test]
    async fn time_goes_from_one_wait_to_the_next() {
        let time = timeline(0.0);
        let seen = Mutex::new(Vec::new());
        let waits = |at_ms| {
            let (time, seen) = (&time, &seen);
            async move {
                time.until(at_ms).await;
                seen.lock().expect("seen").push(time.now_ms());
                time.until(at_ms + 1_500).await;
                seen.lock().expect("seen").push(time.now_ms());
            }
        };
        time.play(async { tokio::join!(waits(3_000), waits(1_000), waits(2_000)) }).await;
        assert_eq!(*seen.lock().expect("seen"), [1_000, 2_000, 2_500, 3_000, 3_500, 4_500]);
        assert_eq!(time.utc_ms(), 5_500);
    }

    #[tokio::test]
    async fn skipped_time_counts_even_while_time_stands_still() {
        let time = timeline(1.0);
        let story = async {
            let hold = time.hold();
            time.clock.forward(Duration::from_secs(60));
            drop(hold);
            time.until(25_000).await;
            time.until(55_000).await;
            time.now_ms()
        };
        assert_eq!(time.play(story).await, 55_000);
    }

    #[tokio::test]
    async fn nothing_passes_during_a_hold() {
        let time = timeline(0.0);
        let hold = time.hold();
        let passed = tokio::time::timeout(Duration::from_millis(20), time.play(time.until(1))).await;
        assert!(passed.is_err());
        drop(hold);
        time.play(time.until(1)).await;
        assert_eq!(time.now_ms(), 1);
    }
}
