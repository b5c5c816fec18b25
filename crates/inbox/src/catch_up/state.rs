//! How catching up stands, and what a window is shown of it.

use super::{asleep::Watch, is_passing};
use crate::{Inbox, Problem, view};
use ringdesk_domain::{ChangeKind, Moment};
use ringdesk_store::{Absence, Cursor};
use ringdesk_twilio::error::RestError;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OnceCell};

/// Texts wait at most so long, in milliseconds, for what came meanwhile to be looked up; and where that has begun
/// and takes its time.
const HOLD_MS: i64 = 2 * 60_000;
const HOLD_LONGER_MS: i64 = 15 * 60_000;
/// News wait at most so long, in milliseconds, for all of it.
const PATIENCE_MS: i64 = 2 * 60_000;
/// What had to be fetched is counted for this long, in milliseconds.
const WEEK_MS: i64 = 7 * 24 * 60 * 60_000;

/// How catching up stands.
#[derive(Debug, Default)]
pub(crate) struct CatchingUp {
    now: Mutex<Now>,
    /// Whether it was found out since when nobody was here.
    pub(super) begun: OnceCell<()>,
    pub(super) watch: tokio::sync::Mutex<Watch>,
    /// The computer slept: what was listed before says nothing any more.
    pub(super) woke: Notify,
}

#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
struct Now {
    /// Whether Twilio is being asked, and whether somebody looks on.
    running: bool,
    shown: bool,
    /// Whether somebody asked for it.
    asked: bool,
    problem: Option<String>,
    /// Why bringing in the past could not go on.
    past_problem: Option<String>,
    /// Since when nothing leaves, since when Twilio answers what came meanwhile, and whether that is being read.
    held_since: Option<Moment>,
    answered_since: Option<Moment>,
    reading: bool,
    /// When the end of an absence was noticed that is not made up for yet.
    absent_until: Option<Moment>,
}

impl Inbox {
    /// How complete what is here is.
    pub async fn catch_up_state(&self) -> Result<view::CatchUp, Problem> {
        let cursors = self.store().cursors().await?;
        let history = self.history(&cursors).await?;
        let repaired = self.store().repaired(self.now().plus_ms(-WEEK_MS)).await?;
        let unseen = self.store().unseen_absence().await?;
        let away = match unseen {
            Some(absence) => Some(self.came_in(absence).await?),
            None => None,
        };
        let now = self.catching();
        Ok(view::CatchUp {
            running: now.running || now.asked,
            complete_to: complete_to(&cursors),
            problem: now.problem.clone().or_else(|| now.past_problem.clone()),
            repaired,
            away: away.filter(|away| !away.complete || came(away)),
            history,
        })
    }

    /// Has everything fetched now that did not reach us.
    pub async fn catch_up_now(&self) -> Result<view::CatchUp, Problem> {
        if self.reach().is_none() {
            return Err(Problem::NotConnected);
        }
        self.catching().asked = true;
        self.catch_up_soon();
        self.catch_up_state().await
    }

    /// Somebody has seen what came while nobody was here.
    pub async fn seen_away(&self) -> Result<view::CatchUp, Problem> {
        self.store().absence_seen(self.now()).await?;
        self.catch_up_state().await
    }

    async fn came_in(&self, absence: Absence) -> Result<view::Away, Problem> {
        let came = self.store().came_meanwhile(absence).await?;
        Ok(view::Away {
            from: absence.began_at,
            to: absence.ended_at,
            complete: absence.complete,
            texts: came.texts,
            people: came.people,
            calls: came.calls,
            missed: came.missed,
            voicemails: came.voicemails,
            conversations: came.conversations,
        })
    }

    /// Whether what came while nobody was here is not all fetched yet, and will be soon.
    pub(crate) fn fetching_absence(&self) -> bool {
        let soon = |until: Moment| self.now().since(until) < PATIENCE_MS;
        self.reach().is_some() && self.catching().absent_until.is_some_and(soon)
    }

    /// Up to when nothing is missing of any line in use; none before the first look, or without a line.
    pub(crate) async fn complete_to(&self) -> Option<Moment> {
        complete_to(&self.store().cursors().await.ok()?)
    }

    /// Whether somebody looks on while Twilio is asked for what is missing.
    pub(crate) fn catching_up(&self) -> bool {
        let now = self.catching();
        now.asked || (now.running && now.shown)
    }

    /// Until when nothing leaves, if so: what came while nobody was here, or nobody could be asked, is read first.
    pub(crate) fn texts_held_until(&self, now: Moment) -> Option<Moment> {
        let catching = self.catching();
        catching.held_since?;
        let until = match catching.answered_since {
            // Nothing can leave, either.
            None => now.plus_ms(HOLD_MS),
            Some(since) => since.plus_ms(if catching.reading { HOLD_LONGER_MS } else { HOLD_MS }),
        };
        Some(until).filter(|until| now < *until)
    }

    /// Nothing leaves before what came meanwhile was read.
    pub(super) fn hold_texts(&self) {
        let mut catching = self.catching();
        (catching.held_since, catching.answered_since) = (Some(self.now()), None);
    }

    /// Twilio answers: what waits for its lists does not wait for ever.
    pub(super) fn lists_begin(&self, now: Moment) {
        let mut catching = self.catching();
        catching.reading = catching.held_since.is_some();
        catching.answered_since.get_or_insert(now);
    }

    /// The clock went back: nothing ends in a time that is still to come.
    pub(super) fn clock_went_back(&self, now: Moment) {
        let mut catching = self.catching();
        catching.held_since = catching.held_since.map(|at| at.min(now));
        catching.answered_since = catching.answered_since.map(|at| at.min(now));
        catching.absent_until = catching.absent_until.map(|at| at.min(now));
    }

    pub(super) fn past_failed(&self, problem: Option<&Problem>) {
        self.catching().past_problem = problem.map(words);
    }

    pub(super) fn absent_until(&self, until: Moment) {
        self.catching().absent_until = Some(until);
    }

    /// The texts that were written before a moment are here, or will not be.
    pub(super) fn texts_are_here(&self, here: bool, began: Moment) {
        let mut catching = self.catching();
        catching.reading = false;
        if here && catching.held_since.is_some_and(|since| since <= began) {
            catching.held_since = None;
        }
        drop(catching);
        self.0.outbox.notify_one();
    }

    pub(super) async fn look_begins(&self) {
        let shown = {
            let mut now = self.catching();
            now.running = true;
            now.shown = now.asked || now.absent_until.is_some();
            now.asked = false;
            now.shown
        };
        if shown {
            self.tell_health().await;
        }
    }

    pub(super) async fn look_ended(&self, outcome: &Result<(), Problem>) {
        let complete = match outcome {
            Ok(()) => self.made_up_for().await,
            Err(_) => false,
        };
        let tell = {
            let mut now = self.catching();
            now.running = false;
            now.reading = false;
            let problem = outcome.as_ref().err().map(words);
            let tell = std::mem::take(&mut now.shown) || now.problem != problem;
            now.problem = problem;
            if complete {
                now.absent_until = None;
            }
            tell
        };
        if tell {
            self.tell_health().await;
        }
    }

    /// Whether there is no absence that is not made up for. One in which nothing came needs nobody to see it.
    async fn made_up_for(&self) -> bool {
        let seen = async {
            if let Some(absence) = self.store().unseen_absence().await?
                && absence.complete
                && !came(&self.came_in(absence).await?)
            {
                self.store().absence_seen(self.now()).await?;
            }
            Ok::<_, Problem>(self.store().last_absence().await?.is_none_or(|absence| absence.complete))
        };
        seen.await.unwrap_or_else(|error| {
            tracing::error!(%error, "what came meanwhile could not be counted");
            false
        })
    }

    async fn tell_health(&self) {
        if let Err(error) = self.store().tell(ChangeKind::HealthChanged, self.now()).await {
            tracing::error!(%error, "how complete everything is could not be told");
        }
    }

    fn catching(&self) -> MutexGuard<'_, Now> {
        self.0.catching_up.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn complete_to(cursors: &[Cursor]) -> Option<Moment> {
    cursors.iter().map(|cursor| cursor.complete_to).min()
}

fn came(away: &view::Away) -> bool {
    away.texts + away.calls > 0
}

/// Why it could not be finished, for people.
fn words(problem: &Problem) -> String {
    match problem {
        Problem::Twilio(RestError::Refused { status: 401, .. }) => {
            "Twilio doesn’t take the sign-in, so what came since can’t be fetched."
        }
        Problem::Twilio(RestError::Refused { status: 403, .. }) => {
            "Twilio doesn’t show this account’s texts and calls to the key in use."
        }
        problem if is_passing(problem) => "Twilio doesn’t answer right now. It’s asked again soon.",
        Problem::Twilio(_) => "Twilio’s answer couldn’t be understood. It’s asked again soon.",
        _ => "What came couldn’t be stored on this computer. It’s tried again soon.",
    }
    .to_owned()
}
