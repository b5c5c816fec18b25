//! Everything the practice line remembers.

use crate::{
    Config,
    compliance::Compliance,
    faults::Faults,
    flow::{FlowRun, Flows},
    hosted, monitor, services,
    tokens::Tokens,
    voice::{Format, PhoneBehavior, Register},
};
use bytes::Bytes;
use rand::Rng;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// As many requests are remembered, the latest ones.
const MOST_REQUESTS: usize = 10_000;

/// Which way a text went, as Twilio calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// A customer wrote.
    Inbound,
    /// We wrote.
    OutboundApi,
    /// Twilio answered a keyword by itself.
    OutboundReply,
}

/// A message as the practice line keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) sid: String,
    pub(crate) direction: Direction,
    pub(crate) from: Option<String>,
    pub(crate) to: String,
    pub(crate) service: Option<String>,
    pub(crate) body: String,
    pub(crate) status: String,
    pub(crate) error_code: Option<u32>,
    pub(crate) media: Vec<String>,
    pub(crate) created_ms: i64,
    pub(crate) updated_ms: i64,
    /// From when on it is in lists.
    pub(crate) listed_ms: i64,
    pub(crate) hidden: bool,
}

impl Message {
    /// When it was sent; none while it waits to be.
    pub(crate) fn sent_ms(&self) -> Option<i64> {
        let waits = matches!(self.status.as_str(), "queued" | "accepted" | "scheduled");
        (!waits).then_some(self.updated_ms)
    }
}

/// A number the account owns.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    pub(crate) sid: String,
    pub(crate) number: String,
    pub(crate) name: String,
    pub(crate) set: BTreeMap<String, String>,
}

/// A picture.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
    pub(crate) message: String,
}

/// A file in storage, by the SID of what it belongs to.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    Picture(String),
    Recording(String, Format),
}

/// A text on a customer's phone.
#[derive(Debug, Clone, Serialize)]
pub struct PhoneText {
    /// Twilio's id.
    pub sid: String,
    /// Whether the customer wrote it.
    pub mine: bool,
    /// The number at the other end: ours.
    pub with: String,
    /// The words.
    pub body: String,
    /// Twilio's status word.
    pub status: String,
    /// Media SIDs.
    pub media: Vec<String>,
    /// When, in UTC milliseconds.
    pub at_ms: i64,
}

/// What happened so far, for tests and the curious.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Message creates that were accepted, by recipient and body, with their number.
    pub accepted: BTreeMap<String, u32>,
    /// All requests to create a message, refused ones included.
    pub creates: u32,
    /// Times a media request came to storage with credentials it should not have.
    pub leaked_credentials: u32,
    /// Webhooks posted, by the answer's status (0: no answer).
    pub webhooks: BTreeMap<u16, u32>,
    /// Paths nobody knows.
    pub unknown: BTreeSet<String>,
    /// All requests to create a call, refused ones included.
    pub calls: u32,
    /// What Twilio's debugger would show about calls, oldest first.
    pub alerts: Vec<Alert>,
    /// The answers to questions that were asked twice.
    pub repeated_answers: Vec<(String, String)>,
    /// REST requests as method and path, such as `POST /v2/Flows`, oldest first; the latest 10,000.
    pub requests: Vec<String>,
    /// Calls and texts that never reached the addresses of their number: their SIDs, and what took them, a
    /// trunk, an application or a Messaging Service by its SID, or `fax`.
    pub elsewhere: Vec<(String, String)>,
    /// What flows did, oldest first.
    pub flow_runs: Vec<FlowRun>,
}

/// Something about a call that Twilio would warn of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Alert {
    /// Twilio's code.
    pub code: u32,
    /// What was wrong.
    pub message: String,
    /// With which call.
    pub call_sid: String,
}

pub(crate) struct Town {
    pub(crate) tokens: Tokens,
    pub(crate) numbers: Vec<Number>,
    pub(crate) services: Vec<services::Service>,
    pub(crate) compliance: Compliance,
    pub(crate) flows: Flows,
    /// What was written into TwiML Bins, by SID.
    pub(crate) bins: HashMap<String, String>,
    /// How much money is left, and in which currency.
    pub(crate) balance: (String, String),
    pub(crate) alarms: monitor::Alarms,
    /// How far the `Date` of an answer is from the clock.
    pub(crate) clock_error_ms: i64,
    /// How long every answer of the REST API takes.
    pub(crate) latency_ms: u64,
    requests: VecDeque<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) by_sid: HashMap<String, usize>,
    pub(crate) media: HashMap<String, Media>,
    /// What is behind the addresses that were given out.
    pub(crate) storage: HashMap<String, Stored>,
    pub(crate) opted_out: BTreeSet<(String, String)>,
    pub(crate) calls: Register,
    /// What the phones do; those not named do nothing.
    pub(crate) phones: HashMap<String, PhoneBehavior>,
    pub(crate) faults: Faults,
    pub(crate) report: Report,
}

impl Town {
    pub(crate) fn new(config: &Config) -> Self {
        let number = |number: &String| Number {
            sid: sid("PN"),
            number: number.clone(),
            name: number.clone(),
            set: if config.demo_urls { hosted::demo_urls() } else { BTreeMap::new() },
        };
        Self {
            tokens: Tokens::new(config.auth_token.clone()),
            numbers: config.numbers.iter().map(number).collect(),
            services: Vec::new(),
            compliance: Compliance::default(),
            flows: Flows::default(),
            bins: HashMap::new(),
            balance: ("20.00".to_owned(), "USD".to_owned()),
            alarms: monitor::Alarms::default(),
            clock_error_ms: 0,
            latency_ms: 0,
            requests: VecDeque::new(),
            messages: Vec::new(),
            by_sid: HashMap::new(),
            media: HashMap::new(),
            storage: HashMap::new(),
            opted_out: BTreeSet::new(),
            calls: Register::default(),
            phones: HashMap::new(),
            faults: Faults::default(),
            report: Report::default(),
        }
    }

    pub(crate) fn add(&mut self, message: Message) {
        self.by_sid.insert(message.sid.clone(), self.messages.len());
        self.messages.push(message);
    }

    pub(crate) fn message(&self, sid: &str) -> Option<&Message> {
        self.by_sid.get(sid).map(|at| &self.messages[*at])
    }

    pub(crate) fn message_mut(&mut self, sid: &str) -> Option<&mut Message> {
        self.by_sid.get(sid).map(|at| &mut self.messages[*at])
    }

    pub(crate) fn phone(&self, number: &str) -> Vec<PhoneText> {
        let arrived = |m: &&Message| {
            (m.direction == Direction::Inbound && m.from.as_deref() == Some(number))
                || (m.to == number && matches!(m.status.as_str(), "delivered" | "sent" | "read"))
        };
        let text = |m: &Message| {
            let mine = m.direction == Direction::Inbound;
            PhoneText {
                sid: m.sid.clone(),
                mine,
                with: if mine { m.to.clone() } else { m.from.clone().unwrap_or_default() },
                body: m.body.clone(),
                status: m.status.clone(),
                media: m.media.clone(),
                at_ms: m.created_ms,
            }
        };
        self.messages.iter().filter(arrived).map(text).collect()
    }

    /// Remembers a request, and forgets the oldest where there are too many.
    pub(crate) fn remember(&mut self, request: String) {
        if self.requests.len() == MOST_REQUESTS {
            self.requests.pop_front();
        }
        self.requests.push_back(request);
    }

    pub(crate) fn number(&self, number: &str) -> Option<&Number> {
        self.numbers.iter().find(|ours| ours.number == number)
    }

    pub(crate) fn report(&self) -> Report {
        Report {
            requests: self.requests.iter().cloned().collect(),
            flow_runs: self.flows.told(),
            ..self.report.clone()
        }
    }
}

/// A message in Twilio's shape.
pub(crate) fn message_json(account: &str, m: &Message) -> Value {
    let path = format!("/2010-04-01/Accounts/{account}/Messages/{}", m.sid);
    let characters = m.body.chars().count();
    let segments =
        if m.service.is_some() && m.status == "accepted" { 0 } else { characters.div_ceil(153).max(1) };
    json!({
        "sid": m.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": m.body,
        "date_created": date(m.created_ms),
        "date_updated": date(m.updated_ms),
        "date_sent": m.sent_ms().map(date),
        "direction": m.direction,
        "error_code": m.error_code,
        "error_message": m.error_code.map(|code| format!("Error {code}")),
        "from": m.from,
        "to": m.to,
        "messaging_service_sid": m.service,
        "num_media": m.media.len().to_string(),
        "num_segments": segments.to_string(),
        "price": (m.status == "delivered").then(|| format!("-{:.5}", 0.0079 * f64::from(u32::try_from(segments).unwrap_or(1)))),
        "price_unit": "USD",
        "status": m.status,
        "subresource_uris": { "media": format!("{path}/Media.json"), "feedback": format!("{path}/Feedback.json") },
        "uri": format!("{path}.json"),
    })
}

/// An instant as the 2010 API writes it.
pub(crate) fn date(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}

/// An instant as the newer products write it.
pub(crate) fn iso(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An instant as the header of an answer writes it.
pub(crate) fn http_date(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// `n` random bytes in lower-case hex.
pub(crate) fn hex(n: usize) -> String {
    use std::fmt::Write;
    let mut rng = rand::rng();
    (0..n).fold(String::with_capacity(2 * n), |mut out, _| {
        let _ = write!(out, "{:02x}", rng.random::<u8>());
        out
    })
}

pub(crate) fn sid(prefix: &str) -> String {
    format!("{prefix}{}", hex(16))
}
