//! Recordings and transcriptions over REST, in Twilio's shapes. The sound itself is behind HTTP Basic too,
//! and then in storage. Source: Twilio's OpenAPI document for 2010-04-01, and its error dictionary.

use super::{
    recordings::{Kept, Transcription},
    tape::Format,
};
use crate::{
    Fault, World, media,
    paging::{page, within},
    rest::{Params, answered, error, list_away, not_found, signed_in},
    town::{Stored, Town, date},
};
use axum::{
    Router,
    extract::{OriginalUri, Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// Whose storage a recording is said to be on when it is said to be on somebody else's.
const ABROAD: &str = "https://recordings.example.com";

pub(crate) fn routes() -> Router<World> {
    let account = "/2010-04-01/Accounts/{account}";
    let of_call = format!("{account}/Calls/{{sid}}/Recordings");
    let of_recording = format!("{account}/Recordings/{{sid}}/Transcriptions");
    Router::new()
        .route(&format!("{account}/Recordings.json"), get(list))
        .route(&format!("{account}/Recordings/{{sid}}"), get(fetch).delete(delete))
        .route(&format!("{of_call}.json"), get(list_of_call))
        .route(&format!("{of_call}/{{recording}}"), get(fetch_of_call).delete(delete_of_call))
        .route(&format!("{of_recording}.json"), get(list_transcriptions_of))
        .route(
            &format!("{of_recording}/{{transcription}}"),
            get(fetch_transcription_of).delete(delete_transcription_of),
        )
        .route(&format!("{account}/Transcriptions.json"), get(list_transcriptions))
        .route(
            &format!("{account}/Transcriptions/{{sid}}"),
            get(fetch_transcription).delete(delete_transcription),
        )
}

/// Whether a recording is among those that are asked for; one that was deleted only if that is asked for.
fn shown(query: &Params, kept: &Kept) -> bool {
    !kept.recording.deleted || query.get("IncludeSoftDeleted").is_some_and(|all| all == "true")
}

/// Those that fit, the latest first.
fn newest_first(all: &[Kept], fits: impl Fn(&&Kept) -> bool) -> Vec<&Kept> {
    let mut found: Vec<&Kept> = all.iter().rev().filter(fits).collect();
    found.sort_by_key(|kept| Reverse(kept.recording.began_ms));
    found
}

/// What was written down and fits, the latest first.
fn latest_written(town: &Town, fits: impl Fn(&Transcription) -> bool) -> Vec<&Transcription> {
    let all = town.calls.recordings.transcriptions.iter().rev();
    let mut found: Vec<&Transcription> = all.filter(|written| fits(written)).collect();
    found.sort_by_key(|written| Reverse(written.created_ms));
    found
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
    let fits = |kept: &&Kept| {
        shown(&query, kept)
            && query.get("CallSid").is_none_or(|sid| *sid == kept.recording.call_sid)
            // No conference is ever recorded here.
            && !query.contains_key("ConferenceSid")
            && within(&query, "DateCreated", Some(kept.recording.began_ms))
    };
    let town = world.town();
    let found = newest_first(town.calls.recordings.all(), fits);
    answered(StatusCode::OK, page(&uri, &query, "recordings", &found, |kept| recording_json(&account, kept)))
}

async fn list_of_call(
    State(world): State<World>,
    Path((account, call_sid)): Path<(String, String)>,
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
    let town = world.town();
    if town.calls.get(&call_sid).is_none_or(|call| call.hidden) {
        return not_found("call");
    }
    let fits = |kept: &&Kept| {
        kept.recording.call_sid == call_sid
            && shown(&query, kept)
            && within(&query, "DateCreated", Some(kept.recording.began_ms))
    };
    let found = newest_first(town.calls.recordings.all(), fits);
    let shape = |kept: &&Kept| call_recording_json(&account, kept);
    answered(StatusCode::OK, page(&uri, &query, "recordings", &found, shape))
}

/// What is known of a recording, at its SID with `.json`, or its sound, at anything else.
async fn fetch(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    Query(query): Query<Params>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    match name.rsplit_once('.') {
        Some((sid, "json")) => {
            let town = world.town();
            match town.calls.recordings.get(sid).filter(|kept| shown(&query, kept)) {
                Some(kept) => answered(StatusCode::OK, recording_json(&account, kept)),
                None => not_found("recording"),
            }
        }
        Some((sid, "wav")) => sound(&world, sid, Format::Wav),
        Some((sid, "mp3")) => sound(&world, sid, Format::Mp3),
        Some(_) => not_found("resource"),
        None => sound(&world, &name, Format::Wav),
    }
}

/// The way to a recording's sound.
fn sound(world: &World, sid: &str, format: Format) -> Response {
    let mut town = world.town();
    let Some(kept) = town.calls.recordings.get_mut(sid).filter(|kept| !kept.recording.deleted) else {
        return not_found("recording");
    };
    kept.recording.asked += 1;
    let (ready, there) = (kept.recording.ready, kept.file(format).is_some());
    if !ready {
        let mut early = error(404, 21501, "The recording is not available yet");
        early.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
        return early;
    }
    if town.faults.strikes(&Fault::RecordingNotFound) {
        return not_found("recording");
    }
    if !there || (format == Format::Wav && town.faults.strikes(&Fault::RecordingWithoutWav)) {
        tracing::warn!(sid, ?format, "the practice line does not have the recording as this");
        return not_found("recording");
    }
    let elsewhere = town.faults.take(|fault| match fault {
        Fault::RecordingAbroad => Some(ABROAD.to_owned()),
        Fault::RecordingElsewhere(url) => Some(url.clone()),
        _ => None,
    });
    let host = elsewhere.unwrap_or_else(|| media::storage_of(world));
    media::to_storage(&mut town, &host, Stored::Recording(sid.to_owned(), format))
}

async fn fetch_of_call(
    State(world): State<World>,
    Path((account, call_sid, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    let kept = name.strip_suffix(".json").and_then(|sid| town.calls.recordings.get(sid));
    match kept.filter(|kept| kept.recording.call_sid == call_sid && !kept.recording.deleted) {
        Some(kept) => answered(StatusCode::OK, call_recording_json(&account, kept)),
        None => not_found("recording"),
    }
}

async fn delete(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match signed_in(&world, &account, &headers) {
        Ok(()) => remove(&world, &name, |_| true),
        Err(refused) => refused,
    }
}

async fn delete_of_call(
    State(world): State<World>,
    Path((account, call_sid, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    match signed_in(&world, &account, &headers) {
        Ok(()) => remove(&world, &name, |kept| kept.recording.call_sid == call_sid),
        Err(refused) => refused,
    }
}

fn remove(world: &World, name: &str, meant: impl Fn(&Kept) -> bool) -> Response {
    let mut town = world.town();
    let sid = name.strip_suffix(".json").unwrap_or(name);
    let kept = town.calls.recordings.get_mut(sid).filter(|kept| !kept.recording.deleted && meant(kept));
    let Some(kept) = kept else { return not_found("recording") };
    kept.recording.deleted = true;
    kept.updated_ms = (world.config.now)();
    StatusCode::NO_CONTENT.into_response()
}

async fn list_transcriptions(
    State(world): State<World>,
    Path(account): Path<String>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    let found = latest_written(&town, |_| true);
    let shape = |written: &&Transcription| transcription_json(&account, written);
    answered(StatusCode::OK, page(&uri, &query, "transcriptions", &found, shape))
}

async fn list_transcriptions_of(
    State(world): State<World>,
    Path((account, recording_sid)): Path<(String, String)>,
    Query(query): Query<Params>,
    uri: OriginalUri,
    headers: HeaderMap,
) -> Response {
    if let Err(refused) = signed_in(&world, &account, &headers) {
        return refused;
    }
    let town = world.town();
    if town.calls.recordings.get(&recording_sid).is_none_or(|kept| kept.recording.deleted) {
        return not_found("recording");
    }
    let found = latest_written(&town, |written| written.recording_sid == recording_sid);
    let shape = |written: &&Transcription| transcription_json(&account, written);
    answered(StatusCode::OK, page(&uri, &query, "transcriptions", &found, shape))
}

async fn fetch_transcription(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match signed_in(&world, &account, &headers) {
        Ok(()) => tell(&world.town(), &account, &name, None),
        Err(refused) => refused,
    }
}

async fn fetch_transcription_of(
    State(world): State<World>,
    Path((account, recording_sid, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    match signed_in(&world, &account, &headers) {
        Ok(()) => tell(&world.town(), &account, &name, Some(&recording_sid)),
        Err(refused) => refused,
    }
}

async fn delete_transcription(
    State(world): State<World>,
    Path((account, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    match signed_in(&world, &account, &headers) {
        Ok(()) => forget(&mut world.town(), &name, None),
        Err(refused) => refused,
    }
}

async fn delete_transcription_of(
    State(world): State<World>,
    Path((account, recording_sid, name)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    match signed_in(&world, &account, &headers) {
        Ok(()) => forget(&mut world.town(), &name, Some(&recording_sid)),
        Err(refused) => refused,
    }
}

/// Whether a path means this transcription.
fn means(name: &str, of: Option<&str>, written: &Transcription) -> bool {
    let of_it = of.is_none_or(|sid| sid == written.recording_sid);
    of_it && name.strip_suffix(".json") == Some(written.sid.as_str())
}

fn tell(town: &Town, account: &str, name: &str, of: Option<&str>) -> Response {
    let mut all = town.calls.recordings.transcriptions.iter();
    match all.find(|written| means(name, of, written)) {
        Some(written) => answered(StatusCode::OK, transcription_json(account, written)),
        None => not_found("transcription"),
    }
}

fn forget(town: &mut Town, name: &str, of: Option<&str>) -> Response {
    let all = &mut town.calls.recordings.transcriptions;
    let before = all.len();
    all.retain(|written| !means(name, of, written));
    match before - all.len() {
        0 => not_found("transcription"),
        _ => StatusCode::NO_CONTENT.into_response(),
    }
}

/// What both ways to describe a recording have in common.
fn described(account: &str, kept: &Kept) -> Value {
    let recording = &kept.recording;
    json!({
        "sid": recording.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": recording.call_sid,
        "conference_sid": null,
        "channels": 1,
        "date_created": date(recording.began_ms),
        "date_updated": date(kept.updated_ms),
        "start_time": date(recording.began_ms),
        "duration": recording.ready.then(|| recording.duration_s.to_string()),
        "encryption_details": null,
        "error_code": null,
        "price": null,
        "price_unit": "USD",
        "source": "RecordVerb",
        "status": recording.status(),
    })
}

fn recording_json(account: &str, kept: &Kept) -> Value {
    let mut shape = described(account, kept);
    let path = format!("/2010-04-01/Accounts/{account}/Recordings/{}", kept.recording.sid);
    shape["media_url"] = kept.recording.url.clone().into();
    shape["uri"] = format!("{path}.json").into();
    shape["subresource_uris"] = json!({
        "add_on_results": format!("{path}/AddOnResults.json"),
        "transcriptions": format!("{path}/Transcriptions.json"),
    });
    shape
}

fn call_recording_json(account: &str, kept: &Kept) -> Value {
    let mut shape = described(account, kept);
    let (call_sid, sid) = (&kept.recording.call_sid, &kept.recording.sid);
    shape["track"] = "both".into();
    shape["uri"] = format!("/2010-04-01/Accounts/{account}/Calls/{call_sid}/Recordings/{sid}.json").into();
    shape
}

fn transcription_json(account: &str, written: &Transcription) -> Value {
    json!({
        "sid": written.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "date_created": date(written.created_ms),
        "date_updated": date(written.updated_ms),
        "duration": written.duration_s.to_string(),
        "price": null,
        "price_unit": "USD",
        "recording_sid": written.recording_sid,
        "status": written.progress.word(),
        "transcription_text": written.text,
        "type": "fast",
        "uri": format!("/2010-04-01/Accounts/{account}/Transcriptions/{}.json", written.sid),
    })
}
