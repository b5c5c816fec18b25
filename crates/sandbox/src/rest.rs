//! The REST calls, in Twilio's shapes and with Twilio's refusals.
//! Source: Twilio's OpenAPI document for 2010-04-01, and its error dictionary.

use crate::{
    Fault, World, carrier,
    paging::{page, within},
    tokens,
    town::{Direction, Media, Message, Town, date, http_date, message_json, sid},
};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{OriginalUri, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::DATE},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use ringdesk_twilio::Form;
use serde_json::{Value, json};
use std::{cmp::Reverse, collections::HashMap, time::Duration};

pub(crate) type Params = HashMap<String, String>;

pub(crate) fn routes() -> Router<World> {
    let account = "/2010-04-01/Accounts";
    Router::new()
        .route(&format!("{account}/{{sid}}"), get(fetch_account))
        .route(&format!("{account}/{{account}}/Messages.json"), get(list_messages).post(create_message))
        .route(
            &format!("{account}/{{account}}/Messages/{{sid}}"),
            get(fetch_message).post(update_message).delete(delete_message),
        )
        .route(&format!("{account}/{{account}}/Messages/{{sid}}/Media.json"), get(list_media))
}

/// An error in Twilio's shape.
pub(crate) fn error(status: u16, code: u32, message: &str) -> Response {
    detailed(status, code, message, None)
}

/// An error that says more.
pub(crate) fn detailed(status: u16, code: u32, message: &str, details: Option<Value>) -> Response {
    let mut body = json!({
        "code": code,
        "message": message,
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    });
    if let Some(details) = details {
        body["details"] = details;
    }
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    answered(status, body)
}

pub(crate) fn not_found(what: &str) -> Response {
    error(404, 20404, &format!("The requested {what} was not found"))
}

/// Whatever the practice line does not know.
pub(crate) async fn unknown(State(world): State<World>, OriginalUri(uri): OriginalUri) -> Response {
    tracing::warn!(path = uri.path(), "the practice line does not know this");
    world.town().report.unknown.insert(uri.path().to_owned());
    not_found("resource")
}

pub(crate) fn answered(status: StatusCode, body: Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&sid("RQ")) {
        headers.insert("Twilio-Request-Id", id);
    }
    headers.insert("Twilio-Concurrent-Requests", HeaderValue::from_static("1"));
    headers.insert("X-Api-Domain", HeaderValue::from_static("api.twilio.com"));
    response
}

/// Every request to the REST API is remembered and takes its time, and every answer tells the time.
pub(crate) async fn attend(State(world): State<World>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let hosted = path.starts_with("/v1/Accounts/");
    if !hosted && ["/2010-04-01/", "/v1/", "/v2/"].iter().any(|api| path.starts_with(api)) {
        let latency_ms = {
            let mut town = world.town();
            town.remember(format!("{} {path}", request.method()));
            // The bytes of pictures and recordings are not the API.
            let sound_or_picture =
                path.starts_with("/2010-04-01/") && path.rsplit('.').next() != Some("json");
            if sound_or_picture { 0 } else { town.latency_ms }
        };
        world.asked.send_modify(|asked| *asked += 1);
        if latency_ms > 0 {
            tokio::time::sleep(Duration::from_millis(latency_ms)).await;
        }
    }
    let mut response = next.run(request).await;
    let error_ms = world.town().clock_error_ms;
    let date = http_date((world.config.now)().saturating_add(error_ms));
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

/// Checks HTTP Basic.
#[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
pub(crate) fn known(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    match tokens::caller(world, headers) {
        Some(_) => Ok(()),
        None => Err(error(401, 20003, "Authenticate")),
    }
}

/// Checks HTTP Basic where an API key is not enough.
#[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
pub(crate) fn owner(world: &World, headers: &HeaderMap) -> Result<(), Response> {
    match tokens::caller(world, headers) {
        Some(tokens::Caller::Owner) => Ok(()),
        Some(tokens::Caller::Key) | None => Err(error(401, 20003, "Authenticate")),
    }
}

/// Checks HTTP Basic and the account in the path.
#[allow(clippy::result_large_err, reason = "the refusal is the response itself")]
pub(crate) fn signed_in(world: &World, account: &str, headers: &HeaderMap) -> Result<(), Response> {
    known(world, headers)?;
    if account != world.config.account_sid {
        return Err(not_found("account"));
    }
    Ok(())
}

async fn fetch_account(State(world): State<World>, Path(sid): Path<String>, headers: HeaderMap) -> Response {
    let Some(sid) = sid.strip_suffix(".json") else { return not_found("resource") };
    if let Err(refused) = signed_in(&world, sid, &headers) {
        return refused;
    }
    if let Err(refused) = owner(&world, &headers) {
        return refused;
    }
    if world.town().faults.take(|fault| matches!(fault, Fault::AccountAway).then_some(())).is_some() {
        return error(503, 20503, "Service Unavailable");
    }
    let uri = format!("/2010-04-01/Accounts/{sid}");
    let auth_token = world.town().tokens.primary().to_owned();
    answered(
        StatusCode::OK,
        json!({
            "sid": sid, "friendly_name": "Practice line", "status": "active", "type": "Full",
            "auth_token": auth_token, "owner_account_sid": sid,
            "date_created": date((world.config.now)()), "date_updated": date((world.config.now)()),
            "uri": format!("{uri}.json"),
            "subresource_uris": { "messages": format!("{uri}/Messages.json"),
                "incoming_phone_numbers": format!("{uri}/IncomingPhoneNumbers.json") },
        }),
    )
}

async fn create_message(
    State(world): State<World>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let early = {
        let mut town = world.town();
        town.report.creates += 1;
        if let Some(response) = turned_away(&mut town) {
            return response;
        }
        if let Err((code, message)) = acceptable(&town, &form) {
            return error(400, code, message);
        }
        town.faults.strikes(&Fault::CallbackBeforeAnswer)
    };
    let pictures = fetch_pictures(&world, form.all("MediaUrl").map(Into::into).collect()).await;
    let Ok(pictures) = pictures else { return error(400, 21620, "Invalid media URL(s)") };
    let (message, callback) = accept(&world, &form, pictures);
    let shape = message_json(&account, &message);
    if early {
        // On a task of its own: whoever hangs up on us must not stop the carrier.
        let (world, sid, callback) = (world.clone(), message.sid.clone(), callback.clone());
        let told =
            tokio::spawn(
                async move { carrier::report(&world, &sid, "sent", None, callback.as_deref()).await },
            );
        let _ = told.await;
    }
    tokio::spawn(carrier::deliver(world.clone(), message.sid, callback));
    created(&world, shape).await
}

/// What a list of messages, calls or recordings gets that nobody looks at.
pub(crate) fn list_away(world: &World) -> Option<Response> {
    let away = world.town().faults.strikes(&Fault::ListAway);
    away.then(|| error(503, 20503, "Service Unavailable"))
}

/// What a create gets that nobody looks at.
pub(crate) fn turned_away(town: &mut Town) -> Option<Response> {
    let busy = town.faults.take(|f| match f {
        Fault::Busy(seconds) => Some(*seconds),
        _ => None,
    });
    if let Some(seconds) = busy {
        let mut response = error(429, 20429, "Too Many Requests");
        response.headers_mut().insert("Retry-After", HeaderValue::from(seconds));
        return Some(response);
    }
    town.faults.strikes(&Fault::ErrorBeforeAccepting).then(|| error(500, 20500, "Internal Server Error"))
}

/// The answer to a create that was accepted, as well as it arrives.
pub(crate) async fn created(world: &World, shape: Value) -> Response {
    let fault = world.town().faults.take(|f| match f {
        Fault::HangAfterAccepting | Fault::BreakAfterAccepting | Fault::ErrorAfterAccepting => {
            Some(f.clone())
        }
        _ => None,
    });
    match fault {
        Some(Fault::HangAfterAccepting) => {
            tokio::time::sleep(Duration::from_secs(120)).await;
            error(504, 20504, "Gateway timeout")
        }
        Some(Fault::BreakAfterAccepting) => {
            let mut response = crate::media::broken(Bytes::from_static(b"{\"sid\":")).into_response();
            *response.status_mut() = StatusCode::CREATED;
            response
        }
        Some(_) => error(500, 20500, "Internal Server Error"),
        None => answered(StatusCode::CREATED, shape),
    }
}

fn accept(world: &World, form: &Form, pictures: Vec<Media>) -> (Message, Option<String>) {
    let now = (world.config.now)();
    let message_sid = sid(if pictures.is_empty() { "SM" } else { "MM" });
    let mut town = world.town();
    let media: Vec<String> = pictures
        .into_iter()
        .map(|picture| {
            let media_sid = sid("ME");
            town.media.insert(media_sid.clone(), Media { message: message_sid.clone(), ..picture });
            media_sid
        })
        .collect();
    let service = form.filled("MessagingServiceSid").map(str::to_owned);
    let known = service.as_ref().and_then(|sid| town.services.iter().find(|service| service.sid == *sid));
    let callback = known.and_then(|service| service.filled("StatusCallback").map(str::to_owned));
    // A service picks its sender while sending; here that is the first of its numbers.
    let sender = match known {
        Some(known) => known.first_sender(&town),
        None => town.numbers.first().map(|number| number.number.clone()),
    };
    let message = Message {
        sid: message_sid,
        direction: Direction::OutboundApi,
        from: form.filled("From").map(str::to_owned).or_else(|| sender.filter(|_| service.is_some())),
        to: form.text("To").unwrap_or("").to_owned(),
        status: if service.is_some() { "accepted" } else { "queued" }.into(),
        service,
        body: form.text("Body").unwrap_or("").to_owned(),
        error_code: None,
        media,
        created_ms: now,
        updated_ms: now,
        listed_ms: now.saturating_add(town.faults.late_in_list()),
        hidden: town.faults.strikes(&Fault::HiddenFromList),
    };
    *town.report.accepted.entry(format!("{} {}", message.to, message.body)).or_default() += 1;
    town.add(message.clone());
    (message, form.filled("StatusCallback").map(str::to_owned).or(callback))
}

/// Twilio's refusals at the time of creating, by its own codes.
fn acceptable(town: &crate::town::Town, form: &Form) -> Result<(), (u32, &'static str)> {
    let to = form.filled("To").ok_or((21604, "A 'To' phone number is required."))?;
    let from = form.filled("From");
    if from.is_none() && form.filled("MessagingServiceSid").is_none() {
        return Err((21603, "A 'From' phone number is required."));
    }
    if form.filled("Body").is_none()
        && form.filled("MediaUrl").is_none()
        && form.filled("ContentSid").is_none()
    {
        return Err((21602, "Message body is required."));
    }
    if form.text("Body").is_some_and(|body| body.chars().count() > 1_600) {
        return Err((21617, "The concatenated message body exceeds the 1600 character limit."));
    }
    if form.all("MediaUrl").count() > 10 {
        return Err((21623, "Number of media files exceeds allowed limit."));
    }
    let service = form.filled("MessagingServiceSid");
    let service = service.and_then(|sid| town.services.iter().find(|service| service.sid == sid));
    if service.is_some_and(|service| service.senders.is_empty()) {
        return Err((21704, "The Messaging Service contains no phone numbers."));
    }
    match from {
        Some("+15005550001") => return Err((21212, "The 'From' number is not a valid phone number.")),
        Some("+15005550007") => return Err((21606, "The 'From' number is not SMS-capable.")),
        Some("+15005550008") => return Err((21611, "This 'From' number has exceeded its queue.")),
        Some(from) if !town.numbers.iter().any(|number| number.number == from) => {
            return Err((
                21606,
                "The 'From' phone number is not a valid, SMS-capable number of your account.",
            ));
        }
        _ => {}
    }
    match to {
        "+15005550001" => return Err((21211, "The 'To' number is not a valid phone number.")),
        "+15005550002" => return Err((21612, "The 'To' number is not reachable from this 'From' number.")),
        "+15005550003" => return Err((21408, "Permission to send to this region is not enabled.")),
        "+15005550004" => return Err((21610, "Attempt to send to unsubscribed recipient")),
        "+15005550009" => return Err((21614, "'To' number is not a valid mobile number")),
        _ => {}
    }
    let digits = to.strip_prefix('+').unwrap_or(to);
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !(3..=15).contains(&digits.len()) {
        return Err((21211, "The 'To' number is not a valid phone number."));
    }
    if from.is_some_and(|from| town.opted_out.contains(&(to.to_owned(), from.to_owned()))) {
        return Err((21610, "Attempt to send to unsubscribed recipient"));
    }
    match carrier::tail_code(to).filter(|code| (20_000..30_000).contains(code)) {
        Some(code) => Err((code, "Refused, as the number's last digits ask for.")),
        None => Ok(()),
    }
}

async fn fetch_pictures(world: &World, urls: Vec<String>) -> Result<Vec<Media>, ()> {
    let mut pictures = Vec::with_capacity(urls.len());
    for url in urls {
        let answer = world.http.get(&url).send().await.map_err(|_| ())?;
        if !answer.status().is_success() {
            return Err(());
        }
        let kind = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
        let content_type = kind.unwrap_or("application/octet-stream").to_owned();
        let bytes = answer.bytes().await.map_err(|_| ())?;
        pictures.push(Media { content_type, bytes, message: String::new() });
    }
    Ok(pictures)
}

async fn fetch_message(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    match sid.strip_suffix(".json").and_then(|sid| town.message(sid)) {
        Some(message) => answered(StatusCode::OK, message_json(&account, message)),
        None => not_found("message"),
    }
}

async fn update_message(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let Ok(form) = Form::parse(&body) else { return error(400, 20001, "Malformed body") };
    let mut town = world.town();
    let Some(message) = sid.strip_suffix(".json").and_then(|sid| town.message_mut(sid)) else {
        return not_found("message");
    };
    match (form.text("Status"), form.text("Body")) {
        (Some("canceled"), _) if message.status == "scheduled" => "canceled".clone_into(&mut message.status),
        (Some(_), _) => return error(400, 30409, "The message cannot be canceled."),
        (None, Some("")) => message.body.clear(),
        _ => return error(400, 20001, "Only an empty Body or Status=canceled can be set."),
    }
    answered(StatusCode::OK, message_json(&account, message))
}

async fn delete_message(
    State(world): State<World>,
    Path((account, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let mut town = world.town();
    let Some(sid) = sid.strip_suffix(".json") else { return not_found("resource") };
    match town.message(sid).map(|message| message.status.clone()).as_deref() {
        None => not_found("message"),
        Some("queued" | "sending" | "accepted") => error(409, 20009, "The message is still on its way."),
        Some(_) => {
            // The place stays, so that the others keep theirs; only the name is forgotten.
            if let Some(at) = town.by_sid.remove(sid) {
                town.messages[at].hidden = true;
            }
            StatusCode::NO_CONTENT.into_response()
        }
    }
}

async fn list_messages(
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
    let now = (world.config.now)();
    let fits = |m: &&Message| {
        let is = |name: &str, value: Option<&str>| query.get(name).is_none_or(|v| Some(v.as_str()) == value);
        !m.hidden
            && m.listed_ms <= now
            && is("To", Some(&m.to))
            && is("From", m.from.as_deref())
            && within(&query, "DateSent", m.sent_ms())
    };
    let town = world.town();
    let mut found: Vec<&Message> = town.messages.iter().rev().filter(fits).collect();
    found.sort_by_key(|m| Reverse(m.created_ms));
    answered(StatusCode::OK, page(&uri, &query, "messages", &found, |m| message_json(&account, m)))
}

async fn list_media(
    State(world): State<World>,
    Path((account, message_sid)): Path<(String, String)>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    let Some(message) = town.message(&message_sid) else { return not_found("message") };
    let media = |media_sid: &String| media_json(&town, &account, message, media_sid);
    answered(StatusCode::OK, page(&uri, &query, "media_list", &message.media, media))
}

fn media_json(town: &Town, account: &str, message: &Message, media_sid: &str) -> Value {
    let kind = town.media.get(media_sid).map(|kept| kept.content_type.as_str());
    json!({
        "sid": media_sid, "account_sid": account, "parent_sid": message.sid, "content_type": kind,
        "date_created": date(message.created_ms), "date_updated": date(message.updated_ms),
        "uri": format!("/2010-04-01/Accounts/{account}/Messages/{}/Media/{media_sid}.json", message.sid),
    })
}

/// What is known of a picture; the bytes are at the same path without `.json`.
pub(crate) fn describe_media(town: &Town, account: &str, message_sid: &str, media_sid: &str) -> Response {
    match town.message(message_sid) {
        Some(message) => answered(StatusCode::OK, media_json(town, account, message, media_sid)),
        None => not_found("message"),
    }
}
