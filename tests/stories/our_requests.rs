//! Requests our client sends for every REST call in use satisfy Twilio's OpenAPI documents: the path and
//! method are there, every parameter is one of theirs, none that has to be is missing, and each value fits.

mod documents;
mod office;

use axum::{
    Router,
    http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header},
};
use base64::Engine;
use documents::{Asked, Documents};
use ringdesk_tests::{host, programs::repository};
use ringdesk_twilio::{
    Client, Credentials,
    rest::{Call, Listing, Message, NewCall, NewMessage, Record, Recording, Span},
};
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs,
    sync::{Arc, Mutex},
};

const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
const TOKEN: &str = "a-token-for-stories";
const ALERT: &str = "NO0123456789abcdef0123456789abcdef";
const CALL: &str = "CA0123456789abcdef0123456789abcdef";
const FLOW: &str = "FW0123456789abcdef0123456789abcdef";
const MEDIA: &str = "ME0123456789abcdef0123456789abcdef";
const MESSAGE: &str = "SM0123456789abcdef0123456789abcdef";
const NUMBER: &str = "PN0123456789abcdef0123456789abcdef";
const RECORDING: &str = "RE0123456789abcdef0123456789abcdef";
const SERVICE: &str = "MG0123456789abcdef0123456789abcdef";
const TRANSCRIPTION: &str = "TR0123456789abcdef0123456789abcdef";
const OURS: &str = "+14155550100";
const THEIRS: &str = "+14155550199";

/// Keeps every request. Answers each as the practice line does that it stands before; alone, that there is no
/// such thing, so that none is repeated.
struct Twilio {
    base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Twilio {
    async fn open(behind: Option<String>) -> Self {
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let kept = asked.clone();
        let keep = move |method: Method, uri: Uri, headers: HeaderMap, body: String| {
            let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::to_owned);
            let asked = Asked {
                method: method.to_string(),
                path: uri.path().to_owned(),
                query: uri.query().unwrap_or_default().to_owned(),
                authorization: text(header::AUTHORIZATION),
                content_type: text(header::CONTENT_TYPE),
                body,
            };
            kept.lock().expect("the list").push(asked.clone());
            let behind = behind.clone();
            async move {
                match behind {
                    Some(practice) => answered(&practice, asked).await,
                    None => (StatusCode::NOT_FOUND, r#"{"code":20404,"status":404}"#.to_owned()),
                }
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let router: Router = Router::new().fallback(keep);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, asked }
    }

    /// What was asked since the last time.
    fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().expect("the list"))
    }
}

/// What the practice line answers.
async fn answered(practice: &str, asked: Asked) -> (StatusCode, String) {
    let method = Method::from_bytes(asked.method.as_bytes()).expect("a method");
    let url = format!("{practice}{}?{}", asked.path, asked.query);
    let mut request = host::client().request(method, url.trim_end_matches('?')).body(asked.body);
    for (name, value) in
        [(header::AUTHORIZATION, asked.authorization), (header::CONTENT_TYPE, asked.content_type)]
    {
        request = match value {
            Some(value) => request.header(name, value),
            None => request,
        };
    }
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("words"))
}

fn basic() -> String {
    let both = base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:{TOKEN}"));
    format!("Basic {both}")
}

/// Asks one question and keeps, under its name, what was sent for it.
macro_rules! ask {
    ($all:ident, $twilio:ident, $client:ident.$name:ident($($argument:expr),*)) => {
        let _ = $client.$name($($argument),*).await;
        $all.push((stringify!($name), $twilio.taken()));
    };
}

/// Every question our client knows, with what was sent for it.
async fn everything() -> Vec<(&'static str, Vec<Asked>)> {
    let twilio = Twilio::open(None).await;
    let client = Client::new(&twilio.base, Credentials::account(ACCOUNT, TOKEN.into())).expect("a client");
    let mut all = Vec::new();

    ask!(all, twilio, client.account());
    ask!(all, twilio, client.knows_us());
    ask!(all, twilio, client.skew_ms(0));
    ask!(all, twilio, client.balance());

    ask!(all, twilio, client.numbers());
    let door = "https://phone.example.com/phone/twilio";
    let urls: Vec<String> = ["/sms/inbound", "/sms/fallback", "/voice/inbound", "/voice/status"]
        .iter()
        .map(|path| format!("{door}{path}#rc=5&rp=all"))
        .collect();
    let fallback = format!("https://webhooks.twilio.com/v1/Accounts/{ACCOUNT}/Flows/{FLOW}");
    let pointed = [
        ("SmsUrl", urls[0].as_str()),
        ("SmsMethod", "POST"),
        ("SmsFallbackUrl", &urls[1]),
        ("SmsFallbackMethod", "POST"),
        ("VoiceUrl", &urls[2]),
        ("VoiceMethod", "POST"),
        ("VoiceFallbackUrl", &fallback),
        ("VoiceFallbackMethod", "POST"),
        ("StatusCallback", &urls[3]),
        ("StatusCallbackMethod", "POST"),
        ("SmsApplicationSid", ""),
        ("VoiceApplicationSid", ""),
        ("TrunkSid", ""),
        ("VoiceReceiveMode", "voice"),
    ];
    ask!(all, twilio, client.update_number(NUMBER, &pointed));

    ask!(all, twilio, client.messaging_services());
    ask!(all, twilio, client.messaging_service_senders(SERVICE));
    let deferred = [("UseInboundWebhookOnNumber", "true"), ("InboundRequestUrl", "")];
    ask!(all, twilio, client.update_messaging_service(SERVICE, &deferred));
    let pointed = [("InboundRequestUrl", urls[0].as_str()), ("InboundMethod", "POST")];
    ask!(all, twilio, client.update_messaging_service(SERVICE, &pointed));
    ask!(all, twilio, client.campaigns(SERVICE));
    ask!(all, twilio, client.brands());
    ask!(all, twilio, client.toll_free_verifications());

    let definition = json!({ "initial_state": "Trigger", "states": [] });
    ask!(all, twilio, client.flows());
    ask!(all, twilio, client.flow(FLOW));
    ask!(all, twilio, client.create_flow("Ringdesk", &definition, "At first"));
    ask!(all, twilio, client.update_flow(FLOW, &definition, "Other hours"));

    ask!(all, twilio, client.alerts(1_767_225_600_000, 20));
    ask!(all, twilio, client.alerts(0, 5000));
    ask!(all, twilio, client.failed_request(ALERT));
    ask!(all, twilio, client.look_up(THEIRS));
    ask!(all, twilio, client.make_secondary_token());
    ask!(all, twilio, client.promote_secondary_token());
    ask!(all, twilio, client.drop_secondary_token());

    let text = NewMessage {
        to: THEIRS.to_owned(),
        from: Some(OURS.to_owned()),
        body: "Come by at 5 + bring & see".to_owned(),
        media_urls: vec![format!("{door}/m/1"), format!("{door}/m/2")],
        status_callback: urls[3].clone(),
        smart_encoded: true,
        ..NewMessage::default()
    };
    ask!(all, twilio, client.create_message(&text));
    let text = NewMessage {
        to: THEIRS.to_owned(),
        messaging_service_sid: Some(SERVICE.to_owned()),
        body: "Hello".to_owned(),
        ..NewMessage::default()
    };
    ask!(all, twilio, client.create_message(&text));
    ask!(all, twilio, client.message(MESSAGE));
    ask!(all, twilio, client.delete_message(MESSAGE));
    ask!(all, twilio, client.media_of(MESSAGE));
    let media = format!("{}/2010-04-01/Accounts/{ACCOUNT}/Messages/{MESSAGE}/Media/{MEDIA}", twilio.base);
    ask!(all, twilio, client.download(&media, 10));
    ask!(all, twilio, client.messages_to(THEIRS, Some(OURS), |_| true));
    ask!(all, twilio, client.messages_to(OURS, None, |_| true));

    let call = NewCall {
        to: THEIRS.to_owned(),
        from: OURS.to_owned(),
        twiml: "<Response><Hangup/></Response>".to_owned(),
        status_callback: urls[3].clone(),
        timeout: 25,
    };
    ask!(all, twilio, client.create_call(&call));
    ask!(all, twilio, client.call(CALL));
    ask!(all, twilio, client.delete_call(CALL));
    ask!(all, twilio, client.legs(CALL));
    let days = Span { from_ms: 1_767_225_600_000, to_ms: Some(1_767_312_000_000) };
    ask!(all, twilio, client.page(&mut Listing::<Message>::to(OURS, days)));
    ask!(all, twilio, client.page(&mut Listing::<Message>::from(OURS, Span { to_ms: None, ..days })));
    ask!(all, twilio, client.page(&mut Listing::<Call>::to(OURS, days)));
    ask!(all, twilio, client.page(&mut Listing::<Recording>::all(days)));
    ask!(all, twilio, client.calls_to(THEIRS, OURS));

    ask!(all, twilio, client.recording(RECORDING));
    ask!(all, twilio, client.download_recording(RECORDING, "wav", None, 10));
    ask!(all, twilio, client.download_recording(RECORDING, "mp3", None, 10));
    ask!(all, twilio, client.delete_recording(RECORDING));
    ask!(all, twilio, client.transcriptions_of(RECORDING));
    ask!(all, twilio, client.delete_transcription(TRANSCRIPTION));
    for record in [Record::Message(MESSAGE), Record::Call(CALL), Record::Recording(RECORDING)] {
        ask!(all, twilio, client.raw(record));
    }
    all
}

/// The names of what our client can be asked, as its source has them.
fn questions() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(repository().join("crates/twilio/src/rest")).expect("the folder") {
        let text = fs::read_to_string(entry.expect("a file").path()).expect("text");
        let mut of_client = false;
        for line in text.lines() {
            if line.starts_with("impl") {
                of_client = line.starts_with("impl Client ");
            }
            let name = line.trim_start().strip_prefix("pub async fn ").filter(|_| of_client);
            let name = name.and_then(|rest| rest.split(['(', '<']).next());
            names.extend(name.map(str::to_owned));
        }
    }
    names
}

#[tokio::test]
async fn every_request_of_ours_is_one_that_twilio_documents() {
    let documents = Documents::read();
    for (name, requests) in everything().await {
        assert_eq!(requests.len(), 1, "{name}: {requests:?}");
        for asked in requests {
            let wrong = documents.wrong(&asked);
            assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{asked:#?}");
        }
    }
}

#[tokio::test]
async fn no_question_our_client_knows_is_left_out() {
    let asked: BTreeSet<String> = everything().await.into_iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(asked, questions());
}

#[test]
fn what_twilio_does_not_document_is_noticed() {
    let documents = Documents::read();
    let account = format!("/2010-04-01/Accounts/{ACCOUNT}");
    let get = |path: &str, query: &str| Asked {
        method: "GET".to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        authorization: Some(basic()),
        content_type: None,
        body: String::new(),
    };
    let post = |path: &str, body: &str| Asked {
        method: "POST".to_owned(),
        content_type: Some("application/x-www-form-urlencoded".to_owned()),
        body: body.to_owned(),
        ..get(path, "")
    };
    let (messages, numbers) = (format!("{account}/Messages.json"), format!("{account}/IncomingPhoneNumbers"));
    let number = format!("{numbers}/{NUMBER}.json");
    let to = "To=%2B14155550199";
    let pictures = "MediaUrl=http%3A%2F%2Fa.example%2F1&MediaUrl=http%3A%2F%2Fa.example%2F2";

    for right in [
        post(&messages, &format!("{to}&Body=&{pictures}")),
        get(&messages, "DateSent%3E=2026-01-01T00%3A00%3A00Z&PageSize=1000"),
        get(&format!("{account}/Recordings/{RECORDING}.wav"), ""),
        post(&number, "TrunkSid=&VoiceMethod=GET"),
        get("/v2/PhoneNumbers/%2B14155550199", ""),
    ] {
        assert_eq!(documents.wrong(&right), [] as [&str; 0], "{right:?}");
    }

    documents.notice(&post(&messages, &format!("{to}&Colour=red")), "Colour is not known");
    documents.notice(&get(&messages, "Colour=red"), "Colour is not known");
    documents.notice(&post(&messages, "Body=Hello"), "To is missing");
    documents.notice(&post(&messages, &format!("{to}&{to}")), "To: sent 2 times");
    documents.notice(&post(&messages, "To=4155550199"), "To: ");
    documents.notice(&post(&messages, &format!("{to}&SmartEncoded=yes")), "SmartEncoded: ");
    documents.notice(&post(&messages, &format!("{to}&ValidityPeriod=soon")), "ValidityPeriod: ");
    documents.notice(&post(&messages, &format!("{to}&StatusCallback=nowhere+at+all")), "StatusCallback: ");
    documents.notice(&post(&messages, &format!("{to}&MediaUrl=a&MediaUrl=b+c")), "MediaUrl: ");
    documents.notice(&post(&messages, &format!("{to}&MessagingServiceSid=MG1")), "MessagingServiceSid: ");
    documents.notice(&post(&messages, "To="), "To: ");
    documents.notice(&get(&messages, "PageSize=0"), "PageSize: ");
    documents.notice(&get(&messages, "PageSize=1001"), "PageSize: ");
    documents.notice(&get(&messages, "DateSent%3E=yesterday"), "DateSent>: ");
    documents.notice(&post(&number, "VoiceMethod=PUT"), "VoiceMethod: ");
    documents.notice(&post(&number, "VoiceReceiveMode=both"), "VoiceReceiveMode: ");
    documents.notice(&post(&number, "Colour="), "Colour is not known");
    documents.notice(&post("/v2/Flows", "FriendlyName=a&Status=live&Definition=%7B%7D"), "Status: ");
    documents.notice(&post("/v2/Flows", "FriendlyName=a&Status=draft"), "Definition is missing");
    documents.notice(&post("/v1/AuthTokens/Promote", "Token=a"), "a body where none is taken");
    documents.notice(&get(&format!("{numbers}/PN1.json"), ""), "Sid: ");
    documents.notice(&get(&format!("{numbers}/{NUMBER}"), ""), "no such path");
    documents.notice(&get("/v1/Flows", ""), "no such path");
    documents.notice(&Asked { method: "DELETE".to_owned(), ..get(&messages, "") }, "no such method");
    documents.notice(&Asked { authorization: None, ..get(&messages, "") }, "not signed in");
    let other = Some("Basic QUM6bm8=".to_owned());
    documents.notice(&Asked { authorization: other, ..get(&messages, "") }, "not signed in");
    let json = Some("application/json".to_owned());
    documents.notice(&Asked { content_type: json, ..post(&messages, to) }, "a body of type");
}
