//! Calls that Twilio lists, with the phones that were rung for them and what was recorded.

use super::{Found, Part, Pass, each, or_none};
use crate::{
    Inbox, Problem, Reach,
    recordings::{Told, fact},
};
use ringdesk_domain::{Address, Arrival, CallId, Moment, calls::is_over};
use ringdesk_store::{Happening, LegHappening, Which};
use ringdesk_twilio::{
    error::RestError,
    rest::{Call, Listing, Recording, Span},
};
use std::collections::{HashMap, HashSet};

/// What was recorded, by the SIDs of the calls.
pub(super) type Recordings = HashMap<String, Vec<Recording>>;

impl Inbox {
    /// Everything that was recorded in a span.
    pub(super) async fn recordings_since(&self, reach: &Reach, span: Span) -> Result<Recordings, RestError> {
        let mut listing = Listing::<Recording>::all(span);
        let mut all = Recordings::new();
        loop {
            let page = match reach.client.page(&mut listing).await {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(all),
                // Calls are worth having without.
                Err(error @ RestError::Refused { status: 403 | 404 | 410, .. }) => {
                    tracing::info!(%error, "recordings are not given out");
                    return Ok(all);
                }
                Err(error) => return Err(error),
            };
            for recording in page {
                if let Some(call) = recording.call_sid.clone() {
                    all.entry(call).or_default().push(recording);
                }
            }
        }
    }

    /// Stores the calls of a part of a line that are not here, oldest first, and what was recorded of those
    /// that are.
    pub(super) async fn calls_of(
        &self,
        pass: &Pass<'_>,
        part: &Part,
        recordings: &Recordings,
        found: &mut Found,
    ) -> Result<(), Problem> {
        let mut listing = Listing::<Call>::to(&part.cursor.number, part.span());
        let mut listed: Vec<Call> = Vec::new();
        while let Some(page) = pass.reach.client.page(&mut listing).await? {
            let over = !page.is_empty() && page.iter().all(|call| part.is_older(call.created_ms()));
            listed.extend(page);
            if over {
                break;
            }
        }
        // A call that is still going on is told of by its own end.
        listed.retain(|call| {
            call.parent_call_sid.is_none()
                && call.direction.as_deref() == Some("inbound")
                && is_over(&call.status)
                && part.holds(call.created_ms())
        });
        let cutoffs = pass.cutoffs;
        let oldest = cutoffs.calls.zip(cutoffs.voicemails).map(|(calls, left)| calls.min(left));
        listed.retain(|call| oldest.zip(call.created_ms()).is_none_or(|(to, at)| at >= to.0));
        // The newest is listed first, also of those that came in the same second.
        listed.reverse();
        listed.sort_by_key(Call::created_ms);
        let sids: Vec<String> = listed.iter().map(|call| call.sid.clone()).collect();
        let known: HashSet<String> = self.store().known_calls(&sids).await?.into_iter().collect();
        let in_part = self.store().calls_without_legs(&sids).await?;
        let unknown = sids.into_iter().filter(|sid| !known.contains(sid)).chain(in_part).collect();
        let client = &pass.reach.client;
        let legs = each(unknown, |sid: String| {
            let client = client.clone();
            async move { or_none(client.legs(&sid).await) }
        });
        let mut legs: HashMap<String, Vec<Call>> = legs.await?.into_iter().collect();
        self.notice_sleep_in_look().await;
        for call in listed {
            let at = call.created_ms().map_or(pass.began, Moment);
            let arrival = pass.arrival(at, &part.cursor);
            let recorded = recordings.get(&call.sid).map_or(&[][..], Vec::as_slice);
            self.store_recordings(recorded, arrival).await?;
            let Some(legs) = legs.remove(&call.sid) else { continue };
            if !known.contains(&call.sid) {
                found.call(at);
            }
            self.store_call(part, call, legs, arrival, at).await?;
        }
        Ok(())
    }

    /// Stores what was recorded of a call and is not here.
    async fn store_recordings(&self, recorded: &[Recording], arrival: Arrival) -> Result<(), Problem> {
        let sids: Vec<String> = recorded.iter().map(|recording| recording.sid.clone()).collect();
        if sids.is_empty() {
            return Ok(());
        }
        let known: HashSet<String> = self.store().known_recordings(&sids).await?.into_iter().collect();
        let rules = self.rules();
        for recording in recorded.iter().filter(|recording| !known.contains(&recording.sid)) {
            let told = Told {
                sid: &recording.sid,
                call_sid: recording.call_sid.as_deref().unwrap_or(""),
                tagged: false,
                source: recording.source.as_deref().unwrap_or(""),
                status: &recording.status,
                duration_s: recording.duration_s(),
                error_code: recording.error_code,
                began: recording.started_ms().map(Moment),
            };
            let mut fact = fact(&told, &rules, self.now());
            // Nobody wants letters about last month.
            fact.emailed &= arrival != Arrival::History;
            self.store().record_recording(fact, self.now(), None).await?;
            self.ring_for_voicemail();
        }
        Ok(())
    }

    /// The call last: by then everything is here that its ending is concluded from.
    async fn store_call(
        &self,
        part: &Part,
        call: Call,
        legs: Vec<Call>,
        arrival: Arrival,
        at: Moment,
    ) -> Result<(), Problem> {
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
            line: Address::received(&part.cursor.number),
            customer: Address::received(call.from.as_deref().unwrap_or("")),
            outgoing: false,
            arrival,
        };
        let what = Happening { status: Some(call.status), ..Happening::default() };
        self.store().record_call(which, what, at, None).await?;
        self.ring_for_voicemail();
        Ok(())
    }
}
