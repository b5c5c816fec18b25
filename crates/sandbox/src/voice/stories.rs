//! Calls to a small app on loopback, from the first ring to the last callback.

mod sound;

use crate::{
    CallDirection, CallIn, CallReport, CallStatus, Config, Fault, Heard, PhoneBehavior, Sandbox, Speech,
};
use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, Uri, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use ringdesk_twilio::{
    Form,
    signature::{Algorithm, sign, signed_string},
};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

const LINE: &str = "+15005550006";
const CALLER: &str = "+15550100009";
const SAM: &str = "+15550100001";
const KIM: &str = "+15550100002";

const SCREEN: &str = concat!(
    "<Gather numDigits=\"1\" timeout=\"5\" action=\"/pressed\"><Say>Press 1</Say></Gather>",
    "<Hangup/>"
);

/// What the app says where, and what it was asked.
struct App {
    pages: HashMap<&'static str, &'static str>,
    asked: Mutex<Vec<(String, Form)>>,
    url: String,
    token: String,
}

impl App {
    /// What a path was asked, oldest first.
    fn asked(&self, path: &str) -> Vec<Form> {
        let asked = self.asked.lock().expect("asked");
        asked.iter().filter(|(asked, _)| asked == path).map(|(_, form)| form.clone()).collect()
    }

    /// A field of everything a path was asked.
    fn told(&self, path: &str, field: &str) -> Vec<String> {
        self.asked(path).iter().map(|form| form.text(field).unwrap_or("-").to_owned()).collect()
    }
}

/// Answers a page, something else for one that says so, and 204 where there is none.
async fn answer(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let form = Form::parse(&body).expect("a form");
    let signed = signed_string(&format!("{}{uri}", app.url), &form);
    let expected = sign(&app.token, Algorithm::HmacSha1, &signed);
    let given = headers.get("x-twilio-signature").and_then(|value| value.to_str().ok());
    if given != Some(expected.as_str()) {
        return StatusCode::FORBIDDEN.into_response();
    }
    app.asked.lock().expect("asked").push((uri.path().to_owned(), form));
    match app.pages.get(uri.path()) {
        Some(&"500") => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(&"json") => ([(CONTENT_TYPE, "application/json")], "{}").into_response(),
        Some(&"sound") => ([(CONTENT_TYPE, "audio/wav")], Speech::message().sound).into_response(),
        Some(page) => ([(CONTENT_TYPE, "text/xml")], format!("<Response>{page}</Response>")).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

/// What can be played, and what only says so.
async fn file(Path(name): Path<String>) -> Response {
    match name.as_str() {
        "greeting.wav" => ([(CONTENT_TYPE, "audio/wav")], Speech::message().sound).into_response(),
        "page.wav" => ([(CONTENT_TYPE, "text/html")], "<html></html>").into_response(),
        "page.mp3" => ([(CONTENT_TYPE, "audio/mpeg")], "<html></html>").into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn open(pace: f64, pages: &[(&'static str, &'static str)]) -> (Sandbox, Arc<App>) {
    let config = Config { pace, now: Arc::new(|| 1_795_197_600_000_i64), ..Config::practice() };
    let sandbox = Sandbox::start(config).await.expect("a practice line");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let app = Arc::new(App {
        pages: pages.iter().copied().collect(),
        asked: Mutex::default(),
        url: url.clone(),
        token: sandbox.credentials().1.to_owned(),
    });
    let router = Router::new().route("/files/{name}", get(file)).fallback(answer);
    let router = router.with_state(Arc::clone(&app));
    tokio::spawn(async move { axum::serve(listener, router).await });
    for number in &mut sandbox.world.town().numbers {
        for (name, path) in [("VoiceUrl", "/in"), ("StatusCallback", "/over")] {
            number.set.insert(name.to_owned(), format!("{url}{path}"));
        }
    }
    (sandbox, app)
}

fn answers(after_s: u32, talks_s: u32, presses: &str) -> PhoneBehavior {
    let presses = (!presses.is_empty()).then(|| presses.to_owned());
    PhoneBehavior::Answers { after_s, talks_s, presses }
}

async fn calls(sandbox: &Sandbox, call: CallIn) -> CallReport {
    let sid = sandbox.call_in(call);
    let ended = tokio::time::timeout(Duration::from_secs(20), sandbox.ended(&sid)).await;
    ended.expect("the call ends")
}

fn caller() -> CallIn {
    CallIn::new(CALLER, LINE)
}

fn alerts(sandbox: &Sandbox) -> Vec<u32> {
    sandbox.report().alerts.iter().map(|alert| alert.code).collect()
}

#[tokio::test]
async fn who_presses_one_is_put_through() {
    let dial = concat!(
        "<Dial answerOnBridge=\"true\" timeout=\"20\" action=\"/after\"><Number url=\"/screen\" ",
        "statusCallback=\"/leg\" statusCallbackEvent=\"initiated ringing answered completed\">",
        "+15550100001</Number></Dial>"
    );
    let pages = [("/in", dial), ("/screen", SCREEN), ("/pressed", ""), ("/after", "")];
    let (sandbox, app) = open(0.0, &pages).await;
    sandbox.set_phone(SAM, answers(5, 20, "1"));
    let report = calls(&sandbox, caller()).await;
    assert_eq!((report.status, report.duration_s), (CallStatus::Completed, 20));
    assert_eq!(report.heard(Heard::Bridged), [SAM]);
    assert_eq!(report.legs.len(), 1);
    assert_eq!(report.legs[0].direction, CallDirection::OutboundDial);
    assert_eq!(report.legs[0].heard(Heard::Said), ["Press 1"]);
    assert_eq!(app.told("/in", "CallStatus"), ["ringing"]);
    assert_eq!(app.told("/screen", "CallSid"), [report.legs[0].sid.as_str()]);
    assert_eq!(app.told("/screen", "ParentCallSid"), [report.sid.as_str()]);
    assert_eq!(app.told("/pressed", "Digits"), ["1"]);
    assert_eq!(app.told("/leg", "CallStatus"), ["initiated", "ringing", "in-progress", "completed"]);
    assert_eq!(app.told("/leg", "SequenceNumber"), ["0", "1", "2", "3"]);
    assert_eq!(app.told("/leg", "CallDuration"), ["-", "-", "-", "20"]);
    assert_eq!(app.told("/after", "DialCallStatus"), ["completed"]);
    assert_eq!(app.told("/after", "DialBridged"), ["true"]);
    assert_eq!(app.told("/after", "DialCallDuration"), ["20"]);
    assert_eq!(app.told("/over", "CallStatus"), ["completed"]);
    assert_eq!(app.told("/over", "CallDuration"), ["20"]);
    assert_eq!(app.told("/over", "Duration"), ["1"]);
    assert!(alerts(&sandbox).is_empty());
}

#[tokio::test]
async fn who_presses_nothing_is_not_and_a_message_is_taken() {
    let dial = concat!(
        "<Dial answerOnBridge=\"true\" timeout=\"20\" action=\"/after\">",
        "<Number url=\"/screen\">+15550100001</Number></Dial>"
    );
    let record = concat!(
        "<Say>Please leave a message</Say>",
        "<Record action=\"/done\" maxLength=\"60\" recordingStatusCallback=\"/ready\"/>"
    );
    let (sandbox, app) = open(0.0, &[("/in", dial), ("/screen", SCREEN), ("/after", record)]).await;
    sandbox.set_phone(SAM, PhoneBehavior::Mailbox { after_s: 3 });
    let report = calls(&sandbox, CallIn { message_s: Some(8), ..caller() }).await;
    assert_eq!(app.told("/after", "DialCallStatus"), ["completed"]);
    assert_eq!(app.told("/after", "DialBridged"), ["false"]);
    assert_eq!(report.heard(Heard::Said), ["Please leave a message"]);
    assert_eq!(report.heard(Heard::Beep), [""]);
    assert_eq!(report.heard(Heard::Recorded), ["8"]);
    assert_eq!(report.recordings.len(), 1);
    assert_eq!(app.told("/done", "Digits"), ["hangup"]);
    assert_eq!(app.told("/done", "CallStatus"), ["completed"]);
    assert_eq!(app.told("/done", "RecordingDuration"), ["8"]);
    assert_eq!(app.told("/ready", "RecordingStatus"), ["completed"]);
    assert_eq!(app.told("/ready", "RecordingSid"), [report.recordings[0].sid.as_str()]);
    assert_eq!(app.told("/over", "CallStatus"), ["completed"]);
}

#[tokio::test]
async fn a_key_ends_a_message_and_silence_leaves_none() {
    let record = "<Record action=\"/done\" finishOnKey=\"#\"/><Say>Goodbye</Say>";
    let (sandbox, app) = open(0.0, &[("/in", record), ("/done", "<Say>Thanks</Say>")]).await;
    let message = CallIn { message_s: Some(4), finish_key: Some('#'), ..caller() };
    let report = calls(&sandbox, message).await;
    assert_eq!(report.heard(Heard::Said), ["Thanks"]);
    assert_eq!(app.told("/done", "Digits"), ["#"]);
    assert_eq!(app.told("/done", "CallStatus"), ["in-progress"]);
    let report = calls(&sandbox, caller()).await;
    assert_eq!(report.heard(Heard::Said), ["Goodbye"]);
    assert_eq!(app.asked("/done").len(), 1);
    assert_eq!(report.duration_s, 5);
}

#[tokio::test]
async fn who_hangs_up_while_it_rings_was_missed() {
    let dial = "<Dial answerOnBridge=\"true\" timeout=\"20\" action=\"/after\">+15550100001</Dial>";
    let (sandbox, app) = open(0.0, &[("/in", dial), ("/after", "<Say>Too late</Say>")]).await;
    let report = calls(&sandbox, CallIn { patience_s: 10, ..caller() }).await;
    assert_eq!(report.status, CallStatus::NoAnswer);
    assert_eq!(report.heard(Heard::HungUp), ["person"]);
    assert!(report.heard(Heard::Said).is_empty());
    assert_eq!(report.legs[0].status, CallStatus::Canceled);
    assert_eq!(app.told("/after", "CallStatus"), ["completed"]);
    assert_eq!(app.told("/after", "DialCallStatus"), ["canceled"]);
    assert_eq!(app.told("/over", "CallStatus"), ["no-answer"]);
}

#[tokio::test]
async fn nobody_picks_up_after_five_seconds_more_than_asked() {
    let dial = "<Dial answerOnBridge=\"true\" timeout=\"20\" action=\"/after\">+15550100001</Dial>";
    let (sandbox, app) = open(0.0, &[("/in", dial), ("/after", "<Say>Nobody is here</Say>")]).await;
    let report = calls(&sandbox, caller()).await;
    assert_eq!(app.told("/after", "DialCallStatus"), ["no-answer"]);
    let answered = report.events.iter().find(|event| event.kind == Heard::Answered).expect("answered");
    assert_eq!(answered.at_s, 25);
}

#[tokio::test]
async fn of_several_phones_the_first_to_accept_wins() {
    let numbers = concat!(
        "<Number url=\"/screen\">+15550100001</Number>",
        "<Number url=\"/screen\">+15550100002</Number>"
    );
    for in_turn in ["false", "true"] {
        let dial = format!("<Dial action=\"/after\" sequential=\"{in_turn}\">{numbers}</Dial>");
        let dial: &'static str = dial.leak();
        let pages = [("/in", dial), ("/screen", SCREEN), ("/pressed", ""), ("/after", "")];
        let (sandbox, app) = open(0.0, &pages).await;
        sandbox.set_phone(SAM, PhoneBehavior::Mailbox { after_s: 1 });
        sandbox.set_phone(KIM, answers(9, 30, "1"));
        let report = calls(&sandbox, caller()).await;
        assert_eq!(report.heard(Heard::Bridged), [KIM], "{in_turn}");
        assert_eq!(report.legs.len(), 2, "{in_turn}");
        assert_eq!(app.told("/after", "DialCallSid"), [report.legs[1].sid.as_str()], "{in_turn}");
    }
}

#[tokio::test]
async fn the_losers_of_a_race_are_canceled() {
    let dial = "<Dial><Number>+15550100001</Number><Number>+15550100002</Number></Dial><Say>Bye</Say>";
    let (sandbox, _) = open(0.0, &[("/in", dial)]).await;
    sandbox.set_phone(SAM, answers(2, 10, ""));
    sandbox.set_phone(KIM, answers(2, 10, ""));
    let report = calls(&sandbox, caller()).await;
    let statuses: Vec<CallStatus> = report.legs.iter().map(|leg| leg.status).collect();
    assert_eq!(statuses, [CallStatus::Completed, CallStatus::Canceled]);
    assert_eq!(report.heard(Heard::Said), ["Bye"]);
}

#[tokio::test]
async fn the_fallback_answers_for_an_app_that_does_not() {
    for (page, code) in [("500", "11200"), ("json", "12300"), ("<Say>", "12100")] {
        let (sandbox, app) = open(0.0, &[("/in", page), ("/instead", "<Say>Please call later</Say>")]).await;
        let fallback = format!("{}/instead", app.url);
        sandbox.world.town().numbers[0].set.insert("VoiceFallbackUrl".into(), fallback);
        let report = calls(&sandbox, caller()).await;
        assert_eq!(report.heard(Heard::Said), ["Please call later"]);
        assert_eq!(app.told("/instead", "ErrorCode"), [code]);
        assert_eq!(app.told("/instead", "ErrorUrl"), [format!("{}/in", app.url)]);
        assert_eq!(alerts(&sandbox).first().map(u32::to_string).as_deref(), Some(code));
    }
}

#[tokio::test]
async fn without_one_the_caller_hears_an_error() {
    let (sandbox, app) = open(0.0, &[("/in", "<Say>Hello</Say>")]).await;
    sandbox.fault(Fault::VoiceFails);
    let report = calls(&sandbox, caller()).await;
    assert_eq!(report.heard(Heard::Error).len(), 1);
    assert_eq!((app.asked("/in").len(), alerts(&sandbox)), (1, vec![11200]));
}

#[tokio::test]
async fn a_refused_call_is_never_picked_up() {
    for (page, status) in [
        ("<Reject reason=\"busy\"/>", CallStatus::Busy),
        ("<Reject/>", CallStatus::NoAnswer),
        ("<Pause length=\"5\"/><Reject reason=\"busy\"/>", CallStatus::Busy),
        ("<Say>Hello</Say><Reject reason=\"busy\"/>", CallStatus::Completed),
        ("", CallStatus::Completed),
    ] {
        let (sandbox, app) = open(0.0, &[("/in", page)]).await;
        let report = calls(&sandbox, caller()).await;
        assert_eq!(report.status, status, "{page}");
        assert_eq!(app.told("/over", "CallStatus"), [status.word()], "{page}");
    }
}

#[tokio::test]
async fn keys_lead_on_and_silence_falls_through() {
    let menu = "<Gather numDigits=\"1\" action=\"/pressed\"><Say>Menu</Say></Gather><Say>Nothing</Say>";
    let (sandbox, app) = open(0.0, &[("/in", menu), ("/pressed", "<Say>Well</Say>")]).await;
    let report = calls(&sandbox, CallIn { presses: Some("7".into()), ..caller() }).await;
    assert_eq!(report.heard(Heard::Said), ["Menu", "Well"]);
    assert_eq!(app.told("/pressed", "Digits"), ["7"]);
    let report = calls(&sandbox, caller()).await;
    assert_eq!(report.heard(Heard::Said), ["Menu", "Nothing"]);
}

#[tokio::test]
async fn who_hangs_up_in_the_greeting_leaves_nothing() {
    let record = "<Say>This is a greeting of a certain length</Say><Record action=\"/done\"/>";
    let (sandbox, app) = open(0.0, &[("/in", record)]).await;
    let impatient = CallIn { hangs_up_in_greeting_after_s: Some(1), message_s: Some(9), ..caller() };
    let report = calls(&sandbox, impatient).await;
    assert_eq!((report.status, report.duration_s), (CallStatus::Completed, 1));
    assert!(app.asked("/done").is_empty());
}

#[tokio::test]
async fn a_question_can_come_twice() {
    let (sandbox, app) = open(0.0, &[("/in", "<Say>Hello</Say>")]).await;
    sandbox.fault(Fault::RepeatVoice);
    calls(&sandbox, caller()).await;
    let asked = app.asked("/in");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1]);
    let report = sandbox.report();
    let [(first, second)] = &report.repeated_answers[..] else { panic!("one pair") };
    assert_eq!(first, second);
}

#[tokio::test]
async fn callbacks_can_come_last_first_or_twice() {
    let dial = concat!(
        "<Dial><Number statusCallback=\"/leg\" statusCallbackEvent=\"initiated ringing completed\">",
        "+15550100001</Number></Dial>"
    );
    let (sandbox, app) = open(0.0, &[("/in", dial)]).await;
    sandbox.set_phone(SAM, PhoneBehavior::Ignores);
    sandbox.fault(Fault::ReorderedCallbacks);
    calls(&sandbox, caller()).await;
    assert_eq!(app.told("/leg", "CallStatus"), ["no-answer", "ringing", "initiated"]);
    sandbox.fault(Fault::Times(4, Box::new(Fault::DuplicatedCallbacks)));
    calls(&sandbox, caller()).await;
    assert_eq!(app.asked("/leg").len(), 3 + 6);
    assert_eq!(app.asked("/over").len(), 1 + 2);
}

#[tokio::test]
async fn a_number_of_our_own_can_be_dialed() {
    let dial = "<Dial answerOnBridge=\"true\" action=\"/after\">+15005550007</Dial>";
    let (sandbox, app) = open(0.0, &[("/in", dial), ("/two", "<Say>Line two</Say>"), ("/after", "")]).await;
    let mut second = sandbox.world.town().numbers[0].clone();
    second.number = "+15005550007".into();
    second.set.insert("VoiceUrl".into(), format!("{}/two", app.url));
    sandbox.world.town().numbers.push(second);
    let report = calls(&sandbox, caller()).await;
    assert_eq!(report.heard(Heard::Bridged), ["+15005550007"]);
    assert_eq!(app.told("/two", "Direction"), ["inbound"]);
    assert_eq!(app.told("/after", "DialBridged"), ["true"]);
}

#[tokio::test]
async fn numbers_that_lead_to_themselves_come_to_an_end() {
    let dial = "<Dial answerOnBridge=\"true\" action=\"/after\">+15005550006</Dial>";
    let (sandbox, app) = open(0.0, &[("/in", dial), ("/after", "<Reject/>")]).await;
    let report = calls(&sandbox, caller()).await;
    assert_eq!(report.status, CallStatus::NoAnswer);
    assert_eq!(app.told("/after", "DialBridged"), ["false"; 5]);
    assert_eq!(alerts(&sandbox), [12400]);
}

#[tokio::test]
async fn skipped_time_is_time_that_passed() {
    let page = "<Pause length=\"40\"/><Say>Hello</Say><Pause length=\"50\"/>";
    let (sandbox, _) = open(1.0, &[("/in", page)]).await;
    let sid = sandbox.call_in(caller());
    sandbox.forward(Duration::from_secs(600));
    let ended = tokio::time::timeout(Duration::from_secs(20), sandbox.ended(&sid)).await;
    assert_eq!(ended.expect("the call ends").duration_s, 50);
}

#[tokio::test]
async fn a_caller_can_be_made_to_hang_up() {
    let (sandbox, app) = open(1.0, &[("/in", "<Say>Hello</Say><Pause length=\"500\"/>")]).await;
    let sid = sandbox.call_in(caller());
    let said = sandbox.heard(&sid, Heard::Said).await.expect("said");
    assert_eq!(said.detail, "Hello");
    assert!(sandbox.hang_up(&sid));
    let report = sandbox.ended(&sid).await;
    assert_eq!(report.heard(Heard::HungUp), ["person"]);
    assert_eq!(app.told("/over", "CallStatus"), ["completed"]);
    assert!(!sandbox.hang_up(&sid));
    assert_eq!(sandbox.heard(&sid, Heard::Beep).await, None);
}

/// Asks the REST API something; answers status and body.
async fn rest(sandbox: &Sandbox, path: &str, fields: Option<&[(&str, &str)]>) -> (u16, Value) {
    let (account, token) = sandbox.credentials();
    let url = format!("{}/2010-04-01/Accounts/{account}/{path}", sandbox.url());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = match fields {
        Some(fields) => client.post(url).form(fields),
        None => client.get(url),
    };
    let answer = request.basic_auth(account, Some(token)).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_call_can_be_begun_over_rest() {
    let (sandbox, app) = open(0.0, &[("/out", "<Say>Hello</Say><Pause length=\"6\"/>")]).await;
    sandbox.set_phone(SAM, answers(4, 60, ""));
    let (url, told) = (format!("{}/out", app.url), format!("{}/told", app.url));
    let fields = [
        ("To", SAM),
        ("From", LINE),
        ("Url", url.as_str()),
        ("StatusCallback", told.as_str()),
        ("StatusCallbackEvent", "initiated"),
        ("StatusCallbackEvent", "answered"),
        ("StatusCallbackEvent", "completed"),
    ];
    let (status, call) = rest(&sandbox, "Calls.json", Some(&fields)).await;
    assert_eq!((status, call["status"].as_str()), (201, Some("queued")));
    let sid = call["sid"].as_str().expect("a SID");
    let report = sandbox.ended(sid).await;
    assert_eq!((report.status, report.duration_s), (CallStatus::Completed, 6));
    assert_eq!(app.told("/out", "Direction"), ["outbound-api"]);
    assert_eq!(app.told("/told", "CallStatus"), ["initiated", "in-progress", "completed"]);
    let (_, fetched) = rest(&sandbox, &format!("Calls/{sid}.json"), None).await;
    assert_eq!(fetched["duration"], "6");
    let (_, listed) = rest(&sandbox, "Calls.json?Status=completed&To=%2B15550100001", None).await;
    assert_eq!(listed["calls"].as_array().map(Vec::len), Some(1));
    let path = format!("Calls/{sid}.json");
    let (status, refused) = rest(&sandbox, &path, Some(&[("Status", "completed")])).await;
    assert_eq!((status, refused["code"].as_u64()), (400, Some(21220)));
    for (fields, code) in [
        (&[("From", LINE), ("Url", &*url)][..], 21201),
        (&[("To", SAM), ("Url", &*url)][..], 21213),
        (&[("To", SAM), ("From", CALLER), ("Url", &*url)][..], 21210),
        (&[("To", SAM), ("From", LINE)][..], 21205),
        (&[("To", "+15005550002"), ("From", LINE), ("Url", &*url)][..], 21214),
    ] {
        let (status, refused) = rest(&sandbox, "Calls.json", Some(fields)).await;
        assert_eq!((status, refused["code"].as_u64()), (400, Some(code)));
    }
    assert_eq!(sandbox.report().calls, 6);
}

#[tokio::test]
async fn a_document_that_was_handed_in_needs_whole_addresses() {
    let (sandbox, _) = open(0.0, &[]).await;
    sandbox.set_phone(SAM, answers(1, 60, "1"));
    let twiml = "<Response><Redirect>/x</Redirect><Say>Hello</Say></Response>";
    let fields = [("To", SAM), ("From", LINE), ("Twiml", twiml)];
    let (_, call) = rest(&sandbox, "Calls.json", Some(&fields)).await;
    let report = sandbox.ended(call["sid"].as_str().expect("a SID")).await;
    assert_eq!(report.heard(Heard::Said), ["Hello"]);
    assert_eq!(alerts(&sandbox), [11100]);
}

#[tokio::test]
async fn a_live_call_can_be_sent_elsewhere() {
    let pages = [("/in", "<Say>Hold</Say><Pause length=\"500\"/>"), ("/new", "")];
    let (sandbox, app) = open(1.0, &pages).await;
    let sid = sandbox.call_in(caller());
    sandbox.heard(&sid, Heard::Said).await;
    let url = format!("{}/new", app.url);
    let (status, _) = rest(&sandbox, &format!("Calls/{sid}.json"), Some(&[("Url", &*url)])).await;
    assert_eq!(status, 200);
    let report = sandbox.ended(&sid).await;
    assert_eq!((report.status, app.asked("/new").len()), (CallStatus::Completed, 1));
}
