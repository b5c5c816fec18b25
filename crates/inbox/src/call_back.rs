//! The owner calls a customer: their own phone rings first, then the customer's, which shows our number.
//! One POST, never a second one.

use crate::{CallProblem, Inbox, Problem, Reach, speak::Speaker};
use ringdesk_domain::{
    Actor, Address, CallId, ConversationId,
    address::AddressKind,
    routing::{Greeting, Phone, Which},
};
use ringdesk_store::{CallPlaced, NewCall as NewRow, StoreError};
use ringdesk_twilio::{
    error::RestError,
    rest::{NewCall, Placed},
};

/// Seconds the owner's phone rings.
const OWN_RINGS: u32 = 25;
/// A call made this long before or after ours was placed may be ours, in milliseconds.
const AROUND_MS: i64 = 2 * 60_000;
/// After this long somebody who could not be asked is asked again, in milliseconds.
const UNREACHABLE_MS: i64 = 30_000;

impl Inbox {
    /// Calls the customer of a conversation: `phone` rings first, or the first of ours.
    pub async fn call_back(
        &self,
        conversation: ConversationId,
        phone: Option<&str>,
        actor: Actor,
    ) -> Result<CallId, CallProblem> {
        let row = self.store().conversation(conversation).await?.ok_or(Problem::NotFound)?;
        if row.customer.kind() != AddressKind::Number {
            return Err(CallProblem::NoWayBack);
        }
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let phone = self.own_phone(row.line_number.as_str(), phone)?;
        // The document asks us how to go on.
        reach.public.as_ref().ok_or_else(Self::told_no_address)?;
        let now = self.now();
        let id = CallId::new(now);
        let number = phone.number.clone();
        let new = NewRow { id, conversation, phone: number.clone(), actor, at: now };
        let kept = self.store().new_call(new).await?;
        if kept != id {
            // Asked twice: the one that rings already counts.
            return Ok(kept);
        }
        let rules = self.rules();
        let speaker = Speaker { reach: Some(&reach), settings: &rules.settings, plainly: false };
        let call = NewCall {
            to: number,
            from: row.line_number.as_str().to_owned(),
            twiml: speaker.call_back(id, row.customer.as_str()),
            status_callback: reach.webhook(&format!("/voice/status/{id}")).unwrap_or_default(),
            timeout: OWN_RINGS,
        };
        // On its own: whoever asked may close the window meanwhile.
        let inbox = self.clone();
        tokio::spawn(async move { inbox.place(id, call, &reach).await });
        Ok(id)
    }

    /// Rings a phone of ours and says there what callers hear.
    pub async fn hear_greeting(&self, which: Which, phone: Option<&str>) -> Result<(), CallProblem> {
        let reach = self.reach().ok_or(Problem::NotConnected)?;
        let rules = self.rules();
        let line = rules.lines.first().ok_or(Problem::NotConnected)?;
        let phone = self.own_phone(line, phone)?;
        let greetings = &rules.settings.calls.greetings;
        let greeting = match which {
            Which::Open => &greetings.open,
            Which::Closed | Which::Holiday => &greetings.closed,
            Which::Message => &greetings.message,
        };
        let greeting = Greeting {
            text: greeting.text.replace("{business}", ringdesk_domain::routing::business(&rules.settings)),
            recording: greeting.recording.clone(),
        };
        if greeting.recording.is_some() && reach.public.is_none() {
            return Err(Self::told_no_address().into());
        }
        let call = NewCall {
            to: phone.number,
            from: line.clone(),
            twiml: Speaker { reach: Some(&reach), settings: &rules.settings, plainly: false }
                .rehearsal(&greeting),
            status_callback: reach.webhook("/voice/status").unwrap_or_default(),
            timeout: OWN_RINGS,
        };
        match reach.client.create_call(&call).await {
            Placed::Accepted(_) => Ok(()),
            Placed::Refused(code) => Err(CallProblem::Refused(code)),
            Placed::NotSent(_) | Placed::Unknown(_) => Err(CallProblem::NotSent),
        }
    }

    /// The phone of ours with this number, or the first that is set for a line.
    fn own_phone(&self, line: &str, wanted: Option<&str>) -> Result<Phone, CallProblem> {
        let rules = self.rules();
        let settings = &rules.settings;
        let own = settings.lines.get(line).and_then(|rules| rules.phones.as_ref());
        let phones = own.unwrap_or(&settings.calls.phones).iter().chain(&settings.calls.phones);
        let phones = phones.chain(&settings.calls.after_hours_phones);
        // A line of ours would answer itself.
        let mut phones = phones.filter(|phone| !rules.lines.contains(&phone.number));
        let wanted = wanted.map(|typed| Address::typed(typed, &settings.region));
        let found = match &wanted {
            Some(None) => None,
            Some(Some(wanted)) => phones.find(|phone| phone.number == wanted.as_str()),
            None => phones.next(),
        };
        found.cloned().ok_or(CallProblem::NoPhone)
    }

    async fn place(&self, id: CallId, call: NewCall, reach: &Reach) {
        let placed = match reach.client.create_call(&call).await {
            Placed::Accepted(call) => {
                tracing::info!(call = %id, sid = call.sid, "Twilio took a call");
                self.twilio_answers(None);
                CallPlaced::Accepted { provider_sid: call.sid, status: call.status }
            }
            Placed::Refused(code) => {
                tracing::warn!(call = %id, code, "Twilio refused a call");
                // Without the status it is not known whether it was our sign-in that was refused.
                self.know_soon();
                CallPlaced::Failed { code: Some(code) }
            }
            Placed::NotSent(why) => {
                tracing::warn!(call = %id, why, "a call could not leave");
                self.twilio_answers(Some(&RestError::Unreachable(why)));
                CallPlaced::Failed { code: None }
            }
            Placed::Unknown(why) => {
                tracing::warn!(call = %id, why, "a call may or may not ring");
                CallPlaced::Unknown
            }
        };
        let now = self.now();
        while let Err(error) = self.store().call_placed(id, placed.clone(), now).await {
            if self.0.stop.is_cancelled() {
                tracing::error!(%error, call = %id, "a call is left unsettled; it is looked up next time");
                break;
            }
            self.rest(&error).await;
        }
        self.0.looking.notify_one();
    }

    /// Asks Twilio about calls nothing was heard of for long.
    pub(crate) async fn recheck_calls(&self, reach: &Reach) -> Result<(), StoreError> {
        for call in self.store().calls_to_recheck(self.now(), 20).await? {
            let found = match (&call.provider_sid, &call.phone) {
                (Some(sid), _) => reach.client.call(sid).await.map(Some),
                // The answer to our POST was lost: exactly one call that fits is ours.
                (None, Some(phone)) => reach.client.calls_to(phone, call.line.as_str()).await.map(|listed| {
                    let near = |made: i64| (made - call.at.0).abs() <= AROUND_MS;
                    let fits = |one: &ringdesk_twilio::rest::Call| {
                        one.parent_call_sid.is_none() && one.created_ms().is_some_and(near)
                    };
                    let mut fitting = listed.into_iter().filter(fits);
                    fitting.next().filter(|_| fitting.next().is_none())
                }),
                (None, None) => Ok(None),
            };
            let now = self.now();
            let found = match found {
                Ok(found) => found,
                Err(RestError::Refused { status: 404, .. }) => None,
                Err(error) => {
                    tracing::info!(%error, call = %call.id, "a call could not be asked about yet");
                    // Not asked, so it does not count.
                    self.store().postpone_call(call.id, now.plus_ms(UNREACHABLE_MS)).await?;
                    continue;
                }
            };
            // Another call of ours may be the one that fits.
            let known = match &found {
                Some(found) => self.store().call_with_sid(&found.sid).await?,
                None => None,
            };
            let Some(found) = found.filter(|_| known.is_none_or(|known| known == call.id)) else {
                self.store().recheck_later(call.id, now).await?;
                continue;
            };
            // Without its legs a call that was answered looks like a missed one.
            let legs = match reach.client.legs(&found.sid).await {
                Ok(legs) => legs,
                Err(error) => {
                    tracing::info!(%error, call = %call.id, "the legs of a call could not be asked about yet");
                    self.store().postpone_call(call.id, now.plus_ms(UNREACHABLE_MS)).await?;
                    continue;
                }
            };
            self.take_over_call(&call, found, legs, now).await?;
        }
        Ok(())
    }
}
