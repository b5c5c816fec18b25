//! Calls nobody of ours was asked about: whole, with all that is known of them afterwards.

use super::{
    CallIn, alert_at, no_such_number,
    recordings::{Kept, Recording},
    register::{Call, CallDirection, CallStatus, Heard, Progress, StatusCallback},
    tape::{Speech, Tape},
};
use crate::{World, carrier::Webhook, monitor::Asked, town::sid};

/// How long it rings for somebody who hangs up.
const PATIENCE_MS: i64 = 12_000;
/// How long it takes until something at Twilio answers instead of us, and what is said before the beep.
const ANSWERS_MS: i64 = 2_000;
const GREETING_MS: i64 = 6_000;
/// How long the phone rings that is called instead of us.
const RINGS_MS: i64 = 9_000;

/// How a call went that nobody of ours was asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rang {
    /// They hung up while it rang.
    HungUp,
    /// Something at Twilio answered, and they left a message of so many seconds.
    LeftMessage(u32),
    /// Something at Twilio put them through to another phone.
    PutThrough {
        /// Whose phone, E.164.
        to: String,
        /// How many seconds they talked.
        talked_s: u32,
    },
}

/// Somebody called one of our numbers at a moment when nobody was there to be asked. The call's SID.
pub(crate) fn rang(world: &World, from: &str, to: &str, at_ms: i64, how: Rang) -> String {
    let call_sid = sid("CA");
    let number = world.town().number(to).cloned();
    let Some(number) = number else {
        no_such_number(world, &call_sid, CallIn::new(from, to));
        return call_sid;
    };
    let account = &world.config.account_sid;
    let (answered_ms, ended_ms) = match &how {
        Rang::HungUp => (None, at_ms + PATIENCE_MS),
        Rang::LeftMessage(s) => {
            let answered_ms = at_ms + ANSWERS_MS;
            (Some(answered_ms), answered_ms + GREETING_MS + ms(*s))
        }
        Rang::PutThrough { talked_s, .. } => {
            let answered_ms = at_ms + ANSWERS_MS + RINGS_MS;
            (Some(answered_ms), answered_ms + ms(*talked_s))
        }
    };
    let asks = number.link("VoiceUrl").filter(|_| number.voice_override().is_none());
    let tells = number.link("StatusCallback").filter(|_| number.voice_override().is_none());
    let mut call = Call { number_sid: Some(number.sid), ..over(&call_sid, (from, to), at_ms, ended_ms) };
    call.answered_ms = answered_ms;
    call.callback = tells.map(|link| StatusCallback::new(link, vec![Progress::Completed]));
    let asked = asks.map(|link| {
        let fields = call.parameters(account, CallStatus::Ringing.word());
        Webhook { url: link.url, method: link.method, fields, voice: true }
    });
    let status = if answered_ms.is_some() { CallStatus::Completed } else { CallStatus::NoAnswer };
    let told = call.reach(Progress::Completed, status, account, ended_ms);
    call.notice(Heard::Ringing, "", at_ms);
    if let Rang::LeftMessage(s) = how {
        call.notice(Heard::Recorded, &s.to_string(), ended_ms);
    }
    call.notice(Heard::HungUp, "person", ended_ms);
    world.town().calls.add(call);
    match how {
        Rang::HungUp => {}
        Rang::LeftMessage(s) => left(world, &call_sid, ended_ms - ms(s), s),
        Rang::PutThrough { to, .. } => {
            let leg = Call {
                root: call_sid.clone(),
                parent: Some(call_sid.clone()),
                direction: CallDirection::OutboundDial,
                answered_ms,
                status: CallStatus::Completed,
                ..over(&sid("CA"), (from, &to), at_ms + ANSWERS_MS, ended_ms)
            };
            world.town().calls.add(leg);
        }
    }
    if let Some(webhook) = asked {
        alert_at(world, &call_sid, 11200, "HTTP 502", Some(Asked::from(&webhook)), at_ms);
    }
    if let Some(webhook) = told {
        let what = "a callback was not answered well";
        alert_at(world, &call_sid, 15003, what, Some(Asked::from(&webhook)), ended_ms);
    }
    world.stir();
    call_sid
}

fn ms(seconds: u32) -> i64 {
    i64::from(seconds) * 1_000
}

/// A call that is over, and that nobody has picked up.
fn over(call_sid: &str, (from, to): (&str, &str), began_ms: i64, ended_ms: i64) -> Call {
    Call {
        sid: call_sid.to_owned(),
        root: call_sid.to_owned(),
        parent: None,
        direction: CallDirection::Inbound,
        from: from.to_owned(),
        to: to.to_owned(),
        number_sid: None,
        status: CallStatus::NoAnswer,
        created_ms: began_ms,
        updated_ms: ended_ms,
        dialed_ms: Some(began_ms),
        answered_ms: None,
        ended_ms: Some(ended_ms),
        callback: None,
        events: Vec::new(),
        fetched: Vec::new(),
        line: None,
        beyond: None,
        over: true,
        hidden: false,
    }
}

/// Puts away a message somebody left.
fn left(world: &World, call_sid: &str, began_ms: i64, seconds: u32) {
    let spoken_ms = u64::from(seconds) * 1_000;
    let recording = Recording { ready: true, ..Recording::begun(world, call_sid, began_ms, spoken_ms) };
    let tape = Tape::record(&Speech::message(), spoken_ms);
    world.town().calls.recordings.add(Kept::new(recording, tape, began_ms + ms(seconds)));
}
