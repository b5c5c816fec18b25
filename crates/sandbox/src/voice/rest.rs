//! Calls over REST, in Twilio's shapes and with Twilio's refusals.
//! Source: Twilio's OpenAPI document for 2010-04-01, and its error dictionary.

use super::{
    dial::{RINGS_ON_MS, e164},
    document::Link,
    leg::{Cut, Leg, Opening, Source},
    order,
    phones::Person,
    register::{Call, CallDirection, CallStatus, Progress, StatusCallback},
    scene::Scene,
};
use crate::{
    World,
    carrier::{Method, tail_code},
    paging::{page, within},
    rest::{Params, answered, created, error, list_away, not_found, signed_in, turned_away},
    town::{Town, date, sid},
};
use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::get,
};
use ringdesk_twilio::Form;
use serde_json::{Value, json};
use std::cmp::Reverse;

/// The longest document that can be handed in.
const MOST_TWIML: usize = 4_000;
const LONGEST_RING_S: u64 = 600;

pub(crate) fn routes() -> Router<World> {
    let calls = "/2010-04-01/Accounts/{account}/Calls";
    Router::new()
        .route(&format!("{calls}.json"), get(list).post(create))
        .route(&format!("{calls}/{{sid}}"), get(fetch).post(update).delete(delete))
}

async fn create(
    State(world): State<World>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let wanted = {
        let mut town = world.town();
        town.report.calls += 1;
        if let Some(response) = turned_away(&mut town) {
            return response;
        }
        acceptable(&town, &form)
    };
    let wanted = match wanted {
        Ok(wanted) => wanted,
        Err((code, message)) => return error(400, code, message),
    };
    let call_sid = sid("CA");
    let mut shape = Value::Null;
    Scene::play(&world, &call_sid, (world.config.now)(), |scene| {
        let leg = Leg::open(
            scene,
            Opening {
                sid: call_sid.clone(),
                parent: None,
                direction: CallDirection::OutboundApi,
                from: wanted.from,
                to: wanted.to,
                number_sid: Some(wanted.number_sid),
                callback: callback(&form),
                person: wanted.person,
            },
        );
        shape = world.town().calls.get(&call_sid).map(|call| call_json(&account, call)).unwrap_or_default();
        leg.call_out(wanted.source, link(&form, "FallbackUrl", "FallbackMethod"), wanted.timeout_ms)
    });
    created(&world, shape).await
}

/// A call that can be made.
struct Wanted {
    from: String,
    to: String,
    number_sid: String,
    source: Source,
    timeout_ms: u64,
    person: Person,
}

/// Twilio's refusals at the time of creating, by its own codes.
fn acceptable(town: &Town, form: &Form) -> Result<Wanted, (u32, &'static str)> {
    let to = form.filled("To").ok_or((21201, "No 'To' number is specified"))?;
    let from = form.filled("From").ok_or((21213, "Caller phone number is required"))?;
    match to {
        "+15005550001" => return Err((21217, "Phone number does not appear to be valid")),
        "+15005550002" => return Err((21214, "'To' phone number cannot be reached")),
        "+15005550003" => return Err((21215, "Account not authorized to call that destination")),
        "+15005550004" => return Err((21216, "Account not allowed to call that destination")),
        _ => {}
    }
    if from == "+15005550001" {
        return Err((21212, "Invalid 'From' number"));
    }
    let ours = town.numbers.iter().find(|number| number.number == from);
    let number = ours.ok_or((21210, "'From' phone number not verified"))?;
    let to = e164(to).ok_or((21217, "Phone number does not appear to be valid"))?;
    if let Some(code) = tail_code(&to).filter(|code| (21_200..21_300).contains(code)) {
        return Err((code, "Refused, as the number's last digits ask for."));
    }
    let timeout_s = form.filled("Timeout").map_or(Ok(60), str::parse::<u64>).unwrap_or(0);
    if !(1..=LONGEST_RING_S).contains(&timeout_s) {
        return Err((21208, "Invalid 'Timeout'"));
    }
    let phone = town.phones.get(&to).cloned().unwrap_or_default();
    Ok(Wanted {
        from: from.to_owned(),
        to,
        number_sid: number.sid.clone(),
        source: source(form)?,
        timeout_ms: timeout_s * 1_000 + RINGS_ON_MS,
        person: Person::called(&phone),
    })
}

/// The document a form names or brings.
fn source(form: &Form) -> Result<Source, (u32, &'static str)> {
    if form.filled("ApplicationSid").is_some() {
        return Err((21218, "Invalid ApplicationSid"));
    }
    if let Some(link) = link(form, "Url", "Method") {
        let web = reqwest::Url::parse(&link.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        return if web { Ok(Source::Ask(link, Vec::new())) } else { Err((21205, "Invalid 'Url'")) };
    }
    let twiml = form.filled("Twiml").ok_or((21205, "Url parameter is required."))?;
    if twiml.chars().count() > MOST_TWIML {
        return Err((20001, "'Twiml' exceeds 4000 characters"));
    }
    Ok(Source::Inline(twiml.to_owned()))
}

fn link(form: &Form, url: &str, method: &str) -> Option<Link> {
    let get = form.filled(method).is_some_and(|method| method.eq_ignore_ascii_case("GET"));
    let method = if get { Method::Get } else { Method::Post };
    Some(Link { url: form.filled(url)?.to_owned(), method })
}

fn callback(form: &Form) -> Option<StatusCallback> {
    let link = link(form, "StatusCallback", "StatusCallbackMethod")?;
    // Each in a parameter of its own; several in one are none that Twilio knows.
    let asked: Vec<_> = form.all("StatusCallbackEvent").collect();
    let known = Progress::WORDS.iter().filter(|(word, _)| asked.iter().any(|asked| asked == word));
    let mut events: Vec<Progress> = known.map(|(_, progress)| *progress).collect();
    if events.is_empty() {
        events.push(Progress::Completed);
    }
    Some(StatusCallback::new(link, events))
}

async fn fetch(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    match shown(&town, &sid) {
        Some(call) => answered(StatusCode::OK, call_json(&account, call)),
        None => not_found("call"),
    }
}

async fn update(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let Some((sid, status)) = shown(&world.town(), &sid).map(|call| (call.sid.clone(), call.status)) else {
        return not_found("call");
    };
    let waits = matches!(status, CallStatus::Queued | CallStatus::Ringing);
    let elsewhere = ["Url", "Twiml"].iter().any(|name| form.filled(name).is_some());
    let cut = match form.filled("Status") {
        _ if status.is_final() => return error(400, 21220, "Call is not in-progress. Cannot redirect."),
        Some("canceled" | "completed") if waits => Some(Cut::Ended(CallStatus::Canceled)),
        Some("completed") => Some(Cut::Ended(CallStatus::Completed)),
        Some("canceled") => return error(400, 21220, "Call is in-progress. Cannot cancel."),
        Some(_) => return error(400, 20001, "Status can be canceled or completed."),
        None if elsewhere && waits => return error(400, 21220, "Call is not in-progress. Cannot redirect."),
        None if elsewhere => match source(&form) {
            Ok(source) => Some(Cut::Moved(source)),
            Err((code, message)) => return error(400, code, message),
        },
        None => None,
    };
    if let Some(cut) = cut {
        order(&world, &sid, cut);
    }
    let town = world.town();
    match town.calls.get(&sid) {
        Some(call) => answered(StatusCode::OK, call_json(&account, call)),
        None => not_found("call"),
    }
}

async fn delete(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let mut town = world.town();
    let Some((sid, status)) = shown(&town, &sid).map(|call| (call.sid.clone(), call.status)) else {
        return not_found("call");
    };
    if !status.is_final() {
        return error(409, 20009, "The call is not over yet.");
    }
    if let Some(call) = town.calls.get_mut(&sid) {
        call.hidden = true;
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn list(
    State(world): State<World>,
    Path(account): Path<String>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    if let Some(away) = list_away(&world) {
        return away;
    }
    let is = |name: &str, value: Option<&str>| query.get(name).is_none_or(|v| Some(v.as_str()) == value);
    let fits = |call: &&Call| {
        !call.hidden
            && is("To", Some(&call.to))
            && is("From", Some(&call.from))
            && is("ParentCallSid", call.parent.as_deref())
            && is("Status", Some(call.status.word()))
            && within(&query, "StartTime", call.dialed_ms)
            && within(&query, "EndTime", call.ended_ms)
    };
    let town = world.town();
    let mut found: Vec<&Call> = town.calls.all().iter().rev().filter(fits).collect();
    found.sort_by_key(|call| Reverse(call.created_ms));
    answered(StatusCode::OK, page(&uri, &query, "calls", &found, |call| call_json(&account, call)))
}

/// The call a path names.
fn shown<'a>(town: &'a Town, sid: &str) -> Option<&'a Call> {
    town.calls.get(sid.strip_suffix(".json")?).filter(|call| !call.hidden)
}

fn call_json(account: &str, call: &Call) -> Value {
    let path = format!("/2010-04-01/Accounts/{account}/Calls/{}", call.sid);
    let seconds = call.duration_s().filter(|_| call.status == CallStatus::Completed);
    // In hundred-thousandths of a dollar, by minutes begun.
    let price = seconds.map(|seconds| seconds.div_ceil(60) * 850);
    let below = [
        ("notifications", "Notifications"),
        ("recordings", "Recordings"),
        ("payments", "Payments"),
        ("events", "Events"),
        ("siprec", "Siprec"),
        ("streams", "Streams"),
        ("transcriptions", "Transcriptions"),
        ("user_defined_message_subscriptions", "UserDefinedMessageSubscriptions"),
        ("user_defined_messages", "UserDefinedMessages"),
    ];
    let below: serde_json::Map<String, Value> =
        below.iter().map(|(key, name)| ((*key).to_owned(), format!("{path}/{name}.json").into())).collect();
    json!({
        "sid": call.sid,
        "account_sid": account,
        "answered_by": null,
        "api_version": "2010-04-01",
        "caller_name": null,
        "date_created": date(call.created_ms),
        "date_updated": date(call.updated_ms),
        "direction": call.direction,
        "duration": seconds.map(|seconds| seconds.to_string()),
        "end_time": call.ended_ms.map(date),
        "forwarded_from": null,
        "from": call.from,
        "from_formatted": formatted(&call.from),
        "group_sid": null,
        "parent_call_sid": call.parent,
        "phone_number_sid": call.number_sid,
        "price": price.map(|price| format!("-{}.{:05}", price / 100_000, price % 100_000)),
        "price_unit": "USD",
        "queue_time": "0",
        "start_time": call.dialed_ms.map(date),
        "status": call.status,
        "subresource_uris": below,
        "to": call.to,
        "to_formatted": formatted(&call.to),
        "trunk_sid": null,
        "uri": format!("{path}.json"),
    })
}

/// A number as Twilio shows it: a US one without its country.
pub(crate) fn formatted(number: &str) -> String {
    match number.strip_prefix("+1") {
        Some(rest) if rest.len() == 10 && rest.bytes().all(|b| b.is_ascii_digit()) => {
            format!("({}) {}-{}", &rest[..3], &rest[3..6], &rest[6..])
        }
        _ => number.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_shown_as_in_its_country() {
        assert_eq!(formatted("+14155550123"), "(415) 555-0123");
        assert_eq!(formatted("+442079460958"), "+442079460958");
        assert_eq!(formatted("anonymous"), "anonymous");
    }

    #[test]
    fn events_asked_for_in_one_word_are_none() {
        let events = |body: &str| {
            let form = Form::parse(body.as_bytes()).expect("a form");
            callback(&form).map(|callback| callback.events().to_vec())
        };
        let url = "StatusCallback=http://127.0.0.1/told";
        assert_eq!(events("To=x"), None);
        assert_eq!(events(url), Some(vec![Progress::Completed]));
        let joined = format!("{url}&StatusCallbackEvent=initiated+ringing");
        assert_eq!(events(&joined), Some(vec![Progress::Completed]));
        let repeated = format!("{url}&StatusCallbackEvent=answered&StatusCallbackEvent=initiated");
        assert_eq!(events(&repeated), Some(vec![Progress::Initiated, Progress::Answered]));
    }
}
