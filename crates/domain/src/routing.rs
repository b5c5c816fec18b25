//! What happens to a call. One pure function: the webhook, the preview, the simulator and the tests all
//! ask it.

use crate::{
    Address, Moment, Settings,
    address::AddressKind,
    hours::{Holiday, Timetable, Week},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// From this many seconds on a mobile phone's own voicemail is likely to take the call; Twilio rings five
/// seconds longer than it is asked to. Source: Twilio's `<Dial>` page, and carriers' usual 20 to 30 s.
const MAILBOX_AFTER: u32 = 25;

/// How calls are taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Calls {
    /// Whether a phone rings at all while it is open.
    pub forwarding: bool,
    /// The phones that ring, in the owner's order.
    pub phones: Vec<Phone>,
    /// One after another, or all together.
    pub ring: Ring,
    /// How long each rings, 5 to 60 seconds.
    pub ring_seconds: u32,
    /// Which number the phone shows.
    pub caller_id: CallerId,
    /// Whether whoever picks up must press 1, so that a mailbox never takes a customer.
    pub screening: bool,
    /// What happens while it is closed.
    pub after_hours: AfterHours,
    /// The phones that ring while it is closed, where [`AfterHours::Forward`] is set.
    pub after_hours_phones: Vec<Phone>,
    /// What callers hear.
    pub greetings: Greetings,
    /// The voice that speaks, as Twilio names it.
    pub voice: String,
    /// Its language, such as `en-US`.
    pub language: String,
    /// Seconds of message at most, 5 to 300; from 120 on Twilio writes nothing down.
    pub message_seconds: u32,
    /// The key that ends a message: a digit, `*` or `#`.
    pub finish_key: char,
    /// What somebody who was missed is texted.
    pub text_back: TextBack,
}

impl Default for Calls {
    fn default() -> Self {
        Self {
            forwarding: true,
            phones: Vec::new(),
            ring: Ring::InOrder,
            ring_seconds: 20,
            caller_id: CallerId::Caller,
            screening: true,
            after_hours: AfterHours::Voicemail,
            after_hours_phones: Vec::new(),
            greetings: Greetings::default(),
            voice: "Polly.Joanna".into(),
            language: "en-US".into(),
            message_seconds: 119,
            finish_key: '#',
            text_back: TextBack::default(),
        }
    }
}

/// A phone of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// What it is called, such as "Nora's mobile"; may be empty.
    #[serde(default)]
    pub name: String,
    /// E.164.
    pub number: String,
}

/// How several phones ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Ring {
    /// One after another.
    InOrder,
    /// All together; the first to take it has it.
    AtOnce,
}

/// Which number the phone of ours shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallerId {
    /// The caller's.
    Caller,
    /// The business's, so that it is clear which phone rings for.
    Business,
}

/// What happens while it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AfterHours {
    /// Callers can leave a message.
    Voicemail,
    /// Callers are told, and the call ends.
    Message,
    /// Another phone rings.
    Forward,
}

/// What callers hear; `{business}` stands for the business's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Greetings {
    /// While it is open and nobody takes the call.
    pub open: Greeting,
    /// While it is closed, before a message.
    pub closed: Greeting,
    /// While it is closed and no message is taken.
    pub message: Greeting,
}

impl Default for Greetings {
    fn default() -> Self {
        let said = |text: &str| Greeting { text: text.into(), recording: None };
        Self {
            open: said(
                "Thank you for calling {business}. Nobody can take your call right now. Please leave a message after the tone.",
            ),
            closed: said(
                "Thank you for calling {business}. We are closed right now. Please leave a message after the tone, and we will call you back.",
            ),
            message: said(
                "Thank you for calling {business}. We are closed right now. Please call again during our opening hours.",
            ),
        }
    }
}

/// Something callers hear.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// The words, spoken where there is no recording.
    pub text: String,
    /// A sound file of ours, by the hash of its content.
    #[serde(default)]
    pub recording: Option<String>,
}

/// What somebody who was missed is texted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct TextBack {
    /// Whether anything is.
    pub on: bool,
    /// The words; `{business}` and `{name}` stand for the business's and the customer's first name.
    pub body: String,
    /// To the same number at most once in so many hours, 1 to 720.
    pub hours: u32,
    /// Only so many minutes after the call, 1 to 120: later it would only puzzle.
    pub within_minutes: u32,
}

impl Default for TextBack {
    fn default() -> Self {
        Self {
            on: false,
            body: "Sorry we missed your call. How can we help? You can answer right here by text. {business}"
                .into(),
            hours: 24,
            within_minutes: 10,
        }
    }
}

/// What one line does otherwise than all lines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
pub struct LineRules {
    /// Whether a phone rings.
    pub forwarding: Option<bool>,
    /// When it is open.
    pub week: Option<Week>,
    /// Which phones ring.
    pub phones: Option<Vec<Phone>>,
}

/// Who calls.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Their address, also a hidden one.
    pub address: &'a Address,
    /// Whether the owner wants nothing of them.
    pub blocked: bool,
}

/// What happens to a call, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Decision {
    /// What happens.
    pub plan: Plan,
    /// What is said when nobody takes the call.
    pub which: Which,
    /// Its words, the business's name filled in.
    pub greeting: Greeting,
    /// Why, in the order it was decided.
    pub reasons: Vec<Why>,
}

/// What happens to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Plan {
    /// It is refused.
    Reject,
    /// Phones ring; voicemail when nobody takes it.
    Forward {
        /// Which; at least one, at most ten.
        phones: Vec<Phone>,
        /// How.
        ring: Ring,
        /// How long each.
        ring_seconds: u32,
        /// Which number they show.
        caller_id: CallerId,
        /// Whether they must press 1.
        screening: bool,
    },
    /// A message can be left.
    Voicemail,
    /// Words, and the call ends.
    Message,
}

/// Which words are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    /// Nobody can take the call.
    Open,
    /// It is closed.
    Closed,
    /// It is closed, and nothing can be left.
    Message,
    /// The words of today's holiday.
    Holiday,
}

/// Why a call is treated as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// The owner wants nothing of this caller.
    Blocked,
    /// The owner closed early.
    ClosedEarly {
        /// Until then.
        until: Moment,
    },
    /// Today has hours of its own.
    Holiday {
        /// What it is called.
        name: String,
    },
    /// It is open.
    Open,
    /// It is closed.
    Closed,
    /// No phone shall ring.
    ForwardingOff,
    /// There is no phone that could ring.
    NoPhone,
    /// A phone was left out: it is a line of ours, and would ring in circles.
    OwnLine {
        /// Its number.
        number: String,
    },
    /// A phone was left out: the call comes from it.
    CallerIsPhone {
        /// Its number.
        number: String,
    },
}

/// Phones Twilio rings for one call at most. Source: Twilio's `<Dial>` page.
pub const MOST_PHONES: usize = 10;

/// What happens to a call to `line` at a moment. `lines` are all our numbers, E.164; `zone` is where the
/// business's clock hangs.
pub fn decide(
    caller: Caller<'_>,
    line: &str,
    moment: Moment,
    settings: &Settings,
    lines: &[String],
    zone: &TimeZone,
) -> Decision {
    let calls = &settings.calls;
    let greeting = |greeting: &Greeting| Greeting {
        text: greeting.text.replace("{business}", business(settings)),
        recording: greeting.recording.clone(),
    };
    if caller.blocked {
        return Decision {
            plan: Plan::Reject,
            which: Which::Message,
            greeting: Greeting { text: String::new(), recording: None },
            reasons: vec![Why::Blocked],
        };
    }
    let rules = settings.lines.get(line);
    let standing = timetable(settings, line, zone).at(moment);
    let mut reasons = Vec::new();
    if let Some(until) = standing.closed_early {
        reasons.push(Why::ClosedEarly { until });
    } else {
        reasons.extend(standing.holiday.map(|holiday| Why::Holiday { name: holiday.name.clone() }));
    }
    reasons.push(if standing.open { Why::Open } else { Why::Closed });

    let (which, words) = match (standing.open, standing.holiday) {
        (true, _) => (Which::Open, greeting(&calls.greetings.open)),
        (false, Some(Holiday { greeting: own, .. }))
            if !own.trim().is_empty() && standing.closed_early.is_none() =>
        {
            (Which::Holiday, greeting(&Greeting { text: own.clone(), recording: None }))
        }
        (false, _) if calls.after_hours == AfterHours::Message => {
            (Which::Message, greeting(&calls.greetings.message))
        }
        (false, _) => (Which::Closed, greeting(&calls.greetings.closed)),
    };
    let phones = match (standing.open, calls.after_hours) {
        (true, _) if !rules.and_then(|rules| rules.forwarding).unwrap_or(calls.forwarding) => {
            reasons.push(Why::ForwardingOff);
            None
        }
        (true, _) => Some(rules.and_then(|rules| rules.phones.as_ref()).unwrap_or(&calls.phones)),
        (false, AfterHours::Forward) => Some(&calls.after_hours_phones),
        (false, AfterHours::Voicemail | AfterHours::Message) => None,
    };
    let ringing = phones.map(|phones| can_ring(phones, caller.address, line, lines, &mut reasons));
    let plan = match ringing {
        Some(phones) if !phones.is_empty() => Plan::Forward {
            phones,
            ring: calls.ring,
            ring_seconds: calls.ring_seconds,
            // A number that is hidden cannot be shown.
            caller_id: match caller.address.kind() {
                AddressKind::Number => calls.caller_id,
                _ => CallerId::Business,
            },
            screening: calls.screening,
        },
        Some(_) => {
            reasons.push(Why::NoPhone);
            Plan::Voicemail
        }
        None if !standing.open && calls.after_hours == AfterHours::Message => Plan::Message,
        None => Plan::Voicemail,
    };
    Decision { plan, which, greeting: words, reasons }
}

/// The hours of a line.
pub fn timetable<'a>(settings: &'a Settings, line: &str, zone: &'a TimeZone) -> Timetable<'a> {
    let own = settings.lines.get(line).and_then(|rules| rules.week.as_ref());
    Timetable { hours: &settings.hours, week: own.unwrap_or(&settings.hours.week), zone }
}

/// The phones that can ring: each once, no line of ours, not the one the call comes from.
fn can_ring(
    phones: &[Phone],
    caller: &Address,
    line: &str,
    lines: &[String],
    reasons: &mut Vec<Why>,
) -> Vec<Phone> {
    let mut ringing: Vec<Phone> = Vec::new();
    for phone in phones {
        let number = phone.number.clone();
        if number == line || lines.contains(&number) {
            reasons.push(Why::OwnLine { number });
        } else if number == caller.as_str() {
            reasons.push(Why::CallerIsPhone { number });
        } else if ringing.len() < MOST_PHONES && !ringing.iter().any(|known| known.number == number) {
            ringing.push(phone.clone());
        }
    }
    ringing
}

/// The business as callers hear it.
pub fn business(settings: &Settings) -> &str {
    let name = settings.business_name.trim();
    if name.is_empty() { "us" } else { name }
}

/// Something about the settings that would surprise their owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// It rings so long that a phone's own voicemail may take the call.
    RingLong,
    /// Nobody is asked to press 1, so a phone's own voicemail may take the call.
    NotScreened,
    /// Calls shall be forwarded, and there is no phone.
    NoPhone,
    /// A phone is a line of ours and never rings.
    OwnLine,
    /// It is never open.
    NeverOpen,
}

/// What would surprise the owner of these settings about a line.
pub fn warnings(
    settings: &Settings,
    line: &str,
    lines: &[String],
    zone: &TimeZone,
    now: Moment,
) -> Vec<Warning> {
    let calls = &settings.calls;
    let rules = settings.lines.get(line);
    let forwarding = rules.and_then(|rules| rules.forwarding).unwrap_or(calls.forwarding);
    let phones = rules.and_then(|rules| rules.phones.as_ref()).unwrap_or(&calls.phones);
    let own = |phone: &Phone| phone.number == line || lines.contains(&phone.number);
    let table = timetable(settings, line, zone);
    let never = !table.at(now).open && table.next_change(now).is_none();
    let after_hours = calls.after_hours == AfterHours::Forward;
    let rings = (forwarding && !phones.is_empty()) || (after_hours && !calls.after_hours_phones.is_empty());
    [
        (rings && !calls.screening && calls.ring_seconds >= MAILBOX_AFTER, Warning::RingLong),
        (rings && !calls.screening, Warning::NotScreened),
        (
            (forwarding && phones.iter().all(own))
                || (after_hours && calls.after_hours_phones.iter().all(own)),
            Warning::NoPhone,
        ),
        (phones.iter().chain(&calls.after_hours_phones).any(own), Warning::OwnLine),
        (never, Warning::NeverOpen),
    ]
    .into_iter()
    .filter_map(|(holds, warning)| holds.then_some(warning))
    .collect()
}
