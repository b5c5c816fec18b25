//! Hours in which nobody is there: what Twilio takes meanwhile, and what has to be here afterwards.

use crate::office::{LINES, Office, png};
use ringdesk_domain::Moment;
use ringdesk_inbox::{StoreError, view};
use ringdesk_sandbox::{Direction, Rang, Sandbox, TextIn, TrueCall, TrueMessage, Truth};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Longest wait for everything to be here; a story that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(120);
/// Longest pause between two looks.
const AGAIN: Duration = Duration::from_millis(50);

/// Something that is kept, as an export writes it.
pub type Kept = Map<String, Value>;

/// So much comes while nobody is there.
#[derive(Debug, Clone, Copy)]
pub struct Rush {
    /// Texts, on both lines in turn.
    pub texts: u32,
    /// The people they come from.
    pub people: u32,
    /// Calls.
    pub calls: u32,
    /// Those of them in which a message is left, at most every other one.
    pub voicemails: u32,
}

/// What came.
#[derive(Debug, Default)]
pub struct Came {
    /// The SIDs of texts and of calls without their legs.
    pub sids: BTreeSet<String>,
    /// Who wrote to which line.
    pub wrote: BTreeSet<(String, &'static str)>,
    /// Who called and was not talked with, whether or not they left a message.
    pub missed: BTreeSet<String>,
    /// Those of them who left one.
    pub left: BTreeSet<String>,
    /// Who was put through to another phone.
    pub put_through: BTreeSet<String>,
}

/// The number of the `n`th of the people in a rush.
pub fn number(n: u32) -> String {
    format!("+1415557{n:04}")
}

/// Which of the people in a rush says STOP and then, to the other line, START.
pub const WAVERS: u32 = 7;
/// Which of them says STOP and goes on writing.
pub const LEAVES: u32 = 8;

fn line(n: u32) -> &'static str {
    LINES[usize::from(n % 2 == 1)]
}

impl Rush {
    /// What the product promises to bring home.
    pub const NIGHT: Self = Self { texts: 500, people: 120, calls: 40, voicemails: 20 };

    /// Lets it all happen after a moment, evenly over so many milliseconds.
    pub fn comes(&self, sandbox: &Sandbox, from: Moment, within_ms: i64) -> Came {
        let at = |n: u32, of: u32| from.0 + within_ms * i64::from(n + 1) / i64::from(of + 1);
        // Twilio tells times to the second.
        let at = |n, of| at(n, of).div_euclid(1_000) * 1_000;
        let mut came = Came::default();
        for n in 0..self.texts {
            let text = self.text(n);
            came.wrote.insert((text.from.clone(), line(n / self.people)));
            came.sids.insert(sandbox.arrived_with(text, at(n, self.texts)));
        }
        for n in 0..self.calls {
            let who = number(n * 3 % self.people);
            let (who, how) = match n % 8 {
                0 | 2 | 4 | 6 if n / 2 < self.voicemails => {
                    came.left.insert(who.clone());
                    came.missed.insert(who.clone());
                    (who, Rang::LeftMessage(3 + n % 5))
                }
                7 => {
                    // Nobody who waits for something else.
                    let who = number(self.people + n);
                    came.put_through.insert(who.clone());
                    (who, Rang::PutThrough { to: "+14155550107".into(), talked_s: 45 })
                }
                _ => {
                    came.missed.insert(who.clone());
                    (who, Rang::HungUp)
                }
            };
            came.sids.insert(sandbox.rang(&who, line(n / 2), at(n, self.calls), how));
        }
        came
    }

    fn text(&self, n: u32) -> TextIn {
        let (who, turn) = (n % self.people, n / self.people);
        let words = match (who, turn) {
            (WAVERS, 0) | (LEAVES, 1) => "STOP".to_owned(),
            (WAVERS, 1) => "START".to_owned(),
            _ => format!("Text {n}"),
        };
        let pictures = if n % 50 == 3 { vec![("image/png".to_owned(), png())] } else { Vec::new() };
        TextIn { pictures, ..TextIn::new(&number(who), line(turn), &words) }
    }
}

/// Everything that is kept.
pub async fn everything(office: &Office) -> Vec<Kept> {
    let mut all = Vec::new();
    let mut take = |object: Kept| {
        all.push(object);
        Ok::<(), StoreError>(())
    };
    office.desk.inbox.export(&mut take).await.expect("export");
    all
}

/// Waits until everything up to a moment is here, and all of the past that is wanted.
pub async fn complete(office: &Office, to: Moment) -> view::CatchUp {
    completed(office, to, false).await
}

/// The same. Nothing may be missing that is said to be complete on the way.
pub async fn complete_without_a_gap(office: &Office, to: Moment) -> view::CatchUp {
    completed(office, to, true).await
}

async fn completed(office: &Office, to: Moment, checked: bool) -> view::CatchUp {
    let inbox = &office.desk.inbox;
    let waiting = async {
        let mut said = None;
        loop {
            let seen = inbox.latest_change();
            let state = inbox.catch_up_state().await.expect("how complete it is");
            if let Some(complete_to) = state.complete_to.filter(|to| checked && said != Some(*to)) {
                said = Some(complete_to);
                is_here_up_to(&office.sandbox.truth(), &everything(office).await, complete_to);
            }
            let past = state.history.state != view::HistoryState::Running;
            if past && !state.running && state.complete_to >= Some(to) {
                // What was read before the look ended may be of before.
                return inbox.catch_up_state().await.expect("how complete it is");
            }
            let _ = tokio::time::timeout(AGAIN, inbox.next_changes(seen)).await;
        }
    };
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(state) => state,
        Err(late) => panic!("not all is here ({late}): {:?}", inbox.catch_up_state().await),
    }
}

/// All texts and calls are here that Twilio dates before a moment.
fn is_here_up_to(truth: &Truth, kept: &[Kept], to: Moment) {
    let (texts, calls) = (by_sid(kept, "text"), by_sid(kept, "call"));
    for message in truth.messages.iter().filter(|message| message.created_ms < to.0) {
        assert!(texts.contains_key(message.sid.as_str()), "{} is missing before {to:?}", message.sid);
    }
    let whole = truth.calls.iter().filter(|call| call.parent.is_none());
    for call in whole.filter(|call| call.start_ms < to.0) {
        assert!(calls.contains_key(call.sid.as_str()), "{} is missing before {to:?}", call.sid);
    }
}

/// Has everything listed now, and waits until that is done.
pub async fn listed(office: &Office) -> view::CatchUp {
    let inbox = &office.desk.inbox;
    inbox.catch_up_now().await.expect("asked for");
    let done = || async {
        let state = inbox.catch_up_state().await.expect("how complete it is");
        (!state.running).then_some(())
    };
    office.until("everything was listed", done).await;
    let state = inbox.catch_up_state().await.expect("how complete it is");
    assert_eq!(state.problem, None);
    state
}

/// What is kept of a kind, by Twilio's ids.
fn by_sid<'a>(kept: &'a [Kept], kind: &str) -> BTreeMap<&'a str, Vec<&'a Kept>> {
    let mut all: BTreeMap<&str, Vec<&Kept>> = BTreeMap::new();
    for object in kept.iter().filter(|object| object["type"] == kind) {
        if let Some(sid) = object["provider_sid"].as_str() {
            all.entry(sid).or_default().push(object);
        }
    }
    all
}

#[track_caller]
fn once<'a>(all: &BTreeMap<&str, Vec<&'a Kept>>, what: &str, sid: &str) -> &'a Kept {
    let found = all.get(sid).map_or(&[][..], Vec::as_slice);
    assert_eq!(found.len(), 1, "{what} {sid} is here once");
    found[0]
}

/// All that Twilio has is here once and as it was, and nothing is here that it does not have. What came by
/// itself is of the moment when it came.
#[track_caller]
pub fn is_all_here_once(truth: &Truth, kept: &[Kept]) {
    let texts = by_sid(kept, "text");
    assert_eq!(texts.len(), truth.messages.len(), "as many texts as Twilio has");
    for message in &truth.messages {
        is_the_text(message, once(&texts, "the text", &message.sid));
    }
    let (calls, whole) = (by_sid(kept, "call"), truth.calls.iter().filter(|call| call.parent.is_none()));
    assert_eq!(calls.len(), whole.clone().count(), "as many calls as Twilio has");
    for call in whole {
        is_the_call(truth, call, once(&calls, "the call", &call.sid));
    }
    let (recordings, voicemails) = (by_sid(kept, "recording"), by_sid(kept, "voicemail"));
    assert_eq!(recordings.len(), truth.recordings.len(), "as many recordings as Twilio has");
    for recording in &truth.recordings {
        once(&recordings, "the recording", &recording.sid);
        let voicemail = once(&voicemails, "the voicemail", &recording.sid);
        assert_eq!(voicemail["duration_s"], recording.duration_s);
    }
}

#[track_caller]
fn is_the_text(message: &TrueMessage, text: &Kept) {
    let ends = (text["from"].as_str(), text["to"].as_str());
    assert_eq!(ends, (message.from.as_deref(), Some(message.to.as_str())), "{}", message.sid);
    assert_eq!(text["body"], message.body.as_str(), "{}", message.sid);
    let way = if message.direction == Direction::Inbound { "in" } else { "out" };
    assert_eq!(text["direction"], way, "{}", message.sid);
    assert_eq!(text["attachments"].as_array().map(Vec::len), Some(message.media), "{}", message.sid);
    is_of_its_time(text, message.created_ms);
}

#[track_caller]
fn is_the_call(truth: &Truth, call: &TrueCall, kept: &Kept) {
    let ends = (kept["from"].as_str(), kept["to"].as_str());
    assert_eq!(ends, (Some(call.from.as_str()), Some(call.to.as_str())), "{}", call.sid);
    let legs: Value = serde_json::from_str(kept["legs"].as_str().unwrap_or("[]")).expect("legs");
    let legs = legs.as_array().expect("a list").iter().filter_map(|leg| leg["provider_sid"].as_str());
    let true_legs = truth.calls.iter().filter(|leg| leg.parent.as_deref() == Some(call.sid.as_str()));
    let true_legs: BTreeSet<&str> = true_legs.map(|leg| leg.sid.as_str()).collect();
    assert_eq!(legs.collect::<BTreeSet<_>>(), true_legs, "the phones that were rung for {}", call.sid);
    is_of_its_time(kept, call.start_ms);
}

/// Whether it has the time Twilio tells, which is to the second. A webhook tells none.
#[track_caller]
fn is_of_its_time(kept: &Kept, at_ms: i64) {
    if kept["arrival"] != "live" {
        assert_eq!(kept["at"], at_ms.div_euclid(1_000) * 1_000, "at its own time: {}", kept["provider_sid"]);
    }
}

/// The SIDs of the texts and calls that reached us in this way: `live`, `missed`, `asleep` or `history`.
pub fn that_arrived(kept: &[Kept], how: &str) -> BTreeSet<String> {
    let there = kept.iter().filter(|object| object["type"] == "text" || object["type"] == "call");
    let so = there.filter(|object| object["arrival"] == how);
    so.filter_map(|object| object["provider_sid"].as_str().map(str::to_owned)).collect()
}

/// In every conversation the texts are shown in the order in which they were written.
pub async fn is_in_order(office: &Office) {
    let mut written: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let mut messages = office.sandbox.truth().messages;
    messages.sort_by_key(|message| message.created_ms);
    for message in messages {
        let from = message.from.unwrap_or_default();
        let (line, customer) =
            if message.direction == Direction::Inbound { (message.to, from) } else { (from, message.to) };
        written.entry((line, customer)).or_default().push(message.body);
    }
    let lines = office.desk.inbox.lines().await.expect("lines");
    for conversation in office.conversations().await {
        let line = lines.iter().find(|line| line.id == conversation.line).expect("our line");
        let open = office.desk.inbox.conversation(conversation.id, None, None).await.expect("conversation");
        let shown: Vec<String> = crate::office::texts(open).into_iter().map(|text| text.body).collect();
        let written = written.remove(&(line.number.clone(), conversation.customer)).unwrap_or_default();
        assert_eq!(shown, written, "in order");
    }
    assert!(written.is_empty(), "conversations are missing: {}", written.len());
}
