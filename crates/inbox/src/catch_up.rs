//! What Twilio took while nobody could reach us: listed, and stored by the same functions as what is
//! posted. What is here already changes nothing.

use crate::{
    Inbox, Problem, Reach,
    from_twilio::listed_text,
    outbox::backoff,
    recordings::{Told, fact},
};
use ringdesk_domain::{
    Address, CallId, Moment,
    calls::{Ending, is_over},
};
use ringdesk_store::{Happening, LegHappening, StoreError, Which};
use ringdesk_twilio::{
    error::RestError,
    rest::{Call, Message, Recording},
};
use std::collections::{HashMap, HashSet};

/// How often, in milliseconds; and how soon again, at first, where something could not be listed.
const EVERY_MS: i64 = 5 * 60_000;
const AGAIN_MS: i64 = 30_000;
/// How much before the last complete moment is listed again, in milliseconds: Twilio lists by when
/// something was made, and what was made may become visible a little later.
const OVERLAP_MS: i64 = 2 * 60 * 60_000;
/// How long after a call began its message may still be on its way, in milliseconds.
const MESSAGE_COMES_MS: i64 = 60 * 60_000;
/// Where the moment is kept up to which nothing is missing, in UTC milliseconds; and with a number behind it
/// that of a line which was listed since.
const COMPLETE_TO: &str = "complete_to";

/// What the rounds found.
#[derive(Debug, Default)]
struct Rounds {
    /// How much was not here, in this round.
    found: u32,
    /// When the newest of it was made.
    newest: Option<Moment>,
    /// How many in a row could not be finished.
    failures: u32,
    /// Calls, and when they began, that need not be asked for a message any more.
    asked: HashMap<String, Moment>,
}

impl Rounds {
    fn found(&mut self, made: Moment) {
        self.found += 1;
        self.newest = self.newest.max(Some(made));
    }
}

impl Inbox {
    /// Catches up at the start, when somebody came back, and every five minutes, until the inbox closes.
    pub(crate) async fn run_catching_up(self) {
        let mut rounds = Rounds::default();
        loop {
            let mut pause = EVERY_MS;
            if let Some(reach) = self.reach() {
                let caught = tokio::select! {
                    () = self.0.stop.cancelled() => return,
                    caught = self.catch_up(&reach, &mut rounds) => caught,
                };
                match caught {
                    Ok(()) => rounds.failures = 0,
                    Err(error) => {
                        tracing::info!(%error, "what may be missing could not all be listed yet");
                        rounds.failures = rounds.failures.saturating_add(1);
                        pause = backoff(AGAIN_MS, EVERY_MS, rounds.failures);
                    }
                }
            }
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.catching.notified() => {}
                () = self.until(Some(self.now().plus_ms(pause))) => {}
            }
        }
    }

    /// Up to when nothing is missing of any line in use; none before the first look, or without a line.
    pub(crate) async fn complete_to(&self) -> Option<Moment> {
        let mut oldest: Option<Moment> = None;
        for line in self.store().lines().await.ok()? {
            let complete_to = self.line_complete_to(line.number.as_str()).await.ok()??;
            oldest = Some(oldest.map_or(complete_to, |oldest| oldest.min(complete_to)));
        }
        oldest
    }

    /// Lists for each line what came since its last complete moment, and stores what is not here. What cannot
    /// be listed of one does not keep the others.
    async fn catch_up(&self, reach: &Reach, rounds: &mut Rounds) -> Result<(), Problem> {
        let began = self.now();
        (rounds.found, rounds.newest) = (0, None);
        let mut oldest = began;
        let mut outcome = Ok(());
        for line in self.store().all_lines().await? {
            let number = line.number.as_str();
            if !line.used {
                // Whoever uses it again starts from there.
                if self.kept_moment(&of_line(number)).await?.is_some() {
                    self.keep_moment(&of_line(number), None).await?;
                }
                continue;
            }
            let Some(complete_to) = self.line_complete_to(number).await? else { continue };
            let since = complete_to.plus_ms(-OVERLAP_MS);
            oldest = oldest.min(since);
            let texts = self.catch_up_texts(reach, number, since, rounds).await;
            let calls = self.catch_up_calls(reach, number, since, rounds).await;
            let caught = texts.and(calls);
            // Kept by itself even where it stays the same: that of all lines goes on.
            let complete_to = if caught.is_ok() { began } else { complete_to };
            self.keep_moment(&of_line(number), Some(complete_to)).await?;
            outcome = outcome.and(caught);
        }
        self.keep_moment(COMPLETE_TO, Some(began)).await?;
        rounds.asked.retain(|_, at| *at >= oldest);
        if rounds.found > 0 {
            tracing::info!(found = rounds.found, "what did not reach us was fetched");
        }
        if let Some(newest) = rounds.newest {
            self.missed(newest);
        }
        outcome
    }

    async fn line_complete_to(&self, number: &str) -> Result<Option<Moment>, StoreError> {
        match self.kept_moment(&of_line(number)).await? {
            Some(own) => Ok(Some(own)),
            // One that was picked since the last round.
            None => self.kept_moment(COMPLETE_TO).await,
        }
    }

    async fn kept_moment(&self, key: &str) -> Result<Option<Moment>, StoreError> {
        let kept = self.store().meta(key).await?;
        Ok(kept.and_then(|ms| ms.parse().ok()).map(Moment))
    }

    async fn keep_moment(&self, key: &str, at: Option<Moment>) -> Result<(), StoreError> {
        self.store().set_meta(key, at.map(|at| at.0.to_string()), None).await
    }

    /// Oldest first: whoever wrote STOP and then START wants texts.
    async fn catch_up_texts(
        &self,
        reach: &Reach,
        line: &str,
        since: Moment,
        rounds: &mut Rounds,
    ) -> Result<(), Problem> {
        let older = |message: &Message| message.created_ms().is_some_and(|at| at < since.0);
        let mut listed = reach.client.messages_to(line, None, older).await?;
        listed.retain(|message| message.direction == "inbound" && !older(message));
        let sids: Vec<String> = listed.iter().map(|message| message.sid.clone()).collect();
        let known: HashSet<String> = self.store().known_sids(&sids).await?.into_iter().collect();
        listed.retain(|message| !known.contains(&message.sid));
        listed.sort_by_key(Message::created_ms);
        for message in &listed {
            let media = match message.media() {
                0 => Vec::new(),
                _ => or_none(reach.client.media_of(&message.sid).await)?,
            };
            let text = listed_text(message, media, self.now());
            let at = text.at;
            let stored = self.store().record_incoming_text(text, None).await?;
            if stored.stored_in.is_some() {
                rounds.found(at);
                self.0.fetching.notify_one();
            }
        }
        Ok(())
    }

    async fn catch_up_calls(
        &self,
        reach: &Reach,
        line: &str,
        since: Moment,
        rounds: &mut Rounds,
    ) -> Result<(), Problem> {
        let older = |call: &Call| call.created_ms().is_some_and(|at| at < since.0);
        let mut listed = reach.client.calls_in(line, older).await?;
        // A call that is still going on is told of by its own end.
        listed.retain(|call| {
            call.parent_call_sid.is_none()
                && call.direction.as_deref() == Some("inbound")
                && is_over(&call.status)
                && !older(call)
        });
        listed.sort_by_key(Call::created_ms);
        for call in listed {
            let at = call.created_ms().map_or_else(|| self.now(), Moment);
            match self.store().call_with_sid(&call.sid).await? {
                None => {
                    self.catch_up_call(reach, line, call, at).await?;
                    rounds.found(at);
                }
                Some(known) => {
                    if self.may_lack_a_message(known).await? && !rounds.asked.contains_key(&call.sid) {
                        let all = self.catch_up_recordings(reach, &call.sid).await?;
                        if all || self.now().since(at) >= MESSAGE_COMES_MS {
                            rounds.asked.insert(call.sid, at);
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether a call that is known here may have left a message at Twilio of which nobody told us, as with
    /// the sleep backup.
    async fn may_lack_a_message(&self, id: CallId) -> Result<bool, StoreError> {
        let ending = self.store().call(id).await?.and_then(|call| call.ending);
        Ok(!matches!(ending, Some(Ending::Answered | Ending::Voicemail | Ending::Blocked)))
    }

    /// Stores what was recorded of a call. Answers whether there was something, and nothing more is to come.
    async fn catch_up_recordings(&self, reach: &Reach, call_sid: &str) -> Result<bool, Problem> {
        let recordings: Vec<Recording> = or_none(reach.client.recordings_of(call_sid).await)?;
        let rules = self.rules();
        for recording in &recordings {
            let told = Told {
                sid: &recording.sid,
                call_sid,
                tagged: false,
                source: recording.source.as_deref().unwrap_or(""),
                status: &recording.status,
                duration_s: recording.duration_s(),
                error_code: recording.error_code,
                began: recording.started_ms().map(Moment),
            };
            self.store().record_recording(fact(&told, &rules, self.now()), self.now(), None).await?;
        }
        if recordings.is_empty() {
            return Ok(false);
        }
        self.ring_for_voicemail();
        let settled = |status: &str| matches!(status, "completed" | "absent" | "failed");
        Ok(recordings.iter().all(|recording| settled(&recording.status)))
    }

    /// The call last: by then everything is here that its ending is concluded from.
    async fn catch_up_call(&self, reach: &Reach, line: &str, call: Call, at: Moment) -> Result<(), Problem> {
        let legs = or_none(reach.client.legs(&call.sid).await)?;
        self.catch_up_recordings(reach, &call.sid).await?;
        for leg in legs.into_iter().rev() {
            let leg = LegHappening {
                duration_s: leg.duration_s(),
                sid: leg.sid,
                parent_sid: call.sid.clone(),
                number: leg.to.unwrap_or_default(),
                status: leg.status,
                screened: None,
            };
            self.store().record_leg(leg, at, None).await?;
        }
        let which = Which {
            id: CallId::new(at),
            sid: call.sid,
            ours: None,
            line: Address::received(line),
            customer: Address::received(call.from.as_deref().unwrap_or("")),
            outgoing: false,
            source: "list",
        };
        let what = Happening { status: Some(call.status), ..Happening::default() };
        self.store().record_call(which, what, at, None).await?;
        self.ring_for_voicemail();
        Ok(())
    }
}

/// Under which name the moment of a line is kept.
fn of_line(number: &str) -> String {
    format!("{COMPLETE_TO} {number}")
}

/// A list, or none where Twilio does not give one out, be it a right that is missing or something that is
/// gone: what is left is better than nothing at all.
fn or_none<T>(listed: Result<Vec<T>, RestError>) -> Result<Vec<T>, RestError> {
    match listed {
        Err(error @ RestError::Refused { status: 403 | 404 | 410, .. }) => {
            tracing::info!(%error, "a part of what came is not given out");
            Ok(Vec::new())
        }
        listed => listed,
    }
}
