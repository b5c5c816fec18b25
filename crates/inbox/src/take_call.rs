//! A call comes, goes its way, and ends. Whoever calls is answered from memory; what happened is on disk
//! before, unless the disk is slower than a caller's patience.

use crate::{
    Inbox,
    from_twilio::{event, noted, receipt},
    recordings::{self, Told},
    rules::Rules,
    speak::Speaker,
};
use ringdesk_domain::{
    Address, Arrival, CallId, Moment,
    calls::{Screened, is_over},
    routing::{Decision, Plan},
};
use ringdesk_store::{Answer, Happening, LegHappening, Receipt, RecordingFact, StoreError, Which};
use ringdesk_twilio::{Form, Signed, post::CallPost, twiml};
use std::{sync::Arc, time::Duration};

/// How long a caller waits for the disk. Beyond it they are answered all the same: the fact is written
/// when the disk is there again, or told by the call's end.
const PATIENCE: Duration = Duration::from_secs(1);

fn says(body: String) -> Answer {
    Answer { status: 200, body }
}

/// A believed post about a call, and what is needed to answer it.
struct Taken {
    post: CallPost,
    signed: Signed<CallPost>,
    rules: Arc<Rules>,
    at: Moment,
}

/// The recording of a message that was left, where the post names it.
fn message(post: &CallPost, rules: &Rules, at: Moment) -> Option<Box<RecordingFact>> {
    let sid = post.recording_sid.as_deref()?;
    let told = Told {
        sid,
        call_sid: &post.call_sid,
        tagged: true,
        source: "RecordVerb",
        // Its own callback says when it is complete.
        status: "in-progress",
        duration_s: post.recording_s,
        error_code: None,
        began: None,
    };
    Some(Box::new(recordings::fact(&told, rules, at)))
}

impl Inbox {
    /// Somebody calls.
    pub async fn take_call(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let taken = match self.read_call(signed, event::CALL, String::new()).await? {
            Ok(taken) => taken,
            Err(answer) => return Ok(answer),
        };
        let (caller, line) = (Address::received(&taken.post.from), Address::received(&taken.post.to));
        // Asked once more, as Twilio does after a failure: what was decided for this call stays.
        let decision = match self.kept_decision(&taken.post.call_sid).await {
            Some(kept) => kept,
            None => taken.rules.decide(&caller, line.as_str(), taken.at),
        };
        let answer = says(self.speak(&taken.rules, |speaker| speaker.decision(&decision, line.as_str())));
        let happening = Happening {
            status: Some(taken.post.status.clone()),
            greeted: matches!(decision.plan, Plan::Voicemail | Plan::Message),
            decision: Some(decision),
            ..Happening::default()
        };
        self.record(&taken, event::CALL, None, happening, answer).await
    }

    /// Our answer to a call could not be had, or not be carried out: Twilio asks once more, elsewhere.
    pub async fn take_fallback(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let failed = signed.what().text("ErrorUrl").unwrap_or("").to_owned();
        let path = failed.split(['?', '#']).next().unwrap_or("");
        // What came of the ringing, or of the message, is told here all the same.
        if path.ends_with("/voice/dial-status") {
            return self.dialed(signed).await;
        }
        if path.ends_with("/voice/voicemail-done") {
            return self.message_left(signed).await;
        }
        // From 12000 on it was the document Twilio could not use, not the way to it.
        let unusable = signed
            .what()
            .text("ErrorCode")
            .is_some_and(|code| code.starts_with("12") || code.starts_with("13"));
        if !unusable && (path.ends_with("/voice/inbound") || path.is_empty()) {
            return self.take_call(signed).await;
        }
        let taken = match self.read_call(signed, event::CALL, String::new()).await? {
            Ok(taken) => taken,
            Err(answer) => return Ok(answer),
        };
        // It failed somewhere on the way: whoever is on the line gets no second round of ringing.
        let decision = self.kept_decision(&taken.post.call_sid).await;
        let body = self.speak(&taken.rules, |speaker| {
            Speaker { plainly: true, ..speaker }.voicemail(&greeting(decision.as_ref(), &taken))
        });
        let happening = Happening { greeted: true, ..Happening::default() };
        self.record(&taken, event::CALL, None, happening, says(body)).await
    }

    /// A phone of ours was picked up: by a person, or by its mailbox.
    pub async fn screen(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let taken = match self.read_call(signed, event::SCREEN, String::new()).await? {
            Ok(taken) => taken,
            Err(answer) => return Ok(answer),
        };
        let answer =
            says(self.speak(&taken.rules, |speaker| speaker.screen(&taken.post.from, &taken.rules.lines)));
        self.record_leg(&taken, event::SCREEN, "in-progress", None, answer).await
    }

    /// A key was pressed on a phone of ours; `ours` is the call of ours it was asked for.
    pub async fn screened(&self, signed: Signed<Form>, ours: Option<CallId>) -> Result<Answer, StoreError> {
        let detail = ours.map(|id| id.to_string()).unwrap_or_default();
        let taken = match self.read_call(signed, event::SCREEN, detail).await? {
            Ok(taken) => taken,
            Err(answer) => return Ok(answer),
        };
        let accepted = screened(&taken.post) == Screened::Accepted;
        if let Some(id) = ours {
            let call = self.store().call(id).await?.filter(|_| accepted);
            let body = match &call {
                Some(call) => self.speak(&taken.rules, |speaker| {
                    speaker.connect(call.customer.as_str(), call.line_number.as_str())
                }),
                None => twiml::document(&[twiml::Verb::Hangup]),
            };
            let happening = Happening { status: Some(taken.post.status.clone()), ..Happening::default() };
            return self.record(&taken, event::SCREEN, ours, happening, says(body)).await;
        }
        // An empty document ends the question, and the two are connected.
        let body = if accepted { twiml::EMPTY.to_owned() } else { twiml::document(&[twiml::Verb::Hangup]) };
        self.record_leg(&taken, event::SCREEN, "in-progress", Some(screened(&taken.post)), says(body)).await
    }

    /// The ringing is over, one way or another.
    pub async fn dialed(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let taken = match self.read_call(signed, event::DIALED, String::new()).await? {
            Ok(taken) => taken,
            Err(answer) => return Ok(answer),
        };
        let post = &taken.post;
        let decision = self.kept_decision(&post.call_sid).await;
        let bridged = bridged(post, decision.as_ref());
        let outgoing = post.direction == "outbound-api";
        if let (Some(sid), Some(status)) = (&post.dial_sid, &post.dial_status) {
            // The leg's own report may be missing, or yet to come.
            let leg = LegHappening {
                sid: sid.clone(),
                parent_sid: post.call_sid.clone(),
                number: only_phone(decision.as_ref()),
                status: status.clone(),
                duration_s: post.dial_duration_s,
                screened: None,
            };
            self.within(self.store().record_leg(leg, taken.at, None)).await;
        }
        let body = match (bridged, outgoing) {
            (true, _) => twiml::EMPTY.to_owned(),
            (false, true) => self.speak(&taken.rules, |speaker| speaker.not_reached()),
            (false, false) => {
                self.speak(&taken.rules, |speaker| speaker.voicemail(&greeting(decision.as_ref(), &taken)))
            }
        };
        let happening = Happening {
            status: Some(post.status.clone()),
            bridged: Some(bridged),
            talked_s: post.dial_duration_s.filter(|_| bridged),
            // Whoever has hung up hears no greeting, whatever is answered now.
            greeted: !bridged && !outgoing && !is_over(&post.status),
            ..Happening::default()
        };
        self.record(&taken, event::DIALED, None, happening, says(body)).await
    }

    /// A message was left, or the caller hung up on the tone.
    pub async fn message_left(&self, signed: Signed<Form>) -> Result<Answer, StoreError> {
        let taken = match self.read_call(signed, event::MESSAGE, String::new()).await? {
            Ok(taken) => taken,
            Err(answer) => return Ok(answer),
        };
        let happening = Happening {
            status: Some(taken.post.status.clone()),
            greeted: true,
            message_s: Some(taken.post.recording_s.unwrap_or(0)),
            recording: message(&taken.post, &taken.rules, taken.at),
            ..Happening::default()
        };
        let answer = says(self.speak(&taken.rules, |speaker| speaker.thanks()));
        self.record(&taken, event::MESSAGE, None, happening, answer).await
    }

    /// A call, or a phone that was rung for one, has got further; `ours` is our own id from the path.
    pub async fn track_call(&self, signed: Signed<Form>, ours: Option<CallId>) -> Result<Answer, StoreError> {
        let detail = ours.map(|id| id.to_string()).unwrap_or_default();
        let at = self.now();
        let signed = match signed.read(CallPost::read) {
            Ok(post) => post,
            Err((form, why)) => {
                return self.keep_unread(receipt(&form, event::PROGRESS, detail, at, noted()), &why).await;
            }
        };
        let taken = Taken { post: signed.what().clone(), signed, rules: self.rules(), at };
        let receipt = receipt(&taken.signed, event::PROGRESS, detail, at, noted());
        let stored = if taken.post.parent_sid.is_some() {
            let leg = leg(&taken.post, &taken.post.status, None);
            self.store().record_leg(leg, at, Some(receipt.clone())).await
        } else {
            let happening = Happening { status: Some(taken.post.status.clone()), ..Happening::default() };
            let which = which(&taken.post, ours, at);
            self.store().record_call(which, happening, at, Some(receipt.clone())).await
        };
        self.ring_for_voicemail();
        match stored {
            Ok(answer) => Ok(answer.unwrap_or_else(noted)),
            Err(StoreError::Driver(why)) => self.keep_failed(receipt, why).await,
            Err(error) => Err(error),
        }
    }

    /// Applies a kept post about a call whose effects could not be stored when it came.
    pub(crate) async fn apply_call(&self, post: &CallPost, receipt: Receipt) -> Result<(), StoreError> {
        let at = receipt.received_at;
        if post.parent_sid.is_some() {
            let screened = (receipt.event == event::SCREEN && post.digits.is_some()).then(|| screened(post));
            self.store().record_leg(leg(post, &post.status, screened), at, Some(receipt)).await?;
        } else {
            let dialed = receipt.event == event::DIALED;
            let bridged = dialed.then_some(post.dial_bridged).flatten();
            let happening = Happening {
                status: Some(post.status.clone()),
                bridged,
                talked_s: post.dial_duration_s.filter(|_| bridged == Some(true)),
                greeted: receipt.event == event::MESSAGE
                    || (dialed && bridged == Some(false) && !is_over(&post.status)),
                message_s: (receipt.event == event::MESSAGE).then(|| post.recording_s.unwrap_or(0)),
                recording: (receipt.event == event::MESSAGE)
                    .then(|| message(post, &self.rules(), at))
                    .flatten(),
                ..Happening::default()
            };
            let ours = receipt.detail.parse().ok();
            self.store().record_call(which(post, ours, at), happening, at, Some(receipt)).await?;
        }
        self.ring_for_voicemail();
        Ok(())
    }

    /// Reads a post about a call. One that cannot be read is kept; whoever calls hears the greeting.
    async fn read_call(
        &self,
        signed: Signed<Form>,
        event: &'static str,
        detail: String,
    ) -> Result<Result<Taken, Answer>, StoreError> {
        let (at, rules) = (self.now(), self.rules());
        match signed.read(CallPost::read) {
            Ok(signed) => Ok(Ok(Taken { post: signed.what().clone(), signed, rules, at })),
            Err((form, why)) => {
                let talked = form.what().text("DialBridged") == Some("true");
                let waits = event == event::CALL || (event == event::DIALED && !talked);
                let body = self.speak(&rules, |speaker| {
                    if waits { speaker.voicemail(&rules.apology()) } else { twiml::EMPTY.to_owned() }
                });
                let receipt = receipt(&form, event, detail, at, says(body));
                self.keep_unread(receipt, &why).await.map(Err)
            }
        }
    }

    /// Stores what happened to a call and answers; without the disk too.
    async fn record(
        &self,
        taken: &Taken,
        event: &'static str,
        ours: Option<CallId>,
        happening: Happening,
        answer: Answer,
    ) -> Result<Answer, StoreError> {
        let detail = ours.map(|id| id.to_string()).unwrap_or_default();
        let receipt = receipt(&taken.signed, event, detail, taken.at, answer.clone());
        let which = which(&taken.post, ours, taken.at);
        let at = taken.at;
        let stored = self
            .stored(receipt.clone(), move |inbox| {
                let (which, happening, receipt) = (which.clone(), happening.clone(), receipt.clone());
                async move { inbox.store().record_call(which, happening, at, Some(receipt)).await }
            })
            .await;
        Ok(stored.unwrap_or(answer))
    }

    async fn record_leg(
        &self,
        taken: &Taken,
        event: &'static str,
        status: &str,
        screened: Option<Screened>,
        answer: Answer,
    ) -> Result<Answer, StoreError> {
        let receipt = receipt(&taken.signed, event, String::new(), taken.at, answer.clone());
        let (leg, at) = (leg(&taken.post, status, screened), taken.at);
        let stored = self
            .stored(receipt.clone(), move |inbox| {
                let (leg, receipt) = (leg.clone(), receipt.clone());
                async move { inbox.store().record_leg(leg, at, Some(receipt)).await }
            })
            .await;
        Ok(stored.unwrap_or(answer))
    }

    /// Stores what happened, and says what was answered before if the same request came before. Where
    /// the disk keeps the caller waiting, or fails, it is stored as soon as that can be.
    async fn stored<W>(&self, receipt: Receipt, write: impl Fn(Self) -> W + Send + 'static) -> Option<Answer>
    where
        W: Future<Output = Result<Option<Answer>, StoreError>> + Send + 'static,
    {
        let first = self.within(write(self.clone())).await;
        self.ring_for_voicemail();
        match first {
            Some(Ok(answer)) => return answer,
            Some(Err(StoreError::Driver(why))) => {
                return self.within(self.keep_failed(receipt, why)).await?.ok();
            }
            Some(Err(error)) => tracing::error!(%error, "a call could not be stored yet"),
            None => {}
        }
        let inbox = self.clone();
        tokio::spawn(async move {
            while let Err(error) = write(inbox.clone()).await {
                if inbox.0.stop.is_cancelled() {
                    tracing::error!(%error, "what happened to a call could not be stored");
                    return;
                }
                inbox.rest(&error).await;
            }
            inbox.ring_for_voicemail();
        });
        None
    }

    /// Waits for the disk as long as a caller would.
    async fn within<T>(&self, storing: impl Future<Output = T>) -> Option<T> {
        let stored = tokio::time::timeout(PATIENCE, storing).await;
        stored.inspect_err(|_| tracing::error!("a caller was answered before the disk was ready")).ok()
    }

    async fn kept_decision(&self, call_sid: &str) -> Option<Decision> {
        self.within(self.store().decision(call_sid)).await?.ok().flatten()
    }

    fn speak(&self, rules: &Rules, words: impl FnOnce(Speaker<'_>) -> String) -> String {
        match self.reach().filter(|reach| reach.public.is_some()) {
            Some(reach) => words(Speaker { reach: Some(&reach), settings: &rules.settings, plainly: false }),
            // Nobody can be asked back, so nobody is promised anything. The door is not open like this.
            None => twiml::document(&[twiml::Verb::Hangup]),
        }
    }
}

/// Whether the two were connected. Twilio's own word wins; `completed` alone does not prove it, since
/// a mailbox that was screened out completes too. Source: Twilio's TwiML changelog, 2020-12-09.
fn bridged(post: &CallPost, decision: Option<&Decision>) -> bool {
    if let Some(bridged) = post.dial_bridged {
        return bridged;
    }
    let completed = matches!(post.dial_status.as_deref(), Some("completed" | "answered"));
    let screening =
        matches!(decision.map(|decision| &decision.plan), Some(Plan::Forward { screening: true, .. }));
    completed && !screening
}

/// What is said when nobody took the call: what was decided when it came, or what is said now.
fn greeting(decision: Option<&Decision>, taken: &Taken) -> ringdesk_domain::routing::Greeting {
    decision.map_or_else(
        || {
            let (caller, line) = (Address::received(&taken.post.from), &taken.post.to);
            taken.rules.decide(&caller, line, taken.at).greeting
        },
        |decision| decision.greeting.clone(),
    )
}

fn screened(post: &CallPost) -> Screened {
    if post.digits.as_deref() == Some("1") { Screened::Accepted } else { Screened::Declined }
}

/// The phone that was rung, where there was only one.
fn only_phone(decision: Option<&Decision>) -> String {
    match decision.map(|decision| &decision.plan) {
        Some(Plan::Forward { phones, .. }) if phones.len() == 1 => phones[0].number.clone(),
        _ => String::new(),
    }
}

fn which(post: &CallPost, ours: Option<CallId>, at: Moment) -> Which {
    let outgoing = ours.is_some() || post.direction.starts_with("outbound");
    let (line, customer) = if outgoing { (&post.from, &post.to) } else { (&post.to, &post.from) };
    Which {
        id: CallId::new(at),
        sid: post.call_sid.clone(),
        ours,
        line: Address::received(line),
        customer: Address::received(customer),
        outgoing,
        arrival: Arrival::Live,
    }
}

fn leg(post: &CallPost, status: &str, screened: Option<Screened>) -> LegHappening {
    LegHappening {
        sid: post.call_sid.clone(),
        parent_sid: post.parent_sid.clone().unwrap_or_default(),
        number: post.to.clone(),
        status: status.to_owned(),
        duration_s: post.duration_s,
        screened,
    }
}
