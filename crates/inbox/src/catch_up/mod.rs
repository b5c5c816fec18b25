//! What Twilio took while nobody could reach us: listed, and stored by the same functions as what is
//! posted. What is here already changes nothing.

mod alerts;
mod asleep;
mod calls;
mod history;
mod state;
mod texts;

pub(crate) use state::CatchingUp;

use crate::{Inbox, Problem, Reach, clock::Reading, outbox::backoff};
use ringdesk_domain::{Arrival, Moment, keep::Cutoffs};
use ringdesk_store::Cursor;
use ringdesk_twilio::{error::RestError, rest::Span};
use std::future::Future;
use tokio::task::JoinSet;

/// How often, in milliseconds; and how soon again, at first, where something could not be listed.
const EVERY_MS: i64 = 5 * 60_000;
const AGAIN_MS: i64 = 30_000;
/// How much before the last complete moment is listed again, in milliseconds: Twilio lists by when
/// something was made, and what was made may become visible a little later.
const OVERLAP_MS: i64 = 2 * 60 * 60_000;
/// Our clock and Twilio's differ by this much at most without anybody minding, in milliseconds.
const SKEW_MS: i64 = 30_000;
/// Repairs are counted for this long, in milliseconds.
const WEEK_MS: i64 = 7 * 24 * 60 * 60_000;
/// Questions about single texts and calls in the air at once.
const AT_ONCE: usize = 3;

/// One look at what Twilio has.
struct Pass<'a> {
    reach: &'a Reach,
    /// When it began.
    began: Moment,
    /// Absences it may have to make up for, oldest first.
    absences: Vec<(Moment, Moment)>,
    /// Whether one of them is not made up for yet: what does not reach us until then is of it.
    open: bool,
    /// What is older is deleted here, and does not come back.
    cutoffs: Cutoffs,
}

/// A part of a line's past.
#[derive(Debug, Clone)]
struct Part {
    cursor: Cursor,
    from: Moment,
    /// The end, where it is not now.
    to: Option<Moment>,
}

impl Part {
    fn span(&self) -> Span {
        Span { from_ms: self.from.0, to_ms: self.to.map(|to| to.0) }
    }

    fn holds(&self, at: Option<i64>) -> bool {
        at.is_none_or(|at| at >= self.from.0 && self.to.is_none_or(|to| at < to.0))
    }

    fn is_older(&self, at: Option<i64>) -> bool {
        at.is_some_and(|at| at < self.from.0)
    }
}

/// What a look found.
#[derive(Debug, Default, Clone, Copy)]
struct Found {
    texts: u32,
    calls: u32,
    /// When the newest of it was made.
    newest: Option<Moment>,
}

impl Found {
    fn text(&mut self, at: Moment) {
        self.texts += 1;
        self.newest = self.newest.max(Some(at));
    }

    fn call(&mut self, at: Moment) {
        self.calls += 1;
        self.newest = self.newest.max(Some(at));
    }
}

impl Pass<'_> {
    /// How something that was made at a moment reached us.
    fn arrival(&self, at: Moment, cursor: &Cursor) -> Arrival {
        if at < cursor.began_at {
            return Arrival::History;
        }
        let within =
            |(from, to): &(Moment, Moment)| (from.plus_ms(-SKEW_MS)..=to.plus_ms(SKEW_MS)).contains(&at);
        if self.absences.iter().any(within) { Arrival::Asleep } else { Arrival::Missed }
    }
}

impl Inbox {
    /// Catches up at the start, when somebody came back or woke up, and every five minutes, and brings in the
    /// past meanwhile, until the inbox closes.
    pub(crate) async fn run_catching_up(self) {
        self.begin_day().await;
        let (mut due, mut past_due) = (self.now(), self.now());
        let (mut failures, mut past_failures) = (0, 0);
        loop {
            let reach = self.reach();
            let began = self.now();
            // Where the clock was set back, nothing waits for the time that it showed before.
            due = due.min(began.plus_ms(EVERY_MS));
            past_due = past_due.min(began.plus_ms(EVERY_MS));
            if let (Some(reach), true) = (&reach, began >= due) {
                let caught = tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    // What was listed before it fell asleep says nothing any more.
                    () = self.0.catching_up.woke.notified() => {
                        due = self.now();
                        continue;
                    }
                    caught = self.catch_up(reach) => caught,
                };
                // From its beginning on: it may have been slept through.
                due = began.plus_ms(after(&mut failures, caught.as_ref().err()));
            }
            let past = match &reach {
                Some(_) if failures == 0 && (past_failures == 0 || self.now() >= past_due) => {
                    self.next_past().await
                }
                _ => None,
            };
            if let (Some(reach), Some(part)) = (&reach, past) {
                let brought = tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    // What is new goes first; the part is brought in afterwards.
                    () = self.0.catching.notified() => {
                        due = self.now();
                        continue;
                    }
                    brought = self.bring_in(reach, part) => brought,
                };
                self.past_failed(brought.as_ref().err());
                if brought.is_err() {
                    past_due = self.now().plus_ms(after(&mut past_failures, brought.as_ref().err()));
                } else {
                    past_failures = 0;
                    continue;
                }
            }
            // Whoever connects says so.
            let next = reach.map(|_| due.min(later(past_due, self.now(), due)));
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.catching.notified() => due = self.now(),
                () = self.until(next) => {}
            }
        }
    }

    /// Looks at every line for what came since its last complete moment. What cannot be listed of one does not
    /// keep the others.
    async fn catch_up(&self, reach: &Reach) -> Result<(), Problem> {
        self.look_begins().await;
        let mut found = Found::default();
        let outcome = self.look(reach, &mut found).await;
        if matches!(outcome, Err(Problem::Twilio(RestError::Unreachable(_)))) {
            // Nobody knows what comes until somebody can be asked again.
            self.hold_texts();
        }
        if found.texts + found.calls > 0 {
            tracing::info!(texts = found.texts, calls = found.calls, "what did not reach us was fetched");
        }
        if let Some(newest) = found.newest {
            self.missed(newest);
        }
        self.look_ended(&outcome).await;
        outcome
    }

    async fn look(&self, reach: &Reach, found: &mut Found) -> Result<(), Problem> {
        let reading = self.0.clock.read();
        let began = reading.now;
        let complete_to = began.plus_ms(-self.ahead_ms(reach, reading).await?);
        self.lists_begin(began);
        for line in self.store().all_lines().await? {
            let number = line.number.as_str();
            if line.used {
                self.store().begin_cursor(number, complete_to).await?;
            } else {
                self.store().end_cursor(number).await?;
            }
        }
        let cursors = self.store().cursors().await?;
        let Some(oldest) = cursors.iter().map(|cursor| cursor.complete_to).min() else {
            self.texts_are_here(true, began);
            return Ok(());
        };
        let since = oldest.plus_ms(-OVERLAP_MS);
        let open = self.store().last_absence().await?.filter(|absence| !absence.complete);
        let mut absences = self.store().absences_since(since).await?;
        for (from, to) in &mut absences {
            if open.is_some_and(|open| open.began_at == *from) {
                *to = (*to).max(began);
            }
        }
        let pass = Pass { reach, began, absences, open: open.is_some(), cutoffs: self.cutoffs() };
        let part = |cursor: Cursor| Part { from: cursor.complete_to.plus_ms(-OVERLAP_MS), cursor, to: None };
        let parts: Vec<Part> = cursors.into_iter().map(part).collect();
        // The texts of all lines first: who wants no more of them gets no more.
        let mut outcomes = Vec::with_capacity(parts.len());
        for part in &parts {
            outcomes.push(self.texts_of(&pass, part, found).await);
        }
        let unlisted = outcomes.iter().any(|outcome| outcome.as_ref().is_err_and(|error| !is_refused(error)));
        self.texts_are_here(!unlisted, began);
        let recordings = self.recordings_since(reach, Span { from_ms: since.0, to_ms: None }).await;
        let recordings = recordings.as_ref();
        let mut outcome = Ok(());
        for (part, texts) in parts.iter().zip(outcomes) {
            let calls = match recordings {
                Ok(recordings) => self.calls_of(&pass, part, recordings, found).await,
                Err(error) => Err(Problem::Twilio(error.clone())),
            };
            let caught = texts.and_then(|unsettled| calls.map(|()| unsettled));
            if let Ok(unsettled) = &caught {
                let to = unsettled.map_or(complete_to, |at| at.min(complete_to));
                self.store().complete(&part.cursor.number, to).await?;
            }
            outcome = outcome.and(caught.map(|_| ()));
        }
        if outcome.is_ok() {
            self.store().made_up_for(began, began).await?;
            self.store().forget_repairs(began.plus_ms(-WEEK_MS)).await?;
        }
        outcome
    }

    fn cutoffs(&self) -> Cutoffs {
        self.rules().settings.keep.cutoffs(self.now())
    }

    /// How far our clock was ahead of Twilio's at a reading: so much less is complete.
    async fn ahead_ms(&self, reach: &Reach, at: Reading) -> Result<i64, Problem> {
        let mut read = at;
        let mut asked = self.compare_clocks(reach).await;
        if matches!(asked, Err(RestError::Unreachable(_))) {
            // A connection of before a sleep answers nobody any more.
            read = self.0.clock.read();
            asked = self.compare_clocks(reach).await;
        }
        // When a network comes back, clocks are set: ours may show less than at the reading.
        let back_ms = (-self.0.clock.asleep_ms(at, read)).max(0);
        match asked {
            Ok(ahead) if ahead + back_ms > SKEW_MS => Ok(ahead + back_ms),
            Err(error @ RestError::Unreachable(_)) => Err(error.into()),
            Ok(_) | Err(_) => Ok(0),
        }
    }
}

/// How long until the next try, in milliseconds: soon where the last ones failed, then more and more rarely.
fn after(failures: &mut u32, error: Option<&Problem>) -> i64 {
    match error {
        None => {
            *failures = 0;
            EVERY_MS
        }
        Some(error) => {
            tracing::info!(%error, "what may be missing could not all be listed yet");
            *failures = failures.saturating_add(1);
            backoff(AGAIN_MS, EVERY_MS, *failures)
        }
    }
}

/// A moment that is still to come, or the other one.
fn later(at: Moment, now: Moment, other: Moment) -> Moment {
    if at > now { at } else { other }
}

/// Whether Twilio does not let us look: waiting helps nothing.
fn is_refused(problem: &Problem) -> bool {
    matches!(problem, Problem::Twilio(RestError::Refused { status: 401 | 403 | 404, .. }))
}

/// Whether trying again may help.
fn is_passing(problem: &Problem) -> bool {
    match problem {
        Problem::Twilio(RestError::Refused { status, .. }) => *status == 429 || *status >= 500,
        Problem::Twilio(RestError::Unreachable(_)) => true,
        _ => false,
    }
}

/// A list, or none where Twilio does not give one out, be it a right that is missing or something that is
/// gone: what is left is better than nothing at all.
fn or_none<T>(listed: Result<Vec<T>, RestError>) -> Result<Vec<T>, RestError> {
    match listed {
        Err(RestError::Refused { status: status @ (401 | 429), code }) => {
            Err(RestError::Refused { status, code })
        }
        Err(error @ (RestError::Refused { status: 400..500, .. } | RestError::Unreadable)) => {
            tracing::info!(%error, "a part of what came is not given out");
            Ok(Vec::new())
        }
        listed => listed,
    }
}

/// Asks one question for each, a few at once.
async fn each<K, T, F>(keys: Vec<K>, ask: impl Fn(K) -> F) -> Result<Vec<(K, T)>, RestError>
where
    K: Clone + Send + 'static,
    T: Send + 'static,
    F: Future<Output = Result<T, RestError>> + Send + 'static,
{
    let mut asking: JoinSet<Result<(K, T), RestError>> = JoinSet::new();
    let mut all = Vec::with_capacity(keys.len());
    for key in keys {
        if asking.len() == AT_ONCE
            && let Some(Ok(answer)) = asking.join_next().await
        {
            all.push(answer?);
        }
        let answer = ask(key.clone());
        asking.spawn(async move { Ok((key, answer.await?)) });
    }
    while let Some(answer) = asking.join_next().await {
        // One that was cut off ends with all of them.
        let Ok(answer) = answer else { continue };
        all.push(answer?);
    }
    Ok(all)
}
