//! The practice line's answers hold to Twilio's published OpenAPI documents: every property they name is
//! there, has its type and form, and nothing else is.

use axum::{Router, http::header::CONTENT_TYPE};
use ringdesk_sandbox::{CallIn, Config, PhoneBehavior, Sandbox};
use ringdesk_tests::{
    host::client,
    office::{LINES, Office, png},
};
use serde_json::{Map, Value, json};

/// The document as JSON Schema: `nullable` written as a type, and objects taken at their word.
fn as_json_schema(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(as_json_schema),
        Value::Object(schema) => {
            schema.values_mut().for_each(as_json_schema);
            if schema.remove("nullable") == Some(json!(true)) {
                if let Some(kind) = schema.get("type").cloned() {
                    schema.insert("type".into(), json!([kind, "null"]));
                }
                if let Some(Value::Array(words)) = schema.get_mut("enum") {
                    words.push(Value::Null);
                }
            }
            if let Some(Value::Object(properties)) = schema.get("properties") {
                let names: Vec<&String> = properties.keys().collect();
                let names = json!(names);
                schema.insert("required".into(), names);
                schema.insert("additionalProperties".into(), json!(false));
            }
        }
        _ => {}
    }
}

struct Document(Value);

impl Document {
    fn read() -> Self {
        let mut whole: Value =
            serde_json::from_str(include_str!("../data/twilio_api_v2010.json")).expect("the document");
        as_json_schema(&mut whole["components"]);
        Self(whole)
    }

    #[track_caller]
    fn holds(&self, name: &str, answer: &Value) {
        let mut schema = Map::new();
        schema.insert("$ref".into(), json!(format!("#/components/schemas/{name}")));
        schema.insert("components".into(), self.0["components"].clone());
        satisfies(&Value::Object(schema), name, answer);
    }
}

#[track_caller]
fn satisfies(schema: &Value, name: &str, answer: &Value) {
    let validator = jsonschema::validator_for(schema).expect("a schema");
    let wrong: Vec<String> =
        validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{answer:#}");
}

/// A document with its paths, and the answers each of them gives.
struct Product(Value);

impl Product {
    fn read(text: &str) -> Self {
        let mut whole: Value = serde_json::from_str(text).expect("the document");
        // What a look-up was not asked for is null: the document's own example says so, if not its words.
        let looked = whole.pointer_mut("/components/schemas/LookupResponse/properties");
        if let Some(Value::Object(parts)) = looked {
            for part in parts.values_mut().filter(|part| part.get("$ref").is_some()) {
                *part = json!({ "anyOf": [part.take(), { "type": "null" }] });
            }
        }
        as_json_schema(&mut whole);
        Self(whole)
    }

    /// Whether an answer is what the document says of this method and path.
    #[track_caller]
    fn holds(&self, method: &str, path: &str, (status, answer): &(u16, Value)) {
        let said = &self.0["paths"][path][method]["responses"][status.to_string()];
        let mut schema = said["content"]["application/json"]["schema"].clone();
        assert!(schema.is_object(), "{method} {path} is not to be answered with {status}: {answer}");
        schema["components"] = self.0["components"].clone();
        satisfies(&schema, path, answer);
    }
}

/// Somebody leaves eight seconds on the second line, which has them written down; answers the call's SID.
pub(crate) async fn message_left(office: &Office) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/in", listener.local_addr().expect("an address"));
    let record = "<Response><Record action=\"/done\" transcribe=\"true\"/></Response>";
    let answer = move || async move { ([(CONTENT_TYPE, "text/xml")], record) };
    let router: Router = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (account, token) = office.sandbox.credentials();
    let numbers = format!("{}/2010-04-01/Accounts/{account}/IncomingPhoneNumbers", office.sandbox.url());
    let second = format!("{numbers}.json?PhoneNumber={}", &LINES[1][1..]);
    let second = client().get(second).basic_auth(account, Some(token)).send().await.expect("an answer");
    let second: Value = second.json().await.expect("JSON");
    let sid = second["incoming_phone_numbers"][0]["sid"].as_str().expect("a SID");
    let pointed = client().post(format!("{numbers}/{sid}.json")).basic_auth(account, Some(token));
    let pointed = pointed.form(&[("VoiceUrl", &url)]).send().await.expect("an answer");
    assert_eq!(pointed.status().as_u16(), 200);
    let call = CallIn { message_s: Some(8), ..CallIn::new("+14155551007", LINES[1]) };
    let sid = office.sandbox.call_in(call);
    office.sandbox.ended(&sid).await;
    sid
}

#[tokio::test]
async fn every_answer_of_the_practice_line_satisfies_it() {
    let document = Document::read();
    let office = Office::open().await;
    let maria = office.phone("+14155550901");
    maria.texts_file("Look", "image/png", &png()).await;
    let id = office.answers(&maria, "Thank you").await;
    office.reaches(&maria, id, "delivered").await;
    let (account, token) = office.sandbox.credentials();
    let base = format!("{}/2010-04-01/Accounts/{account}", office.sandbox.url());
    let get = |path: String| async move {
        let answer = client().get(path).basic_auth(account, Some(token)).send().await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 200);
        answer.json::<Value>().await.expect("JSON")
    };
    let post = |path: String, form: Vec<(&'static str, &'static str)>| async move {
        let body = ringdesk_twilio::Form::from_pairs(form).encode();
        let request = client().post(path).basic_auth(account, Some(token));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
        request.send().await.expect("an answer").json::<Value>().await.expect("JSON")
    };

    document.holds("api.v2010.account", &get(format!("{base}.json")).await);
    let created = [("From", LINES[0]), ("To", "+14155550901"), ("Body", "Hello")];
    let created = post(format!("{base}/Messages.json"), created.to_vec()).await;
    document.holds("api.v2010.account.message", &created);
    let messages = get(format!("{base}/Messages.json?PageSize=2")).await;
    document.holds("list.messages", &messages);
    for message in get(format!("{base}/Messages.json")).await["messages"].as_array().expect("a list") {
        let sid = message["sid"].as_str().expect("a SID");
        document.holds("api.v2010.account.message", &get(format!("{base}/Messages/{sid}.json")).await);
        let media = get(format!("{base}/Messages/{sid}/Media.json")).await;
        document.holds("list.media_list", &media);
        for one in media["media_list"].as_array().expect("a list") {
            let one = one["sid"].as_str().expect("a SID");
            let one = get(format!("{base}/Messages/{sid}/Media/{one}.json")).await;
            document.holds("api.v2010.account.message.media", &one);
        }
    }
    let numbers = get(format!("{base}/IncomingPhoneNumbers.json")).await;
    document.holds("list.incoming_phone_numbers", &numbers);
    let sid = numbers["incoming_phone_numbers"][0]["sid"].as_str().expect("a SID");
    let number = format!("{base}/IncomingPhoneNumbers/{sid}.json");
    document.holds("api.v2010.account.incoming_phone_number", &get(number.clone()).await);
    let updated = post(number, vec![("FriendlyName", "Front desk")]).await;
    document.holds("api.v2010.account.incoming_phone_number", &updated);
    office.sandbox.set_phone("+14155550107", PhoneBehavior::Busy);
    let called = [("From", LINES[0]), ("To", "+14155550107"), ("Twiml", "<Response><Hangup/></Response>")];
    let called = post(format!("{base}/Calls.json"), called.to_vec()).await;
    document.holds("api.v2010.account.call", &called);
    let sid = called["sid"].as_str().expect("a SID").to_owned();
    office.sandbox.ended(&sid).await;
    document.holds("api.v2010.account.call", &get(format!("{base}/Calls/{sid}.json")).await);
    document.holds("list.calls", &get(format!("{base}/Calls.json?PageSize=2")).await);

    let call_sid = message_left(&office).await;
    let recordings = get(format!("{base}/Recordings.json?PageSize=2")).await;
    document.holds("list.recordings", &recordings);
    let sid = recordings["recordings"][0]["sid"].as_str().expect("a SID");
    document.holds("api.v2010.account.recording", &get(format!("{base}/Recordings/{sid}.json")).await);
    let of_call = format!("{base}/Calls/{call_sid}/Recordings");
    document.holds("list.call_recordings", &get(format!("{of_call}.json")).await);
    document.holds("api.v2010.account.call.call_recording", &get(format!("{of_call}/{sid}.json")).await);
    let of_recording = format!("{base}/Recordings/{sid}/Transcriptions");
    let written = get(format!("{of_recording}.json")).await;
    document.holds("list.recording_transcriptions", &written);
    let sid = written["transcriptions"][0]["sid"].as_str().expect("a SID");
    let one = get(format!("{of_recording}/{sid}.json")).await;
    document.holds("api.v2010.account.recording.recording_transcription", &one);
    document.holds("list.transcriptions", &get(format!("{base}/Transcriptions.json")).await);
    let one = get(format!("{base}/Transcriptions/{sid}.json")).await;
    document.holds("api.v2010.account.transcription", &one);
}

/// Asks the practice line something: a form is posted, everything else fetched.
async fn ask(sandbox: &Sandbox, path: &str, form: Option<&[(&str, &str)]>) -> (u16, Value) {
    let (account, token) = sandbox.credentials();
    let url = format!("{}{path}", sandbox.url());
    let request = match form {
        Some(form) => client().post(url).form(form),
        None => client().get(url),
    };
    let answer = request.basic_auth(account, Some(token)).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

fn sid(answer: &Value) -> &str {
    answer["sid"].as_str().expect("a SID")
}

#[tokio::test]
async fn every_answer_about_the_line_itself_satisfies_its_document() {
    let sandbox = Sandbox::start(Config { pace: 0.0, ..Config::practice() }).await.expect("a practice line");
    let account = format!("/2010-04-01/Accounts/{}", sandbox.credentials().0);
    let line = sandbox.number("+15005550006")["Sid"].clone();

    let api = Product::read(include_str!("../data/openapi/twilio_api_v2010.json"));
    let balance = ask(&sandbox, &format!("{account}/Balance.json"), None).await;
    api.holds("get", "/2010-04-01/Accounts/{AccountSid}/Balance.json", &balance);
    let trunk = format!("TK{}", "1".repeat(32));
    let fields = [("VoiceUrl", "https://phone.example.test/voice#rc=2"), ("TrunkSid", trunk.as_str())];
    let changed = ask(&sandbox, &format!("{account}/IncomingPhoneNumbers/{line}.json"), Some(&fields)).await;
    assert_eq!(changed.1["trunk_sid"], trunk.as_str());
    api.holds("post", "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", &changed);

    let messaging = Product::read(include_str!("../data/openapi/twilio_messaging_v1.json"));
    let service = ask(&sandbox, "/v1/Services", Some(&[("FriendlyName", "Marketing")])).await;
    messaging.holds("post", "/v1/Services", &service);
    let path = format!("/v1/Services/{}", sid(&service.1));
    let url = "https://phone.example.test/sms";
    let fields = [("InboundRequestUrl", url), ("UseInboundWebhookOnNumber", "true")];
    messaging.holds("post", "/v1/Services/{Sid}", &ask(&sandbox, &path, Some(&fields)).await);
    messaging.holds("get", "/v1/Services/{Sid}", &ask(&sandbox, &path, None).await);
    messaging.holds("get", "/v1/Services", &ask(&sandbox, "/v1/Services?PageSize=1", None).await);
    let senders = format!("{path}/PhoneNumbers");
    let sender = ask(&sandbox, &senders, Some(&[("PhoneNumberSid", line.as_str())])).await;
    messaging.holds("post", "/v1/Services/{ServiceSid}/PhoneNumbers", &sender);
    messaging.holds("get", "/v1/Services/{ServiceSid}/PhoneNumbers", &ask(&sandbox, &senders, None).await);
    let sender = ask(&sandbox, &format!("{senders}/{line}"), None).await;
    messaging.holds("get", "/v1/Services/{ServiceSid}/PhoneNumbers/{Sid}", &sender);
    sandbox.set_brand("FAILED", Some("the tax id is unknown"));
    sandbox.set_campaign(sid(&service.1), "FAILED", &[(30886, "the description is too short")]);
    sandbox.set_toll_free("+15005550006", "TWILIO_REJECTED", Some("no opt-in"));
    let campaigns = ask(&sandbox, &format!("{path}/Compliance/Usa2p"), None).await;
    assert_eq!(campaigns.1["compliance"].as_array().map(Vec::len), Some(1));
    messaging.holds("get", "/v1/Services/{MessagingServiceSid}/Compliance/Usa2p", &campaigns);
    let brands = ask(&sandbox, "/v1/a2p/BrandRegistrations", None).await;
    assert_eq!(brands.1["data"].as_array().map(Vec::len), Some(1));
    messaging.holds("get", "/v1/a2p/BrandRegistrations", &brands);
    let verifications = ask(&sandbox, "/v1/Tollfree/Verifications", None).await;
    assert_eq!(verifications.1["verifications"].as_array().map(Vec::len), Some(1));
    messaging.holds("get", "/v1/Tollfree/Verifications", &verifications);

    let studio = Product::read(include_str!("../data/openapi/twilio_studio_v2.json"));
    let trigger = json!({ "name": "Trigger", "type": "trigger", "transitions": [] });
    let definition = json!({ "initial_state": "Trigger", "states": [trigger] }).to_string();
    let fields = [("FriendlyName", "Asleep"), ("Status", "published"), ("Definition", &*definition)];
    let flow = ask(&sandbox, "/v2/Flows", Some(&fields)).await;
    studio.holds("post", "/v2/Flows", &flow);
    let path = format!("/v2/Flows/{}", sid(&flow.1));
    studio.holds("get", "/v2/Flows/{Sid}", &ask(&sandbox, &path, None).await);
    let drafted = ask(&sandbox, &path, Some(&[("Status", "draft"), ("Definition", "{}")])).await;
    assert_eq!(drafted.1["valid"], false);
    studio.holds("post", "/v2/Flows/{Sid}", &drafted);
    studio.holds("get", "/v2/Flows", &ask(&sandbox, "/v2/Flows", None).await);

    let monitor = Product::read(include_str!("../data/openapi/twilio_monitor_v1.json"));
    sandbox.set_number("+15005550006", &[("TrunkSid", ""), ("VoiceUrl", &sandbox.twiml_bin("<Response>"))]);
    let call = sandbox.call_in(CallIn::new("+14155550108", "+15005550006"));
    sandbox.ended(&call).await;
    let alerts = ask(&sandbox, "/v1/Alerts?LogLevel=error", None).await;
    assert_eq!(alerts.1["alerts"][0]["resource_sid"], call.as_str());
    monitor.holds("get", "/v1/Alerts", &alerts);
    let alert = ask(&sandbox, &format!("/v1/Alerts/{}", sid(&alerts.1["alerts"][0])), None).await;
    monitor.holds("get", "/v1/Alerts/{Sid}", &alert);

    let lookups = Product::read(include_str!("../data/openapi/twilio_lookups_v2.json"));
    let looked = ask(&sandbox, "/v2/PhoneNumbers/+14155550123", None).await;
    lookups.holds("get", "/v2/PhoneNumbers/{PhoneNumber}", &looked);

    let accounts = Product::read(include_str!("../data/openapi/twilio_accounts_v1.json"));
    let second = ask(&sandbox, "/v1/AuthTokens/Secondary", Some(&[])).await;
    accounts.holds("post", "/v1/AuthTokens/Secondary", &second);
    let promoted = ask(&sandbox, "/v1/AuthTokens/Promote", Some(&[])).await;
    accounts.holds("post", "/v1/AuthTokens/Promote", &promoted);
}
