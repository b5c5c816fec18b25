#![allow(clippy::large_futures, reason = "an office asked many things at once")]
use ringdesk_domain::{Actor, consent::Consent};
use ringdesk_inbox::{
    CallFilter, Sending, StoreError,
    view::{AttachmentState, AudioState, CustomerContents, Writing},
};
use ringdesk_sandbox::Recording;
use ringdesk_tests::{
    asleep::complete,
    host::client,
    office::{LINES, Office, png, sending},
    voicemail::{HELEN, Told, calls, does, files, helen, leaves, set, voicemails},
};
use serde_json::{Map, Value, json};
use std::fs;

const ZOE: &str = "+14155550802";
/// Helen's other number.
const HELENS_SHOP: &str = "+14155550803";

/// A text with a picture, a message that is written down, an answer, a note and a draft; `own` is in each of
/// their words.
async fn happens(office: &Office, number: &str, own: &str) {
    set(office, json!({ "transcripts": { "engine": "twilio" } })).await;
    let (phone, before) = (office.phone(number), files(office.desk.inbox.media_folder()).len());
    let picture = [png(), own.into()].concat();
    phone.texts_file(&format!("{own} has a cold radiator"), "image/png", &picture).await;
    let id = office.conversation_with(&phone).await.conversation.id;
    let answer = office.answers(&phone, &format!("{own}, we are on our way")).await;
    office.reaches(&phone, answer, "delivered").await;
    leaves(office, calls(number, helen().saying(&format!("{own} says hello")))).await;
    let name = json!({ "id": id, "name": format!("{own} Okafor"), "notes": format!("{own}'s gate code"),
        "tags": [format!("{own} tag")] });
    does(office, "save_contact", name).await;
    does(office, "add_note", json!({ "id": id, "body": format!("{own} is nice") })).await;
    does(office, "save_draft", json!({ "id": id, "body": format!("{own}, we could") })).await;
    let here = || async {
        let left = voicemails(office, json!({})).await;
        let left = left.iter().find(|one| one.customer == number)?;
        let heard = left.writing == Writing::Text && left.audio == AudioState::Kept;
        let shown = office.texts_with(&phone).await[0].attachments[0].state == AttachmentState::Kept;
        // The same words in the same sound are one file.
        let all = files(office.desk.inbox.media_folder()).len() > before;
        (heard && shown && all).then_some(())
    };
    office.until("the picture and the message", here).await;
}

async fn id(office: &Office, number: &str) -> Value {
    json!(office.conversation_with(&office.phone(number)).await.conversation.id)
}

/// Deletes the customer with this number; what went.
async fn deletes(office: &Office, number: &str, at_twilio: bool) -> CustomerContents {
    let conversation = id(office, number).await;
    let request = json!({ "conversation": conversation, "at_twilio": at_twilio });
    let said = does(office, "customer_contents", json!({ "id": conversation })).await;
    let went = does(office, "delete_customer", request).await;
    assert_eq!(went, said, "what was said is what went");
    serde_json::from_value(went).expect("counts")
}

/// Everything that is kept, but for the log of requests, which only tells that they came.
async fn everything(office: &Office) -> Vec<Map<String, Value>> {
    let mut all = Vec::new();
    let mut take = |object: Map<String, Value>| {
        if object["type"] != "receipt" {
            all.push(object);
        }
        Ok::<(), StoreError>(())
    };
    office.desk.inbox.export(&mut take).await.expect("export");
    all
}

/// Everything that is kept of Zoë.
async fn of_zoe(office: &Office) -> Vec<String> {
    let all = everything(office).await;
    let own = |line: &String| line.contains("Zoe") || line.contains(ZOE);
    all.into_iter().map(|one| Value::from(one).to_string()).filter(own).collect()
}

/// Lists at Twilio again what was there lately, and waits until that is through.
async fn catches_up(office: &Office) {
    office.minutes_pass(1);
    does(office, "catch_up", json!({})).await;
    complete(office, office.clock.now()).await;
}

/// Which of these stand anywhere in the data folder, once the office is closed.
async fn readable(office: &mut Office, words: &[&str]) -> Vec<String> {
    office.close().await;
    let mut found = Vec::new();
    for name in files(&office.data_folder()).into_iter().filter(|name| name.starts_with("ringdesk.db")) {
        let bytes = fs::read(office.data_folder().join(&name)).expect("a file");
        let bytes = bytes.to_ascii_lowercase();
        let is_in = |word: &&&str| {
            let word = word.to_ascii_lowercase().into_bytes();
            bytes.windows(word.len()).any(|part| part == word)
        };
        found.extend(words.iter().filter(is_in).map(|word| format!("{word} in {name}")));
    }
    found
}

#[tokio::test]
async fn everything_of_a_customer_goes_for_good_and_nothing_of_the_neighbours() {
    let mut office = Office::open().await;
    happens(&office, ZOE, "Zoe").await;
    let (zoe, had) = (of_zoe(&office).await, files(office.desk.inbox.media_folder()));
    happens(&office, HELEN, "Wilhelmina").await;
    let add = json!({ "id": id(&office, HELEN).await, "add_number": HELENS_SHOP });
    does(&office, "save_contact", add).await;
    office.phone(HELENS_SHOP).texts_line(LINES[1], "Wilhelmina again").await;
    // One more waits for its turn, and will never leave.
    let conversation = office.conversation_with(&office.phone(HELEN)).await.conversation.id;
    let later = Sending { undo_seconds: Some(10), ..sending(conversation, "Wilhelmina, one more thing") };
    office.desk.inbox.send_text(later, Actor::Owner).await.expect("queued");
    let found = does(&office, "search", json!({ "words": "wilhelmina" })).await;
    assert_eq!(found["texts"].as_array().map(Vec::len), Some(4));
    let sent = office.sandbox.report().accepted.len();

    let went = deletes(&office, HELEN, false).await;
    let counts = (went.conversations, went.texts, went.calls, went.voicemails, went.notes);
    assert_eq!(counts, (2, 4, 1, 1, 1));
    assert_eq!((went.files, went.at_twilio), (2, 3 + 1 + 1));
    office.minutes_pass(1);
    let gone = async || {
        let all = everything(&office).await;
        let said: Vec<String> = all.into_iter().map(|one| Value::from(one).to_string()).collect();
        let own = ["Wilhelmina", HELEN, HELENS_SHOP];
        let left = |line: &&String| own.iter().any(|word| line.contains(word));
        said.iter().filter(left).cloned().collect::<Vec<_>>()
    };
    assert_eq!(gone().await, [""; 0]);
    assert_eq!(of_zoe(&office).await, zoe);
    assert_eq!(files(office.desk.inbox.media_folder()), had);
    let found = does(&office, "search", json!({ "words": "wilhelmina" })).await;
    assert_eq!(found["texts"].as_array().map(Vec::len), Some(0));
    assert_eq!(found["people"].as_array().map(Vec::len), Some(0));
    assert_eq!(voicemails(&office, json!({})).await.len(), 1);

    // Twilio still has it, lists it, and tells of it late.
    catches_up(&office).await;
    assert_eq!(gone().await, [""; 0]);
    let recording = recorded(&office, HELEN);
    let told = Told::of(&office.sandbox, HELEN, &recording);
    for post in [told.over(), told.ready(), told.left(), told.written("Wilhelmina says hello")] {
        post.to(&office).await;
    }
    office.restart().await;
    catches_up(&office).await;
    let all = everything(&office).await;
    assert!(all.iter().all(|one| !Value::from(one.clone()).to_string().contains("Wilhelmina")));
    assert_eq!(office.sandbox.report().accepted.len(), sent, "what was queued never left");
    assert!(office.sandbox.recordings().iter().all(|recording| !recording.deleted));
    let digits = [HELEN, HELENS_SHOP].map(|number| number.trim_start_matches('+'));
    assert_eq!(readable(&mut office, &["wilhelmina", digits[0], digits[1]]).await, [""; 0]);
}

/// What Twilio recorded of somebody's call.
fn recorded(office: &Office, from: &str) -> Recording {
    let own = |recording: &Recording| {
        office.sandbox.call(&recording.call_sid).is_some_and(|call| call.from == from)
    };
    office.sandbox.recordings().into_iter().find(own).expect("a recording")
}

#[tokio::test]
async fn whoever_said_stop_is_remembered_and_nothing_else_of_them() {
    let mut office = Office::open().await;
    happens(&office, HELEN, "Wilhelmina").await;
    office.minutes_pass(1);
    office.phone(HELEN).texts("STOP").await;
    deletes(&office, HELEN, false).await;
    let kinds: Vec<Value> = everything(&office)
        .await
        .into_iter()
        .filter(|one| Value::from(one.clone()).to_string().contains(HELEN))
        .map(|one| one["type"].clone())
        .collect();
    assert!(kinds.iter().all(|kind| kind == "consent" || kind == "consent_state"), "{kinds:?}");
    assert!(kinds.contains(&json!("consent_state")), "{kinds:?}");
    // Somebody types the number again.
    let request = json!({ "to": HELEN, "body": "Our offer", "yes_to": ["stranger"] });
    let refused = office.desk.call("send_text", request).await.expect_err("they said stop");
    assert_eq!(refused.code, "opted_out");
    let consent = office.conversation_with(&office.phone(HELEN)).await.conversation.consent;
    assert_eq!(consent, Consent::OptedOut);
    assert_eq!(readable(&mut office, &["wilhelmina"]).await, [""; 0]);
}

/// Whether Twilio still has something, by its path without ending.
async fn twilio_has(office: &Office, path: &str) -> bool {
    let (account, token) = office.sandbox.credentials();
    let url = format!("{}/2010-04-01/Accounts/{account}/{path}.json", office.sandbox.url());
    let answer = client().get(url).basic_auth(account, Some(token)).send().await.expect("an answer");
    answer.status().as_u16() == 200
}

#[tokio::test]
async fn at_twilio_it_goes_where_that_is_wanted() {
    let office = Office::open().await;
    happens(&office, ZOE, "Zoe").await;
    let zoe = office.paths_at_twilio().await;
    happens(&office, HELEN, "Wilhelmina").await;
    let mut helens = office.paths_at_twilio().await;
    helens.retain(|path| !zoe.contains(path));
    assert_eq!(helens.len(), 2 + 1 + 1 + 1, "{helens:?}");
    deletes(&office, HELEN, true).await;
    for path in &helens {
        let gone = || async {
            let gone = !twilio_has(&office, path).await;
            if !gone {
                office.minutes_pass(1);
            }
            gone.then_some(())
        };
        office.until(path, gone).await;
    }
    for path in &zoe {
        assert!(twilio_has(&office, path).await, "{path}");
    }
    catches_up(&office).await;
    assert!(!office.conversations().await.iter().any(|one| one.customer == HELEN));
}

#[tokio::test]
async fn a_customer_on_hold_stays() {
    let office = Office::open().await;
    happens(&office, HELEN, "Wilhelmina").await;
    office.phone(HELEN).texts_line(LINES[1], "On the other line").await;
    let conversations = office.conversations().await;
    let other = conversations.iter().find(|one| one.line_display.ends_with("0007")).expect("the other line");
    let hold = |hold: bool| json!({ "conversation": other.id, "hold": hold });
    does(&office, "set_hold", hold(true)).await;
    let request = json!({ "conversation": id(&office, HELEN).await });
    let refused = office.desk.call("delete_customer", request.clone()).await.expect_err("on hold");
    assert_eq!(refused.code, "on_hold");
    assert_eq!(office.conversations().await.len(), 2);
    does(&office, "set_hold", hold(false)).await;
    does(&office, "delete_customer", request.clone()).await;
    assert!(office.conversations().await.is_empty());
    let calls = office.desk.inbox.calls(CallFilter::All, None, None, 10).await.expect("calls");
    assert!(calls.is_empty());
    for (command, request) in [("delete_customer", request), ("customer_contents", json!({ "id": other.id }))]
    {
        let gone = office.desk.call(command, request).await.expect_err("they are gone");
        assert_eq!(gone.code, "not_found", "{command}");
    }
}

#[tokio::test]
async fn a_deleted_customer_who_writes_again_is_somebody_new() {
    let office = Office::open().await;
    happens(&office, HELEN, "Wilhelmina").await;
    let old = office.conversation_with(&office.phone(HELEN)).await.conversation;
    deletes(&office, HELEN, false).await;
    office.minutes_pass(1);
    office.phone(HELEN).texts("Hello, it is me").await;
    let new = office.conversation_with(&office.phone(HELEN)).await;
    assert_ne!(new.conversation.id, old.id);
    assert_eq!((new.conversation.name, new.draft.as_str()), (None, ""));
    let texts = office.texts_with(&office.phone(HELEN)).await;
    assert_eq!(texts.len(), 1);
}
