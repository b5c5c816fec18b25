//! The practice line's answers hold to Twilio's published OpenAPI document: every property it names is
//! there, has its type and form, and nothing else is.

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
        let validator = jsonschema::validator_for(&Value::Object(schema)).expect("a schema");
        let wrong: Vec<String> = validator
            .iter_errors(answer)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{name}: {wrong:#?}\n{answer:#}");
    }
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
    office.sandbox.set_phone("+14155550107", ringdesk_sandbox::PhoneBehavior::Busy);
    let called = [("From", LINES[0]), ("To", "+14155550107"), ("Twiml", "<Response><Hangup/></Response>")];
    let called = post(format!("{base}/Calls.json"), called.to_vec()).await;
    document.holds("api.v2010.account.call", &called);
    let sid = called["sid"].as_str().expect("a SID").to_owned();
    office.sandbox.ended(&sid).await;
    document.holds("api.v2010.account.call", &get(format!("{base}/Calls/{sid}.json")).await);
    document.holds("list.calls", &get(format!("{base}/Calls.json?PageSize=2")).await);
}
