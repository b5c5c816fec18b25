//! Flows and TwiML Bins: what answers for an office that is asleep.

use super::{CALLER, LINE, SAM, ask, calls, get, nobody, open, refused, sids};
use crate::{CallIn, CallReport, CallStatus, Fault, Heard, PhoneBehavior, Sandbox};
use serde_json::{Value, json};

/// Greets, rings a phone, and takes a message unless somebody talked.
fn definition() -> Value {
    let none = json!({ "x": 0, "y": 0 });
    let condition = json!({
        "friendly_name": "somebody talked", "arguments": ["{{widgets.forward.DialCallStatus}}"],
        "type": "matches_any_of", "value": "completed, answered",
    });
    json!({
        "description": "While the office is asleep", "initial_state": "Trigger",
        "flags": { "allow_concurrent_calls": true },
        "states": [
            { "name": "Trigger", "type": "trigger", "properties": { "offset": none },
              "transitions": [
                  { "event": "incomingMessage" },
                  { "event": "incomingCall", "next": "greeting" },
              ] },
            { "name": "greeting", "type": "say-play",
              "properties": { "offset": none, "say": "One moment please", "voice": "Polly.Joanna" },
              "transitions": [{ "event": "audioComplete", "next": "forward" }] },
            { "name": "forward", "type": "connect-call-to",
              "properties": { "offset": none, "noun": "number", "to": SAM, "timeout": 20,
                  "caller_id": "{{contact.channel.address}}" },
              "transitions": [{ "event": "callCompleted", "next": "talked" }, { "event": "hangup" }] },
            { "name": "talked", "type": "split-based-on",
              "properties": { "offset": none, "input": "{{widgets.forward.DialCallStatus}}" },
              "transitions": [
                  { "event": "noMatch", "next": "please" },
                  { "event": "match", "conditions": [condition] },
              ] },
            { "name": "please", "type": "say-play",
              "properties": { "offset": none, "say": "Please leave a message" },
              "transitions": [{ "event": "audioComplete", "next": "record" }] },
            { "name": "record", "type": "record-voicemail",
              "properties": { "offset": none, "play_beep": "true", "max_length": 119, "timeout": 5 },
              "transitions": [{ "event": "recordingComplete" }, { "event": "hangup" }] },
        ],
    })
}

async fn create(sandbox: &Sandbox, status: &str, definition: &Value) -> (u16, Value) {
    let definition = definition.to_string();
    let form = [("FriendlyName", "Asleep"), ("Status", status), ("Definition", definition.as_str())];
    ask(sandbox, "/v2/Flows", Some(&form)).await
}

/// Somebody calls a line whose own computer is off, and would leave eight seconds.
async fn calls_asleep(sandbox: &Sandbox, fallback: &str) -> CallReport {
    let closed = nobody().await;
    sandbox.set_number(LINE, &[("VoiceUrl", &closed), ("VoiceFallbackUrl", fallback)]);
    calls(sandbox, CallIn { message_s: Some(8), ..CallIn::new(CALLER, LINE) }).await
}

#[tokio::test]
async fn a_flow_takes_a_message_for_an_office_that_is_asleep() {
    let (sandbox, _) = open().await;
    let (status, flow) = create(&sandbox, "published", &definition()).await;
    assert_eq!((status, flow["valid"].as_bool(), flow["revision"].as_u64()), (201, Some(true), Some(1)));
    let here = flow["webhook_url"].as_str().expect("an address").to_owned();
    let path = here.strip_prefix(sandbox.url()).expect("an address of the practice line");
    for fallback in [here.clone(), format!("https://webhooks.twilio.com{path}")] {
        let report = calls_asleep(&sandbox, &fallback).await;
        assert_eq!(report.heard(Heard::Said), ["One moment please", "Please leave a message"]);
        assert_eq!(report.heard(Heard::Recorded), ["8"]);
        assert_eq!(report.legs.len(), 1);
        assert_eq!((report.legs[0].from.as_str(), report.legs[0].to.as_str()), (CALLER, SAM));
        let recordings = get(&sandbox, "{AC}/Recordings.json").await;
        assert_eq!(recordings["recordings"][0]["call_sid"], report.sid.as_str());
        let runs = sandbox.report().flow_runs;
        let run = runs.last().expect("a run");
        assert_eq!(run.steps, ["Trigger", "greeting", "forward", "talked", "please", "record"]);
        assert_eq!((run.call_sid.as_str(), run.errors.len()), (report.sid.as_str(), 0));
    }
    let alerts: Vec<u32> = sandbox.report().alerts.iter().map(|alert| alert.code).collect();
    assert_eq!(alerts, [11205, 11205], "only the office did not answer");
}

#[tokio::test]
async fn a_flow_that_put_somebody_through_takes_no_message() {
    let (sandbox, _) = open().await;
    let (_, flow) = create(&sandbox, "published", &definition()).await;
    sandbox.set_phone(SAM, PhoneBehavior::Answers { after_s: 4, talks_s: 30, presses: None });
    let report = calls_asleep(&sandbox, flow["webhook_url"].as_str().expect("an address")).await;
    assert_eq!(report.heard(Heard::Bridged), [SAM]);
    assert_eq!((report.status, report.recordings.len()), (CallStatus::Completed, 0));
    assert_eq!(sandbox.report().flow_runs[0].steps, ["Trigger", "greeting", "forward", "talked"]);
}

#[tokio::test]
async fn a_flow_is_kept_as_twilio_would_keep_it() {
    let (sandbox, _) = open().await;
    let mut broken = definition();
    broken["states"][1]["transitions"][0]["next"] = "nowhere".into();
    let (status, refusal) = create(&sandbox, "published", &broken).await;
    assert_eq!((status, refusal["code"].as_u64()), (400, Some(81022)));
    let place = &refusal["details"]["errors"][0]["property_path"];
    assert_eq!(place, "#/states/1/transitions/0/next");
    assert_eq!(refused(&sandbox, "/v2/Flows", Some(&[("FriendlyName", "x")])).await, (400, 20001));

    let (status, draft) = create(&sandbox, "draft", &broken).await;
    assert_eq!((status, draft["valid"].as_bool()), (201, Some(false)));
    assert_eq!(draft["status"], "draft");
    let path = format!("/v2/Flows/{}", draft["sid"].as_str().expect("a SID"));
    assert_eq!(refused(&sandbox, &path, Some(&[("Status", "published")])).await, (400, 81022));
    let asleep = calls_asleep(&sandbox, draft["webhook_url"].as_str().expect("an address")).await;
    assert_eq!(asleep.heard(Heard::Error).len(), 1, "nothing was ever published");

    let whole = definition().to_string();
    let change = [("Status", "published"), ("Definition", &*whole), ("CommitMessage", "Mended")];
    let (status, flow) = ask(&sandbox, &path, Some(&change)).await;
    assert_eq!((status, flow["revision"].as_u64(), flow["valid"].as_bool()), (200, Some(2), Some(true)));
    let fetched = get(&sandbox, &path).await;
    assert_eq!((&fetched["definition"], &fetched["commit_message"]), (&definition(), &json!("Mended")));
    // A draft changes nothing for those who call.
    ask(&sandbox, &path, Some(&[("Status", "draft"), ("Definition", &*broken.to_string())])).await;
    let asleep = calls_asleep(&sandbox, draft["webhook_url"].as_str().expect("an address")).await;
    assert_eq!(asleep.recordings.len(), 1);
    assert_eq!(sandbox.report().flow_runs[0].revision, 2);

    let list = get(&sandbox, "/v2/Flows").await;
    assert_eq!(sids(&list["flows"]).len(), 1);
    assert!(list["flows"][0]["definition"].is_null());
    sandbox.fault(Fault::StudioForbidden);
    assert_eq!(refused(&sandbox, &path, None).await, (403, 20403));
    assert_eq!(ask(&sandbox, &format!("DELETE {path}"), None).await.0, 204);
    assert_eq!(refused(&sandbox, &path, None).await, (404, 20404));
}

#[tokio::test]
async fn a_bin_answers_for_an_office_that_is_asleep() {
    let (sandbox, _) = open().await;
    let bin = "<Response><Say>Hello {{From}}</Say><Record action=\"EH0\"/></Response>";
    let here = sandbox.twiml_bin(bin);
    let path = here.strip_prefix(sandbox.url()).expect("an address of the practice line");
    for fallback in [here.clone(), format!("https://handler.twilio.com{path}")] {
        let report = calls_asleep(&sandbox, &fallback).await;
        assert_eq!(report.heard(Heard::Said), [format!("Hello {CALLER}")]);
        assert_eq!(report.recordings.len(), 1);
    }
}
