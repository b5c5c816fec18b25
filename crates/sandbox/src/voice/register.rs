//! What is known of every call: its row, what it heard, and who wants to be told about it.

use super::{
    document::Link,
    leg::Cut,
    play::Fetched,
    recordings::{Recording, Shelf},
};
use crate::{carrier::Webhook, town::date};
use serde::Serialize;
use std::collections::HashMap;
use tokio::sync::mpsc;

/// What has become of a call, as Twilio calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallStatus {
    /// Taken, and not dialed yet.
    Queued,
    /// A phone rings, or Twilio has not picked up.
    Ringing,
    /// Picked up.
    InProgress,
    /// Was picked up, and is over.
    Completed,
    /// The other end was engaged, or refused.
    Busy,
    /// Could not be put through.
    Failed,
    /// Nobody picked up.
    NoAnswer,
    /// Given up before anybody picked up.
    Canceled,
}

impl CallStatus {
    /// Twilio's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the call is over.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Queued | Self::Ringing | Self::InProgress)
    }

    fn sip_code(self) -> &'static str {
        match self {
            Self::Busy => "486",
            Self::NoAnswer | Self::Canceled => "487",
            Self::Failed => "404",
            _ => "200",
        }
    }
}

/// Which way a call goes, as Twilio calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallDirection {
    /// Somebody called one of our numbers.
    Inbound,
    /// Begun over REST.
    OutboundApi,
    /// A leg that a `<Dial>` rang.
    OutboundDial,
}

impl CallDirection {
    fn word(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::OutboundApi => "outbound-api",
            Self::OutboundDial => "outbound-dial",
        }
    }
}

/// What somebody at a phone noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Heard {
    /// It rings.
    Ringing,
    /// Somebody, or Twilio, picked up.
    Answered,
    /// Words, in the detail.
    Said,
    /// A file, by its address, or keys, in the detail.
    Played,
    /// Speak after it.
    Beep,
    /// They left a message, of as many seconds as the detail says.
    Recorded,
    /// They are put through, to the number in the detail.
    Bridged,
    /// The other end is engaged.
    Busy,
    /// Something is wrong, as the detail says.
    Error,
    /// It is over: hung up by the `person` at this phone, or by the `line`.
    HungUp,
}

/// Something somebody at a phone noticed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallEvent {
    /// Pretend seconds since the call began.
    pub at_s: u64,
    /// What.
    pub kind: Heard,
    /// The words, the file, the number.
    pub detail: String,
}

/// A call as somebody at its phone would tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallReport {
    /// Twilio's id.
    pub sid: String,
    /// Who called.
    pub from: String,
    /// Who was called.
    pub to: String,
    /// Which way.
    pub direction: CallDirection,
    /// What has become of it.
    pub status: CallStatus,
    /// Pretend seconds since it was picked up, 0 until it is over.
    pub duration_s: u64,
    /// What was noticed at this phone, oldest first.
    pub events: Vec<CallEvent>,
    /// Messages left.
    pub recordings: Vec<Recording>,
    /// Files that were fetched from this computer to be played, oldest first.
    pub fetched: Vec<Fetched>,
    /// What its `<Dial>`s rang, in that order.
    pub legs: Vec<CallReport>,
}

impl CallReport {
    /// What was noticed of one kind, oldest first.
    pub fn heard(&self, kind: Heard) -> Vec<&str> {
        self.events.iter().filter(|event| event.kind == kind).map(|event| event.detail.as_str()).collect()
    }
}

/// How far a call has come, as callbacks can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Initiated,
    Ringing,
    Answered,
    Completed,
}

impl Progress {
    pub(crate) const WORDS: [(&'static str, Self); 4] = [
        ("initiated", Self::Initiated),
        ("ringing", Self::Ringing),
        ("answered", Self::Answered),
        ("completed", Self::Completed),
    ];
}

/// Who wants to be told how a call goes, and about what.
#[derive(Debug, Clone)]
pub(crate) struct StatusCallback {
    link: Link,
    events: Vec<Progress>,
    told: u64,
}

impl StatusCallback {
    pub(crate) fn new(link: Link, events: Vec<Progress>) -> Self {
        Self { link, events, told: 0 }
    }

    #[cfg(test)]
    pub(crate) fn events(&self) -> &[Progress] {
        &self.events
    }
}

/// A call or a leg of one.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) sid: String,
    /// The call whose scene it is played in; its own SID where that is the first.
    pub(crate) root: String,
    pub(crate) parent: Option<String>,
    pub(crate) direction: CallDirection,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) number_sid: Option<String>,
    pub(crate) status: CallStatus,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    pub(crate) dialed_ms: Option<i64>,
    pub(crate) answered_ms: Option<i64>,
    pub(crate) ended_ms: Option<i64>,
    pub(crate) callback: Option<StatusCallback>,
    pub(crate) events: Vec<CallEvent>,
    pub(crate) fetched: Vec<Fetched>,
    /// Where to say that it is to end or to go on elsewhere, while it lives.
    pub(crate) line: Option<mpsc::UnboundedSender<Cut>>,
    /// The call that a leg to a number of our own is, at its other end.
    pub(crate) beyond: Option<String>,
    /// Whether everybody was told that it is over.
    pub(crate) over: bool,
    /// Not in lists: deleted, or none of this account's.
    pub(crate) hidden: bool,
}

impl Call {
    /// Pretend seconds since it was picked up, once it is over.
    pub(crate) fn duration_s(&self) -> Option<u64> {
        let (answered_ms, ended_ms) = (self.answered_ms?, self.ended_ms?);
        u64::try_from((ended_ms - answered_ms) / 1_000).ok()
    }

    /// What Twilio sends along with everything about a call.
    pub(crate) fn parameters(&self, account: &str, status: &str) -> Vec<(String, String)> {
        let mut fields: Vec<(String, String)> = [
            ("CallSid", self.sid.as_str()),
            ("AccountSid", account),
            ("ApiVersion", "2010-04-01"),
            ("From", &self.from),
            ("To", &self.to),
            ("Caller", &self.from),
            ("Called", &self.to),
            ("CallStatus", status),
            ("Direction", self.direction.word()),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        if let Some(parent) = &self.parent {
            fields.push(("ParentCallSid".to_owned(), parent.clone()));
        }
        for end in ["From", "To", "Caller", "Called"] {
            for (part, value) in [("City", ""), ("State", "CA"), ("Zip", ""), ("Country", "US")] {
                fields.push((format!("{end}{part}"), value.to_owned()));
            }
        }
        fields
    }

    /// Comes so far; answers what to post about it.
    pub(crate) fn reach(
        &mut self,
        progress: Progress,
        status: CallStatus,
        account: &str,
        now_ms: i64,
    ) -> Option<Webhook> {
        self.status = status;
        self.updated_ms = now_ms;
        match progress {
            Progress::Initiated => self.dialed_ms = Some(now_ms),
            Progress::Ringing => {}
            Progress::Answered => self.answered_ms = Some(now_ms),
            Progress::Completed => self.ended_ms = Some(now_ms),
        }
        let callback = self.callback.as_mut().filter(|callback| callback.events.contains(&progress))?;
        let (link, number) = (callback.link.clone(), callback.told);
        callback.told += 1;
        let word = if progress == Progress::Initiated { "initiated" } else { status.word() };
        let mut fields = self.parameters(account, word);
        let mut add = |name: &str, value: String| fields.push((name.to_owned(), value));
        add("Timestamp", date(now_ms));
        add("CallbackSource", "call-progress-events".into());
        add("SequenceNumber", number.to_string());
        if progress == Progress::Completed {
            let seconds = self.duration_s().unwrap_or(0);
            add("CallDuration", seconds.to_string());
            add("SipResponseCode", status.sip_code().into());
            if status == CallStatus::Completed {
                // As it is billed: in minutes begun.
                add("Duration", seconds.div_ceil(60).to_string());
            }
        }
        Some(Webhook { url: link.url, method: link.method, fields, voice: true })
    }

    /// Whether the person at its phone ended it.
    pub(crate) fn left(&self) -> bool {
        self.events.last().is_some_and(|event| event.kind == Heard::HungUp && event.detail == "person")
    }

    pub(crate) fn notice(&mut self, kind: Heard, detail: &str, now_ms: i64) {
        let at_s = u64::try_from((now_ms - self.created_ms) / 1_000).unwrap_or(0);
        self.events.push(CallEvent { at_s, kind, detail: detail.to_owned() });
    }
}

/// All calls, oldest first, and what was left on them.
#[derive(Debug, Default)]
pub(crate) struct Register {
    rows: Vec<Call>,
    by_sid: HashMap<String, usize>,
    pub(crate) recordings: Shelf,
}

impl Register {
    pub(crate) fn add(&mut self, call: Call) {
        self.by_sid.insert(call.sid.clone(), self.rows.len());
        self.rows.push(call);
    }

    pub(crate) fn all(&self) -> &[Call] {
        &self.rows
    }

    pub(crate) fn get(&self, sid: &str) -> Option<&Call> {
        self.by_sid.get(sid).map(|at| &self.rows[*at])
    }

    pub(crate) fn get_mut(&mut self, sid: &str) -> Option<&mut Call> {
        self.by_sid.get(sid).map(|at| &mut self.rows[*at])
    }

    /// Everybody was told about the calls of a scene.
    pub(crate) fn told(&mut self, root: &str) {
        for call in self.rows.iter_mut().filter(|call| call.root == root && call.status.is_final()) {
            call.over = true;
        }
    }

    pub(crate) fn report(&self, sid: &str) -> Option<CallReport> {
        let call = self.get(sid)?;
        let legs = self.rows.iter().filter(|leg| leg.parent.as_deref() == Some(sid));
        Some(CallReport {
            sid: call.sid.clone(),
            from: call.from.clone(),
            to: call.to.clone(),
            direction: call.direction,
            status: call.status,
            duration_s: call.duration_s().unwrap_or(0),
            events: call.events.clone(),
            recordings: self.recordings.of_call(sid),
            fetched: call.fetched.clone(),
            legs: legs.filter_map(|leg| self.report(&leg.sid)).collect(),
        })
    }
}
