//! What an office must have at the end: what Twilio has, once each, and what follows from it.

use super::{ELSEWHERE, seen::Thread, world::World};
use crate::office::Office;
use ringdesk_domain::{Moment, TextId, consent::Consent};
use ringdesk_inbox::{ConversationFilter, StoreError, view};
use ringdesk_sandbox::{CallStatus, Direction, TrueCall, TrueMessage, Truth};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// As many conversations are asked for at once.
const PAGE: u32 = 500;

/// Something that is not as it must be.
#[derive(Debug)]
pub struct Wrong {
    /// With whom; empty where that cannot be said.
    pub customer: String,
    /// What.
    pub what: String,
}

type Row = Map<String, Value>;

/// What an office has.
#[derive(Debug)]
pub struct Kept {
    rows: HashMap<String, Vec<Row>>,
    /// By customer and line.
    conversations: HashMap<(String, String), Vec<view::Conversation>>,
}

impl Kept {
    /// Everything the office has.
    pub async fn of(office: &Office) -> Self {
        let inbox = &office.desk.inbox;
        let mut rows: HashMap<String, Vec<Row>> = HashMap::new();
        let mut take = |row: Row| {
            rows.entry(word(&row, "type").to_owned()).or_default().push(row);
            Ok::<(), StoreError>(())
        };
        inbox.export(&mut take).await.expect("an export");
        let lines = inbox.lines().await.expect("lines");
        let numbers: HashMap<_, _> = lines.into_iter().map(|line| (line.id, line.number)).collect();
        let mut conversations: HashMap<_, Vec<_>> = HashMap::new();
        for filter in [ConversationFilter::Open, ConversationFilter::Done] {
            let mut from = 0;
            loop {
                let list = inbox.conversations(filter, None, from, PAGE).await.expect("a list");
                for one in list.conversations {
                    let line = numbers.get(&one.line).cloned().unwrap_or_default();
                    conversations.entry((one.customer.clone(), line)).or_default().push(one);
                }
                from += PAGE;
                if from >= list.total {
                    break;
                }
            }
        }
        Self { rows, conversations }
    }

    /// Texts that wait for the owner's yes.
    pub fn held(&self) -> Vec<TextId> {
        let held = self.all("outbox").iter().filter(|row| word(row, "state") == "held");
        held.filter_map(|row| word(row, "text_id").parse().ok()).collect()
    }

    fn all(&self, kind: &str) -> &[Row] {
        self.rows.get(kind).map_or(&[][..], Vec::as_slice)
    }

    /// By Twilio's id; those without it under none.
    fn by_sid(&self, kind: &str) -> BTreeMap<&str, Vec<&Row>> {
        let mut all: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in self.all(kind) {
            all.entry(word(row, "provider_sid")).or_default().push(row);
        }
        all
    }
}

fn word<'a>(row: &'a Row, name: &str) -> &'a str {
    row.get(name).and_then(Value::as_str).unwrap_or("")
}

fn number(row: &Row, name: &str) -> Option<i64> {
    row.get(name).and_then(Value::as_i64)
}

/// The customer of a text or a call.
fn customer(row: &Row) -> &str {
    word(row, if word(row, "direction") == "in" { "from" } else { "to" })
}

/// To the second, as lists tell it.
fn listed(ms: i64) -> i64 {
    ms - ms.rem_euclid(1_000)
}

/// Collects what is wrong.
#[derive(Default)]
struct Differences(Vec<Wrong>);

impl Differences {
    fn add(&mut self, customer: &str, what: String) {
        self.0.push(Wrong { customer: customer.to_owned(), what });
    }

    fn check(&mut self, customer: &str, holds: bool, what: impl FnOnce() -> String) {
        if !holds {
            self.add(customer, what());
        }
    }

    /// The one row of something Twilio has.
    fn one<'a>(&mut self, customer: &str, what: &str, rows: Option<Vec<&'a Row>>) -> Option<&'a Row> {
        let mut rows = rows.unwrap_or_default();
        self.check(customer, rows.len() == 1, || format!("{what} is here {} times", rows.len()));
        rows.pop()
    }

    /// Everything that is said of it.
    fn says(&mut self, customer: &str, row: &Row, expected: &[(&str, Value)]) {
        for (name, value) in expected {
            let is = row.get(*name).unwrap_or(&Value::Null);
            let sid = word(row, "provider_sid");
            self.check(customer, is == value, || format!("{name} of {sid} is {is}, not {value}"));
        }
    }
}

/// What an office has otherwise than it must.
pub fn differences(world: &World, kept: &Kept) -> Vec<Wrong> {
    let truth = world.office.sandbox.truth();
    let mut wrong = Differences::default();
    texts(&mut wrong, world, kept, &truth.messages);
    outbox(&mut wrong, world, kept);
    calls(&mut wrong, world, kept, &truth);
    consents(&mut wrong, world, kept, &truth.messages);
    for ((customer, line), thread) in &world.seen.threads {
        attention(&mut wrong, kept, (customer, line), thread);
    }
    wrong.0
}

/// When something came: as Twilio has it, or when it was told of.
fn came(world: &World, sid: &str, made_ms: i64, at: Option<i64>) -> bool {
    let told = |at: i64| world.seen.posted.get(sid).is_some_and(|told| told.contains(&Moment(at)));
    at.is_some_and(|at| at == listed(made_ms) || told(at))
}

fn texts(wrong: &mut Differences, world: &World, kept: &Kept, messages: &[TrueMessage]) {
    let mut rows = kept.by_sid("text");
    let unsent = rows.remove("").unwrap_or_default();
    for message in messages {
        let from = message.from.clone().unwrap_or_default();
        let incoming = message.direction == Direction::Inbound;
        let (direction, who) = if incoming { ("in", &from) } else { ("out", &message.to) };
        let what = format!("text {} ({direction}, {:?})", message.sid, message.body);
        let Some(row) = wrong.one(who, &what, rows.remove(message.sid.as_str())) else { continue };
        let expected: [(&str, Value); 6] = [
            ("direction", direction.into()),
            ("from", from.as_str().into()),
            ("to", message.to.as_str().into()),
            ("body", message.body.as_str().into()),
            ("status", message.status.as_str().into()),
            ("media_claimed", message.media.into()),
        ];
        wrong.says(who, row, &expected);
        let at = number(row, "at");
        let then = match (incoming, message.body.starts_with(ELSEWHERE)) {
            (true, _) => came(world, &message.sid, message.created_ms, at),
            (false, true) => at == Some(listed(message.created_ms)),
            (false, false) => at.is_some_and(|at| at <= message.created_ms),
        };
        wrong.check(who, then, || format!("{what} is of {at:?}, not of {}", message.created_ms));
    }
    for row in rows.into_values().flatten() {
        wrong.add(customer(row), format!("{row:?} is nothing Twilio has"));
    }
    for row in unsent {
        let ended = matches!(word(row, "status"), "failed" | "send_unknown" | "canceled");
        wrong.check(customer(row), ended, || format!("{row:?} is neither sent nor given up"));
    }
}

/// Nothing is sent twice, nothing after a STOP, and nothing is left over.
fn outbox(wrong: &mut Differences, world: &World, kept: &Kept) {
    let texts: HashMap<&str, &Row> = kept.all("text").iter().map(|row| (word(row, "id"), row)).collect();
    let mut sent: BTreeMap<String, u32> = BTreeMap::new();
    for row in kept.all("outbox") {
        let Some(text) = texts.get(word(row, "text_id")) else {
            wrong.add("", format!("{row:?} is of no text"));
            continue;
        };
        let (who, state) = (customer(text), word(row, "state"));
        wrong.check(who, matches!(state, "settled" | "not_found"), || format!("{text:?} is still {state}"));
        if word(text, "provider_sid").is_empty() {
            continue;
        }
        *sent.entry(format!("{} {}", word(text, "to"), word(text, "body"))).or_default() += 1;
        let claimed = number(row, "claimed_at").map(Moment);
        let of_them = world.seen.stops.iter().filter(|stop| stop.customer == who);
        for stop in of_them {
            let after = claimed > Some(stop.from) && stop.until.is_none_or(|until| claimed < Some(until));
            wrong.check(who, !after, || format!("{text:?} was sent after {stop:?}"));
        }
    }
    let accepted = world.office.sandbox.report().accepted;
    for key in accepted.keys().chain(sent.keys()) {
        let (at_twilio, here) = (accepted.get(key), sent.get(key));
        let who = key.split(' ').next().unwrap_or("");
        wrong.check(who, at_twilio == here, || format!("{key:?}: {at_twilio:?} at Twilio, {here:?} here"));
    }
}

fn calls(wrong: &mut Differences, world: &World, kept: &Kept, truth: &Truth) {
    let (mut rows, mut messages) = (kept.by_sid("call"), kept.by_sid("voicemail"));
    for call in truth.calls.iter().filter(|call| call.parent.is_none()) {
        let (who, what) = (&call.from, format!("call {}", call.sid));
        let Some(row) = wrong.one(who, &what, rows.remove(call.sid.as_str())) else { continue };
        let expected: [(&str, Value); 4] = [
            ("direction", "in".into()),
            ("from", call.from.as_str().into()),
            ("to", call.to.as_str().into()),
            ("status", call.status.word().into()),
        ];
        wrong.says(who, row, &expected);
        let at = number(row, "at");
        let then = came(world, &call.sid, call.start_ms, at);
        wrong.check(who, then, || format!("{what} is of {at:?}, not of {}", call.start_ms));
        let legs: Vec<&TrueCall> =
            truth.calls.iter().filter(|leg| leg.parent.as_ref() == Some(&call.sid)).collect();
        for leg in &legs {
            wrong.check(who, has_leg(row, leg), || format!("{what} has no leg {}", leg.sid));
        }
        let recordings: Vec<_> = truth.recordings.iter().filter(|one| one.call_sid == call.sid).collect();
        let talked = legs.iter().any(|leg| leg.status == CallStatus::Completed);
        let endings: &[&str] = match (talked, recordings.is_empty()) {
            (true, _) => &["answered"],
            (false, false) => &["voicemail"],
            (false, true) => &["hung_up_ringing", "hung_up_greeting"],
        };
        let ending = word(row, "ending");
        wrong.check(who, endings.contains(&ending), || format!("{what} ended {ending:?}, not {endings:?}"));
        for recording in recordings {
            let what = format!("voicemail {}", recording.sid);
            let message = wrong.one(who, &what, messages.remove(recording.sid.as_str()));
            let Some(message) = message else { continue };
            let expected: [(&str, Value); 2] =
                [("call_id", word(row, "id").into()), ("duration_s", recording.duration_s.into())];
            wrong.says(who, message, &expected);
        }
    }
    for row in rows.into_values().flatten() {
        wrong.add(customer(row), format!("{row:?} is nothing Twilio has"));
    }
    for row in messages.into_values().flatten() {
        wrong.add("", format!("{row:?} is nothing Twilio has"));
    }
}

/// Whether a call has a phone that was rung for it.
fn has_leg(row: &Row, leg: &TrueCall) -> bool {
    let legs = match row.get("legs") {
        Some(Value::String(legs)) => serde_json::from_str(legs).unwrap_or_default(),
        Some(legs) => legs.clone(),
        None => Value::Null,
    };
    let is_it = |one: &Value| {
        one["provider_sid"] == leg.sid && one["number"] == leg.to && one["status"] == leg.status.word()
    };
    legs.as_array().is_some_and(|legs| legs.iter().filter(|one| is_it(one)).count() == 1)
}

/// Where a customer stands is where their own words put them, in the order they were written. Where a STOP was
/// told of after a START that was written later, it may count as of then: nobody is texted who may not want it.
fn consents(wrong: &mut Differences, world: &World, kept: &Kept, messages: &[TrueMessage]) {
    let mut inbound: Vec<&TrueMessage> =
        messages.iter().filter(|message| message.direction == Direction::Inbound).collect();
    inbound.sort_by_key(|message| message.created_ms);
    let mut stand: HashMap<&str, Consent> = HashMap::new();
    let mut told_late: HashMap<&str, bool> = HashMap::new();
    let mut stopped: HashMap<&str, Moment> = HashMap::new();
    for message in inbound {
        let who = message.from.as_deref().unwrap_or("");
        let stands = stand.entry(who).or_default();
        *stands = match (*stands, message.body.trim().to_uppercase().as_str()) {
            (_, "STOP" | "UNSUBSCRIBE") => {
                let told = world.seen.posted.get(&message.sid).into_iter().flatten().max();
                stopped.extend(told.map(|told| (who, *told)));
                Consent::OptedOut
            }
            (Consent::OptedOut, word) if !matches!(word, "START" | "UNSTOP") => Consent::OptedOut,
            (Consent::OptedOut, _) => {
                told_late.insert(who, stopped.get(who).is_some_and(|told| told.0 > message.created_ms));
                Consent::Given
            }
            _ => Consent::Given,
        };
    }
    for ((who, line), conversations) in &kept.conversations {
        let expected = stand.get(who.as_str()).copied().unwrap_or_default();
        let late = told_late.get(who.as_str()).copied().unwrap_or_default();
        for one in conversations {
            let is = one.consent;
            let fits = is == expected || (late && is == Consent::OptedOut);
            wrong.check(who, fits, || format!("consent ({line}) is {is:?}, not {expected:?}"));
        }
    }
}

/// Whether they wait, and how much of theirs is unread: all that came since our last text, and perhaps what
/// came before and was not here then.
fn attention(wrong: &mut Differences, kept: &Kept, (who, line): (&str, &str), thread: &Thread) {
    let conversations = kept.conversations.get(&(who.to_owned(), line.to_owned())).map(Vec::as_slice);
    let [conversation] = conversations.unwrap_or(&[]) else {
        return wrong.add(who, format!("{conversations:?} is not one conversation on {line}"));
    };
    if thread.elsewhere {
        return;
    }
    let sent = thread.sent.map_or(0, |(tick, _)| tick);
    let since = thread.heard.iter().filter(|heard| heard.tick > sent).count();
    let late = |tick: Option<usize>| tick.is_none_or(|tick| tick > sent);
    let before = thread.heard.iter().filter(|heard| heard.tick <= sent);
    let perhaps = before.clone().filter(|heard| heard.call || late(heard.posted)).count();
    let unread = usize::try_from(conversation.unread).unwrap_or(usize::MAX);
    wrong.check(who, (since..=since + perhaps).contains(&unread), || {
        format!("unread on {line} is {unread}, not {since} to {}", since + perhaps)
    });
    let waits = conversation.waiting_since.is_some();
    wrong.check(who, since == 0 || waits, || format!("waits on {line}, and nobody knows"));
    let overtook = before.clone().any(|heard| heard.posted.is_some_and(|tick| tick > sent));
    let reached = thread.sent.is_none_or(|(_, id)| {
        let text = kept.all("text").iter().find(|row| word(row, "id") == id.to_string());
        text.is_some_and(|row| !matches!(word(row, "status"), "failed" | "undelivered" | "canceled"))
    });
    let answered = since == 0 && reached && !overtook;
    wrong.check(who, !(answered && waits), || format!("has an answer on {line}, and waits"));
}
