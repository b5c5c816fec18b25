use ringdesk_inbox::{Problem, view::BackupState};
use ringdesk_sandbox::{CallIn, CallReport, Fault, Heard, PhoneBehavior};
use ringdesk_tests::{
    host,
    office::{LINES, Office},
};
use ringdesk_twilio::{Client, Credentials, rest::Flow};
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::net::TcpSocket;

const CALLER: &str = "+14155550821";
const NORA: &str = "+14155550107";
const SAM: &str = "+14155550108";
/// Widgets and what they have to look like.
const WIDGETS: [(&str, &str); 5] = [
    ("trigger", include_str!("../data/studio/trigger.schema.json")),
    ("say-play", include_str!("../data/studio/say-play.schema.json")),
    ("connect-call-to", include_str!("../data/studio/connect-call-to.schema.json")),
    ("record-voicemail", include_str!("../data/studio/record-voicemail.schema.json")),
    ("split-based-on", include_str!("../data/studio/split-based-on.schema.json")),
];

fn client(office: &Office) -> Client {
    let (sid, token) = office.sandbox.credentials();
    Client::new(office.sandbox.url(), Credentials::account(sid, token.to_owned().into())).expect("a client")
}

/// The one flow of the account, with its definition.
async fn flow(office: &Office) -> Flow {
    let client = client(office);
    let flows = client.flows().await.expect("flows");
    assert_eq!(flows.len(), 1, "{flows:?}");
    client.flow(&flows[0].sid).await.expect("the flow")
}

fn said(flow: &Flow) -> String {
    let states = flow.definition.as_ref().expect("told")["states"].as_array().expect("states");
    let greeting = states.iter().find(|state| state["type"] == "say-play").expect("a greeting");
    greeting["properties"]["say"].as_str().expect("words").to_owned()
}

/// The least a flow can do.
fn trigger() -> Value {
    json!({ "states": [{ "name": "Trigger", "type": "trigger", "transitions": [] }],
        "initial_state": "Trigger" })
}

async fn set(office: &Office, patch: Value) {
    office.desk.inbox.apply_settings(&patch).await.expect("settings");
}

async fn phones(office: &Office, sleep_backup: Value) {
    set(
        office,
        json!({ "business_name": "Bell & Daughter", "sleep_backup": sleep_backup, "calls": { "phones": [
            { "name": "Nora", "number": NORA }, { "name": "Sam", "number": SAM }] } }),
    )
    .await;
}

/// A port where nobody listens, and nobody else can as long as it is held.
fn nobody() -> TcpSocket {
    let port = TcpSocket::new_v4().expect("a socket");
    port.bind(([127, 0, 0, 1], 0).into()).expect("a port");
    port
}

/// Somebody calls while nobody is at our address; everything else at Twilio is as it was set.
async fn calls_while_we_sleep(office: &Office, call: CallIn) -> CallReport {
    let nobody = nobody();
    let was = office.sandbox.number(&call.to)["VoiceUrl"].clone();
    let at = nobody.local_addr().expect("an address");
    let asleep = format!("http://{at}/phone/twilio/voice/inbound");
    assert!(office.sandbox.set_number(&call.to, &[("VoiceUrl", &asleep)]));
    let to = call.to.clone();
    let sid = office.sandbox.call_in(call);
    let report = office.sandbox.ended(&sid).await;
    assert!(office.sandbox.set_number(&to, &[("VoiceUrl", &was)]));
    report
}

fn caller() -> CallIn {
    CallIn { message_s: Some(8), ..CallIn::new(CALLER, LINES[0]) }
}

fn fallback(office: &Office) -> String {
    office.sandbox.number(LINES[0])["VoiceFallbackUrl"].clone()
}

#[track_caller]
fn told<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> &'static str {
    match outcome {
        Err(Problem::Told { code, message, hint }) => {
            assert!(!message.is_empty() && !hint.is_empty(), "{message} {hint}");
            code
        }
        other => panic!("not told: {other:?}"),
    }
}

#[tokio::test]
async fn a_caller_leaves_a_message_while_the_computer_is_off() {
    let office = Office::open().await;
    set(&office, json!({ "business_name": "Bell & Daughter" })).await;
    let inbox = &office.desk.inbox;
    assert_eq!(inbox.backup().await.expect("backup").state, BackupState::Off);
    let made = inbox.make_backup().await.expect("made");
    assert_eq!(made.state, BackupState::Unheard, "{made:?}");
    assert!(inbox.settings().await.expect("settings").sleep_backup.on);
    assert_eq!(made.url.as_deref(), Some(fallback(&office).as_str()), "the line uses it");
    let plan = inbox.plan_lines().await.expect("a plan");
    assert!(plan.numbers.iter().all(|number| number.changes.is_empty()), "it belongs there: {plan:?}");

    let heard = calls_while_we_sleep(&office, CallIn { finish_key: Some('#'), ..caller() }).await;
    let words = heard.heard(Heard::Said);
    assert_eq!(words.len(), 1, "the greeting is not played in circles: {words:?}");
    assert!(words[0].starts_with("Thank you for calling Bell & Daughter."), "{words:?}");
    let recordings = office.sandbox.recordings();
    assert_eq!(recordings.len(), 1, "it waits at Twilio");
    assert_eq!((&recordings[0].call_sid, recordings[0].duration_s), (&heard.sid, 8));

    assert_eq!(inbox.heard_backup(true).await.expect("heard").state, BackupState::Ready);
    assert_eq!(inbox.heard_backup(false).await.expect("not after all").state, BackupState::Unheard);
}

#[tokio::test]
async fn what_is_published_looks_as_twilio_wants_it() {
    for (rings, ring) in [(false, "in_order"), (true, "in_order"), (true, "at_once")] {
        let office = Office::open().await;
        phones(&office, json!({ "rings": rings })).await;
        set(&office, json!({ "calls": { "ring": ring, "caller_id": "business" } })).await;
        office.desk.inbox.make_backup().await.expect("made");
        let flow = flow(&office).await;
        assert_eq!(flow.status, "published");
        let mark = flow.friendly_name.strip_prefix("Ringdesk sleep backup ").expect("our name");
        assert!(mark.len() == 6 && mark.bytes().all(|b| b.is_ascii_hexdigit()), "{mark}");
        let definition = flow.definition.expect("told");
        let whole = include_str!("../data/studio/flow-definition.schema.json");
        let holds = |schema: &str, value: &Value| {
            let schema: Value = serde_json::from_str(schema).expect("JSON");
            let validator = jsonschema::validator_for(&schema).expect("a schema");
            let wrong: Vec<String> = validator.iter_errors(value).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{wrong:#?}\n{value:#}");
        };
        holds(whole, &definition);
        let states = definition["states"].as_array().expect("states");
        let names: Vec<&str> = states.iter().filter_map(|state| state["name"].as_str()).collect();
        for state in states {
            let schema = WIDGETS.iter().find(|(kind, _)| state["type"] == *kind).expect("a widget we know");
            holds(schema.1, state);
            for transition in state["transitions"].as_array().expect("transitions") {
                let next = transition["next"].as_str();
                assert!(next.is_none_or(|next| names.contains(&next)), "{transition}");
            }
        }
        let called = states.iter().any(|state| state["type"] == "connect-call-to");
        assert_eq!(called, rings);
    }
}

#[tokio::test]
async fn phones_ring_first_where_the_owner_wants_that() {
    let office = Office::open().await;
    phones(&office, json!({ "on": true, "rings": true })).await;
    office.desk.inbox.make_backup().await.expect("made");
    let takes_it = PhoneBehavior::Answers { after_s: 3, talks_s: 30, presses: None };
    office.sandbox.set_phone(SAM, takes_it);
    let heard = calls_while_we_sleep(&office, caller()).await;
    assert_eq!(heard.legs.iter().map(|leg| leg.to.as_str()).collect::<Vec<_>>(), [NORA, SAM]);
    assert_eq!(heard.heard(Heard::Bridged), [SAM]);
    assert_eq!(heard.heard(Heard::Said), Vec::<&str>::new(), "whoever talked leaves no message");
    office.sandbox.set_phone(SAM, PhoneBehavior::Busy);
    let heard = calls_while_we_sleep(&office, caller()).await;
    assert!(heard.heard(Heard::Said)[0].starts_with("Thank you for calling"), "{heard:?}");
    assert_eq!(heard.recordings.len(), 1);
}

#[tokio::test]
async fn it_follows_the_settings_by_itself() {
    let office = Office::open().await;
    office.desk.inbox.make_backup().await.expect("made");
    office.desk.inbox.heard_backup(true).await.expect("heard");
    let revision = flow(&office).await.revision;
    let words = "Bell here. Leave a word after the tone.";
    set(&office, json!({ "calls": { "greetings": { "open": { "text": words } } } })).await;
    office
        .until("the flow says the new words", || async {
            (said(&flow(&office).await) == words).then_some(())
        })
        .await;
    assert_eq!(flow(&office).await.revision, revision + 1, "it is changed once");
    office
        .until("it knows of it", || async {
            let state = office.desk.inbox.backup().await.expect("backup").state;
            assert_ne!(state, BackupState::Unheard, "the way was heard, and only the words are new");
            (state == BackupState::Ready).then_some(())
        })
        .await;
    let heard = calls_while_we_sleep(&office, caller()).await;
    assert_eq!(heard.heard(Heard::Said), [words]);
    set(&office, json!({ "sleep_backup": { "on": false } })).await;
    office
        .until("the line asks this computer again", || async {
            fallback(&office).contains("/phone/twilio/voice/fallback").then_some(())
        })
        .await;
    assert_eq!(office.desk.inbox.backup().await.expect("backup").state, BackupState::Off);
}

#[tokio::test]
async fn it_is_made_once_and_found_again() {
    let mut office = Office::open().await;
    office.desk.inbox.make_backup().await.expect("made");
    let made = flow(&office).await;
    // As after one whose making was never answered: it is there, and nobody here knows.
    office.close().await;
    let database = Connection::open(office.data_folder().join("ringdesk.db")).expect("a database");
    assert_eq!(database.execute("DELETE FROM meta WHERE key = 'backup'", []).expect("done"), 1);
    drop(database);
    office.reopen().await;
    office.desk.inbox.make_backup().await.expect("found");
    let found = flow(&office).await;
    assert_eq!(found.sid, made.sid);
    office.desk.inbox.make_backup().await.expect("there already");
    office.restart().await;
    office.desk.inbox.make_backup().await.expect("there already");
    assert_eq!(flow(&office).await.revision, found.revision, "nothing had to be changed");
}

#[tokio::test]
async fn another_office_on_the_account_keeps_its_own() {
    let office = Office::open().await;
    let client = client(&office);
    let name = "Ringdesk sleep backup ffffff0";
    let theirs = client.create_flow(name, &trigger(), "Theirs").await.expect("made");
    let ours = office.desk.inbox.make_backup().await.expect("made").url.expect("hosted");
    assert!(!ours.ends_with(&theirs.sid), "{ours}");
    assert_eq!(client.flows().await.expect("flows").len(), 2);
    assert_eq!(client.flow(&theirs.sid).await.expect("theirs").revision, theirs.revision);
}

#[tokio::test]
async fn what_is_changed_in_studio_is_written_over() {
    let office = Office::open().await;
    office.desk.inbox.make_backup().await.expect("made");
    let made = flow(&office).await;
    client(&office).update_flow(&made.sid, &trigger(), "By hand").await.expect("changed");
    office.minutes_pass(61);
    let again = office
        .until("it is published again", || async {
            Some(flow(&office).await).filter(|flow| flow.definition == made.definition)
        })
        .await;
    assert_eq!((again.status.as_str(), again.revision), ("published", made.revision + 2));
    office.desk.inbox.make_backup().await.expect("as it should be");
    assert_eq!(flow(&office).await.revision, again.revision);
    // One that was removed there is made anew.
    let (sid, token) = office.sandbox.credentials();
    let url = format!("{}/v2/Flows/{}", office.sandbox.url(), made.sid);
    let gone = host::client().delete(url).basic_auth(sid, Some(token)).send().await.expect("an answer");
    assert_eq!(gone.status().as_u16(), 204);
    office.minutes_pass(61);
    office
        .until("the lines use the new one", || async {
            let flows = client(&office).flows().await.expect("flows");
            flows.first().filter(|flow| fallback(&office).ends_with(&flow.sid)).map(|_| ())
        })
        .await;
}

#[tokio::test]
async fn switched_off_it_is_taken_off_every_line() {
    let office = Office::open().await;
    let made = office.desk.inbox.make_backup().await.expect("made").url.expect("hosted");
    // One line does not use it any more, and the other one's change is refused at first.
    assert!(office.sandbox.set_number(LINES[1], &[("VoiceFallbackUrl", "https://example.com/later")]));
    office.fault(Fault::NumberUpdateRefused);
    let before = office.sandbox.report().requests.len();
    set(&office, json!({ "sleep_backup": { "on": false } })).await;
    let (account, _) = office.sandbox.credentials();
    let number = office.sandbox.number(LINES[0])["Sid"].clone();
    let update = format!("POST /2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{number}.json");
    office
        .until("it was refused", || async {
            // Others ask Twilio, too, meanwhile.
            office.sandbox.report().requests[before..].contains(&update).then_some(())
        })
        .await;
    assert_eq!(fallback(&office), made);
    office.minutes_pass(1);
    office
        .until("the line asks this computer again", || async {
            fallback(&office).contains("/phone/twilio/voice/fallback").then_some(())
        })
        .await;
    let asked = office.sandbox.report().requests;
    assert_eq!(asked[before..].iter().filter(|asked| **asked == update).count(), 2, "the first was refused");
    assert_eq!(office.sandbox.number(LINES[1])["VoiceFallbackUrl"], "https://example.com/later");
}

#[tokio::test]
async fn a_flow_that_cannot_be_changed_for_now_is_not_given_up() {
    let office = Office::open().await;
    office.desk.inbox.make_backup().await.expect("made");
    office.desk.inbox.heard_backup(true).await.expect("heard");
    office.fault(Fault::Times(1_000, Box::new(Fault::StudioForbidden)));
    let words = "Bell here. Leave a word after the tone.";
    set(&office, json!({ "calls": { "greetings": { "open": { "text": words } } } })).await;
    let refused = office.desk.inbox.make_backup().await;
    assert!(matches!(refused, Err(Problem::Twilio(_))), "{refused:?}");
    assert_eq!(office.desk.inbox.backup().await.expect("backup").state, BackupState::Old);
    office.sandbox.mend();
    office.minutes_pass(16);
    office
        .until("the flow says the new words", || async {
            (said(&flow(&office).await) == words).then_some(())
        })
        .await;
    office
        .until("it is as it was", || async {
            let backup = office.desk.inbox.backup().await.expect("backup");
            (backup.state == BackupState::Ready).then_some(())
        })
        .await;
}

#[tokio::test]
async fn a_line_that_does_not_use_it_is_noticed() {
    let office = Office::open().await;
    office.desk.inbox.make_backup().await.expect("made");
    assert!(office.sandbox.set_number(LINES[1], &[("VoiceFallbackUrl", "https://example.com/later")]));
    let backup = office.desk.inbox.backup().await.expect("backup");
    assert_eq!(backup.state, BackupState::Unused, "{backup:?}");
    assert_eq!(office.desk.inbox.make_backup().await.expect("mended").state, BackupState::Unheard);
    // A line that is answered elsewhere is left alone.
    let elsewhere =
        [("VoiceUrl", "https://example.com/now"), ("VoiceFallbackUrl", "https://example.com/later")];
    assert!(office.sandbox.set_number(LINES[1], &elsewhere));
    assert_eq!(office.desk.inbox.make_backup().await.expect("asked").state, BackupState::Unused);
    assert_eq!(office.sandbox.number(LINES[1])["VoiceFallbackUrl"], "https://example.com/later");
}

#[tokio::test]
async fn where_twilio_forbids_it_the_owner_makes_a_bin_by_hand() {
    let office = Office::open().await;
    set(&office, json!({ "business_name": "Bell & Daughter" })).await;
    let inbox = &office.desk.inbox;
    office.fault(Fault::StudioForbidden);
    let backup = inbox.make_backup().await.expect("asked");
    assert_eq!((backup.state, backup.url.as_deref()), (BackupState::ByHand, None), "{backup:?}");
    assert!(backup.hint.is_some_and(|hint| hint.contains("TwiML Bin")));
    for url in ["https://example.com/twiml/EH1", "", "https://handler.twilio.com/twiml/EH1"] {
        assert_eq!(told(inbox.backup_bin(url).await), "no_bin", "{url}");
    }
    let bin = office.sandbox.twiml_bin(&backup.document);
    let backup = inbox.backup_bin(&bin).await.expect("used");
    assert_eq!((backup.state, backup.url.as_deref()), (BackupState::Unheard, Some(bin.as_str())));
    assert_eq!(fallback(&office), bin);
    let heard = calls_while_we_sleep(&office, CallIn { finish_key: Some('#'), ..caller() }).await;
    let words = heard.heard(Heard::Said);
    assert_eq!(words.len(), 1, "it comes back to the bin and ends: {words:?}");
    assert!(words[0].starts_with("Thank you for calling Bell & Daughter."), "{words:?}");
    assert_eq!(heard.recordings.len(), 1);
    assert_eq!(inbox.heard_backup(true).await.expect("heard").state, BackupState::Ready);
    // Nobody but the owner can change what is in it.
    set(&office, json!({ "business_name": "Bell & Sons" })).await;
    let backup = inbox.backup().await.expect("backup");
    assert_eq!(backup.state, BackupState::Old);
    assert!(backup.document.contains("Bell &amp; Sons"), "{}", backup.document);
    let copied = inbox.backup_bin(&bin).await.expect("copied");
    assert_eq!(copied.state, BackupState::Unheard, "like this nobody has heard it");
}

#[tokio::test]
async fn what_twilio_forbade_can_be_tried_again_and_takes_the_place_of_a_bin() {
    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    office.fault(Fault::Times(2, Box::new(Fault::StudioForbidden)));
    for _ in 0..2 {
        assert_eq!(inbox.make_backup().await.expect("asked").state, BackupState::ByHand);
    }
    let made = inbox.make_backup().await.expect("this time");
    assert_eq!(made.state, BackupState::Unheard, "{made:?}");

    let bin = office.sandbox.twiml_bin(&made.document);
    inbox.backup_bin(&bin).await.expect("used");
    inbox.heard_backup(true).await.expect("heard");
    office.fault(Fault::StudioForbidden);
    assert_eq!(told(inbox.replace_bin().await), "backup_forbidden");
    let kept = inbox.make_backup().await.expect("nothing to do");
    assert_eq!((kept.state, kept.url.as_deref()), (BackupState::Ready, Some(bin.as_str())), "it stays");
    assert_eq!(fallback(&office), bin);
    let request = json!({ "replace_bin": true });
    let replaced = office.desk.call("make_backup", request).await.expect("replaced");
    assert_eq!((&replaced["state"], &replaced["url"]), (&json!("unheard"), &json!(made.url)));
    assert_eq!(Some(fallback(&office)), made.url, "the lines use it");
}

#[tokio::test]
async fn the_owner_hears_what_callers_would() {
    let office = Office::open().await;
    let inbox = &office.desk.inbox;
    assert_eq!(told(inbox.try_backup(NORA).await), "no_backup");
    phones(&office, json!({ "on": true })).await;
    assert_eq!(inbox.make_backup().await.expect("made").phone, "(415) 555-0107");
    assert_eq!(told(inbox.try_backup(LINES[1]).await), "own_line");
    for nobody in ["Nora", "+11155550107"] {
        assert_eq!(told(inbox.try_backup(nobody).await), "no_number", "{nobody}");
    }
    assert_eq!(office.sandbox.report().calls, 0, "nobody's phone rang");
    let listens = PhoneBehavior::Answers { after_s: 2, talks_s: 60, presses: None };
    office.sandbox.set_phone(NORA, listens);
    inbox.try_backup("(415) 555-0107").await.expect("it rings");
    let placed = client(&office).calls_to(NORA, LINES[0]).await.expect("calls");
    let heard = office.sandbox.ended(&placed[0].sid).await;
    let words = heard.heard(Heard::Said);
    assert!(words[0].starts_with("Thank you for calling Bell & Daughter."), "{words:?}");
    let log = inbox.calls(ringdesk_inbox::CallFilter::All, None, None, 5).await.expect("calls");
    assert!(log.is_empty(), "a try is no call of the office's");
}
