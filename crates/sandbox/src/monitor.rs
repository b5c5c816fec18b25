//! What went wrong with the account, as Twilio's Monitor lists it: every webhook that was not answered well,
//! and every document that could not be run. Source: Twilio's OpenAPI document for monitor v1.

use crate::{
    Fault, World,
    carrier::{Method, Webhook},
    paging::{instant, listed},
    rest::{Params, answered, error, known, not_found},
    town::{iso, sid},
};
use axum::{
    Router,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::Response,
    routing::get,
};
use ringdesk_twilio::Form;
use serde_json::{Value, json};
use std::{collections::VecDeque, error::Error};

/// As many are kept, the latest ones.
const MOST_ALARMS: usize = 10_000;
/// How long they are kept, on an account like most.
const KEPT_MS: i64 = 30 * 86_400_000;
/// What is only a warning. Source: Twilio's error dictionary.
const WARNINGS: [u32; 7] = [12200, 13615, 13617, 15002, 15003, 30025, 30026];

pub(crate) fn routes() -> Router<World> {
    Router::new().route("/v1/Alerts", get(list)).route("/v1/Alerts/{sid}", get(fetch))
}

/// What Monitor keeps, oldest first.
pub(crate) type Alarms = VecDeque<Alarm>;

/// One entry of Monitor's list.
#[derive(Debug)]
pub(crate) struct Alarm {
    sid: String,
    code: u32,
    message: String,
    /// Of the call, text or whatever it is about.
    resource_sid: Option<String>,
    asked: Option<Asked>,
    at_ms: i64,
}

/// The request an alert is about.
#[derive(Debug)]
pub(crate) struct Asked {
    url: String,
    method: Method,
    /// As a form.
    variables: String,
}

impl Asked {
    /// An address that answered something that is no use.
    pub(crate) fn at(url: &str, method: Method) -> Self {
        Self { url: url.to_owned(), method, variables: String::new() }
    }
}

impl From<&Webhook> for Asked {
    fn from(webhook: &Webhook) -> Self {
        let variables = Form::from_pairs(webhook.fields.iter().map(|(name, value)| (name, value))).encode();
        Self { url: webhook.url.clone(), method: webhook.method, variables }
    }
}

/// Adds an entry.
pub(crate) fn raise(
    world: &World,
    code: u32,
    message: &str,
    resource_sid: Option<&str>,
    asked: Option<Asked>,
) -> String {
    enter(world, code, message, resource_sid, asked, (world.config.now)())
}

/// Adds an entry of some moment.
pub(crate) fn enter(
    world: &World,
    code: u32,
    message: &str,
    resource_sid: Option<&str>,
    asked: Option<Asked>,
    at_ms: i64,
) -> String {
    let alarm = Alarm {
        sid: sid("NO"),
        code,
        message: message.to_owned(),
        resource_sid: resource_sid.map(str::to_owned),
        asked,
        at_ms,
    };
    let sid = alarm.sid.clone();
    let mut town = world.town();
    if town.alarms.len() == MOST_ALARMS {
        town.alarms.pop_front();
    }
    town.alarms.push_back(alarm);
    sid
}

/// Twilio's code for somebody who cannot be reached, and what happened.
pub(crate) fn unreachable(failure: &reqwest::Error) -> (u32, &'static str) {
    let mut said = String::new();
    let mut cause = failure.source();
    while let Some(below) = cause {
        said.push_str(&below.to_string());
        said.push('\n');
        cause = below.source();
    }
    let says = |words: &str| said.contains(words);
    if says("dns error") || says("failed to lookup address") {
        (11210, "the host name cannot be found")
    } else if says("NotValidForName") || says("not valid for name") {
        (11235, "the certificate is for another name")
    } else if says("Expired") || says("certificate expired") {
        (11236, "the certificate is out of date")
    } else if says("UnknownIssuer") {
        (11237, "the certificate is of nobody who is trusted")
    } else if says("certificate") || says("HandshakeFailure") || says("InvalidContentType") {
        (11220, "no secure connection")
    } else if failure.is_timeout() {
        (if failure.is_connect() { 11205 } else { 11200 }, "no answer in time")
    } else {
        (if failure.is_connect() { 11205 } else { 11200 }, "no answer")
    }
}

fn level(code: u32) -> &'static str {
    if WARNINGS.contains(&code) { "warning" } else { "error" }
}

fn alert_json(world: &World, alarm: &Alarm) -> Value {
    let level = level(alarm.code);
    let mut text = vec![
        ("Msg", alarm.message.clone()),
        ("ErrorCode", alarm.code.to_string()),
        ("LogLevel", level.to_uppercase()),
    ];
    text.extend(alarm.asked.as_ref().map(|asked| ("url", asked.url.clone())));
    let at = iso(alarm.at_ms);
    json!({
        "sid": alarm.sid, "account_sid": world.config.account_sid,
        "alert_text": Form::from_pairs(text).encode(), "api_version": "2010-04-01",
        "date_created": at, "date_generated": at, "date_updated": at,
        "error_code": alarm.code.to_string(), "log_level": level,
        "more_info": format!("https://www.twilio.com/docs/errors/{}", alarm.code),
        "request_method": alarm.asked.as_ref().map(|asked| asked.method.word()),
        "request_url": alarm.asked.as_ref().map(|asked| &asked.url),
        "resource_sid": alarm.resource_sid, "service_sid": null,
        "url": format!("{}/v1/Alerts/{}", world.base, alarm.sid),
    })
}

/// Checks HTTP Basic, and that the product is there.
#[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
fn monitor(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    known(world, headers)?;
    if world.town().faults.strikes(&Fault::MonitorAway) {
        return Err(error(503, 20503, "Service Unavailable"));
    }
    Ok(())
}

async fn list(
    State(world): State<World>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = monitor(&world, &headers) {
        return refused;
    }
    let asked = |name: &str| query.get(name).and_then(|text| instant(text));
    let oldest_ms = (world.config.now)() - KEPT_MS;
    let begin_ms = asked("StartDate").unwrap_or(oldest_ms).max(oldest_ms);
    let end_ms = asked("EndDate").unwrap_or(i64::MAX);
    let fits = |alarm: &&Alarm| {
        query.get("LogLevel").is_none_or(|wanted| wanted == level(alarm.code))
            && (begin_ms..=end_ms).contains(&alarm.at_ms)
    };
    let town = world.town();
    let mut found: Vec<&Alarm> = town.alarms.iter().rev().filter(fits).collect();
    found.sort_by_key(|alarm| std::cmp::Reverse(alarm.at_ms));
    let shape = |alarm: &&Alarm| alert_json(&world, alarm);
    answered(StatusCode::OK, listed(&world, &uri, &query, "alerts", &found, shape))
}

async fn fetch(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    if let Err(refused) = monitor(&world, &headers) {
        return refused;
    }
    let town = world.town();
    let Some(alarm) = town.alarms.iter().find(|alarm| alarm.sid == sid) else { return not_found("alert") };
    let mut shape = alert_json(&world, alarm);
    shape["request_variables"] = alarm.asked.as_ref().map(|asked| asked.variables.clone()).into();
    for unknown in ["request_headers", "response_headers", "response_body"] {
        shape[unknown] = Value::Null;
    }
    answered(StatusCode::OK, shape)
}
