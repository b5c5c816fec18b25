//! What callers say and hear: recordings and their sound, what is written down of them, files that are
//! played.

use super::{App, CALLER, LINE, alerts, caller, calls, open, rest};
use crate::{CallIn, Download, Fault, Format, Heard, Recording, Sandbox, Speech, voice::tape};
use axum::body::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

const RECORD: &str = "<Record action=\"/done\" finishOnKey=\"#\" recordingStatusCallback=\"/ready\"/>";
const WRITTEN: &str =
    "<Record action=\"/done\" maxLength=\"119\" transcribe=\"true\" transcribeCallback=\"/words\"/>";

/// Somebody leaves a message, and all that follows from it has happened.
async fn leaves(sandbox: &Sandbox, call: CallIn) -> Recording {
    let report = calls(sandbox, call).await;
    report.recordings.first().cloned().expect("a recording")
}

fn speaks(seconds: u32) -> CallIn {
    CallIn { message_s: Some(seconds), ..caller() }
}

fn client() -> reqwest::Client {
    let plain = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    plain.build().expect("a client")
}

async fn fetch(url: &str, fields: &[(&str, &str)]) -> reqwest::Response {
    let mut request = client().get(url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

/// Where a recording's sound is, or the refusal.
async fn way(sandbox: &Sandbox, recording: &Recording, ending: &str) -> Result<String, (u16, u64)> {
    let (account, token) = sandbox.credentials();
    let url = format!("{}{ending}", recording.url);
    let answer = client().get(url).basic_auth(account, Some(token)).send().await.expect("an answer");
    let status = answer.status().as_u16();
    if status == 307 {
        return Ok(answer.headers()["location"].to_str().expect("an address").to_owned());
    }
    let refused: Value = answer.json().await.expect("JSON");
    Err((status, refused["code"].as_u64().expect("a code")))
}

/// A recording's sound and its content type.
async fn sound(sandbox: &Sandbox, recording: &Recording, ending: &str) -> (String, Bytes) {
    let way = way(sandbox, recording, ending).await.expect("a way");
    let answer = fetch(&way, &[]).await;
    assert_eq!(answer.status().as_u16(), 200);
    let kind = answer.headers()["content-type"].to_str().expect("a type").to_owned();
    (kind, answer.bytes().await.expect("all of it"))
}

/// Deletes something over REST; answers the status.
async fn removes(sandbox: &Sandbox, path: &str) -> u16 {
    let (account, token) = sandbox.credentials();
    let url = format!("{}/2010-04-01/Accounts/{account}/{path}", sandbox.url());
    let answer = client().delete(url).basic_auth(account, Some(token)).send().await.expect("an answer");
    answer.status().as_u16()
}

#[tokio::test]
async fn what_was_said_can_be_heard_by_those_who_may() {
    let (sandbox, app) = open(0.0, &[("/in", RECORD)]).await;
    let recording = leaves(&sandbox, speaks(12)).await;
    assert_eq!(app.told("/ready", "RecordingUrl"), [recording.url.as_str()]);
    assert_eq!(fetch(&recording.url, &[]).await.status().as_u16(), 401);
    for ending in ["", ".wav"] {
        let (kind, sound) = sound(&sandbox, &recording, ending).await;
        assert_eq!((kind.as_str(), tape::length_ms(&sound)), ("audio/x-wav", Some(12_000)));
    }
    assert_eq!(way(&sandbox, &recording, ".mp3").await, Err((404, 20404)));
    assert_eq!(way(&sandbox, &recording, ".ogg").await, Err((404, 20404)));
    let kept = sandbox.recordings();
    assert_eq!((kept.len(), kept[0].asked), (1, 3));
    let all = Download { format: Format::Wav, from: 0, bytes: 96_058 };
    assert_eq!(kept[0].downloads, [all.clone(), all]);

    let way = way(&sandbox, &recording, "").await.expect("a way");
    assert!(way.starts_with("http://localhost:"), "under another name: {way}");
    assert_eq!(fetch(&way, &[("authorization", "Basic eDp5")]).await.status().as_u16(), 400);
    assert_eq!(sandbox.report().leaked_credentials, 1);
}

#[tokio::test]
async fn what_somebody_says_is_what_is_recorded() {
    let (sandbox, _) = open(0.0, &[("/in", RECORD), ("/done", "")]).await;
    let mp3 = Bytes::from_static(b"ID3\x04 and so on");
    let speech = Speech::message().with_mp3(mp3.clone());
    let recording = leaves(&sandbox, CallIn { speech: Some(speech.clone()), ..caller() }).await;
    assert_eq!(recording.duration_s, 8);
    assert_eq!(sound(&sandbox, &recording, ".wav").await.1, speech.sound);
    assert_eq!(sound(&sandbox, &recording, ".mp3").await, ("audio/mpeg".to_owned(), mp3.clone()));

    let shorter = CallIn { speech: Some(speech), finish_key: Some('#'), ..speaks(3) };
    let recording = leaves(&sandbox, shorter).await;
    let (_, shorter) = sound(&sandbox, &recording, ".wav").await;
    assert_eq!((recording.duration_s, tape::length_ms(&shorter)), (3, Some(3_000)));

    let recording = leaves(&sandbox, CallIn { speech: Some(Speech::new(mp3.clone())), ..speaks(5) }).await;
    for ending in [".wav", ".mp3"] {
        assert_eq!(sound(&sandbox, &recording, ending).await, ("audio/mpeg".to_owned(), mp3.clone()));
    }
}

#[tokio::test]
async fn a_call_over_http_brings_its_speech_along() {
    let (sandbox, _) = open(0.0, &[("/in", RECORD)]).await;
    let call = json!({ "from": CALLER, "to": LINE, "speech": Speech::message() });
    let url = |path: &str| format!("{}/practice/{path}", sandbox.url());
    let begun = client().post(url("calls")).json(&call).send().await.expect("an answer");
    let begun: Value = begun.json().await.expect("JSON");
    sandbox.ended(begun["sid"].as_str().expect("a SID")).await;
    let kept: Value = fetch(&url("recordings"), &[]).await.json().await.expect("JSON");
    assert_eq!((&kept[0]["duration_s"], &kept[0]["ready"]), (&json!(8), &json!(true)));
}

#[tokio::test]
async fn a_recording_takes_its_time() {
    let (sandbox, _) = open(1_000.0, &[("/in", RECORD), ("/done", "<Pause length=\"60\"/>")]).await;
    let sid = sandbox.call_in(CallIn { finish_key: Some('#'), ..speaks(4) });
    sandbox.forward(Duration::from_secs(4));
    sandbox.heard(&sid, Heard::Recorded).await.expect("a recording");
    let recording = sandbox.recordings().pop().expect("a recording");
    assert_eq!(way(&sandbox, &recording, ".wav").await, Err((404, 21501)));
    let path = format!("Recordings/{}.json", recording.sid);
    let (_, shown) = rest(&sandbox, &path, None).await;
    assert_eq!((&shown["status"], &shown["duration"]), (&json!("processing"), &Value::Null));
    sandbox.forward(Duration::from_secs(600));
    let ended = tokio::time::timeout(Duration::from_secs(20), sandbox.ended(&sid)).await;
    ended.expect("the call ends");
    assert!(way(&sandbox, &recording, ".wav").await.is_ok());
    let (_, shown) = rest(&sandbox, &path, None).await;
    assert_eq!((&shown["status"], &shown["duration"]), (&json!("completed"), &json!("4")));
}

#[tokio::test]
async fn a_download_that_broke_off_can_be_taken_up_again() {
    let (sandbox, _) = open(0.0, &[("/in", RECORD)]).await;
    let recording = leaves(&sandbox, speaks(12)).await;
    sandbox.fault(Fault::RecordingBroken);
    let first = way(&sandbox, &recording, ".wav").await.expect("a way");
    let mut answer = fetch(&first, &[]).await;
    let tag = answer.headers()["etag"].to_str().expect("a tag").to_owned();
    let mut here = Vec::new();
    let broke = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => here.extend_from_slice(&chunk),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert_eq!((broke, here.len()), (true, 48_029));
    let second = way(&sandbox, &recording, ".wav").await.expect("a way");
    let rest = fetch(&second, &[("range", "bytes=48029-"), ("if-range", tag.as_str())]).await;
    assert_eq!(rest.status().as_u16(), 206);
    assert_eq!(rest.headers()["content-range"], "bytes 48029-96057/96058");
    here.extend_from_slice(&rest.bytes().await.expect("the rest"));
    assert_eq!(tape::length_ms(&here), Some(12_000));
    let changed = fetch(&second, &[("range", "bytes=48029-"), ("if-range", "\"another\"")]).await;
    assert_eq!((changed.status().as_u16(), changed.content_length()), (200, Some(96_058)));
    let sent: Vec<(u64, u64)> =
        sandbox.recordings()[0].downloads.iter().map(|part| (part.from, part.bytes)).collect();
    assert_eq!(sent, [(0, 48_029), (48_029, 48_029), (0, 96_058)]);
}

#[tokio::test]
async fn sound_can_be_late_elsewhere_or_none_at_all() {
    let (sandbox, _) = open(0.0, &[("/in", RECORD)]).await;
    let speech = Speech::message().with_mp3(&b"ID3"[..]);
    let recording = leaves(&sandbox, CallIn { speech: Some(speech), ..speaks(8) }).await;
    sandbox.fault(Fault::Times(2, Box::new(Fault::RecordingNotFound)));
    for _ in 0..2 {
        assert_eq!(way(&sandbox, &recording, ".wav").await, Err((404, 20404)));
    }
    sandbox.fault(Fault::RecordingAbroad);
    let abroad = way(&sandbox, &recording, ".wav").await.expect("a way");
    assert!(abroad.starts_with("https://recordings.example.com/storage/"), "{abroad}");
    sandbox.fault(Fault::RecordingElsewhere("http://127.0.0.1:9/".into()));
    let elsewhere = way(&sandbox, &recording, ".wav").await.expect("a way");
    assert!(elsewhere.starts_with("http://127.0.0.1:9/storage/"), "{elsewhere}");
    sandbox.fault(Fault::RecordingNotAudio);
    let (kind, page) = sound(&sandbox, &recording, ".wav").await;
    assert_eq!((kind.as_str(), page.starts_with(b"<!DOCTYPE html>")), ("text/html; charset=utf-8", true));
    sandbox.fault(Fault::RecordingWithoutWav);
    assert_eq!(sound(&sandbox, &recording, ".mp3").await.0, "audio/mpeg");
    assert_eq!(way(&sandbox, &recording, "").await, Err((404, 20404)));
    assert_eq!(sound(&sandbox, &recording, "").await.0, "audio/x-wav");
    sandbox.fault(Fault::RecordingTooShort);
    let recording = leaves(&sandbox, speaks(8)).await;
    let (_, half) = sound(&sandbox, &recording, "").await;
    assert_eq!((recording.duration_s, tape::length_ms(&half)), (8, Some(4_000)));
}

#[tokio::test]
async fn recordings_are_listed_until_they_are_deleted() {
    let (sandbox, _) = open(0.0, &[("/in", RECORD)]).await;
    let first = leaves(&sandbox, speaks(8)).await;
    let second = leaves(&sandbox, speaks(9)).await;
    let of_first = format!("?CallSid={}", first.call_sid);
    for (query, sids) in [
        ("", vec![&second.sid, &first.sid]),
        ("?DateCreated=2026-11-20", vec![&second.sid, &first.sid]),
        ("?DateCreated%3E=2026-11-21", vec![]),
        ("?DateCreated%3C=2026-11-19", vec![]),
        (of_first.as_str(), vec![&first.sid]),
        ("?ConferenceSid=CF00000000000000000000000000000001", vec![]),
    ] {
        let (status, page) = rest(&sandbox, &format!("Recordings.json{query}"), None).await;
        let found = page["recordings"].as_array().expect("a list").iter();
        let found: Vec<&str> = found.filter_map(|one| one["sid"].as_str()).collect();
        let sids: Vec<&str> = sids.iter().map(|sid| sid.as_str()).collect();
        assert_eq!((status, found), (200, sids), "{query}");
    }
    let (_, page) = rest(&sandbox, "Recordings.json?PageSize=1", None).await;
    assert_eq!(page["recordings"].as_array().map(Vec::len), Some(1));
    assert!(page["next_page_uri"].as_str().is_some_and(|next| next.contains("PageSize=1&Page=1")));

    let of_call = format!("Calls/{}/Recordings", first.call_sid);
    let (_, page) = rest(&sandbox, &format!("{of_call}.json"), None).await;
    assert_eq!(page["recordings"][0]["sid"], first.sid);
    let (status, one) = rest(&sandbox, &format!("{of_call}/{}.json", first.sid), None).await;
    assert_eq!((status, &one["track"]), (200, &json!("both")));
    let (status, _) = rest(&sandbox, &format!("{of_call}/{}.json", second.sid), None).await;
    assert_eq!(status, 404);

    let path = format!("Recordings/{}.json", first.sid);
    let before = way(&sandbox, &first, "").await.expect("a way");
    assert_eq!((removes(&sandbox, &path).await, removes(&sandbox, &path).await), (204, 404));
    assert_eq!(rest(&sandbox, &path, None).await.0, 404);
    assert_eq!(way(&sandbox, &first, ".wav").await, Err((404, 20404)));
    assert_eq!(fetch(&before, &[]).await.status().as_u16(), 404);
    let (_, gone) = rest(&sandbox, &format!("{path}?IncludeSoftDeleted=true"), None).await;
    assert_eq!(gone["status"], "deleted");
    let deleted: Vec<bool> = sandbox.recordings().iter().map(|kept| kept.deleted).collect();
    assert_eq!(deleted, [true, false]);
}

/// What is told of the transcriptions: their status and their words.
fn words(app: &App) -> Vec<(String, String)> {
    let words = app.told("/words", "TranscriptionText");
    app.told("/words", "TranscriptionStatus").into_iter().zip(words).collect()
}

#[tokio::test]
async fn what_was_said_is_written_down_for_those_who_ask() {
    let (sandbox, app) = open(0.0, &[("/in", WRITTEN)]).await;
    let recording = leaves(&sandbox, speaks(8)).await;
    let text = Speech::message().words.expect("words");
    assert_eq!(words(&app), [("completed".to_owned(), text.clone())]);
    let told = app.asked("/words").pop().expect("a transcription");
    let sid = told.text("TranscriptionSid").expect("a SID").to_owned();
    assert!(sid.starts_with("TR") && sid.len() == 34);
    for (name, value) in [
        ("RecordingSid", recording.sid.as_str()),
        ("RecordingUrl", &recording.url),
        ("TranscriptionUrl", &format!("{}/Transcriptions/{sid}", recording.url)),
        ("CallSid", &recording.call_sid),
        ("AccountSid", sandbox.credentials().0),
        ("From", CALLER),
        ("To", LINE),
        ("CallStatus", "completed"),
        ("ApiVersion", "2010-04-01"),
        ("Direction", "inbound"),
        ("url", &format!("{}/words", app.url)),
    ] {
        assert_eq!(told.text(name), Some(value), "{name}");
    }
    for path in [
        format!("Transcriptions/{sid}.json"),
        format!("Recordings/{}/Transcriptions/{sid}.json", recording.sid),
    ] {
        let (status, one) = rest(&sandbox, &path, None).await;
        assert_eq!((status, one["transcription_text"].as_str()), (200, Some(text.as_str())), "{path}");
    }
    let of_recording = format!("Recordings/{}/Transcriptions.json", recording.sid);
    for path in ["Transcriptions.json", of_recording.as_str()] {
        let (_, page) = rest(&sandbox, path, None).await;
        assert_eq!(page["transcriptions"].as_array().map(Vec::len), Some(1), "{path}");
        assert_eq!(page["transcriptions"][0]["status"], "completed", "{path}");
    }
    let path = format!("Transcriptions/{sid}.json");
    assert_eq!((removes(&sandbox, &path).await, removes(&sandbox, &path).await), (204, 404));
    assert!(alerts(&sandbox).is_empty());
}

#[tokio::test]
async fn what_is_too_short_or_too_long_is_not_written_down() {
    let long = WRITTEN.replace("119", "120");
    for (page, seconds, codes) in [
        (WRITTEN, 2, &[13617][..]),
        (WRITTEN, 3, &[][..]),
        (WRITTEN, 200, &[][..]),
        (long.as_str(), 200, &[13617][..]),
    ] {
        let page: &'static str = page.to_owned().leak();
        let (sandbox, app) = open(0.0, &[("/in", page), ("/done", "")]).await;
        leaves(&sandbox, speaks(seconds)).await;
        assert_eq!(alerts(&sandbox), codes, "{seconds}");
        assert_eq!(words(&app).len(), usize::from(codes.is_empty()), "{seconds}");
        let (_, page) = rest(&sandbox, "Transcriptions.json", None).await;
        let made = page["transcriptions"].as_array().map(Vec::len);
        assert_eq!(made, Some(usize::from(codes.is_empty())), "{seconds}");
    }
}

#[tokio::test]
async fn a_transcription_can_fail_get_lost_or_never_come() {
    for (fault, told, kept) in [
        (Fault::FailedTranscription, vec![("failed".to_owned(), "(blank)".to_owned())], "failed"),
        (Fault::LostTranscription, vec![], "completed"),
        (Fault::SilentTranscription, vec![], "in-progress"),
    ] {
        let (sandbox, app) = open(0.0, &[("/in", WRITTEN)]).await;
        sandbox.fault(fault.clone());
        leaves(&sandbox, speaks(8)).await;
        assert_eq!(words(&app), told, "{fault:?}");
        let (_, page) = rest(&sandbox, "Transcriptions.json", None).await;
        assert_eq!(page["transcriptions"][0]["status"], kept, "{fault:?}");
        leaves(&sandbox, CallIn { speech: Some(Speech::new(Speech::message().sound)), ..speaks(8) }).await;
        assert_eq!(words(&app).pop(), Some(("completed".to_owned(), String::new())), "{fault:?}");
    }
}

#[tokio::test]
async fn a_file_is_played_if_twilio_could_play_it() {
    let page = concat!(
        "<Play loop=\"2\">/files/greeting.wav</Play><Play>/files/page.wav</Play>",
        "<Play>/files/page.mp3</Play><Play>/files/nothing.wav</Play>",
        "<Play>https://phone.example.test/greeting.mp3</Play><Say>Bye</Say>"
    );
    let (sandbox, app) = open(0.0, &[("/in", page)]).await;
    let report = calls(&sandbox, caller()).await;
    let greeting = format!("{}/files/greeting.wav", app.url);
    assert_eq!(report.heard(Heard::Played), [greeting.as_str(), "https://phone.example.test/greeting.mp3"]);
    assert_eq!(report.heard(Heard::Said), ["Bye"]);
    assert_eq!(alerts(&sandbox), [13420, 12400, 11200]);
    let fetched: Vec<(Option<u16>, u64, bool)> =
        report.fetched.iter().map(|file| (file.status, file.bytes, file.played)).collect();
    let page = (Some(200), 13, false);
    let tries = [(Some(200), 64_018, true), page, page, (Some(404), 0, false)];
    assert_eq!(fetched, tries);
    assert_eq!(report.fetched[0].url, greeting);
    assert_eq!(report.duration_s, 19, "the greeting twice, what is elsewhere, and the farewell");
}

#[tokio::test]
async fn sound_can_be_the_answer_itself() {
    let (sandbox, app) = open(0.0, &[("/in", "sound")]).await;
    let report = calls(&sandbox, caller()).await;
    assert_eq!(report.heard(Heard::Played), [format!("{}/in", app.url)]);
    assert!(report.fetched.is_empty() && alerts(&sandbox).is_empty());
}
